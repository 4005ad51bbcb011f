"""Intraclass correlation: how much of the spread of ratings lies between the subjects."""

from typing import Literal

import numpy as np
from scipy import stats

from .arrays import FloatArray, Ratings
from .estimate import Estimate, StatisticError, normal_quantile

Form = Literal["1", "1,k", "C,1", "C,k", "A,1", "A,k"]


def icc(ratings: Ratings, *, form: Form = "A,1", level: float = 0.95) -> Estimate:
    """Intraclass correlation of McGraw & Wong 1996 with its F interval; `p` is the F test of zero.

    "1": raters differ between subjects (Shrout & Fleiss 1979: ICC(1,1)); "A,1": absolute agreement of raters
    seen by all (ICC(2,1)); "C,1": consistency, rater means apart (ICC(3,1)); with ",k" that of the mean of
    the k raters. `n` counts subjects.

    Args:
        ratings: (subjects, raters), complete.
        form: which coefficient.
        level: confidence level.
    """
    table = _checked_ratings(ratings)
    normal_quantile(level)
    n, k = table.shape
    deviation = table - table.mean()
    row, column = deviation.mean(axis=1), deviation.mean(axis=0)
    residual = deviation - row[:, None] - (0 if form.startswith("1") else column)
    df = n * (k - 1) if form.startswith("1") else (n - 1) * (k - 1)
    between = k * float(row @ row) / (n - 1)
    error = float(np.sum(residual**2)) / df
    if form.startswith("A"):
        rater = n * float(column @ column) / (k - 1)
        values = _agreement(between, error, rater, shape=(n, k), level=level)
    else:
        ends = np.append(1.0, stats.f.ppf([(1 + level) / 2, (1 - level) / 2], n - 1, df))
        values = (between - ends * error) / (between + (k - 1) * ends * error)
    if form.endswith("k"):
        values = _stepped_up(values, k)
    p = float(stats.f.sf(between / error, n - 1, df)) if error > 0 else 0.0
    value, low, high = (float(v) for v in values)
    return Estimate(value, low, high, n, f"ICC({form}), {k} raters, F interval", p)


def _agreement(
    between: float, error: float, rater: float, *, shape: tuple[int, int], level: float
) -> FloatArray:
    """ICC(A,1) with its limits (McGraw & Wong 1996, table 7; Satterthwaite degrees of freedom)."""
    n, k = shape
    r = (between - error) / (between + (k - 1) * error + k * (rater - error) / n)
    weight = n * (1 + (k - 1) * r) - k * r
    spread = k**2 * r**2 * rater**2 / (k - 1) + weight**2 * error**2 / ((n - 1) * (k - 1))
    if spread == 0:
        return np.array([r, r, r])
    df = (k * r * rater + weight * error) ** 2 / spread
    upper = stats.f.ppf((1 + level) / 2, n - 1, df)
    lower = stats.f.ppf((1 + level) / 2, df, n - 1)
    rest = k * rater + (k * n - k - n) * error
    low = n * (between - upper * error) / (upper * rest + n * between)
    high = n * (lower * between - error) / (rest + n * lower * between)
    return np.array([r, low, high])


def _stepped_up(values: FloatArray, raters: int) -> FloatArray:
    """Spearman-Brown: the coefficient of the mean of the raters from that of one."""
    share = 1 + (raters - 1) * values
    if np.any(share <= 0):
        raise StatisticError(
            "subjects differ no more than their ratings do by chance: the agreement of mean ratings is undefined; "
            "report that of a single rating"
        )
    return raters * values / share


def _checked_ratings(ratings: np.ndarray) -> FloatArray:
    table = np.asarray(ratings, dtype=float)
    if table.ndim != 2 or table.shape[0] < 3 or table.shape[1] < 2:
        raise StatisticError(f"ratings have shape {table.shape}; at least 3 subjects by 2 raters are needed")
    bad = np.argwhere(~np.isfinite(table))
    if bad.size:
        raise StatisticError(
            f"ratings hold {table[tuple(bad[0])]} for subject {bad[0][0]}, rater {bad[0][1]} ({len(bad)} such in "
            "all); leave incomplete subjects out"
        )
    if np.ptp(table, axis=0).max() == 0:
        raise StatisticError(
            "all subjects have the same ratings; without spread no agreement can be measured"
        )
    return table
