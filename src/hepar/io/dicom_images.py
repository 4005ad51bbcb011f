"""SIMULATED images out as DICOM: CT and MR slices and multi-frame ultrasound, valid, and the same bytes each time."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.uid import CTImageStorage, MRImageStorage, UltrasoundMultiFrameImageStorage

from ..core.atomic import write_bytes_atomically
from ..core.errors import DataError
from ..imaging.geometry import Volume
from .dicom_instance import (
    MARK,
    Series,
    Subject,
    decimal,
    encoded,
    header,
    names_of,
    put,
    set_instance,
    set_pixels,
    uid,
)

__all__ = [
    "MARK",
    "CtSettings",
    "MrSettings",
    "Series",
    "Subject",
    "UsSettings",
    "write_ct",
    "write_mr",
    "write_us",
]

CT_INTERCEPT = -1024
ABDOMEN_HU = (60, 400)
"""Centre and width of the window in which an abdomen is looked at."""
_CM = 3
"""DICOM's code of centimetres in an ultrasound region."""
_AXIAL = "SPL"

Integer = type[np.int16] | type[np.uint16]


@dataclass(frozen=True, slots=True)
class CtSettings:
    """How a CT was made; `contrast` names the agent, empty for a native scan."""

    kvp: float
    kernel: str
    thickness_mm: float
    contrast: str = ""
    exposure_mas: float | None = None


@dataclass(frozen=True, slots=True)
class MrSettings:
    """How an MR was made: `sequence` is DICOM's scanning sequence (SE, GR, EP), `kind` the last value of Image Type."""

    sequence: Literal["SE", "GR", "EP"]
    field_t: float
    tr_ms: float
    te_ms: float
    flip_deg: float
    thickness_mm: float
    contrast: str = ""
    b_s_mm2: float | None = None
    kind: str = "M"


@dataclass(frozen=True, slots=True)
class UsSettings:
    """How a B-mode was made: size of a pixel (row, column) and time between frames."""

    mm_per_pixel: tuple[float, float]
    frame_ms: float
    centre_mhz: float
    depth_mm: float


def write_ct(volume: Volume, folder: Path, *, series: Series, settings: CtSettings) -> None:
    """Write `volume` (HU, whole numbers) as a CT series in `folder`, one file a slice, towards the head.

    Axes other than towards head, back and left are turned. Numbers that are no whole HU of 16 bits are refused.
    """
    volume = volume.oriented(_AXIAL)
    _refuse_unheld(volume.array, np.int16, intercept=CT_INTERCEPT)
    dataset = _volume_header(volume, series, modality="CT", thickness_mm=settings.thickness_mm)
    put(
        dataset,
        ImageType=["ORIGINAL", "PRIMARY", "AXIAL", "SIMULATED"],
        KVP=decimal(settings.kvp),
        ConvolutionKernel=settings.kernel,
        RescaleIntercept=CT_INTERCEPT,
        RescaleSlope=1,
        RescaleType="HU",
        WindowCenter=ABDOMEN_HU[0],
        WindowWidth=ABDOMEN_HU[1],
        **_contrast(settings.contrast),
        **({} if settings.exposure_mas is None else {"Exposure": round(settings.exposure_mas)}),
    )
    _write_slices(dataset, volume, folder, series=series, kind=np.int16, intercept=CT_INTERCEPT)


