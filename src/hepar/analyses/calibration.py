"""Whether the predicted probabilities happen as often as they say."""

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any, ClassVar, Literal

import numpy as np
import pandas as pd
from pydantic import Field

from ..data.predictions import Predictions
from ..stats.brier import brier_at, scaled_brier_at
from ..stats.calibration import (
    brier,
    calibration_intercept,
    calibration_slope,
    observed_expected_ratio,
    scaled_brier,
)
from ..stats.calibration_curve import (
    SmoothCurve,
    calibration_curve,
    expected_calibration_error,
    integrated_calibration_index,
    smooth_calibration,
)
from ..stats.estimate import Estimate, StatisticError
from ..stats.horizon_calibration import HorizonCalibration, calibration_at
from .base import Analysis, Findings, curve, row
from .units import Statistic, follow_up, numbers, on_units, positives, with_probability

CASES_A_GROUP = 20
"""Fewest cases of a group of the calibration curve, on average; fewer groups are made where there are fewer cases."""

IDEAL: Mapping[str, float] = {"slope": 1.0, "intercept": 0.0, "o:e": 1.0}
"""Values that are tested."""

Row = dict[str, Any]


class Calibration(Analysis):
    """Slope (1 is ideal), intercept (log-odds, 0), observed : expected (1), Brier score, ICI and ECE (0).

    ICI is the mean distance of a smooth curve from the diagonal, ECE that of `groups` groups of like probability.
    Every test with a probability is judged, the others are left out; for a time to event at each horizon (years),
    with censoring and competing events, and without ICI, ECE and the smooth curve. Where participants have several
    units, intervals come from `draws` bootstrap samples of participants; those of the curves stay unadjusted.
    """

    kind: Literal["calibration"] = "calibration"
    accepts: ClassVar = frozenset({"binary", "graded", "time_to_event"})
    groups: int = Field(default=10, ge=2)
    draws: int = Field(default=1000, ge=100)
    seed: int = 0

    def run(self, predictions: Predictions) -> Findings:
        """Rows `slope, intercept, o:e, brier, scaled brier, ece, ici`; curves `calibration`, `calibration, smooth`."""
        rows: list[Row] = []
        curves: list[pd.DataFrame] = []
        for role, test in self.judged(predictions):
            place = {"analysis": self.kind, "test": test.name, "role": role}
            for horizon_y in predictions.reference.horizons_y or (None,):
                cases = with_probability(predictions.of(test.name, role=role, horizon_y=horizon_y))
                if cases.empty:
                    continue
                if horizon_y is None:
                    rows += self._rows(cases, _classes(self._bins(cases)), place)
                    curves += self._curves(cases, place)
                else:
                    statistics = _timed(horizon_y)
                    rows += self._rows(cases, statistics, {**place, "horizon_y": horizon_y})
                    curves += self._timed_curve(cases, horizon_y, place)
        return Findings.of(rows, curves)

    def _bins(self, cases: pd.DataFrame) -> int:
        return max(2, min(self.groups, len(cases) // CASES_A_GROUP))

    def _rows(
        self, cases: pd.DataFrame, statistics: Mapping[str, Statistic], place: Mapping[str, Any]
    ) -> Iterator[Row]:
        outcome = follow_up(cases) if "horizon_y" in place else (positives(cases),)
        for quantity, statistic in statistics.items():
            columns = (*outcome, numbers(cases, "probability"))
            null = IDEAL.get(quantity)
            found = on_units(statistic, *columns, rows=cases, draws=self.draws, seed=self.seed, null=null)
            yield row(found, quantity=quantity, **place)

    def _curves(self, cases: pd.DataFrame, place: dict[str, Any]) -> Iterator[pd.DataFrame]:
        truth, p = positives(cases), numbers(cases, "probability")
        try:
            found = calibration_curve(truth, p, bins=self._bins(cases))
            smooth = _smooth(truth, p)
        except StatisticError:
            return  # the rows give the reason
        more: dict[str, Any] = {"low": found.low, "high": found.high, "n": found.n, **place}
        yield curve("calibration", found.predicted, found.observed, **more)
        more = {"low": smooth.low, "high": smooth.high, "n": len(cases), **place}
        yield curve("calibration, smooth", smooth.x, smooth.y, **more)

    def _timed_curve(
        self, cases: pd.DataFrame, horizon_y: float, place: dict[str, Any]
    ) -> Iterator[pd.DataFrame]:
        p, groups = numbers(cases, "probability"), self._bins(cases)
        try:
            found = calibration_at(*follow_up(cases), p, horizon_y=horizon_y, groups=groups)
        except StatisticError:
            return  # the rows give the reason
        y, low, high, n = np.array([(e.value, e.low, e.high, e.n) for e in found.observed]).T
        group = f"horizon_y={horizon_y:g}"
        yield curve("calibration", found.predicted, y, low=low, high=high, n=n, group=group, **place)


def _classes(groups: int) -> dict[str, Statistic]:
    return {
        "slope": calibration_slope,
        "intercept": calibration_intercept,
        "o:e": observed_expected_ratio,
        "brier": brier,
        "scaled brier": scaled_brier,
        "ece": partial(expected_calibration_error, bins=groups),
        "ici": _ici,
    }


def _timed(horizon_y: float) -> dict[str, Statistic]:
    def part(name: str) -> Statistic:
        def statistic(time: np.ndarray, status: np.ndarray, p: np.ndarray) -> Estimate:
            found: HorizonCalibration = calibration_at(time, status, p, horizon_y=horizon_y, groups=2)
            estimate: Estimate = getattr(found, name)
            return estimate

        return statistic

    return {
        "slope": part("slope"),
        "intercept": part("intercept"),
        "o:e": part("ratio"),
        "brier": partial(brier_at, horizon_y=horizon_y),
        "scaled brier": partial(scaled_brier_at, horizon_y=horizon_y),
    }


def _ici(positive: np.ndarray, probability: np.ndarray) -> Estimate:
    try:
        return integrated_calibration_index(positive, probability).ici
    except StatisticError:  # too few distinct probabilities, or a certain one, for a spline of the log-odds
        return integrated_calibration_index(positive, probability, smoother="loess").ici


def _smooth(positive: np.ndarray, probability: np.ndarray) -> SmoothCurve:
    try:
        return smooth_calibration(positive, probability)
    except StatisticError:
        return smooth_calibration(positive, probability, smoother="loess")
