"""Run length, size zone and dependence features by PyRadiomics: matrices that count levels by a size."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...core.errors import DataError
from ...imaging.emphasis import SizeMatrices, emphasis_features, size_matrices, zone_matrices
from .counts import Counts, Texture
from .glcm import step_lengths
from .settings import Settings

_ORDER = (
    "small",
    "large",
    "low",
    "high",
    "small_low",
    "small_high",
    "large_low",
    "large_high",
    "level_uneven",
    "level_uneven_normalized",
    "size_uneven",
    "size_uneven_normalized",
    "percentage",
    "level_variance",
    "size_variance",
    "entropy",
    "energy",
)
"""What `emphasis_features` gives, in its order."""

_RUN = {
    "GrayLevelNonUniformity": "level_uneven",
    "GrayLevelNonUniformityNormalized": "level_uneven_normalized",
    "GrayLevelVariance": "level_variance",
    "HighGrayLevelRunEmphasis": "high",
    "LongRunEmphasis": "large",
    "LongRunHighGrayLevelEmphasis": "large_high",
    "LongRunLowGrayLevelEmphasis": "large_low",
    "LowGrayLevelRunEmphasis": "low",
    "RunEntropy": "entropy",
    "RunLengthNonUniformity": "size_uneven",
    "RunLengthNonUniformityNormalized": "size_uneven_normalized",
    "RunPercentage": "percentage",
    "RunVariance": "size_variance",
    "ShortRunEmphasis": "small",
    "ShortRunHighGrayLevelEmphasis": "small_high",
    "ShortRunLowGrayLevelEmphasis": "small_low",
}
_ZONE = {
    "GrayLevelNonUniformity": "level_uneven",
    "GrayLevelNonUniformityNormalized": "level_uneven_normalized",
    "GrayLevelVariance": "level_variance",
    "HighGrayLevelZoneEmphasis": "high",
    "LargeAreaEmphasis": "large",
    "LargeAreaHighGrayLevelEmphasis": "large_high",
    "LargeAreaLowGrayLevelEmphasis": "large_low",
    "LowGrayLevelZoneEmphasis": "low",
    "SizeZoneNonUniformity": "size_uneven",
    "SizeZoneNonUniformityNormalized": "size_uneven_normalized",
    "SmallAreaEmphasis": "small",
    "SmallAreaHighGrayLevelEmphasis": "small_high",
    "SmallAreaLowGrayLevelEmphasis": "small_low",
    "ZoneEntropy": "entropy",
    "ZonePercentage": "percentage",
    "ZoneVariance": "size_variance",
}
_DEPENDENCE = {
    "DependenceEntropy": "entropy",
    "DependenceNonUniformity": "size_uneven",
    "DependenceNonUniformityNormalized": "size_uneven_normalized",
    "DependenceVariance": "size_variance",
    "GrayLevelNonUniformity": "level_uneven",
    "GrayLevelVariance": "level_variance",
    "HighGrayLevelEmphasis": "high",
    "LargeDependenceEmphasis": "large",
    "LargeDependenceHighGrayLevelEmphasis": "large_high",
    "LargeDependenceLowGrayLevelEmphasis": "large_low",
    "LowGrayLevelEmphasis": "low",
    "SmallDependenceEmphasis": "small",
    "SmallDependenceHighGrayLevelEmphasis": "small_high",
    "SmallDependenceLowGrayLevelEmphasis": "small_low",
}


def glrlm(texture: Texture, settings: Settings) -> dict[str, float]:
    """The 16 run length features: means over the directions in which two voxels lie on one line.

    With `weightingNorm` the matrices are added, weighted by the length of the step in mm by that norm.
    """
    runs: NDArray[Any] = texture.matrices.glrlm.sum(axis=0)
    directions = texture.matrices.directions
    kept = [bool(runs[d, :, 1:].any()) or _in_line(texture.levels, directions[d]) for d in range(len(runs))]
    if not any(kept):
        raise DataError("no two voxels of the region lie in a line, so it has no GLRLM; check the mask")
    if settings.weighting_norm is None:
        return _averaged(size_matrices(runs[kept]), _RUN)
    weights = step_lengths(abs(directions) * texture.spacing_mm, settings.weighting_norm)
    weighted = np.tensordot(weights[kept], runs[kept], axes=1)
    level, size = np.nonzero(weighted)
    cells = SizeMatrices(np.zeros_like(level), level + 1, size + 1, weighted[level, size])
    return _averaged(cells, _RUN)


def glszm(texture: Texture) -> dict[str, float]:
    """The 16 size zone features."""
    zones = texture.matrices.zones
    return _averaged(zone_matrices(np.zeros_like(zones.level), level=zones.level, size=zones.size), _ZONE)


def gldm(texture: Texture) -> dict[str, float]:
    """The 14 dependence features; a voxel counts as dependent on itself."""
    return _averaged(size_matrices(texture.dependences[None]), _DEPENDENCE)


def _averaged(cells: SizeMatrices, names: dict[str, str]) -> dict[str, float]:
    voxels: NDArray[Any] = np.bincount(cells.matrix, cells.count * cells.size)
    found = dict(zip(_ORDER, emphasis_features(cells, voxels), strict=True))
    return {name: float(found[of].mean()) for name, of in names.items()}


def _in_line(levels: NDArray[np.uint16], step: Counts) -> bool:
    """Whether a line along `step` meets two voxels of the region, next to each other or not."""
    voxels = np.argwhere(levels)
    along = int(np.flatnonzero(step)[0])
    lines = voxels - np.outer(voxels[:, along] * step[along], step)
    return len(np.unique(lines, axis=0)) < len(lines)
