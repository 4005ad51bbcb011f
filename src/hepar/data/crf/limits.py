"""Validation types of text fields, and whether a limit is one of that type."""

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass

from ...core.errors import ProtocolError
from .values import number_of

Key = float | str | None
"""What two limits are compared by; None of "today" and "now"."""

NUMBERS = ("number", *(f"number_{places}dp" for places in range(1, 5)))
COMMA_NUMBERS = tuple(f"{name}_comma_decimal" for name in ("number", *(f"number_{p}dp" for p in range(1, 5))))
ORDERS = ("dmy", "mdy", "ymd")
DATES = tuple(f"date_{order}" for order in ORDERS)
DATETIMES = tuple(f"datetime_{order}" for order in ORDERS)
DATETIMES_SECONDS = tuple(f"datetime_seconds_{order}" for order in ORDERS)
TIMES = ("time", "time_hh_mm_ss", "time_mm_ss")
TEXTS = (
    *("email", "alpha_only", "ssn", "zipcode", "vmrn", "mrn_10d", "mrn_generic"),
    *("phone", "phone_australia", "phone_uk", "postalcode_australia", "postalcode_canada"),
    *("postalcode_french", "postalcode_germany", "postalcode_uk"),
)
VALIDATIONS = (
    *("integer", *NUMBERS, *COMMA_NUMBERS, *DATES, *DATETIMES, *DATETIMES_SECONDS, *TIMES),
    *TEXTS,
)
"""What a text field can be validated as."""


@dataclass(frozen=True, slots=True)
class Limits:
    """The smallest and the largest value, as written but for the decimal comma; empty where there is none."""

    least: str
    most: str


def parse_limits(least: str, most: str, *, validation: str) -> Limits:
    """Both limits of a field.

    Raises:
        ProtocolError: one is no value of the validation type, or the smallest is above the largest.
    """
    if not (least or most):
        return Limits("", "")
    key_of = _KEYS.get(validation)
    if key_of is None:
        named = f"{validation!r} takes none" if validation else "the field has no validation type"
        raise ProtocolError(
            f"there is a limit ({least or most!r}), but {named}; take it out, or name the type"
        )
    if validation in COMMA_NUMBERS:
        least, most = least.replace(",", "."), most.replace(",", ".")
    low, high = (key_of(limit, validation) if limit else None for limit in (least, most))
    both_numbers = isinstance(low, float) and isinstance(high, float) and low > high
    both_texts = isinstance(low, str) and isinstance(high, str) and low > high
    if both_numbers or both_texts:
        raise ProtocolError(f"the smallest value {least} is above the largest {most}; correct one of them")
    return Limits(least, most)


def _number(text: str, validation: str) -> Key:
    number = number_of(text)
    if number is None:
        raise ProtocolError(f"the limit {text!r} is no number, as {validation!r} needs")
    if validation == "integer" and number != int(number):
        raise ProtocolError(f"the limit {text!r} is no whole number, as 'integer' needs")
    return number


def _moment(form: str, shape: str, example: str) -> Callable[[str, str], Key]:
    def key(text: str, validation: str) -> Key:
        if text in ("today", "now") and "%Y" in form:
            return None
        try:
            if not re.fullmatch(shape, text, re.ASCII):
                raise ValueError(text)
            dt.datetime.strptime(text, form)
        except ValueError:
            also = ", today or now" if "%Y" in form else ""
            raise ProtocolError(
                f"the limit {text!r} is none of {validation!r}; write it as {example}{also}, whatever order the form"
                " shows (a spreadsheet may have rewritten it)"
            ) from None
        return text

    return key


_DAY = r"\d{4}-\d\d-\d\d"
_KEYS: dict[str, Callable[[str, str], Key]] = {
    **dict.fromkeys(("integer", *NUMBERS, *COMMA_NUMBERS), _number),
    **dict.fromkeys(DATES, _moment("%Y-%m-%d", _DAY, "2024-05-31")),
    **dict.fromkeys(DATETIMES, _moment("%Y-%m-%d %H:%M", _DAY + r" \d\d:\d\d", "2024-05-31 08:30")),
    **dict.fromkeys(
        DATETIMES_SECONDS, _moment("%Y-%m-%d %H:%M:%S", _DAY + r" \d\d:\d\d:\d\d", "2024-05-31 08:30:00")
    ),
    "time": _moment("%H:%M", r"\d\d:\d\d", "08:30"),
    "time_hh_mm_ss": _moment("%H:%M:%S", r"\d\d:\d\d:\d\d", "08:30:00"),
    "time_mm_ss": _moment("%M:%S", r"\d\d:\d\d", "30:00"),
}
