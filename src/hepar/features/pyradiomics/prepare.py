"""From an image and a mask to what features are computed on, in PyRadiomics' order of steps."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...core.errors import DataError
from ...imaging.geometry import Volume
from .grid import resampling_grid
from .interpolation import interpolate, nearest
from .settings import Settings

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """An image and its region, ready for features.

    image: from which images are derived; wider than the region.
    whole: the region before re-segmentation.
    region: voxels with intensities that count, after re-segmentation.
    resampled: whether another spacing was asked for, be it the image's own.
    """

    image: Volume
    whole: Mask
    region: Mask
    resampled: bool = False


def prepare(image: Volume, mask: Volume, settings: Settings) -> Prepared:
    """Normalise, resample or crop, check and re-segment, as `settings` ask.

    Raises:
        DataError: the mask does not lie on the image, lacks the label or is too small, the image has no values.
    """
    _refuse_bad_values(image)
    region = region_of(image, mask, settings)
    if settings.normalize:
        image = image.like(_normalised(image.array, settings))
    found = _resampled(image, region, settings)
    _check_size(found.region, settings)
    if settings.resegment_range is None:
        return found
    kept = _resegmented(found.image.array, found.region, settings)
    _check_size(kept, settings)
    return replace(found, region=kept)


def region_of(image: Volume, mask: Volume, settings: Settings) -> Mask:
    """Voxels of the image where the mask holds the label; with `correctMask`, by the mask's nearest voxel."""
    held = mask.array if mask.array.dtype == np.bool_ else np.trunc(mask.array)
    region = np.asarray(held == settings.label)
    if not region.any():
        labels = ", ".join(f"{value:g}" for value in np.unique(held).astype(float) if value) or "none"
        raise DataError(f"the mask has no voxel of label {settings.label}; it holds {labels}")
    if _same_place(image, mask, settings.geometry_tolerance):
        return region
    if not settings.correct_mask:
        raise DataError(
            f"the mask lies elsewhere than the image ({_place(mask)}, image {_place(image)}); set correctMask: true to"
            " take its nearest voxels, or a larger geometryTolerance"
        )
    return _moved(region, mask, image)


def _refuse_bad_values(image: Volume) -> None:
    if image.array.ndim != 3:
        raise DataError(f"the image has shape {image.array.shape}; three axes (z, y, x) are needed")
    if np.issubdtype(image.array.dtype, np.floating) and not np.isfinite(image.array).all():
        n = int(np.count_nonzero(~np.isfinite(image.array)))
        raise DataError(f"the image holds {n} values that are not finite numbers; fill or crop them first")


def _same_place(image: Volume, mask: Volume, tolerance: float) -> bool:
    """Whether origins and spacings agree within a share of a voxel, and directions within `tolerance`."""
    if image.array.shape != mask.array.shape:
        return False
    spacing = np.array(image.spacing_mm)
    off = abs(image.affine - mask.affine)
    return bool((off[:3, 3] <= tolerance * spacing[-1]).all() and (off[:3, :3] / spacing <= tolerance).all())


def _place(volume: Volume) -> str:
    spacing = " x ".join(f"{mm:.6g}" for mm in volume.spacing_mm)
    origin = ", ".join(f"{mm:.6g}" for mm in volume.affine[:3, 3])
    return f"{' x '.join(map(str, volume.array.shape))} voxels of {spacing} mm from ({origin})"


def _moved(region: Mask, mask: Volume, image: Volume) -> Mask:
    """The region on the image's voxels; refuses one that sticks out of the image."""
    corners = np.array(np.nonzero(region))
    low, high = corners.min(axis=1) - 0.5, corners.max(axis=1) + 0.5
    to_image = np.linalg.inv(image.affine) @ mask.affine
    ends = np.array([(to_image @ np.append(end, 1))[:3] for end in (low, high)])
    if (ends.min(axis=0) < -0.5 - 1e-3).any() or (
        ends.max(axis=0) > np.array(image.array.shape) - 0.5 + 1e-3
    ).any():
        raise DataError(
            f"the region of the mask reaches outside the image ({_place(image)}); give its own mask"
        )
    step = np.linalg.inv(mask.affine) @ image.affine
    z, y, x = (np.arange(n) for n in image.array.shape)
    moved = np.ones(image.array.shape, bool)
    at: list[Any] = []
    for axis, n in enumerate(region.shape):
        to = step[axis]
        place = (to[0] * z + to[3])[:, None, None] + (to[1] * y)[:, None] + to[2] * x
        moved &= (place >= -0.5) & (place < n - 0.5)
        at.append(np.clip(np.floor(place + 0.5).astype(np.int32), 0, n - 1))
    return np.asarray(moved & region[tuple(at)])


