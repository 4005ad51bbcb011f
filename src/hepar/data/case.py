"""One case: a participant's clinical record and lazily read acquisitions."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from ..core.errors import DataError
from ..core.fingerprint import file_digest, fingerprint


@dataclass(frozen=True, slots=True)
class Acquisition:
    """The files of one modality; nothing is read before `load`, which calls the `reader` it carries.

    A path of `files` may be a folder, which stands for every file in it. `how` says what else decides what is read: the
    label of a mask, the settings of a simulation.
    """

    modality: str
    files: tuple[Path, ...]
    reader: Callable[[tuple[Path, ...]], Any]
    how: str = ""

    @property
    def fingerprint(self) -> str:
        """Fingerprint of the files' bytes, a folder's in the order of their names, and of `how`."""
        try:
            return fingerprint(self.modality, self.how, [_digest_of(path) for path in self.every_file])
        except OSError as error:
            raise DataError(
                f"{error.filename}: cannot be read ({error.strerror}); it was there when the table was read"
            ) from None

    @property
    def every_file(self) -> tuple[Path, ...]:
        """The files, with those that lie in folders, hidden ones left out."""
        return tuple(file for path in self.files for file in (files_in(path) if path.is_dir() else (path,)))

    def load(self) -> Any:
        """What the reader makes of the files."""
        return self.reader(self.files)


def files_in(folder: Path) -> tuple[Path, ...]:
    """Every file under `folder`, by name; a hidden file is left out, because the system makes those."""
    return tuple(
        path for path in sorted(folder.rglob("*")) if path.is_file() and not path.name.startswith(".")
    )


def _digest_of(path: Path) -> str:
    """SHA-256 of a file, read once for as long as its size and time of change stay."""
    found = path.stat()
    return _digest(path, found.st_size, found.st_mtime_ns)


@lru_cache(maxsize=100_000)
def _digest(path: Path, _size: int, _changed_ns: int) -> str:
    return file_digest(path)


@dataclass(frozen=True, slots=True)
class Case:
    """The unit of data: one participant (or one of a participant's acquisitions) at one site.

    `clinical` holds values in the units that the dictionary declares; a missing value is None.
    """

    case_id: str
    participant_id: str
    site: str
    clinical: Mapping[str, Any]
    acquisitions: Mapping[str, Acquisition] = field(default_factory=dict)

    def acquisition(self, modality: str) -> Acquisition:
        """The acquisition of `modality`."""
        if modality not in self.acquisitions:
            have = ", ".join(sorted(self.acquisitions)) or "none"
            raise DataError(
                f"case {self.case_id} has no {modality!r} acquisition (it has: {have});"
                " add the file, or an eligibility criterion that needs it"
            )
        return self.acquisitions[modality]
