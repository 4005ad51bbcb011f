"""Looks for identifiers in what is about to be passed on: in names of files, text, and every string of HDF5."""

import gzip
import re
import struct
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from ..core.errors import DataError

ANYWHERE = 8
"""An identifier of so many characters, not all digits, is also found inside a longer word."""
WORD = re.compile(r"[0-9]+(?:\.[0-9]+)+|[^\W_]+")
"""A number with its points, or letters and digits between anything else."""
SHORT = 4
"""An identifier of fewer characters, or of five digits or fewer, is part of too many numbers and words to be looked for
in running text; it is looked for as a whole cell, name or string."""
SHORT_DIGITS = 6
_DATES = ("%Y-%m-%d", "%Y%m%d", "%d.%m.%Y", "%m.%d.%Y", "%d-%m-%Y", "%m-%d-%Y")


@dataclass(frozen=True, slots=True)
class Identifier:
    """Something that must not be passed on, and what it is."""

    text: str
    what: str

    @property
    def short(self) -> bool:
        """Whether it is too short to be looked for in running text."""
        return len(self.text) < (SHORT_DIGITS if self.text.isdigit() else SHORT)


@dataclass(frozen=True, slots=True)
class Found:
    """An identifier and the file that holds it."""

    file: str
    identifier: Identifier


def dates_of(day: date, *, what: str) -> Iterator[Identifier]:
    """The ways in which a day is commonly written."""
    for form in _DATES:
        yield Identifier(day.strftime(form), what)


def find_identifiers(folder: Path, identifiers: Iterable[Identifier]) -> list[Found]:
    """Every identifier that stands in a file under `folder`, or in the name of one; case does not matter."""
    looked = _Looked.of(identifiers)
    found = []
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        name = path.relative_to(folder).as_posix()
        whole, running = _texts(path)
        hits = looked.in_cells([*Path(name).parts, Path(name).stem, *whole])
        for text in (name, running):
            hits |= looked.in_text(text)
        found += [Found(name, one) for one in sorted(hits, key=lambda i: (i.what, i.text))]
    return found


def _texts(path: Path) -> tuple[Sequence[str], str]:
    """Cells or strings of a file, and all of its text; echoes of an HDF5 file are numbers and left out."""
    if path.suffix == ".h5":
        return _hdf5(path)
    if path.name.endswith(".nii.gz"):
        return (), _nifti(path)
    text = path.read_bytes().decode("utf-8", errors="replace")
    cells = [cell for line in text.splitlines() for cell in line.split(",")] if path.suffix == ".csv" else []
    return cells, text


def _nifti(path: Path) -> str:
    """The header of a NIfTI file and what stands between it and the voxels, which are numbers and left out."""
    with gzip.open(path) as file:
        head = file.read(352)
        return (head + file.read(max(int(struct.unpack("<f", head[108:112])[0]) - 352, 0))).decode("latin-1")


def _hdf5(path: Path) -> tuple[Sequence[str], str]:
    """Names and strings of an HDF5 file; and all of its bytes but the chunks of compressed numbers."""
    import h5py

    names: list[str] = []
    chunks: list[tuple[int, int]] = []

    def visit(name: str, item: h5py.HLObject) -> None:
        names.extend(name.split("/"))
        names.extend(str(value) for value in item.attrs.values())
        if isinstance(item, h5py.Dataset) and item.chunks is not None:
            infos = (item.id.get_chunk_info(k) for k in range(item.id.get_num_chunks()))
            chunks.extend((info.byte_offset, info.size) for info in infos)
        if isinstance(item, h5py.Dataset) and item.dtype.kind in "OSU":
            raise DataError(f"{path.name}: {name} is text, which is no part of a shared recording")

    with h5py.File(path, "r") as file:
        names.extend(str(value) for value in file.attrs.values())
        file.visititems(visit)
    content = bytearray(path.read_bytes())
    for start, size in chunks:
        content[start : start + size] = b" " * size
    return names, content.decode("latin-1")


@dataclass(frozen=True, slots=True)
class _Looked:
    """Identifiers by the way they are looked for: as runs of words, inside words, as whole cells."""

    runs: dict[tuple[str, ...], Identifier]
    inside: dict[str, Identifier]
    cells: dict[str, Identifier]

    @classmethod
    def of(cls, identifiers: Iterable[Identifier]) -> "_Looked":
        known = {one.text.lower().strip(): one for one in identifiers if one.text.strip()}
        runs = {_words(text): one for text, one in known.items() if not one.short and _words(text)}
        inside = {t: one for t, one in known.items() if len(t) >= ANYWHERE and re.search(r"[^\d\W_]", t)}
        return cls(runs, inside, known)

    def in_text(self, text: str) -> set[Identifier]:
        lower = text.lower()
        words = _words(lower)
        hits = {one for part, one in self.inside.items() if part in lower}
        for length in {len(run) for run in self.runs}:
            there = set(zip(*(words[k:] for k in range(length)), strict=False))
            hits |= {self.runs[run] for run in there & self.runs.keys()}
        return hits

    def in_cells(self, cells: Iterable[str]) -> set[Identifier]:
        stripped = {cell.strip().strip('"').lower() for cell in cells}
        return {self.cells[cell] for cell in stripped & self.cells.keys()}


def _words(text: str) -> tuple[str, ...]:
    return tuple(WORD.findall(text))
