"""First-order statistics of the intensities of a region (IBSI family UHIW)."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from ..core.errors import DataError
from .geometry import Array

Floats = NDArray[np.float64]
PERCENTILES = (10, 25, 50, 75, 90)


def statistics(values: Array) -> dict[str, float]:
    """The 18 first-order statistics of `values` (voxels,), the intensities of the intensity mask.

    Variance, skewness and kurtosis carry no bias correction; kurtosis is in excess of 3; percentiles interpolate
    linearly between the ordered values. A constant region has skewness and kurtosis 0; `stat_cov` is NaN where the
    mean is 0 and `stat_qcod` where the quartiles sum to 0 (Zwanenburg et al., arXiv:1612.07003, section 3.3).

    Raises:
        DataError: there is no value, or one is not a number.
    """
    ordered = ascending(values)
    square = float(ordered @ ordered)
    return {f"stat_{name}": value for name, value in describe(ordered).items()} | {
        "stat_energy": square,
        "stat_rms": float(np.sqrt(square / ordered.size)),
    }


def ascending(values: Array) -> Floats:
    """`values` in ascending order, in double precision; values already in order are not sorted again."""
    flat = np.asarray(values).ravel()
    if not flat.size:
        raise DataError("the region holds no voxel, so it has no intensities; check mask and re-segmentation")
    if not (flat[1:] >= flat[:-1]).all():
        flat = np.sort(flat)
    ordered = flat.astype(np.float64)
    if not np.isfinite(ordered[[0, -1]]).all():  # sorting puts NaN last
        raise DataError(
            f"the region holds intensities from {ordered[0]:g} to {ordered[-1]:g}; all must be finite numbers"
        )
    return ordered


def describe(ordered: Floats) -> Mapping[str, float]:
    """What statistics and histogram features share, of ascending values."""
    p10, p25, median, p75, p90 = _percentiles(ordered)
    low, high = float(ordered[0]), float(ordered[-1])
    mean = low if low == high else float(ordered.mean())
    deviation = ordered - mean
    inner = ordered[np.searchsorted(ordered, p10) : np.searchsorted(ordered, p90, side="right")]
    variance, skewness, kurtosis = _moments(deviation)
    return {
        "mean": mean,
        "var": variance,
        "skew": skewness,
        "kurt": kurtosis,
        "median": median,
        "min": low,
        "p10": p10,
        "p90": p90,
        "max": high,
        "iqr": p75 - p25,
        "range": high - low,
        "mad": _mean_absolute(deviation),
        "rmad": _mean_absolute(inner - float(inner.mean())),
        "medad": _mean_absolute(ordered - median),
        "cov": float(np.sqrt(variance)) / mean if mean else np.nan,
        "qcod": (p75 - p25) / (p75 + p25) if p75 + p25 else np.nan,
    }


def _percentiles(ordered: Floats) -> list[float]:
    positions = (ordered.size - 1) * np.array(PERCENTILES) / 100
    below = np.floor(positions).astype(int)
    above = np.minimum(below + 1, ordered.size - 1)
    share = positions - below
    return [float(value) for value in ordered[below] + share * (ordered[above] - ordered[below])]


def _moments(deviation: Floats) -> tuple[float, float, float]:
    """Variance, skewness and excess kurtosis; the latter two 0 without variance."""
    square = deviation * deviation
    variance = float(square.mean())
    if variance == 0:
        return 0.0, 0.0, 0.0
    square /= variance
    third, fourth = float(square @ deviation) / square.size, float(square @ square) / square.size
    return variance, third / float(np.sqrt(variance)), fourth - 3


def _mean_absolute(ascending_deviation: Floats) -> float:
    positive = np.searchsorted(ascending_deviation, 0.0)
    total = ascending_deviation[positive:].sum() - ascending_deviation[:positive].sum()
    return float(total) / ascending_deviation.size
