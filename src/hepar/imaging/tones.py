"""Features of neighbourhood grey tone difference matrices (NGTDM; Amadasun & King, 1989, as in the IBSI manual)."""

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

MOST_COARSE = 1e6
"""Coarseness where no voxel differs from its neighbours, as the manual sets it."""


def tone_features(counts: NDArray[np.integer], differences: FloatArray) -> dict[str, FloatArray]:
    """The five features of each matrix by tag.

    As the manual states, contrast and busyness are 0 where one level is left, strength is 0 where nothing differs, and
    coarseness is at most `MOST_COARSE`. A matrix in which no voxel has a neighbour gets the same values.

    Args:
        counts: (matrices, N), voxels with a neighbour by level.
        differences: (matrices, N), their summed distances from the mean level of their neighbours.
    """
    rows = [_features(n, s) for n, s in zip(counts, differences, strict=True)]
    return {tag: np.array([row[tag] for row in rows]) for tag in rows[0]}


def _features(counts: NDArray[np.integer], differences: FloatArray) -> dict[str, float]:
    present = np.flatnonzero(counts)
    level, voxels = present + 1.0, float(counts.sum())
    s = differences[present]
    p = counts[present] / max(voxels, 1)
    coarse, total, kinds = float(p @ s), float(s.sum()), len(present)
    apart = abs(level[:, None] - level)
    either = p[:, None] + p
    weighted = (p * s)[:, None] + p * s
    contrast = float(p @ apart**2 @ p) * total / (kinds * (kinds - 1) * voxels) if kinds > 1 else 0.0
    busy = float(abs((level * p)[:, None] - level * p).sum())
    return {
        "ngt_coarseness": min(1 / coarse, MOST_COARSE) if coarse > 0 else MOST_COARSE,
        "ngt_contrast": contrast,
        "ngt_busyness": coarse / busy if busy > 0 else 0.0,
        "ngt_complexity": float(np.sum(apart * weighted / either)) / max(voxels, 1),
        "ngt_strength": float(np.sum(either * apart**2)) / total if total > 0 else 0.0,
    }
