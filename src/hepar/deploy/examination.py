"""One examination in the hands of a hospital: recordings by acquisition, read once, and values by name."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..core.errors import DataError, ProtocolError, choices
from ..core.packages import how_to_install
from ..data.case import Acquisition, Case
from ..imaging.ultrasound.frames import RfFrames

Value = float | str | None
Views = tuple[RfFrames, ...]
RECORDINGS = (".h5", ".hdf5", ".uff", ".mat", ".npy", ".npz", ".raw", ".raw.lzo", ".tar")
"""Endings of the files of a folder that are recordings, as in a study's data; what else lies there describes them."""


@dataclass(frozen=True, slots=True)
class Held:
    """Gives back what was read already."""

    views: Views

    def __call__(self, _files: tuple[Path, ...]) -> Views:
        """The recordings."""
        return self.views


@dataclass(frozen=True, slots=True, eq=False)
class Examination:
    """What is known of one patient at one time; `views` by acquisition, `values` by clinical field."""

    name: str
    views: Mapping[str, Views]
    values: Mapping[str, Value]

    def case(self, reads: Sequence[str]) -> Case:
        """As extractors see it; a field that is not known is missing."""
        clinical: dict[str, Any] = {name: self.values.get(name) for name in reads}
        acquisitions = {name: Acquisition(name, (), Held(views)) for name, views in self.views.items()}
        return Case(self.name, self.name, "", clinical, acquisitions)


def read_views(path: Path, *, settings: Path | None = None) -> Views:
    """The recording at `path`, or every recording of a folder by the order of their names.

    Raises:
        DataError: there is none, or one cannot be read.
        ProtocolError: the packages that read raw ultrasound are not installed.
    """
    if not path.exists():
        raise DataError(f"{path}: there is no such file or folder; check the path")
    try:
        from ..io.ultrasound import read_recording

        found = [path] if path.is_file() else list(_recordings_in(path))
        if not found:
            raise DataError(f"{path}: holds no recording; files end in {', '.join(RECORDINGS)}")
        return tuple(read_recording(one, settings=settings) for one in found)
    except ImportError as error:
        raise ProtocolError(f"raw ultrasound {how_to_install(error.name or 'h5py')}") from None


def refuse_unknown(given: Mapping[str, Any], known: Sequence[str], *, what: str) -> None:
    """Refuse a name that no test of the bundle reads: it would be ignored without a word."""
    for name in given:
        if name not in known:
            raise ProtocolError(f"{what} {name!r} is read by no test of the bundle; {choices(name, known)}")


def _recordings_in(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.iterdir()):
        if path.is_file() and not path.name.startswith(".") and path.name.lower().endswith(RECORDINGS):
            yield path
