"""A discretised region cut out of its image, with a border of one empty voxel for neighbours to fall on."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..core.errors import DataError

_MOST_LEVELS = int(np.iinfo(np.uint16).max)


@dataclass(frozen=True, slots=True, eq=False)
class Cutout:
    """The smallest box around a region and one voxel more on every side.

    `levels` (z, y, x) are 1 to `n_levels` in the intensity mask and 0 elsewhere; `region` is the morphological mask,
    which holds the intensity mask. Slice 0 of the box is slice `first_slice` of the image, which may be -1.
    """

    levels: NDArray[np.uint16]
    region: NDArray[np.bool_]
    n_levels: int
    first_slice: int

    def slices(self, start: int, stop: int) -> "Cutout":
        """The slices from `start` to before `stop` between two empty ones."""
        around = ((1, 1), (0, 0), (0, 0))
        levels, region = np.pad(self.levels[start:stop], around), np.pad(self.region[start:stop], around)
        return Cutout(levels, region, self.n_levels, self.first_slice + start - 1)


def cut_out(levels: NDArray[Any], *, region: NDArray[np.bool_] | None, n_levels: int | None) -> Cutout:
    """The cutout of an image of levels.

    Args:
        levels: (z, y, x) of whole numbers, 1 to `n_levels` in the intensity mask, 0 outside.
        region: the morphological mask; the voxels with a level if not given.
        n_levels: the highest level that occurs if not given.

    Raises:
        DataError: no voxel has a level, one is negative, exceeds `n_levels` or lies outside `region`.
    """
    if levels.ndim != 3 or not np.issubdtype(levels.dtype, np.integer):
        raise DataError(
            f"levels have shape {levels.shape} and type {levels.dtype}; texture needs whole numbers (z, y, x)"
        )
    inside = levels > 0 if region is None else np.asarray(region, bool)
    if inside.shape != levels.shape:
        raise DataError(f"levels have shape {levels.shape}, their region {inside.shape}; both must agree")
    box = _bounds(inside)
    cut, kept = levels[box], inside[box]
    highest = int(cut.max(initial=0))
    n = highest if n_levels is None else n_levels
    _check_range(lowest=int(cut.min(initial=0)), highest=highest, n_levels=n)
    outside = np.count_nonzero(levels) - np.count_nonzero(cut[kept])
    if outside:
        raise DataError(
            f"{outside} voxels have a level but lie outside the region; give a region that holds them all"
        )
    return Cutout(
        levels=np.pad(np.ascontiguousarray(cut, np.uint16), 1),
        region=np.pad(np.ascontiguousarray(kept), 1),
        n_levels=n,
        first_slice=box[0].start - 1,
    )


def _check_range(*, lowest: int, highest: int, n_levels: int) -> None:
    if lowest < 0:
        raise DataError(f"a voxel has level {lowest}; levels are 1 or more in the mask and 0 outside")
    if highest == 0:
        raise DataError("no voxel of the region has a level; the mask is empty or the levels are all 0")
    if highest > n_levels or n_levels > _MOST_LEVELS:
        raise DataError(
            f"the highest level is {highest} and {n_levels} levels are stated; state at least the highest and at "
            f"most {_MOST_LEVELS}, or discretise more coarsely"
        )


def _bounds(mask: NDArray[np.bool_]) -> tuple[slice, ...]:
    """The smallest box around what is true; all there is where nothing is."""
    box = [slice(0, length) for length in mask.shape]
    # slices first: they leave less for the other two axes
    for axis, others in ((0, (1, 2)), (1, (0, 2)), (2, (0, 1))):
        found = np.flatnonzero(mask[tuple(box)].any(axis=others))
        if found.size:
            box[axis] = slice(int(found[0]), int(found[-1]) + 1)
    return tuple(box)
