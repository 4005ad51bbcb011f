"""Whether an index test is shown to do better than chance."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, ClassVar, Literal

import numpy as np
import pandas as pd
from pydantic import Field

from ..data.predictions import Predictions
from ..stats.agreement import spearman
from ..stats.estimate import Estimate, StatisticError
from ..stats.horizon import auc_at
from ..stats.ipcw import horizon_weights
from ..stats.multiplicity import holm
from ..stats.permutation import auc_permutation, permutation_p, spearman_permutation
from ..stats.resampling import auc_weighted
from .base import Analysis, Findings, row
from .units import NAN, attempt, auc_on, follow_up, numbers, on_units, positives, several_units

ALPHA = 0.05
"""Two-sided error rate over all index tests of one role."""

CELLS_PER_BLOCK = 4_000_000
"""Permuted weights held at once."""

Row = dict[str, Any]


class Chance(Analysis):
    """AUC of every index test (for a time to event at the first horizon) or Spearman's rho, with its permutation p.

    `draws` times the held-out scores are dealt anew among the cases. This tests whether the predictions carry
    information, not the fitting: no model is refitted, so it says nothing of how a model would do on other training
    data. `better than chance` is 1 where the AUC is above 0.5 (rho above 0) and p, adjusted by Holm over the index
    tests, is at most 0.05, and 0 where the test was not shown to be better than chance, which does not show that it is
    no better. Scores of several units of one participant cannot be dealt; there p is that of the clustered AUC, or of a
    bootstrap of participants for rho.
    """

    kind: Literal["chance"] = "chance"
    accepts: ClassVar = frozenset({"binary", "graded", "continuous", "time_to_event"})
    draws: int = Field(default=2000, ge=100)
    seed: int = 0

    def run(self, predictions: Predictions) -> Findings:
        """Rows `auc` or `spearman` (p by permutation) and `better than chance` (p by Holm)."""
        roles = dict.fromkeys(role for role, _ in self.judged(predictions))
        return Findings.of(found for role in roles for found in self._rows(predictions, role))

    def _rows(self, predictions: Predictions, role: str) -> Iterator[Row]:
        horizons = predictions.reference.horizons_y
        place: dict[str, Any] = {"analysis": self.kind, "role": role}
        if horizons:
            place["horizon_y"] = horizons[0]
        names = [test.name for test in predictions.index_tests()]
        ranked = predictions.outcome.kind == "continuous"
        quantity, useless = ("spearman", 0.0) if ranked else ("auc", 0.5)
        found = [self._estimate(predictions.of(name, role=role), horizons, ranked=ranked) for name in names]
        adjusted = holm(np.array([estimate.p for estimate in found]))
        for name, estimate, p in zip(names, found, adjusted, strict=True):
            yield row(estimate, quantity=quantity, test=name, **place)
            verdict = _verdict(estimate, float(p), len(names), useless=useless)
            yield row(verdict, quantity="better than chance", test=name, **place)

    def _estimate(self, cases: pd.DataFrame, horizons: tuple[float, ...], *, ranked: bool) -> Estimate:
        n = len(cases)
        if ranked:
            return self._ranked(cases)
        if horizons:
            return attempt(lambda: self._timed(cases, horizons[0]), n=n)
        if several_units(cases):
            return auc_on(cases)
        columns = (positives(cases), numbers(cases, "score"))
        found = attempt(lambda: auc_permutation(*columns, seed=self.seed, draws=self.draws), n=n)
        return _beside_interval(found, auc_on(cases))

    def _ranked(self, cases: pd.DataFrame) -> Estimate:
        columns = (numbers(cases, "value"), numbers(cases, "score"))
        shown = on_units(spearman, *columns, rows=cases, draws=self.draws, seed=self.seed, null=0.0)
        if several_units(cases):
            return shown
        dealt = attempt(
            lambda: spearman_permutation(*columns, seed=self.seed, draws=self.draws), n=len(cases)
        )
        return _beside_interval(dealt, shown)

    def _timed(self, cases: pd.DataFrame, horizon_y: float) -> Estimate:
        if several_units(cases):
            raise StatisticError("participants have several units, whose scores are not exchangeable")
        time, status = follow_up(cases)
        score = numbers(cases, "score")
        found = auc_at(time, status, score, horizon_y=horizon_y)
        weights = horizon_weights(time, status, horizon_y=horizon_y)
        case, control = weights.event[0], weights.competing[0] + weights.free[0]
        null = _dealt(score, case, control, draws=self.draws, seed=self.seed)
        method = f"{found.method}; p by permutation of scores, {self.draws} draws, two-sided"
        return replace(found, p=permutation_p(found.value, null), method=method)


def _dealt(score: np.ndarray, case: np.ndarray, control: np.ndarray, *, draws: int, seed: int) -> np.ndarray:
    """AUC at the horizon with the outcomes (weights as case and as control) dealt anew among the scores, (draws,)."""
    rng, n = np.random.default_rng(seed), score.size
    role = np.repeat([True, False], n)  # everyone stands once as case and once as control, by weight
    height = max(1, CELLS_PER_BLOCK // (2 * n))
    parts = []
    for start in range(0, draws, height):
        order = rng.permuted(np.tile(np.arange(n), (min(height, draws - start), 1)), axis=1)
        weights = np.concatenate([case[order], control[order]], axis=1)
        parts.append(auc_weighted(role, np.tile(score, 2), weights))
    return np.concatenate(parts)


def _beside_interval(found: Estimate, shown: Estimate) -> Estimate:
    """The permutation's p with the interval of the estimate itself."""
    if found.value != found.value:
        return found
    method = f"{shown.method} interval; p by {found.method}"
    return replace(found, low=shown.low, high=shown.high, se=shown.se, method=method)


def _verdict(estimate: Estimate, p: float, tests: int, *, useless: float) -> Estimate:
    if p != p:
        return replace(estimate, value=NAN, low=NAN, high=NAN, p=NAN, se=NAN)
    better = float(estimate.value > useless and p <= ALPHA)
    what = "AUC is above 0.5" if useless else "correlation is above 0"
    method = (
        f"1 where the {what} and p, by Holm over {tests} index tests, at most {ALPHA:g}; 0: not shown to be "
        "better than chance"
    )
    return Estimate(better, NAN, NAN, estimate.n, method, p=p, events=estimate.events)
