"""Harmonisation of scanners or sites by ComBat, learnt on training rows and applied to new patients."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from ..core.errors import RunError, choices
from ..data.reference import Reference
from ..stats.combat import Combat, Unseen, fit_combat
from ..stats.estimate import StatisticError
from .base import FittedTransform, Transform
from .columns import numbers
from .covariates import Covariates, learn_covariates


@dataclass(frozen=True, slots=True)
class FittedHarmonised:
    """The effects of each batch, and how its cases are told."""

    batch: str
    names: tuple[str, ...]
    """Features that are harmonised."""
    covariates: Covariates
    learnt: Combat
    unseen: Unseen
    keep_batch: bool

    def apply(self, features: pd.DataFrame) -> pd.DataFrame:
        """Harmonised numbers where they stood; without the batch unless it is kept."""
        try:
            values = self.learnt.apply(
                features[list(self.names)].to_numpy(dtype=float),
                labels_of(features[self.batch]),
                self.covariates(features),
                unseen=self.unseen,
            )
        except StatisticError as error:
            raise RunError(f"combat, batch {self.batch!r}: {error}") from None
        moved = pd.DataFrame(values, index=features.index, columns=list(self.names))
        others = features.drop(columns=list(self.names))
        names = [name for name in features.columns if self.keep_batch or name != self.batch]
        return pd.concat([moved, others], axis=1)[names]

    def describe(self) -> Mapping[str, float]:
        """Features harmonised; of each batch the root mean square shift in standard deviations and median scale."""
        used = self.learnt.adjusted
        shift = np.sqrt((self.learnt.shift[:, used] ** 2).mean(axis=1))
        scale = np.sqrt(np.median(self.learnt.scale[:, used], axis=1))
        effects = {f"shift of {name}": float(v) for name, v in zip(self.learnt.batches, shift, strict=True)}
        spreads = {f"spread of {name}": float(v) for name, v in zip(self.learnt.batches, scale, strict=True)}
        counts = {"features harmonised": float(used.sum()), "features as they are": float((~used).sum())}
        return {**counts, **effects, **spreads}


class Harmonised(Transform):
    """ComBat (Johnson et al., 2007; Fortin et al., 2018): removes what scanner or site does to mean and spread.

    `batch` names the column of the features that holds scanner or site; it is dropped afterwards, unless `keep_batch`,
    because a model that sees it can undo the harmonisation. The effects of `covariates` are kept; they are features, so
    a new patient has them too, and never the outcome. With `reference` that batch stays as it is and the others move to
    it. `unseen` says what happens to a batch that training did not have, or had one case of: `refuse`; `pass`, as it
    is; `estimate`, from its own cases without their outcomes, at least five, so that a prediction then depends on the
    cases predicted with it.
    """

    kind: Literal["combat"] = "combat"
    batch: str
    covariates: tuple[str, ...] = ()
    reference: str | None = None
    parametric: bool = True
    mean_only: bool = False
    unseen: Unseen = "refuse"
    keep_batch: bool = False

    def fit(self, features: pd.DataFrame, reference: Reference, *, seed: int) -> FittedTransform:
        """Learn the effects on the training rows; the outcome is not looked at."""
        for name in (self.batch, *self.covariates):
            if name not in features:
                raise RunError(f"combat needs the feature {name!r}; {choices(name, features.columns)}")
        names = tuple(numbers(features, (*self.spare, *self.covariates, self.batch)))
        covariates = learn_covariates(features, self.covariates)
        rows = self._learnable(labels_of(features[self.batch]))
        try:
            learnt = fit_combat(
                features[list(names)].to_numpy(dtype=float)[rows],
                labels_of(features[self.batch])[rows],
                covariates(features)[rows],
                parametric=self.parametric,
                reference=self.reference,
                mean_only=self.mean_only,
            )
        except StatisticError as error:
            named = ", ".join(f"{at} {name}" for at, name in enumerate(covariates.names))
            where = f" (covariates: {named})" if named else ""
            raise RunError(
                f"combat, batch {self.batch!r}, {len(rows)} training cases: {error}{where}"
            ) from None
        return FittedHarmonised(self.batch, names, covariates, learnt, self.unseen, self.keep_batch)

    def _learnable(self, labels: np.ndarray) -> np.ndarray:
        """Positions of the cases to learn from: all, or without those that `unseen` lets pass."""
        if self.unseen == "refuse":
            return np.arange(labels.size)
        counts = pd.Series(labels).value_counts()
        fewest = 1 if self.mean_only else 2
        return np.flatnonzero([label is not None and counts[label] >= fewest for label in labels])


def labels_of(column: pd.Series) -> np.ndarray:
    """Batch of each row as text, None where missing; a whole number 3.0 is "3", whatever its size."""
    return np.array([_label(value) for value in column], dtype=object)


def _label(value: Any) -> str | None:
    if pd.isna(value):
        return None
    whole = isinstance(value, int | float) and float(value).is_integer()
    return str(int(value)) if whole else str(value)
