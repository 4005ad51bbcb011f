"""Features of a region by a PyRadiomics parameter file, under PyRadiomics' names."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...core.errors import ProtocolError
from ...imaging.geometry import Volume
from .bins import bin_levels
from .counts import Texture, count_texture
from .diagnostics import Told, image_diagnostics, mask_diagnostics
from .firstorder import first_order
from .glcm import glcm
from .imagetypes import derived_images, too_small_for_log
from .names import FEATURES, FeatureClass
from .ngtdm import ngtdm
from .parameters import Parameters
from .prepare import Mask, Prepared, box_of, prepare, region_of
from .settings import Settings
from .shape import shape
from .shape2d import shape_2d
from .sizes import gldm, glrlm, glszm


def extract(image: Volume, mask: Volume, parameters: Parameters) -> dict[str, float | str]:
    """Features of the region that `mask` labels in `image`, e.g. `original_glcm_Contrast`, after `diagnostics_*`.

    Values follow the type of `image.array` as in PyRadiomics: an image of whole numbers is cut off to whole numbers
    when it is resampled, one of single precision stays so. Arrays must lie as the file stores them: wavelets tell
    directions.

    Raises:
        DataError: image and mask do not fit each other, or the region is too small for what is asked.
        ProtocolError: the parameters contradict each other or the image.
    """
    prepared = prepare(image, mask, parameters.setting)
    found: dict[str, float | str] = {}
    if parameters.setting.additional_info:
        region = region_of(image, mask, parameters.setting)
        found |= image_diagnostics(image, "original") | mask_diagnostics(
            image, region, "original", values=False
        )
        found |= _told(prepared, parameters)
    found |= _shapes(prepared, parameters)
    for name, value in _of_images(prepared, parameters):
        found[name] = value
    return found


def _told(prepared: Prepared, parameters: Parameters) -> Told:
    """What preparation came to."""
    told: Told = {}
    if prepared.resampled:
        told |= image_diagnostics(prepared.image, "interpolated")
        told |= mask_diagnostics(prepared.image, prepared.whole, "interpolated")
    if parameters.setting.resegment_range is not None:
        told |= mask_diagnostics(prepared.image, prepared.region, "resegmented")
    if "LoG" in parameters.image_type:
        sigmas = parameters.settings_for("LoG").sigma
        missing = [why for why in (too_small_for_log(prepared.image, sigma) for sigma in sigmas) if why]
        told |= {"diagnostics_Notes": "; ".join(missing)} if missing else {}
    return told


def _shapes(prepared: Prepared, parameters: Parameters) -> dict[str, float]:
    """Shape is that of the original region, whatever image types are asked for."""
    wanted, settings = parameters.feature_class, parameters.setting
    box = box_of(prepared.region)
    solid = prepared.region if settings.resegment_shape else prepared.whole
    region = np.ascontiguousarray(solid[box])
    spacing = prepared.image.spacing_mm
    found: dict[str, float] = {}
    if "shape" in wanted:
        found |= _named("original_shape", shape(region, spacing), wanted["shape"])
    plane = settings.plane_axis
    if "shape2D" not in wanted or plane is None:
        return found
    if region.shape[plane] > 1:
        if wanted == FEATURES:
            return found
        raise ProtocolError(
            f"shape2D needs a region of one slice, this one has {region.shape[plane]} along force2Ddimension {plane};"
            " take shape2D out of featureClass or give single slices"
        )
    rows, columns = np.delete(np.array(spacing), plane)
    flat = shape_2d(np.take(region, 0, axis=plane), (float(rows), float(columns)))
    return found | _named("original_shape2D", flat, wanted["shape2D"])


def _of_images(prepared: Prepared, parameters: Parameters) -> Iterator[tuple[str, float]]:
    box = box_of(prepared.region)
    region = np.ascontiguousarray(prepared.region[box])
    wanted = {
        name: listed for name, listed in parameters.feature_class.items() if not name.startswith("shape")
    }
    for image_type in parameters.image_type if wanted else ():
        settings = parameters.settings_for(image_type)
        for name, values in derived_images(prepared.image, box, image_type=image_type, settings=settings):
            place = (region, prepared.image.spacing_mm)
            computed = _features(values, place, settings=settings, classes=tuple(wanted))
            for feature_class, features in computed.items():
                yield from _named(f"{name}_{feature_class}", features, wanted[feature_class]).items()


def _features(
    values: NDArray[Any],
    place: tuple[Mask, tuple[float, float, float]],
    *,
    settings: Settings,
    classes: tuple[FeatureClass, ...],
) -> dict[FeatureClass, dict[str, float]]:
    """Features of one image in the region's box, by class; `place` is the region there and the spacing in mm."""
    region, spacing_mm = place
    inside = values[region]
    levels = np.zeros(region.shape, np.uint16)
    levels[region] = bin_levels(inside, settings)
    texture_classes = [name for name in classes if name != "firstorder"]
    texture = None
    if texture_classes:
        texture = count_texture(levels, spacing_mm=spacing_mm, settings=settings, classes=texture_classes)
    found: dict[FeatureClass, dict[str, float]] = {}
    for name in classes:
        if texture is None or name == "firstorder":
            voxel_mm3, shift = float(np.prod(spacing_mm)), float(settings.voxel_array_shift)
            found[name] = first_order(inside, levels[region], voxel_mm3=voxel_mm3, shift=shift)
        else:
            found[name] = _TEXTURE[name](texture, settings)
    return found


_TEXTURE: Mapping[FeatureClass, Callable[[Texture, Settings], dict[str, float]]] = {
    "glcm": glcm,
    "glrlm": glrlm,
    "glszm": lambda texture, _settings: glszm(texture),
    "gldm": lambda texture, _settings: gldm(texture),
    "ngtdm": lambda texture, _settings: ngtdm(texture),
}


def _named(head: str, features: Mapping[str, float], listed: tuple[str, ...]) -> dict[str, float]:
    """The listed features under their full names; those that PyRadiomics no longer gives are left out."""
    return {f"{head}_{name}": features[name] for name in listed if name in features}
