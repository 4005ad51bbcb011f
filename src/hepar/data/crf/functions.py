"""Functions of branching logic that are read: pure ones whose result REDCap's own description settles."""

import math
from collections.abc import Callable, Collection, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from statistics import fmean, median

from .date_functions import DATE_FUNCTIONS
from .function import Function, of_values
from .text_functions import TEXT_FUNCTIONS
from .values import Value, number_of


def _of_set(gather: Callable[[list[float]], float]) -> Function:
    """A function of those arguments that are numbers; blank where none is."""

    def body(arguments: Sequence[Value], _codes: Collection[str]) -> Value:
        numbers = [number for value in arguments if (number := number_of(value)) is not None]
        return _guarded(gather, numbers) if numbers else ""

    return Function(1, None, body)


def _of_numbers(calculated: Callable[..., float], fewest: int, most: int) -> Function:
    """A function of numbers; blank where one is none, or the result is."""

    def value(*arguments: Value) -> Value:
        numbers = [number_of(argument) for argument in arguments]
        return "" if None in numbers else _guarded(calculated, *numbers)

    return of_values(value, fewest, most)


def _guarded(calculated: Callable[..., float], *arguments: object) -> Value:
    """The result, blank where there is none."""
    try:
        result = float(calculated(*arguments))
    except (ArithmeticError, ValueError):
        return ""
    return result if math.isfinite(result) else ""


def _rounded(number: float, decimals: float) -> float:
    """Halves away from zero; the decimals have to be given: what REDCap takes without them has changed."""
    step = Decimal(1).scaleb(-int(decimals))
    return float((Decimal(repr(number)) / step).to_integral_value(rounding=ROUND_HALF_UP) * step)


def _about(test: Callable[[Value, Collection[str]], bool]) -> Function:
    """A question about a value as it was entered, a missing data code included."""
    return Function(1, 1, lambda arguments, codes: float(test(arguments[0], codes)), sees_codes=True)


def _has_code(arguments: Sequence[Value], codes: Collection[str]) -> Value:
    wanted = {code.strip() for code in str(arguments[1]).split(",")}
    return float(arguments[0] in codes and arguments[0] in wanted)


def _is_whole(value: Value) -> float:
    number = number_of(value)
    return float(number is not None and number.is_integer())


FUNCTIONS: Mapping[str, Function] = {
    "abs": _of_numbers(abs, 1, 1),
    "sqrt": _of_numbers(math.sqrt, 1, 1),
    "exponential": _of_numbers(math.exp, 1, 1),
    "log": _of_numbers(math.log, 1, 2),
    "mod": _of_numbers(math.fmod, 2, 2),
    "round": _of_numbers(_rounded, 2, 2),
    "min": _of_set(min),
    "max": _of_set(max),
    "sum": _of_set(sum),
    "mean": _of_set(fmean),
    "median": _of_set(median),
    "isnumber": of_values(lambda value: float(number_of(value) is not None), 1, 1),
    "isinteger": of_values(_is_whole, 1, 1),
    "isblankormissingcode": _about(lambda value, codes: value == "" or value in codes),
    "isblanknotmissingcode": _about(lambda value, _codes: value == ""),
    "ismissingcode": _about(lambda value, codes: value in codes),
    "hasmissingcode": Function(2, 2, _has_code, sees_codes=True),
    **TEXT_FUNCTIONS,
    **DATE_FUNCTIONS,
}
"""`if` is read as well: it takes one of two parts, so it is no function of values.

Left out, and refused by name: `stdev` (of a sample or of a population), `roundup` and `rounddown` (of negative
numbers), of which descriptions of REDCap do not say, or say differently, what they give.
"""
