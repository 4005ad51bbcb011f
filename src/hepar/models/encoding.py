"""Imputation, scaling and one-hot encoding, learnt from training rows alone."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..core.errors import RunError
from ..data.packed import refuse_arrays
from ..transforms.columns import refuse_repeats


@dataclass(frozen=True, slots=True)
class Encoding:
    """A table of numbers and categories as a design matrix.

    Numbers: median of the training rows where missing, then standardised. Categories: one column for each level but the
    first by name; a level never seen, or missing, counts as the commonest. There are no indicators of missingness: what
    a site does not measure is its habit, which does not transport to other sites.
    """

    medians: Mapping[str, float]
    means: Mapping[str, float]
    deviations: Mapping[str, float]
    levels: Mapping[str, tuple[str, ...]]
    commonest: Mapping[str, str]

    def __call__(self, features: pd.DataFrame) -> pd.DataFrame:
        """Design matrix (rows, columns) of `features`, float, no NaN."""
        columns = {}
        for name in self.medians:
            filled = features[name].astype(float).fillna(self.medians[name])
            columns[name] = (filled - self.means[name]) / self.deviations[name]
        for name, levels in self.levels.items():
            known = features[name].where(features[name].isin(levels), self.commonest[name])
            columns |= {f"{name}={level}": (known == level).astype(float) for level in levels[1:]}
        return pd.DataFrame(columns, index=features.index, dtype=float)


def learn_encoding(features: pd.DataFrame) -> Encoding:
    """The encoding of training rows `features`; a feature without a single value, or a perturbed repeat, is refused."""
    refuse_repeats(features)
    refuse_arrays(features)
    names = [str(name) for name in features.columns]
    numbers = [name for name in names if features[name].dtype != object]
    texts = [name for name in names if name not in numbers]
    for name in names:
        if not features[name].notna().any():
            raise RunError(
                f"feature {name!r} is missing in all {len(features)} training cases; remove it from the index test,"
                " or choose a partition in which every training part has it"
            )
    filled = {name: features[name].astype(float).fillna(features[name].median()) for name in numbers}
    constant = [name for name in numbers if filled[name].std(ddof=0) <= 0]
    return Encoding(
        medians={name: float(features[name].median()) for name in numbers},
        means={name: float(filled[name].mean()) for name in numbers},
        deviations={name: 1.0 if name in constant else float(filled[name].std(ddof=0)) for name in numbers},
        levels={name: _levels(features[name]) for name in texts},
        commonest={name: _commonest(features[name]) for name in texts},
    )


def _levels(values: pd.Series) -> tuple[str, ...]:
    return tuple(sorted(values.dropna().unique()))


def _commonest(values: pd.Series) -> str:
    counts = values.value_counts()
    return str(min(counts.index, key=lambda level: (-counts[level], str(level))))


def informative(design: pd.DataFrame) -> pd.DataFrame:
    """The columns that vary: a constant column has no coefficient and makes a Cox model singular."""
    varies = np.ptp(design.to_numpy(), axis=0) > 0
    return design[[str(name) for name, keep in zip(design.columns, varies, strict=True) if keep]]
