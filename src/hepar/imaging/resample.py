"""Images and masks on a grid of another spacing (IBSI 3WE3: grids aligned at their centres)."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import ceil
from typing import Literal, Self

import numpy as np

from ..core.errors import DataError, ProtocolError, choices
from .geometry import Array, Volume
from .interpolate import METHODS, Floats, Points, interpolated
from .regions import Box, Mask, bounding_box

Method = Literal["nearest", "linear", "cubic"]
MaskMethod = Literal["nearest", "linear"]
Target = tuple[float | None, float | None, float | None]
"""Wanted spacing (z, y, x) in mm; None leaves an axis as it is."""

NOISE = 1e-4
"""Share of a voxel below which headers' rounding of the spacing adds no voxel and moves no grid."""
MASK_NOISE = 1e-6
"""What an interpolated mask may fall short of its threshold: rounding would otherwise cost whole rows of voxels."""


@dataclass(frozen=True, slots=True, eq=False)
class Axis:
    """One axis of the target grid: `places` are its points in voxels of the old grid, `step` apart.

    Without `places` the axis stays as it is.
    """

    size: int
    places: Floats | None = None
    step: float = 1.0

    @classmethod
    def of(cls, size: int, old_mm: float, new_mm: float | None) -> Self:
        """ceil(size * old / new) points, their middle on that of the old grid."""
        if new_mm is not None and not 0 < new_mm < np.inf:
            raise ProtocolError(f"the spacing {new_mm} mm is asked for; it must be positive")
        if new_mm is None or abs(old_mm / new_mm - 1) * size < NOISE:
            return cls(size)
        count = max(ceil(size * old_mm / new_mm - NOISE), 1)
        step = new_mm / old_mm
        places = (size - 1 - step * (count - 1)) / 2 + step * np.arange(count, dtype=np.float64)
        return cls(count, places, step)


def resample_image(
    volume: Volume,
    spacing_mm: Target,
    *,
    method: Method = "linear",
    whole_numbers: bool = False,
    box: Box | None = None,
) -> Volume:
    """`volume` interpolated at the points of a grid of `spacing_mm`, in double precision; as stored if no axis changes.

    Outside the image its border values go on. `cubic` is the interpolating B-spline of degree 3.
    `whole_numbers` rounds to the nearest integer, halves to the even one, as Hounsfield units ask for. `box` computes
    only that part of the target grid (see `target_box`), with the same values as in the whole (cubic: up to rounding).

    Raises:
        DataError: the image does not have three axes, or holds a value that is not a finite number.
        ProtocolError: a spacing is not positive, or the method none of the three.
    """
    axes = _axes(volume, spacing_mm)
    part = box or _whole(axes)
    array = _interpolated(np.asarray(volume.array), axes, part, method=method)
    if not np.isfinite(array).all():
        raise DataError("the image holds values that are not finite numbers; they cannot be interpolated")
    if whole_numbers:
        _round(array)
    return _placed(volume, array, axes=axes, part=part)


def resample_mask(
    volume: Volume,
    spacing_mm: Target,
    *,
    method: MaskMethod = "linear",
    threshold: float = 0.5,
    box: Box | None = None,
) -> Volume:
    """The mask `volume` on a grid of `spacing_mm`: voxels where its interpolation reaches `threshold`.

    Raises:
        DataError: the mask is empty, or nothing is left of it on the new grid.
        ProtocolError: a spacing is not positive, or the method neither of the two.
    """
    if method not in ("nearest", "linear"):
        raise ProtocolError(
            f"masks are not interpolated by {method!r}; {choices(method, ('nearest', 'linear'))}"
        )
    axes = _axes(volume, spacing_mm)
    part = box or _whole(axes)
    mask = np.zeros(tuple(axis.stop - axis.start for axis in part), bool)
    reached = _overlap(_reached(volume, axes), part)
    inside = tuple(slice(r.start - p.start, r.stop - p.start) for r, p in zip(reached, part, strict=True))
    if mask[inside].size:
        share = _interpolated(np.asarray(volume.array, bool), axes, reached, method=method)
        mask[inside] = share >= threshold - MASK_NOISE
    if not mask.any():
        raise DataError(
            f"nothing is left of the region at a spacing of {spacing_mm} mm: it has"
            f" {np.count_nonzero(volume.array)} voxels of {volume.spacing_mm} mm; take a finer spacing"
        )
    return _placed(volume, mask, axes=axes, part=part)


