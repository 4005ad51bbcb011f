"""The analyses that a protocol gets when it names none."""

from ..core.errors import ProtocolError, choices
from .base import Analysis

_CLASSES = ("calibration", "decision_curve", "risk_groups", "sites", "subgroups", "chance")

STANDARD: dict[str, tuple[str, ...]] = {
    "binary": ("discrimination", "comparison", "accuracy", *_CLASSES),
    "graded": ("discrimination", "comparison", "accuracy", "staging", *_CLASSES),
    "time_to_event": ("prognosis", "comparison", *_CLASSES),
    "continuous": ("agreement", "chance"),
    "lesions": (),
}
"""Kinds of analysis by kind of outcome, in the order of the report."""


def standard(outcome_kind: str) -> tuple[Analysis, ...]:
    """The default analyses of `outcome_kind`, with their default parameters."""
    if outcome_kind not in STANDARD:
        raise ProtocolError(f"no outcome is called {outcome_kind!r}; {choices(outcome_kind, STANDARD)}")
    return tuple(Analysis.parse(kind) for kind in STANDARD[outcome_kind])
