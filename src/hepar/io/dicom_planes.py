"""Planes of a DICOM file: its one image, or each frame of an enhanced multi-frame instance, with its place."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydicom.dataset import Dataset
from pydicom.uid import UID

from ..core.errors import DataError
from .dicom_header import GROUPS, Values, flat, number, numbers, read_header, text, understood

AXES: Mapping[str, tuple[str, ...]] = {
    "temporal position": ("TemporalPositionIndex", "TemporalPositionIdentifier"),
    "b-value": ("DiffusionBValue",),
    "diffusion direction": ("DiffusionGradientOrientation",),
    "echo time": ("EffectiveEchoTime", "EchoTime"),
    "echo": ("EchoNumbers",),
    "image type": ("FrameType", "ImageType"),
    "inversion time": ("InversionTime",),
    "flip angle": ("FlipAngle",),
    "trigger time": ("NominalCardiacTriggerDelayTime", "TriggerTime"),
    "stack": ("StackID",),
    "acquisition": ("AcquisitionNumber",),
    "acquisition time": ("FrameAcquisitionDateTime", "AcquisitionDateTime", "AcquisitionTime"),
}
"""What images at one place may differ in, and the keywords that hold it; the first present counts."""

NEVER_TOLD = frozenset({"acquisition time"})
"""Axes whose values are dates or times: their number is told, never they."""

_KEYWORDS = (
    "SOPClassUID",
    "Modality",
    "SeriesInstanceUID",
    "SeriesDescription",
    "InstanceNumber",
    "FrameOfReferenceUID",
    "ImagePositionPatient",
    "ImageOrientationPatient",
    "PixelSpacing",
    "SliceThickness",
    "SpacingBetweenSlices",
    "PhotometricInterpretation",
    "Rows",
    "Columns",
    "NumberOfFrames",
    "BitsStored",
    "PixelRepresentation",
    "RescaleSlope",
    "RescaleIntercept",
    "RescaleType",
    "Units",
    *GROUPS,
    *(keyword for keywords in AXES.values() for keyword in keywords),
)

NOT_IMAGES = frozenset(
    {"SEG", "RTSTRUCT", "RTDOSE", "RTPLAN", "SR", "PR", "KO", "REG", "RWV", "AU", "ECG", "DOC"}
)
"""Modalities of objects that are about images."""

_UNITS = {"BQML": "Bq/mL", "CNTS": "counts", "GML": "g/mL"}
"""DICOM's units of a PET image."""


@dataclass(frozen=True, slots=True)
class SetAside:
    """A file that is no part of the image, and why."""

    file: str
    reason: str


@dataclass(frozen=True, slots=True)
class Plane:
    """One image of a series and its place: `frame` counts those of a multi-frame file from 0.

    `orientation` is the direction of increasing column, then of increasing row; `spacing_mm` that between rows, then
    between columns; `step_mm` the declared distance of slices; `stored` the lowest and highest number its bits hold.
    """

    file: Path
    frame: int
    instance: str
    shape: tuple[int, int]
    position_mm: tuple[float, ...]
    orientation: tuple[float, ...]
    spacing_mm: tuple[float, ...]
    step_mm: float | None
    slope: float
    intercept: float
    stored: tuple[int, int]
    axes: tuple[tuple[str, str], ...]

    @property
    def name(self) -> str:
        """How an error calls it: instance number and file, nothing of the patient."""
        return f"{self.instance} ({self.file.name})"


@dataclass(frozen=True, slots=True)
class Origin:
    """What the images of one series have in common."""

    series_uid: str
    description: str
    modality: str
    unit: str
    frame_uid: str


def planes_of(path: Path) -> tuple[Origin, tuple[Plane, ...]] | SetAside:
    """The planes of the file at `path`, or why it has none that belong to a volume."""
    with understood(path):
        return _planes(read_header(path, _KEYWORDS), path)


