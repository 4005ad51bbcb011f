"""Fitted tabular models as plain numbers: what a hospital needs to score a patient, without what fitted them."""

import math
from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Row = Mapping[str, float | str | None]
"""Features of one case: numbers (None where missing) and levels of categories (None where missing)."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Linear(_Part):
    """A linear predictor on encoded features: logistic regression, or regression of a quantity or its logarithm.

    Numbers: the training median where missing, then (value - mean) / deviation. Categories: 0 or 1 for each level but
    the first; a level never seen, or missing, counts as the commonest. The score is intercept + coefficients * terms:
    a logit, the quantity, or the quantity's logarithm, of which the score is the exponential.
    """

    kind: Literal["linear"] = "linear"
    link: Literal["logit", "identity", "log"]
    intercept: float
    coefficients: dict[str, float]
    medians: dict[str, float]
    means: dict[str, float]
    deviations: dict[str, float]
    levels: dict[str, tuple[str, ...]]
    commonest: dict[str, str]

    @property
    def reads(self) -> tuple[str, ...]:
        """Features that it reads."""
        return (*self.medians, *self.levels)

    def score(self, row: Row) -> float:
        """Logit of the outcome, or the quantity in its unit."""
        terms = self._terms(row)
        total = self.intercept + math.fsum(value * terms[name] for name, value in self.coefficients.items())
        return math.exp(total) if self.link == "log" else total

    def answer(self, row: Row) -> tuple[float, float | None]:
        """The score, and the probability of the outcome where the score is its logit."""
        score = self.score(row)
        return score, logistic(score) if self.link == "logit" else None

    def imputed(self, row: Row) -> tuple[str, ...]:
        """Features for which something typical stands, because they are missing or of no known level."""
        unknown = [name for name, levels in self.levels.items() if row.get(name) not in levels]
        return (*(name for name in self.medians if not _known(row.get(name))), *unknown)

    def _terms(self, row: Row) -> dict[str, float]:
        terms = {}
        for name, median in self.medians.items():
            found = row.get(name)
            value = (
                float(found) if _known(found) and not isinstance(found, str) and found is not None else median
            )
            terms[name] = (value - self.means[name]) / self.deviations[name]
        for name, levels in self.levels.items():
            found = row.get(name)
            level = found if found in levels else self.commonest[name]
            terms |= {f"{name}={one}": float(one == level) for one in levels[1:]}
        return terms


class Single(_Part):
    """One feature as its own score, times `sign`; `typical` where it is missing."""

    kind: Literal["single"] = "single"
    feature: str
    sign: float
    typical: float

    @property
    def reads(self) -> tuple[str, ...]:
        """Features that it reads."""
        return (self.feature,)

    def score(self, row: Row) -> float:
        """The feature, turned round where lower is more likely positive."""
        found = row.get(self.feature)
        value = self.typical if found is None or isinstance(found, str) or not _known(found) else float(found)
        return self.sign * value

    def answer(self, row: Row) -> tuple[float, float | None]:
        """The score, and None: a measurement is no probability."""
        return self.score(row), None

    def imputed(self, row: Row) -> tuple[str, ...]:
        """The feature where it is missing."""
        return () if _known(row.get(self.feature)) else (self.feature,)


Portable = Annotated[Linear | Single, Field(discriminator="kind")]


def logistic(logit: float) -> float:
    """1 / (1 + exp(-logit)), without overflow.

    >>> logistic(0.0), logistic(-1000.0)
    (0.5, 0.0)
    """
    if logit >= 0:
        return 1 / (1 + math.exp(-logit))
    return math.exp(logit) / (1 + math.exp(logit))


def _known(value: float | str | None) -> bool:
    return value is not None and value == value  # NaN differs from itself
