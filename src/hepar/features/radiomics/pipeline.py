"""From an image and its regions to features: interpolation, re-segmentation, filters, discretisation, in that order."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np

from ...core.errors import DataError, HeparError
from ...imaging.discretise import fixed_bin_number, fixed_bin_size
from ...imaging.geometry import Array, Volume, describe, same_grid
from ...imaging.histogram import histogram
from ...imaging.local_intensity import RADIUS_MM, local_intensity
from ...imaging.morphology import morphology
from ...imaging.regions import Mask, bounding_box
from ...imaging.resample import resample_region
from ...imaging.resegment import resegment
from ...imaging.statistics import statistics
from ...imaging.texture import texture_features
from ...imaging.texture_matrices import TEXTURE_FAMILIES, TextureFamily
from ...imaging.volume_histogram import volume_histogram
from .settings import DISCRETISED, Settings

Features = dict[str, float]
Sides = tuple[float, float, float]
"""Lengths along (z, y, x)."""
LOCAL_MM = RADIUS_MM + 0.1


@dataclass(frozen=True, slots=True, eq=False)
class Region:
    """A region on the grid that features are measured on: all of it, and where its intensities count."""

    whole: Mask
    kept: Mask


def extract_regions(image: Volume, regions: Mapping[str, Volume], settings: Settings) -> dict[str, Features]:
    """Features of each region by name, e.g. `original_stat_mean` or `log_3mm_cm_contrast_3d_mrg`.

    `regions` lie on the grid of `image`; what is above zero is inside. Several regions that overlap share the
    interpolated image and the filters' responses.

    Raises:
        DataError: a region on another grid, too small, or of one intensity; a setting that needs a unit where the
            image has none. Errors name the region.
    """
    _refuse_without_unit(image, settings)
    masks = {name: _mask(image, region, name=name, settings=settings) for name, region in regions.items()}
    margin_mm = reach_mm(image, settings)
    found: dict[str, Features] = {}
    for names in _together(masks, image, margin_mm):
        found |= _extract(image, {name: masks[name] for name in names}, settings, margin_mm=margin_mm)
    return {name: found[name] for name in regions}


def _refuse_without_unit(image: Volume, settings: Settings) -> None:
    needs = settings.needs_unit
    if needs is not None and not (settings.unit or image.unit):
        raise DataError(
            f"{needs} is given in the image's unit, but the {image.modality or 'image'} says none: its intensities may"
            " mean something else in every patient; use bin_number, or state the unit"
        )


def _mask(image: Volume, region: Volume, *, name: str, settings: Settings) -> Mask:
    if not same_grid(image, region):
        raise DataError(
            f"region {name!r} lies on another grid: {describe(region)}; the image has {describe(image)}"
        )
    mask = region.array if region.array.dtype == bool else region.array > 0
    voxels = int(np.count_nonzero(mask))
    if voxels < settings.minimum_voxels:
        what = (
            "is empty"
            if not voxels
            else f"has {voxels} voxels, fewer than minimum_voxels {settings.minimum_voxels}"
        )
        raise DataError(f"region {name!r} {what}; check the mask and its label")
    return mask


def reach_mm(image: Volume, settings: Settings) -> Sides:
    """How far outside a region its features depend on the image, along each axis; never more than the image is long."""
    grid = tuple(
        own if new is None else new for own, new in zip(image.spacing_mm, _target(settings), strict=True)
    )
    spacing = (grid[0], grid[1], grid[2])
    local = LOCAL_MM if "local_intensity" in settings.families else 0.0
    reach = np.max([(local, local, local), *(one.margin_mm(spacing) for one in settings.filters)], axis=0)
    z, y, x = np.minimum(reach, np.multiply(image.array.shape, image.spacing_mm))
    return float(z), float(y), float(x)


def _target(settings: Settings) -> tuple[float | None, float | None, float | None]:
    return settings.spacing_mm or (None, None, None)


def _together(masks: Mapping[str, Mask], image: Volume, margin_mm: Sides) -> list[list[str]]:
    """Regions that share work: all, where one box around them is smaller than their own boxes put together."""
    z, y, x = (int(mm / own) + 1 for mm, own in zip(margin_mm, image.spacing_mm, strict=True))
    boxes = [bounding_box(mask, (z, y, x)) for mask in masks.values()]
    sides = [[(side.start, side.stop) for side in box] for box in boxes]
    apart = sum(float(np.prod([stop - start for start, stop in box])) for box in sides)
    ends: Array = np.array(sides)
    around = float(np.prod(ends[..., 1].max(axis=0) - ends[..., 0].min(axis=0)))
    return [list(masks)] if around <= apart else [[name] for name in masks]


def _extract(
    image: Volume, masks: Mapping[str, Mask], settings: Settings, *, margin_mm: Sides
) -> dict[str, Features]:
    """Features of regions that share one box."""
    unit = settings.unit or image.unit
    rounded = settings.round_intensities
    near, wholes = resample_region(
        image,
        masks,
        spacing_mm=settings.spacing_mm,
        margin_mm=margin_mm,
        method=settings.interpolation,
        mask_method=settings.mask_interpolation,
        whole_numbers=unit == "HU" and settings.spacing_mm is not None if rounded is None else rounded,
    )
    near = near.like(near.array, unit=unit)
    regions: dict[str, Region] = {}
    found: dict[str, Features] = {}
    for name, whole in wholes.items():
        with _naming(name):
            regions[name] = _region(near, whole, settings)
            found[name] = _prefixed("original", _of_original(near, regions[name], settings))
    for one in settings.filters:
        for label, response in one.apply(near):
            for name, region in regions.items():
                with _naming(name):
                    found[name] |= _prefixed(label, _of_response(response, region, settings))
    return found


@contextmanager
def _naming(name: str) -> Iterator[None]:
    """Errors with the name of the region."""
    try:
        yield
    except HeparError as error:
        raise type(error)(f"region {name!r}: {error}") from None


def _prefixed(label: str, values: Mapping[str, float]) -> Features:
    return {f"{label}_{tag}": value for tag, value in values.items()}


def _region(image: Volume, whole: Mask, settings: Settings) -> Region:
    kept = resegment(
        image.array,
        whole,
        intensity_range=settings.intensity_range or (None, None),
        outlier_sigma=settings.outliers_sigma,
    )
    values = image.array[kept]
    if DISCRETISED & set(settings.families) and values.min() == values.max():
        raise DataError(
            f"all {values.size} voxels have the intensity {values[0]:g}, so that it has no texture; check the mask"
        )
    return Region(whole, kept)


def _of_original(image: Volume, region: Region, settings: Settings) -> Features:
    wanted, values = set(settings.families), image.array[region.kept]
    found: Features = {}
    if "morphology" in wanted:
        found |= morphology(
            region.whole,
            image.spacing_mm,
            image=image.array,
            intensity_mask=region.kept,
            correlation=settings.spatial,
            enclosing=settings.enclosing,
        )
    if "local_intensity" in wanted:
        found |= local_intensity(image.array, region.kept, image.spacing_mm)
    if "statistics" in wanted:
        found |= statistics(values)
    if "ivh" in wanted:
        found |= _volume_histogram(values, settings, has_unit=bool(image.unit))
    return found | _of_levels(_levels(values, settings), region, settings, n_levels=_n_levels(settings))


def _of_response(response: Volume, region: Region, settings: Settings) -> Features:
    """Features of a filtered image: those of its values and its texture, in bins of a fixed number."""
    values = response.array[region.kept]
    found = statistics(values) if "statistics" in settings.families else {}
    levels = fixed_bin_number(values, settings.filter_bin_number)
    return found | _of_levels(levels, region, settings, n_levels=settings.filter_bin_number)


def _volume_histogram(values: Array, settings: Settings, *, has_unit: bool) -> Features:
    limits = settings.intensity_range or (None, None)
    if settings.ivh_bin_number is not None or not (has_unit or settings.ivh_bin_width):
        return volume_histogram(values, kind="arbitrary", n_bins=settings.ivh_bin_number or 1000)
    if settings.ivh_bin_width is not None:
        return volume_histogram(
            values, kind="continuous", bin_width=settings.ivh_bin_width, intensity_range=limits
        )
    return volume_histogram(values, kind="discrete", intensity_range=limits)


def _levels(values: Array, settings: Settings) -> Array:
    if settings.bin_width is None:
        return fixed_bin_number(values, settings.bins)
    return fixed_bin_size(values, settings.bin_width, (settings.intensity_range or (None, None))[0])


def _n_levels(settings: Settings) -> int | None:
    """Levels that exist; with bins of a fixed size those up to the highest that occurs."""
    return settings.bins if settings.bin_width is None else None


def _of_levels(levels: Array, region: Region, settings: Settings, *, n_levels: int | None) -> Features:
    found = histogram(levels, n_levels) if "histogram" in settings.families else {}
    families: list[TextureFamily] = [name for name in TEXTURE_FAMILIES if name in settings.families]
    if not families:
        return found
    image = np.zeros(region.kept.shape, np.uint16)
    image[region.kept] = levels
    return found | texture_features(
        image,
        region=region.whole,
        n_levels=n_levels,
        families=families,
        aggregations=settings.aggregations,
        extents=settings.extents,
    )
