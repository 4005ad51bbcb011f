"""What every SIMULATED DICOM file holds: whose image it is, when and where it was made, its UIDs and its pixels."""

import datetime as dt
import hashlib
import io
import uuid
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import UID, ExplicitVRLittleEndian
from pydicom.valuerep import format_number_as_ds

from .._version import __version__

MARK = "SIMULATED, no patient stands behind it"
"""What every header says of the image."""
CALENDAR = dt.datetime(2099, 1, 1)
"""The day on which everything SIMULATED takes place; no date of a patient can be read from it."""


@dataclass(frozen=True, slots=True)
class Subject:
    """Whose image it is, as far as a header says it; `cohort` and `case_id` are what the UIDs are made of."""

    cohort: str
    case_id: str
    sex: Literal["f", "m"]
    age_y: float
    height_m: float
    weight_kg: float
    site: str


@dataclass(frozen=True, slots=True)
class Series:
    """One series of an examination.

    Series of the same `exam` make one DICOM study and share a frame of reference; `name` tells them apart. `start_s`
    is when it was acquired, in seconds after midnight of the SIMULATED calendar, `exam_s` when the examination began.
    """

    subject: Subject
    exam: str
    name: str
    number: int
    description: str
    scanner: str
    exam_s: float
    start_s: float


def uid(*names: object) -> str:
    """The UID of the thing called `names`, the same each time (under 2.25, for UUIDs)."""
    digest = hashlib.sha256("/".join(map(str, names)).encode()).digest()
    return f"2.25.{uuid.UUID(bytes=digest[:16], version=5).int}"


def header(series: Series, *, modality: str, sop_class: str) -> Any:
    """All that the files of a series share, whatever the modality."""
    subject, study = series.subject, names_of(series)[:3]
    moment, began = (CALENDAR + dt.timedelta(seconds=s) for s in (series.start_s, series.exam_s))
    return put(
        Dataset(),
        SpecificCharacterSet="ISO_IR 192",
        SOPClassUID=sop_class,
        StudyDate=f"{began:%Y%m%d}",
        SeriesDate=f"{moment:%Y%m%d}",
        AcquisitionDate=f"{moment:%Y%m%d}",
        ContentDate=f"{moment:%Y%m%d}",
        StudyTime=f"{began:%H%M%S}",
        SeriesTime=f"{moment:%H%M%S.%f}",
        AcquisitionTime=f"{moment:%H%M%S.%f}",
        ContentTime=f"{moment:%H%M%S.%f}",
        AccessionNumber="",
        Modality=modality,
        Manufacturer="SIMULATED",
        InstitutionName=f"SIMULATED hospital {subject.site}",
        ReferringPhysicianName="",
        StudyDescription=f"SIMULATED {modality} of the liver",
        SeriesDescription=f"SIMULATED {series.description}",
        ManufacturerModelName=f"SIMULATED {modality} {series.scanner}",
        DerivationDescription=MARK,
        PatientName=f"SIMULATED^{subject.case_id}",
        PatientID=subject.case_id,
        PatientBirthDate="",
        PatientSex=subject.sex.upper(),
        PatientAge=f"{int(subject.age_y):03}Y",
        PatientSize=decimal(round(subject.height_m, 2)),
        PatientWeight=decimal(round(subject.weight_kg, 1)),
        PatientComments=MARK,
        BodyPartExamined="ABDOMEN" if modality != "US" else "LIVER",
        DeviceSerialNumber=f"SIM-{modality}-{series.scanner}",
        SoftwareVersions=f"hepar {__version__}",
        StudyInstanceUID=uid(*study),
        SeriesInstanceUID=uid(*names_of(series)),
        StudyID=series.exam[:16],
        SeriesNumber=series.number,
        AcquisitionNumber=1,
        ImageComments=MARK,
    )


def names_of(series: Series) -> tuple[str, str, str, str]:
    """What the UID of a series is made of; the first three are those of its examination."""
    return (series.subject.cohort, series.subject.case_id, series.exam, series.name)


def set_instance(dataset: Any, series: Series, *, number: int) -> None:
    """Number and UID of one file, and the group of the file's own header."""
    dataset.InstanceNumber = number
    dataset.SOPInstanceUID = uid(*names_of(series), number)
    dataset.file_meta = put(
        FileMetaDataset(),
        MediaStorageSOPClassUID=dataset.SOPClassUID,
        MediaStorageSOPInstanceUID=dataset.SOPInstanceUID,
        TransferSyntaxUID=ExplicitVRLittleEndian,
        ImplementationClassUID=UID(uid("hepar")),
        ImplementationVersionName="HEPAR",
    )


def set_pixels(dataset: Any, pixels: NDArray[Any]) -> None:
    """Store `pixels` uncompressed, little-endian."""
    bits = 8 * pixels.dtype.itemsize
    put(
        dataset,
        SamplesPerPixel=1,
        PhotometricInterpretation="MONOCHROME2",
        Rows=pixels.shape[-2],
        Columns=pixels.shape[-1],
        BitsAllocated=bits,
        BitsStored=bits,
        HighBit=bits - 1,
        PixelRepresentation=int(pixels.dtype.kind == "i"),
    )
    data = np.ascontiguousarray(pixels, pixels.dtype.newbyteorder("<")).tobytes()
    dataset.PixelData = data + b"\0" * (len(data) % 2)
    dataset["PixelData"].VR = "OW" if bits > 8 else "OB"


def decimal(value: float) -> str:
    """A decimal string of DICOM, 16 characters at most."""
    return str(format_number_as_ds(float(value) + 0.0))


def put(dataset: Any, **values: Any) -> Any:
    """`dataset` with `values` by keyword."""
    for keyword, value in values.items():
        setattr(dataset, keyword, value)
    return dataset


def encoded(dataset: Any) -> bytes:
    """`dataset` as a file."""
    buffer = io.BytesIO()
    dataset.save_as(buffer, enforce_file_format=True)
    return buffer.getvalue()
