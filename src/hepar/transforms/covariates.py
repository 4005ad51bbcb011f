"""Covariates as numbers: imputed and coded as in training, nothing scaled."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.api.types import is_numeric_dtype

from ..core.errors import RunError


@dataclass(frozen=True, slots=True)
class Covariates:
    """Numbers with the training median where missing; categories as one column for each level but the first.

    A level never seen, or missing, counts as the commonest in training.
    """

    medians: Mapping[str, float]
    levels: Mapping[str, tuple[str, ...]]
    commonest: Mapping[str, str]

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns that it gives."""
        coded = [f"{name}={level}" for name, levels in self.levels.items() for level in levels[1:]]
        return (*self.medians, *coded)

    def __call__(self, features: pd.DataFrame) -> NDArray[np.float64]:
        """(rows, columns), no NaN."""
        numbers = [features[name].astype(float).fillna(median) for name, median in self.medians.items()]
        known = {
            name: features[name].where(features[name].isin(levels), self.commonest[name])
            for name, levels in self.levels.items()
        }
        coded = [
            (known[name] == level).astype(float)
            for name, levels in self.levels.items()
            for level in levels[1:]
        ]
        columns = [column.to_numpy(dtype=float) for column in (*numbers, *coded)]
        return np.column_stack(columns) if columns else np.zeros((len(features), 0))


def learn_covariates(features: pd.DataFrame, names: tuple[str, ...]) -> Covariates:
    """The coding of the columns `names` of training rows; one without a single value is refused."""
    for name in names:
        if not features[name].notna().any():
            raise RunError(
                f"covariate {name!r} is missing in all {len(features)} training cases; take it out of covariates"
            )
    numeric = [name for name in names if is_numeric_dtype(features[name])]
    texts = [name for name in names if name not in numeric]
    levels = {name: tuple(sorted(features[name].dropna().unique())) for name in texts}
    counts = {name: features[name].value_counts() for name in texts}
    return Covariates(
        medians={name: float(features[name].median()) for name in numeric},
        levels=levels,
        commonest={name: max(levels[name], key=lambda level: counts[name][level]) for name in texts},
    )
