"""Interpolation of an array at points along its axes, one axis after the other."""

from collections.abc import Callable, Sequence
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from .geometry import Array

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

NOISE = 1e-6
"""Share of a voxel by which a point midway between two may miss the middle and still be nearest to the upper one."""
SPLINE_REACH = 32
"""Voxels after which a cubic spline forgets a value: its weight is below 1e-18."""


class Points(NamedTuple):
    """Points along an axis: the index before each and the share of a voxel beyond it.

    Apart, so that a point keeps its last digit wherever the array is cut.
    """

    below: Ints
    beyond: Floats

    @classmethod
    def at(cls, places: Floats) -> Self:
        """From places in voxels."""
        below = np.floor(places)
        return cls(below.astype(np.int64), places - below)


class Method(NamedTuple):
    """A kind of interpolation along one axis.

    `prepare` turns an array and points into those that `take` reads; `reach` counts the voxels on either side of a
    point's neighbours that bear on the value there.
    """

    prepare: Callable[[Array, Points, int], tuple[Array, Points]]
    take: Callable[[Array, Points, int], Floats]
    reach: int


def interpolated(array: Array, points: Sequence[Points | None], method: Method) -> Floats:
    """`array` (z, y, x) at `points` of each axis, None where the axis stays; beyond the border its values go on.

    Slice by slice, so that no second array of the result's size is needed.
    """
    along_z, *in_plane = points
    stack = np.ascontiguousarray(array)  # or else each slice taken would copy the array
    if along_z is not None:
        stack, along_z = method.prepare(stack, along_z, 0)
    size = [
        length if axis is None else len(axis.below) for axis, length in zip(points, array.shape, strict=True)
    ]
    found = np.empty(size)
    for k in range(size[0]):
        plane = stack[k] if along_z is None else method.take(stack, _one(along_z, k), 0)[0]
        for axis, along in enumerate(in_plane):
            if along is not None:
                plane = method.take(*method.prepare(plane, along, axis), axis)
        found[k] = plane
    return found


def _one(points: Points, k: int) -> Points:
    return Points(points.below[k : k + 1], points.beyond[k : k + 1])


def _as_it_is(array: Array, points: Points, _axis: int) -> tuple[Array, Points]:
    return array, points


def _nearest(array: Array, points: Points, axis: int) -> Floats:
    return _values(array, points.below + (points.beyond >= 0.5 - NOISE), axis)


def _linear(array: Array, points: Points, axis: int) -> Floats:
    low, high = _values(array, points.below, axis), _values(array, points.below + 1, axis)
    high -= low
    high *= _along(points.beyond, axis, array.ndim)
    high += low
    return high


def _spline_heights(array: Array, points: Points, axis: int) -> tuple[Array, Points]:
    """Heights of the B-splines of degree 3 that run through the values, as far as a spline looks."""
    before = max(SPLINE_REACH - int(points.below[0]), 0)
    after = max(int(points.below[-1]) + 1 + SPLINE_REACH - (array.shape[axis] - 1), 0)
    width = [(before, after) if number == axis else (0, 0) for number in range(array.ndim)]
    padded = np.pad(array.astype(np.float64), width, mode="edge")
    heights = ndimage.spline_filter1d(padded, order=3, axis=axis, mode="mirror")
    return heights, Points(points.below + before, points.beyond)


def _cubic(heights: Array, points: Points, axis: int) -> Floats:
    t = points.beyond
    weights = ((1 - t) ** 3, 3 * t**3 - 6 * t**2 + 4, -3 * t**3 + 3 * t**2 + 3 * t + 1, t**3)
    found, *others = (
        _values(heights, points.below - 1 + offset, axis) * _along(weight / 6, axis, heights.ndim)
        for offset, weight in enumerate(weights)
    )
    for part in others:
        found += part
    return found


def _values(array: Array, indices: Ints, axis: int) -> Floats:
    """A new array of those along `axis`; beyond the border the last ones."""
    return array.take(np.clip(indices, 0, array.shape[axis] - 1), axis).astype(np.float64)


def _along(weights: Floats, axis: int, n_axes: int) -> Floats:
    return weights.reshape([-1 if number == axis else 1 for number in range(n_axes)])


METHODS = {
    "nearest": Method(_as_it_is, _nearest, 1),
    "linear": Method(_as_it_is, _linear, 1),
    "cubic": Method(_spline_heights, _cubic, SPLINE_REACH),
}
"""By name; values are computed in double precision."""
