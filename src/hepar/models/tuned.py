"""Nested tuning: hyper-parameters chosen inside the training part, on what it holds out from itself."""

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal, Self

import numpy as np
import pandas as pd
from pydantic import BeforeValidator, Field, SerializeAsAny, model_validator
from sklearn.metrics import log_loss

from ..core.device import Device
from ..core.errors import ProtocolError, choices
from ..data.parts import stratified_parts
from ..data.reference import Reference
from ..stats.brier import brier_at
from ..stats.estimate import StatisticError
from .base import Fitted, Model, Scores


@dataclass(frozen=True, slots=True)
class FittedTuned:
    """The winner, fitted on all training cases."""

    winner: Fitted
    chosen: Mapping[str, float]

    def predict(self, features: pd.DataFrame) -> Scores:
        """Scores of the winner."""
        return self.winner.predict(features)

    def describe(self) -> Mapping[str, float]:
        """What the winner says of itself, and the values chosen."""
        return {**self.winner.describe(), **{f"chosen {name}": value for name, value in self.chosen.items()}}


class Tuned(Model):
    """The member of a grid that predicts best in inner folds (Varma & Simon, 2006).

    Inner folds keep whole what the study's partition keeps whole: participants, or sites. The criterion is a proper
    score, averaged over inner folds: log loss (binary, graded), the IPCW Brier score at the first horizon (time to
    event) or the mean squared error (continuous). Ties go to the earlier value of the grid: write the simpler first.
    """

    kind: Literal["tuned"] = "tuned"
    accepts: ClassVar = frozenset({"binary", "graded", "continuous", "time_to_event"})
    model: Annotated[SerializeAsAny[Model], BeforeValidator(Model.parse)]
    grid: dict[str, tuple[float, ...]] = Field(min_length=1)
    folds: int = Field(default=5, ge=2)

    @model_validator(mode="after")
    def _grid_names_parameters(self) -> Self:
        for name in self.grid:
            if name not in self.model.parameters:
                raise ProtocolError(f"grid.{name}: {choices(name, self.model.parameters)}")
        self._candidates()
        return self

    def fit(self, features: pd.DataFrame, reference: Reference, *, seed: int) -> Fitted:
        """Choose on inner folds, then fit the choice on everything."""
        parts = stratified_parts(
            reference, reference.groups, n=self.folds, seed=seed, what="groups to tune on"
        )
        candidates = self._candidates()
        merit = [self._merit(model, features, reference, parts=parts, seed=seed) for _, model in candidates]
        chosen, best = candidates[int(np.argmax(merit))]
        return FittedTuned(best.fit(features, reference, seed=seed), chosen)

    @property
    def packages(self) -> tuple[str, ...]:
        """See `Model`."""
        return self.model.packages

    @property
    def device(self) -> Device:
        """See `Model`."""
        return self.model.device

    def _candidates(self) -> list[tuple[dict[str, float], Model]]:
        values = [
            dict(zip(self.grid, point, strict=True)) for point in itertools.product(*self.grid.values())
        ]
        return [(point, self.model.varied(point)) for point in values]

    def _merit(
        self,
        model: Model,
        features: pd.DataFrame,
        reference: Reference,
        *,
        parts: list[tuple[np.ndarray, np.ndarray]],
        seed: int,
    ) -> float:
        merits = []
        for train, held in parts:
            fitted = model.fit(features.iloc[train], reference.take(train), seed=seed)
            merits.append(_merit_of(fitted.predict(features.iloc[held]), reference.take(held)))
        return float(np.nanmean(merits)) if np.isfinite(merits).any() else -np.inf


def _merit_of(scores: Scores, reference: Reference) -> float:
    """Minus the loss: proper scores, because a rank statistic hardly sees how much a model shrinks."""
    try:
        if reference.outcome.kind == "time_to_event":
            horizon_y = reference.horizons_y[0]
            probability = scores.probability[horizon_y]
            return -brier_at(reference.time_y, reference.status, probability, horizon_y=horizon_y).value
        if reference.outcome.kind == "continuous":
            return -float(np.mean((reference.table["value"].to_numpy(dtype=float) - scores.score) ** 2))
        return -float(log_loss(reference.positive, scores.probability[None], labels=[False, True]))
    except StatisticError:
        return float("nan")  # an inner part that nobody was followed in judges nothing
