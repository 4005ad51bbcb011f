"""Features before and after a transform as places on the same two principal components."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..core.errors import DataError

Float = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Projection:
    """Places (cases, 2) on the first two components of the features before, and their shares of its variance (2,)."""

    before: Float
    after: Float
    shares: Float


def project(before: pd.DataFrame, after: pd.DataFrame) -> Projection:
    """Both tables (cases, features) on the principal components of the first, standardised.

    What moved is seen where it was. A missing value counts as the feature's mean; each component points to where its
    largest loading is positive.
    """
    shared = [name for name in before.select_dtypes("number").columns if name in after]
    first = before[shared].to_numpy(dtype=float)
    varies = np.array([np.unique(column[~np.isnan(column)]).size > 1 for column in first.T], dtype=bool)
    if len(before) != len(after) or len(before) < 3 or varies.sum() < 2:
        raise DataError(
            f"before has {len(before)} cases, after {len(after)}, with {int(varies.sum())} varying features in common;"
            " give the same three cases or more and two features or more"
        )
    second = after[shared].to_numpy(dtype=float)[:, varies]
    first = first[:, varies]
    mean, spread = np.nanmean(first, axis=0), np.nanstd(first, axis=0)
    tables = [np.nan_to_num((table - mean) / spread) for table in (first, second)]
    _, size, axes = np.linalg.svd(tables[0] - tables[0].mean(axis=0), full_matrices=False)
    two = axes[:2] * np.sign(axes[[0, 1], np.abs(axes[:2]).argmax(axis=1)])[:, None]
    return Projection(tables[0] @ two.T, tables[1] @ two.T, size[:2] ** 2 / np.sum(size**2))
