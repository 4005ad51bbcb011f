"""Ranks of many features at once, and what is correlated by them."""

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

Float = NDArray[np.float64]


def ranks(values: Float) -> Float:
    """Mid-ranks of each column (cases, features) among its known values; NaN where missing."""
    missing = np.isnan(values)
    ranked = rankdata(np.where(missing, np.inf, values), axis=0)
    return np.where(missing, np.nan, ranked)


def standard_ranks(values: Float) -> Float:
    """Ranks with mean 0 and sum of squares 1 a column, so that products of columns are Spearman correlations.

    A missing value counts as the median, as it does in the models' encoding; a constant column is 0 throughout.
    """
    ranked = ranks(values)
    known = ~np.isnan(ranked)
    middle = (known.sum(axis=0) + 1) / 2  # mean of the ranks, hence that of the median
    centred = np.where(known, ranked - middle, 0.0)
    length = np.sqrt((centred**2).sum(axis=0))
    return np.asarray(centred / np.where(length > 0, length, 1.0))
