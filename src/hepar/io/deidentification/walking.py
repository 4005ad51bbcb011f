"""Files below a folder, without following links, each told to be worth reading or why it is left out."""

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ...core.errors import DataError

_ARCHIVES = (b"PK\x03\x04", b"PK\x05\x06", b"\x1f\x8b", b"7z\xbc\xaf", b"Rar!", b"BZh", b"\xfd7zXZ")
_ARCHIVE_NAMES = (".zip", ".7z", ".rar", ".tar", ".tgz", ".bz2", ".xz", ".zst", ".iso")
_OTHER = {
    ".nii": "NIfTI",
    ".nii.gz": "NIfTI",
    ".nrrd": "NRRD",
    ".nhdr": "NRRD",
    ".mha": "MetaImage",
    ".mhd": "MetaImage",
    ".h5": "HDF5",
    ".hdf5": "HDF5",
    ".mat": "MATLAB",
    ".npy": "NumPy",
    ".npz": "NumPy",
}
IMAGE_KINDS = ("archive", "unreadable")
"""Kinds of what is left out that may hold images."""


@dataclass(frozen=True, slots=True, order=True)
class LeftOut:
    """A file that is not passed on. `file` may name a patient: it is for the owner of the data alone."""

    file: str
    kind: str
    reason: str
    image: bool
    """Whether it is, or may hold, an image: then somebody has to look at it."""


def files_below(source: Path) -> Iterator[Path | LeftOut]:
    """Regular files of the folder (or the file) at `source` in the order of their names; what is none is told.

    Raises:
        DataError: there is no such file or folder.
    """
    if not source.exists():
        raise DataError(f"{source}: there is no such file or folder; check the path")
    if source.is_file():
        yield source
        return
    for folder, folders, names in os.walk(source, followlinks=False):
        folders.sort()
        here = Path(folder)
        for name in sorted(name for name in folders if (here / name).is_symlink()):
            yield _link(here / name, source)
        for name in sorted(names):
            yield _regular(here / name, source)


def _link(path: Path, source: Path) -> LeftOut:
    reason = "a link, which is not followed: give the folder it leads to"
    return LeftOut(relative(path, source), "link", reason, image=False)


def _regular(path: Path, source: Path) -> Path | LeftOut:
    if path.is_symlink():
        return _link(path, source)
    try:
        regular = stat.S_ISREG(path.lstat().st_mode)
    except OSError:
        regular = False
    return path if regular else LeftOut(relative(path, source), "not a file", "no regular file", image=False)


def relative(path: Path, source: Path) -> str:
    """`path` as the owner of the data knows it, below `source`; odd bytes of names escaped."""
    name = path.name if path == source else path.relative_to(source).as_posix()
    return name.encode("utf-8", "backslashreplace").decode("utf-8")


def not_an_image(path: Path) -> tuple[str, str] | None:
    """Kind and reason where the file at `path` is no DICOM file by its first bytes and no slide by its name."""
    with path.open("rb") as file:
        head = file.read(8)
    name = path.name.lower()
    other = next((kind for suffix, kind in _OTHER.items() if name.endswith(suffix)), None)
    if other is not None:
        return other, "is not DICOM; what its header and its name tell has to be looked at by hand"
    if head.startswith(_ARCHIVES) or name.endswith(_ARCHIVE_NAMES):
        return "archive", "archives are never opened: unpack it, and give the folder"
    return None
