"""The bytes of a text file as text, or an error that says what they may be instead."""

import codecs
import gzip
import zlib
from pathlib import Path

from ..core.errors import DataError

UTF_16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
CONTROLS = frozenset(range(32)) - set(b"\t\n\r\x0b\x0c")
"""Bytes that no text table holds."""


def decode(path: Path, encoding: str) -> str:
    """The text of the file at `path`, unpacked if its name ends in .gz; never holds a NUL."""
    raw = _bytes(path)
    try:
        name = codecs.lookup(encoding).name
        wide = name.startswith(("utf-16", "utf-32"))
        if not wide:
            _refuse_binary(path, raw, encoding)
        elif name == "utf-16" and not raw.startswith(UTF_16_MARKS):
            raise DataError(
                f"{path}: does not begin with the mark of UTF-16; leave encoding out, or declare utf-16-le if it is"
            )
        text = raw.decode("utf-8-sig" if name == "utf-8" else encoding)
    except UnicodeDecodeError as error:
        raise DataError(
            f"{path}, line {_line(raw, error.start)}: byte {error.start} (0x{raw[error.start]:02x}) is not {encoding}"
            f" text; {_advice(raw)}"
        ) from None
    except (LookupError, UnicodeError):
        raise DataError(
            f"{path}: encoding {encoding!r} is unknown; use e.g. utf-8, latin-1, utf-16"
        ) from None
    if "\0" in text:
        raise DataError(f"{path}: character {text.index(chr(0))} is NUL; {_NOT_TEXT}")
    return text


_NOT_TEXT = "it is no text table: save it as CSV UTF-8, or name it as what it is (.xlsx, .parquet, .csv.gz)"


def _bytes(path: Path) -> bytes:
    raw = path.read_bytes()
    if path.suffix.lower() != ".gz":
        return raw
    try:
        return gzip.decompress(raw)
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"{path}: is not a complete gzip file ({error}); obtain it again") from None


def _refuse_binary(path: Path, raw: bytes, encoding: str) -> None:
    """Refuse what `encoding` would read as text but is not: two bytes a letter, or no letters at all."""
    if raw.startswith(UTF_16_MARKS):
        raise DataError(
            f"{path}: begins with the mark of UTF-16 (0x{raw[0]:02x} 0x{raw[1]:02x}), not of {encoding}: saved as"
            ' "Unicode text" by Excel? Save it as "CSV UTF-8", or declare encoding: utf-16'
        )
    place = raw.find(b"\0")
    if place >= 0:
        raise DataError(f"{path}, line {_line(raw, place)}: byte {place} is NUL; {_NOT_TEXT}")


def _line(raw: bytes, place: int) -> int:
    return raw.count(b"\n", 0, place) + 1


def _advice(raw: bytes) -> str:
    """What the bytes may be: latin-1 has no letters at 0x80 to 0x9f, and no text has control characters."""
    seen = set(raw)
    if seen & CONTROLS:
        return _NOT_TEXT
    declare = "save the table as UTF-8, or declare how it is encoded, e.g. encoding:"
    if not seen & set(range(0x80, 0xA0)):
        return f"{declare} latin-1"
    try:
        raw.decode("cp1252")
    except UnicodeDecodeError:
        return "save the table as UTF-8, or declare how it is encoded"
    return f"{declare} cp1252 (Windows)"
