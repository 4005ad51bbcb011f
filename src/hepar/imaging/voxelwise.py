"""Maps of features: at each voxel of a region, the feature of the neighbourhood around it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..core.errors import DataError, ProtocolError, choices
from .geometry import Array
from .voxel_kernels import COOCCURRENCE, FIRST_ORDER, Floats, Radius, around_voxel, cooccurrence, first_order

OF_INTENSITIES = frozenset(tag for tag in FIRST_ORDER if tag.startswith("stat_"))

MOST_LEVELS = 1024
VOXELS_AT_ONCE = 1 << 16
"""Voxels between two reports of progress; it bounds the memory beside that of the maps."""


@dataclass(frozen=True, slots=True, eq=False)
class VoxelMaps:
    """Feature maps of a region: `values[tag]` (voxels,) in the order in which `region` (z, y, x) holds its voxels."""

    region: NDArray[np.bool_]
    values: Mapping[str, Floats]

    def dense(self, tag: str) -> Floats:
        """The map (z, y, x) of `tag`, NaN outside the region."""
        out = np.full(self.region.shape, np.nan, dtype=np.float32)
        out[self.region] = self.values[tag]
        return out


def voxel_maps(
    levels: NDArray[np.integer],
    *,
    tags: Sequence[str],
    image: Array | None = None,
    radius: int | Radius = 1,
    progress: Callable[[int, int], None] | None = None,
) -> VoxelMaps:
    """Maps of the features `tags` over the voxels that have a level.

    The neighbourhood of a voxel is the box that reaches `radius` voxels from it, without the voxels that have no level;
    a radius of 0 along z keeps it in the slice. Co-occurrence is symmetric, of distance 1, each feature averaged over
    the directions that have a pair (13 in space; IBSI ITBB), and NaN where none has. The radius counts voxels, not
    millimetres: resample to cubes before.

    Args:
        levels: (z, y, x), 1 to N in the region, 0 outside.
        tags: of `COOCCURRENCE` and `FIRST_ORDER`.
        image: (z, y, x) intensities, which the "stat_" maps need.
        radius: one for all axes, or one each for z, y, x.
        progress: called with the voxels done and all voxels.

    Raises:
        DataError: no voxel has a level, one is negative or above 1,024, or `image` is missing, of another shape or
            not finite.
        ProtocolError: there is no map of that tag, or the radius is negative or 0 along all axes.
    """
    reach = (radius, radius, radius) if isinstance(radius, int) else radius
    _check(levels, tags, reach=reach, image=image)
    region = levels > 0
    wide = np.pad(levels.astype(np.int32), [(n, n) for n in reach])
    intensities = (
        np.pad(levels if image is None else image, [(n, n) for n in reach]).astype(np.float64).ravel()
    )
    around = around_voxel(wide.shape, reach)
    places = np.flatnonzero(wide)
    values = {tag: np.empty(len(places), dtype=np.float32) for tag in tags}
    for start in range(0, len(places), VOXELS_AT_ONCE):
        part = slice(start, start + VOXELS_AT_ONCE)
        found: dict[str, Floats] = {}
        if not set(tags).isdisjoint(COOCCURRENCE):
            found |= dict(zip(COOCCURRENCE, cooccurrence(wide.ravel(), places[part], around), strict=True))
        if not set(tags).isdisjoint(FIRST_ORDER):
            found |= dict(
                zip(FIRST_ORDER, first_order((wide.ravel(), intensities), places[part], around), strict=True)
            )
        for tag in tags:
            values[tag][part] = found[tag]
        if progress is not None:
            progress(min(part.stop, len(places)), len(places))
    return VoxelMaps(region, values)


def _check(levels: NDArray[np.integer], tags: Sequence[str], *, reach: Radius, image: Array | None) -> None:
    refuse_unmapped(tags)
    if min(reach) < 0 or max(reach) == 0:
        raise ProtocolError(
            f"radius {reach} voxels along z, y, x; give 0 or more, and more than 0 along one axis"
        )
    _check_levels(levels)
    needing = OF_INTENSITIES.intersection(tags)
    if needing and image is None:
        raise DataError(f"the map of {min(needing)} needs the image's intensities")
    if image is not None and (image.shape != levels.shape or not np.isfinite(image[levels > 0]).all()):
        raise DataError(
            f"the image has shape {image.shape}, the levels {levels.shape}; both must agree, and intensities in the"
            " region be finite"
        )


def refuse_unmapped(tags: Sequence[str]) -> None:
    """Refuse tags of features that have no map."""
    for tag in tags:
        if tag not in COOCCURRENCE + FIRST_ORDER:
            raise ProtocolError(f"no map of {tag!r} can be made; {choices(tag, COOCCURRENCE + FIRST_ORDER)}")


def _check_levels(levels: NDArray[np.integer]) -> None:
    lowest, highest = levels.min(initial=0), levels.max(initial=0)
    if levels.ndim != 3 or not np.issubdtype(levels.dtype, np.integer) or lowest < 0:
        raise DataError(
            f"levels have shape {levels.shape}, type {levels.dtype} and minimum {lowest}; maps need whole numbers"
            " (z, y, x), 1 or more in the region and 0 outside"
        )
    if highest == 0:
        raise DataError("no voxel has a level: the region is empty or was not discretised")
    if highest > MOST_LEVELS:
        raise DataError(
            f"the highest level is {highest}; maps take {MOST_LEVELS} levels: discretise more coarsely"
        )
