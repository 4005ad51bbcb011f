"""Something that must not be passed on, and the ways in which a day is commonly written."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import product

SHORT, SHORT_DIGITS = 4, 6
"""Fewer characters, or digits, are part of too many words and numbers to be looked for in running text."""
DATES = (
    "%Y%m%d",
    "%Y-%m-%d",
    "%Y/%m/%d",
    "%Y.%m.%d",
    "%d.%m.%Y",
    "%m.%d.%Y",
    "%d-%m-%Y",
    "%m-%d-%Y",
    "%d/%m/%Y",
    "%m/%d/%Y",
)

MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


@dataclass(frozen=True, slots=True, order=True)
class Identifier:
    """Something that must not be passed on."""

    text: str
    what: str
    """What it is: `case`, `name`, `date`, ..."""
    attribute: str = ""
    """Where a date of a DICOM file was found: the same day in another attribute may be a moved one."""

    @property
    def short(self) -> bool:
        """Whether it is too short to be looked for in running text."""
        return is_short(self.text)


def is_short(text: str) -> bool:
    """Whether `text` is part of too many words or numbers to be looked for in running text.

    >>> is_short("A17"), is_short("12345"), is_short("A-17")
    (True, True, False)
    """
    return len(text) < (SHORT_DIGITS if text.isdigit() else SHORT)


def dates_of(day: date, *, what: str = "date", attribute: str = "") -> Iterator[Identifier]:
    """The ways in which a day is commonly written."""
    for text in dict.fromkeys((*(day.strftime(form) for form in DATES), *_in_words(day))):
        yield Identifier(text, what, attribute)


def _in_words(day: date) -> Iterator[str]:
    """With the name of its month, in Chinese, and without leading zeros where points make it one word."""
    name = MONTHS[day.month - 1]
    for month, number in product((name, name[:3]), (f"{day.day}", f"{day.day:02}")):
        yield f"{number} {month} {day.year}"
        yield f"{month} {number} {day.year}"
    yield f"{day.day}.{day.month}.{day.year}"
    yield f"{day.year}\u5e74{day.month}\u6708{day.day}\u65e5"
    yield f"{day.year}\u5e74{day.month:02}\u6708{day.day:02}\u65e5"
