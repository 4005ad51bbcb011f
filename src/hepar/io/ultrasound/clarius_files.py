"""Where a Clarius capture keeps its echoes and its texts: beside one another in a folder, or packed in a tar file."""

import tarfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from ...core.errors import DataError
from .lzop import lzop_file

LONGEST_TEXT = 16 << 20
"""Bytes of a text at most; the longest known, of 1,248 lines, has 70 thousand."""
MOST_MEMBERS = 10_000
PACKED_RATIO = 50
"""Bytes a compressed byte can stand for at most: 16-bit echoes shrink to about a half, silence far more."""
RAW = (".raw", ".raw.lzo")


@dataclass(frozen=True, slots=True)
class Capture:
    """One `.raw` file of `name`: its unpacked `length`, `read(start, count)`, and the texts that belong to it."""

    name: str
    length: int
    read: Callable[[int, int], bytes] = field(repr=False)
    description: str = field(repr=False)
    gains: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class _Piece:
    """A file, or the part of a tar file that is one."""

    path: Path
    offset: int
    size: int

    def read(self, start: int, count: int) -> bytes:
        with self.path.open("rb") as file:
            file.seek(self.offset + start)
            return file.read(max(min(count, self.size - start), 0))

    def text(self) -> str:
        if self.size > LONGEST_TEXT:
            raise DataError(
                f"{self.path}: a text in it has {self.size:,} bytes, which is no scanner's; check it"
            )
        return self.read(0, self.size).decode("utf-8", errors="replace")


def capture_of(path: Path) -> Capture:
    """The capture whose `.raw`, `.raw.lzo` or `.tar` is at `path`."""
    if path.suffix.lower() == ".tar":
        pieces = _members(path)
        return _capture(_only_raw(pieces, path), pieces, path=path)
    folder = {file.name: _whole(file) for file in _companions(path)}
    return _capture(path.name, {**folder, path.name: _whole(path)}, path=path)


def stem_of(name: str) -> str:
    """`name` without `.raw` or `.raw.lzo`."""
    lower = name.lower()
    return next(
        (name[: -len(end)] for end in sorted(RAW, key=len, reverse=True) if lower.endswith(end)), name
    )


def descriptions(stem: str) -> tuple[str, ...]:
    """Names that the text describing `stem` may have."""
    return (f"{stem}.yml", f"{stem}.yaml")


def _capture(name: str, pieces: Mapping[str, _Piece], *, path: Path) -> Capture:
    stem = stem_of(name)
    text = next((pieces[file] for file in descriptions(stem) if file in pieces), None)
    if text is None:
        raise DataError(
            f"{path}: the scanner's description {stem}.yml is missing, which has sampling rate, depth and lines; put it"
            " beside the recording, as it was exported"
        )
    raw = pieces[name]
    gains = next((pieces[file] for file in _gains(stem) if file in pieces), None)
    told = (text.text(), gains.text() if gains else None)
    if not name.lower().endswith(".lzo"):
        return Capture(name, raw.size, raw.read, told[0], told[1])
    packed = lzop_file(path, offset=raw.offset, size=raw.size)
    if packed.length > PACKED_RATIO * raw.size:
        raise DataError(
            f"{path}: {raw.size:,} bytes declare to unpack to {packed.length:,}, more than echoes can; the file is"
            " damaged or made to fill the memory: copy it again from its source"
        )
    return Capture(name, packed.length, packed.read, told[0], told[1])


def _gains(stem: str) -> Iterator[str]:
    """Names of the time gain of every frame: that of the recording, else of the B-mode captured with it."""
    for name in (stem, stem.removesuffix("_rf") + "_env"):
        yield from (f"{name}.tgc", f"{name}.tgc.yml", f"{name}.tgc.yaml")


def _companions(path: Path) -> list[Path]:
    stem = stem_of(path.name)
    names = (*descriptions(stem), *_gains(stem))
    return [file for file in (path.with_name(name) for name in names) if file.is_file()]


def _whole(path: Path) -> _Piece:
    return _Piece(path, 0, path.stat().st_size)


def _only_raw(pieces: Mapping[str, _Piece], path: Path) -> str:
    raw = sorted(name for name in pieces if name.lower().endswith(RAW))
    wanted = [name for name in raw if stem_of(name).lower().endswith("_rf")]
    if len(wanted) == 1:
        return wanted[0]
    kinds = sorted({stem_of(name).rpartition("_")[2] for name in raw})
    raise DataError(
        f"{path}: holds {len(wanted)} recordings of radio frequency (names ending in _rf.raw or _rf.raw.lzo); among its"
        f" recordings are those of {', '.join(kinds) or 'nothing'}. One is needed: capture in RF mode, or unpack the"
        " tar file and give one of them"
    )


def _members(path: Path) -> dict[str, _Piece]:
    """The files in the tar file at `path` by name, of which nothing is written to disk."""
    size = path.stat().st_size
    found: dict[str, _Piece] = {}
    try:
        with tarfile.open(path, "r:") as archive:
            for member in archive:
                _refuse_unsafe(member, path)
                if member.isdir():
                    continue
                if member.offset_data + member.size > size or len(found) >= MOST_MEMBERS:
                    raise tarfile.ReadError
                found[PurePosixPath(member.name).name] = _Piece(path, member.offset_data, member.size)
    except (tarfile.TarError, OSError, EOFError):
        raise DataError(
            f"{path}: is no tar file, or a truncated one; copy it again from its source"
        ) from None
    return found


def _refuse_unsafe(member: tarfile.TarInfo, path: Path) -> None:
    parts = PurePosixPath(member.name.replace("\\", "/"))
    if parts.is_absolute() or ".." in parts.parts:
        raise DataError(
            f"{path}: a name in it leads out of its folder ('..' or an absolute path), which no scanner writes; the"
            " file was tampered with and is not read"
        )
    if not (member.isdir() or member.isreg()) or member.issparse():
        raise DataError(
            f"{path}: holds a link or a special file, which no scanner writes; the file is not read"
        )
