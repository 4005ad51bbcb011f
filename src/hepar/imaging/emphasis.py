"""Features that GLRLM, GLSZM, GLDZM and NGLDM share: of matrices that count levels by a size."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
Counts = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class SizeMatrices:
    """The cells above zero of several matrices: which matrix, level, size (of a run, a zone, ...) and count."""

    matrix: Counts
    level: Counts
    size: Counts
    count: Counts


def emphasis_features(cells: SizeMatrices, voxels: Counts) -> list[FloatArray]:
    """The 17 features of each matrix, in the order of the manual (the last, energy, is NGLDM's alone).

    Emphasis of small and of large sizes, of low and of high levels, of their four combinations (Galloway, 1975; Chu et
    al., 1990; Dasarathy & Holder, 1991); non-uniformity of levels and of sizes, each also normalised; percentage;
    variance of levels and of sizes; entropy; energy.

    Args:
        cells: each matrix has at least one.
        voxels: (matrices,), what the percentage refers to: voxels times the directions merged.
    """
    m, n = cells.matrix, len(voxels)
    total = np.bincount(m, cells.count, minlength=n)
    p = cells.count / total[m]

    def mean(value: FloatArray) -> FloatArray:
        return np.bincount(m, p * value, minlength=n).astype(float)

    i, j = cells.level.astype(float), cells.size.astype(float)
    i2, j2 = i**2, j**2
    levels, sizes = _uniformity(cells, p, of=cells.level), _uniformity(cells, p, of=cells.size)
    emphases = (1 / j2, j2, 1 / i2, i2, 1 / (i2 * j2), i2 / j2, j2 / i2, i2 * j2)
    return [
        *map(mean, emphases),
        levels * total,
        levels,
        sizes * total,
        sizes,
        total / voxels,
        mean((i - mean(i)[m]) ** 2),
        mean((j - mean(j)[m]) ** 2),
        -mean(np.log2(p)),
        mean(p),
    ]


def size_matrices(counts: NDArray[np.integer]) -> SizeMatrices:
    """From matrices (matrices, levels, sizes), both counted from 1."""
    matrix, level, size = np.nonzero(counts)
    return SizeMatrices(matrix, level + 1, size + 1, counts[matrix, level, size].astype(np.int64))


def zone_matrices(matrix: Counts, *, level: Counts, size: Counts) -> SizeMatrices:
    """From single zones: their matrix, level and size, which may be very large."""
    sizes, column = _ranked(size)
    n_levels = int(level.max()) + 1
    cells, place = _ranked((matrix * n_levels + level) * len(sizes) + column)
    above, column = np.divmod(cells, len(sizes))
    row, of_level = np.divmod(above, n_levels)
    return SizeMatrices(row, of_level, sizes[column], np.bincount(place))


def _uniformity(cells: SizeMatrices, p: FloatArray, *, of: Counts) -> FloatArray:
    """Sum of the squared shares of each level (or size) in its matrix."""
    width = int(of.max()) + 1
    keys, place = _ranked(cells.matrix * width + of)
    return np.bincount(keys // width, np.bincount(place, p) ** 2).astype(float)


def _ranked(keys: Counts) -> tuple[Counts, Counts]:
    """The different keys in order and the place of each key among them, without sorting where keys lie close."""
    if keys.max() > 16 * len(keys) + 65536:
        return np.unique(keys, return_inverse=True)
    known = np.flatnonzero(np.bincount(keys))
    place = np.zeros(known[-1] + 1, np.int64)
    place[known] = np.arange(len(known))
    return known, place[keys]
