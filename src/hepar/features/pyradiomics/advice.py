"""What to know about a PyRadiomics parameter file: what nothing uses, and where it departs from IBSI."""

from collections.abc import Iterator

from .names import REMOVED
from .parameters import Parameters
from .settings import Settings, VoxelSettings


def unused(parameters: Parameters) -> tuple[str, ...]:
    """A sentence for each thing the file gives that changes nothing here."""
    return tuple(_unused(parameters))


def _unused(parameters: Parameters) -> Iterator[str]:
    given = _given(parameters.setting).union(*map(_given, parameters.image_type.values()))
    patterns = sorted(key for key in given if key.startswith("lbp"))
    if patterns:
        yield f"{', '.join(patterns)}: local binary patterns are not supported"
    if parameters.voxel_setting != VoxelSettings():
        yield "voxelSetting: no feature maps are made from a PyRadiomics file"
    if "label_channel" in given:
        yield "label_channel: a mask has one value per voxel"
    if parameters.setting.bin_count is not None and "binWidth" in given:
        yield "binWidth: binCount goes before it"
    if parameters.setting.interpolator is None and parameters.setting.resampled_pixel_spacing is not None:
        yield "resampledPixelSpacing: interpolator is empty, so nothing is resampled"
    for name, listed in parameters.feature_class.items():
        for feature in sorted(set(listed) & set(REMOVED.get(name, {}))):
            yield f"{name} {feature}: PyRadiomics gives no value; it equals {REMOVED[name][feature]}"


def _given(settings: Settings) -> set[str]:
    """Keys of the file."""
    fields = Settings.model_fields
    return {fields[name].alias or name for name in settings.model_fields_set}


def deviations(parameters: Parameters) -> tuple[str, ...]:
    """A sentence for each way in which features by this file differ from IBSI's (Zwanenburg et al. 2020)."""
    return tuple(_deviations(parameters))


def _deviations(parameters: Parameters) -> Iterator[str]:
    yield from _of_resampling(parameters.setting)
    yield from _of_values(parameters.setting)
    yield from _of_classes(parameters)
    if "LoG" in parameters.image_type:
        yield "LoG: a recursive filter times sigma squared; IBSI samples the kernel and does not scale it"


def _of_values(setting: Settings) -> Iterator[str]:
    if setting.normalize:
        yield "normalize: mean and deviation of the whole image; IBSI has no such step"
    if setting.resegment_range is not None and setting.resegment_shape:
        yield "resegmentShape: shape is that of the re-segmented region; IBSI keeps the whole"
    if setting.bin_count is None:
        yield (
            f"binWidth {setting.bin_width:g}: bins start at a multiple of it below the region's minimum; IBSI's at the"
            " lower end of the re-segmentation range"
        )


def _of_classes(parameters: Parameters) -> Iterator[str]:
    shift, classes = parameters.setting.voxel_array_shift, parameters.feature_class
    if "firstorder" in classes:
        yield "firstorder Kurtosis: IBSI's is 3 less"
    if "firstorder" in classes and shift:
        yield f"firstorder Energy, RootMeanSquared: {shift} is added to every value"
    if "shape" in classes:
        yield "shape axis lengths: the covariance is divided by n, IBSI's by n - 1"
        yield "shape MeshVolume, SurfaceArea: the surface of a ragged region has holes, IBSI's is closed"
    if "ngtdm" in classes:
        yield "ngtdm: a voxel without a neighbour counts, IBSI leaves it out"


def _of_resampling(setting: Settings) -> Iterator[str]:
    if setting.resampled_pixel_spacing is None or setting.interpolator is None:
        return
    yield "resampledPixelSpacing: the mask takes its nearest voxel; IBSI interpolates it and cuts at one half"
    yield "resampledPixelSpacing: the grid starts at the image's corner; IBSI centres it on the image"
    yield "resampledPixelSpacing: images of whole numbers are cut off towards 0; IBSI rounds HU"
