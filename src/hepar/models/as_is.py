"""One feature as it is: a measurement that needs no training, judged like any model."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
import pandas as pd

from ..core.errors import ProtocolError, choices
from ..data.reference import Reference
from .base import Fitted, Model, Scores


@dataclass(frozen=True, slots=True)
class Taken:
    """The feature, its sign, and what stands for a missing value: NaN where nothing does."""

    feature: str
    sign: float
    typical: float

    def predict(self, features: pd.DataFrame) -> Scores:
        """The feature of each case; where it is missing the training part's median, or no score."""
        value = features[self.feature].to_numpy(dtype=float)
        return Scores(self.sign * np.where(np.isnan(value), self.typical, value))

    def describe(self) -> Mapping[str, float]:
        """What stands for a missing value, if anything does."""
        return {} if np.isnan(self.typical) else {f"median {self.feature}": self.typical}


class AsIs(Model):
    """A feature as its own score, with nothing learnt but the median that stands for missing values.

    For measurements in the unit of the outcome (attenuation estimated against attenuation known), and for the untrained
    baseline beside a network. `feature` may be left out where there is one; `higher: false` turns the score round.
    With `missing: no score` a case without the feature has no score, and the analyses do without it: for estimates that
    are held against the truth, where a median would stand for what the method refused to measure.
    """

    kind: Literal["as_is"] = "as_is"
    accepts: ClassVar = frozenset({"binary", "graded", "continuous", "time_to_event"})
    learns: ClassVar = False
    feature: str | None = None
    higher: bool = True
    missing: Literal["median", "no score"] = "median"

    def fit(self, features: pd.DataFrame, reference: Reference, *, seed: int) -> Fitted:
        """Look the feature up, and take its median."""
        names = [str(name) for name in features.columns]
        chosen = self.feature or (names[0] if len(names) == 1 else None)
        if chosen not in names:
            raise ProtocolError(
                f"as_is: which feature? found {self.feature!r}; {choices(str(self.feature or ''), names)}"
            )
        values = features[chosen]
        if not pd.api.types.is_numeric_dtype(values):
            raise ProtocolError(f"as_is: feature {chosen!r} is no number; choose one that is")
        typical = float(values.median()) if self.missing == "median" else float("nan")
        return Taken(chosen, 1.0 if self.higher else -1.0, typical)
