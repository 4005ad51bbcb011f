"""How often each test is right at its pre-specified cut-offs."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, ClassVar, Literal

import numpy as np
import pandas as pd
from pydantic import Field

from ..data.predictions import Predictions, Threshold
from ..stats.classification import accuracy_at
from ..stats.estimate import Estimate
from .base import Analysis, Findings, row
from .units import Statistic, attempt_all, numbers, on_units, positives, several_units

QUANTITIES: Mapping[str, str] = {
    "sensitivity": "sensitivity",
    "specificity": "specificity",
    "ppv": "ppv",
    "npv": "npv",
    "accuracy": "accuracy",
    "lr+": "likelihood_ratio_positive",
    "lr-": "likelihood_ratio_negative",
    "tp": "true_positive",
    "fp": "false_positive",
    "fn": "false_negative",
    "tn": "true_negative",
}
"""Quantity -> its name among the results of `accuracy_at`."""

COUNTS = ("tp", "fp", "fn", "tn")


class Accuracy(Analysis):
    """Sensitivity, specificity, predictive values, likelihood ratios and counts at every pre-specified cut-off.

    Proportions (0 to 1) have exact intervals, ratios log-method ones. Predictive values hold at the prevalence of
    these cases. A test without cut-offs has no row; none is ever chosen from the data, and one that several sources
    give with one meaning has one row. Where participants have
    several units, intervals come from `draws` bootstrap samples of participants.
    """

    kind: Literal["accuracy"] = "accuracy"
    accepts: ClassVar = frozenset({"binary", "graded"})
    draws: int = Field(default=1000, ge=100)
    seed: int = 0

    def run(self, predictions: Predictions) -> Findings:
        """Rows `sensitivity` to `tn` with `threshold`, in group `cut-off=<sign> <value>: <meaning>`."""
        return Findings.of(
            found
            for role, test in self.judged(predictions)
            for cut in distinct(test.thresholds)
            for found in self._at(
                predictions.of(test.name, role=role), cut, {"test": test.name, "role": role}
            )
        )

    def _at(self, cases: pd.DataFrame, cut: Threshold, place: dict[str, str]) -> Iterator[dict[str, Any]]:
        cases = cases[cases[cut.scale].notna()]
        columns = (positives(cases), numbers(cases, cut.scale))
        found = attempt_all(lambda: _accuracy(*columns, cut=cut), names=tuple(QUANTITIES), n=len(cases))
        for quantity, estimate in found.items():
            if several_units(cases) and quantity not in COUNTS:
                statistic = _one(quantity, cut)
                estimate = on_units(statistic, *columns, rows=cases, draws=self.draws, seed=self.seed)
            more: dict[str, Any] = {"group": label_of(cut), "threshold": cut.value, **place}
            yield row(estimate, analysis=self.kind, quantity=quantity, **more)


def distinct(cuts: Iterable[Threshold]) -> list[Threshold]:
    """The cut-offs without those that differ from an earlier one in their source only."""
    first: dict[tuple[Any, ...], Threshold] = {}
    for cut in cuts:
        first.setdefault((cut.scale, cut.value, cut.at_or_above, cut.meaning), cut)
    return list(first.values())


def label_of(cut: Threshold) -> str:
    """A cut-off as a group; the sign says which side is positive.

    >>> label_of(Threshold(2.67, "advanced fibrosis", "Shah 2009", at_or_above=False))
    'cut-off=> 2.67: advanced fibrosis'
    """
    sign = "≥" if cut.at_or_above else ">"
    return f"cut-off={sign} {cut.value:g}: {cut.meaning}"


def called_positive(score: np.ndarray, cut: Threshold) -> np.ndarray:
    """Whether the rule calls each case positive."""
    return score >= cut.value if cut.at_or_above else score > cut.value


def _accuracy(positive: np.ndarray, score: np.ndarray, *, cut: Threshold) -> dict[str, Estimate]:
    found = accuracy_at(positive, score, threshold=cut.value, at_or_above=cut.at_or_above)
    return {quantity: found[name] for quantity, name in QUANTITIES.items()}


def _one(quantity: str, cut: Threshold) -> Statistic:
    def statistic(positive: np.ndarray, score: np.ndarray) -> Estimate:
        return _accuracy(positive, score, cut=cut)[quantity]

    return statistic
