"""Intensities to grey levels: fixed number of bins, bins of fixed size, or levels as they are (IBSI 4R0B)."""

import numpy as np

from ..core.errors import DataError, ProtocolError
from .geometry import Array

HIGHEST_LEVEL = 65_535
"""What 16 bits hold; a texture matrix of as many levels no longer fits in memory either."""


def fixed_bin_number(values: Array, n_bins: int) -> Array:
    """Levels 1..`n_bins` of bins of equal width between the lowest and the highest value, which is in the last bin.

    A constant region is level 1 throughout (Zwanenburg et al., arXiv:1612.07003: K15C).
    """
    if not 1 <= n_bins <= HIGHEST_LEVEL:
        raise ProtocolError(f"{n_bins} bins are asked for; allowed are 1 to {HIGHEST_LEVEL} (32 is usual)")
    low, high = _ends(values)
    if low == high:
        return np.ones(values.shape, np.uint8 if n_bins < 256 else np.uint16)
    scaled = values.astype(np.float64)
    scaled -= low
    scaled *= n_bins
    scaled /= high - low
    return _levels(np.minimum(np.floor(scaled, out=scaled), n_bins - 1, out=scaled), highest=n_bins)


def fixed_bin_size(values: Array, width: float, start: float | None = None) -> Array:
    """Levels from 1 of bins of `width`, the first beginning at `start` (IBSI Q3RU).

    `start` is the lower end of the re-segmentation range, the same for all participants; None takes the lowest
    value of the region, which makes levels incomparable between participants.
    """
    if not 0 < width < np.inf:
        raise ProtocolError(f"bins have width {width}; it must be positive")
    low, high = _ends(values)
    begin = low if start is None else float(start)
    if low < begin:
        raise DataError(
            f"the region holds {low:g}, below {begin:g}, where the first bin begins; re-segment with that lower end"
            " or begin lower"
        )
    highest = np.floor((high - begin) / width) + 1
    if highest > HIGHEST_LEVEL:
        raise DataError(
            f"bins of width {width:g} from {begin:g} to {high:g} are {highest:.0f}, more than {HIGHEST_LEVEL}; take"
            " wider bins or re-segment"
        )
    scaled = values.astype(np.float64)
    scaled -= begin
    scaled /= width
    return _levels(np.floor(scaled, out=scaled), highest=int(highest))


def whole_levels(values: Array) -> Array:
    """`values` themselves as levels: they must be whole numbers from 1."""
    low, high = _ends(values)
    if low < 1 or high > HIGHEST_LEVEL or not (values == np.rint(values)).all():
        raise DataError(
            f"intensities from {low:g} to {high:g} are no grey levels: those are whole numbers from 1 to"
            f" {HIGHEST_LEVEL}; discretise by a number or a size of bins"
        )
    return values.astype(np.uint8 if high < 256 else np.uint16)


def _ends(values: Array) -> tuple[float, float]:
    if not values.size:
        raise DataError(
            "the region holds no voxel, so there is nothing to discretise; check mask and re-segmentation"
        )
    low, high = float(values.min()), float(values.max())
    if not np.isfinite(low) or not np.isfinite(high):
        raise DataError(f"the region holds intensities from {low} to {high}; all must be finite numbers")
    return low, high


def _levels(steps: Array, *, highest: int) -> Array:
    levels: Array = steps.astype(np.uint8 if highest < 256 else np.uint16)
    levels += 1
    return levels
