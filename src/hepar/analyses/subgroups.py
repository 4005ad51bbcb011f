"""Whether a test works equally well in every subgroup."""

from collections.abc import Iterator
from typing import Any, ClassVar, Literal

import pandas as pd
from pydantic import Field

from ..data.predictions import Predictions
from ..stats.estimate import Estimate
from .base import Analysis, Findings, row
from .sites import discrimination_or_reason, pooled, quantity_of
from .units import NAN, undefined


class Subgroups(Analysis):
    """AUC, or Harrell's C of a time to event (0 to 1), at each level of every subgroup field of the protocol.

    Levels are compared by Cochran's Q on the logit scale. A level with fewer than `fewest` cases of either class
    has no value, and its row says so; cases whose level is unknown are counted. Subgroups show where a test may
    fail; without adjustment for the number of fields they prove nothing.
    """

    kind: Literal["subgroups"] = "subgroups"
    accepts: ClassVar = frozenset({"binary", "graded", "time_to_event"})
    fewest: int = Field(default=5, ge=2)
    draws: int = Field(default=1000, ge=100)
    seed: int = 0

    def run(self, predictions: Predictions) -> Findings:
        """Rows `auc` or `harrell c` by level, `heterogeneity` (value Q, p) and `level unknown` (a count) by field."""
        return Findings.of(
            found
            for role, test in self.judged(predictions)
            for field in predictions.groups.columns
            for found in self._rows(predictions, str(field), {"test": test.name, "role": role})
        )

    def _rows(self, predictions: Predictions, field: str, place: dict[str, str]) -> Iterator[dict[str, Any]]:
        cases = predictions.of(place["test"], role=place["role"])
        levels = [(level, ids) for name, level, ids in predictions.subgroups() if name == field]
        found = {level: self._on(cases[cases["case_id"].isin(ids)]) for level, ids in levels}
        for level, estimate in found.items():
            group = f"{field}={level}"
            yield row(estimate, analysis=self.kind, quantity=quantity_of(predictions), group=group, **place)
        yield row(_q(list(found.values()), len(cases)), **self._of_field("heterogeneity", field), **place)
        known = sum(estimate.n for estimate in found.values())
        if known < len(cases):
            count = Estimate(float(len(cases) - known), NAN, NAN, len(cases), "count")
            yield row(count, **self._of_field("level unknown", field), **place)

    def _on(self, cases: pd.DataFrame) -> Estimate:
        return discrimination_or_reason(cases, fewest=self.fewest, draws=self.draws, seed=self.seed)

    def _of_field(self, quantity: str, field: str) -> dict[str, str]:
        return {"analysis": self.kind, "quantity": quantity, "group": field}


def _q(estimates: list[Estimate], n: int) -> Estimate:
    found = pooled(estimates)
    if isinstance(found, str):
        return undefined(found, n=n)
    return Estimate(found.q, NAN, NAN, n, f"Cochran's Q of {len(found.weights)} levels", p=found.q_p)
