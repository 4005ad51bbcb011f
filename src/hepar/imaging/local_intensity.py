"""Local intensity features: mean intensity of spheres of 1 cm3 around voxels of a region (IBSI family 9ST6)."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..core.errors import DataError
from .compiled import compiled
from .geometry import Array
from .regions import Mask, Spacing, bounding_box

RADIUS_MM = 10 * (3 / (4 * np.pi)) ** (1 / 3)
"""Of a sphere of 1 cm3."""
NOISE = 1e-9
"""Share of the radius by which rounding must not leave a voxel out."""

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class Sphere(NamedTuple):
    """The rows of a sphere around a voxel and what they are summed from.

    `slices` (k, rows, columns + 1) holds running sums along the rows of `copies[k]` slices at distance k;
    `half_widths` (k, distance of rows) the sphere's voxels on either side of its axis, -1 outside.
    """

    slices: Floats
    copies: Ints
    half_widths: Ints


def local_intensity(image: Array, mask: Mask, spacing_mm: Spacing) -> dict[str, float]:
    """`loc_peak_local` and `loc_peak_glob` of `image` (z, y, x) around the voxels of the intensity mask.

    Both are means over a sphere of 1 cm3 that counts every voxel of the image whose centre lies within, in the mask
    or not. The global peak is the highest of the spheres around all voxels of the mask, the local peak that around
    the voxel of highest intensity, the highest of them where several hold it. A sphere cut by the border of the
    image is averaged over what the image has (Zwanenburg et al., arXiv:1612.07003).

    Raises:
        DataError: the mask is empty, or a voxel of the image within reach is not a finite number.
    """
    reach_z, reach_y, reach_x = (int(RADIUS_MM / step) for step in spacing_mm)
    box = bounding_box(mask, (reach_z, reach_y, reach_x))
    near, inside = image[box], mask[box]
    bright = inside & (near == near[inside].max())
    half_widths = _half_widths(spacing_mm, reach_z, reach_y)
    best = np.full(2, -np.inf)
    for z, slices, copies in _stacked(near, reach_z):
        if inside[z].any():
            _brightest(Sphere(slices, copies, half_widths), inside[z].view(np.uint8) + bright[z], best)
    if not np.isfinite(best).all():
        raise DataError("the image holds a value that is not a finite number within 1 cm of the region")
    return {"loc_peak_local": float(best[1]), "loc_peak_glob": float(best[0])}


def _stacked(image: Array, reach_z: int) -> Iterator[tuple[int, Floats, Ints]]:
    """Each slice z with running sums along the rows of the slices z + k and z - k added, and how many those are.

    Rows of a sphere at +k and -k are equally long: adding them first halves the work.
    """
    depth, height, width = image.shape
    sums = np.zeros((2 * reach_z + 1, height, width + 1))
    both = np.empty((reach_z + 1, height, width + 1))
    for z in range(-reach_z, depth):
        if z + reach_z < depth:
            np.cumsum(
                image[z + reach_z], axis=1, dtype=np.float64, out=sums[(z + reach_z) % len(sums), :, 1:]
            )
        if z < 0:
            continue
        copies = np.ones(reach_z + 1, np.int64)
        for k in range(1, reach_z + 1):
            there = [sums[at % len(sums)] for at in (z - k, z + k) if 0 <= at < depth]
            copies[k] = len(there)
            if there:
                np.add(there[0], there[1] if len(there) == 2 else 0.0, out=both[k])
        both[0] = sums[z % len(sums)]
        yield z, both, copies


def _half_widths(spacing_mm: Spacing, reach_z: int, reach_y: int) -> Ints:
    """Voxels on either side of the centre in the rows (z, y) of the sphere's upper quarter; -1 where it has none."""
    z, y, x = spacing_mm
    rows = (np.arange(reach_z + 1) * z)[:, None] ** 2 + (np.arange(reach_y + 1) * y) ** 2
    left = (RADIUS_MM * (1 + NOISE)) ** 2 - rows
    return np.where(left >= 0, np.floor(np.sqrt(np.maximum(left, 0)) / x), -1).astype(np.int64)


@compiled
def _brightest(sphere: Sphere, centres: NDArray[np.uint8], best: Floats) -> None:
    """Raise `best` to the highest mean of a sphere centred in a slice: [of all, of those marked 2].

    `centres` (rows, columns) is 1 in the mask, 2 where it is brightest.
    """
    for y in range(centres.shape[0]):
        first, stop = _ends(centres[y])
        if stop == 0:
            continue
        total, voxels = _sums(sphere, y, (first, stop))
        for i in range(stop - first):
            if centres[y, first + i]:
                mean = total[i] / voxels[i]
                best[0] = max(best[0], mean)
                if centres[y, first + i] == 2:
                    best[1] = max(best[1], mean)


@compiled
def _ends(row: NDArray[np.uint8]) -> tuple[int, int]:
    first, stop = 0, 0
    for x in range(row.size):
        if row[x]:
            first = first if stop else x
            stop = x + 1
    return first, stop


@compiled
def _sums(sphere: Sphere, y: int, ends: tuple[int, int]) -> tuple[Floats, Floats]:
    """Sums and numbers of voxels of the spheres around row `y` between two columns."""
    height, reach_y = sphere.slices.shape[1], sphere.half_widths.shape[1] - 1
    found, voxels = np.zeros((2, ends[1] - ends[0])), 0
    for k in range(sphere.copies.size):
        copies = sphere.copies[k]
        for other in range(max(y - reach_y, 0), min(y + reach_y + 1, height)):
            half = sphere.half_widths[k, abs(other - y)]
            if copies and half >= 0:
                voxels += copies * (2 * half + 1)
                _add_row(found, sphere.slices[k, other], (ends[0], half, copies))
    return found[0], voxels - found[1]


@compiled
def _add_row(found: Floats, sums: Floats, place: tuple[int, int, int]) -> None:
    """Add one row of the spheres around centres in a row: to `found[0]` its sums, to `found[1]` voxels it lacks.

    `place`: column of the first centre, half width of the row, slices that `sums` adds up.
    """
    first, half, copies = place
    width, size = sums.size - 1, found.shape[1]
    low = min(max(half - first, 0), size)
    high = max(min(width - half - first, size), low)
    right, left, whole = (
        sums[first + low + half + 1 :],
        sums[max(first + low - half, 0) :],
        found[0, low:high],
    )
    for i in range(whole.size):
        whole[i] += right[i] - left[i]
    for k in range(low + size - high):  # those that the image cuts
        i = k if k < low else high + k - low
        start, stop = max(first + i - half, 0), min(first + i + half + 1, width)
        found[0, i] += sums[stop] - sums[start]
        found[1, i] += copies * (2 * half + 1 - (stop - start))
