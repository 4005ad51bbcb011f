"""Dates and moments moved by whole days; what is none, or has no day, is given back as None."""

import datetime as dt
import re

DATE = re.compile(r"(\d{4})\.?(\d{2})\.?(\d{2})")
"""A date of DICOM, or of its predecessor ACR-NEMA with points."""
MOMENT = re.compile(r"(\d{8})(\d{2}(?:\d{2}(?:\d{2}(?:\.\d{1,6})?)?)?)?([+-]\d{4})?")
TIME = re.compile(r"([01]\d|2[0-3])(?::?[0-5]\d(?::?([0-5]\d|60)(\.\d{1,6})?)?)?")
OFFSET = re.compile(r"[+-](0\d|1[0-4])[0-5]\d")
AGE = re.compile(r"(\d{3})([DWMY])")
OLDEST_Y = 89
"""Years above which an age is told as 090Y (45 CFR 164.514(b)(2)(i)(C))."""


def moved_date(text: str, days: int) -> str | None:
    """A date of the form YYYYMMDD moved by `days`.

    >>> moved_date("20240301", -1), moved_date("2024.03.01", 0), moved_date("20240230", 0)
    ('20240229', '20240301', None)
    """
    found = DATE.fullmatch(text)
    if found is None:
        return None
    try:
        moved = dt.date(*map(int, found.groups())) + dt.timedelta(days=days)
    except (ValueError, OverflowError):
        return None
    return f"{moved.year:04}{moved:%m%d}"


def moved_moment(text: str, days: int) -> str | None:
    """A moment of the form YYYYMMDDHHMMSS.FFFFFF&ZZXX moved by `days`; time and offset stay as they are.

    >>> moved_moment("20240101101500.25+0800", -1), moved_moment("2024", -1)
    ('20231231101500.25+0800', None)
    """
    found = MOMENT.fullmatch(text)
    if found is None or not is_time(found[2] or "00") or not is_offset(found[3] or "+0000"):
        return None
    date = moved_date(found[1], days)
    return None if date is None else f"{date}{found[2] or ''}{found[3] or ''}"


def is_time(text: str) -> bool:
    """Whether `text` is a time of day."""
    return TIME.fullmatch(text) is not None


def is_offset(text: str) -> bool:
    """Whether `text` is an offset from UTC."""
    return OFFSET.fullmatch(text) is not None


def capped_age(text: str) -> str | None:
    """An age of the form nnnY, nnnM, nnnW or nnnD, none above 90 years."""
    found = AGE.fullmatch(text)
    if found is None:
        return None
    return f"{OLDEST_Y + 1:03}Y" if found[2] == "Y" and int(found[1]) > OLDEST_Y else text
