"""The settings of a PyRadiomics parameter file under PyRadiomics' keys, with PyRadiomics' defaults."""

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from ...core.errors import ProtocolError, choices

Interpolator = Literal["sitkNearestNeighbor", "sitkLinear", "sitkBSpline"]
_BY_NUMBER: dict[int, Interpolator] = {1: "sitkNearestNeighbor", 2: "sitkLinear", 3: "sitkBSpline"}
_OTHER_INTERPOLATORS = (
    "sitkGaussian",
    "sitkLabelGaussian",
    "sitkHammingWindowedSinc",
    "sitkCosineWindowedSinc",
    "sitkWelchWindowedSinc",
    "sitkLanczosWindowedSinc",
    "sitkBlackmanWindowedSinc",
)


def _interpolator(found: Any) -> Any:
    """The name of an interpolator that the file may give by its number."""
    name = _BY_NUMBER.get(found, found) if isinstance(found, int) else found
    if name in _OTHER_INTERPOLATORS or isinstance(name, int):
        raise ProtocolError(f"{found!r} is not supported; {choices('', _BY_NUMBER.values())}")
    return name


Positive = Annotated[float, Field(gt=0)]
NotNegative = Annotated[float, Field(ge=0)]
Count = Annotated[int, Field(gt=0)]


class Settings(BaseModel):
    """One group of settings.

    A key without a value means its default, as does one that is absent; but an interpolator without a value means no
    resampling. Spacings are in mm and, as everywhere in PyRadiomics, in the order x, y, z.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    bin_width: Positive = Field(25.0, alias="binWidth")
    bin_count: Count | None = Field(None, alias="binCount")

    normalize: bool = False
    normalize_scale: Positive = Field(1.0, alias="normalizeScale")
    remove_outliers: Positive | None = Field(None, alias="removeOutliers")

    resampled_pixel_spacing: tuple[NotNegative, NotNegative, NotNegative] | None = Field(
        None, alias="resampledPixelSpacing"
    )
    interpolator: Annotated[Interpolator | None, BeforeValidator(_interpolator)] = "sitkBSpline"
    pad_distance: int = Field(5, alias="padDistance", ge=0)
    pre_crop: bool = Field(False, alias="preCrop")

    label: Count = 1
    label_channel: int = Field(0, alias="label_channel", ge=0)
    correct_mask: bool = Field(False, alias="correctMask")
    geometry_tolerance: Positive = Field(1e-6, alias="geometryTolerance")
    minimum_roi_dimensions: int = Field(2, alias="minimumROIDimensions", ge=1, le=3)
    minimum_roi_size: Count | None = Field(None, alias="minimumROISize")

    resegment_range: tuple[float, ...] | None = Field(
        None, alias="resegmentRange", min_length=1, max_length=2
    )
    resegment_mode: Literal["absolute", "relative", "sigma"] = Field("absolute", alias="resegmentMode")
    resegment_shape: bool = Field(False, alias="resegmentShape")

    force_2d: bool = Field(False, alias="force2D")
    force_2d_dimension: int = Field(0, alias="force2Ddimension", ge=0, le=2)

    voxel_array_shift: int = Field(0, alias="voxelArrayShift")
    distances: tuple[Count, ...] = Field((1,), min_length=1)
    symmetrical_glcm: bool = Field(True, alias="symmetricalGLCM")
    weighting_norm: Literal["euclidean", "manhattan", "infinity", "no_weighting"] | None = Field(
        None, alias="weightingNorm"
    )
    gldm_a: int = Field(0, alias="gldm_a", ge=0)

    sigma: tuple[Annotated[int | float, Field(gt=0)], ...] = ()
    wavelet: str = "coif1"
    start_level: int = Field(0, alias="start_level", ge=0)
    level: Count = 1
    gradient_use_spacing: bool = Field(True, alias="gradientUseSpacing")

    additional_info: bool = Field(True, alias="additionalInfo")

    lbp_2d_radius: Positive = Field(1.0, alias="lbp2DRadius")
    lbp_2d_samples: Count = Field(8, alias="lbp2DSamples")
    lbp_2d_method: Literal["default", "ror", "uniform", "var"] = Field("uniform", alias="lbp2DMethod")
    lbp_3d_levels: Count = Field(2, alias="lbp3DLevels")
    lbp_3d_icosphere_radius: Positive = Field(1.0, alias="lbp3DIcosphereRadius")
    lbp_3d_icosphere_subdivision: int = Field(1, alias="lbp3DIcosphereSubdivision", ge=0)

    @model_validator(mode="before")
    @classmethod
    def _without_empty_keys(cls, found: Any) -> Any:
        if not isinstance(found, dict):
            return {} if found is None else found
        return {key: value for key, value in found.items() if value is not None or key == "interpolator"}

    @property
    def plane_axis(self) -> int | None:
        """Axis of (z, y, x) across which nothing is counted; None where all three count."""
        return self.force_2d_dimension if self.force_2d else None

    @model_validator(mode="after")
    def _distances_differ(self) -> Self:
        if len(set(self.distances)) < len(self.distances):
            raise ProtocolError(f"distances {list(self.distances)} name one twice; name each once")
        return self


class VoxelSettings(BaseModel):
    """What PyRadiomics reads for feature maps."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kernel_radius: Count = Field(1, alias="kernelRadius")
    masked_kernel: bool = Field(True, alias="maskedKernel")
    init_value: float = Field(0.0, alias="initValue")
    voxel_batch: Count | None = Field(None, alias="voxelBatch")
