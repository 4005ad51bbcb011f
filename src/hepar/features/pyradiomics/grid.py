"""The grid on which PyRadiomics resamples: it begins at the edge of the image's first voxel.

Axes are (z, y, x); what meets physical points turns to ITK's x, y, z and repeats its arithmetic step by step, because a
mask's nearest voxel hangs on the last bit where a new voxel lies half-way between two.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...imaging.geometry import Volume

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """A grid whose axes are those of an image.

    affine: index to LPS mm, as in `Volume`.
    positions: for each axis, where its samples lie in the image, as an index with fractions.
    """

    affine: Floats
    positions: tuple[Floats, Floats, Floats]


def resampling_grid(volume: Volume, region: NDArray[np.bool_], *, spacing_mm: NDArray[Any], pad: int) -> Grid:
    """The grid of `spacing_mm` (z, y, x) over the box of `region` and `pad` new voxels around it."""
    old, size = np.array(volume.spacing_mm), np.array(region.shape)
    low, high = _box(region)
    ratio = old / spacing_mm
    first = np.maximum(np.floor((low - 0.5) * ratio - pad), 0)
    last = np.minimum(np.ceil((high - 0.5) * ratio + pad), np.ceil(size * ratio) - 1)
    start = 0.5 * (spacing_mm - old) / old + first / ratio
    return _grid(volume, start, spacing_mm=spacing_mm, size=(last - first + 1).astype(int))


def _box(region: NDArray[np.bool_]) -> tuple[Floats, Floats]:
    """First index and one past the last that holds a voxel, along each axis."""
    held = [np.flatnonzero(region.any(axis=axes)) for axes in ((1, 2), (0, 2), (0, 1))]
    return np.array([h[0] for h in held], float), np.array([h[-1] + 1 for h in held], float)


def _grid(volume: Volume, start: Floats, *, spacing_mm: NDArray[Any], size: NDArray[Any]) -> Grid:
    """The grid of `size` voxels whose first lies at index `start` of the image."""
    matrix, origin = _physical(volume.affine)
    direction = matrix / np.linalg.norm(matrix, axis=0)
    new_matrix = direction * spacing_mm[::-1]
    new_origin = _apply(matrix, start[::-1]) + origin
    inverse: Floats = np.linalg.inv(matrix).astype(np.float64)

    def index_of(steps: Floats) -> Floats:
        return _apply(inverse, _apply(new_matrix, steps) + new_origin - origin)

    first, beyond = index_of(np.zeros(3)), index_of(np.array([size[2], 0.0, 0.0]))
    # ITK places the samples of a row between its ends, and the rows each by itself
    x = first[0] + np.arange(size[2]) / size[2] * (beyond[0] - first[0])
    y = np.array([index_of(np.array([0.0, i, 0.0]))[1] for i in range(size[1])])
    z = np.array([index_of(np.array([0.0, 0.0, i]))[2] for i in range(size[0])])
    affine = np.eye(4)
    affine[:3, :3], affine[:3, 3] = new_matrix[:, ::-1], new_origin
    return Grid(affine, (z, y, x))


def _physical(affine: Floats) -> tuple[Floats, Floats]:
    """Matrix from an (x, y, z) index to mm, and the place of index 0."""
    return affine[:3, 2::-1], affine[:3, 3]


def _apply(matrix: Floats, vector: Floats) -> Floats:
    """`matrix @ vector`, added from left to right as ITK does."""
    return np.asarray(matrix[:, 0] * vector[0] + matrix[:, 1] * vector[1] + matrix[:, 2] * vector[2])
