"""What an audit gives: findings, the looks that led to them, and what could not be looked at."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Severity = Literal["serious", "warning", "note"]
SEVERITIES: tuple[Severity, ...] = ("serious", "warning", "note")


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that a study may not survive. `what` and `do` name no case; `cases` are for the list that stays here.

    Each of `cases` is a group of ids that belong together, e.g. two participants with one picture; of a picture that
    cannot be read the case and the reason.
    """

    rule: str
    severity: Severity
    what: str
    do: str
    n: int
    counted: str
    """What `n` counts."""
    cases: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Look:
    """One field alone held against one contrast of the outcome."""

    field: str
    family: Literal["metadata", "missing", "feature"]
    contrast: str
    n: int
    events: int
    missing: int
    """Cases in which the field is missing."""
    levels: int
    auc: float
    low: float
    high: float
    p: float
    method: str
    p_adjusted: float = float("nan")


@dataclass(frozen=True, slots=True, repr=False)
class Audit:
    """The audit of one arm or table."""

    name: str
    simulated: bool
    cases: int
    participants: int
    pictures: int
    """Pictures, volumes and recordings that were compared; 0 where none were read."""
    findings: tuple[Finding, ...]
    looks: tuple[Look, ...]
    labels: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    """Participants by site and label."""
    notes: tuple[str, ...] = ()
    """What was not looked at, and why."""

    def __repr__(self) -> str:
        """Short: the whole would print cases."""
        return f"Audit({self.name!r}, {len(self.findings)} findings)"

    @property
    def clean(self) -> bool:
        """Whether nothing was found that asks for an answer; notes do not."""
        return all(finding.severity == "note" for finding in self.findings)

    @property
    def tests(self) -> int:
        """How many p values Holm's adjustment counted."""
        return sum(look.p_adjusted == look.p_adjusted for look in self.looks)
