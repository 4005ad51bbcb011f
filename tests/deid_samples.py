"""SIMULATED files with names, numbers and dates that nothing de-identified may hold; no patient is behind them."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.uid import ExplicitVRLittleEndian, generate_uid

from dicom_samples import ct_slice, values
from hepar.engine.parallel import ordered_map
from hepar.io.deidentification import Options, Rules
from hepar.io.deidentification.folder import Places, deidentify_folder
from hepar.io.deidentification.instances import Settings
from hepar.io.deidentification.report import Summary

NAME = "Zyxwonder^Marigolda"
PATIENT = "HOSP-0471193"
ACCESSION = "ACC-88120377"
BIRTH, DAY = "19310817", "20190523"
MARKS = (
    "zyxwonder",
    "marigolda",
    "hosp-0471193",
    "acc-88120377",
    "19310817",
    "20190523",
    "2019-05-23",
    "qqstation",
)
KEY = bytes(range(32))
Change = Callable[[Any], object]
A = TypeVar("A")
B = TypeVar("B")


def marked(dataset: Any) -> Any:
    """The data set with what tells who the SIMULATED patient is."""
    dataset.PatientName, dataset.PatientID, dataset.AccessionNumber = NAME, PATIENT, ACCESSION
    dataset.PatientBirthDate, dataset.StudyDate, dataset.ContentDate = BIRTH, DAY, DAY
    dataset.StationName, dataset.InstitutionName = "QQSTATION", "Qq Infirmary"
    dataset.StudyDescription = f"CT of {NAME}"
    return dataset


def ct(k: int = 0, change: Change = lambda _: None) -> Any:
    """Slice `k` of a SIMULATED CT series."""
    dataset = marked(ct_slice(values()[k], k))
    change(dataset)
    return dataset


def ultrasound(
    pixels: NDArray[Any], kind: str = "RGB", *, region: tuple[int, int, int, int] | None = (2, 3, 5, 8)
) -> Any:
    """SIMULATED ultrasound of `pixels` (frames, rows, columns[, 3]); `region` is its first and last row and column."""
    meta: Any = FileMetaDataset()
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset: Any = FileDataset("", {}, file_meta=meta, preamble=bytes(128))
    marked(dataset)
    dataset.SOPClassUID = meta.MediaStorageSOPClassUID = "1.2.840.10008.5.1.4.1.1.3.1"
    dataset.SOPInstanceUID = meta.MediaStorageSOPInstanceUID = generate_uid(
        entropy_srcs=[kind, str(pixels.shape)]
    )
    dataset.StudyInstanceUID, dataset.SeriesInstanceUID = (generate_uid(entropy_srcs=[n, kind]) for n in "ab")
    dataset.Modality, dataset.Manufacturer, dataset.ManufacturerModelName = "US", "Echo Works", "E9"
    dataset.ImageType = ["ORIGINAL", "PRIMARY"]
    dataset.NumberOfFrames, dataset.Rows, dataset.Columns = pixels.shape[:3]
    dataset.SamplesPerPixel = 3 if pixels.ndim == 4 else 1
    dataset.PhotometricInterpretation = kind
    if pixels.ndim == 4:
        dataset.PlanarConfiguration = 0
    dataset.BitsAllocated = dataset.BitsStored = 8 * pixels.dtype.itemsize
    dataset.HighBit, dataset.PixelRepresentation = dataset.BitsStored - 1, 0
    dataset.PixelData = pixels.tobytes()
    dataset["PixelData"].VR = "OB" if pixels.dtype.itemsize == 1 else "OW"
    if region is not None:
        dataset.SequenceOfUltrasoundRegions = Sequence([region_of(*region)])
    return dataset


def region_of(top: int, left: int, bottom: int, right: int) -> Dataset:
    """A region of ultrasound from its first to its last row and column."""
    item: Any = Dataset()
    item.RegionLocationMinX0, item.RegionLocationMinY0 = left, top
    item.RegionLocationMaxX1, item.RegionLocationMaxY1 = right, bottom
    item.RegionSpatialFormat, item.RegionDataType = 1, 1
    made: Dataset = item
    return made


def save(dataset: Any, path: Path) -> Path:
    """Write the data set to `path`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    dataset.save_as(path, enforce_file_format=True)
    return path


def in_this_process(function: Callable[[A], B], items: Iterable[A], *, what: str) -> list[B]:
    """One after the other."""
    return ordered_map(function, items, what=what)


def run(source: Path, out: Path, *, options: Options | None = None, **settings: Any) -> Summary:
    """De-identify `source` into `out` with moved dates."""
    rules = Rules(KEY, options or Options(dates="modified"))
    return deidentify_folder(
        source, Places.beside(out), settings=Settings(rules, **settings), secret=KEY, each=in_this_process
    )


def noise(*shape: int, seed: int = 0) -> NDArray[np.uint8]:
    """SIMULATED pixels, none of them black."""
    return np.random.default_rng(seed).integers(1, 255, shape, dtype=np.uint8)


def everything_below(folder: Path) -> bytes:
    """Names and bytes of all files below `folder`, in lower case."""
    files = sorted(p for p in folder.rglob("*") if p.is_file())
    return b"\n".join(str(p.relative_to(folder)).encode() + b"\n" + p.read_bytes() for p in files).lower()
