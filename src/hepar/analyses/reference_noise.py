"""How much of a correlation is lost to the noise of the reference itself."""

from collections.abc import Iterator
from typing import Any, ClassVar, Literal, Self

import numpy as np
import pandas as pd
from pydantic import Field, model_validator

from ..core.errors import ProtocolError
from ..data.predictions import Predictions
from ..stats.agreement import pearson
from ..stats.estimate import Estimate, StatisticError
from ..stats.reliability import attained_correlation, disattenuated, reliability_of
from .base import Analysis, Findings, row
from .units import NAN, attempt, logarithm, numbers, on_units

Row = dict[str, Any]


class ReferenceNoise(Analysis):
    """The highest correlation that a reference of this reliability allows, and each correlation freed of its noise.

    Give `reliability` (0 to 1; e.g. the ICC of repeated examinations, on the scale below), or `within_sd_log`: the SD
    of the natural logarithm of the reference between examinations of one person. With `scale: log` the reference, and
    the scores of the tests in `same_unit`, are taken as logarithms. Spearman 1904: r seen = r true sqrt(reliability),
    for noise independent of the test. The reliability is taken as known, and holds in a population as varied as this
    one; noise that test and reference share (the same examination, the same day) would make the corrected r too high.
    """

    kind: Literal["reference_noise"] = "reference_noise"
    accepts: ClassVar = frozenset({"continuous"})
    reliability: float | None = Field(default=None, gt=0, le=1)
    within_sd_log: float | None = Field(default=None, gt=0)
    scale: Literal["log", "linear"] = "log"
    same_unit: tuple[str, ...] = ()
    draws: int = Field(default=1000, ge=100)
    seed: int = 0

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if (self.reliability is None) == (self.within_sd_log is None):
            raise ProtocolError("reference_noise: give exactly one of reliability, within_sd_log")
        if self.within_sd_log is not None and self.scale == "linear":
            raise ProtocolError("reference_noise: within_sd_log is on the logarithm; leave scale at log")
        return self

    @property
    def names_tests(self) -> tuple[str, ...]:
        """See `Analysis`."""
        return self.same_unit

    def run(self, predictions: Predictions) -> Findings:
        """Rows `pearson`, `reliability`, `highest pearson`, `pearson without noise` of every test."""
        rows: list[Row] = []
        for role, test in self.judged(predictions):
            cases = predictions.of(test.name, role=role)
            place = {"analysis": self.kind, "test": test.name, "role": role}
            rows += self._rows(cases, test.name in self.same_unit, place)
        return Findings.of(rows)

    def _rows(self, cases: pd.DataFrame, in_unit: bool, place: dict[str, Any]) -> Iterator[Row]:
        n = len(cases)

        def seen() -> Estimate:
            reference = self._scaled(numbers(cases, "value"), "the reference")
            score = numbers(cases, "score")
            score = self._scaled(score, "the score") if in_unit else score
            return on_units(pearson, reference, score, rows=cases, draws=self.draws, seed=self.seed, null=0.0)

        observed = attempt(seen, n=n)
        yield row(observed, quantity="pearson", **place)
        known = attempt(lambda: self._reliability(cases), n=n)
        yield row(known, quantity="reliability", **place)
        yield row(attempt(lambda: _highest(known), n=n), quantity="highest pearson", **place)
        free = attempt(lambda: _free(observed, known), n=n)
        yield row(free, quantity="pearson without noise", **place)

    def _reliability(self, cases: pd.DataFrame) -> Estimate:
        if self.reliability is not None:
            return Estimate(self.reliability, NAN, NAN, len(cases), "stated in the protocol")
        assert self.within_sd_log is not None
        values = self._scaled(numbers(cases, "value"), "the reference")
        value = reliability_of(values, within_sd=self.within_sd_log)
        method = f"1 - {self.within_sd_log:g}^2 / variance of the log reference in these cases"
        return Estimate(value, NAN, NAN, len(cases), method)

    def _scaled(self, values: np.ndarray, what: str) -> np.ndarray:
        return values if self.scale == "linear" else logarithm(values, what=what)


def _highest(known: Estimate) -> Estimate:
    value = attained_correlation(1.0, reliability=_defined(known).value)
    return Estimate(value, NAN, NAN, known.n, "root of the reliability (Spearman 1904)")


def _free(observed: Estimate, known: Estimate) -> Estimate:
    return disattenuated(_defined(observed), reliability=_defined(known).value)


def _defined(estimate: Estimate) -> Estimate:
    if estimate.value != estimate.value:
        raise StatisticError(estimate.method.removeprefix("not defined: "))
    return estimate
