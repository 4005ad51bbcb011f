"""What a paired comparison of this size could have shown: power, smallest difference, participants needed."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from ..data.predictions import Predictions
from ..stats.detectable import noninferiority_power, size_needed, smallest_difference, superiority_power
from ..stats.estimate import Estimate, StatisticError
from .base import Analysis, Findings, row
from .differences import Compared, Cutoffs, Measure, Scale, compared
from .pairing import Pairs, pairs_of
from .units import NAN, attempt, positives

Row = dict[str, Any]


class Detectable(Analysis):
    """Power of each pair's comparison for effects stated in the protocol, by the precision observed.

    For `pairs` as in `comparison`: the chance to be found non-inferior at `margin` if the two are equally good, the
    chance to find a true difference of `difference`, the smallest true difference found with `power`, and the
    participants needed for either with `power`. Everything follows from the standard error of the paired difference,
    which holds variances, prevalence and the correlation of the scores as observed; nothing follows from the
    difference observed. The models are taken as given: under cross-validation the power to tell two ways of training
    apart is smaller. `measure`, `scale` and `cutoffs` as in `noninferiority`. Tests are two-sided at 5 %,
    non-inferiority one-sided at 2.5 %.
    """

    kind: Literal["detectable"] = "detectable"
    accepts: ClassVar = frozenset({"binary", "graded", "continuous"})
    pairs: Pairs = ()
    margin: float = Field(default=0.05, gt=0, lt=1)
    difference: float = Field(default=0.10, gt=0, lt=1)
    power: float = Field(default=0.8, ge=0.5, lt=1)
    measure: Measure = "pearson"
    scale: Scale = "linear"
    cutoffs: Cutoffs = Field(default={})
    draws: int = Field(default=1000, ge=100)
    seed: int = 0

    @property
    def names_tests(self) -> tuple[str, ...]:
        """See `Analysis`."""
        return tuple(dict.fromkeys(name for pair in self.pairs for name in pair))

    def run(self, predictions: Predictions) -> Findings:
        """Rows `power, ...`, `smallest difference, ...`, `n needed, ...`, `standard error`, `correlation of scores`."""
        roles = dict.fromkeys(role for role, _ in self.judged(predictions))
        return Findings.of(found for role in roles for found in self._of_role(predictions, role))

    def _of_role(self, predictions: Predictions, role: str) -> Iterator[Row]:
        pairs = pairs_of(predictions, self.pairs)
        for one in compared(
            predictions, pairs, role=role, cutoffs=self.cutoffs, measure=self.measure, scale=self.scale
        ):
            place = {"analysis": self.kind, "role": role, **one.place}
            for quantity, estimate in self._of_pair(one).items():
                yield row(estimate, quantity=quantity, **place)

    def _of_pair(self, one: Compared) -> Mapping[str, Estimate]:
        seen = one.difference(draws=self.draws, seed=self.seed)
        n = int(one.cases["participant_id"].nunique())
        margin, effect, power = f"{self.margin:g}", f"{self.difference:g}", f"{self.power:.0%}"
        se = attempt(partial(_standard_error, seen, n), n=n)
        asked: Mapping[str, Callable[[], float]] = {
            f"power, non-inferior at {margin}": lambda: noninferiority_power(se.value, margin=self.margin),
            f"power, difference of {effect}": lambda: superiority_power(se.value, true=self.difference),
            f"smallest difference, power {power}": lambda: smallest_difference(se.value, power=self.power),
            f"n needed, non-inferior at {margin}": lambda: size_needed(
                se.value, n=n, effect=self.margin, power=self.power
            ),
            f"n needed, difference of {effect}": lambda: size_needed(
                se.value, n=n, effect=self.difference, power=self.power
            ),
        }
        found = {name: attempt(partial(_planned, value, se), n=n) for name, value in asked.items()}
        return {**found, "standard error": se, "correlation of scores": attempt(partial(_together, one), n=n)}


def _standard_error(seen: Estimate, n: int) -> Estimate:
    if seen.value != seen.value:
        raise StatisticError(seen.method.removeprefix("not defined: "))
    if not seen.se > 0:
        raise StatisticError("the difference has no variance")
    return Estimate(seen.se, NAN, NAN, n, f"of the {seen.method}")


def _planned(value: Callable[[], float], se: Estimate) -> Estimate:
    if se.value != se.value:
        raise StatisticError(se.method.removeprefix("not defined: "))
    method = f"normal distribution, standard error observed in {se.n} participants"
    return Estimate(float(value()), NAN, NAN, se.n, method)


def _together(one: Compared) -> Estimate:
    n = int(one.cases["participant_id"].nunique())
    how = "Pearson's r of the two scores" + (" within the classes" if one.measure == "auc" else "")
    return Estimate(_correlation(one), NAN, NAN, n, how)


def _correlation(one: Compared) -> float:
    """Pearson's r of the two scores, within the classes where there are some."""
    table = np.stack([one.column(f"score_{name}") for name in (one.test, one.versus)])
    if one.measure == "auc":
        truth = positives(one.cases)
        if truth.all() or not truth.any():
            raise StatisticError("the cases are all of one class")
        table = np.concatenate(
            [table[:, truth == c] - table[:, truth == c].mean(axis=1, keepdims=True) for c in (True, False)],
            axis=1,
        )
    table = table - table.mean(axis=1, keepdims=True)
    size = float(np.sqrt((table[0] @ table[0]) * (table[1] @ table[1])))
    if size == 0:
        raise StatisticError("a score does not vary within the classes")
    return float(table[0] @ table[1]) / size
