"""The de-identified twin of a DICOM file: written, read back, and set aside where text is typed over its picture."""

import errno
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO

from pydicom import dcmread
from pydicom.uid import DeflatedExplicitVRLittleEndian, ExplicitVRLittleEndian

from ...core.errors import DataError, RunError
from ..dicom_header import lenient
from .bounds import DEFERRED
from .engine import Deidentified, deidentify
from .instances import TYPED, Instance, Settings, boxes_to_keep, damaged
from .pixels import MASKED, clean_pixels
from .read_back import read_back
from .regions import Box
from .typed_text import Typed
from .walking import LeftOut

_FULL = (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC))
_CANNOT_WRITE = "the images cannot be written ({}); make room, or choose another folder"
_TEXT = (
    "something in frame {}, rows {} to {}, columns {} to {}, looks like text typed over the picture: look at the"
    " original; where it names nobody, --allow typed-text; else give a smaller mask (--masks), or leave it out"
)


@dataclass(frozen=True, slots=True)
class Written:
    """A file that was written."""

    name: str
    masked: bool
    actions: Mapping[str, int]
    again: bool
    """Whether the source had been de-identified before."""
    typed: bool = False
    """Whether something inside its mask looks like text."""
    approved: bool = False
    """Whether its header says that its pixels name nobody."""


@dataclass(frozen=True, slots=True)
class _Twin:
    made: Deidentified
    boxes: tuple[Box, ...]
    typed: Typed | None = None


def write_instance(todo: tuple[Instance, str], *, folder: Path, settings: Settings) -> Written | LeftOut:
    """Write the de-identified twin of an instance to the name that goes with it, below `folder`.

    A masked image says that its pixels are clean only where somebody approved them and no text was found in it.

    Raises:
        RunError: the place cannot be written, as on a full disk.
    """
    one, name = todo
    target = folder / name
    claims = settings.approved
    twin = _attempt(one, target, settings=settings, claims=claims)
    if isinstance(twin, _Twin) and twin.typed is not None:
        if TYPED not in settings.allowed:
            target.unlink()
            return LeftOut(one.file, TYPED, _place(twin.typed), image=True)
        if claims:
            target.unlink()
            claims, twin = False, _attempt(one, target, settings=settings, claims=False)
    if isinstance(twin, LeftOut):
        return twin
    masked = bool(twin.boxes)
    return Written(
        name,
        masked,
        dict(twin.made.actions),
        twin.made.again,
        typed=twin.typed is not None,
        approved=masked and claims,
    )


def _place(typed: Typed) -> str:
    box = typed.box
    return _TEXT.format(typed.frame, box.top, box.bottom - 1, box.left, box.right - 1)


def _attempt(one: Instance, target: Path, *, settings: Settings, claims: bool) -> _Twin | LeftOut:
    """Write the twin to `target` and read it back; where either goes wrong, nothing is left there."""
    with tempfile.TemporaryFile() as scratch, lenient():
        try:
            made, boxes = _cleaned(one, settings=settings, scratch=scratch, claims=claims)
        except Exception as error:  # what a damaged file raises is not foreseen
            _refuse_full(error)
            return damaged(one.file, error)
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            with target.open("xb") as file:
                made.dataset.save_as(file, enforce_file_format=True)
            return _Twin(made, boxes, read_back(target, boxes) if boxes else None)
        except OSError as error:
            raise RunError(_CANNOT_WRITE.format(error.strerror or "no room?")) from None
        except Exception as error:  # a value that cannot be written
            target.unlink(missing_ok=True)
            return damaged(one.file, error)


def _refuse_full(error: Exception) -> None:
    """A full disk is no damage of the file that was read."""
    if isinstance(error, OSError) and error.errno in _FULL:
        raise RunError(_CANNOT_WRITE.format(error.strerror or "no room?")) from None


def _cleaned(
    one: Instance, *, settings: Settings, scratch: BinaryIO, claims: bool
) -> tuple[Deidentified, tuple[Box, ...]]:
    """The de-identified data set, and the boxes that were kept of it."""
    dataset = dcmread(one.source, force=True, defer_size=DEFERRED)
    boxes = boxes_to_keep(dataset, settings)
    rules = settings.rules
    options = replace(rules.options, clean_pixels=bool(boxes) and claims)
    made = deidentify(dataset, rules=replace(rules, options=options), subject=one.subject)
    new: Any = made.dataset
    clean_pixels(new, boxes, scratch=scratch)
    if new.file_meta.TransferSyntaxUID == DeflatedExplicitVRLittleEndian:
        new.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    if boxes:
        _say_masked(new, claims=claims)
    if (new.StudyInstanceUID, new.SeriesInstanceUID) != (one.study, one.series) and not options.retain_uids:
        raise DataError("its study or series is not the one that its header gave at first")
    return made, boxes


def _say_masked(dataset: Any, *, claims: bool) -> None:
    """Say what was done to the pixels, and, where somebody `claims` it, that they name nobody.

    Else Burned In Annotation is left out: without it an image "may or may not" have some (PS3.3 C.7.6.1), and the
    device spoke of another picture.
    """
    if claims:
        dataset.BurnedInAnnotation = "NO"
    elif "BurnedInAnnotation" in dataset:
        del dataset.BurnedInAnnotation
    kind = dataset.get("ImageType") or ["ORIGINAL", "PRIMARY"]
    dataset.ImageType = ["DERIVED", *list([kind] if isinstance(kind, str) else kind)[1:]]
    dataset.DerivationDescription = MASKED
