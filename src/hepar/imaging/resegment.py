"""Re-segmentation: which voxels of a region count as its intensities (IBSI IF9H)."""

from math import isfinite

import numpy as np
from numpy.typing import NDArray

from ..core.errors import DataError, ProtocolError
from .geometry import Array

Mask = NDArray[np.bool_]
Range = tuple[float | None, float | None]
"""Lowest and highest intensity, both within the range; None leaves an end open."""


def resegment(
    image: Array,
    region: Mask,
    *,
    intensity_range: Range = (None, None),
    outlier_sigma: float | None = None,
) -> Mask:
    """The intensity mask: voxels of `region` whose intensity is kept; `region` itself stays the morphological mask.

    Kept are intensities within `intensity_range` and within `outlier_sigma` standard deviations of the region's
    mean. Both rules look at the whole region and their ranges are intersected, so their order does not matter; the
    standard deviation divides by n (Zwanenburg et al., arXiv:1612.07003: USB3, 7ACA).

    Args:
        image: (z, y, x) intensities.
        region: (z, y, x), true inside.
        intensity_range: in the unit of `image`.
        outlier_sigma: usually 3.

    Raises:
        DataError: no voxel is kept, the region is empty, or it holds a value that is not a number.
        ProtocolError: the range is reversed or not finite, or sigma is not positive.
    """
    low, high = _checked(intensity_range, outlier_sigma)
    values = region_values(image, region)
    if outlier_sigma is not None:
        mean, spread = values.mean(dtype=np.float64), values.std(dtype=np.float64)
        low, high = max(low, mean - outlier_sigma * spread), min(high, mean + outlier_sigma * spread)
    if low <= values.min() and values.max() <= high:
        return region
    kept = (values >= low) & (values <= high)
    if not kept.any():
        raise DataError(
            f"no voxel of the region is left by re-segmentation to {low:g}..{high:g}: its intensities run from"
            f" {values.min():g} to {values.max():g}; check the range, the unit and the mask"
        )
    mask = np.zeros_like(region)
    mask[region] = kept
    return mask


def region_values(image: Array, region: Mask) -> Array:
    """Intensities (voxels,) of `image` in `region`; refuses an empty region and values that are not numbers."""
    if image.shape != region.shape:
        raise DataError(
            f"image and region have shapes {image.shape} and {region.shape}; they must be the same"
        )
    values: Array = image[region]
    if not values.size:
        raise DataError("the region is empty; check the mask and its label")
    wrong = ~np.isfinite(values)
    if wrong.any():
        where = tuple(int(index) for index in np.argwhere(region)[np.flatnonzero(wrong)[0]])
        raise DataError(
            f"the image holds {values[wrong][0]} at voxel {where} of the region ({wrong.sum()} such in all); every"
            " intensity must be a finite number"
        )
    return values


def _checked(intensity_range: Range, outlier_sigma: float | None) -> tuple[float, float]:
    low = -np.inf if intensity_range[0] is None else float(intensity_range[0])
    high = np.inf if intensity_range[1] is None else float(intensity_range[1])
    given = [end for end in intensity_range if end is not None]
    if not all(isfinite(end) for end in given) or low > high:
        raise ProtocolError(
            f"the re-segmentation range {intensity_range[0]}..{intensity_range[1]} holds no intensity; give the"
            " lower end first, both finite, or leave one out"
        )
    if outlier_sigma is not None and not 0 < outlier_sigma < np.inf:
        raise ProtocolError(f"outlier_sigma is {outlier_sigma}; it must be positive (3 is usual)")
    return low, high
