"""Rules of one value by itself: its choices, its form, its limits, and the characters that it is made of."""

import datetime as dt
import re
from collections.abc import Callable

from .annotation import tags_of
from .finding import Finding
from .form import FormField
from .validation import judge_of

Judge = Callable[[str], Finding | None]

_NEVER = "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060\ufeff\ufffd"
NOT_IN_NOTES = re.compile(f"[{_NEVER}]")
NOT_IN_TEXT = re.compile(f"[{_NEVER}\\t\\n\\r]")
"""Control characters, marks of no width and the mark of a letter that was lost; in one line also tabs and breaks."""
YES_NO = ("1", "0")


def judge_of_value(field: FormField, *, today: dt.date, missing_codes: frozenset[str]) -> Judge:
    """What is wrong with a cell of `field` that is not empty; remembers what it has said of the same cell.

    Raises:
        ProtocolError: the dictionary gives the field a validation type or a limit that there is not.
    """
    judge = _judge(field, today=today)
    codes_allowed = "@NOMISSING" not in field.annotation
    said: dict[str, Finding | None] = {}

    def remembered(value: str) -> Finding | None:
        if value not in said:
            said[value] = _with_codes(value)
        return said[value]

    def _with_codes(value: str) -> Finding | None:
        if value in missing_codes:
            return None if codes_allowed else NO_CODE
        return _characters(field, value) or judge(value)

    return remembered


NO_CODE = Finding("missing code", "is a code for missing, which this field does not allow (@NOMISSING)")


def _characters(field: FormField, value: str) -> Finding | None:
    bad = (NOT_IN_NOTES if field.type == "notes" else NOT_IN_TEXT).search(value)
    if bad:
        return Finding(
            "characters", f"holds the character U+{ord(bad[0]):04X}, which is not to be seen", "type it anew"
        )
    if value != value.strip():
        return Finding("characters", "begins or ends with white space", "type it anew")
    return None


def _judge(field: FormField, *, today: dt.date) -> Judge:
    match field.type:
        case "checkbox":
            return _of(("0", "1"), "checkbox", "is neither 1 (ticked) nor 0")
        case "yesno" | "truefalse":
            return _of(YES_NO, "choice", f"is neither 1 ({_yes(field)}) nor 0")
        case "radio" | "dropdown":
            codes = tuple(choice.code for choice in field.choices)
            return _of(codes, "choice", f"is none of the codes {_listed(codes)}")
        case "slider":
            return _slider(field)
        case "text":
            return judge_of(field, today=today)
        case _:
            return lambda _value: None


def _yes(field: FormField) -> str:
    return "yes" if field.type == "yesno" else "true"


def _of(codes: tuple[str, ...], rule: str, problem: str) -> Judge:
    allowed, finding = frozenset(codes), Finding(rule, problem)
    return lambda value: None if value in allowed else finding


def _listed(codes: tuple[str, ...], most: int = 12) -> str:
    more = f" and {len(codes) - most} more" if len(codes) > most else ""
    return ", ".join(codes[:most]) + more


def _slider(field: FormField) -> Judge:
    least, most = float(field.least or 0), float(field.most or 100)

    def judge(value: str) -> Finding | None:
        if not re.fullmatch(r"[+-]?\d+", value, re.ASCII):
            return Finding("number", "is not a whole number")
        if not least <= float(value) <= most:
            return Finding("range", f"lies outside {least:g} to {most:g}, the ends of the slider")
        return None

    return judge


def pattern_of(field: FormField) -> re.Pattern[str] | None:
    """What the participant's identifier must look like, of the annotation @HEPAR-ID."""
    patterns = [tag.value for tag in tags_of(field) if tag.name == "HEPAR-ID"]
    return re.compile(patterns[0]) if patterns else None
