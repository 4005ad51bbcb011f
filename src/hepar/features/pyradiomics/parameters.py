"""A PyRadiomics parameter file as a frozen value."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from ...core.document import explain, read_document
from ...core.errors import ProtocolError, choices
from .names import FEATURE_CLASSES, FEATURES, IMAGE_TYPES, FeatureClass, allowed
from .settings import Settings, VoxelSettings

ImageType = Literal[
    "Original", "Exponential", "Gradient", "LoG", "Logarithm", "Square", "SquareRoot", "Wavelet"
]
_PREPARED_ONCE = (
    "additionalInfo",
    "correctMask",
    "geometryTolerance",
    "interpolator",
    "label",
    "label_channel",
    "minimumROIDimensions",
    "minimumROISize",
    "normalize",
    "normalizeScale",
    "padDistance",
    "preCrop",
    "removeOutliers",
    "resampledPixelSpacing",
    "resegmentMode",
    "resegmentRange",
    "resegmentShape",
)
"""Settings of the steps before the images are derived: an image type cannot have its own."""


def _types(found: Any) -> Any:
    """The image types and their own settings; the original where none is named."""
    if not isinstance(found, dict):
        return found
    for name, own in found.items():
        _check_type(name, own)
    return found or {"Original": {}}


def _check_type(name: Any, own: Any) -> None:
    if name in ("LBP2D", "LBP3D"):
        raise ProtocolError(f"{name}, local binary patterns, is not supported; take it out of imageType")
    if name not in IMAGE_TYPES:
        raise ProtocolError(f"there is no image type {name!r}; {choices(str(name), IMAGE_TYPES)}")
    late = [key for key in own or {} if key in _PREPARED_ONCE]
    if late:
        raise ProtocolError(
            f"image type {name} sets {', '.join(late)}, which PyRadiomics ignores there; move it to setting"
        )


def _features(found: Any) -> Any:
    """The features of each class; all of a class that lists none, every class where none is named."""
    if not isinstance(found, dict):
        return found
    return {name: _of_class(name, listed) for name, listed in found.items()} or dict(FEATURES)


def _of_class(name: Any, listed: Any) -> Any:
    if name not in FEATURE_CLASSES:
        raise ProtocolError(f"there is no feature class {name!r}; {choices(str(name), FEATURE_CLASSES)}")
    if listed is None or listed == []:
        return FEATURES[name]
    if not isinstance(listed, list | tuple):
        raise ProtocolError(f"{name} holds {listed!r}; list features, or give nothing to have them all")
    for feature in listed:
        if feature not in allowed(name):
            raise ProtocolError(f"{name} has no feature {feature!r}; {choices(str(feature), allowed(name))}")
    return listed


class Parameters(BaseModel):
    """The whole file: what is extracted (`featureClass`) from which images (`imageType`) by which `setting`.

    As in PyRadiomics, a file without `featureClass` asks for every class and one without `imageType` for the original
    image; `Parameters()` is its default, the 107 features. An image type may have settings of its own.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    setting: Settings = Settings()
    image_type: Annotated[Mapping[ImageType, Settings], BeforeValidator(_types)] = Field(
        {"Original": Settings()}, alias="imageType"
    )
    feature_class: Annotated[Mapping[FeatureClass, tuple[str, ...]], BeforeValidator(_features)] = Field(
        FEATURES, alias="featureClass"
    )
    voxel_setting: VoxelSettings = Field(VoxelSettings(), alias="voxelSetting")

    @model_validator(mode="after")
    def _log_has_widths(self) -> Self:
        if "LoG" in self.image_type and not self.settings_for("LoG").sigma:
            raise ProtocolError(
                "imageType LoG has no sigma; give a list of mm, e.g. LoG: {sigma: [1.0, 3.0]}"
            )
        return self

    def with_label(self, label: int) -> Self:
        """The same for another label of the mask."""
        return self.model_copy(update={"setting": self.setting.model_copy(update={"label": label})})

    def settings_for(self, image_type: ImageType) -> Settings:
        """The common settings with those of the image type in their place."""
        own = self.image_type[image_type]
        return self.setting.model_copy(update={name: getattr(own, name) for name in own.model_fields_set})


def read_parameters(path: Path) -> Parameters:
    """The PyRadiomics parameter file (YAML or JSON) at `path`; refuses what it cannot honour, naming it."""
    return read_document(Parameters, path, what="PyRadiomics parameter file")


def parse_parameters(content: Mapping[str, Any]) -> Parameters:
    """Parameters from a mapping written as a file would be."""
    try:
        return Parameters.model_validate(dict(content))
    except ValidationError as error:
        raise ProtocolError("; ".join(explain(error, Parameters))) from None
