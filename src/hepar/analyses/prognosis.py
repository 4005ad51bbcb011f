"""How well each test foretells when the event comes."""

from collections.abc import Iterator
from functools import partial
from typing import Any, ClassVar, Literal

import numpy as np
import pandas as pd
from pydantic import Field

from ..data.predictions import Predictions
from ..stats.brier import brier_at, integrated_brier, scaled_brier_at
from ..stats.concordance import harrell_c, uno_c
from ..stats.estimate import Estimate
from ..stats.followup import CENSORED, EVENT
from ..stats.horizon import auc_at
from ..stats.survival import median_follow_up
from .base import Analysis, Findings, row
from .folds import c_within_folds, in_folds
from .units import NAN, Statistic, follow_up, numbers, on_units, with_probability


class Prognosis(Analysis):
    """Harrell's and Uno's C, AUC and Brier score at each horizon (years), and the integrated Brier score.

    All values lie between 0 and 1 (the scaled Brier score may be negative). Uno's C ends at the last horizon. A
    participant with a competing event never has the event of interest: it stays comparable with every event in C,
    is a control in the AUC, and counts as event-free in the Brier score. C takes the scores of the first horizon;
    within folds it compares no two cases of different folds of a cross-validation, whose models differ in scale.
    Brier scores are given for tests with a probability; the integrated one is the mean over the horizons (two or
    more) by the trapezoid rule. Rows without a test tell of the cohort: the median follow-up in years (reverse
    Kaplan-Meier), and of how many cases the state at each horizon is known (an event of either kind by then, or
    followed beyond it).
    """

    kind: Literal["prognosis"] = "prognosis"
    accepts: ClassVar = frozenset({"time_to_event"})
    draws: int = Field(default=1000, ge=100)
    seed: int = 0

    def run(self, predictions: Predictions) -> Findings:
        """Rows `harrell c`, `harrell c, within folds`, `uno c`, `auc`, `brier`, `scaled brier`, `integrated brier`.

        About the cohort: `median follow-up`, `status known` (a count).
        """
        judged = self.judged(predictions)
        of_tests = (
            found
            for role, test in judged
            for part in (self._concordance, self._at_horizons, self._integrated)
            for found in part(predictions, {"test": test.name, "role": role})
        )
        of_cohort = (
            found for role in predictions.roles() for found in self._follow_up(predictions, role=role)
        )
        return Findings.of([*of_tests, *of_cohort])

    def _follow_up(self, predictions: Predictions, *, role: str) -> Iterator[dict[str, Any]]:
        """Rows about the cases of a role, whatever the tests: `test` is empty."""
        cases = cases_of(predictions, role=role)
        time, status = follow_up(cases)
        place = {"test": "", "role": role}
        estimate = self._on(median_follow_up, time, status, rows=cases)
        yield self._row(estimate, quantity="median follow-up", **place)
        for horizon_y in predictions.reference.horizons_y:
            happened = (status == EVENT) & (time <= horizon_y)
            known = (status != CENSORED) | (time > horizon_y)
            count = Estimate(float(known.sum()), NAN, NAN, len(cases), "count", events=int(happened.sum()))
            yield self._row(count, quantity="status known", horizon_y=horizon_y, **place)

    def _concordance(self, predictions: Predictions, place: dict[str, str]) -> Iterator[dict[str, Any]]:
        cases = predictions.of(place["test"], role=place["role"])
        columns = (*follow_up(cases), numbers(cases, "score"))
        yield self._row(self._on(harrell_c, *columns, rows=cases), quantity="harrell c", **place)
        if in_folds(cases, role=place["role"]):
            within = c_within_folds(cases, draws=self.draws, seed=self.seed)
            yield self._row(within, quantity="harrell c, within folds", **place)
        tau = max(predictions.reference.horizons_y)
        estimate = self._on(partial(uno_c, tau=tau), *columns, rows=cases)
        yield self._row(estimate, quantity="uno c", horizon_y=tau, **place)

    def _at_horizons(self, predictions: Predictions, place: dict[str, str]) -> Iterator[dict[str, Any]]:
        for horizon_y in predictions.reference.horizons_y:
            cases = predictions.of(place["test"], role=place["role"], horizon_y=horizon_y)
            found = self._on(
                partial(auc_at, horizon_y=horizon_y), *follow_up(cases), numbers(cases, "score"), rows=cases
            )
            yield self._row(found, quantity="auc", horizon_y=horizon_y, **place)
            known = with_probability(cases)
            if known.empty:
                continue
            columns = (*follow_up(known), numbers(known, "probability"))
            for quantity, statistic in (("brier", brier_at), ("scaled brier", scaled_brier_at)):
                found = self._on(partial(statistic, horizon_y=horizon_y), *columns, rows=known)
                yield self._row(found, quantity=quantity, horizon_y=horizon_y, **place)

    def _integrated(self, predictions: Predictions, place: dict[str, str]) -> Iterator[dict[str, Any]]:
        horizons = sorted(predictions.reference.horizons_y)
        cases = probabilities_at(predictions, place["test"], role=place["role"], horizons_y=horizons)
        if cases.empty or len(horizons) < 2:
            return
        columns = [numbers(cases, f"probability_{t:g}") for t in horizons]

        def integrated(time: np.ndarray, status: np.ndarray, *probability: np.ndarray) -> Estimate:
            return integrated_brier(time, status, np.stack(probability, axis=1), times=np.array(horizons))

        found = self._on(integrated, *follow_up(cases), *columns, rows=cases)
        yield self._row(found, quantity="integrated brier", horizon_y=horizons[-1], **place)

    def _on(self, statistic: Statistic, *columns: np.ndarray, rows: pd.DataFrame) -> Estimate:
        return on_units(statistic, *columns, rows=rows, draws=self.draws, seed=self.seed)

    def _row(self, estimate: Estimate, **place: Any) -> dict[str, Any]:
        return row(estimate, analysis=self.kind, **place)


def cases_of(predictions: Predictions, *, role: str) -> pd.DataFrame:
    """Every case that a test was applied to in this role, with or without a score, beside its outcome."""
    table, truth = predictions.table, predictions.reference.table.reset_index()
    key = ["case_id", "unit"]
    cases = table.loc[table["role"] == role, key].drop_duplicates()
    return cases.merge(truth, on=key, how="inner", validate="one_to_one").sort_values(
        key, kind="stable", ignore_index=True
    )


def probabilities_at(
    predictions: Predictions, test: str, *, role: str, horizons_y: list[float]
) -> pd.DataFrame:
    """Cases with a probability at every horizon, in columns `probability_<horizon>`."""
    frames = [with_probability(predictions.of(test, role=role, horizon_y=t)) for t in horizons_y]
    both = frames[0]
    for t, frame in zip(horizons_y, frames, strict=True):
        column = frame[["case_id", "unit", "probability"]].rename(
            columns={"probability": f"probability_{t:g}"}
        )
        both = both.merge(column, on=["case_id", "unit"], how="inner", validate="one_to_one")
    return both
