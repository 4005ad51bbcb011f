"""ITK's interpolation of an image on another grid, to the last bit.

The last bit matters: values of an image of whole numbers are cut off, and where a new voxel lies on an old one the
spline gives the old value but for rounding, 99.9999 or 100.0.
"""

from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .grid import Grid
from .settings import Interpolator

Array = NDArray[Any]
Floats = NDArray[np.float64]
_POLE = float(np.sqrt(3.0)) - 2.0
_HORIZON = int(np.ceil(np.log(1e-10) / np.log(abs(_POLE))))
"""Samples that ITK sums for the first coefficient."""
_MARGIN = 48
"""Samples after which the spline's memory of its first coefficient is below the last bit."""
_CLOSE = 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class _Taps:
    """For each new place along an axis the four old samples around it and their weights, (4, places)."""

    index: NDArray[np.int64]
    weight: Floats


def interpolate(array: Array, grid: Grid, method: Interpolator) -> Array:
    """Values of `array` on `grid`, 0 outside the image, in the type of `array`: whole numbers are cut off towards 0."""
    if method == "sitkNearestNeighbor":
        return nearest(array, grid)
    found = _spline(array, grid) if method == "sitkBSpline" else _linear(array, grid)
    if np.issubdtype(array.dtype, np.integer):
        found = np.clip(found, np.iinfo(array.dtype).min, np.iinfo(array.dtype).max)
    return np.where(_inside(array.shape, grid), found, 0.0).astype(array.dtype)


def nearest(array: Array, grid: Grid) -> Array:
    """The value of the nearest voxel, the upper one where two are as near; 0 outside the image."""
    inside = _inside(array.shape, grid)
    for axis, (at, n) in enumerate(zip(grid.positions, array.shape, strict=True)):
        array = np.take(array, np.clip(np.floor(at + 0.5).astype(int), 0, n - 1), axis=axis)
    return np.where(inside, array, np.zeros((), array.dtype))


def _inside(shape: tuple[int, ...], grid: Grid) -> NDArray[np.bool_]:
    """Samples within half a voxel of the image."""
    z, y, x = ((at >= -0.5) & (at < n - 0.5) for at, n in zip(grid.positions, shape, strict=True))
    return np.asarray(z[:, None, None] & y[:, None] & x)


def _linear(array: Array, grid: Grid) -> Floats:
    """Between the two samples along x, then y, then z; the border's value beyond it."""
    values = array.astype(np.float64)
    for axis in (2, 1, 0):
        at, n = grid.positions[axis], array.shape[axis]
        base = np.floor(at).astype(int)
        low, high = (np.take(values, np.clip(base + step, 0, n - 1), axis=axis) for step in (0, 1))
        values = low + (high - low) * _along(at - base, axis)
    return values


def _spline(array: Array, grid: Grid) -> Floats:
    """Cubic B-spline, mirrored about the first and the last sample (Unser et al. 1993)."""
    kept, taps = [], []
    for at, n in zip(grid.positions, array.shape, strict=True):
        base = np.floor(at.astype(np.float32)).astype(np.int64)  # ITK rounds to single precision here
        low, high = max(int(base[0]) - _MARGIN, 0), min(int(base[-1]) + _MARGIN + 1, n)
        kept.append(slice(low, high))
        taps.append(_Taps(_mirror(base + np.arange(-1, 3)[:, None], n) - low, _weights(at - base)))
    coefficients = array[tuple(kept)].astype(np.float64)
    for axis in (2, 1, 0):
        coefficients = _coefficients(coefficients, axis)
    found = _sum_by_axis(coefficients, taps)
    if np.issubdtype(array.dtype, np.integer):
        near = np.nonzero(abs(found - np.rint(found)) < _CLOSE)
        found[near] = _sum_by_sample(coefficients, taps, near)
    return found


def _weights(past: Floats) -> Floats:
    """Weights of the four samples around a place `past` the second of them, in ITK's order of operations."""
    fourth = (1.0 / 6.0) * past * past * past
    first = (1.0 / 6.0) + 0.5 * past * (past - 1.0) - fourth
    third = past + first - 2.0 * fourth
    return np.stack([first, 1.0 - first - third - fourth, third, fourth])


def _mirror(index: NDArray[np.int64], n: int) -> NDArray[np.int64]:
    period = max(2 * n - 2, 1)
    index = np.abs(index) % period
    return np.asarray(np.minimum(index, period - index) if n > 1 else np.zeros_like(index))


def _coefficients(values: Floats, axis: int) -> Floats:
    """B-spline coefficients along an axis by ITK's recursion."""
    n = values.shape[axis]
    if n == 1:
        return values
    lines = np.ascontiguousarray(np.moveaxis(values, axis, 0))
    lines = lines * ((1.0 - _POLE) * (1.0 - 1.0 / _POLE))
    lines[0] = _first_coefficient(lines)
    for k in range(1, n):
        lines[k] += _POLE * lines[k - 1]
    lines[-1] = (_POLE / (_POLE * _POLE - 1.0)) * (_POLE * lines[-2] + lines[-1])
    for k in range(n - 2, -1, -1):
        lines[k] = _POLE * (lines[k + 1] - lines[k])
    return np.asarray(np.moveaxis(lines, 0, axis))


def _first_coefficient(lines: Floats) -> Floats:
    """Sum over the mirrored samples, ended at the horizon."""
    n, power = len(lines), _POLE
    total = lines[0].copy()
    if n > _HORIZON:
        for k in range(1, _HORIZON):
            total += power * lines[k]
            power *= _POLE
        return np.asarray(total)
    back = _POLE ** (n - 1.0)
    total += back * lines[-1]
    back *= back * (1.0 / _POLE)
    for k in range(1, n - 1):
        total += (power + back) * lines[k]
        power, back = power * _POLE, back * (1.0 / _POLE)
    return np.asarray(total / (1.0 - power * power))


def _sum_by_axis(coefficients: Floats, taps: list[_Taps]) -> Floats:
    for axis, tap in enumerate(taps):
        parts = [
            np.take(coefficients, index, axis=axis) * _along(weight, axis)
            for index, weight in zip(tap.index, tap.weight, strict=True)
        ]
        coefficients = parts[0] + parts[1] + parts[2] + parts[3]
    return coefficients


def _sum_by_sample(coefficients: Floats, taps: list[_Taps], at: tuple[NDArray[Any], ...]) -> Floats:
    """The 64 terms of single places, added in ITK's order."""
    z, y, x = taps
    total = np.zeros(len(at[0]))
    for k, j, i in product(range(4), repeat=3):
        weight = x.weight[i][at[2]] * y.weight[j][at[1]] * z.weight[k][at[0]]
        total += weight * coefficients[z.index[k][at[0]], y.index[j][at[1]], x.index[i][at[2]]]
    return total


def _along(values: Floats, axis: int) -> Floats:
    shape = [1, 1, 1]
    shape[axis] = -1
    return values.reshape(shape)
