"""Directories of a TIFF file, classic or BigTIFF, in either byte order: read from a file, and written anew."""

import struct
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import BinaryIO

from ...core.errors import DataError

MOST_PAGES = 1000
MOST_BYTES = 1 << 28
"""Bytes of one field; the places of four million tiles take 64 MB."""
COPIED = 4 << 20
_SIZES = {
    1: 1,
    2: 1,
    3: 2,
    4: 4,
    5: 8,
    6: 1,
    7: 1,
    8: 2,
    9: 4,
    10: 8,
    11: 4,
    12: 8,
    13: 4,
    16: 8,
    17: 8,
    18: 8,
}
"""Bytes of one value by type (Adobe, TIFF 6.0, 1992; 16 to 18 are BigTIFF's)."""
_INTEGERS = {1: "B", 3: "H", 4: "I", 13: "I", 16: "Q", 18: "Q"}
_LONG8 = 16
STREAMS = {324: 325, 273: 279}
"""Where tiles or strips are, and how many bytes each has."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Byte order, and whether places are 64 bits long."""

    order: str
    big: bool

    def struct(self, kind: str) -> struct.Struct:
        """`kind` in this byte order."""
        return struct.Struct(self.order + kind)

    @property
    def place(self) -> str:
        """How places and counts are packed."""
        return "Q" if self.big else "I"

    @property
    def counted(self) -> str:
        """How the number of fields is packed."""
        return "Q" if self.big else "H"


@dataclass(frozen=True, slots=True)
class Field:
    """Type and bytes of a field."""

    kind: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Page:
    """An image of the file."""

    layout: Layout
    fields: Mapping[int, Field]

    def integers(self, tag: int) -> tuple[int, ...]:
        """Whole numbers of a field; none where it is missing."""
        field = self.fields.get(tag)
        if field is None or field.kind not in _INTEGERS:
            return ()
        size = _SIZES[field.kind]
        return self.layout.struct(f"{len(field.data) // size}{_INTEGERS[field.kind]}").unpack(field.data)

    def text(self, tag: int) -> str:
        """Text of a field."""
        return self.fields[tag].data.decode("latin-1").rstrip("\0") if tag in self.fields else ""

    @property
    def tiled(self) -> bool:
        """Whether it is stored in tiles."""
        return 324 in self.fields

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return ((*self.integers(257), 0)[0], (*self.integers(256), 0)[0])

    @property
    def streams(self) -> tuple[tuple[int, int], ...]:
        """Place and bytes of each tile or strip."""
        where = 324 if self.tiled else 273
        places, sizes = self.integers(where), self.integers(STREAMS[where])
        if len(places) != len(sizes) or not places:
            raise DataError("an image of the slide lacks places or sizes of its tiles")
        return tuple(zip(places, sizes, strict=True))


def read_pages(file: BinaryIO) -> tuple[Page, ...]:
    """The images of the TIFF in `file`; refuses what is none, is damaged, or whose directories run in a circle."""
    layout, place = _start(file)
    size = file.seek(0, 2)
    pages: list[Page] = []
    seen: set[int] = set()
    while place:
        if place in seen or len(pages) >= MOST_PAGES:
            raise DataError("its directories run in a circle, or are more than 1000")
        seen.add(place)
        fields, place = _directory(file, place, layout=layout, size=size)
        pages.append(Page(layout, fields))
    if not pages:
        raise DataError("holds no image")
    return tuple(pages)


def _start(file: BinaryIO) -> tuple[Layout, int]:
    file.seek(0)
    head = file.read(16)
    order = {b"II": "<", b"MM": ">"}.get(head[:2])
    if order is None or len(head) < 16:
        raise DataError("is not a TIFF file")
    (version,) = struct.unpack_from(f"{order}H", head, 2)
    if version not in (42, 43):
        raise DataError("is not a TIFF file")
    layout = Layout(order, big=version == 43)
    return layout, layout.struct(layout.place).unpack_from(head, 8 if layout.big else 4)[0]


