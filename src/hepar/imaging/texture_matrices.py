"""The matrices of the six texture families, by direction and slice, as counted."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from hepar.core.errors import DataError, ProtocolError, choices

from .neighbours import count_neighbours
from .nomenclature import Extent
from .zones import Zones, find_zones

TextureFamily = Literal["glcm", "glrlm", "glszm", "gldzm", "ngtdm", "ngldm"]
TEXTURE_FAMILIES: tuple[TextureFamily, ...] = get_args(TextureFamily)

Counts = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class TextureMatrices:
    """Counts of one region in one extent.

    A group is what is counted together: the whole region ("3d", "2.5d") or each slice that has voxels ("2d"). Level i
    stands at index i - 1. A matrix of a family that was not asked for has no groups.

    Attributes:
        n_levels: N, the number of levels.
        directions: (directions, 3) steps in (z, y, x), 13 in "3d", 4 in a slice; the opposite ones are left out.
        slices: (groups,) slice of the image in "2d"; the first slice of the region otherwise.
        voxels: (groups,) voxels with a level.
        glcm: (groups, directions, N, N), pairs of the level of a voxel and of the one a step on. IBSI's matrix, which
            counts both ways, is this plus its transpose.
        glrlm: (groups, directions, N, longest), runs of each level and length (1 at index 0).
        zones: every zone with its group, level, size and distance; GLSZM and GLDZM are counts of these.
        ngtdm_counts: (groups, N), voxels with a neighbour.
        ngtdm_differences: (groups, N), their summed distances from the mean level of their neighbours.
        ngldm: (groups, N, neighbours + 1), voxels by the number of neighbours of the same level (0 at index 0, where
            IBSI counts the voxel itself and says 1).
    """

    n_levels: int
    directions: Counts
    slices: Counts
    voxels: Counts
    glcm: Counts
    glrlm: Counts
    zones: Zones
    ngtdm_counts: Counts
    ngtdm_differences: NDArray[np.float64]
    ngldm: Counts


def texture_matrices(
    levels: NDArray[Any],
    *,
    region: NDArray[np.bool_] | None = None,
    n_levels: int | None = None,
    extent: Extent = "3d",
    families: Collection[TextureFamily] = TEXTURE_FAMILIES,
) -> TextureMatrices:
    """Matrices of `levels` in the neighbourhood of Chebyshev distance 1.

    Args:
        levels: (z, y, x) of whole numbers, 1 to `n_levels` in the intensity mask, 0 outside.
        region: the morphological mask, to whose border GLDZM measures (the edge of the image is one too); the
            voxels with a level if not given.
        n_levels: N; the highest level if not given.
        extent: "3d": neighbours in space; "2d": in slices (along axis 0), one group each; "2.5d": in slices, added.
        families: those to count.

    Raises:
        DataError: no voxel has a level, a level exceeds `n_levels`, or lies outside `region`.
        ProtocolError: a family or an extent that does not exist.
    """
    _check_names(families, extent)
    box = _boxed(levels, region, n_levels)
    plane = extent != "3d"
    present = np.flatnonzero(box.levels.any(axis=(1, 2)))
    each = extent == "2d"
    group = np.zeros(len(box.levels), np.int64)
    if each:
        group[present] = np.arange(len(present))
    groups = len(present) if each else 1
    directions = _directions(in_slice=plane)
    counts = count_neighbours(
        box.levels,
        group,
        directions=directions,
        n_levels=box.n_levels,
        pairs="glcm" in families,
        runs="glrlm" in families,
        tones=bool({"ngtdm", "ngldm"} & set(families)),
    )
    around = np.arange(2 * len(directions) + 1)
    per_slice = np.count_nonzero(box.levels, axis=(1, 2))
    no_zones = np.zeros(0, np.int64)
    zones = (
        find_zones(box.levels, box.region, group=group, in_slice=plane)
        if {"glszm", "gldzm"} & set(families)
        else Zones(no_zones, no_zones, no_zones, no_zones)
    )
    return TextureMatrices(
        n_levels=box.n_levels,
        directions=directions,
        slices=(present if each else present[:1]) + box.first_slice,
        voxels=np.bincount(group[present], per_slice[present], minlength=groups).astype(np.int64),
        glcm=counts.pairs[:, :, 1:, 1:],
        glrlm=_trimmed(counts.runs[:, :, 1:, 1:]),
        zones=zones,
        ngtdm_counts=counts.neighbours[:, 1:, 1:].sum(axis=2),
        ngtdm_differences=(counts.differences[:, 1:, 1:] / around[1:]).sum(axis=2),
        ngldm=counts.equals[:, 1:, :],
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Box:
    """The region cut out with a border of one empty voxel; `first_slice` is the image's slice of the box's slice 0."""

    levels: NDArray[np.uint16]
    region: NDArray[np.bool_]
    n_levels: int
    first_slice: int


def _boxed(levels: NDArray[Any], region: NDArray[np.bool_] | None, n_levels: int | None) -> _Box:
    if levels.ndim != 3 or not np.issubdtype(levels.dtype, np.integer):
        raise DataError(
            f"levels have shape {levels.shape} and type {levels.dtype}; texture needs whole numbers (z, y, x)"
        )
    inside = levels > 0 if region is None else np.asarray(region, bool)
    if inside.shape != levels.shape:
        raise DataError(
            f"levels have shape {levels.shape}, their region {inside.shape}; they must be the same"
        )
    highest, cut = int(levels.max(initial=0)), _bounds(inside)
    n = highest if n_levels is None else n_levels
    if highest == 0 or int(levels.min()) < 0:
        raise DataError(
            "no voxel has a level of 1 or more, or some have a negative one; check mask and discretisation"
        )
    if highest > n or n > np.iinfo(np.uint16).max:
        raise DataError(f"a voxel has level {highest}, but {n} levels are stated; at most 65535 are possible")
    boxed = np.pad(levels[cut].astype(np.uint16), 1)
    inside_boxed = np.pad(inside[cut], 1)
    lost = np.count_nonzero(levels) - np.count_nonzero(boxed * inside_boxed)
    if lost:
        raise DataError(
            f"{lost} voxels have a level but lie outside the region; the region must hold all of them"
        )
    return _Box(boxed, inside_boxed, n, cut[0].start - 1)


def _bounds(mask: NDArray[np.bool_]) -> tuple[slice, ...]:
    """The smallest box around what is true; all of it where nothing is."""
    kept = (np.flatnonzero(mask.any(axis=axes)) for axes in ((1, 2), (0, 2), (0, 1)))
    return tuple(
        slice(int(k[0]), int(k[-1]) + 1) if k.size else slice(0, n)
        for k, n in zip(kept, mask.shape, strict=True)
    )


def _directions(*, in_slice: bool) -> Counts:
    """One of each two opposite steps to the neighbours, (directions, 3)."""
    steps = np.array([(z, y, x) for z in (0, 1) for y in (-1, 0, 1) for x in (-1, 0, 1)], np.int64)
    forward = steps[steps @ np.array([9, 3, 1]) > 0]
    return np.array([step for step in forward if step[0] == 0 or not in_slice])


def _trimmed(runs: Counts) -> Counts:
    """Without the lengths that no run has."""
    longest = np.flatnonzero(runs.any(axis=(0, 1, 2)))
    return runs[..., : longest[-1] + 1] if longest.size else runs[..., :0]


def _check_names(families: Collection[TextureFamily], extent: Extent) -> None:
    for found, allowed, what in (
        *((family, TEXTURE_FAMILIES, "texture family") for family in families),
        (extent, get_args(Extent), "extent"),
    ):
        if found not in allowed:
            raise ProtocolError(f"there is no {what} {found!r}; {choices(found, allowed)}")
