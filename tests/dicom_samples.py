"""SIMULATED DICOM files that tests write and damage; no patient is behind them."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.uid import (
    UID,
    CTImageStorage,
    EnhancedMRImageStorage,
    ExplicitVRLittleEndian,
    MRImageStorage,
    generate_uid,
)

NAME = "Simulated^Never^Told"
BIRTH = "19010203"
PATIENT = "NEVER-TOLD-7"
UIDS = {name: generate_uid(entropy_srcs=[name]) for name in ("study", "series", "frame", "other")}
Change = Callable[[Dataset], object]
SHAPE = (6, 8)


def values(n: int = 5, shape: tuple[int, int] = SHAPE, seed: int = 0) -> NDArray[np.int16]:
    """SIMULATED numbers (n, rows, columns), none like another slice's."""
    return np.random.default_rng(seed).integers(-1000, 1000, (n, *shape), dtype=np.int16)


def ct_slice(pixels: NDArray[Any], k: int, *, n: int = 5) -> FileDataset:
    """Slice `k` of a SIMULATED axial CT at 0.7 x 0.8 mm every 2.5 mm; instance numbers run against the geometry."""
    dataset = _bare(CTImageStorage, "CT")
    dataset.SOPInstanceUID = generate_uid(entropy_srcs=[UIDS["series"], str(k)])
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    dataset.InstanceNumber = n - k
    dataset.ImageType = ["ORIGINAL", "PRIMARY", "AXIAL"]
    dataset.ImagePositionPatient = [-20.0, 10.0, 100.0 + 2.5 * k]
    dataset.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
    dataset.PixelSpacing = [0.8, 0.7]
    dataset.SliceThickness = 3
    dataset.RescaleSlope, dataset.RescaleIntercept, dataset.RescaleType = 1, 0, "HU"
    set_pixels(dataset, pixels)
    return dataset


def set_pixels(dataset: Dataset, pixels: NDArray[Any]) -> None:
    """Store `pixels` uncompressed."""
    dataset.Rows, dataset.Columns = pixels.shape[-2:]
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation = 1, "MONOCHROME2"
    dataset.BitsAllocated = dataset.BitsStored = 8 * pixels.dtype.itemsize
    dataset.HighBit = dataset.BitsStored - 1
    dataset.PixelRepresentation = int(pixels.dtype.kind == "i")
    dataset.PixelData = pixels.tobytes()
    dataset["PixelData"].VR = "OW" if pixels.dtype.itemsize > 1 else "OB"


def write_ct(
    folder: Path,
    pixels: NDArray[Any] | None = None,
    *,
    changes: dict[int, Change] | None = None,
    every: Change | None = None,
    skip: tuple[int, ...] = (),
    prefix: str = "",
) -> NDArray[Any]:
    """A SIMULATED CT series in `folder`, files named against the geometry; gives its numbers (z, y, x)."""
    pixels = values() if pixels is None else pixels
    folder.mkdir(parents=True, exist_ok=True)
    for k, image in enumerate(pixels):
        if k in skip:
            continue
        dataset = ct_slice(image, k, n=len(pixels))
        for change in (every, (changes or {}).get(k)):
            if change is not None:
                change(dataset)
        dataset.save_as(folder / f"{prefix}{(7 * k) % 11:02}.dcm", enforce_file_format=True)
    return pixels


def file_of(k: int) -> str:
    """The name that `write_ct` gives slice `k`."""
    return f"{(7 * k) % 11:02}.dcm"


def setting(**what: Any) -> Change:
    """A change that sets values by keyword, and deletes those that are None."""

    def change(dataset: Dataset) -> None:
        for keyword, value in what.items():
            if value is None:
                delattr(dataset, keyword)
            else:
                setattr(dataset, keyword, value)

    return change


def as_mr(dataset: Dataset) -> None:
    """Make a CT slice one of an MR, which has no unit."""
    dataset.SOPClassUID = dataset.file_meta.MediaStorageSOPClassUID = MRImageStorage
    dataset.Modality = "MR"
    for keyword in ("RescaleSlope", "RescaleIntercept", "RescaleType"):
        delattr(dataset, keyword)


def enhanced_mr(pixels: NDArray[Any], *, n_times: int = 1, order: list[int] | None = None) -> FileDataset:
    """A SIMULATED enhanced multi-frame MR of `pixels` (frames, rows, columns), places within times, in `order`."""
    dataset = _bare(EnhancedMRImageStorage, "MR")
    dataset.SOPInstanceUID = dataset.file_meta.MediaStorageSOPInstanceUID = generate_uid(
        entropy_srcs=["enhanced"]
    )
    dataset.InstanceNumber = 1
    dataset.ImageType = ["ORIGINAL", "PRIMARY", "VOLUME", "NONE"]
    order = list(range(len(pixels))) if order is None else order
    set_pixels(dataset, np.ascontiguousarray(pixels[order]))
    dataset.NumberOfFrames = len(pixels)
    measures = _of(PixelSpacing=[0.8, 0.7], SliceThickness=4, SpacingBetweenSlices=4)
    orientation = _of(ImageOrientationPatient=[1, 0, 0, 0, 1, 0])
    dataset.SharedFunctionalGroupsSequence = Sequence(
        [_of(PixelMeasuresSequence=[measures], PlaneOrientationSequence=[orientation])]
    )
    n_places = len(pixels) // n_times
    dataset.PerFrameFunctionalGroupsSequence = Sequence(
        [
            _of(
                FrameContentSequence=[_of(TemporalPositionIndex=1 + k // n_places)],
                PlanePositionSequence=[_of(ImagePositionPatient=[0.0, 0.0, 4.0 * (k % n_places)])],
                PixelValueTransformationSequence=[
                    _of(RescaleSlope=2.0, RescaleIntercept=float(k % n_places), RescaleType="US")
                ],
            )
            for k in order
        ]
    )
    return dataset


def _of(**what: Any) -> Dataset:
    item = Dataset()
    for keyword, value in what.items():
        setattr(item, keyword, Sequence(value) if keyword.endswith("Sequence") else value)
    return item


def _bare(sop_class: UID, modality: str) -> FileDataset:
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = sop_class
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset = FileDataset("", {}, file_meta=meta, preamble=b"\0" * 128)
    dataset.SOPClassUID, dataset.Modality = sop_class, modality
    dataset.PatientName, dataset.PatientID, dataset.PatientBirthDate, dataset.PatientSex = (
        NAME,
        PATIENT,
        BIRTH,
        "O",
    )
    dataset.StudyDate = dataset.AcquisitionDate = "20010203"
    dataset.StudyTime = dataset.AcquisitionTime = "112233"
    dataset.StudyID = dataset.AccessionNumber = dataset.ReferringPhysicianName = ""
    dataset.StudyInstanceUID, dataset.SeriesInstanceUID = UIDS["study"], UIDS["series"]
    dataset.FrameOfReferenceUID, dataset.SeriesNumber = UIDS["frame"], 1
    dataset.SeriesDescription = "SIMULATED portal venous"
    dataset.Manufacturer = "none"
    dataset.KVP = 120 if modality == "CT" else None
    return dataset
