"""Branching logic: when a field is shown. A grammar of its own; nothing is ever evaluated as code."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from ...core.errors import ProtocolError

CURRENT = "current"
"""Instance of a reference that names the instance of the line itself."""


@dataclass(frozen=True, slots=True)
class Reference:
    """A field that a condition reads: `[event][field(code)][instance]`; empty where not given."""

    field: str
    code: str = ""
    event: str = ""
    instance: str = ""


Lookup = Callable[[Reference], str]
"""Gives the text of a referenced field, empty where nothing was entered, "1" or "0" for a checkbox's choice."""


class UnansweredError(ProtocolError):
    """The logic is REDCap's, but an export does not hold what it asks for: who looks at the form, what day it is."""


class Condition(Protocol):
    """A parsed condition."""

    @property
    def references(self) -> frozenset[Reference]:
        """Every field that it reads."""
        ...

    def holds(self, lookup: Lookup) -> bool:
        """Whether it is true of the values that `lookup` gives."""
        ...


@dataclass(frozen=True, slots=True)
class Unanswered:
    """A condition that an export cannot answer; whoever has to decide shows the field."""

    reason: str

    @property
    def references(self) -> frozenset[Reference]:
        """None that can be read."""
        return frozenset()

    def holds(self, _lookup: Lookup) -> bool:
        """True, for want of knowledge."""
        return True
