"""What was entered: one record for each line of a REDCap export, its cells as text."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Record:
    """One line: a participant, or a participant's event, or one instance of a repeated form or event.

    `values` maps columns to text without white space at its ends, empty where nothing was entered.
    """

    line: int
    """Of the file, the header being line 1."""
    participant: str
    values: Mapping[str, str]
    event: str = ""
    instrument: str = ""
    """The repeated form; empty where the line is none of a repeated form."""
    instance: str = ""
    group: str = ""
    """The data access group: the site."""

    @property
    def place(self) -> tuple[str, str, str, str]:
        """What no two lines may share."""
        return self.participant, self.event, self.instrument, self.instance


@dataclass(frozen=True, slots=True)
class Export:
    """The lines of an export and the columns that it holds; `missing_codes` stand for a value known to be missing."""

    columns: tuple[str, ...]
    records: tuple[Record, ...]
    missing_codes: frozenset[str] = frozenset()
