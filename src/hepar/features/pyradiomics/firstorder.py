"""First-order features by PyRadiomics' names."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...imaging.statistics import ascending, describe


def first_order(
    values: NDArray[Any], levels: NDArray[np.uint16], *, voxel_mm3: float, shift: float = 0.0
) -> dict[str, float]:
    """The 19 features of `values` (voxels,), whose `levels` give entropy and uniformity.

    `shift` is added to the values in Energy, TotalEnergy and RootMeanSquared. Kurtosis is not in excess of 3, and 0
    where all values are equal.
    """
    ordered = ascending(values)
    found = describe(ordered)
    counts = np.bincount(levels)
    share = counts[counts > 0] / levels.size
    shifted = ordered + shift
    energy = float(shifted @ shifted)
    return {
        "10Percentile": found["p10"],
        "90Percentile": found["p90"],
        "Energy": energy,
        "Entropy": float(-(share @ np.log2(share))) + 0.0,
        "InterquartileRange": found["iqr"],
        "Kurtosis": found["kurt"] + 3 if found["var"] > 0 else 0.0,
        "Maximum": found["max"],
        "MeanAbsoluteDeviation": found["mad"],
        "Mean": found["mean"],
        "Median": found["median"],
        "Minimum": found["min"],
        "Range": found["range"],
        "RobustMeanAbsoluteDeviation": found["rmad"],
        "RootMeanSquared": float(np.sqrt(energy / ordered.size)),
        "Skewness": found["skew"],
        "StandardDeviation": float(np.sqrt(found["var"])),
        "TotalEnergy": energy * voxel_mm3,
        "Uniformity": float(share @ share),
        "Variance": found["var"],
    }
