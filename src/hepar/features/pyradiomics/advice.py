"""What to know about a PyRadiomics parameter file: what nothing uses, and where it departs from IBSI."""

from .names import REMOVED
from .parameters import Parameters
from .settings import Settings, VoxelSettings


def unused(parameters: Parameters) -> tuple[str, ...]:
    """A sentence for each thing the file gives that changes nothing here."""
    given = [
        *_given(parameters.setting),
        *(key for own in parameters.image_type.values() for key in _given(own)),
    ]
    lbp = sorted({key for key in given if key.startswith("lbp")})
    found = [f"{', '.join(lbp)}: local binary patterns are not supported"] if lbp else []
    if parameters.voxel_setting != VoxelSettings():
        found.append("voxelSetting: feature maps are not made from a PyRadiomics file")
    if "label_channel" in given:
        found.append("label_channel: a mask has one value per voxel")
    if parameters.setting.bin_count is not None and "binWidth" in given:
        found.append("binWidth: binCount goes before it")
    for name, listed in parameters.feature_class.items():
        for feature in sorted(set(listed) & set(REMOVED.get(name, {}))):
            found.append(f"{name} {feature}: PyRadiomics gives no value; it equals {REMOVED[name][feature]}")
    return tuple(found)


def _given(settings: Settings) -> list[str]:
    fields = Settings.model_fields
    return [fields[name].alias or name for name in settings.model_fields_set]


def deviations(parameters: Parameters) -> tuple[str, ...]:
    """A sentence for each way in which features by this file differ from those of IBSI (Zwanenburg et al. 2020)."""
    setting = parameters.setting
    found = [
        "kurtosis: PyRadiomics does not subtract 3",
        "axis lengths, elongation, flatness: covariance divided by n, IBSI by n - 1",
        "NGTDM: voxels without a neighbour count, IBSI leaves them out",
    ]
    if setting.resampled_pixel_spacing is not None:
        found += [
            "resampling: the mask by its nearest voxel, IBSI interpolates it and cuts at one half",
            "resampling: the grid starts at the edge of the image's first voxel, IBSI centres it",
            "resampling: whole numbers are cut off towards 0, IBSI rounds HU",
        ]
    found += _of_bins(setting)
    if setting.resegment_range is not None and not setting.resegment_shape:
        found.append(
            "re-segmentation: applies to textures too, with shape alone from the whole mask (as IBSI)"
        )
    if setting.voxel_array_shift:
        found.append(f"energy, root mean square: {setting.voxel_array_shift} is added to every value")
    if setting.normalize:
        found.append("normalisation by mean and standard deviation of the whole image is not part of IBSI")
    return tuple(found)


def _of_bins(setting: Settings) -> list[str]:
    if setting.bin_count is not None:
        return []
    return [
        f"bins: of width {setting.bin_width:g} from a multiple of it below the region's minimum; IBSI starts at the lower"
        " end of the re-segmentation range"
    ]
