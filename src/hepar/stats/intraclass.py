"""Intraclass correlation: how much of the spread of ratings lies between the subjects."""

from typing import Literal

import numpy as np
from scipy import stats

from .arrays import FloatArray, Ratings
from .estimate import Estimate, StatisticError, normal_quantile
from .icc_many import MeanSquares, agreement_limits, f_limits

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
    rater = n * float(column @ column) / (k - 1)
    parts = np.array([[between], [rater], [error], [float(n)]])
    squares = MeanSquares(parts[0], parts[1], parts[2], n=parts[3], k=k, one_way=form.startswith("1"))
    values = (agreement_limits if form.startswith("A") else f_limits)(squares, level=level).ravel()
    if form.endswith("k"):
        values = _stepped_up(values, k)
    p = float(stats.f.sf(between / error, n - 1, df)) if error > 0 else 0.0
    value, low, high = (float(v) for v in values)
    return Estimate(value, low, high, n, f"ICC({form}), {k} raters, F interval", p)


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
