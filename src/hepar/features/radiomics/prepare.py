"""An image and its regions made ready: checked, cut out, interpolated, re-segmented, discretised."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np

from ...core.errors import DataError, HeparError
from ...imaging.discretise import fixed_bin_number, fixed_bin_size
from ...imaging.geometry import Array, Volume, describe, same_grid
from ...imaging.local_intensity import RADIUS_MM
from ...imaging.regions import Mask, bounding_box
from ...imaging.resample import resample_region
from ...imaging.resegment import resegment
from .settings import DISCRETISED, Settings

MOST_VOXELS = 1 << 29
"""Voxels of the interpolated box round a region, 4 GiB a copy."""

Sides = tuple[float, float, float]
"""Lengths along (z, y, x)."""


@dataclass(frozen=True, slots=True, eq=False)
class Region:
    """A region on the grid that features are measured on: all of it, and where its intensities count."""

    whole: Mask
    kept: Mask


@dataclass(frozen=True, slots=True, eq=False)
class Ready:
    """The image round some regions, and these, on the grid that features are measured on."""

    image: Volume
    regions: dict[str, Region]


def ready(image: Volume, regions: Mapping[str, Volume], settings: Settings) -> Iterator[Ready]:
    """`regions` made ready, those together that share a box, and each with the image it needs.

    Raises:
        DataError: a region on another grid, too small, or of one intensity; a setting that needs a unit where the
            image has none. Errors name the region.
    """
    _refuse_without_unit(image, settings)
    _refuse_other_unit(image, settings)
    masks = {name: _mask(image, region, name=name, settings=settings) for name, region in regions.items()}
    margin_mm = reach_mm(image, settings)
    _refuse_too_fine(image, masks, settings, margin_mm=margin_mm)
    for names in _together(masks, image, margin_mm):
        yield _on_grid(image, {name: masks[name] for name in names}, settings, margin_mm=margin_mm)


def reach_mm(image: Volume, settings: Settings) -> Sides:
    """How far outside a region its features depend on the image, along each axis; never more than the image is long."""
    grid = tuple(
        own if new is None else new for own, new in zip(image.spacing_mm, _target(settings), strict=True)
    )
    spacing = (grid[0], grid[1], grid[2])
    local = RADIUS_MM if "local_intensity" in settings.families else 0.0
    reach = np.max([(local, local, local), *(one.margin_mm(spacing) for one in settings.filters)], axis=0)
    z, y, x = np.minimum(reach, np.multiply(image.array.shape, image.spacing_mm))
    return float(z), float(y), float(x)


@contextmanager
def naming(name: str) -> Iterator[None]:
    """Errors with the name of the region."""
    try:
        yield
    except HeparError as error:
        raise type(error)(f"region {name!r}: {error}") from None


def level_of(values: Array, settings: Settings) -> Array:
    """Levels from 1 of the intensities `values` (voxels,) of a region."""
    if settings.bin_width is None:
        return fixed_bin_number(values, settings.bins)
    return fixed_bin_size(values, settings.bin_width, (settings.intensity_range or (None, None))[0])


def level_image(levels: Array, region: Region) -> Array:
    """`levels` (voxels,) in their places (z, y, x), 0 outside the intensity mask."""
    image = np.zeros(region.kept.shape, np.uint16)
    image[region.kept] = levels
    return image


def _refuse_without_unit(image: Volume, settings: Settings) -> None:
    needs = settings.needs_unit
    if needs is not None and not (settings.unit or image.unit):
        raise DataError(
            f"{needs} is given in the image's unit, but the {image.modality or 'image'} says none: its intensities may"
            " mean something else in every patient; use bin_number, or state the unit if you know it (unit: HU, or"
            " --unit HU)"
        )


def _refuse_other_unit(image: Volume, settings: Settings) -> None:
    """Refuse settings that call the image's unit by another name, or HU what no CT measured."""
    if settings.unit is None:
        return
    if image.unit and image.unit != settings.unit:
        raise DataError(
            f"the unit is said to be {settings.unit!r}, the image says {image.unit!r}; leave the unit out"
        )
    if settings.unit == "HU" and image.modality not in ("", "CT"):
        raise DataError(
            f"the unit is said to be 'HU', but the image is of modality {image.modality!r}; only CT has"
            " Hounsfield units"
        )


def _refuse_too_fine(
    image: Volume, masks: Mapping[str, Mask], settings: Settings, *, margin_mm: Sides
) -> None:
    """Refuse a spacing that makes more voxels than memory holds, before they are made."""
    if settings.spacing_mm is None:
        return
    z, y, x = (int(mm / own) + 1 for mm, own in zip(margin_mm, image.spacing_mm, strict=True))
    for name, mask in masks.items():
        sides = [side.stop - side.start for side in bounding_box(mask, (z, y, x))]
        finer = [own / (new or own) for own, new in zip(image.spacing_mm, _target(settings), strict=True)]
        voxels = float(np.prod(np.multiply(sides, finer)))
        if voxels > MOST_VOXELS:
            raise DataError(
                f"region {name!r}: spacing_mm {settings.spacing_mm} makes {voxels:.3g} voxels of the box round it, more"
                f" than {MOST_VOXELS:.3g}; take larger voxels"
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


def _on_grid(image: Volume, masks: Mapping[str, Mask], settings: Settings, *, margin_mm: Sides) -> Ready:
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
    regions = {}
    for name, whole in wholes.items():
        with naming(name):
            regions[name] = _region(near, whole, settings)
    return Ready(near, regions)


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
