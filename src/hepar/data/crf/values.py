"""How REDCap compares and calculates: numbers as numbers, days as days, a blank as a blank."""

import math
import operator
import re
from collections.abc import Callable, Mapping

Value = str | float
"""What a part of a condition comes to: a text, empty where nothing was entered, or a number; true is 1, false 0."""

NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}( \d{2}:\d{2}(:\d{2})?)?|\d{2}:\d{2}(:\d{2})?", re.ASCII)
"""A day, a day with its time, or a time, as a raw export writes them: later ones sort behind earlier ones."""

_ORDER: Mapping[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_TEXT_ORDER: Mapping[str, Callable[[str, str], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def number_of(value: Value) -> float | None:
    """The number that `value` is or writes, None where it is none that can be calculated with."""
    if isinstance(value, str):
        value = float(value) if NUMBER.fullmatch(value.strip()) else math.nan
    return value if math.isfinite(value) else None


def is_true(value: Value) -> bool:
    """Whether `value` counts as true: neither blank nor zero."""
    number = number_of(value)
    return bool(value) if number is None else number != 0


def compare(left: Value, sign: str, right: Value) -> bool:
    """`left sign right`.

    Two numbers are compared as numbers ("1.0" is 1), all else as text, upper and lower case apart. Which of two is
    larger is asked of numbers and of moments of one form only: of a blank, or a word, it is false.
    """
    a, b = number_of(left), number_of(right)
    numbers = a is not None and b is not None
    if sign in ("=", "<>"):
        same = a == b if numbers else text_of(left) == text_of(right)
        return same is (sign == "=")
    if a is not None and b is not None:
        return _ORDER[sign](a, b)
    first, second = text_of(left), text_of(right)
    moments = (
        MOMENT.fullmatch(first) and MOMENT.fullmatch(second) and (":" in first[:3]) == (":" in second[:3])
    )
    return bool(moments) and _TEXT_ORDER[sign](first, second)


def calculate(left: Value, sign: str, right: Value) -> Value:
    """`left sign right`, blank where either is no number or the result is none (a division by zero, a root)."""
    a, b = number_of(left), number_of(right)
    if a is None or b is None:
        return ""
    try:
        result = _ARITHMETIC[sign](a, b)
    except ArithmeticError:
        return ""
    return result if isinstance(result, float) and math.isfinite(result) else ""


_ARITHMETIC: Mapping[str, Callable[[float, float], object]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "^": operator.pow,
}


def text_of(value: Value) -> str:
    """The text of `value`, a number without zeros at its end."""
    return value if isinstance(value, str) else f"{value:.15g}"
