"""Gradient-boosted trees."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
import pandas as pd
from pydantic import Field
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

from ..core.errors import RunError
from ..data.packed import refuse_arrays
from ..data.reference import Reference
from ..stats.ipcw import horizon_weights
from ..transforms.columns import refuse_repeats
from .base import Fitted, Model, Scores
from .logistic import refuse_one_class


@dataclass(frozen=True, slots=True)
class Levels:
    """Codes of the levels of each category, in training."""

    codes: Mapping[str, Mapping[str, int]]

    def __call__(self, features: pd.DataFrame) -> pd.DataFrame:
        """Numbers as they are and categories as codes; NaN where missing or never seen (a branch of its own)."""
        columns = {
            str(name): features[name].map(self.codes[str(name)])
            if str(name) in self.codes
            else features[name]
            for name in features.columns
        }
        return pd.DataFrame(columns, index=features.index).astype(float)


@dataclass(frozen=True, slots=True)
class FittedTrees:
    """One ensemble of trees for each horizon (one in all, unless the outcome is a time to event)."""

    levels: Levels
    ensembles: Mapping[float | None, Any]

    def predict(self, features: pd.DataFrame) -> Scores:
        """Probability by horizon; the score is that of the first horizon. A quantity has a score only."""
        design = self.levels(features).to_numpy()
        if isinstance(next(iter(self.ensembles.values())), HistGradientBoostingRegressor):
            return Scores(self.ensembles[None].predict(design))
        probability = {t: e.predict_proba(design)[:, 1] for t, e in self.ensembles.items()}
        return Scores(next(iter(probability.values())), probability)

    def describe(self) -> Mapping[str, float]:
        """Number of trees."""
        return {"trees": float(sum(ensemble.n_iter_ for ensemble in self.ensembles.values()))}


class Boosting(Model):
    """Histogram gradient boosting (Friedman, 2001), by scikit-learn; missing values take a branch of their own.

    A time to event is learnt as the event by each horizon, with inverse-probability-of-censoring weights
    (Vock et al., 2016); a competing event before the horizon counts as no event.
    """

    kind: Literal["boosting"] = "boosting"
    accepts: ClassVar = frozenset({"binary", "graded", "continuous", "time_to_event"})
    learning_rate: float = Field(default=0.05, gt=0, le=1)
    trees: int = Field(default=100, ge=1)
    leaves: int = Field(default=8, ge=2)
    min_leaf: int = Field(default=20, ge=1)
    l2: float = Field(default=1.0, ge=0)

    def fit(self, features: pd.DataFrame, reference: Reference, *, seed: int) -> Fitted:
        """Fit on `features` as they are: trees need neither imputation nor scaling."""
        levels = _learn_levels(features)
        design = levels(features).to_numpy()
        if reference.outcome.kind == "time_to_event":
            return FittedTrees(levels, self._by_horizons(design, reference, seed=seed))
        if reference.outcome.kind == "continuous":
            value = reference.table["value"].to_numpy(dtype=float)
            return FittedTrees(
                levels, {None: HistGradientBoostingRegressor(**self._settings(seed)).fit(design, value)}
            )
        positive = reference.positive
        refuse_one_class(int(positive.sum()), len(positive))
        return FittedTrees(
            levels, {None: HistGradientBoostingClassifier(**self._settings(seed)).fit(design, positive)}
        )

    def _settings(self, seed: int) -> dict[str, Any]:
        return {
            "learning_rate": self.learning_rate,
            "max_iter": self.trees,
            "max_leaf_nodes": self.leaves,
            "min_samples_leaf": self.min_leaf,
            "l2_regularization": self.l2,
            "early_stopping": False,
            "random_state": seed,
        }

    def _by_horizons(
        self, design: np.ndarray, reference: Reference, *, seed: int
    ) -> Mapping[float | None, HistGradientBoostingClassifier]:
        return {t: self._by_horizon(design, reference, t, seed=seed) for t in reference.horizons_y}

    def _by_horizon(
        self, design: np.ndarray, reference: Reference, horizon_y: float, *, seed: int
    ) -> HistGradientBoostingClassifier:
        weights = horizon_weights(reference.time_y, reference.status, horizon_y=horizon_y)
        weight = (weights.event + weights.competing + weights.free)[0]
        known = weight > 0
        event = weights.event[0] > 0
        if len(set(event[known])) < 2:
            raise RunError(
                f"by {horizon_y:g} years {int(event.sum())} of {int(known.sum())} training cases of known status had"
                " the event; boosting needs both: choose another horizon or fewer folds"
            )
        ensemble = HistGradientBoostingClassifier(**self._settings(seed))
        return ensemble.fit(design[known], event[known], sample_weight=weight[known])


def _learn_levels(features: pd.DataFrame) -> Levels:
    refuse_repeats(features)
    refuse_arrays(features)
    texts = [str(name) for name in features.columns if features[name].dtype == object]
    return Levels(
        {name: {v: k for k, v in enumerate(sorted(features[name].dropna().unique()))} for name in texts}
    )
