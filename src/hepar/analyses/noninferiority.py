"""Whether a test is no worse than another by more than a margin that the protocol states."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, ClassVar, Literal, Self

from pydantic import Field, model_validator

from ..core.errors import ProtocolError
from ..data.predictions import Predictions
from ..stats.estimate import Estimate, StatisticError
from ..stats.noninferiority import NonInferiority as Found
from ..stats.noninferiority import Verdict, noninferiority
from .base import Analysis, Findings, row
from .differences import Compared, Cutoffs, Measure, Scale, compared
from .folds import OVER, in_folds, over_folds, with_folds
from .pairing import Pairs, pairs_of
from .units import NAN, undefined

CODES: dict[Verdict, float] = {"non-inferior": 1.0, "inconclusive": 0.0, "inferior": -1.0}
"""Verdict -> its number in an estimates table."""

Row = dict[str, Any]


class NonInferiority(Analysis):
    """Paired difference of each pair `(test, versus)` against `margin`, in AUC, or in correlation with the reference.

    A test is non-inferior where the lower limit of the 95 % interval, which is the one-sided 97.5 % bound, is above
    -`margin`; inferior where the upper limit is below -`margin`; otherwise the study is inconclusive. `p` is
    one-sided, of a loss of `margin` or more. Of a continuous outcome the difference is in `measure`, or in AUC at each
    of `cutoffs` (in the outcome's unit); with `scale: log` Pearson's correlation is that of the logarithms of
    reference and scores. The interval takes the models as given; the difference over training sets stands beside it.
    Pairs are not adjusted for one another: name one, or order them in the analysis plan. Where participants have
    several units, intervals are clustered, or come from `draws` bootstrap samples.
    """

    kind: Literal["noninferiority"] = "noninferiority"
    accepts: ClassVar = frozenset({"binary", "graded", "continuous"})
    pairs: Pairs = Field(min_length=1)
    margin: float = Field(gt=0, lt=1)
    measure: Measure = "pearson"
    scale: Scale = "linear"
    cutoffs: Cutoffs = Field(default={})
    draws: int = Field(default=2000, ge=100)
    seed: int = 0

    @model_validator(mode="after")
    def _two_tests_each(self) -> Self:
        same = [first for first, second in self.pairs if first == second]
        if same:
            raise ProtocolError(f"noninferiority.pairs: {same[0]!r} is held against itself; name two tests")
        return self

    @property
    def names_tests(self) -> tuple[str, ...]:
        """See `Analysis`."""
        return tuple(dict.fromkeys(name for pair in self.pairs for name in pair))

    def run(self, predictions: Predictions) -> Findings:
        """Rows `auc difference` (or `pearson`, `spearman`) and `non-inferiority at MARGIN`: 1, 0 or -1."""
        roles = dict.fromkeys(role for role, _ in self.judged(predictions))
        return Findings.of(found for role in roles for found in self._of_role(predictions, role))

    def _of_role(self, predictions: Predictions, role: str) -> Iterator[Row]:
        pairs = pairs_of(predictions, self.pairs)
        asked: dict[str, Any] = {"cutoffs": self.cutoffs, "measure": self.measure, "scale": self.scale}
        for one in compared(predictions, pairs, role=role, **asked):
            seen = one.difference(draws=self.draws, seed=self.seed)
            difference, verdict = self._judge(seen)
            place = {"analysis": self.kind, "role": role, **one.place}
            yield row(difference, quantity=one.quantity, **place)
            yield row(verdict, quantity=f"non-inferiority at {self.margin:g}", **place)
            yield from self._over(predictions, one, seen=seen, place=place)

    def _over(
        self, predictions: Predictions, one: Compared, *, seen: Estimate, place: dict[str, Any]
    ) -> Iterator[Row]:
        cases = with_folds(one.cases, predictions, tests=(one.test, one.versus), role=place["role"])
        if in_folds(cases, role=place["role"]):
            difference, _ = self._judge(over_folds(seen, cases))
            yield row(difference, quantity=f"{one.quantity}{OVER}", **place)

    def _judge(self, difference: Estimate) -> tuple[Estimate, Estimate]:
        """The difference with the one-sided p, and the verdict as a number."""
        try:
            found = noninferiority(difference, margin=self.margin)
        except StatisticError as error:
            why = difference.method.removeprefix("not defined: ") if _undefined(difference) else str(error)
            return replace(difference, p=NAN), undefined(why, n=difference.n)
        method = f"{difference.method}; p: one-sided, of a loss of {self.margin:g} or more"
        verdict = Estimate(
            CODES[found.verdict], NAN, NAN, difference.n, _told(found), events=difference.events
        )
        return replace(difference, p=found.p, method=method), verdict


def _undefined(estimate: Estimate) -> bool:
    return estimate.value != estimate.value


def _told(found: Found) -> str:
    also = (
        "; the interval lies above 0"
        if found.superior
        else "; the interval lies below 0"
        if found.worse
        else ""
    )
    return f"{found.verdict} by the 95 % interval against a margin of {found.margin:g}{also}"
