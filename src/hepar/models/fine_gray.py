"""Fine-Gray regression of the cumulative incidence under competing risks."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
import pandas as pd

from ..data.reference import Reference
from .base import Fitted, Model, Scores
from .encoding import Encoding, informative, learn_encoding
from .extras import needed, quiet, refuse_no_event


@dataclass(frozen=True, slots=True)
class FittedFineGray:
    """Coefficients on the encoded features, and the baseline subdistribution hazard."""

    encoding: Encoding
    columns: tuple[str, ...]
    estimator: Any
    horizons_y: tuple[float, ...]

    def predict(self, features: pd.DataFrame) -> Scores:
        """Linear predictor (score) and the cumulative incidence at each horizon."""
        design = self.encoding(features)[list(self.columns)].to_numpy()
        risk = np.asarray(
            self.estimator.predict_cumulative_incidence(design, times=np.array(self.horizons_y))
        )
        score = design @ np.asarray(self.estimator.coef_)
        return Scores(score, {t: risk[:, k] for k, t in enumerate(self.horizons_y)})

    def describe(self) -> Mapping[str, float]:
        """Log subdistribution hazard ratio per standard deviation, or against the first level."""
        return dict(zip(self.columns, np.asarray(self.estimator.coef_).tolist(), strict=True))


class FineGray(Model):
    """Proportional subdistribution hazards (Fine & Gray, 1999), by comprisk; without penalty, so for few features."""

    kind: Literal["fine_gray"] = "fine_gray"
    accepts: ClassVar = frozenset({"time_to_event"})

    @property
    def packages(self) -> tuple[str, ...]:
        """See `Model`."""
        return ("comprisk",)

    def fit(self, features: pd.DataFrame, reference: Reference, *, seed: int) -> Fitted:
        """Fit on the standardised `features`."""
        refuse_no_event(reference)
        encoding = learn_encoding(features)
        design = informative(encoding(features))
        with quiet():
            estimator = needed("comprisk").FineGrayRegression(max_iter=50)
            estimator.fit(design.to_numpy(), time=reference.time_y, event=reference.status)
        return FittedFineGray(encoding, tuple(design.columns), estimator, reference.horizons_y)
