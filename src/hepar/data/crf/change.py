"""One value that was entered, changed or taken away: by whom, when, where and why."""

from dataclasses import dataclass
from typing import Literal

Transaction = Literal["Insert", "Update", "Remove"]
"""What a change does, in the words of ODM."""


@dataclass(frozen=True, slots=True)
class Change:
    """A change of one column of a participant's record; empty where nothing applies.

    `at` is ISO 8601 with its offset. `instrument` is the repeated form, as in `Record`; an `instance` without one
    counts the event.
    """

    at: str
    actor: str
    site: str
    participant: str
    event: str
    instrument: str
    instance: str
    column: str
    old: str
    new: str
    reason: str = ""

    @property
    def transaction(self) -> Transaction:
        """A value where none was, another value, or none any more."""
        if not self.new:
            return "Remove"
        return "Update" if self.old else "Insert"
