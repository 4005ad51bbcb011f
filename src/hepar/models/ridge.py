"""Ridge regression of a measured quantity."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
import pandas as pd
from pydantic import Field
from sklearn.linear_model import Ridge

from ..core.errors import RunError
from ..data.reference import Reference
from .base import Fitted, Model, Scores
from .encoding import Encoding, learn_encoding


@dataclass(frozen=True, slots=True)
class FittedRidge:
    """Coefficients on the encoded features."""

    encoding: Encoding
    estimator: Ridge
    log: bool

    def predict(self, features: pd.DataFrame) -> Scores:
        """The predicted quantity, in the outcome's unit (score)."""
        predicted = self.estimator.predict(self.encoding(features))
        return Scores(np.exp(predicted) if self.log else predicted)

    def describe(self) -> Mapping[str, float]:
        """Change of the outcome (of its logarithm, with `log`) per standard deviation."""
        return dict(zip(self.estimator.feature_names_in_, self.estimator.coef_, strict=True))


class RidgeRegression(Model):
    """Linear regression with a ridge penalty (Hoerl & Kennard, 1970); `log` predicts the geometric mean instead."""

    kind: Literal["ridge"] = "ridge"
    accepts: ClassVar = frozenset({"continuous"})
    penalty: float = Field(default=1.0, ge=0)
    log: bool = False

    def fit(self, features: pd.DataFrame, reference: Reference, *, seed: int) -> Fitted:
        """Fit on the standardised `features`."""
        value = reference.table["value"].to_numpy(dtype=float)
        if self.log and (value <= 0).any():
            raise RunError(
                f"outcome is {value.min():g} in a training case; log needs values above zero: set log: false"
            )
        encoding = learn_encoding(features)
        estimator = Ridge(alpha=self.penalty).fit(encoding(features), np.log(value) if self.log else value)
        return FittedRidge(encoding, estimator, self.log)
