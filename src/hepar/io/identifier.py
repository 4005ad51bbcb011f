"""Something that must not be passed on, and the ways in which a day is commonly written."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

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
    for form in DATES:
        yield Identifier(day.strftime(form), what, attribute)
