"""Branching logic: when a field is shown. A grammar of its own; nothing is ever evaluated as code."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Reference:
    """A field that a condition reads: `[event][field(code)][instance]`; empty where not given."""

    field: str
    code: str = ""
    event: str = ""
    instance: str = ""


Lookup = Callable[[Reference], str]
"""Gives the text of a referenced field, empty where nothing was entered, "1" or "0" for a checkbox's choice."""


class Condition(Protocol):
    """A parsed condition."""

    @property
    def references(self) -> frozenset[Reference]:
        """Every field that it reads."""
        ...

    def holds(self, lookup: Lookup) -> bool:
        """Whether it is true of the values that `lookup` gives."""
        ...