def write_mr(volume: Volume, folder: Path, *, series: Series, settings: MrSettings) -> None:
    """Write `volume` (whole numbers of 16 bits) as an MR series in `folder`, one file a slice, towards the head."""
    volume = volume.oriented(_AXIAL)
    kind: Integer = np.int16 if volume.array.min(initial=0) < 0 else np.uint16
    _refuse_unheld(volume.array, kind)
    dataset = _volume_header(volume, series, modality="MR", thickness_mm=settings.thickness_mm)
    low, high = np.percentile(volume.array[:: max(1, len(volume.array) // 8)], [1, 99]).tolist()
    maker = "DERIVED" if settings.kind in ("ADC", "FF") else "ORIGINAL"
    put(
        dataset,
        ImageType=[maker, "PRIMARY", settings.kind, "SIMULATED"],
        ScanningSequence=settings.sequence,
        SequenceVariant="SP" if settings.sequence == "GR" else "NONE",
        ScanOptions="",
        MRAcquisitionType="2D",
        SequenceName=series.name[:16],
        RepetitionTime=decimal(settings.tr_ms),
        EchoTime=decimal(settings.te_ms),
        EchoTrainLength=1,
        FlipAngle=decimal(settings.flip_deg),
        MagneticFieldStrength=decimal(settings.field_t),
        WindowCenter=decimal((low + high) / 2),
        WindowWidth=decimal(max(high - low, 1)),
        **_contrast(settings.contrast),
        **({} if settings.b_s_mm2 is None else {"DiffusionBValue": settings.b_s_mm2}),
    )
    _write_slices(dataset, volume, folder, series=series, kind=kind)


def write_us(frames: NDArray[np.uint8], path: Path, *, series: Series, settings: UsSettings) -> None:
    """Write B-mode `frames` (frames, rows, columns) as one multi-frame ultrasound file with calibrated pixels."""
    if frames.ndim != 3 or frames.dtype != np.uint8 or not frames.size:
        raise DataError(
            f"{path}: B-mode is (frames, rows, columns) of uint8; found {frames.shape} of {frames.dtype}"
        )
    dataset = header(series, modality="US", sop_class=UltrasoundMultiFrameImageStorage)
    put(
        dataset,
        ImageType=["ORIGINAL", "PRIMARY", "ABDOMINAL", "0001"],
        PatientOrientation="",
        NumberOfFrames=len(frames),
        FrameTime=decimal(settings.frame_ms),
        FrameIncrementPointer=0x00181063,
        LossyImageCompression="00",
        BurnedInAnnotation="NO",
        DepthOfScanField=round(settings.depth_mm),
        SequenceOfUltrasoundRegions=[_us_region(frames.shape, settings)],
    )
    set_pixels(dataset, frames)
    set_instance(dataset, series, number=1)
    write_bytes_atomically(path, encoded(dataset))


def _volume_header(volume: Volume, series: Series, *, modality: str, thickness_mm: float) -> Any:
    """What the slices of a volume share."""
    sop_class = {"CT": CTImageStorage, "MR": MRImageStorage}[modality]
    step, down, along = (volume.affine[:3, axis] for axis in range(3))
    z_mm, y_mm, x_mm = volume.spacing_mm
    if np.dot(step, np.cross(along, down)) < (1 - 1e-6) * z_mm * y_mm * x_mm:
        raise DataError(
            f"series {series.name!r}: axes are not at right angles; DICOM slices lie along their normal"
        )
    return put(
        header(series, modality=modality, sop_class=sop_class),
        PatientPosition="HFS",
        FrameOfReferenceUID=uid(*names_of(series)[:3], "frame of reference"),
        PositionReferenceIndicator="",
        ImageOrientationPatient=[decimal(v) for v in (*along / x_mm, *down / y_mm)],
        PixelSpacing=[decimal(y_mm), decimal(x_mm)],
        SpacingBetweenSlices=decimal(z_mm),
        SliceThickness=decimal(thickness_mm),
    )


def _write_slices(
    dataset: Any, volume: Volume, folder: Path, *, series: Series, kind: Integer, intercept: int = 0
) -> None:
    """One file for each slice of `volume`, whose numbers are stored less `intercept`."""
    if folder.exists() and any(folder.iterdir()):
        raise DataError(f"{folder}: is not empty; write a series to a folder of its own")
    for z, image in enumerate(volume.array):
        place = volume.world_mm((z, 0, 0))
        dataset.ImagePositionPatient = [decimal(mm) for mm in place]
        dataset.SliceLocation = decimal(place[2])
        set_pixels(dataset, (image.astype(np.int32) - intercept).astype(kind))
        set_instance(dataset, series, number=z + 1)
        write_bytes_atomically(folder / f"{z + 1:04}.dcm", encoded(dataset))


def _us_region(shape: tuple[int, ...], settings: UsSettings) -> Any:
    """The one region of a B-mode: the whole image, tissue, in centimetres."""
    row_mm, column_mm = settings.mm_per_pixel
    return put(
        Dataset(),
        RegionSpatialFormat=1,
        RegionDataType=1,
        RegionFlags=0,
        RegionLocationMinX0=0,
        RegionLocationMinY0=0,
        RegionLocationMaxX1=shape[2] - 1,
        RegionLocationMaxY1=shape[1] - 1,
        PhysicalUnitsXDirection=_CM,
        PhysicalUnitsYDirection=_CM,
        PhysicalDeltaX=column_mm / 10,
        PhysicalDeltaY=row_mm / 10,
        TransducerFrequency=round(1000 * settings.centre_mhz),
    )


def _refuse_unheld(values: NDArray[Any], kind: Integer, *, intercept: int = 0) -> None:
    """Refuse fractions, and numbers that are not held by 16 bits once `intercept` is taken off."""
    least, most = (int(end) + intercept for end in (np.iinfo(kind).min, np.iinfo(kind).max))
    whole = values.dtype.kind in "iub" or (np.isfinite(values).all() and not np.any(values % 1))
    if not values.size or not whole or values.min() < least or values.max() > most:
        raise DataError(
            f"values from {values.min(initial=0)} to {values.max(initial=0)} of {values.dtype}: DICOM slices here hold"
            f" whole numbers from {least} to {most}; round or scale them first"
        )


def _contrast(agent: str) -> Mapping[str, str]:
    return {"ContrastBolusAgent": agent} if agent else {}
