"""Penalised logistic regression."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal

import pandas as pd
from pydantic import Field
from sklearn.linear_model import LogisticRegression

from ..core.errors import RunError
from ..data.reference import Reference
from .base import Fitted, Model, Scores
from .encoding import Encoding, learn_encoding


@dataclass(frozen=True, slots=True)
class FittedLogistic:
    """Coefficients on the encoded features."""

    encoding: Encoding
    estimator: LogisticRegression

    def predict(self, features: pd.DataFrame) -> Scores:
        """Linear predictor (score) and probability."""
        design = self.encoding(features)
        probability = self.estimator.predict_proba(design)[:, 1]
        return Scores(self.estimator.decision_function(design), {None: probability})

    def describe(self) -> Mapping[str, float]:
        """Log odds ratio per standard deviation (numbers) or against the first level (categories)."""
        return dict(zip(self.estimator.feature_names_in_, self.estimator.coef_[0], strict=True))


class Logistic(Model):
    """Logistic regression with an elastic-net penalty on standardised features (Zou & Hastie, 2005).

    `c` is the inverse strength of the penalty, `l1_ratio` the share of the lasso in it (0: ridge).
    """

    kind: Literal["logistic"] = "logistic"
    accepts: ClassVar = frozenset({"binary", "graded"})
    c: float = Field(default=1.0, gt=0)
    l1_ratio: float = Field(default=0.0, ge=0, le=1)

    def fit(self, features: pd.DataFrame, reference: Reference, *, seed: int) -> Fitted:
        """Fit on the standardised `features`."""
        positive = reference.positive
        refuse_one_class(positive.sum(), len(positive))
        encoding = learn_encoding(features)
        solver = "saga" if self.l1_ratio else "lbfgs"
        estimator = LogisticRegression(
            C=self.c, l1_ratio=self.l1_ratio, solver=solver, max_iter=10_000, random_state=seed
        )
        return FittedLogistic(encoding, estimator.fit(encoding(features), positive))


def refuse_one_class(positives: int, n: int) -> None:
    """Refuse training data in which every case has the same outcome."""
    if positives in (0, n):
        which = "positive" if positives else "negative"
        raise RunError(
            f"all {n} training cases are {which}; a model needs both classes: use fewer folds, pool small sites, or"
            " check the outcome's rule"
        )
