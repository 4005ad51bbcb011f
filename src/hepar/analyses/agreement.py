"""How closely a predicted quantity follows, and equals, the measured one."""

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any, ClassVar, Literal

import numpy as np
import pandas as pd
from pydantic import Field

from ..data.predictions import Predictions, Test
from ..stats.agreement import (
    BlandAltman,
    bland_altman,
    bland_altman_repeated,
    concordance_correlation,
    pearson,
    spearman,
)
from ..stats.dependent_correlation import correlation_difference, spearman_difference
from ..stats.estimate import Estimate
from ..stats.intraclass import icc
from .base import Analysis, Findings, curve, row
from .pairing import Pairs, holm_rows, pairs_of
from .units import Statistic, attempt_all, numbers, on_units, several_units

MOST_POINTS = 500
"""Cases drawn in one scatter plot: all, or as many evenly over the order of the reference values."""

LIMITS: Mapping[str, str] = {"bias": "bias", "lower limit": "lower", "upper limit": "upper"}
"""Quantity -> its name in `BlandAltman`."""

DIFFERENCES: Mapping[str, Statistic] = {
    "pearson difference": correlation_difference,
    "spearman difference": spearman_difference,
}
"""Quantity -> its paired difference."""

Row = dict[str, Any]


class Agreement(Analysis):
    """Correlation of every test with the reference, and agreement of those that predict it in its own unit.

    Pearson's r and Spearman's rho are given for all, with their paired differences for `pairs` (as in `comparison`;
    empty, the primary index test against each other one), p by Williams and by Steiger; Lin's concordance, ICC(A,1),
    bias and 95 % limits of agreement (prediction - reference, in the unit of the outcome) for index tests and for the
    comparators named in `same_unit`. Where participants have several units, limits are those for repeated pairs, other
    intervals come from `draws` bootstrap samples of participants.
    """

    kind: Literal["agreement"] = "agreement"
    accepts: ClassVar = frozenset({"continuous"})
    same_unit: tuple[str, ...] = ()
    pairs: Pairs = ()
    draws: int = Field(default=1000, ge=100)
    seed: int = 0

    @property
    def names_tests(self) -> tuple[str, ...]:
        """See `Analysis`."""
        return tuple(dict.fromkeys([*self.same_unit, *(name for pair in self.pairs for name in pair)]))

    def run(self, predictions: Predictions) -> Findings:
        """Rows `pearson, spearman` and differences, `ccc, icc, bias, lower limit, upper limit`; two curves."""
        rows: list[Row] = []
        curves: list[pd.DataFrame] = []
        for role, test in self.judged(predictions):
            cases = predictions.of(test.name, role=role)
            place = {"analysis": self.kind, "test": test.name, "role": role}
            rows += self._correlations(cases, place)
            curves.append(_points("scatter", cases, place))
            if self._in_its_unit(test):
                rows += self._agreement(cases, place)
                curves.append(_points("bland-altman", cases, place))
        for role in predictions.roles():
            rows += self._differences(predictions, role)
        return Findings.of(rows, curves)

    def _in_its_unit(self, test: Test) -> bool:
        return test.role == "index" or test.name in self.same_unit

    def _correlations(self, cases: pd.DataFrame, place: Mapping[str, Any]) -> Iterator[Row]:
        columns = (numbers(cases, "score"), numbers(cases, "value"))
        for quantity, statistic in (("pearson", pearson), ("spearman", spearman)):
            yield row(self._on(statistic, *columns, rows=cases), quantity=quantity, **place)

    def _agreement(self, cases: pd.DataFrame, place: Mapping[str, Any]) -> Iterator[Row]:
        columns = (numbers(cases, "score"), numbers(cases, "value"))
        for quantity, statistic in (("ccc", concordance_correlation), ("icc", _icc)):
            yield row(self._on(statistic, *columns, rows=cases), quantity=quantity, **place)
        found = attempt_all(partial(_limits, cases), names=tuple(LIMITS), n=len(cases))
        for quantity, estimate in found.items():
            yield row(estimate, quantity=quantity, **place)

    def _differences(self, predictions: Predictions, role: str) -> Iterator[Row]:
        pairs = pairs_of(predictions, self.pairs)
        for quantity, statistic in DIFFERENCES.items():
            found = []
            for a, b in pairs:
                cases = predictions.paired((a, b), role=role)
                columns = (numbers(cases, name) for name in ("value", f"score_{a}", f"score_{b}"))
                found.append((a, b, self._on(statistic, *columns, rows=cases)))
            more: dict[str, Any] = {"analysis": self.kind, "quantity": quantity, "role": role}
            yield from (row(estimate, test=a, versus=b, **more) for a, b, estimate in found)
            yield from holm_rows(found, **more)

    def _on(self, statistic: Statistic, *columns: np.ndarray, rows: pd.DataFrame) -> Estimate:
        return on_units(statistic, *columns, rows=rows, draws=self.draws, seed=self.seed, null=0.0)


def _icc(first: np.ndarray, second: np.ndarray) -> Estimate:
    return icc(np.stack([first, second], axis=1))


def _limits(cases: pd.DataFrame) -> dict[str, Estimate]:
    prediction, measured = numbers(cases, "score"), numbers(cases, "value")
    if several_units(cases):
        found: BlandAltman = bland_altman_repeated(prediction, measured, cases["participant_id"].to_numpy())
    else:
        found = bland_altman(prediction, measured)
    return {quantity: getattr(found, name) for quantity, name in LIMITS.items()}


def _points(name: str, cases: pd.DataFrame, place: Mapping[str, Any]) -> pd.DataFrame:
    """`scatter`: x reference, y prediction; `bland-altman`: x mean of both, y prediction - reference."""
    prediction, measured = numbers(cases, "score"), numbers(cases, "value")
    order = np.lexsort((prediction, measured))
    shown = order[np.linspace(0, order.size - 1, min(order.size, MOST_POINTS)).round().astype(int)]
    x, y = measured[shown], prediction[shown]
    if name == "bland-altman":
        x, y = (x + y) / 2, y - x
    more: dict[str, Any] = {"n": len(cases), **place}
    return curve(name, x, y, **more)
