"""What every reader is shown of a file before one of them is chosen."""

import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tokenize import TokenError
from typing import Any
from zipfile import BadZipFile

from ...core.errors import DataError
from ..files import refuse_unreadable
from .settings import Recording, recording_settings

HEAD = 1024
DAMAGED: tuple[type[Exception], ...] = (
    OSError, ValueError, TypeError, KeyError, IndexError, AttributeError, EOFError, RuntimeError, MemoryError,
    SyntaxError, TokenError, BadZipFile, zlib.error,
)  # fmt: skip
"""What libraries raise for files that are cut short or overwritten; `HeparError`, a `ValueError`, is not meant."""
PICTURES: Mapping[str, tuple[tuple[int, bytes], ...]] = {
    "a PNG picture": ((0, b"\x89PNG\r\n\x1a\n"),),
    "a JPEG picture": ((0, b"\xff\xd8\xff"),),
    "a DICOM file": ((128, b"DICM"),),
    "a GIF picture": ((0, b"GIF8"),),
    "a TIFF picture": ((0, b"II*\x00"), (0, b"MM\x00*")),
    "a video": ((4, b"ftyp"), (0, b"RIFF"), (0, b"\x1aE\xdf\xa3")),
}
"""What holds pictures, by its first bytes and where they stand."""


@dataclass(frozen=True, slots=True)
class Look:
    """A file at `path`, its first bytes, and the settings that were given with it."""

    path: Path
    head: bytes
    given: Path | str | Mapping[str, Any] | None = None

    def settings(self, *endings: str) -> Recording:
        """The settings given, or those of the companion of the recording with one of `endings`."""
        return recording_settings(self.given, self.path, *endings)


def look_at(path: Path, given: Path | str | Mapping[str, Any] | None) -> Look:
    """The file at `path`; what cannot be read or holds a picture is refused."""
    if path.is_dir():
        raise DataError(f"{path}: is a folder; give the file of one recording in it")
    refuse_unreadable(path)
    with path.open("rb") as file:
        head = file.read(HEAD)
    for what, marks in PICTURES.items():
        if any(head[at : at + len(mark)] == mark for at, mark in marks):
            raise DataError(
                f"{path}: is {what}, a B-mode image, from which radio frequency cannot be had back; export the raw data"
                " (RF) of the recording"
            )
    return Look(path, head, given)
