"""Looks for identifiers in what is about to be passed on: in names of files, text, and every string of HDF5."""

import gzip
import struct
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ..core.errors import DataError
from ..io.identifier import Identifier
from ..io.identifier_search import Piece, Searched

_BINARY = (".h5", ".gz")


@dataclass(frozen=True, slots=True)
class Found:
    """An identifier and where it stands."""

    file: str
    identifier: Identifier
    line: int = 0
    """Of a text file, from 1; 0 where it stands in no single line, in a recording, an image or a file's name."""

    def __str__(self) -> str:
        """Where it is and what it is, never the identifier: messages are passed on, too."""
        place = f"{self.file}, line {self.line}," if self.line else self.file
        return f"{place} holds a {self.identifier.what}"


def find_identifiers(folder: Path, identifiers: Iterable[Identifier]) -> list[Found]:
    """Every identifier that stands in a file under `folder`, or in the name of one; case does not matter."""
    searched = Searched.of(identifiers)
    found = []
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        name = path.relative_to(folder).as_posix()
        cells, piece = _read(path)
        whole = (*Path(name).parts, Path(name).stem, path.name.partition(".")[0], *cells)
        hits = searched.in_text(name) | searched.in_bytes(piece)
        hits = hits.union(*map(searched.as_cell, whole))
        once = {one.text: one for one in sorted(hits, key=lambda i: (i.what, i.text), reverse=True)}
        left = sorted(once.values(), key=lambda i: (i.what, i.text))
        found += [Found(name, one, _line_of(one, path, searched)) for one in left]
    return found


def _line_of(one: Identifier, path: Path, searched: Searched) -> int:
    """The first line of a text file that holds `one`."""
    if path.suffix in _BINARY:
        return 0
    lines = Piece.of_text(path.read_bytes()).texts[0].splitlines()
    held = (any(one in hits for hits in _in_line(line, searched)) for line in lines)
    return next((number for number, holds in enumerate(held, 1) if holds), 0)


def _in_line(line: str, searched: Searched) -> Iterator[set[Identifier]]:
    yield searched.in_text(line)
    yield from map(searched.as_cell, line.split(","))


def _read(path: Path) -> tuple[Sequence[str], Piece]:
    """Cells or strings of a file, and all of its text; echoes and voxels are numbers and left out."""
    if path.suffix == ".h5":
        return _hdf5(path)
    if path.name.endswith(".nii.gz"):
        return (), Piece.of(_nifti(path), numbers=False)
    piece = Piece.of_text(path.read_bytes())
    lines = piece.texts[0].splitlines() if path.suffix == ".csv" else []
    return [cell for line in lines for cell in line.split(",")], piece


def _nifti(path: Path) -> bytes:
    """The header of a NIfTI file and what stands between it and the voxels, which are numbers and left out."""
    with gzip.open(path) as file:
        head = file.read(352)
        return head + file.read(max(int(struct.unpack("<f", head[108:112])[0]) - 352, 0))


def _hdf5(path: Path) -> tuple[Sequence[str], Piece]:
    """Names and strings of an HDF5 file; and all of its bytes but the chunks of compressed numbers."""
    import h5py

    names: list[str] = []
    chunks: list[tuple[int, int]] = []

    def visit(name: str, item: h5py.HLObject) -> None:
        names.extend(name.split("/"))
        names.extend(_strings(item.attrs.values()))
        if isinstance(item, h5py.Dataset) and item.chunks is not None:
            infos = (item.id.get_chunk_info(k) for k in range(item.id.get_num_chunks()))
            chunks.extend((info.byte_offset, info.size) for info in infos)
        if isinstance(item, h5py.Dataset) and item.dtype.kind in "OSU":
            raise DataError(f"{path.name}: {name} is text, which is no part of a shared recording")

    with h5py.File(path, "r") as file:
        names.extend(_strings(file.attrs.values()))
        file.visititems(visit)
    content = bytearray(path.read_bytes())
    for start, size in chunks:
        content[start : start + size] = b" " * size
    piece = Piece.of(bytes(content), numbers=False)
    return names, Piece(piece.content, (*piece.texts, *names), False)


def _strings(values: Iterable[Any]) -> Iterator[str]:
    """Values of attributes as texts, each element of an array by itself."""
    for one in (one for value in values for one in np.atleast_1d(value).ravel()):
        yield one.decode("utf-8", errors="replace") if isinstance(one, bytes) else str(one)
