"""The Laplacian of Gaussian as ITK computes it: Deriche's recursive filters with Farneback & Westin's coefficients.

The Gaussian and its second derivative are written as sums of two damped cosines (Farneback & Westin, J Math Imaging Vis
2006, 26:293-299, fourth order), of which a causal and an anti-causal recursion give the two halves. Outside the image its
border goes on for ever.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.signal import lfilter, lfilter_zi

Floats = NDArray[np.float64]
Box = tuple[slice, ...]
_FREQUENCY, _DAMPING = (0.6681, 2.0787), (-1.3932, -1.3732)
_COSINE = {0: (1.3530, -0.3531), 2: (-1.3563, 0.3446)}
_SINE = {0: (1.8151, 0.0902), 2: (5.2318, -2.2355)}
_REACH = 16
"""Standard deviations after which the slower of the two waves has faded to 3e-10."""


@dataclass(frozen=True, slots=True, eq=False)
class _Recursion:
    """Numerators of the causal and of the anti-causal half, and their denominator."""

    ahead: Floats
    back: Floats
    below: Floats


def laplacian(
    array: NDArray[Any], box: Box, *, spacing_mm: tuple[float, ...], sigma_mm: float
) -> NDArray[np.float32]:
    """Laplacian of Gaussian times `sigma_mm` squared, in `box` of `array` (z, y, x), which is filtered as a whole.

    Single precision between the steps, as in ITK.
    """
    wide, inner = _around(array.shape, box, [_REACH * sigma_mm / mm for mm in spacing_mm])
    values = array[wide].astype(np.float32)
    smooth, curve = ([_recursion(sigma_mm / mm, order) for mm in spacing_mm] for order in (0, 2))
    weight = [np.float32(sigma_mm**2 / mm**2) for mm in spacing_mm]
    z_smooth, z_curve = _filtered(values, smooth[0], 0), _filtered(values, curve[0], 0)
    zy_smooth = _filtered(z_smooth, smooth[1], 1)
    bent = weight[0] * _filtered(z_curve, smooth[1], 1) + weight[1] * _filtered(z_smooth, curve[1], 1)
    found = _filtered(bent, smooth[2], 2) + weight[2] * _filtered(zy_smooth, curve[2], 2)
    return np.ascontiguousarray(found[inner])


def _around(shape: tuple[int, ...], box: Box, reach: list[float]) -> tuple[Box, Box]:
    """The box widened by `reach` as far as the image goes, and where the box lies in it."""
    wide = tuple(
        slice(max(part.start - int(np.ceil(r)), 0), min(part.stop + int(np.ceil(r)), n))
        for part, r, n in zip(box, reach, shape, strict=True)
    )
    inner = tuple(slice(p.start - w.start, p.stop - w.start) for p, w in zip(box, wide, strict=True))
    return wide, inner


def _filtered(values: NDArray[np.float32], by: _Recursion, axis: int) -> NDArray[np.float32]:
    ahead = _run(values.astype(np.float64), by.ahead, by.below, axis)
    back = _run(np.flip(values, axis).astype(np.float64), by.back, by.below, axis)
    return (ahead + np.flip(back, axis)).astype(np.float32)


def _run(values: Floats, above: Floats, below: Floats, axis: int) -> Floats:
    """One recursion, begun as if the first sample had gone on for ever before."""
    shape = [1] * values.ndim
    shape[axis] = -1
    state = lfilter_zi(above, below).reshape(shape) * np.take(values, [0], axis)
    return np.asarray(lfilter(above, below, values, axis=axis, zi=state)[0])


def _recursion(sigma: float, order: int) -> _Recursion:
    """Filter of the Gaussian of `sigma` samples (order 0) or of its second derivative (2), scaled to unit response.

    Order 0 keeps a constant; order 2 gives 0 for a constant, to which end some of order 0 is added, and 1 for x^2 / 2.
    """
    above, below = _waves(sigma, 0)
    if order == 0:
        above = above / (2 * above.sum() / below.sum() - above[0])
    else:
        curved, _ = _waves(sigma, 2)
        share = (2 * curved.sum() - below.sum() * curved[0]) / (2 * above.sum() - below.sum() * above[0])
        above = curved - share * above
        above = above / _second_moment(above, below)
    back = np.zeros(5)
    back[1:4] = above[1:] - below[1:4] * above[0]
    back[4] = -below[4] * above[0]
    return _Recursion(above, back, below)


def _waves(sigma: float, order: int) -> tuple[Floats, Floats]:
    """Numerator and denominator of the causal half: each wave (a cos wn + b sin wn) e^(ln) is a fraction in z."""
    above, below = [], []
    for w, l, a, b in zip(_FREQUENCY, _DAMPING, _COSINE[order], _SINE[order], strict=True):
        fade, cosine, sine = np.exp(l / sigma), np.cos(w / sigma), np.sin(w / sigma)
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
