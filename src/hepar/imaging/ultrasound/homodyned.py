"""The homodyned-K distribution of echo intensity: from two logarithmic moments to clustering and coherence."""

from functools import lru_cache

import numpy as np
import scipy.special
from numpy.typing import NDArray

Floats = NDArray[np.float64]
ALPHAS = np.geomspace(0.1, 100, 49)
"""Values of alpha in the table; from about 30 the distribution cannot be told from that of any number of scatterers."""
COHERENT = np.linspace(0, 3, 49)
STEPS = 600
LEFT = -28.0
"""Logarithm of the share of the gamma distribution that the integral leaves out at the lower end."""


def log_moments(alpha: Floats, k: Floats) -> tuple[Floats, Floats]:
    """X = E[I ln I] / E[I] - E[ln I] and U = E[ln I] - ln E[I] of a homodyned-K intensity (Destrempes and others 2013).

    `alpha` is the clustering of the scatterers and `k` the ratio of coherent to diffuse signal, epsilon / (sigma
    sqrt(alpha)); arrays of one shape. Given the gamma variate w (mean 1), I / (D w) is a non-central chi-square J with
    g = coherent power / (D w), E[ln J] = ln g + E1(g) = L, E[J ln J] = (1 + g) L + 2 - exp(-g); the rest is an
    integral over ln w. Fully developed speckle (alpha infinite, k = 0) has X = 1 and U = -0.5772.
    """
    shape = np.asarray(alpha, dtype=float)[..., None]
    ratio = np.asarray(k, dtype=float)[..., None] ** 2
    share = np.linspace(0, 1, STEPS)
    low, high = LEFT / shape - 2, np.log(shape + 12 * np.sqrt(shape) + 40)
    at = low + (high - low) * share
    weight = np.exp(shape * at - np.exp(at))
    weight /= weight.sum(axis=-1, keepdims=True)
    power = 2 / (ratio + 2) * np.exp(at) / shape
    coherent = ratio / (ratio + 2) / power
    logarithm = _expected_log(coherent) + np.log(power)
    mean_log = (weight * logarithm).sum(axis=-1)
    product = power * ((1 + coherent) * logarithm + 2 - np.exp(-coherent))
    return (weight * product).sum(axis=-1) - mean_log, mean_log


def homodyned_k(x: Floats, u: Floats) -> tuple[Floats, Floats]:
    """Alpha and k (d,) whose X and U are `x` and `u` (d,) (Destrempes and others 2013); the nearest in the table else.

    At every k there is one alpha with the X asked for; of these pairs the one with the U asked for is taken. Alpha
    reaches from 0.1 to 100 and k from 0 to 3.
    """
    table_x, table_u = _table()
    log_alpha = np.log(ALPHAS)
    found = np.array([np.interp(-x, -row, log_alpha) for row in table_x])  # X falls as alpha rises
    miss = np.array([np.interp(one, log_alpha, row) for one, row in zip(found, table_u, strict=True)]) - u
    inside = (x <= table_x[:, :1]) & (x >= table_x[:, -1:])
    steps = np.arange(COHERENT.size)
    place = np.array([_crossing(*pair) for pair in zip(miss.T, inside.T, strict=True)])
    alpha = [np.interp(at, steps, column) for at, column in zip(place, found.T, strict=True)]
    return np.exp(np.array(alpha)), np.interp(place, steps, COHERENT)


def _crossing(miss: Floats, inside: NDArray[np.bool_]) -> float:
    """Place in `miss`, with its fraction, where it is nil; that of the least if it never is, 0 if none counts."""
    places = np.flatnonzero(inside)
    if not places.size:
        return 0.0
    values = miss[places]
    change = np.flatnonzero(np.diff(np.sign(values)))
    if not change.size:
        return float(places[np.abs(values).argmin()])
    first = int(change[0])
    return float(places[first] + values[first] / (values[first] - values[first + 1]))


def _expected_log(coherent: Floats) -> Floats:
    """E[ln J] of a non-central chi-square of mean 1 + `coherent`."""
    safe = np.maximum(coherent, 1e-300)
    made: Floats = np.where(
        coherent > 1e-12, np.log(safe) + scipy.special.exp1(np.minimum(safe, 700)), -np.euler_gamma
    )
    return made


@lru_cache(maxsize=1)
def _table() -> tuple[Floats, Floats]:
    """X and U (k, alpha)."""
    grid = np.meshgrid(COHERENT, ALPHAS, indexing="ij")
    return log_moments(grid[1], grid[0])
