"""How closely a predicted quantity follows, and equals, the measured one."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any, ClassVar, Literal, Self

import numpy as np
import pandas as pd
from pydantic import Field, model_validator

from ..core.errors import ProtocolError
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
from .folds import (
    OVER,
    in_folds,
    over_folds,
    pearson_difference_within_folds,
    pearson_within_folds,
    with_folds,
)
from .pairing import Pairs, holm_rows, pairs_of
from .units import NAN, Statistic, attempt, attempt_all, logarithm, numbers, on_units, several_units

MOST_POINTS = 500
"""Cases drawn in one scatter plot: all, or as many evenly over the order of the reference values."""

LIMITS: Mapping[str, str] = {
    "bias": "bias",
    "lower limit": "lower",
    "upper limit": "upper",
    "slope of difference": "slope",
}
"""Quantity -> its name in `BlandAltman`."""
RATIOS: Mapping[str, str] = {
    "geometric mean ratio": "bias",
    "lower limit of the ratio": "lower",
    "upper limit of the ratio": "upper",
    "slope of log ratio": "slope",
}
"""The same of logarithms, turned back into ratios; a slope stays as it is."""

DIFFERENCES: Mapping[str, Statistic] = {
    "pearson difference": correlation_difference,
    "spearman difference": spearman_difference,
}
"""Quantity -> its paired difference."""
OF_LOGS = "of logarithms"
"""Stands in the method of what was made of logarithms."""
UNCHANGED_BY_LOGS = ("spearman", "spearman difference")

Row = dict[str, Any]


def _icc(first: np.ndarray, second: np.ndarray) -> Estimate:
    return icc(np.stack([first, second], axis=1))


IN_ANY_UNIT: dict[str, Statistic] = {"pearson": pearson, "spearman": spearman}
IN_ITS_UNIT: dict[str, Statistic] = {"ccc": concordance_correlation, "icc": _icc}
"""Quantity -> its statistic of reference and score."""


class Agreement(Analysis):
    """Correlation of every test with the reference, and agreement of those that predict it in its own unit.

    Pearson's r and Spearman's rho are given for all, with their paired differences for `pairs` (as in `comparison`;
    empty, the primary index test against each other one), p by Williams and by Steiger; Lin's concordance, ICC(A,1),
    bias and 95 % limits of agreement (prediction - reference, in the unit of the outcome) and the slope of the
    difference on the mean of both, for index tests but those in `other_unit`, and for the comparators named in
    `same_unit`. With `scale: log`, for positive quantities whose error grows with their size, the reference and the
    tests in its unit are taken as logarithms, and bias and limits are the geometric mean of prediction / reference and
    the ratios between which 95 % of them lie (Bland & Altman 1999, Stat Methods Med Res 8:135). Pearson's r, bias and
    limits are repeated in every subgroup of the protocol. Pearson's r within folds compares no two cases of different
    folds of a cross-validation; a difference over training sets counts that models trained on other cases would
    differ. Where participants have several units, limits are those for repeated pairs, other intervals come from
    `draws` bootstrap samples of participants.
    """

    kind: Literal["agreement"] = "agreement"
    accepts: ClassVar = frozenset({"continuous"})
    same_unit: tuple[str, ...] = ()
    other_unit: tuple[str, ...] = ()
    scale: Literal["linear", "log"] = "linear"
    pairs: Pairs = ()
    draws: int = Field(default=1000, ge=100)
    seed: int = 0

    @model_validator(mode="after")
    def _one_unit_each(self) -> Self:
        both = sorted(set(self.same_unit) & set(self.other_unit))
        if both:
            raise ProtocolError(
                f"agreement: {both[0]!r} stands in same_unit and in other_unit; name it in one"
            )
        return self

    @property
    def names_tests(self) -> tuple[str, ...]:
        """See `Analysis`."""
        paired = (name for pair in self.pairs for name in pair)
        return tuple(dict.fromkeys([*self.same_unit, *self.other_unit, *paired]))

    def run(self, predictions: Predictions) -> Findings:
        """Rows `pearson, spearman` and differences, `ccc, icc`, those of `LIMITS` or `RATIOS`; two curves."""
        rows: list[Row] = []
        curves: list[pd.DataFrame] = []
        for role, test in self.judged(predictions):
            cases = predictions.of(test.name, role=role)
            place = {"analysis": self.kind, "test": test.name, "role": role}
            inside = self._in_its_unit(test)
            rows += self._of_test(cases, place, inside=inside)
            rows += self._of_subgroups(predictions, cases, place, inside=inside)
            curves.append(_points("scatter", cases, place))
            if inside:
                curves += self._plotted(cases, place)
        for role in predictions.roles():
            rows += self._differences(predictions, role)
        return Findings.of(rows, curves)

    def _in_its_unit(self, test: Test) -> bool:
        index = test.role == "index" and test.name not in self.other_unit
        return index or test.name in self.same_unit

    def _of_test(self, cases: pd.DataFrame, place: Mapping[str, Any], *, inside: bool) -> Iterator[Row]:
        columns = {"score": inside, "value": True}
        for quantity, statistic in (IN_ANY_UNIT | IN_ITS_UNIT if inside else IN_ANY_UNIT).items():
            found = self._told(statistic, cases, quantity=quantity, columns=columns)
            yield row(found, quantity=quantity, **place)
        if in_folds(cases, role=place["role"]):
            within = self._attempt(pearson_within_folds, cases, quantity="pearson", columns=columns)
            yield row(within, quantity="pearson, within folds", **place)
        if inside:
            yield from self._limits(cases, place)

    def _of_subgroups(
        self, predictions: Predictions, cases: pd.DataFrame, place: Mapping[str, Any], *, inside: bool
    ) -> Iterator[Row]:
        for field, level, ids in predictions.subgroups():
            own = cases[cases["case_id"].isin(ids)]
            where = {**place, "group": f"{field}={level}"}
            columns = {"score": inside, "value": True}
            found = self._told(pearson, own, quantity="pearson", columns=columns)
            yield row(found, quantity="pearson", **where)
            if inside:
                yield from self._limits(own, where)

    def _limits(self, cases: pd.DataFrame, place: Mapping[str, Any]) -> Iterator[Row]:
        quantities = LIMITS if self.scale == "linear" else RATIOS

        def found() -> Mapping[str, Estimate]:
            limits = _bland_altman(cases, *(self._column(cases, name) for name in ("score", "value")))
            every = {quantity: getattr(limits, name) for quantity, name in quantities.items()}
            if self.scale == "linear":
                return every
            return {q: e if q.startswith("slope") else _as_ratio(e) for q, e in every.items()}

        for quantity, estimate in attempt_all(found, names=tuple(quantities), n=len(cases)).items():
            yield row(estimate, quantity=quantity, **place)

    def _differences(self, predictions: Predictions, role: str) -> Iterator[Row]:
        pairs = pairs_of(predictions, self.pairs)
        inside = {test.name: self._in_its_unit(test) for test in predictions.tests}
        both = [predictions.paired(pair, role=role) for pair in pairs]
        logged = [{"value": True, f"score_{a}": inside[a], f"score_{b}": inside[b]} for a, b in pairs]
        for quantity, statistic in DIFFERENCES.items():
            found = [
                (a, b, self._told(statistic, cases, quantity=quantity, columns=columns))
                for (a, b), cases, columns in zip(pairs, both, logged, strict=True)
            ]
            more: dict[str, Any] = {"analysis": self.kind, "quantity": quantity, "role": role}
            yield from (row(estimate, test=a, versus=b, **more) for a, b, estimate in found)
            yield from holm_rows(found, **more)
        for (a, b), cases, columns in zip(pairs, both, logged, strict=True):
            folded = with_folds(cases, predictions, tests=(a, b), role=role)
            if in_folds(folded, role=role):
                place = {"analysis": self.kind, "test": a, "versus": b, "role": role}
                yield from self._difference_in_folds(folded, columns, place)

    def _difference_in_folds(
        self, cases: pd.DataFrame, columns: Mapping[str, bool], place: Mapping[str, Any]
    ) -> Iterator[Row]:
        quantity = "pearson difference"
        asked: dict[str, Any] = {"quantity": quantity, "columns": columns}
        within = self._attempt(pearson_difference_within_folds, cases, **asked)
        yield row(within, quantity=f"{quantity}, within folds", **place)
        over = over_folds(self._told(correlation_difference, cases, **asked), cases)
        yield row(over, quantity=f"{quantity}{OVER}", **place)

    def _told(
        self, statistic: Statistic, cases: pd.DataFrame, *, quantity: str, columns: Mapping[str, bool]
    ) -> Estimate:
        def found(rows: pd.DataFrame, *values: np.ndarray, draws: int, seed: int) -> Estimate:
            return on_units(statistic, *values, rows=rows, draws=draws, seed=seed, null=0.0)

        return self._attempt(found, cases, quantity=quantity, columns=columns)

    def _attempt(
        self,
        statistic: Callable[..., Estimate],
        cases: pd.DataFrame,
        *,
        quantity: str,
        columns: Mapping[str, bool],
    ) -> Estimate:
        """`statistic` of the columns named, as logarithms where these are marked and asked for."""

        def made() -> Estimate:
            values = (self._column(cases, name, logged=logged) for name, logged in columns.items())
            return statistic(cases, *values, draws=self.draws, seed=self.seed)

        found = attempt(made, n=len(cases))
        if self.scale == "linear" or quantity in UNCHANGED_BY_LOGS or found.value != found.value:
            return found
        return replace(found, method=f"{found.method}, {OF_LOGS}")

    def _column(self, cases: pd.DataFrame, name: str, *, logged: bool = True) -> np.ndarray:
        values = numbers(cases, name)
        if self.scale == "linear" or not logged:
            return values
        return logarithm(values, what="the reference" if name == "value" else "the score")

    def _plotted(self, cases: pd.DataFrame, place: Mapping[str, Any]) -> Iterator[pd.DataFrame]:
        if self.scale == "linear":
            yield _points("bland-altman", cases, place)
        elif (cases[["score", "value"]] > 0).all(axis=None):
            yield _points("bland-altman, ratio", cases, place)


def _bland_altman(cases: pd.DataFrame, prediction: np.ndarray, measured: np.ndarray) -> BlandAltman:
    if several_units(cases):
        return bland_altman_repeated(prediction, measured, cases["participant_id"].to_numpy())
    return bland_altman(prediction, measured)


def _as_ratio(estimate: Estimate) -> Estimate:
    """A difference of logarithms as a ratio; its standard error is not one of the ratio, so it goes."""
    value, low, high = np.exp([estimate.value, estimate.low, estimate.high]).tolist()
    method = f"{estimate.method}, {OF_LOGS}, turned back"
    return replace(estimate, value=value, low=low, high=high, se=NAN, method=method)


def _points(name: str, cases: pd.DataFrame, place: Mapping[str, Any]) -> pd.DataFrame:
    """`scatter`: x reference, y prediction; `bland-altman`: x mean of both, y prediction - reference, or ratio."""
    prediction, measured = numbers(cases, "score"), numbers(cases, "value")
    order = np.lexsort((prediction, measured))
    shown = order[np.linspace(0, order.size - 1, min(order.size, MOST_POINTS)).round().astype(int)]
    x, y = measured[shown], prediction[shown]
    if name == "bland-altman":
        x, y = (x + y) / 2, y - x
    elif name == "bland-altman, ratio":
        x, y = np.sqrt(x * y), y / x
    more: dict[str, Any] = {"n": len(cases), **place}
    return curve(name, x, y, **more)
