"""Texture features of a discretised region, as the Image Biomarker Standardisation Initiative defines them.

Zwanenburg et al., Radiology 2020;295:328-338; the manual is arXiv:1612.07003. Neighbours lie at Chebyshev distance 1,
co-occurrence is symmetric, dependence means the same level, and nothing is weighted by distance.
"""

from collections.abc import Collection, Iterator, Sequence
from typing import Any, get_args

import numpy as np
from numpy.typing import NDArray

from ..core.errors import ProtocolError, choices
from .cooccurrence import cooccurrence_features
from .cutout import Cutout, cut_out
from .emphasis import SizeMatrices, emphasis_features, size_matrices, zone_matrices
from .nomenclature import Aggregation, Extent, features
from .texture_matrices import TEXTURE_FAMILIES, TextureFamily, TextureMatrices, count_region
from .tones import tone_features

Values = dict[str, NDArray[np.float64]]
"""By tag, the value in each matrix."""

DIRECTIONAL: tuple[TextureFamily, ...] = ("glcm", "glrlm")
"""Families with a matrix per direction; they take an aggregation, the others an extent."""
_IN_SPACE: tuple[Extent, ...] = ("3d",)
_DIRECTIONS_MERGED = frozenset(("2d_s_mrg", "2.5d_mrg", "3d_mrg"))
_CELLS_AT_ONCE = 1 << 22


def texture_features(
    levels: NDArray[Any],
    *,
    region: NDArray[np.bool_] | None = None,
    n_levels: int | None = None,
    families: Collection[TextureFamily] = TEXTURE_FAMILIES,
    aggregations: Collection[Aggregation] = ("3d_avg", "3d_mrg"),
    extents: Collection[Extent] = _IN_SPACE,
) -> dict[str, float]:
    """Features by tag with how they were aggregated, e.g. `cm_contrast_3d_mrg` or `szm_sze_2.5d`.

    Slices lie along axis 0. An average is taken over the matrices (of directions, of slices) that count anything: a
    co-occurrence matrix without a pair and a tone difference matrix without a neighbour are left out. Where none is
    left, as in a single voxel, co-occurrence features are NaN, for they are undefined, and tone difference features
    take the values of a flat region. All other features are defined for any region; what the manual sets for regions
    of one level is said in `cooccurrence_features` and `tone_features`.

    Args:
        levels: (z, y, x) of whole numbers, 1 to `n_levels` in the intensity mask, 0 outside.
        region: the morphological mask, whose border (as that of the image) GLDZM measures to; the voxels with a
            level if not given.
        n_levels: levels of the discretisation; the highest that occurs if not given. Only `cm_inv_diff_norm` and
            `cm_inv_diff_mom_norm` depend on it.
        families: those wanted.
        aggregations: how to aggregate GLCM and GLRLM.
        extents: how to aggregate the other families.

    Raises:
        DataError: no voxel has a level, one is negative, exceeds `n_levels` or lies outside `region`.
        ProtocolError: a family, an aggregation or an extent that does not exist.
    """
    _check(families, TEXTURE_FAMILIES, what="texture family")
    _check(aggregations, get_args(Aggregation), what="aggregation")
    _check(extents, get_args(Extent), what="extent")
    cutout = cut_out(levels, region=region, n_levels=n_levels)
    ways = [
        (family, way)
        for family in TEXTURE_FAMILIES
        if family in families
        for way in (aggregations if family in DIRECTIONAL else extents)
    ]
    found: dict[tuple[TextureFamily, str], dict[str, float]] = {}
    for extent in get_args(Extent):
        found |= _of_extent(cutout, extent, [pair for pair in ways if pair[1].split("_")[0] == extent])
    return {f"{tag}_{way}": found[family, way][tag] for family, way in ways for tag in found[family, way]}


def _of_extent(
    cutout: Cutout, extent: Extent, ways: list[tuple[TextureFamily, str]]
) -> dict[tuple[TextureFamily, str], dict[str, float]]:
    """Features of each family and aggregation of one extent."""
    if not ways:
        return {}
    families = {family for family, _ in ways}
    counted = (count_region(part, extent=extent, families=families) for part in _parts(cutout, extent))
    parts = [
        [_values(matrices, family, merged=way in _DIRECTIONS_MERGED) for family, way in ways]
        for matrices in counted
    ]
    return {pair: _means(pair[0], column) for pair, *column in zip(ways, *parts, strict=True)}


def _parts(cutout: Cutout, extent: Extent) -> Iterator[Cutout]:
    """The whole or, where each slice has matrices of its own, as many slices at a time as fit into memory."""
    depth, *rest = cutout.levels.shape
    step = max(1, _CELLS_AT_ONCE // (4 * cutout.n_levels * max(cutout.n_levels, *rest)))
    if extent != "2d" or step >= depth - 2:
        yield cutout
        return
    for start in range(1, depth - 1, step):
        part = cutout.slices(start, min(start + step, depth - 1))
        if part.levels.any():
            yield part


def _values(matrices: TextureMatrices, family: TextureFamily, *, merged: bool) -> Values:
    """Of each matrix that counts anything."""
    if family == "glcm":
        pairs = _by_direction(matrices.glcm, merged=merged)
        some = pairs.any(axis=(1, 2))
        return cooccurrence_features(pairs[some]) if some.any() else {}
    if family == "ngtdm":
        some = matrices.ngtdm_counts.any(axis=1)
        return (
            tone_features(matrices.ngtdm_counts[some], matrices.ngtdm_differences[some]) if some.any() else {}
        )
    found = emphasis_features(*_sized(matrices, family, merged=merged))
    return dict(zip(_tags(family), found, strict=False))


def _sized(
    matrices: TextureMatrices, family: TextureFamily, *, merged: bool
) -> tuple[SizeMatrices, NDArray[np.int64]]:
    """Matrices of levels by sizes and the voxels each refers to."""
    if family == "glrlm":
        directions = len(matrices.directions)
        voxels = matrices.voxels * directions if merged else np.repeat(matrices.voxels, directions)
        return size_matrices(_by_direction(matrices.glrlm, merged=merged)), voxels
    if family == "ngldm":
        return size_matrices(matrices.ngldm), matrices.voxels
    zones = matrices.zones
    size = zones.size if family == "glszm" else zones.distance
    return zone_matrices(zones.group, level=zones.level, size=size), matrices.voxels


def _by_direction(counts: NDArray[np.integer[Any]], *, merged: bool) -> NDArray[np.integer[Any]]:
    """(groups, directions, levels, ...) as (matrices, levels, ...): directions added or one by one."""
    return counts.sum(axis=1) if merged else counts.reshape(-1, *counts.shape[2:])


def _means(family: TextureFamily, parts: Sequence[Values]) -> dict[str, float]:
    """Mean over all matrices of each feature; see `texture_features` where there is none."""
    some = [part for part in parts if part]
    if some:
        return {tag: float(np.concatenate([part[tag] for part in some]).mean()) for tag in _tags(family)}
    if family == "ngtdm":
        return _means(family, [tone_features(np.zeros((1, 1), np.int64), np.zeros((1, 1)))])
    return dict.fromkeys(_tags(family), float("nan"))


def _tags(family: TextureFamily) -> list[str]:
    return [feature.tag for feature in features().values() if feature.family == family]


def _check(found: Collection[str], allowed: Collection[str], *, what: str) -> None:
    for name in found:
        if name not in allowed:
            raise ProtocolError(f"there is no {what} {name!r}; {choices(name, allowed)}")
