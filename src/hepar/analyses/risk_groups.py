"""What happens to the risk groups whose limits were fixed on training data."""

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any, ClassVar, Literal

import numpy as np
import pandas as pd
from pydantic import Field

from ..data.predictions import Predictions
from ..stats.classification import proportion
from ..stats.curve_tests import TestResult, gray_test, log_rank
from ..stats.estimate import Estimate, StatisticError
from ..stats.followup import COMPETING
from ..stats.incidence import aalen_johansen
from ..stats.survival import Curve, at_risk_at, kaplan_meier, value_at
from .base import Analysis, Findings, curve, row
from .units import NAN, attempt, follow_up, numbers, on_units, positives, several_units, undefined

MOST_POINTS = 150
"""Points of one drawn survival curve."""

STEPS_Y = (0.5, 1.0, 2.0, 5.0, 10.0)
"""Years between two counts of those at risk: the first that gives no more than nine counts."""

SEVERAL = "participants have several units, which survival curves here do not allow for"

Row = dict[str, Any]


class RiskGroups(Analysis):
    """Observed risk (0 to 1) in each risk group of every test that has groups (of the first horizon); 0 is the lowest.

    For a time to event: Kaplan-Meier (event-free share over years) and the log-rank test, or with competing events
    the cumulative incidence and Gray's test; risk at each horizon, and numbers at risk. Otherwise the share with the
    outcome, with its exact interval, or from `draws` bootstrap samples where participants have several units. For a
    time to event several units of one participant are refused: neither test allows for them.
    """

    kind: Literal["risk_groups"] = "risk_groups"
    accepts: ClassVar = frozenset({"binary", "graded", "time_to_event"})
    draws: int = Field(default=1000, ge=100)
    seed: int = 0

    def run(self, predictions: Predictions) -> Findings:
        """Rows `observed proportion`, or `risk`, `at risk`, `log-rank` or `gray`; the curves of the groups."""
        rows: list[Row] = []
        curves: list[pd.DataFrame] = []
        horizons = predictions.reference.horizons_y
        for role, test in self.judged(predictions):
            cases = predictions.of(test.name, role=role)
            cases = cases[cases["risk_group"].notna()]
            place = {"analysis": self.kind, "test": test.name, "role": role}
            if cases.empty:
                continue
            if not horizons:
                rows += self._proportions(cases, place)
                continue
            competing = bool((follow_up(predictions.reference.table)[1] == COMPETING).any())
            rows.append(_test(cases, place, competing=competing))
            for group, part in cases.groupby("risk_group", sort=True):
                where = {**place, "group": f"risk_group={group:g}"}
                found = None if several_units(cases) else _followed(part, competing=competing)
                rows += _risks(found, part, horizons, where=where, competing=competing)
                if found is not None:
                    rows += _at_risk(found, _ticks(cases), where)
                    curves.append(_thinned(found, _ticks(cases), where, competing=competing))
        return Findings.of(rows, curves)

    def _proportions(self, cases: pd.DataFrame, place: Mapping[str, Any]) -> Iterator[Row]:
        def share(positive: np.ndarray) -> Estimate:
            return proportion(int(positive.sum()), positive.size)

        for group, part in cases.groupby("risk_group", sort=True):
            found = on_units(share, positives(part), rows=part, draws=self.draws, seed=self.seed)
            yield row(found, quantity="observed proportion", group=f"risk_group={group:g}", **place)


def _test(cases: pd.DataFrame, place: Mapping[str, Any], *, competing: bool) -> Row:
    name, test = ("gray", gray_test) if competing else ("log-rank", log_rank)

    def statistic() -> Estimate:
        if several_units(cases):
            raise StatisticError(SEVERAL)
        time, status = follow_up(cases)
        found: TestResult = test(time, status, numbers(cases, "risk_group"))
        method = f"{found.method}, chi-squared on {found.df} degrees of freedom"
        events = int((status == 1).sum())
        return Estimate(found.statistic, NAN, NAN, len(cases), method, p=found.p, events=events)

    return row(attempt(statistic, n=len(cases)), quantity=name, **place)


def _followed(cases: pd.DataFrame, *, competing: bool) -> Curve:
    time, status = follow_up(cases)
    return aalen_johansen(time, status) if competing else kaplan_meier(time, status)


def _risks(
    found: Curve | None,
    cases: pd.DataFrame,
    horizons_y: tuple[float, ...],
    *,
    where: Mapping[str, Any],
    competing: bool,
) -> Iterator[Row]:
    for horizon_y in horizons_y:
        estimate = (
            undefined(SEVERAL, n=len(cases))
            if found is None
            else attempt(partial(value_at, found, horizon_y), n=len(cases))
        )
        risk = estimate if competing else _complement(estimate)
        yield row(risk, quantity="risk", horizon_y=horizon_y, **where)


def _complement(survival: Estimate) -> Estimate:
    return Estimate(
        1 - survival.value,
        1 - survival.high,
        1 - survival.low,
        survival.n,
        survival.method if survival.value != survival.value else f"1 - {survival.method}",
        events=survival.events,
        se=survival.se,
    )


def _at_risk(found: Curve, ticks_y: np.ndarray, where: Mapping[str, Any]) -> Iterator[Row]:
    for time_y, count in zip(ticks_y, at_risk_at(found, ticks_y), strict=True):
        estimate = Estimate(float(count), NAN, NAN, found.n, "count")
        yield row(estimate, quantity="at risk", horizon_y=float(time_y), **where)


def _ticks(cases: pd.DataFrame) -> np.ndarray:
    longest = float(numbers(cases, "time_y").max())
    step = next((s for s in STEPS_Y if longest / s <= 8), STEPS_Y[-1])
    return np.arange(0, longest + 1e-9, step)


def _thinned(found: Curve, ticks_y: np.ndarray, where: Mapping[str, Any], *, competing: bool) -> pd.DataFrame:
    """The curve from time 0 to the end of follow-up, at every tick, and at its steps as far as there is room.

    `n` counts those at risk just before each point.
    """
    end = found.time[-1]
    steps = np.append(found.time[found.events > 0], end)
    room = min(steps.size, MOST_POINTS - ticks_y.size)
    picked = steps[np.linspace(0, steps.size - 1, room).round().astype(int)]
    x = np.union1d(picked, ticks_y[ticks_y <= end])
    at = np.searchsorted(found.time, x, side="right")
    start = np.array([found.start])
    y, low, high = (np.concatenate([start, v])[at] for v in (found.value, found.low, found.high))
    name = "cumulative incidence" if competing else "kaplan-meier"
    more: dict[str, Any] = {"low": low, "high": high, "n": at_risk_at(found, x), **where}
    return curve(name, x, y, **more)
