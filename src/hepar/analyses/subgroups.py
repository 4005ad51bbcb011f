"""Whether a test works equally well in every subgroup."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, ClassVar, Literal

import pandas as pd
from pydantic import Field

from ..data.predictions import Predictions
from ..stats.estimate import Estimate
from .base import Analysis, Findings, row
from .pairing import holm_adjusted
from .sites import discrimination_or_reason, pooled, quantity_of, size_of
from .units import NAN, undefined


class Subgroups(Analysis):
    """AUC, or Harrell's C of a time to event (0 to 1), at each level of every subgroup field of the protocol.

    Levels are compared by Cochran's Q on the logit scale, whose p is also given adjusted by Holm over the fields of
    one test and role. A level with fewer than `fewest` cases of either class has no value, and its row says so; cases
    whose level is unknown are counted. C takes the scores of the first horizon. Subgroups show where a test may
    fail; they prove nothing.
    """

    kind: Literal["subgroups"] = "subgroups"
    accepts: ClassVar = frozenset({"binary", "graded", "time_to_event"})
    fewest: int = Field(default=5, ge=2)
    draws: int = Field(default=1000, ge=100)
    seed: int = 0

    def run(self, predictions: Predictions) -> Findings:
        """Rows `auc` or `harrell c` by level; by field `heterogeneity` (value Q, p), with Holm's p, `level unknown`."""
        return Findings.of(
            found
            for role, test in self.judged(predictions)
            for found in self._of_test(predictions, {"test": test.name, "role": role})
        )

    def _of_test(self, predictions: Predictions, place: dict[str, str]) -> Iterator[dict[str, Any]]:
        cases = predictions.of(place["test"], role=place["role"])
        fields = [str(field) for field in predictions.groups.columns]
        tests = []
        for field in fields:
            levels = [(level, ids) for name, level, ids in predictions.subgroups() if name == field]
            found = {level: self._on(cases[cases["case_id"].isin(ids)]) for level, ids in levels}
            for level, estimate in found.items():
                where = {**self._of_field(quantity_of(predictions), f"{field}={level}"), **place}
                yield row(estimate, **where)
            tests.append(_q(list(found.values()), cases))
            yield row(tests[-1], **self._of_field("heterogeneity", field), **place)
            unknown = len(cases) - sum(estimate.n for estimate in found.values())
            if unknown:
                count = Estimate(float(unknown), NAN, NAN, len(cases), "count")
                yield row(count, **self._of_field("level unknown", field), **place)
        for field, estimate in zip(fields, holm_adjusted(tests, what="subgroup fields"), strict=True):
            yield row(estimate, **self._of_field("heterogeneity, Holm", field), **place)

    def _on(self, cases: pd.DataFrame) -> Estimate:
        return discrimination_or_reason(cases, fewest=self.fewest, draws=self.draws, seed=self.seed)

    def _of_field(self, quantity: str, field: str) -> dict[str, str]:
        return {"analysis": self.kind, "quantity": quantity, "group": field}


def _q(estimates: list[Estimate], cases: pd.DataFrame) -> Estimate:
    """Cochran's Q of the levels that can be compared, with their cases; else NaN with all `cases`."""
    found = pooled(estimates, fewest=2, what="levels")
    if isinstance(found, str):
        n, events = size_of(cases)
        return replace(undefined(found, n=n), events=events)
    n, events = found.estimate.n, found.estimate.events
    method = f"Cochran's Q of {len(found.weights)} levels"
    return Estimate(found.q, NAN, NAN, n, method, p=found.q_p, events=events)
