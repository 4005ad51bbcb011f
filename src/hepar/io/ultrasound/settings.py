"""The YAML document beside a recording: what the file itself does not tell, every number with its unit in its name."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from ...core.document import explain, read_document
from ...core.errors import DataError, ProtocolError
from ...imaging.ultrasound.frames import Box

WHAT = "description of a recording"
COMPRESSED = (".lzo", ".gz")


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Variable(_Part):
    """A number that stands in the recording under the name `variable` (`a.b` is field b of struct a), in `unit`."""

    variable: str = Field(min_length=1)
    unit: str | None = None


Number = float | str | Variable
Numbers = tuple[float, ...] | str | Variable


class Even(_Part):
    """Evenly spaced from the `first` to the `last` line."""

    first: float
    last: float


class Slope(_Part):
    """Gain that rises with depth from `from_mm` on."""

    slope_db_cm: float
    from_mm: float = 0.0


class Table(_Part):
    """Gain at depths, straight lines between them and constant beyond."""

    depth_mm: tuple[float, ...] = Field(min_length=1)
    gain_db: tuple[float, ...] = Field(min_length=1)


class Samples(_Part):
    """Gain of every sample of a line."""

    samples_db: Numbers


class Region(_Part):
    """A named box."""

    depth_mm: tuple[float, float]
    lines: tuple[int, int]

    def box(self) -> Box:
        """As the imaging functions take it."""
        return Box(self.depth_mm, self.lines)


class Regions(_Part):
    """The document `NAME.regions.yaml` beside a recording."""

    regions: dict[str, Region]


class Recording(_Part):
    """How a recording is stored and how it was acquired; what stands here stands over what the file tells."""

    rf: str | None = None
    axes: tuple[Literal["frame", "line", "sample"], ...] | None = None
    dtype: Literal["int8", "int16", "int32", "float32", "float64"] | None = None
    shape: tuple[int, ...] | None = None
    byte_order: Literal["little", "big"] | None = None
    offset_bytes: int | None = Field(default=None, ge=0)
    fs_mhz: Number | None = None
    fc_mhz: Number | None = None
    c_mm_us: Number | None = None
    bandwidth: Number | None = None
    start_mm: Number | None = None
    geometry: Literal["convex", "linear", "phased"] | None = None
    radius_mm: Number | None = None
    line_angle_deg: Even | Numbers | None = None
    line_across_mm: Even | Numbers | None = None
    elements: int | None = Field(default=None, ge=1)
    element_pitch_mm: float | None = Field(default=None, gt=0)
    time_gain: Literal["none applied", "unknown"] | Slope | Table | Samples | None = None
    gain_db: Number | None = None
    frame_rate_hz: Number | None = None
    frame_times_ms: Numbers | None = None
    scale: Number | None = None
    device: str | None = None
    preset: str | None = None
    subject: str | None = None
    site: str | None = None
    view: str | None = None
    remark: str | None = None
    regions: dict[str, Region] = Field(default_factory=dict)
    more: dict[str, float] = Field(default_factory=dict)

    @field_validator("axes")
    @classmethod
    def _each_axis_once(cls, axes: tuple[str, ...] | None) -> tuple[str, ...] | None:
        if axes is not None and (len(set(axes)) < len(axes) or not {"line", "sample"} <= set(axes)):
            raise ProtocolError(
                f"axes are {list(axes)}; name line and sample, and frame where there is one, each once, in the order of"
                " the array"
            )
        return axes


STORAGE = ("rf", "axes", "dtype", "shape", "byte_order", "offset_bytes")
"""Keys that say how the numbers lie in the file."""
PROBE = ("elements", "element_pitch_mm")
"""Keys that place lines which the file counts in elements of the probe."""


def name_of(path: Path) -> Path:
    """`path` without its ending, and without that of a compression: what its companions are named after."""
    inner = path.with_suffix("") if path.suffix.lower() in COMPRESSED else path
    return inner.with_suffix("")


def beside(path: Path, *endings: str) -> Path | None:
    """The first companion of the recording at `path` that exists, e.g. `NAME.yaml`."""
    name = name_of(path)
    found = (name.with_name(name.name + ending) for ending in endings)
    return next((file for file in found if file != path and file.is_file()), None)


def recording_settings(
    settings: Path | str | Mapping[str, Any] | None, path: Path, *endings: str
) -> Recording:
    """`settings` as a document, or the one beside `path`; without any, an empty one."""
    if isinstance(settings, Mapping):
        return _validated(settings)
    file = Path(settings) if settings is not None else beside(path, *endings)
    return Recording() if file is None else read_document(Recording, file, what=WHAT)


def refuse_unused(settings: Recording, unused: tuple[str, ...], *, path: Path, why: str) -> None:
    """Refuse keys that mean nothing for the file at `path`, which reads `why`."""
    for key in unused:
        if key in settings.model_fields_set:
            raise ProtocolError(f"{path}: {key} is given, but {why}; delete that key")


def regions_beside(path: Path) -> Mapping[str, Box]:
    """The boxes of `NAME.regions.yaml`, where it exists."""
    file = beside(path, ".regions.yaml", ".regions.yml")
    if file is None:
        return {}
    document = read_document(Regions, file, what="list of regions")
    try:
        return boxes(document.regions)
    except DataError as error:
        raise DataError(f"{file}: {error}") from None


def boxes(regions: Mapping[str, Region]) -> dict[str, Box]:
    """Named boxes as `RfFrames` takes them."""
    return {name: region.box() for name, region in regions.items()}


def _validated(settings: Mapping[str, Any]) -> Recording:
    try:
        return Recording.model_validate(dict(settings))
    except ValidationError as error:
        lines = "\n".join(f"  {line}" for line in explain(error, Recording))
        raise ProtocolError(f"settings are not a valid {WHAT}:\n{lines}") from None
