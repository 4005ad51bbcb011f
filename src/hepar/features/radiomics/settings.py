"""How radiomic features are made: one frozen value that holds all of it."""

from typing import Annotated, Any, Literal, Self, get_args

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SerializeAsAny,
    model_validator,
)

from ...core.errors import ProtocolError
from ...imaging.nomenclature import AGGREGATIONS, Aggregation, Extent, Family
from ..filters import Filter

FAMILIES: tuple[Family, ...] = get_args(Family)
TEXTURE = frozenset({"glcm", "glrlm", "glszm", "gldzm", "ngtdm", "ngldm"})
DISCRETISED = TEXTURE | {"histogram"}
Length = Annotated[float, Field(gt=0)]


def _three(value: Any) -> Any:
    """One number stands for all three axes."""
    return (value, value, value) if isinstance(value, int | float) else value


CONTINUOUS = frozenset({"g/mL", "Bq/mL", "SUV"})
"""Units of uptake in PET, whose intensities are no whole numbers."""
UNITS = ("HU", "counts", *sorted(CONTINUOUS))
"""Units that image files declare; the same in other letters is the same unit."""


def spelt(unit: str | None) -> str | None:
    """The unit as image files spell it, which decides what is done in it.

    >>> spelt("hu")
    'HU'
    """
    if unit is None:
        return None
    return next((known for known in UNITS if known.casefold() == unit.strip().casefold()), unit.strip())


OneFilter = Annotated[SerializeAsAny[Filter], BeforeValidator(Filter.parse)]


class Settings(BaseModel):
    """How features are made, in the order of the IBSI workflow (Zwanenburg et al., 2020).

    Lengths are in millimetres along (z, y, x); `None` along an axis keeps its spacing, e.g. `[null, 1, 1]` for slices
    that lie far apart. Intensity limits and `bin_width` are in the image's unit, and refused where it has none: say
    `unit` if you know it and the file does not.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    unit: Annotated[str | None, AfterValidator(spelt)] = None
    """Unit of the intensities, for files that do not say it, e.g. HU for a CT in NIfTI."""
    spacing_mm: Annotated[
        tuple[Length | None, Length | None, Length | None] | None, BeforeValidator(_three)
    ] = None
    """Spacing that image and masks are interpolated to; not interpolated when omitted."""
    interpolation: Literal["nearest", "linear", "cubic"] = "linear"
    mask_interpolation: Literal["nearest", "linear"] = "linear"
    round_intensities: bool | None = None
    """Round interpolated intensities to whole numbers; when omitted, those in HU are."""
    intensity_range: tuple[float | None, float | None] | None = None
    """Intensities outside it leave the intensity mask; the morphological mask stays."""
    outliers_sigma: Annotated[float, Field(gt=0)] | None = None
    """Intensities farther than so many standard deviations from the mean leave the intensity mask."""
    bin_number: Annotated[int, Field(ge=2, le=4096)] | None = None
    bin_width: Annotated[float, Field(gt=0)] | None = None
    families: tuple[Family, ...] = FAMILIES
    aggregations: tuple[Aggregation, ...] = ("3d_mrg",)
    ivh_bin_number: Annotated[int, Field(ge=2)] | None = None
    """Bins of the intensity-volume histogram; when omitted, it is made of the intensities in steps of one where they
    have a unit of whole numbers such as HU, and of 1,000 bins where they have none or one of uptake in PET."""
    ivh_bin_width: Annotated[float, Field(gt=0)] | None = None
    spatial: bool = False
    """Moran's I and Geary's C too: exact, and slow in large regions."""
    enclosing: bool = False
    """Densities in the smallest enclosing box and ellipsoid too, for which the manual has no agreed values."""
    filters: tuple[OneFilter, ...] = ()
    filter_bin_number: Annotated[int, Field(ge=2, le=4096)] = 32
    """Bins of filtered images, whose values have no unit."""
    minimum_voxels: Annotated[int, Field(ge=1)] = 10
    """A smaller region is refused."""

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.bin_number is not None and self.bin_width is not None:
            raise ProtocolError("bin_number and bin_width are two ways of discretising; give one of them")
        if self.ivh_bin_number is not None and self.ivh_bin_width is not None:
            raise ProtocolError(
                "ivh_bin_number and ivh_bin_width are two ways of discretising; give one of them"
            )
        low, high = self.intensity_range or (None, None)
        if low is not None and high is not None and low >= high:
            raise ProtocolError(
                f"intensity_range: {low:g} is not below {high:g}; write the lower limit first"
            )
        if not self.families or not self.aggregations:
            raise ProtocolError("families and aggregations: name at least one, or leave the key out")
        names = [name for one in self.filters for name in one.names]
        twice = {name for name in names if names.count(name) > 1}
        if twice:
            raise ProtocolError(f"filters: {min(twice)!r} stands twice; keep one of them")
        return self

    @property
    def bins(self) -> int:
        """Fixed number of bins; 32 where neither number nor width is given."""
        return 32 if self.bin_number is None else self.bin_number

    @property
    def extents(self) -> tuple[Extent, ...]:
        """Extents of the matrices without direction: those that the aggregations speak of."""
        named = {name.partition("_")[0] for name in self.aggregations}
        return tuple(extent for extent in get_args(Extent) if extent in named)

    @property
    def needs_unit(self) -> str | None:
        """The first setting that has no meaning without a unit."""
        found = {
            "bin_width": self.bin_width,
            "intensity_range": self.intensity_range,
            "ivh_bin_width": self.ivh_bin_width,
        }
        return next((name for name, value in found.items() if value is not None), None)

    @property
    def of_filtered(self) -> tuple[Family, ...]:
        """Families of a filtered image: morphology is that of the region, local intensity that of the image."""
        return tuple(name for name in self.families if name not in ("morphology", "local_intensity", "ivh"))

    def describe_aggregations(self) -> str:
        """The aggregations in words, with their identifiers."""
        return "; ".join(f"{AGGREGATIONS[name][1]} ({AGGREGATIONS[name][0]})" for name in self.aggregations)
