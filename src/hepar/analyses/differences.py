"""Paired differences of two tests: in AUC, in AUC at a cut-off of the reference, or in correlation with it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import numpy as np
import pandas as pd
from pydantic import Field

from ..core.errors import ProtocolError
from ..data.predictions import Predictions
from ..stats.dependent_correlation import correlation_difference, spearman_difference
from ..stats.estimate import Estimate
from .units import attempt, auc_difference_on, logarithm, numbers, on_units

CutoffName = Annotated[str, Field(pattern=r"^[^=<>]+$")]
Cutoffs = dict[CutoffName, float]
"""Name of a class -> the reference value from which on a case belongs to it, e.g. F2: 7.9."""
Measure = Literal["pearson", "spearman"]
Scale = Literal["linear", "log"]

OF_MEASURE: Mapping[str, Callable[..., Estimate]] = {
    "pearson": correlation_difference,
    "spearman": spearman_difference,
}


@dataclass(frozen=True, slots=True)
class Compared:
    """The cases that both tests scored and what they are compared in; with `positive`, unless it is a correlation."""

    test: str
    versus: str
    measure: str
    cases: pd.DataFrame
    group: str = ""
    threshold: float = float("nan")
    scale: Scale = "linear"

    @property
    def place(self) -> dict[str, Any]:
        """What names its rows in an estimates table."""
        return {
            "test": self.test,
            "versus": self.versus,
            "group": self.group,
            "threshold": self.threshold,
        }

    @property
    def quantity(self) -> str:
        """Its name in an estimates table."""
        return f"{self.measure} difference"

    def difference(self, *, draws: int, seed: int) -> Estimate:
        """Measure of `test` minus that of `versus`; clustered where participants have several rows."""
        first, second = f"score_{self.test}", f"score_{self.versus}"
        if self.measure == "auc":
            return auc_difference_on(self.cases, first=first, second=second)
        statistic = OF_MEASURE[self.measure]

        def found() -> Estimate:
            columns = (self.column(name) for name in ("value", first, second))
            return on_units(statistic, *columns, rows=self.cases, draws=draws, seed=seed, null=0.0)

        return attempt(found, n=len(self.cases))

    def column(self, name: str) -> np.ndarray:
        """Reference or score, as a logarithm where a correlation is asked for on that scale; fails for 0 or less."""
        values = numbers(self.cases, name)
        logged = self.scale == "log" and self.measure == "pearson"
        what = "the reference" if name == "value" else f"the score of {name.removeprefix('score_')}"
        return logarithm(values, what=what) if logged else values


def compared(
    predictions: Predictions,
    pairs: tuple[tuple[str, str], ...],
    *,
    role: str,
    cutoffs: Cutoffs,
    measure: Measure = "pearson",
    scale: Scale = "linear",
) -> Iterator[Compared]:
    """Every pair: in AUC, at each cut-off if there are some, or in correlation with a continuous reference.

    Raises:
        ProtocolError: for cut-offs of a reference that is no number already.
    """
    continuous = predictions.outcome.kind == "continuous"
    if cutoffs and not continuous:
        raise ProtocolError(
            f"cutoffs are for a continuous outcome; a {predictions.outcome.kind!r} one has its classes: leave them out"
        )
    for test, versus in pairs:
        cases = predictions.paired((test, versus), role=role)
        if not continuous:
            yield Compared(test, versus, "auc", cases)
        elif not cutoffs:
            yield Compared(test, versus, measure, cases, scale=scale)
        for name, cut in cutoffs.items():
            yield Compared(test, versus, "auc", at_cutoff(cases, cut), group_of(name), cut)


def at_cutoff(cases: pd.DataFrame, cut: float) -> pd.DataFrame:
    """The cases with the class `positive`: the reference is at least `cut`."""
    return cases.assign(positive=np.where(numbers(cases, "value") >= cut, 1.0, 0.0))


def group_of(cutoff: str) -> str:
    """The group that the estimates table names a cut-off by."""
    return f"reference>={cutoff}"
