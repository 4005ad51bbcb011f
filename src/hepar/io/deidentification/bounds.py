"""What a DICOM file would need in memory, told from its structure before anything of it is kept."""

import struct
import zlib
from dataclasses import dataclass
from io import BufferedReader, BytesIO
from pathlib import Path
from typing import BinaryIO

from pydicom.datadict import dictionary_VR
from pydicom.uid import DeflatedExplicitVRLittleEndian, ExplicitVRBigEndian, ImplicitVRLittleEndian

from ...core.errors import DataError
from ..dicom_header import NotDicomError

DEPTH = 16
"""Sequences inside one another; those of real images are five deep at most."""
ITEMS = 500_000
"""A slide of 100,000 tiles that places each of them has so many."""
ELEMENTS = 3_000_000
LARGE_VALUE = 64 << 20
"""Bytes of one value, other than pixels and than private ones at the top, which are never read."""
INFLATED = 256 << 20
"""Bytes of a deflated data set."""
DEFERRED = 1 << 20
"""Bytes above which a value is left in the file until it is asked for."""
_UNDEFINED = 0xFFFFFFFF
_ITEM, _ITEM_END, _SEQUENCE_END = 0xFFFEE000, 0xFFFEE00D, 0xFFFEE0DD
_PIXELS = (0x7FE00008, 0x7FE00009, 0x7FE00010)
_LONG = frozenset((b"OB", b"OD", b"OF", b"OL", b"OV", b"OW", b"SQ", b"SV", b"UC", b"UN", b"UR", b"UT", b"UV"))
_BARE_STARTS = (b"\x08\x00", b"\x02\x00")


@dataclass(frozen=True, slots=True)
class _Open:
    """A sequence or an item that has not ended: where it does, unless its end is marked."""

    end: int
    explicit: bool
    items: bool
    """Whether what follows are items."""


@dataclass(frozen=True, slots=True)
class _Element:
    tag: int
    vr: bytes
    length: int


def refuse_unbounded(path: Path) -> None:
    """Refuse the DICOM file at `path` where it is cut off, nested too deeply, or would fill the memory.

    Raises:
        NotDicomError: it is of another kind.
        DataError: see above; nothing of it was read but tags and lengths.
    """
    with path.open("rb") as file:
        start = file.read(132)
        if start[128:] != b"DICM" and start[:2] not in _BARE_STARTS:
            raise NotDicomError("is not a DICOM file")
        file.seek(132 if start[128:] == b"DICM" else 0)
        syntax = _meta(file)
        if syntax == DeflatedExplicitVRLittleEndian:
            _walk(BytesIO(_inflated(file)), explicit=True, order="<")
            return
        explicit = syntax != ImplicitVRLittleEndian if syntax else _looks_explicit(file)
        _walk(file, explicit=explicit, order=">" if syntax == ExplicitVRBigEndian else "<")


def _meta(file: BufferedReader) -> str:
    """The transfer syntax that the group 0002 names; leaves `file` at the first element after it."""
    syntax = ""
    while True:
        place = file.tell()
        head = file.read(8)
        if len(head) < 8 or head[:2] != b"\x02\x00":
            file.seek(place)
            return syntax
        file.seek(place)
        element = _head(file, explicit=True, order="<")
        if element.length > LARGE_VALUE:
            raise DataError("its own header is cut off or far too long")
        value = file.read(element.length)
        if element.tag == 0x00020010:
            syntax = value.decode("latin-1").strip("\0 ")


def _looks_explicit(file: BufferedReader) -> bool:
    """Whether a data set that does not say so writes the kind of its values."""
    head = file.peek(6)[:6]
    return head[4:6].isalpha() and head[4:6].isupper()


def _inflated(file: BufferedReader) -> bytes:
    unpack = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        content = unpack.decompress(file.read(), INFLATED)
    except zlib.error:
        raise DataError("its deflated data set is damaged") from None
    if unpack.unconsumed_tail:
        raise DataError(f"its deflated data set is more than {INFLATED >> 20} MB long")
    return content


