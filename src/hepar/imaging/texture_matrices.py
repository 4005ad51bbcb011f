"""The matrices of the six texture families, by direction and slice, as counted."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from ..core.errors import ProtocolError, choices
from .cutout import Cutout, cut_out
from .neighbours import count_pairs, count_runs, count_tones
from .nomenclature import Extent
from .stencil import DIRECTIONS, IN_SLICE, Counts, Plan, Table, flat_steps
from .zones import Zones, border_distance, find_zones

TextureFamily = Literal["glcm", "glrlm", "glszm", "gldzm", "ngtdm", "ngldm"]
TEXTURE_FAMILIES: tuple[TextureFamily, ...] = get_args(TextureFamily)


@dataclass(frozen=True, slots=True, eq=False)
class TextureMatrices:
    """Counts of one region in one extent.

    A group is what is counted together: the whole region ("3d", "2.5d") or each slice that has voxels ("2d"). Level i
    stands at index i - 1. A matrix of a family that was not asked for has no groups; without GLDZM distances are 0.

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
    glcm: Table
    glrlm: Table
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
    return count_region(cut_out(levels, region=region, n_levels=n_levels), extent=extent, families=families)


def count_region(cutout: Cutout, *, extent: Extent, families: Collection[TextureFamily]) -> TextureMatrices:
    """The matrices of a region that is cut out already."""
    in_slice, each = extent != "3d", extent == "2d"
    per_slice = np.count_nonzero(cutout.levels, axis=(1, 2))
    present = np.flatnonzero(per_slice)
    group = np.zeros(len(per_slice), np.int64)
    group[present] = np.arange(len(present)) * each
    directions = DIRECTIONS[:IN_SLICE] if in_slice else DIRECTIONS
    plan = Plan(
        levels=cutout.levels,
        group=group,
        groups=len(present) if each else 1,
        steps=flat_steps(directions, cutout.levels.shape),
        n_levels=cutout.n_levels,
    )
    tones = count_tones(plan, wanted="ngtdm" in families or "ngldm" in families)
    return TextureMatrices(
        n_levels=cutout.n_levels,
        directions=directions,
        slices=(present if each else present[:1]) + cutout.first_slice,
        voxels=per_slice[present] if each else per_slice.sum(keepdims=True),
        glcm=count_pairs(plan, wanted="glcm" in families)[:, :, 1:, 1:],
        glrlm=_trimmed(count_runs(plan, wanted="glrlm" in families)[:, :, 1:, 1:]),
        zones=_zones(plan, cutout.region, in_slice=in_slice, families=families),
        ngtdm_counts=tones.neighbours[:, 1:, 1:].sum(axis=2),
        ngtdm_differences=tones.differences[:, 1:, 1:] @ (1 / np.arange(1, 2 * len(directions) + 1)),
        ngldm=tones.equals[:, 1:, :],
    )


def _zones(
    plan: Plan, region: NDArray[np.bool_], *, in_slice: bool, families: Collection[TextureFamily]
) -> Zones:
    if "gldzm" in families:
        return find_zones(plan, border_distance(region, in_slice=in_slice))
    if "glszm" in families:
        return find_zones(plan, np.zeros(region.shape, np.int32))
    none = np.zeros(0, np.int64)
    return Zones(none, none, none, none)


def _trimmed(runs: Table) -> Table:
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
