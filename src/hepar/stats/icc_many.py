"""Intraclass correlations of many quantities at once, and the limits that `intraclass` shares."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Float, Int, Real
from scipy import stats

from .arrays import Array, BoolArray, CountArray, FloatArray
from .estimate import StatisticError, normal_quantile

SingleForm = Literal["1", "C,1", "A,1"]
RatingTables = Real[Array, "quantities n raters"]
PerQuantity = Float[FloatArray, " quantities"]
QuantityCounts = Int[CountArray, " quantities"]

FEWEST = 3
"""Subjects below which there is no coefficient."""


@dataclass(frozen=True, slots=True)
class MeanSquares:
    """Mean squares between subjects, between raters and of the rest, of `n` subjects by `k` raters.

    In the one-way analysis the rest holds what the raters add. All are numbers, or arrays of one shape.
    """

    between: FloatArray
    rater: FloatArray
    error: FloatArray
    n: FloatArray
    k: int
    one_way: bool

    @property
    def df(self) -> FloatArray:
        """Degrees of freedom of the rest."""
        return np.asarray(self.n * (self.k - 1) if self.one_way else (self.n - 1) * (self.k - 1))


@dataclass(frozen=True, slots=True, eq=False)
class ManyCorrelations:
    """Coefficient with its limits and the number of complete subjects, for each quantity; NaN where undefined."""

    value: PerQuantity
    low: PerQuantity
    high: PerQuantity
    n: QuantityCounts


def icc_many(ratings: RatingTables, *, form: SingleForm = "1", level: float = 0.95) -> ManyCorrelations:
    """ICC of each quantity on the subjects that have all its ratings; equals `intraclass.icc` of those.

    NaN where fewer than three subjects are complete, or where every rating is the same for all of them.

    Args:
        ratings: (quantities, subjects, raters); NaN is a missing rating.
        form: which coefficient of a single rating (McGraw & Wong, 1996).
        level: confidence level.
    """
    normal_quantile(level)
    tables = np.asarray(ratings, dtype=float)
    if tables.ndim != 3 or tables.shape[2] < 2:
        raise StatisticError(
            f"ratings have shape {tables.shape}; give quantities by subjects by two raters or more"
        )
    complete = np.isfinite(tables).all(axis=2)
    n = complete.sum(axis=1)
    squares = _mean_squares(tables, complete, one_way=form == "1")
    with np.errstate(divide="ignore", invalid="ignore"):
        found = (agreement_limits if form == "A,1" else f_limits)(squares, level=level)
    value, low, high = np.where((n >= FEWEST) & _varies(tables, complete), found, np.nan)
    return ManyCorrelations(value, low, high, n)


def f_limits(squares: MeanSquares, *, level: float) -> FloatArray:
    """Coefficient of a single rating and its limits, forms "1" and "C" (McGraw & Wong, 1996, tables 4 and 7)."""
    tails = [stats.f.ppf(share, squares.n - 1, squares.df) for share in ((1 + level) / 2, (1 - level) / 2)]
    error = np.array([np.ones(squares.n.shape), *tails]) * squares.error
    return np.asarray((squares.between - error) / (squares.between + (squares.k - 1) * error))


def agreement_limits(squares: MeanSquares, *, level: float) -> FloatArray:
    """Coefficient of a single rating and its limits, form "A" (McGraw & Wong, 1996, Satterthwaite's df)."""
    between, error, rater, n, k = squares.between, squares.error, squares.rater, squares.n, squares.k
    r = (between - error) / (between + (k - 1) * error + k * (rater - error) / n)
    weight = n * (1 + (k - 1) * r) - k * r
    spread = k**2 * r**2 * rater**2 / (k - 1) + weight**2 * error**2 / squares.df
    certain = spread == 0
    df = (k * r * rater + weight * error) ** 2 / np.where(certain, 1, spread)
    df = np.where(certain, 1, df)
    upper = stats.f.ppf((1 + level) / 2, n - 1, df)
    lower = stats.f.ppf((1 + level) / 2, df, n - 1)
    rest = k * rater + (k * n - k - n) * error
    low = n * (between - upper * error) / (upper * rest + n * between)
    high = n * (lower * between - error) / (rest + n * lower * between)
    return np.array([r, np.where(certain, r, low), np.where(certain, r, high)])


def _mean_squares(tables: FloatArray, complete: BoolArray, *, one_way: bool) -> MeanSquares:
    """Analysis of variance of `tables` (quantities, subjects, raters) over the subjects that are `complete`."""
    k, n = tables.shape[2], np.maximum(complete.sum(axis=1), 2).astype(float)
    kept = complete[:, :, None]
    values = np.where(kept, tables, 0.0)
    deviation = np.where(kept, values - values.sum(axis=(1, 2), keepdims=True) / (n * k)[:, None, None], 0.0)
    row = deviation.mean(axis=2)
    column = deviation.sum(axis=1) / n[:, None]
    residual = deviation - row[:, :, None] - (0 if one_way else np.where(kept, column[:, None, :], 0.0))
    df = n * (k - 1) if one_way else (n - 1) * (k - 1)
    return MeanSquares(
        between=k * np.sum(row**2, axis=1) / (n - 1),
        rater=n * np.sum(column**2, axis=1) / (k - 1),
        error=np.sum(residual**2, axis=(1, 2)) / df,
        n=n,
        k=k,
        one_way=one_way,
    )


def _varies(tables: FloatArray, complete: BoolArray) -> BoolArray:
    """Quantities of which some rating differs between the complete subjects."""
    kept = complete[:, :, None]
    top, bottom = np.where(kept, tables, -np.inf).max(axis=1), np.where(kept, tables, np.inf).min(axis=1)
    return np.asarray((top > bottom).any(axis=1))
