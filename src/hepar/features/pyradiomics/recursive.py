"""The Laplacian of Gaussian as ITK computes it: Deriche's recursive filters with Farneback & Westin's coefficients.

The Gaussian and its second derivative are written as sums of two damped cosines (Farneback & Westin, J Math Imaging
Vis 2006, 26:293-299, fourth order), of which a causal and an anti-causal recursion give the two halves. Outside the
image its border goes on for ever.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...imaging.compiled import compiled

Floats = NDArray[np.float64]
Box = tuple[slice, ...]
_FREQUENCY, _DAMPING = (0.6681, 2.0787), (-1.3932, -1.3732)
_COSINE = {0: (1.3530, -0.3531), 2: (-1.3563, 0.3446)}
_SINE = {0: (1.8151, 0.0902), 2: (5.2318, -2.2355)}
_LANES = 32
_REACH = 16
"""Standard deviations after which the slower of the two waves has faded to 3e-10."""


@dataclass(frozen=True, slots=True, eq=False)
class _Recursion:
    """Numerators of the causal and of the anti-causal half, and their denominator; five terms each."""

    ahead: Floats
    back: Floats
    below: Floats


def laplacian(
    array: NDArray[Any], box: Box, *, spacing_mm: tuple[float, ...], sigma_mm: float
) -> NDArray[np.float32]:
    """Laplacian of Gaussian times `sigma_mm` squared, in `box` of `array` (z, y, x), which is filtered as a whole.

    Steps in ITK's order, with single precision between them: for x, y and z the second derivative along it, smoothed
    along the others.
    """
    wide, inner = _around(array.shape, box, [_REACH * sigma_mm / mm for mm in spacing_mm])
    values = array[wide]
    total = np.zeros(values.shape, np.float32)
    for bent in (2, 1, 0):
        found = _filtered(values, _recursion(sigma_mm / spacing_mm[bent], 2, sigma_mm**2), bent)
        for axis in (axis for axis in (2, 1, 0) if axis != bent):
            found = _filtered(found, _recursion(sigma_mm / spacing_mm[axis], 0), axis)
        total = (total + found.astype(np.float64) / spacing_mm[bent] ** 2).astype(np.float32)
    return np.ascontiguousarray(total[inner])


def _around(shape: tuple[int, ...], box: Box, reach: list[float]) -> tuple[Box, Box]:
    """The box widened by `reach` as far as the image goes, and where the box lies in it."""
    wide = tuple(
        slice(max(part.start - int(np.ceil(r)), 0), min(part.stop + int(np.ceil(r)), n))
        for part, r, n in zip(box, reach, shape, strict=True)
    )
    inner = tuple(slice(p.start - w.start, p.stop - w.start) for p, w in zip(box, wide, strict=True))
    return wide, inner


def _filtered(values: NDArray[Any], by: _Recursion, axis: int) -> NDArray[np.float32]:
    """Both halves along an axis, added."""
    found = np.empty(values.shape, np.float32)
    n, step = values.shape[axis], int(np.prod(values.shape[axis + 1 :]))
    # lines that start side by side, `across` apart, and sets of them, `apart` apart
    across, side_by_side, apart = (1, step, n * step) if step > 1 else (n, values.size // n, values.size)
    steady = np.array([by.ahead.sum(), by.back.sum()]) / by.below.sum()
    terms = (
        *map(float, by.ahead[:4]),
        *map(float, by.back[1:]),
        *map(float, by.below[1:]),
        *map(float, steady),
    )
    work = np.zeros((3, n + 8, _LANES))
    flat = np.ascontiguousarray(values, np.float64).ravel()
    lanes = (step, across, side_by_side, apart)
    _recurse(flat, found.ravel(), lanes=lanes, terms=terms, work=work)
    return found


@compiled
def _recurse(
    values: Floats,
    found: NDArray[np.float32],
    *,
    lanes: tuple[int, ...],
    terms: tuple[float, ...],
    work: Floats,
) -> None:
    """Filters a block of neighbouring lines at a time, in `work`, which stays in the cache.

    `work` holds the samples with 4 of the border before and after, and the two halves.
    """
    step, across, side_by_side, apart = lanes
    n = work.shape[1] - 8
    for first in range(0, values.size, apart):
        for lane in range(0, side_by_side, _LANES):
            start, width = first + lane * across, min(_LANES, side_by_side - lane)
            for k in range(n + 8):
                at = start + min(max(k - 4, 0), n - 1) * step
                for i in range(width):
                    work[0, k, i] = values[at + i * across]
            _run(work, terms)
            for k in range(n):
                for i in range(width):
                    found[start + k * step + i * across] = work[1, k + 4, i] + work[2, k + 4, i]


@compiled
def _run(work: Floats, terms: tuple[float, ...]) -> None:
    """Both recursions, begun in their steady state."""
    x, ahead, back = work[0], work[1], work[2]
    n = len(x) - 8
    n0, n1, n2, n3, m1, m2, m3, m4, d1, d2, d3, d4, before, after = terms
    for k in range(4):
        for i in range(_LANES):
            ahead[k, i] = before * x[0, i]
            back[n + 4 + k, i] = after * x[n + 7, i]
    for k in range(4, n + 4):
        for i in range(_LANES):
            ahead[k, i] = (n0 * x[k, i] + n1 * x[k - 1, i] + n2 * x[k - 2, i] + n3 * x[k - 3, i]) - (
                d1 * ahead[k - 1, i] + d2 * ahead[k - 2, i] + d3 * ahead[k - 3, i] + d4 * ahead[k - 4, i]
            )
    for k in range(n + 3, 3, -1):
        for i in range(_LANES):
            back[k, i] = (m1 * x[k + 1, i] + m2 * x[k + 2, i] + m3 * x[k + 3, i] + m4 * x[k + 4, i]) - (
                d1 * back[k + 1, i] + d2 * back[k + 2, i] + d3 * back[k + 3, i] + d4 * back[k + 4, i]
            )


def _recursion(sigma: float, order: int, scale: float = 1.0) -> _Recursion:
    """Filter of the Gaussian of `sigma` samples (order 0) or of its second derivative (2), of unit response by `scale`.

    Order 0 keeps a constant; order 2 gives 0 for a constant, to which end some of order 0 is added, and 1 for x^2 / 2.
    """
    above, below = _waves(sigma, 0)
    if order == 0:
        above = above / (2 * above.sum() / below.sum() - above[0])
    else:
        curved, _ = _waves(sigma, 2)
        share = (2 * curved.sum() - below.sum() * curved[0]) / (2 * above.sum() - below.sum() * above[0])
        above = curved - share * above
        above = above * (scale / _second_moment(above, below))
    back = np.zeros(5)
    back[1:4] = above[1:] - below[1:4] * above[0]
    back[4] = -below[4] * above[0]
    return _Recursion(np.append(above, 0.0), back, below)


def _waves(sigma: float, order: int) -> tuple[Floats, Floats]:
    """Numerator and denominator of the causal half: each wave (a cos wn + b sin wn) e^(dn) is a fraction in z."""
    above, below = [], []
    for w, damping, a, b in zip(_FREQUENCY, _DAMPING, _COSINE[order], _SINE[order], strict=True):
        fade, cosine, sine = np.exp(damping / sigma), np.cos(w / sigma), np.sin(w / sigma)
        above.append(np.array([a, fade * (b * sine - a * cosine)]))
        below.append(np.array([1, -2 * fade * cosine, fade**2]))
    joined = np.convolve(above[0], below[1]) + np.convolve(above[1], below[0])
    return joined, np.convolve(below[0], below[1])


def _second_moment(above: Floats, below: Floats) -> float:
    """Sum of n^2 h(n), n >= 1, of h = above / below: half the response of the two halves to x^2."""
    n0, n1, n2 = _moments(above)
    d0, d1, d2 = _moments(below)
    return float((n2 * d0**2 - d2 * n0 * d0 - 2 * n1 * d1 * d0 + 2 * d1**2 * n0) / d0**3)


def _moments(values: Floats) -> tuple[float, float, float]:
    n = np.arange(len(values))
    return float(values.sum()), float(n @ values), float(n**2 @ values)
