"""Images and masks of the rows of a table: found when the table is read, opened when a case is worked on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ..core.errors import DataError, ProtocolError
from ..core.packages import how_to_install
from ..data.acquisitions import OWN, Declaration
from ..data.case import Acquisition, files_in
from ..data.cohort import Note
from ..data.dictionary import Dataset
from ..imaging.geometry import Volume
from ..imaging.ultrasound.frames import RfFrames
from .columns import Coding, Rows
from .simulated import maker, mask_of

RECORDINGS = (".h5", ".hdf5", ".uff", ".mat", ".npy", ".npz", ".raw", ".raw.lzo", ".tar")
"""Endings of the files of a folder that are recordings of raw ultrasound; others lie beside them."""
OTHER_PARTS = ("_env.raw", "_env.raw.lzo", "_iq.raw", "_iq.raw.lzo")
"""Endings of what a scanner exports beside the radio frequency: envelopes and demodulated data."""
Acquisitions = dict[str, Acquisition]
Values = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ImageFile:
    """Reads an image from its file or folder; `chosen` are settings of `hepar.io.images.read_image`."""

    chosen: tuple[tuple[str, Any], ...] = ()

    def __call__(self, files: tuple[Path, ...]) -> Volume:
        """The image at the first path; the others are files that it points to."""
        path = files[0]
        parts = files_in(path) if path.is_dir() else files
        return _read(path, self.chosen, tuple((f.stat().st_size, f.stat().st_mtime_ns) for f in parts))


@dataclass(frozen=True, slots=True)
class MaskFile:
    """Reads one label of a mask, on the grid of its image."""

    label: int | str | None
    image: ImageFile

    def __call__(self, files: tuple[Path, ...]) -> Volume:
        """The mask at the first path, drawn on the image at the second; the others are files that they point to."""
        try:
            from .masks import read_masks
        except ImportError as error:
            raise _not_installed(error) from None
        mask, *image = files
        labels = None if self.label is None else {str(self.label): self.label}
        found = read_masks(mask, like=self.image(tuple(image)), labels=labels)
        if len(found) > 1:
            raise DataError(
                f"{mask}: holds several labels; declare which is meant, label: {' or '.join(found)}"
            )
        return next(iter(found.values()))


@dataclass(frozen=True, slots=True)
class RecordingFile:
    """Reads raw ultrasound: a file, or every recording of a folder, by the order of their names."""

    settings: Path | None = None

    def __call__(self, files: tuple[Path, ...]) -> tuple[RfFrames, ...]:
        """The recordings at the first path."""
        stamps = tuple((f.stat().st_size, f.stat().st_mtime_ns) for f in files if f.is_file())
        return _recordings(files[0], self.settings, stamps)


def _not_installed(error: ImportError) -> ProtocolError:
    return ProtocolError(
        f"images need the package {error.name!r}, which is not installed; run: pip install 'hepar[images]'"
    )


@lru_cache(maxsize=1)
def _read(path: Path, chosen: tuple[tuple[str, Any], ...], _stamps: tuple[tuple[int, int], ...]) -> Volume:
    """The image at `path`, kept until another is read: its masks are drawn on it."""
    try:
        from .images import read_image
    except ImportError as error:
        raise _not_installed(error) from None
    return read_image(path, **dict(chosen))


@lru_cache(maxsize=2)
def _recordings(
    path: Path, settings: Path | None, _stamps: tuple[tuple[int, int], ...]
) -> tuple[RfFrames, ...]:
    """The recordings at `path`, kept until others are read: several extractors read the same."""
    try:
        from .ultrasound import read_recording
    except ImportError as error:
        raise ProtocolError(f"raw ultrasound {how_to_install(error.name or 'h5py')}") from None
    found = [path] if path.is_file() else [f for f in files_in(path) if _is_recording(f.name.lower())]
    if not found:
        raise DataError(f"{path}: holds no recording; files end in {', '.join(RECORDINGS)}")
    return tuple(read_recording(one, settings=settings) for one in found)


def _is_recording(name: str) -> bool:
    return name.endswith(RECORDINGS) and not name.endswith(OTHER_PARTS)


def find_acquisitions(
    text: pd.DataFrame, dataset: Dataset, rows: Rows, *, participants: np.ndarray, folder: Path
) -> tuple[list[Acquisitions], list[Note]]:
    """Acquisitions of each row of the table `text`, and how many rows lack which; paths are relative to `folder`."""
    found: list[Acquisitions] = [{} for _ in range(len(text))]
    notes: list[Note] = []
    coding = Coding.of(dataset.missing)
    for name, declared in sorted(dataset.acquisitions.items(), key=lambda item: item[1].kind):
        values = _values(text, declared, rows=rows, participants=participants)
        known = [not any(coding.is_missing(v[column]) for column in declared.columns) for v in values]
        refuse = _Refusal(rows, name)
        for place in np.flatnonzero(known).tolist():
            of_row = values[place]
            one = _acquisition(
                name, declared, of_row, folder=folder, have=found[place], refuse=refuse.at(place)
            )
            if one is not None:
                found[place][name] = one
        lacking = sum(name not in row for row in found)
        if lacking == len(found):
            looked = next((v for v, whole in zip(values, known, strict=True) if whole), None)
            raise DataError(f"{rows.source}: acquisition {name!r}: {_nowhere(declared, looked, folder)}")
        if lacking:
            notes.append(Note(name, _lacking(declared), lacking))
    return found, notes


@dataclass(frozen=True, slots=True)
class _Refusal:
    """Says of which row and acquisition an error is."""

    rows: Rows
    name: str
    place: int = 0

    def at(self, place: int) -> "_Refusal":
        """The same for another row."""
        return _Refusal(self.rows, self.name, place)

    def __call__(self, why: object) -> DataError:
        """The error."""
        where = (
            f"{self.rows.source}, row {self.rows.rows[self.place]} (case {self.rows.case_ids[self.place]})"
        )
        return DataError(f"{where}: acquisition {self.name!r}: {why}")


def _values(
    text: pd.DataFrame, declared: Declaration, *, rows: Rows, participants: np.ndarray
) -> Sequence[Values]:
    """What stands for each placeholder and simulated quantity, row by row."""
    columns = {name: [cell.strip() for cell in text[name]] for name in declared.columns}
    columns |= dict(zip(OWN, (list(rows.case_ids), list(participants)), strict=True))
    return [dict(zip(columns, of_row, strict=True)) for of_row in zip(*columns.values(), strict=True)]


def _acquisition(
    name: str, declared: Declaration, values: Values, *, folder: Path, have: Acquisitions, refuse: _Refusal
) -> Acquisition | None:
    """The acquisition of one row; None where there is no such file, or no image for the mask."""
    image = have.get(declared.of) if declared.of is not None else None
    if declared.kind == "mask" and image is None:
        return None
    if declared.files is None:
        return _of_simulation(name, declared, values, image=image, refuse=refuse)
    try:
        path = folder / declared.path_of(values)
    except ProtocolError as error:
        raise refuse(error) from None
    if not path.is_file() and not (path.is_dir() and files_in(path)):
        return None
    if declared.kind == "recording":
        return _recording(name, declared, path, folder=folder)
    if image is None:
        chosen = tuple(sorted(declared.chosen.items()))
        return Acquisition(name, (path, *_pointed_to(path)), ImageFile(chosen), how=str(chosen))
    assert isinstance(image.reader, ImageFile)
    how = f"label {declared.label} on {image.how}"
    files = (path, *image.files, *_pointed_to(path))
    return Acquisition(name, files, MaskFile(declared.label, image.reader), how=how)


def _recording(name: str, declared: Declaration, path: Path, *, folder: Path) -> Acquisition:
    """Recordings, with the documents beside them, which decide what is read."""
    settings = None if declared.settings is None else folder / declared.settings
    beside = (
        () if path.is_dir() else tuple(sorted(p for p in path.parent.glob(f"{path.stem}.*") if p != path))
    )
    files = (path, *beside, *(() if settings is None else (settings,)))
    return Acquisition(name, files, RecordingFile(settings))


def _pointed_to(path: Path) -> tuple[Path, ...]:
    """Files that a header without voxels points to; a header that is wrong is refused when it is read, not now."""
    if path.suffix.lower() not in (".mhd", ".nhdr"):
        return ()
    try:
        from .images import image_files

        return tuple(file for file in image_files(path) if file != path)
    except (DataError, ImportError):
        return ()


def _of_simulation(
    name: str, declared: Declaration, values: Values, *, image: Acquisition | None, refuse: _Refusal
) -> Acquisition:
    if image is None:
        assert declared.simulated is not None
        made = maker(declared.simulated, values, refuse)
    else:
        made = mask_of(image.reader, str(declared.label or name), refuse)
    return Acquisition(name, (), made, how=made.how)


def _lacking(declared: Declaration) -> str:
    return "cases without a file of it" + (f", or without its image {declared.of}" if declared.of else "")


def _nowhere(declared: Declaration, looked: Values | None, folder: Path) -> str:
    """That no row has the acquisition, and where it was looked for."""
    if declared.files is None:
        return "no row says what it is simulated from"
    where = f"looked first for {folder / declared.path_of(looked)}" if looked else "its columns are empty"
    image = f", or each lacks its image {declared.of!r}" if declared.of else ""
    return f"no row has a file of it{image} ({where}); the path is relative to the dictionary"
