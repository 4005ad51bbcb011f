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
    """Coefficients and baseline hazard of the event, and of the competing event if there is one."""

    encoding: Encoding
    columns: tuple[str, ...]
    event: Any
    competing: Any
    horizons_y: tuple[float, ...]

    def predict(self, features: pd.DataFrame) -> Scores:
        """Log hazard relative to the training mean (score), and the absolute risk of the event by each horizon."""
        design = self.encoding(features)[list(self.columns)]
        score = self.event.predict_log_partial_hazard(design).to_numpy(dtype=float)
        return Scores(score, self._risks(design))

    def describe(self) -> Mapping[str, float]:
        """Log hazard ratio of the event per standard deviation (numbers) or against the first level (categories)."""
        return {str(name): float(value) for name, value in self.event.params_.items()}

    def _risks(self, design: pd.DataFrame) -> dict[float | None, np.ndarray]:
        """1 - S(t); with a competing event the sum over event times u <= t of S(u-) dH(u) (Benichou & Gail, 1990)."""
        if self.competing is None:
            hazard = self.event.predict_cumulative_hazard(design, times=list(self.horizons_y)).to_numpy(
                dtype=float
            )
            return {t: -np.expm1(-hazard[row]) for row, t in enumerate(self.horizons_y)}
        times = np.union1d(self.event.baseline_hazard_.index, self.competing.baseline_hazard_.index)
        hazards = [
            m.predict_cumulative_hazard(design, times=times).to_numpy() for m in (self.event, self.competing)
        ]
        free = np.exp(-sum(hazards))
        before = np.vstack([np.ones(len(design)), free[:-1]])
        incidence = np.cumsum(before * np.diff(hazards[0], axis=0, prepend=0.0), axis=0)
        rows = np.searchsorted(times, self.horizons_y, side="right") - 1
        return {t: np.clip(incidence[row], 0, 1) for row, t in zip(rows, self.horizons_y, strict=True)}


class Cox(Model):
    """Cox regression (Cox, 1972) with a ridge or elastic-net penalty, by lifelines; Efron's method for ties.

    The hazard is cause-specific. Where the outcome has a competing event, a second such model of it turns the hazards
    into the absolute risk; without that, 1 - S(t) would be the risk in a world where nobody dies of anything else.
    """

    kind: Literal["cox"] = "cox"
    accepts: ClassVar = frozenset({"time_to_event"})
    version: ClassVar[int] = 2
    penalty: float = Field(default=0.01, ge=0)
    l1_ratio: float = Field(default=0.0, ge=0, le=1)

    @property
    def packages(self) -> tuple[str, ...]:
        """See `Model`."""
        return ("lifelines",)

    def fit(self, features: pd.DataFrame, reference: Reference, *, seed: int) -> Fitted:
        """Fit on the standardised `features`."""
        refuse_no_event(reference)
        encoding = learn_encoding(features)
        design = informative(encoding(features))
        event = self._hazard(design, reference, cause=1)
        competing = self._hazard(design, reference, cause=2) if (reference.status == 2).any() else None
        return FittedCox(encoding, tuple(design.columns), event, competing, reference.horizons_y)

    def _hazard(self, design: pd.DataFrame, reference: Reference, *, cause: int) -> Any:
        table = design.assign(
            **{"time, y": reference.time_y, "event?": (reference.status == cause).astype(int)}
        )
        estimator = needed("lifelines").CoxPHFitter(penalizer=self.penalty, l1_ratio=self.l1_ratio)
        try:
            with quiet():
                return estimator.fit(table, duration_col="time, y", event_col="event?")
        except needed("lifelines.exceptions").ConvergenceError:
            raise RunError(
                f"the Cox model of cause {cause} with penalty {self.penalty:g} did not converge on {len(design)} cases"
                f" with {int((reference.status == cause).sum())} events; use fewer features or a larger penalty"
            ) from None