def _directory(file: BinaryIO, place: int, *, layout: Layout, size: int) -> tuple[dict[int, Field], int]:
    """Fields of the directory at `place`, and where the next one is."""
    counted, pointer = layout.struct(layout.counted), layout.struct(layout.place)
    entry = layout.struct("HH" + layout.place)
    (count,) = counted.unpack(_read(file, place, counted.size, size=size))
    width = entry.size + pointer.size
    table = _read(file, place + counted.size, count * width + pointer.size, size=size)
    fields = {}
    for k in range(count):
        tag, kind, number = entry.unpack_from(table, k * width)
        length = number * _SIZES.get(kind, 1)
        start = k * width + entry.size
        if length <= pointer.size:
            data = table[start : start + length]
        else:
            data = _read(file, pointer.unpack_from(table, start)[0], length, size=size)
        fields[tag] = Field(kind, data)
    return fields, pointer.unpack_from(table, count * width)[0]


def _read(file: BinaryIO, place: int, length: int, *, size: int) -> bytes:
    if length > MOST_BYTES or place + length > size:
        raise DataError("a directory of it points outside the file: it is cut off or damaged")
    file.seek(place)
    return file.read(length)


def write_pages(source: BinaryIO, pages: Sequence[Page], target: BinaryIO) -> None:
    """Write `pages`, whose tiles are in `source`, to the empty `target`; the compressed tiles stay byte for byte."""
    layout = pages[0].layout
    pointer = layout.struct(layout.place)
    magic = b"II" if layout.order == "<" else b"MM"
    target.write(magic + (layout.struct("HHH").pack(43, 8, 0) if layout.big else layout.struct("H").pack(42)))
    target.write(b"\0" * pointer.size)
    link = 8 if layout.big else 4
    for page in pages:
        moved = _copied(source, page, target)
        start = target.tell()
        content, after = _packed(moved, start=start)
        target.write(content)
        target.seek(link)
        target.write(pointer.pack(start))
        link = after
        target.seek(0, 2)


def _copied(source: BinaryIO, page: Page, target: BinaryIO) -> Page:
    """`page`, its tiles copied to `target`."""
    where = 324 if page.tiled else 273
    size = source.seek(0, 2)
    places = []
    for place, length in page.streams:
        if place + length > size:
            raise DataError("its tiles are cut off; copy the file again from its source")
        places.append(target.tell())
        for part in _parts(source, place, length):
            target.write(part)
        target.write(b"\0" * (length % 2))
    big = page.layout.big
    if not big and target.tell() > 0xFFFF_0000:
        raise DataError("needs more than the 4 GB of a classic TIFF file")
    data = page.layout.struct(f"{len(places)}{page.layout.place}").pack(*places)
    return Page(page.layout, {**page.fields, where: Field(_LONG8 if big else 4, data)})


def _parts(source: BinaryIO, place: int, length: int) -> Iterator[bytes]:
    source.seek(place)
    while length > 0:
        part = source.read(min(length, COPIED))
        if not part:
            raise DataError("its tiles are cut off; copy the file again from its source")
        length -= len(part)
        yield part


def _packed(page: Page, *, start: int) -> tuple[bytes, int]:
    """The directory of `page` at byte `start`, the last one of the file, and the byte that would point to another."""
    layout = page.layout
    pointer, entry = layout.struct(layout.place), layout.struct("HH" + layout.place)
    table, rest = bytearray(layout.struct(layout.counted).pack(len(page.fields))), bytearray()
    width = entry.size + pointer.size
    after = start + len(table) + len(page.fields) * width + pointer.size
    for tag in sorted(page.fields):
        field = page.fields[tag]
        table += entry.pack(tag, field.kind, len(field.data) // _SIZES.get(field.kind, 1))
        if len(field.data) <= pointer.size:
            table += field.data.ljust(pointer.size, b"\0")
        else:
            table += pointer.pack(after + len(rest))
            rest += field.data + b"\0" * (len(field.data) % 2)
    link = start + len(table)
    return bytes(table + b"\0" * pointer.size + rest), link
