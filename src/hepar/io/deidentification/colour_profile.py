"""Colour profiles (ICC) without their words and dates: the numbers by which colours are shown stay."""

import struct

_HEADER_BYTES, _ENTRY_BYTES = 128, 12
_DATE, _SIGNATURE, _DIGEST = slice(24, 36), slice(36, 40), slice(84, 100)
_NO_DAY = struct.pack(">6H", 2000, 1, 1, 0, 0, 0)
_MOST_TAGS = 200
_NUMBERS = frozenset(
    {b"XYZ ", b"curv", b"para", b"mft1", b"mft2", b"mAB ", b"mBA ", b"sf32", b"chrm", b"meas", b"sig "}
)
"""Types of elements that hold numbers alone (ICC.1:2022, 10)."""
_EMPTY = {
    b"desc": struct.pack(">4s3x1sI", b"desc", b"\0", 1),
    b"mluc": struct.pack(">4sIII", b"mluc", 0, 0, 12),
}
"""Beginnings of texts of no length; the rest of each is zero."""


def plain_profile(profile: bytes) -> bytes | None:
    """`profile` with elements of numbers alone, texts of no length and no day; None where it is no profile."""
    if len(profile) < _HEADER_BYTES + 4 or profile[_SIGNATURE] != b"acsp":
        return None
    (n_tags,) = struct.unpack_from(">I", profile, _HEADER_BYTES)
    table = _HEADER_BYTES + 4 + n_tags * _ENTRY_BYTES
    if n_tags > _MOST_TAGS or table > len(profile):
        return None
    plain = bytearray(len(profile))
    plain[:table] = profile[:table]
    plain[_DATE], plain[_DIGEST] = _NO_DAY, bytes(16)
    for k in range(n_tags):
        _, place, size = struct.unpack_from(">4sII", profile, _HEADER_BYTES + 4 + k * _ENTRY_BYTES)
        if place < table or size < 8 or place + size > len(profile):
            return None
        plain[place : place + size] = _plain_element(profile[place : place + size])
    return bytes(plain)


def _plain_element(element: bytes) -> bytes:
    if element[:4] in _NUMBERS:
        return element
    return _EMPTY.get(element[:4], element[:4])[: len(element)].ljust(len(element), b"\0")