def _normalised(array: NDArray[Any], settings: Settings) -> NDArray[Any]:
    """Centred and divided by the deviation (n - 1) of the whole image, cut at `removeOutliers` deviations.

    From the sums of values and squares, as ITK, so that images of whole numbers come out the same to the last bit.
    """
    values = array.astype(np.float64)
    n, total = values.size, float(values.sum())
    variance = (float((values * values).sum()) - total * total / n) / (n - 1)
    if variance <= 0 or values.min() == values.max():
        raise DataError(
            f"the image is {values.flat[0]:g} everywhere and cannot be normalised; set normalize: false"
        )
    scaled = (values - total / n) * (1.0 / float(np.sqrt(variance)))
    if settings.remove_outliers is not None:
        scaled = np.clip(scaled, -settings.remove_outliers, settings.remove_outliers)
    return np.asarray(scaled * settings.normalize_scale)


def _resampled(image: Volume, region: Mask, settings: Settings) -> Prepared:
    wanted = settings.resampled_pixel_spacing
    if wanted is None or settings.interpolator is None:
        kept = _margin_box(region, settings.pad_distance) if settings.pre_crop else None
        return _cropped(image, region, kept)
    old = np.array(image.spacing_mm)
    spacing = np.array(wanted[::-1])
    flat = np.array([np.count_nonzero(region.any(axis=axes)) == 1 for axes in ((1, 2), (0, 2), (0, 1))])
    spacing = np.where((spacing == 0) | flat, old, spacing)
    if np.allclose(old, spacing):
        return replace(_cropped(image, region, _margin_box(region, settings.pad_distance)), resampled=True)
    grid = resampling_grid(image, region, spacing_mm=spacing, pad=settings.pad_distance)
    values = interpolate(image.array, grid, settings.interpolator)
    new = Volume(values, grid.affine, image.modality, image.unit)
    kept_region = nearest(region, grid)
    return Prepared(new, kept_region, kept_region, resampled=True)


def _cropped(image: Volume, region: Mask, box: tuple[slice, ...] | None) -> Prepared:
    if box is None:
        return Prepared(image, region, region)
    affine = image.affine.copy()
    affine[:3, 3] += affine[:3, :3] @ np.array([part.start for part in box], float)
    kept = np.ascontiguousarray(region[box])
    return Prepared(replace(image, array=image.array[box], affine=affine), kept, kept)


def box_of(region: Mask) -> tuple[slice, slice, slice]:
    """The smallest box around the region."""
    z, y, x = (np.flatnonzero(region.any(axis=axes)) for axes in ((1, 2), (0, 2), (0, 1)))
    return slice(z[0], z[-1] + 1), slice(y[0], y[-1] + 1), slice(x[0], x[-1] + 1)


def _margin_box(region: Mask, pad: int) -> tuple[slice, ...]:
    return tuple(slice(max(part.start - pad, 0), part.stop + pad) for part in box_of(region))


def _resegmented(array: NDArray[Any], region: Mask, settings: Settings) -> Mask:
    """The region's voxels within the range, both ends included."""
    values = array[region]
    ends = np.array(sorted(settings.resegment_range or ()))
    if settings.resegment_mode == "relative":
        ends = values.max() * ends
    elif settings.resegment_mode == "sigma":
        ends = float(values.mean()) + float(values.std()) * ends
    kept = values >= ends[0]
    if len(ends) == 2:
        kept &= values <= ends[1]
    found = np.zeros_like(region)
    found[region] = kept
    if kept.sum() <= 1:
        raise DataError(
            f"re-segmentation to {', '.join(f'{end:g}' for end in ends)} leaves {int(kept.sum())} of the region's"
            f" {values.size} voxels ({values.min():g} to {values.max():g}); widen resegmentRange"
        )
    return found


def _check_size(region: Mask, settings: Settings) -> None:
    if not region.any():
        raise DataError(
            "no voxel of the region is left after resampling; choose a finer resampledPixelSpacing"
        )
    extent = [part.stop - part.start for part in box_of(region)]
    dimensions, voxels = sum(n > 1 for n in extent), int(region.sum())
    if dimensions == 0:
        raise DataError("the region is a single voxel, which has no features; check the mask")
    if dimensions < settings.minimum_roi_dimensions:
        raise DataError(
            f"the region extends in {dimensions} dimensions ({' x '.join(map(str, extent))} voxels),"
            f" minimumROIDimensions is {settings.minimum_roi_dimensions}; exclude the case or lower it"
        )
    if settings.minimum_roi_size is not None and voxels <= settings.minimum_roi_size:
        raise DataError(
            f"the region has {voxels} voxels, more than minimumROISize ({settings.minimum_roi_size}) are needed;"
            " exclude the case or lower it"
        )
