"""A query: one thing in the records that somebody has to explain or mend."""

from dataclasses import dataclass
from typing import Literal

from ...core.fingerprint import fingerprint

State = Literal["open", "answered", "closed"]


@dataclass(frozen=True, slots=True)
class Query:
    """What is wrong where, by which rule, and what to do.

    `rule` is a short name, e.g. "range", "required", "hidden", "date order", "image: slice thickness".
    """

    participant: str
    form: str
    field: str
    value: str
    rule: str
    problem: str
    """A sentence: what is wrong with the value, and what is allowed."""
    to_do: str
    event: str = ""
    instance: str = ""
    site: str = ""
    line: int | None = None
    state: State = "open"
    answer: str = ""
    answered_by: str = ""

    @property
    def key(self) -> str:
        """The same for the same value, rule and place in every export, so that an answer stays with its query.

        It begins with a letter: a spreadsheet would take digits with an "e" among them for a number.
        """
        place = (self.participant, self.event, self.instance, self.form, self.field)
        return f"q{fingerprint(*place, self.rule, self.value)[:12]}"
