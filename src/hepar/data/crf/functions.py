"""Functions of branching logic that are read: pure ones whose result REDCap's own description settles."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal
from statistics import fmean, median

from .values import Value, number_of

Body = Callable[[Sequence[Value], Collection[str]], Value]
"""Gives the result from the arguments and the project's codes for missing."""


@dataclass(frozen=True, slots=True)
class Function:
    """How many arguments a function takes, and what it gives."""

    fewest: int
    most: int | None
    body: Body


def _of_numbers(gather: Callable[[list[float]], float]) -> Function:
    """A function of the arguments that are numbers; blank where none is."""

    def body(arguments: Sequence[Value], _codes: Collection[str]) -> Value:
        numbers = [number for value in arguments if (number := number_of(value)) is not None]
        return gather(numbers) if numbers else ""

    return Function(1, None, body)


def _rounded(rounding: str) -> Function:
    """Rounding to a number of decimals, which has to be given: what REDCap takes without it has changed."""

    def body(arguments: Sequence[Value], _codes: Collection[str]) -> Value:
        number, decimals = (number_of(value) for value in arguments)
        if number is None or decimals is None or abs(decimals) > 15:
            return ""
        step = Decimal(1).scaleb(-int(decimals))
        return float((Decimal(repr(number)) / step).to_integral_value(rounding=rounding) * step)

    return Function(2, 2, body)


def _of_text(test: Callable[[str, str], bool]) -> Function:
    """A test of two texts, upper and lower case alike."""

    def body(arguments: Sequence[Value], _codes: Collection[str]) -> Value:
        first, second = (str(value).casefold() for value in arguments)
        return float(test(first, second))

    return Function(2, 2, body)


def _test(test: Callable[[Value, Collection[str]], bool]) -> Function:
    return Function(1, 1, lambda arguments, codes: float(test(arguments[0], codes)))


def _absolute(arguments: Sequence[Value], _codes: Collection[str]) -> Value:
    number = number_of(arguments[0])
    return "" if number is None else abs(number)


def _root(arguments: Sequence[Value], _codes: Collection[str]) -> Value:
    number = number_of(arguments[0])
    return "" if number is None or number < 0 else number**0.5


def _has_code(arguments: Sequence[Value], codes: Collection[str]) -> Value:
    wanted = {code.strip() for code in str(arguments[1]).split(",")}
    return float(arguments[0] in codes and arguments[0] in wanted)


def _is_whole(value: Value, _codes: Collection[str]) -> bool:
    number = number_of(value)
    return number is not None and number == int(number)


FUNCTIONS: Mapping[str, Function] = {
    "abs": Function(1, 1, _absolute),
    "sqrt": Function(1, 1, _root),
    "round": _rounded(ROUND_HALF_UP),
    "roundup": _rounded(ROUND_CEILING),
    "rounddown": _rounded(ROUND_FLOOR),
    "min": _of_numbers(min),
    "max": _of_numbers(max),
    "sum": _of_numbers(sum),
    "mean": _of_numbers(fmean),
    "median": _of_numbers(median),
    "contains": _of_text(lambda text, part: part in text),
    "not_contain": _of_text(lambda text, part: part not in text),
    "starts_with": _of_text(str.startswith),
    "ends_with": _of_text(str.endswith),
    "isnumber": _test(lambda value, _codes: number_of(value) is not None),
    "isinteger": _test(_is_whole),
    "isblankormissingcode": _test(lambda value, codes: value == "" or value in codes),
    "isblanknotmissingcode": _test(lambda value, _codes: value == ""),
    "ismissingcode": _test(lambda value, codes: value in codes),
    "hasmissingcode": Function(2, 2, _has_code),
}
"""`if` is read as well: it takes one of two parts, so it is no function of values."""
