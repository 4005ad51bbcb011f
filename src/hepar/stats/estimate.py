"""What every statistic returns, and how it refuses."""

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

from .arrays import Floats, Labels


class StatisticError(ValueError):
    """The data given do not define the statistic that was asked for."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value with its two-sided confidence interval, and how it was made.

    `low` and `high` are NaN where no interval is defined; `p` is NaN where no hypothesis is tested.
    `n` counts the observations (participants or units), `events` those with the outcome (0: not counted).
    """

    value: float
    low: float
    high: float
    n: int
    method: str
    p: float = float("nan")
    events: int = 0
    se: float = float("nan")


def normal_quantile(level: float) -> float:
    """Two-sided normal quantile of a confidence `level`.

    >>> round(normal_quantile(0.95), 6)
    1.959964
    """
    if not 0 < level < 1:
        raise StatisticError(f"confidence level is {level}; it must lie between 0 and 1, e.g. 0.95")
    return float(ndtri((1 + level) / 2))


def as_finite(values: Labels, *, name: str) -> Floats:
    """`values` as a one-dimensional float array; refuses NaN and infinity, naming the first."""
    array = np.asarray(values, dtype=float)
    if array.ndim != 1:
        raise StatisticError(f"{name} has shape {array.shape}; it must be one-dimensional")
    bad = np.flatnonzero(~np.isfinite(array))
    if bad.size:
        raise StatisticError(
            f"{name} holds {array[bad[0]]} at position {bad[0]} ({bad.size} such in all); drop or impute them"
        )
    return array
