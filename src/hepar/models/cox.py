"""Penalised Cox regression."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
import pandas as pd
from pydantic import Field

from ..core.errors import RunError
from ..data.reference import Reference
from .base import Fitted, Model, Scores
from .encoding import Encoding, informative, learn_encoding
from .extras import needed, quiet, refuse_no_event


@dataclass(frozen=True, slots=True)
class FittedCox:
    """Coefficients on the encoded features, and the baseline survival."""

    encoding: Encoding
    columns: tuple[str, ...]
    estimator: Any
    horizons_y: tuple[float, ...]

    def predict(self, features: pd.DataFrame) -> Scores:
        """Log cumulative hazard at the first horizon (score), and the probability of the event by each horizon.

        The score is the linear predictor plus the log of the baseline, as a logistic model's includes its intercept:
        scores of the folds' models can then be pooled.
        """
        design = self.encoding(features)[list(self.columns)]
        times = list(self.horizons_y)
        hazard = self.estimator.predict_cumulative_hazard(design, times=times).to_numpy(dtype=float)
        if not (hazard[0] > 0).all():
            raise RunError(
                f"no training case had the event by {times[0]:g} years; choose a later first horizon"
            )
        return Scores(np.log(hazard[0]), {t: -np.expm1(-hazard[k]) for k, t in enumerate(times)})

    def describe(self) -> Mapping[str, float]:
        """Log hazard ratio per standard deviation (numbers) or against the commonest level (categories)."""
        return {str(name): float(value) for name, value in self.estimator.params_.items()}


class Cox(Model):
    """Cox regression (Cox, 1972) with a ridge or elastic-net penalty, by lifelines; Efron's method for ties.

    The hazard is cause-specific: a competing event censors. The probability 1 - S(t) is then the risk in a world
    without the competing event; where competing events are common use `fine_gray`.
    """

    kind: Literal["cox"] = "cox"
    accepts: ClassVar = frozenset({"time_to_event"})
    penalty: float = Field(default=0.01, ge=0)
    l1_ratio: float = Field(default=0.0, ge=0, le=1)

    def fit(self, features: pd.DataFrame, reference: Reference, *, seed: int) -> Fitted:  # noqa: ARG002
        """Fit on the standardised `features`."""
        refuse_no_event(reference)
        encoding = learn_encoding(features)
        design = informative(encoding(features))
        table = design.assign(**{"time, y": reference.time_y, "event?": (reference.status == 1).astype(int)})
        estimator = needed("lifelines").CoxPHFitter(penalizer=self.penalty, l1_ratio=self.l1_ratio)
        with quiet():
            estimator.fit(table, duration_col="time, y", event_col="event?")
        return FittedCox(encoding, tuple(design.columns), estimator, reference.horizons_y)
