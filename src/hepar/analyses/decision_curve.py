"""Whether acting on a test does more good than treating everyone or nobody."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Annotated, Any, ClassVar, Literal, Self

import numpy as np
import pandas as pd
from pydantic import Field, model_validator

from ..core.errors import ProtocolError
from ..data.predictions import Predictions
from ..stats.estimate import Estimate, StatisticError
from ..stats.resampling import bootstrap_difference
from ..stats.utility import net_benefit_difference
from .base import Analysis, Findings, curve, row
from .benefit import ALL, NONE, Policy, benefit, benefit_of_all, benefit_under, on_common_cases, policies_of
from .units import attempt, follow_up, numbers, positives

STEPS = 50
"""Thresholds of one curve."""

LOWEST, HIGHEST = 0.02, 0.6
"""Bounds of the thresholds drawn, unless the protocol says otherwise."""

Probability = Annotated[float, Field(gt=0, lt=1)]
Row = dict[str, Any]


class DecisionCurve(Analysis):
    """Net benefit (true positives per case, false ones weighed) of every test over threshold probabilities.

    `between` bounds the thresholds; without it they run from 0.02 to twice the prevalence (the risk at the horizon),
    kept between 0.2 and 0.6. A comparator without probability enters by each published cut-off, as a rule. Curves are
    drawn on the cases that all of these tests scored. Rows at each clinical threshold of `at` (empty: the tests' own
    probability cut-offs) use all cases of their test: net benefit, and its difference from the better of treating all
    and treating none there, with intervals from `draws` bootstrap samples of participants.
    """

    kind: Literal["decision_curve"] = "decision_curve"
    accepts: ClassVar = frozenset({"binary", "graded", "time_to_event"})
    between: tuple[Probability, Probability] | None = None
    at: tuple[Probability, ...] = ()
    draws: int = Field(default=1000, ge=100)
    seed: int = 0

    @model_validator(mode="after")
    def _rising(self) -> Self:
        if self.between is not None and self.between[0] >= self.between[1]:
            raise ProtocolError(f"decision_curve.between: {self.between} must rise, e.g. [0.05, 0.5]")
        return self

    def run(self, predictions: Predictions) -> Findings:
        """Rows `net benefit`, `net benefit difference`; curves `net benefit`, those of the defaults among them."""
        rows: list[Row] = []
        curves: list[pd.DataFrame] = []
        thresholds = self.at or _clinical(predictions)
        for role in dict.fromkeys(role for role, _ in self.judged(predictions)):
            for horizon_y in predictions.reference.horizons_y or (None,):
                place = {"analysis": self.kind, "role": role}
                policies = policies_of(predictions, role=role, horizon_y=horizon_y)
                for policy in policies:
                    where = {**place, "test": policy.test, "group": policy.group}
                    rows += self._rows(policy.cases, thresholds, horizon_y=horizon_y, where=where)
                curves += self._curves(policies, horizon_y, place) if policies else []
        return Findings.of(rows, curves)

    def _rows(
        self,
        cases: pd.DataFrame,
        thresholds: tuple[float, ...],
        horizon_y: float | None,
        *,
        where: Mapping[str, Any],
    ) -> Iterator[Row]:
        timed = {} if horizon_y is None else {"horizon_y": horizon_y}
        for threshold in thresholds:
            better = _better_default(cases, threshold, horizon_y)
            for quantity, against in (("net benefit", NONE), ("net benefit difference", better)):
                difference = self._classes if horizon_y is None else partial(self._timed, horizon_y=horizon_y)
                estimate = attempt(partial(difference, cases, against, threshold=threshold), n=len(cases))
                versus = against if quantity == "net benefit difference" else ""
                more = {"threshold": threshold, **timed, **where}
                yield row(estimate, quantity=quantity, versus=versus, **more)

    def _classes(self, cases: pd.DataFrame, against: str, *, threshold: float) -> Estimate:
        return net_benefit_difference(
            positives(cases),
            numbers(cases, "decision"),
            np.full(len(cases), float(against == ALL)),
            threshold=threshold,
            draws=self.draws,
            seed=self.seed,
            cluster=cases["participant_id"].to_numpy(),
        )

    def _timed(self, cases: pd.DataFrame, against: str, *, threshold: float, horizon_y: float) -> Estimate:
        acts = (cases, cases.assign(decision=float(against == ALL)))
        cut = np.array([threshold])
        gains = [float(benefit(act, cut, horizon_y=horizon_y)[0]) for act in acts]
        if np.isnan(gains).any():
            raise StatisticError(f"those treated at {threshold:g} were not followed to {horizon_y:g} years")
        first, second = (benefit_under(act, threshold=threshold, horizon_y=horizon_y) for act in acts)
        found = bootstrap_difference(
            first,
            second,
            cases["participant_id"].to_numpy(),
            draws=self.draws,
            seed=self.seed,
        )
        time, status = follow_up(cases)
        events = int(((status == 1) & (time <= horizon_y)).sum())
        method = f"difference of net benefit at {threshold:g}, by {horizon_y:g} years, {found.method}"
        return replace(found, value=gains[0] - gains[1], method=method, events=events)

    def _curves(
        self, policies: list[Policy], horizon_y: float | None, place: Mapping[str, Any]
    ) -> Iterator[pd.DataFrame]:
        common = on_common_cases(policies)
        everyone = common[0].cases
        group = "" if horizon_y is None else f"horizon_y={horizon_y:g}"
        try:
            x = self._thresholds(everyone, horizon_y)
            lines = {(p.test, p.group): benefit(p.cases, x, horizon_y=horizon_y) for p in common}
            lines[ALL, ""] = benefit_of_all(everyone, x, horizon_y=horizon_y)
        except StatisticError:
            return  # no case in common, or one class only
        lines[NONE, ""] = np.zeros(x.size)
        for (test, rule), y in lines.items():
            where = "; ".join(filter(None, (group, rule)))
            more: dict[str, Any] = {"test": test, "group": where, "n": len(everyone), **place}
            yield curve("net benefit", x, y, **more)

    def _thresholds(self, cases: pd.DataFrame, horizon_y: float | None) -> np.ndarray:
        if self.between is not None:
            return np.linspace(*self.between, STEPS)
        prevalence = float(benefit_of_all(cases, np.zeros(1), horizon_y=horizon_y)[0])
        return np.linspace(LOWEST, min(HIGHEST, max(0.2, 2 * prevalence)), STEPS)


def _better_default(cases: pd.DataFrame, threshold: float, horizon_y: float | None) -> str:
    try:
        gain = benefit_of_all(cases, np.array([threshold]), horizon_y=horizon_y)[0]
    except StatisticError:
        return NONE  # the difference itself is not defined either, and its row says why
    return ALL if gain > 0 else NONE


def _clinical(predictions: Predictions) -> tuple[float, ...]:
    """Probability cut-offs that the protocol gave its tests."""
    cuts = (cut for test in predictions.tests for cut in test.thresholds)
    return tuple(sorted({cut.value for cut in cuts if cut.scale == "probability" and 0 < cut.value < 1}))
