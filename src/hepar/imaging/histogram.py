"""Intensity histogram features of discretised intensities (IBSI family ZVCW)."""

import numpy as np
from numpy.typing import NDArray

from ..core.errors import DataError
from .geometry import Array
from .statistics import describe

Counts = NDArray[np.int64]


def histogram(levels: Array, n_levels: int | None = None) -> dict[str, float]:
    """The 23 histogram features of `levels` (voxels,), whole numbers from 1.

    `n_levels` is the number of bins, by default the highest level; empty bins count in the gradients. Percentiles
    interpolate linearly. The mode is the fullest bin, among equals the one nearest the mean, then the lower. With
    a single bin the gradients do not exist: `ih_max_grad`, `ih_min_grad` and their levels are NaN.
    (Zwanenburg et al., arXiv:1612.07003.)

    Raises:
        DataError: there is no level, or one lies outside 1..`n_levels`.
    """
    counts = level_counts(levels, n_levels)
    described = describe(np.repeat(np.arange(1.0, counts.size + 1), counts))
    share = counts[counts > 0] / counts.sum()
    features = {f"ih_{name}": value for name, value in described.items()}
    return features | {
        "ih_mode": _mode(counts, described["mean"]),
        "ih_entropy": float(-(share @ np.log2(share))) + 0.0,
        "ih_uniformity": float(share @ share),
        **_gradients(counts),
    }


def level_counts(levels: Array, n_levels: int | None = None) -> Counts:
    """Voxels of each level 1..`n_levels`, by default up to the highest."""
    flat = np.asarray(levels).ravel()
    low, high = (int(flat.min()), int(flat.max())) if flat.size else (0, 0)
    highest = high if n_levels is None else n_levels
    if low < 1 or high > highest:
        raise DataError(
            f"the region's levels run from {low} to {high}; they must lie in 1..{highest or 'N'}; discretise the"
            " intensities first"
        )
    return np.bincount(flat, minlength=highest + 1)[1:].astype(np.int64)


def _mode(counts: Counts, mean: float) -> float:
    fullest = np.flatnonzero(counts == counts.max()) + 1
    return float(fullest[np.argmin(np.abs(fullest - mean))])


def _gradients(counts: Counts) -> dict[str, float]:
    if counts.size < 2:
        return dict.fromkeys(("ih_max_grad", "ih_max_grad_g", "ih_min_grad", "ih_min_grad_g"), np.nan)
    gradient = np.gradient(counts.astype(float))
    return {
        "ih_max_grad": float(gradient.max()),
        "ih_max_grad_g": float(gradient.argmax() + 1),
        "ih_min_grad": float(gradient.min()),
        "ih_min_grad_g": float(gradient.argmin() + 1),
    }