def _head(file: BinaryIO, *, explicit: bool, order: str) -> _Element:
    """Tag, kind and length of the value that follows."""
    head = file.read(8)
    if len(head) < 8:
        raise DataError("is cut off between two elements")
    group, number = struct.unpack_from(f"{order}HH", head)
    tag = group << 16 | number
    vr = head[4:6]
    if not explicit or group == 0xFFFE or not (vr.isalpha() and vr.isupper()):
        return _Element(tag, b"", struct.unpack_from(f"{order}I", head, 4)[0])
    if vr not in _LONG:
        return _Element(tag, vr, struct.unpack_from(f"{order}H", head, 6)[0])
    rest = file.read(4)
    if len(rest) < 4:
        raise DataError("is cut off between two elements")
    return _Element(tag, vr, struct.unpack(f"{order}I", rest)[0])


def _walk(file: BinaryIO, *, explicit: bool, order: str) -> None:
    """Go through tags and lengths from where `file` stands to its end."""
    start = file.tell()
    size = file.seek(0, 2)
    file.seek(start)
    stack = [_Open(size, explicit, items=False)]
    items = elements = 0
    while True:
        while len(stack) > 1 and file.tell() >= stack[-1].end:
            stack.pop()
        if size - file.tell() < 8 and len(stack) == 1:
            return
        here = stack[-1]
        element = _head(file, explicit=here.explicit, order=order)
        elements += 1
        items += element.tag == _ITEM
        _refuse_many(items, elements, len(stack))
        if element.tag in (_ITEM_END, _SEQUENCE_END):
            if len(stack) > 1:
                stack.pop()
            continue
        _refuse_value(element, left=size - file.tell(), top=len(stack) == 1)
        opened = _opened(element, here, place=file.tell(), size=size)
        if opened is not None:
            stack.append(opened)
        else:
            file.seek(element.length, 1)


def _opened(element: _Element, here: _Open, *, place: int, size: int) -> _Open | None:
    """The sequence or item that `element` begins; None for a value. Fragments of pixels are items that are values."""
    undefined = element.length == _UNDEFINED
    end = size if undefined else place + element.length
    if element.tag == _ITEM:
        return _Open(end, here.explicit, items=False) if here.items else None
    if element.tag in _PIXELS:
        return _Open(end, here.explicit, items=False) if undefined else None
    if not (undefined or element.vr == b"SQ" or (element.vr in (b"", b"UN") and _is_sequence(element.tag))):
        return None
    implied = (
        element.vr == b"UN"
    )  # such a sequence is written without kinds, whatever the file is (PS3.5 6.2.2)
    return _Open(end, here.explicit and not implied, items=True)


def _is_sequence(tag: int) -> bool:
    try:
        return dictionary_VR(tag) == "SQ"
    except KeyError:
        return False


def _refuse_many(items: int, elements: int, depth: int) -> None:
    if depth > 2 * DEPTH + 1:
        raise DataError(f"nests sequences more than {DEPTH} deep")
    if items > ITEMS:
        raise DataError(f"holds more than {ITEMS:,} items of sequences")
    if elements > ELEMENTS:
        raise DataError(f"holds more than {ELEMENTS:,} elements")


def _refuse_value(element: _Element, *, left: int, top: bool) -> None:
    if element.length == _UNDEFINED:
        return
    name = f"({element.tag >> 16:04x},{element.tag & 0xFFFF:04x})"
    if element.length > left:
        raise DataError(f"is cut off: {name} declares {element.length:,} bytes, {left:,} are left")
    private = element.tag >> 16 & 1
    exempt = element.tag in _PIXELS or element.tag == _ITEM or (top and private)
    if element.length > LARGE_VALUE and not exempt:
        raise DataError(f"{name} holds {element.length:,} bytes; {LARGE_VALUE:,} are the most")
