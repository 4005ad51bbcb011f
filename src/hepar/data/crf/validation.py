"""What REDCap lets a text field hold, one rule for each of its validation types, as a raw export writes it."""

import datetime as dt
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from ...core.errors import ProtocolError, choices
from .finding import Finding
from .form import FormField

Moment = dt.datetime
Measure = Callable[[str], float | Moment]
"""What a text that has the right form stands for; raises ValueError where it stands for nothing."""


@dataclass(frozen=True, slots=True)
class Validation:
    """One validation type: the rule that a query names, the form of the text, and what it stands for."""

    rule: str
    pattern: re.Pattern[str]
    allowed: str
    measure: Measure | None = None


def _comma_number(text: str) -> float:
    return float(text.replace(",", "."))


def _moment(text: str) -> Moment:
    return dt.datetime.fromisoformat(text)


def _time(text: str) -> Moment:
    """A time of some day; the hour may be of one digit."""
    hour, _, rest = text.partition(":")
    return dt.datetime.fromisoformat(f"2000-01-01 {hour:0>2}:{rest}")


def _minutes(text: str) -> Moment:
    return _time(f"00:{text}")


def _format(pattern: str, allowed: str) -> Validation:
    return Validation("format", re.compile(pattern, re.ASCII), allowed)


def _number(pattern: str, allowed: str, measure: Measure = float) -> Validation:
    return Validation("number", re.compile(pattern, re.ASCII), allowed, measure)


def _day(pattern: str, allowed: str) -> Validation:
    return Validation("date", re.compile(pattern, re.ASCII), allowed, _moment)


def _clock(pattern: str, allowed: str, measure: Measure = _time) -> Validation:
    return Validation("time", re.compile(pattern, re.ASCII), allowed, measure)


_DATE = r"\d{4}-\d\d-\d\d"
_HOUR = r"([01]?\d|2[0-3])"
_DECIMALS = {places: f"{places} decimal{'s' if places > 1 else ''}" for places in (1, 2, 3, 4)}