def _planes(dataset: Dataset, path: Path) -> tuple[Origin, tuple[Plane, ...]] | SetAside:
    top = flat(dataset, without=GROUPS)
    modality = text(top, "Modality")
    kind = _kind(text(top, "SOPClassUID"))
    if modality in NOT_IMAGES or "Rows" not in top:
        _refuse_headless(kind, path)
        return SetAside(path.name, f"{kind}: not an image")
    colour = text(top, "PhotometricInterpretation")
    if colour and not colour.startswith("MONOCHROME"):
        return SetAside(path.name, f"a colour image ({colour}); a grey image is needed")
    if {"LOCALIZER", "SCOUT"} & set(text(top, "ImageType").upper().split("\\")):
        return SetAside(path.name, "localiser")
    frames = _frames(dataset, top)
    planes = tuple(_plane(path, frame, n=(index, len(frames))) for index, frame in enumerate(frames))
    if any(min(plane.shape) < 1 for plane in planes):
        raise DataError(
            f"{path}: declares {planes[0].shape[0]} rows and {planes[0].shape[1]} columns; its header is cut off or"
            " wrong: copy it again from its source"
        )
    declared = int(number(top, "NumberOfFrames") or 1)
    if len(planes) != declared:
        return SetAside(path.name, f"{declared} frames, {len(planes)} of them with a place in the patient")
    if any(len(p.position_mm) != 3 or len(p.orientation) != 6 for p in planes):
        return SetAside(path.name, "an image without position and orientation in the patient")
    return Origin(
        text(top, "SeriesInstanceUID"),
        text(top, "SeriesDescription"),
        modality,
        _unit(modality, frames[0]),
        text(top, "FrameOfReferenceUID"),
    ), planes


def _kind(uid: str) -> str:
    """What DICOM calls an object of this class."""
    name = UID(uid).name
    return "DICOM object" if name in ("", uid) else name


def _refuse_headless(kind: str, path: Path) -> None:
    """A file that is cut off within its header is a lost slice, not an object about images."""
    if "Image Storage" in kind:
        raise DataError(
            f"{path}: is a {kind} without rows; its header is cut off: copy it again from its source"
        )


def _frames(dataset: Dataset, top: Values) -> list[Values]:
    """The values of each frame; those of the instance where it has no functional groups."""
    frames = list(dataset.get(GROUPS[1]) or ())
    shared = [flat(item) for item in dataset.get(GROUPS[0]) or ()]
    common = {**top, **(shared[0] if shared else {})}
    return [{**common, **flat(frame)} for frame in frames] if frames else [common]


def _plane(path: Path, values: Values, *, n: tuple[int, int]) -> Plane:
    """The plane that is frame `n[0]` of `n[1]`."""
    told = text(values, "InstanceNumber")
    instance = f"instance {told if told.lstrip('-').isdigit() else 'without number'}"
    bits, signed = int(number(values, "BitsStored") or 16), number(values, "PixelRepresentation") == 1
    slope, intercept = number(values, "RescaleSlope"), number(values, "RescaleIntercept")
    return Plane(
        file=path,
        frame=n[0],
        instance=f"{instance}, frame {n[0] + 1}" if n[1] > 1 else instance,
        shape=(int(number(values, "Rows") or 0), int(number(values, "Columns") or 0)),
        position_mm=numbers(values, "ImagePositionPatient"),
        orientation=numbers(values, "ImageOrientationPatient"),
        spacing_mm=numbers(values, "PixelSpacing"),
        step_mm=number(values, "SpacingBetweenSlices") or number(values, "SliceThickness"),
        slope=1.0 if slope is None else slope,
        intercept=0.0 if intercept is None else intercept,
        stored=(-(1 << bits - 1), (1 << bits - 1) - 1) if signed else (0, (1 << bits) - 1),
        axes=tuple((axis, _first(values, keywords)) for axis, keywords in AXES.items()),
    )


def _first(values: Values, keywords: tuple[str, ...]) -> str:
    return next((found for keyword in keywords if (found := text(values, keyword))), "")


def _unit(modality: str, values: Mapping[str, Any]) -> str:
    """The unit of the rescaled values; DICOM lets a CT leave it out where it is the Hounsfield unit."""
    declared = text(values, "RescaleType")
    if modality == "CT":
        return "HU" if declared in ("", "HU", "HU_MOD") else ""
    if modality == "PT":
        return _UNITS.get(text(values, "Units"), "")
    return ""
