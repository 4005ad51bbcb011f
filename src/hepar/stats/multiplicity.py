"""P values adjusted for testing several hypotheses.

An adjusted p is compared with the error rate itself: reject where it is at most 0.05. A hypothesis that
could not be tested has p NaN, stays NaN, and does not count among the hypotheses of Holm and of
Benjamini-Hochberg; a gate that could not be tested never opens.
"""

from collections.abc import Callable, Sequence

import numpy as np

from .arrays import FloatArray, Floats, FloatsOfAny, Numbers, NumbersOfAny
from .estimate import StatisticError


def holm(p: Numbers) -> Floats:
    """Step-down Bonferroni (Holm 1979): controls the family-wise error under any dependence.

    >>> holm(np.array([0.01, 0.04, 0.03]))
    array([0.03, 0.06, 0.06])
    """

    def step_down(ascending: FloatArray) -> FloatArray:
        left = np.arange(ascending.size, 0, -1)
        return np.maximum.accumulate(ascending * left)

    return _over_known(p, step_down)


def benjamini_hochberg(p: Numbers) -> Floats:
    """Step-up false discovery rate (Benjamini & Hochberg 1995), for independent or positively dependent p.

    >>> benjamini_hochberg(np.array([0.01, 0.04, 0.03]))
    array([0.03, 0.04, 0.04])
    """

    def step_up(ascending: FloatArray) -> FloatArray:
        scaled = ascending * ascending.size / np.arange(1, ascending.size + 1)
        return np.minimum.accumulate(scaled[::-1])[::-1]

    return _over_known(p, step_up)


def fixed_sequence(p: Numbers) -> Floats:
    """Hypotheses tested in their pre-specified order until one is not rejected (Maurer et al. 1995).

    The adjusted p is the largest so far; after a NaN it is 1.

    >>> fixed_sequence(np.array([0.01, 0.2, 0.03]))
    array([0.01, 0.2 , 0.2 ])
    """
    values = _checked(p)
    running = np.maximum.accumulate(np.where(np.isnan(values), 1.0, values))
    return np.where(np.isnan(values), np.nan, running)


def gatekeeping(families: Sequence[NumbersOfAny]) -> tuple[FloatsOfAny, ...]:
    """Serial gatekeeping (Westfall & Krishen 2001): each family by Holm, once all earlier ones are rejected.

    Controls the family-wise error over all families, e.g. the primary, then the secondary end points. A
    hypothesis's adjusted p is at least the largest of every earlier family.

    >>> gatekeeping([np.array([0.01, 0.02]), np.array([0.001])])
    (array([0.02, 0.02]), array([0.02]))
    """
    gate, adjusted = 0.0, []
    for family in families:
        values = np.maximum(holm(family), gate)
        adjusted.append(values)
        gate = float(np.max(np.where(np.isnan(values), 1.0, values), initial=gate))
    return tuple(adjusted)


def _over_known(p: np.ndarray, adjust: Callable[[FloatArray], FloatArray]) -> FloatArray:
    """`adjust` applied to the known p in ascending order, capped at 1, back in the order of `p`."""
    values = _checked(p)
    known = np.flatnonzero(~np.isnan(values))
    order = known[np.argsort(values[known], kind="stable")]
    adjusted = np.full(values.shape, np.nan)
    adjusted[order] = np.minimum(adjust(values[order]), 1)
    return adjusted


def _checked(p: np.ndarray) -> FloatArray:
    values = np.asarray(p, dtype=float)
    if values.ndim != 1:
        raise StatisticError(f"p has shape {values.shape}; it must be one-dimensional")
    for place in np.flatnonzero((values < 0) | (values > 1)):
        raise StatisticError(f"p holds {values[place]} at position {place}; p values lie between 0 and 1")
    return values
