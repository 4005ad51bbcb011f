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

    At every alpha there is one k with the X asked for, since X falls as k rises; as alpha rises it may do either. Of
    these pairs, along which U falls as alpha rises, the one with the U asked for is taken. Alpha reaches from 0.1 to
    100 and k from 0 to 3.
    """
    table_x, table_u = _table()
    known, grid = np.log(ALPHAS), COHERENT**2  # moments are even in k
    squared = np.array([np.interp(-x, -column, grid) for column in table_x.T])
    at_u = np.array([np.interp(one, grid, column) for one, column in zip(squared, table_u.T, strict=True)])
    last = np.interp(-x, -table_x[0], known)  # the pair with k = 0, beyond which no alpha has this X
    log_alpha = np.vstack((np.broadcast_to(known[:, None], squared.shape), last))
    squared = np.vstack((squared, np.zeros_like(x)))
    miss = np.vstack((at_u, np.interp(last, known, table_u[0]))) - u
    inside = np.vstack((x <= table_x[0][:, None], x >= table_x[0, -1]))
    pairs = np.stack((log_alpha, squared), axis=2)
    made = np.array([_crossing(pairs[:, d][inside[:, d]], miss[:, d][inside[:, d]]) for d in range(x.size)])
    return np.exp(made[:, 0]), np.sqrt(made[:, 1])


def _crossing(pairs: Floats, miss: Floats) -> Floats:
    """Between two of the `pairs` (m, 2), where `miss` (m,) is nil; that of the least if it never is."""
    change = np.flatnonzero(np.diff(np.sign(miss)))
    if not change.size:
        nearest: Floats = pairs[np.abs(miss).argmin()]
        return nearest
    first = int(change[0])
    share = miss[first] / (miss[first] - miss[first + 1])
    made: Floats = pairs[first] + share * (pairs[first + 1] - pairs[first])
    return made


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