def resample_region(
    image: Volume,
    masks: Mapping[str, Mask],
    *,
    spacing_mm: Target | None,
    margin_mm: tuple[float, float, float] = (0.0, 0.0, 0.0),
    method: Method = "linear",
    mask_method: MaskMethod = "linear",
    whole_numbers: bool = False,
) -> tuple[Volume, dict[str, Mask]]:
    """`image` around `masks` (z, y, x on its grid) and each mask, on the part of a grid of `spacing_mm` that they need.

    The part holds every resampled region and `margin_mm` (z, y, x) around it, as far as the grid goes; values are those
    of the whole grid. Without a spacing image and masks are cut out as they are.

    Raises:
        DataError: as `resample_image` and `resample_mask`, with the name of the mask.
    """
    wanted = spacing_mm or (None, None, None)
    volumes = {name: image.like(mask, unit="") for name, mask in masks.items()}
    box = _around([target_box(volume, wanted, margin_mm=margin_mm) for volume in volumes.values()])
    near = resample_image(image, wanted, method=method, whole_numbers=whole_numbers, box=box)
    found = {}
    for name, volume in volumes.items():
        try:
            found[name] = resample_mask(volume, wanted, method=mask_method, box=box).array
        except DataError as error:
            raise DataError(f"region {name!r}: {error}") from None
    return near, found


def target_box(
    mask: Volume, spacing_mm: Target, *, margin_mm: tuple[float, float, float] = (0.0, 0.0, 0.0)
) -> Box:
    """The part of the target grid that holds the resampled region and `margin_mm` (z, y, x) around it."""
    axes = _axes(mask, spacing_mm)
    new_mm = (old if new is None else new for old, new in zip(mask.spacing_mm, spacing_mm, strict=True))
    steps = (ceil(margin / step - NOISE) for margin, step in zip(margin_mm, new_mm, strict=True))
    z, y, x = (
        slice(max(part.start - more, 0), min(part.stop + more, axis.size))
        for part, more, axis in zip(_reached(mask, axes), steps, axes, strict=True)
    )
    return z, y, x


def _around(boxes: list[Box]) -> Box:
    z, y, x = (
        slice(min(part.start for part in parts), max(part.stop for part in parts))
        for parts in zip(*boxes, strict=True)
    )
    return z, y, x


def _axes(volume: Volume, spacing_mm: Target) -> list[Axis]:
    if volume.array.ndim != 3:
        raise DataError(
            f"the image has {volume.array.ndim} axes; resampling needs three: slices, rows, columns"
        )
    old = zip(volume.array.shape, volume.spacing_mm, spacing_mm, strict=True)
    return [Axis.of(size, old_mm, new_mm) for size, old_mm, new_mm in old]


def _whole(axes: list[Axis]) -> Box:
    z, y, x = (slice(0, axis.size) for axis in axes)
    return z, y, x


def _reached(mask: Volume, axes: list[Axis]) -> Box:
    """Target points less than one old voxel away from the region."""
    z, y, x = (
        part if axis.places is None else _between(axis.places, part.start - 1, part.stop)
        for part, axis in zip(bounding_box(np.asarray(mask.array, bool)), axes, strict=True)
    )
    return z, y, x


def _between(places: Floats, low: float, high: float) -> slice:
    return slice(int(np.searchsorted(places, low)), int(np.searchsorted(places, high, side="right")))


def _overlap(first: Box, second: Box) -> Box:
    z, y, x = (
        slice(max(a.start, b.start), max(min(a.stop, b.stop), max(a.start, b.start)))
        for a, b in zip(first, second, strict=True)
    )
    return z, y, x


def _interpolated(array: Array, axes: list[Axis], part: Box, *, method: str) -> Array:
    """`array` at the points of `part` of the grid."""
    if method not in METHODS:
        raise ProtocolError(f"images are not interpolated by {method!r}; {choices(method, METHODS)}")
    windows = [_window(axis, span, METHODS[method].reach) for axis, span in zip(axes, part, strict=True)]
    points = [
        None if axis.places is None else Points.at(axis.places[span] - window.start)
        for axis, span, window in zip(axes, part, windows, strict=True)
    ]
    cut = array[tuple(windows)]
    if all(axis is None for axis in points):
        return np.array(cut, order="C")  # as stored: doubles would take up to eight times the memory
    return interpolated(cut, points, METHODS[method])


def _window(axis: Axis, span: slice, reach: int) -> slice:
    """The old grid's indices that bear on the points of `span`."""
    if axis.places is None:
        return span
    low, high = np.floor(axis.places[[span.start, span.stop - 1]]).astype(int)
    return slice(max(int(low) - reach, 0), max(int(high) + reach + 2, 1))


def _round(array: Array) -> None:
    """To the nearest integers, halves to the even one, also where rounding errors put a half beside itself."""
    if not np.issubdtype(array.dtype, np.floating):
        return
    for plane in array:
        rounded = np.rint(plane)
        half = np.abs(plane - rounded) > 0.5 - MASK_NOISE
        rounded[half] = np.rint(np.rint(2 * plane[half]) / 2)
        plane[...] = rounded


def _placed(volume: Volume, array: Array, *, axes: list[Axis], part: Box) -> Volume:
    starts, steps = np.zeros(3), np.ones(3)
    for number, (axis, span) in enumerate(zip(axes, part, strict=True)):
        starts[number] = span.start
        if axis.places is not None:
            starts[number] = axis.places[0] + axis.step * span.start
            steps[number] = axis.step
    affine = volume.affine.copy()
    affine[:3, 3] += affine[:3, :3] @ starts
    affine[:3, :3] *= steps
    return replace(volume, array=array, affine=affine)