VALIDATIONS: Mapping[str, Validation] = {
    "integer": _number(r"[+-]?\d+", "a whole number"),
    "number": _number(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", "a number with a decimal point"),
    "number_comma_decimal": _number(
        r"[+-]?(\d+,?\d*|,\d+)([eE][+-]?\d+)?", "a number with a decimal comma", _comma_number
    ),
    **{
        f"number_{places}dp": _number(rf"[+-]?\d+\.\d{{{places}}}", f"a number with exactly {words}")
        for places, words in _DECIMALS.items()
    },
    **{
        f"number_{places}dp_comma_decimal": _number(
            rf"[+-]?\d+,\d{{{places}}}", f"a number with a comma and exactly {words}", _comma_number
        )
        for places, words in _DECIMALS.items()
    },
    **{f"date_{order}": _day(_DATE, "a day as YYYY-MM-DD") for order in ("ymd", "dmy", "mdy")},
    **{
        f"datetime_{order}": _day(rf"{_DATE} \d\d:\d\d", "a day and time as YYYY-MM-DD HH:MM")
        for order in ("ymd", "dmy", "mdy")
    },
    **{
        f"datetime_seconds_{order}": _day(rf"{_DATE} \d\d:\d\d:\d\d", "a day and time as YYYY-MM-DD HH:MM:SS")
        for order in ("ymd", "dmy", "mdy")
    },
    "time": _clock(rf"{_HOUR}:[0-5]\d", "a time as HH:MM"),
    "time_hh_mm_ss": _clock(rf"{_HOUR}:[0-5]\d:[0-5]\d", "a time as HH:MM:SS"),
    "time_mm_ss": _clock(r"[0-5]\d:[0-5]\d", "minutes and seconds as MM:SS", _minutes),
    "email": _format(r"[^@\s,;]+@[^@\s,;]+\.[^@\s,;.]+", "an address such as name@hospital.org"),
    "phone": _format(r"\+?(\W*\d){7,15}\W*", "a telephone number of 7 to 15 digits"),
    "phone_australia": _format(r"\+?(\W*\d){8,12}\W*", "a telephone number of 8 to 12 digits"),
    "phone_uk": _format(r"\+?(\W*\d){9,13}\W*", "a telephone number of 9 to 13 digits"),
    "zipcode": _format(r"\d{5}(-\d{4})?", "five digits, or five and four"),
    "postalcode_australia": _format(r"\d{4}", "four digits"),
    "postalcode_french": _format(r"\d{5}", "five digits"),
    "postalcode_germany": _format(r"\d{5}", "five digits"),
    "postalcode_canada": _format(r"[A-Za-z]\d[A-Za-z] ?\d[A-Za-z]\d", "a postal code such as K1A 0B1"),
    "postalcode_uk": _format(r"[A-Za-z]{1,2}\d[A-Za-z\d]? ?\d[A-Za-z]{2}", "a postcode such as SW1A 1AA"),
    "alpha_only": _format(r"[A-Za-z]+", "letters only"),
    "mrn_10d": _format(r"\d{10}", "ten digits"),
    "mrn_generic": _format(r"[A-Za-z0-9_-]+", "letters, digits, hyphen and underscore"),
    "vmrn": _format(r"\d{9}", "nine digits"),
    "ssn": _format(r"\d{3}-\d\d-\d{4}", "three, two and four digits with hyphens"),
}
"""Name of the validation type -> its rule. Dates stand year first in a raw export, however they are shown."""


def validation_of(field: FormField) -> Validation | None:
    """The validation type of a text field, None where it has none.

    Raises:
        ProtocolError: REDCap has no such type.
    """
    if field.type != "text" or not field.validation:
        return None
    if field.validation not in VALIDATIONS:
        raise ProtocolError(
            f"field {field.name!r}: validation type {field.validation!r} is unknown;"
            f" {choices(field.validation, VALIDATIONS)}"
        )
    return VALIDATIONS[field.validation]


def is_day(field: FormField) -> bool:
    """Whether the field holds a day, with a time or without."""
    validation = validation_of(field)
    return validation is not None and validation.rule == "date"


def judge_of(field: FormField, *, today: dt.date) -> Callable[[str], Finding | None]:
    """What is wrong with a text of `field`: its form, a day that the calendar lacks, a limit.

    Raises:
        ProtocolError: an unknown validation type, or a limit that is none of its kind.
    """
    validation = validation_of(field)
    if validation is None:
        return lambda _value: None
    least, most = (
        _limit(field, validation, text, today=today, name=name)
        for text, name in ((field.least, "least"), (field.most, "most"))
    )
    return partial(_judge, field, validation, limits=(least, most))


Limit = float | Moment | None


def _judge(
    field: FormField, validation: Validation, value: str, *, limits: tuple[Limit, Limit]
) -> Finding | None:
    if not validation.pattern.fullmatch(value):
        return _of_another_form(validation, value)
    if validation.measure is None:
        return None
    try:
        found = validation.measure(value)
    except ValueError:
        return Finding(validation.rule, f"is no day or time that exists; allowed is {validation.allowed}")
    least, most = limits
    if _below(found, least):
        return Finding("range", f"lies below {field.least}, the least allowed{_until(field)}")
    if _below(most, found):
        return Finding("range", f"lies above {field.most}, the most allowed{_from(field)}")
    return None


REWRITTEN = re.compile(r"\d{1,2}([./-])\d{1,2}\1(\d{4}|\d\d)(\D.*)?", re.ASCII)
"""A day as the spreadsheets of most countries write it, by which day and month cannot be told apart."""
_COMMA = re.compile(r"[+-]?\d+,\d+", re.ASCII)
_AGAIN = "export it again and let no spreadsheet save it; or correct the value by its source"


def _of_another_form(validation: Validation, value: str) -> Finding:
    if validation.rule == "date" and REWRITTEN.fullmatch(value):
        why = "a spreadsheet may have rewritten it, and which number is the month nobody can tell"
        return Finding("date", f"is not {validation.allowed}: {why}", _AGAIN)
    if validation.rule == "number" and "point" in validation.allowed and _COMMA.fullmatch(value):
        return Finding("number", f"is not {validation.allowed}, but has a comma", _AGAIN)
    return Finding(validation.rule, f"is not {validation.allowed}")


def _below(first: Limit, second: Limit) -> bool:
    if isinstance(first, float) and isinstance(second, float):
        return first < second
    return isinstance(first, Moment) and isinstance(second, Moment) and first < second


def _until(field: FormField) -> str:
    return f" (the most is {field.most})" if field.most else ""


def _from(field: FormField) -> str:
    return f" (the least is {field.least})" if field.least else ""


def _limit(field: FormField, validation: Validation, text: str, *, today: dt.date, name: str) -> Limit:
    """The limit as what it stands for; "today" and "now" reach to the end of the day as an upper limit."""
    if not text or validation.measure is None:
        return None
    if validation.rule == "date" and text.lower() in ("today", "now"):
        return dt.datetime.combine(today, dt.time.max if name == "most" else dt.time.min)
    try:
        found = validation.measure(text)
    except ValueError:
        raise ProtocolError(
            f"field {field.name!r}: {text!r}, its {name}, is not {validation.allowed}"
            f"{', today or now' if validation.rule == 'date' else ''}; correct the dictionary"
        ) from None
    whole_day = validation.rule == "date" and name == "most" and len(text) == len("2024-05-31")
    return dt.datetime.combine(found, dt.time.max) if whole_day and isinstance(found, Moment) else found
