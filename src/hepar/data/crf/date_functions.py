"""Functions of branching logic about days and times, which a raw export writes year first.

What is asked about today is refused: the answer changes from day to day, and an export does not say which it was.
"""

import datetime as dt
import re
from collections.abc import Callable, Mapping, Sequence

from .function import Function
from .values import Value

DAY_S = 86_400.0
UNITS_S: Mapping[str, float] = {
    "y": 365.2425 * DAY_S,
    "M": 30.44 * DAY_S,
    "d": DAY_S,
    "h": 3600.0,
    "m": 60.0,
    "s": 1.0,
}
"""Seconds in the units of `datediff`, as REDCap describes them."""
ORDERS = ("ymd", "mdy", "dmy")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d( \d\d:\d\d(:\d\d)?)?", re.ASCII)


def _moment(value: Value) -> dt.datetime | None:
    """The day or moment that `value` writes, None where it writes none."""
    if not isinstance(value, str) or not _MOMENT.fullmatch(value):
        return None
    try:
        return dt.datetime.fromisoformat(value)
    except ValueError:
        return None


def _difference(arguments: Sequence[Value], _codes: object) -> Value:
    """Time between two moments, without its sign unless asked for; blank where either is none.

    A day and a moment of a day have no difference: REDCap does not describe one.
    """
    first, second, unit, *rest = arguments
    start, end = _moment(first), _moment(second)
    if start is None or end is None or (len(str(first)) == 10) != (len(str(second)) == 10):
        return ""
    value = (end - start).total_seconds() / UNITS_S[str(unit)]
    return value if 1.0 in rest else abs(value)


def _age(arguments: Sequence[Value], _codes: object) -> Value:
    """Completed years on a day."""
    born, then = _moment(arguments[0]), _moment(arguments[1])
    if born is None or then is None or then.date() < born.date():
        return ""
    return float(then.year - born.year - ((then.month, then.day) < (born.month, born.day)))


def _part(of: Callable[[dt.datetime], int]) -> Function:
    def body(arguments: Sequence[Value], _codes: object) -> Value:
        moment = _moment(arguments[0])
        return "" if moment is None else float(of(moment))

    return Function(1, 1, body, wrong=lambda constants: _no_day(constants, 1))


def is_today(value: Value | None) -> bool:
    """Whether a constant asks for the day on which it is read."""
    return str(value).lower() in ("today", "now")


def _no_day(constants: Sequence[Value | None], days: int) -> str:
    """What is wrong with the first arguments, which are days."""
    for value in constants[:days]:
        if is_today(value):
            return f"{value!r} is another day whenever it is asked; name a field that holds the day"
        if value is not None and _moment(value) is None:
            return f"{value!r} is no day; write it as 2024-05-31"
    return ""


def _wrong_difference(constants: Sequence[Value | None]) -> str:
    unit, rest = constants[2], constants[3:]
    if unit not in UNITS_S:
        return f"its third argument is a unit in quotes, one of {', '.join(UNITS_S)}"
    if any(value not in (*ORDERS, 0.0, 1.0) for value in rest):
        return "behind the unit it takes true, false, or 'ymd', 'mdy', 'dmy'"
    return _no_day(constants, 2)


DATE_FUNCTIONS: Mapping[str, Function] = {
    "datediff": Function(3, 5, _difference, wrong=_wrong_difference),
    "age_at_date": Function(2, 2, _age, wrong=lambda constants: _no_day(constants, 2)),
    "dayoftheweek": _part(dt.datetime.isoweekday),
    "year": _part(lambda moment: moment.year),
    "month": _part(lambda moment: moment.month),
    "day": _part(lambda moment: moment.day),
}
