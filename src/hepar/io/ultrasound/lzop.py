"""The container of lzop, which Clarius compresses with: any range of its content, a block at a time.

Layout (big endian; after lzop 1.04, the program that defines it): magic, header with a checksum, then blocks of
length, compressed length, checksums and data, ended by a length of zero. A block that did not shrink is stored as is.
"""

import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from ...core.errors import DataError

MAGIC = b"\x89LZO\x00\r\n\x1a\n"
LONGEST_BLOCK = 8 << 20
"""Bytes of a block at most; lzop makes blocks of 256 KiB."""
OLDEST, METHODS = 0x0940, (1, 2, 3)
"""Version of lzop from which on its header is as read here, and its ways of compressing, which unpack alike."""
_ADLER, _ADLER_PACKED, _CRC, _CRC_PACKED = 0x1, 0x2, 0x100, 0x200
_EXTRA, _FILTERED, _HEADER_CRC = 0x40, 0x800, 0x1000
_Sum = Callable[[bytes], int]
_LARGEST_BLOCK_COUNT = 1 << 22


@dataclass(frozen=True, slots=True)
class _Block:
    at: int
    packed: int
    length: int
    sums: tuple[tuple[_Sum, int], ...]


@dataclass(frozen=True, slots=True)
class LzopFile:
    """A compressed file in the file at `path`: its blocks, and where each starts when unpacked."""

    path: Path
    blocks: tuple[_Block, ...] = field(repr=False)
    starts: NDArray[np.int64] = field(repr=False)

    @property
    def length(self) -> int:
        """Bytes when unpacked, as the blocks declare them."""
        return int(self.starts[-1])

    def read(self, start: int, count: int) -> bytes:
        """`count` unpacked bytes from `start` on; fewer where the content ends."""
        first = int(np.searchsorted(self.starts, start, side="right")) - 1
        found = bytearray()
        with self.path.open("rb") as file:
            for block, begin in zip(self.blocks[first:], self.starts[first:-1].tolist(), strict=True):
                if begin >= start + count:
                    break
                found += _unpacked(file, block, self.path)
        skip = start - int(self.starts[first])
        return bytes(found[skip : skip + count])


def lzop_file(path: Path, *, offset: int = 0, size: int | None = None) -> LzopFile:
    """The index of an lzop file, from which nothing is unpacked yet; what is none or ends early is refused."""
    end = offset + (path.stat().st_size - offset if size is None else size)
    with path.open("rb") as file:
        file.seek(offset)
        try:
            flags = _header(file)
            blocks = _blocks(file, flags, end)
        except (struct.error, EOFError):
            raise DataError(
                f"{path}: is no lzop file, or ends within one; copy it again from its source"
            ) from None
    starts = np.cumsum([0, *(block.length for block in blocks)])
    return LzopFile(path, blocks, starts.astype(np.int64))


def _header(file: BinaryIO) -> int:
    """The flags; the header's own checksum must fit."""
    if file.read(len(MAGIC)) != MAGIC:
        raise EOFError
    start = file.tell()
    version, _, _, method, _, flags = _numbers(file, ">HHHBBI")
    if version < OLDEST or method not in METHODS or flags & _FILTERED:
        raise EOFError
    *_, name = _numbers(file, ">IIIB")
    length = file.tell() + name - start
    file.seek(start)
    header = file.read(length)
    checksum = zlib.crc32 if flags & _HEADER_CRC else zlib.adler32
    if _numbers(file, ">I") != (checksum(header),):
        raise EOFError
    if flags & _EXTRA:
        (extra,) = _numbers(file, ">I")
        file.seek(extra + 4, 1)
    return int(flags)


def _blocks(file: BinaryIO, flags: int, end: int) -> tuple[_Block, ...]:
    found: list[_Block] = []
    while len(found) < _LARGEST_BLOCK_COUNT:
        (length,) = _numbers(file, ">I")
        if not length:
            return tuple(found)
        (packed,) = _numbers(file, ">I")
        if packed > length or length > LONGEST_BLOCK:
            raise EOFError
        of_content: list[tuple[_Sum, int]] = [(zlib.adler32, flags & _ADLER), (zlib.crc32, flags & _CRC)]
        sums = tuple((sum_of, _numbers(file, ">I")[0]) for sum_of, there in of_content if there)
        skipped = sum(bool(flags & flag) for flag in (_ADLER_PACKED, _CRC_PACKED)) if packed < length else 0
        at = file.tell() + 4 * skipped
        if at + packed > end:
            raise EOFError
        found.append(_Block(at, packed, length, sums))
        file.seek(at + packed)
    raise EOFError


def _numbers(file: BinaryIO, layout: str) -> tuple[int, ...]:
    return struct.unpack(layout, file.read(struct.calcsize(layout)))


def _unpacked(file: BinaryIO, block: _Block, path: Path) -> bytes:
    from lzallright import LZOCompressor, LZOError

    file.seek(block.at)
    content = file.read(block.packed)
    if block.packed < block.length:
        try:
            content = LZOCompressor.decompress(content, output_size_hint=block.length)
        except LZOError:
            content = b""
    if len(content) != block.length or any(sum_of(content) != told for sum_of, told in block.sums):
        raise DataError(f"{path}: a compressed block is damaged; copy the file again from its source")
    return content
