"""First-order statistics of the intensities of a region (IBSI family UHIW)."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from ..core.errors import DataError
from .compiled import compiled
from .geometry import Array

Floats = NDArray[np.float64]
PERCENTILES = (10, 25, 50, 75, 90)


def statistics(values: Array) -> dict[str, float]:
    """The 18 first-order statistics of `values` (voxels,), the intensities of the intensity mask.

    Variance, skewness and kurtosis carry no bias correction; kurtosis is in excess of 3; percentiles interpolate
    linearly between the ordered values. A constant region has skewness and kurtosis 0. NaN where the definition
    leaves nothing: `stat_cov` if the mean is 0, `stat_qcod` if the quartiles sum to 0, `stat_rmad` if no value lies
    between the 10th and the 90th percentile, as of two different voxels (Zwanenburg et al.,
    arXiv:1612.07003).

    Raises:
        DataError: there is no value, or one is not a number.
    """
    ordered = ascending(values)
    square = float(np.einsum("i,i->", ordered, ordered))  # BLAS would wake idle threads for it
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
    inner = ordered[np.searchsorted(ordered, p10) : np.searchsorted(ordered, p90, side="right")]
    mean, variance, skewness, kurtosis = _moments(ordered)
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
        "mad": _mean_distance(ordered, mean),
        "rmad": _mean_distance(inner, float(inner.mean())) if inner.size else np.nan,
        "medad": _mean_distance(ordered, median),
        "cov": float(np.sqrt(variance)) / mean if mean else np.nan,
        "qcod": (p75 - p25) / (p75 + p25) if p75 + p25 else np.nan,
    }


def _percentiles(ordered: Floats) -> list[float]:
    positions = (ordered.size - 1) * np.array(PERCENTILES) / 100
    below = np.floor(positions).astype(int)
    above = np.minimum(below + 1, ordered.size - 1)
    share = positions - below
    return [float(value) for value in ordered[below] + share * (ordered[above] - ordered[below])]


def _moments(ordered: Floats) -> tuple[float, float, float, float]:
    """Mean, variance, skewness and excess kurtosis; the latter two 0 without variance."""
    if ordered[0] == ordered[-1]:
        return float(ordered[0]), 0.0, 0.0, 0.0
    mean = float(ordered.mean())
    scale = max(mean - ordered[0], ordered[-1] - mean)
    second, third, fourth = (total / ordered.size for total in _powers(ordered, mean, scale))
    return mean, second * scale**2, third / second**1.5, fourth / second**2 - 3


@compiled
def _powers(values: Floats, centre: float, scale: float) -> tuple[float, float, float]:
    """Sums of the second, third and fourth power of the deviations from `centre`, in units of `scale`."""
    second, third, fourth = 0.0, 0.0, 0.0
    for value in values:
        deviation = (value - centre) / scale
        square = deviation * deviation
        second += square
        third += square * deviation
        fourth += square * square
    return second, third, fourth


def _mean_distance(values: Floats, centre: float) -> float:
    return _distances(values, centre) / values.size


@compiled
def _distances(values: Floats, centre: float) -> float:
    """Sum of the distances from `centre`."""
    total = 0.0
    for value in values:
        total += abs(value - centre)
    return total
