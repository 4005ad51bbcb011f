"""One DICOM file at a time: what it is and where it goes."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.uid import MediaStorageDirectoryStorage

from ...core.errors import HeparError
from ..dicom_header import NotDicomError, lenient
from ..identifier import Identifier
from .bounds import DEFERRED, refuse_unbounded
from .identifiers import identifiers_of, is_part
from .quarantine import allowable, is_ultrasound, set_aside
from .regions import NO_MASKS, Box, DeviceMasks, NoRegionError, boxes_of
from .subject import Rules, Subject, subject_of
from .uids import keyed_uid
from .walking import LeftOut, not_an_image, relative

ULTRASOUND = "ultrasound"
"""What `--allow` calls ultrasound of which nothing tells where the image ends: its frames are passed on whole."""
TYPED = "typed-text"
"""What it calls images of ultrasound in whose regions something looks like text."""
ALLOWABLE = (*allowable(), ULTRASOUND, TYPED)
"""Kinds of files that may be passed on after all, if a person who looked at them says so."""
_LIMIT = 1 << 31


@dataclass(frozen=True, slots=True)
class Settings:
    """How files are de-identified, and which of those that would be set aside are passed on."""

    rules: Rules
    masks: DeviceMasks = NO_MASKS
    allowed: frozenset[str] = frozenset()
    approved: bool = False
    """Whether a person looked at the pixels of all masked images and found that they name nobody."""


@dataclass(frozen=True, slots=True)
class Instance:
    """A DICOM file that will be passed on, and where."""

    source: Path
    file: str
    """As the owner of the data knows it."""
    subject: Subject
    study: str
    series: str
    instance: str
    """UIDs under the key."""
    number: int
    patient_id: str
    study_uid: str
    """The original ones, for the table of who is who."""
    modality: str
    identifiers: frozenset[Identifier]
    """Whole names, and numbers of people, which no file may hold; dates and UIDs are of single files."""


def look_at(path: Path, *, source: Path, settings: Settings) -> Instance | LeftOut:
    """What becomes of the file at `path` below `source`; damage, whatever it is, sets aside this file alone."""
    name = relative(path, source)
    try:
        other = not_an_image(path)
        if other is not None:
            return LeftOut(name, *other, image=other[0] == "archive")
        refuse_unbounded(path)
        with lenient():
            dataset = dcmread(path, force=True, defer_size=DEFERRED, stop_before_pixels=True)
            return _judged(dataset, path, name=name, settings=settings)
    except NotDicomError:
        named = path.suffix.lower() in (".dcm", ".dicom", ".ima")
        why = (
            "is named as DICOM and does not begin as DICOM"
            if named
            else "is neither DICOM nor a slide in TIFF"
        )
        return LeftOut(name, "not DICOM", why, image=named)
    except NoRegionError as error:
        return LeftOut(name, ULTRASOUND, str(error), image=True)
    except Exception as error:  # what a damaged file raises is not foreseen
        return damaged(name, error)


def damaged(name: str, error: Exception) -> LeftOut:
    """The file `name` set aside; only words of ours are told: those of others may quote the file."""
    if isinstance(error, HeparError):
        return LeftOut(name, "damaged", str(error), image=True)
    if isinstance(error, OSError) and error.strerror:
        return LeftOut(name, "unreadable", f"cannot be read ({error.strerror})", image=True)
    return LeftOut(name, "damaged", f"is a damaged DICOM file ({type(error).__name__})", image=True)


def _judged(dataset: Any, path: Path, *, name: str, settings: Settings) -> Instance | LeftOut:
    if dataset.get("SOPClassUID") is None and _is_directory(dataset):
        return LeftOut(name, "DICOMDIR", "index of a medium, which names every patient on it", image=False)
    aside = set_aside(dataset, allowed=settings.allowed)
    if aside is not None:
        return LeftOut(name, aside.kind, aside.reason, image=True)
    patient = str(dataset.get("PatientID") or "").strip("\0 ")
    if not patient:
        return LeftOut(name, "no patient id", "has no Patient ID: whose it is cannot be told", image=True)
    boxes_to_keep(dataset, settings)
    issuer = str(dataset.get("IssuerOfPatientID") or "").strip("\0 ")
    key = settings.rules.key
    uids = [str(dataset.get(f"{what}InstanceUID")).strip("\0 ") for what in ("Study", "Series", "SOP")]
    study, series, instance = (keyed_uid(key, uid) for uid in uids)
    people = {one for one in identifiers_of(dataset) if one.what not in ("date", "uid") and not is_part(one)}
    return Instance(
        path,
        name,
        subject_of(key, patient, issuer=issuer),
        study,
        series,
        instance,
        _number(dataset),
        f"{issuer}\\{patient}" if issuer else patient,
        uids[0],
        str(dataset.get("Modality") or "")[:16],
        _shared(frozenset(people)),
    )


@lru_cache(maxsize=1024)
def _shared(identifiers: frozenset[Identifier]) -> frozenset[Identifier]:
    """One object for all files of a patient."""
    return identifiers


def _is_directory(dataset: Any) -> bool:
    meta = getattr(dataset, "file_meta", None)
    return "DirectoryRecordSequence" in dataset or (
        meta is not None and meta.get("MediaStorageSOPClassUID") == MediaStorageDirectoryStorage
    )


def _number(dataset: Dataset) -> int:
    """The instance's number; what is none sorts first."""
    try:
        return max(-_LIMIT, min(int(dataset.get("InstanceNumber") or 0), _LIMIT))
    except (TypeError, ValueError):
        return 0


def boxes_to_keep(dataset: Dataset, settings: Settings) -> tuple[Box, ...]:
    """The boxes that are kept of an ultrasound image; none for what is passed on whole."""
    if not is_ultrasound(dataset) or "Rows" not in dataset:
        return ()
    try:
        return boxes_of(dataset, settings.masks)
    except NoRegionError:
        if ULTRASOUND in settings.allowed:
            return ()
        raise
