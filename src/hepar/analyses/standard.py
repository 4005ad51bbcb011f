"""The analyses that a protocol gets when it names none."""

from .base import Analysis

STANDARD: dict[str, tuple[str, ...]] = {
    "binary": ("discrimination", "comparison", "calibration"),
    "graded": ("discrimination", "comparison", "calibration"),
    "time_to_event": ("prognosis", "comparison", "calibration"),
    "continuous": (),
    "lesions": (),
}
"""Kinds of analysis by kind of outcome, in the order of the report."""


def standard(outcome_kind: str) -> tuple[Analysis, ...]:
    """The default analyses of `outcome_kind`, with their default parameters."""
    return tuple(Analysis.parse(kind) for kind in STANDARD[outcome_kind])
