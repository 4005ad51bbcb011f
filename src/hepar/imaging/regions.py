"""Regions from regions: rings outside, bands inside, erosion and dilation in millimetres, components."""

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from ..core.errors import DataError, ProtocolError

Mask = NDArray[np.bool_]
Spacing = tuple[float, float, float]
Box = tuple[slice, slice, slice]
NEIGHBOURS: dict[int, int] = {6: 1, 18: 2, 26: 3}
"""Voxels that touch one voxel by faces, also edges, also corners -> scipy's connectivity."""
NOISE_MM = 1e-6
"""Distances that differ by less are equal: 5 voxels of 0.8 mm are 4 mm."""


def bounding_box(mask: Mask, margin: tuple[int, int, int] = (0, 0, 0)) -> Box:
    """The smallest box (z, y, x) that holds the region, wider by `margin` voxels where the image goes on."""
    if mask.ndim != 3:
        raise DataError(f"the mask has {mask.ndim} axes; it must have three: slices, rows, columns")
    slices = _span(np.any(mask, axis=(1, 2)))
    rows = _span(np.any(mask[slices], axis=(0, 2)))
    columns = _span(np.any(mask[slices, rows], axis=(0, 1)))
    tight = zip((slices, rows, columns), margin, mask.shape, strict=True)
    z, y, x = (slice(max(axis.start - more, 0), min(axis.stop + more, size)) for axis, more, size in tight)
    return z, y, x


def dilate(mask: Mask, spacing_mm: Spacing, *, distance_mm: float) -> Mask:
    """`mask` and every voxel whose centre lies within `distance_mm` of the centre of one of its voxels."""
    box, outside = _distance_outside(mask, spacing_mm, reach_mm=_length(distance_mm, "distance_mm"))
    grown = mask.copy()
    grown[box] |= outside <= distance_mm + NOISE_MM
    return grown


def erode(mask: Mask, spacing_mm: Spacing, *, distance_mm: float) -> Mask:
    """Voxels of `mask` whose centre lies farther than `distance_mm` from the centre of every voxel outside.

    The border of the image is no border of the region. The result may be empty.
    """
    box, inside = _distance_inside(mask, spacing_mm)
    shrunk = np.zeros_like(mask)
    shrunk[box] = inside > _length(distance_mm, "distance_mm") + NOISE_MM
    return shrunk


def ring(
    mask: Mask,
    spacing_mm: Spacing,
    *,
    outer_mm: float,
    inner_mm: float = 0.0,
    within: Mask | None = None,
) -> Mask:
    """The ring around `mask`, e.g. of a lesion: voxels outside at more than `inner_mm` and at most `outer_mm`.

    Distances are Euclidean, between voxel centres. `within` keeps the ring inside another region, e.g. the liver.

    Raises:
        ProtocolError: the ring has no width.
        DataError: `mask` is empty, or no voxel lies in the ring.
    """
    if not 0 <= inner_mm < outer_mm < np.inf:
        raise ProtocolError(
            f"the ring from {inner_mm} to {outer_mm} mm has no width; give 0 <= inner_mm < outer_mm"
        )
    box, outside = _distance_outside(mask, spacing_mm, reach_mm=outer_mm)
    around = np.zeros_like(mask)
    around[box] = _between(outside, inner_mm, outer_mm)
    if within is not None:
        around &= within
    return _some(around, f"ring from {inner_mm:g} to {outer_mm:g} mm")


def shell(mask: Mask, spacing_mm: Spacing, *, outer_mm: float, inner_mm: float = 0.0) -> Mask:
    """The band inside the border of `mask`, e.g. under the liver's capsule.

    Voxels of `mask` whose centre lies more than `inner_mm` and at most `outer_mm` from the centre of a voxel outside;
    both are depths under the border, `outer_mm` the greater. The border of the image is no border of the region.

    Raises:
        ProtocolError: the band has no width.
        DataError: `mask` is empty, or no voxel lies in the band.
    """
    if not 0 <= inner_mm < outer_mm < np.inf:
        raise ProtocolError(
            f"the shell from {inner_mm} to {outer_mm} mm has no width; give 0 <= inner_mm < outer_mm"
        )
    box, depth = _distance_inside(mask, spacing_mm)
    band = np.zeros_like(mask)
    band[box] = _between(depth, inner_mm, outer_mm)
    return _some(band, f"shell from {inner_mm:g} to {outer_mm:g} mm under the border")


def component_count(mask: Mask, *, neighbours: Literal[6, 18, 26] = 26) -> int:
    """Number of connected parts."""
    return _labelled(mask, neighbours)[1] if mask.any() else 0


def largest_component(mask: Mask, *, neighbours: Literal[6, 18, 26] = 26) -> Mask:
    """The connected part with most voxels; among equals the first in the array."""
    box = bounding_box(mask)
    labels, count = _labelled(mask[box], neighbours)
    if count == 1:
        return mask
    largest = np.zeros_like(mask)
    largest[box] = labels == np.bincount(labels.ravel())[1:].argmax() + 1
    return largest


def fill_holes(mask: Mask) -> Mask:
    """`mask` and every part of the background that it encloses in three dimensions (6 neighbours)."""
    box = bounding_box(mask)
    filled = mask.copy()
    filled[box] = ndimage.binary_fill_holes(mask[box])
    return filled


def _labelled(mask: Mask, neighbours: int) -> tuple[NDArray[np.signedinteger[Any]], int]:
    if neighbours not in NEIGHBOURS:
        raise ProtocolError(f"voxels have no {neighbours} neighbours; allowed are 6, 18, 26")
    labels, count = ndimage.label(mask, ndimage.generate_binary_structure(3, NEIGHBOURS[neighbours]))
    return labels, int(count)


def _distance_outside(mask: Mask, spacing_mm: Spacing, *, reach_mm: float) -> tuple[Box, NDArray[np.float64]]:
    """Millimetres to the region, in the box that holds all within `reach_mm` of it."""
    z, y, x = (int(reach_mm / step + NOISE_MM) for step in spacing_mm)
    box = bounding_box(mask, (z, y, x))
    return box, ndimage.distance_transform_edt(~mask[box], sampling=spacing_mm)


def _distance_inside(mask: Mask, spacing_mm: Spacing) -> tuple[Box, NDArray[np.float64]]:
    """Millimetres to the background, 0 outside; infinite where the image has no background."""
    box = bounding_box(mask, (1, 1, 1))
    if mask[box].all():
        return box, np.full(mask[box].shape, np.inf)
    return box, ndimage.distance_transform_edt(mask[box], sampling=spacing_mm)


def _between(distance_mm: NDArray[np.float64], inner_mm: float, outer_mm: float) -> Mask:
    return np.asarray((distance_mm > inner_mm + NOISE_MM) & (distance_mm <= outer_mm + NOISE_MM))


def _span(occupied: Mask) -> slice:
    where = np.flatnonzero(occupied)
    if not where.size:
        raise DataError("the region is empty; check the mask and its label")
    return slice(int(where[0]), int(where[-1]) + 1)


def _length(value_mm: float, name: str) -> float:
    if not 0 <= value_mm < np.inf:
        raise ProtocolError(f"{name} is {value_mm}; it must be zero or more millimetres")
    return value_mm


def _some(mask: Mask, what: str) -> Mask:
    if not mask.any():
        raise DataError(
            f"no voxel lies in the {what}; check the distances against the spacing and the region"
        )
    return mask
