"""Whether one test is better than another, on the same cases."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any, ClassVar, Literal, Self

import numpy as np
import pandas as pd
from pydantic import Field, model_validator

from ..core.errors import ProtocolError
from ..data.predictions import Predictions
from ..stats.concordance import c_difference
from ..stats.estimate import Estimate
from ..stats.horizon import auc_at, auc_at_difference
from .base import Analysis, Findings, row
from .folds import (
    OVER,
    auc_difference_within_folds,
    c_difference_within_folds,
    in_folds,
    over_folds,
    with_folds,
)
from .pairing import Pairs, holm_rows, pairs_of
from .units import auc_difference_on, auc_on, follow_up, numbers, on_units

WITHIN: Mapping[str, Callable[..., Estimate]] = {
    "auc difference": auc_difference_within_folds,
    "harrell c difference": c_difference_within_folds,
}
"""Quantity -> its difference within folds."""

Row = dict[str, Any]


class Comparison(Analysis):
    """Paired difference in AUC, and for a time to event in C and in AUC at each horizon (years).

    `pairs` lists `(test, versus)`; empty, the primary index test is held against every other test. Only the cases that
    both tests scored count, and both AUCs on those cases are given beside the difference. The family of Holm's
    adjustment is all pairs of one role, one quantity and one horizon. Uno's C ends at the last horizon and takes the
    scores of the first. Differences within folds compare no two cases of different folds of a cross-validation, and
    differences over training sets count that models trained on other cases would differ; neither is adjusted. Where
    participants have several units, variances are clustered (Obuchowski), or `draws` bootstrap samples of participants
    give them.
    """

    kind: Literal["comparison"] = "comparison"
    accepts: ClassVar = frozenset({"binary", "graded", "time_to_event"})
    pairs: Pairs = ()
    draws: int = Field(default=1000, ge=100)
    seed: int = 0

    @model_validator(mode="after")
    def _two_tests_each(self) -> Self:
        same = [first for first, second in self.pairs if first == second]
        if same:
            raise ProtocolError(f"comparison.pairs: {same[0]!r} is held against itself; name two tests")
        if len(set(self.pairs)) < len(self.pairs):
            raise ProtocolError("comparison.pairs: a pair stands twice; name each once")
        return self

    @property
    def names_tests(self) -> tuple[str, ...]:
        """See `Analysis`."""
        return tuple(dict.fromkeys(name for pair in self.pairs for name in pair))

    def run(self, predictions: Predictions) -> Findings:
        """Rows `auc difference` (`harrell c difference`, `uno c difference`), and its variants; both AUCs."""
        roles = dict.fromkeys(role for role, _ in self.judged(predictions))
        pairs = pairs_of(predictions, self.pairs)
        timed = predictions.outcome.kind == "time_to_event"
        of_role = self._timed if timed else self._classes
        return Findings.of(found for role in roles for found in of_role(predictions, pairs, role))

    def _classes(self, predictions: Predictions, pairs: Pairs, role: str) -> Iterator[Row]:
        both = [predictions.paired(pair, role=role) for pair in pairs]
        difference = [
            auc_difference_on(cases, first=f"score_{a}", second=f"score_{b}")
            for cases, (a, b) in zip(both, pairs, strict=True)
        ]
        yield from self._rows(pairs, difference, quantity="auc difference", role=role)
        yield from self._within(predictions, pairs, role, quantity="auc difference")
        for cases, (a, b) in zip(both, pairs, strict=True):
            for test, versus in ((a, b), (b, a)):
                estimate = auc_on(cases, column=f"score_{test}")
                yield self._row(estimate, quantity="auc, paired cases", test=test, versus=versus, role=role)

    def _timed(self, predictions: Predictions, pairs: Pairs, role: str) -> Iterator[Row]:
        horizons = predictions.reference.horizons_y
        both = [predictions.paired(pair, role=role) for pair in pairs]
        for quantity, tau in (("harrell c difference", None), ("uno c difference", max(horizons))):
            place = {} if tau is None else {"horizon_y": tau}
            found = self._differences(partial(c_difference, tau=tau), both, pairs)
            yield from self._rows(pairs, found, quantity=quantity, role=role, **place)
        yield from self._within(predictions, pairs, role, quantity="harrell c difference")
        for horizon_y in horizons:
            both = [predictions.paired(pair, role=role, horizon_y=horizon_y) for pair in pairs]
            found = self._differences(partial(auc_at_difference, horizon_y=horizon_y), both, pairs)
            yield from self._rows(pairs, found, quantity="auc difference", role=role, horizon_y=horizon_y)
            yield from self._alone(both, pairs, role=role, horizon_y=horizon_y)

    def _within(self, predictions: Predictions, pairs: Pairs, role: str, *, quantity: str) -> Iterator[Row]:
        difference = WITHIN[quantity]
        for a, b in pairs:
            both = predictions.paired((a, b), role=role)
            cases = with_folds(both, predictions, tests=(a, b), role=role)
            if in_folds(cases, role=role):
                columns = {"first": f"score_{a}", "second": f"score_{b}"}
                estimate = difference(cases, **columns, draws=self.draws, seed=self.seed)
                place = {"test": a, "versus": b, "role": role}
                yield self._row(estimate, quantity=f"{quantity}, within folds", **place)
                if quantity == "auc difference":
                    over = over_folds(auc_difference_on(both, **columns), cases)
                    yield self._row(over, quantity=f"{quantity}{OVER}", **place)

    def _differences(
        self, statistic: Callable[..., Estimate], both: list[pd.DataFrame], pairs: Pairs
    ) -> list[Estimate]:
        def difference(time: np.ndarray, status: np.ndarray, *scores: np.ndarray) -> Estimate:
            return statistic(time, status, first=scores[0], second=scores[1])

        return [
            on_units(
                difference,
                *follow_up(cases),
                numbers(cases, f"score_{a}"),
                numbers(cases, f"score_{b}"),
                rows=cases,
                draws=self.draws,
                seed=self.seed,
                null=0.0,
            )
            for cases, (a, b) in zip(both, pairs, strict=True)
        ]

    def _alone(self, both: list[pd.DataFrame], pairs: Pairs, *, role: str, horizon_y: float) -> Iterator[Row]:
        for cases, (a, b) in zip(both, pairs, strict=True):
            for test, versus in ((a, b), (b, a)):
                estimate = on_units(
                    partial(auc_at, horizon_y=horizon_y),
                    *follow_up(cases),
                    numbers(cases, f"score_{test}"),
                    rows=cases,
                    draws=self.draws,
                    seed=self.seed,
                )
                place = {"test": test, "versus": versus, "role": role, "horizon_y": horizon_y}
                yield self._row(estimate, quantity="auc, paired cases", **place)

    def _rows(
        self, pairs: Pairs, estimates: list[Estimate], *, quantity: str, role: str, **place: Any
    ) -> list[Row]:
        named = [(a, b, estimate) for (a, b), estimate in zip(pairs, estimates, strict=True)]
        more = {"quantity": quantity, "role": role, **place}
        alone = [self._row(e, test=a, versus=b, **more) for a, b, e in named]
        return [*alone, *holm_rows(named, analysis=self.kind, **more)]

    def _row(self, estimate: Estimate, **place: Any) -> Row:
        return row(estimate, analysis=self.kind, **place)
