"""The header of a de-identified file, made anew, and the attributes that say how it was de-identified."""

from typing import Any

from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.uid import UID, ExplicitVRLittleEndian, ImplicitVRLittleEndian

from ...core.errors import DataError
from .options import Options, method_codes
from .reading import text_of
from .table import EDITION

IMPLEMENTATION = UID("2.25.213174907283905123344471890128366403215")
"""UID of this implementation, made once at random (ITU-T X.667)."""
TEMPORAL = {"removed": "REMOVED", "modified": "MODIFIED", "full": "UNMODIFIED"}


def file_header(dataset: Dataset, *, syntax: UID) -> FileMetaDataset:
    """A new header for the file of the de-identified `dataset`: what it needs to be read, not who wrote or sent it."""
    meta: Any = FileMetaDataset()
    meta.FileMetaInformationVersion = b"\x00\x01"
    meta.MediaStorageSOPClassUID = dataset["SOPClassUID"].value
    meta.MediaStorageSOPInstanceUID = dataset["SOPInstanceUID"].value
    meta.TransferSyntaxUID = syntax
    meta.ImplementationClassUID = IMPLEMENTATION
    meta.ImplementationVersionName = "HEPAR"
    made: FileMetaDataset = meta
    return made


def write_method(dataset: Any, options: Options) -> None:
    """Set what says that `dataset` is de-identified, by which table and with which options."""
    dataset.PatientIdentityRemoved = "YES"
    dataset.DeidentificationMethod = ["hepar", EDITION, "Basic Application Confidentiality Profile"]
    dataset.DeidentificationMethodCodeSequence = Sequence(
        [_code(value, meaning) for value, meaning in method_codes(options)]
    )
    dataset.LongitudinalTemporalInformationModified = TEMPORAL[options.dates]


def _code(value: str, meaning: str) -> Dataset:
    item: Any = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = value, "DCM", meaning
    made: Dataset = item
    return made


def own_uid(dataset: Dataset, keyword: str) -> str:
    """The SOP class or instance UID of `dataset`, or that of its file's header where it has none itself."""
    meta = getattr(dataset, "file_meta", None) or Dataset()
    uid = text_of(dataset, keyword) or text_of(meta, f"MediaStorage{keyword}")
    if not uid:
        raise DataError(
            f"neither the data set nor its file's header has a {keyword}; a file without it is no image: set it aside"
        )
    return uid


def transfer_syntax(dataset: Dataset) -> UID:
    """How the pixels are encoded: what the old header says, or how the data set without one was read."""
    declared = getattr(getattr(dataset, "file_meta", None), "TransferSyntaxUID", None)
    if declared is None and dataset.is_little_endian is not False:
        return ImplicitVRLittleEndian if dataset.is_implicit_VR else ExplicitVRLittleEndian
    if declared is None or not UID(declared).is_transfer_syntax or UID(declared).is_private:
        raise DataError("the file's transfer syntax is missing or not one of DICOM's; convert the file first")
    return UID(declared)
