"""Proof that nothing is left: reads what was written by means of its own and looks for every original identifier.

Nothing here knows what the de-identification did. Text of every attribute is searched, then the bytes of the whole file
as Latin-1, UTF-8 and UTF-16, then its name. What is drawn in pixels is not read.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.multival import MultiValue

from ..dicom_header import understood
from ..identifier import Identifier
from ..identifier_search import Piece, Searched
from .identifiers import is_part

CHUNK, OVERLAP = 4 << 20, 1 << 10
"""Bytes searched at a time; each piece begins with the last bytes of the one before."""
_UNREAD = frozenset(
    {"AT", "FD", "FL", "OB", "OD", "OF", "OL", "OV", "OW", "SL", "SS", "SV", "UL", "US", "UV"}
)
"""Numbers and bytes; bytes are searched with those of the file."""
_NUMBERS, _DIGITS = frozenset({"AS", "DS", "IS", "TM"}), 8
"""An identifier of fewer digits is a number or a time of day by chance."""
_OURS = ("DeidentificationMethod", "DeidentificationMethodCodeSequence")
"""What de-identification writes itself, in words that may be names: `Patient` in `Retain Patient Characteristics`."""
_MAKER = ("Manufacturer", "ManufacturerModelName")
"""A maker may also be the institution, of images made in its works, and a family may be called like one."""
_TERMS = frozenset(
    {
        "abdomen",
        "axial",
        "brain",
        "breast",
        "chest",
        "derived",
        "head",
        "heart",
        "liver",
        "original",
        "pelvis",
        "phantom",
        "primary",
        "secondary",
        "spine",
        "volume",
        "whole",
    }
)
"""Words of DICOM that are also names; in a code string they are taken for the word."""
_TABLES = (".csv", ".json")
"""Reports: numbers, pseudonyms and fixed words, some of which are also names of people."""
_FILE_WORDS = frozenset({"contact", "deid", "report", "sheet", "sign", "slide"})
_PIXELS = (0x7FE00008, 0x7FE00009, 0x7FE00010)


@dataclass(frozen=True, slots=True, order=True)
class Found:
    """Where an identifier was found, and of which kind it is; never the identifier."""

    file: str
    attribute: str
    """Keyword of the attribute (path through its sequences), `file name`, or `bytes` outside all text."""
    what: str


def scan(
    folder: Path,
    identifiers: Iterable[Identifier],
    *,
    of_file: Mapping[str, Collection[Identifier]] | None = None,
) -> list[Found]:
    """Where under `folder` one of `identifiers` is left; `of_file` adds those of single files, by path in `folder`.

    Case does not matter. Identifiers of one to three characters, or of up to five digits, are looked for as whole
    values only. A date in an attribute of dates is a find only where the same attribute had it: moved dates may fall on
    original ones.
    """
    common, more = Searched.of(identifiers), of_file or {}
    found: set[Found] = set()
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        name = path.relative_to(folder).as_posix()
        searches = [common, *([Searched.of(more[name])] if name in more else [])]
        found |= scan_file(path, searches, name=name)
    return sorted(found)


def scan_file(path: Path, searches: Sequence[Searched], *, name: str) -> set[Found]:
    """Where in the file at `path`, which is called `name`, an identifier of `searches` is left."""
    dicom = _is_dicom(path)
    with understood(path):
        dataset = dcmread(path, force=True, defer_size=CHUNK) if dicom else Dataset()
        values = list(_values(dataset)) if dicom else []
        pixels = _pixels_at(dataset) if dicom else _text_size(path)
    raw: list[set[Identifier]] = [set() for _ in searches]
    for piece in _pieces(path, pixels=pixels):
        for hits, search in zip(raw, searches, strict=True):
            hits |= search.in_bytes(piece)
    found: set[Found] = set()
    for hits, search in zip(raw, searches, strict=True):
        found |= _found(search, values, hits, name=name)
    return found


def _found(search: Searched, values: Sequence["_Value"], raw: set[Identifier], *, name: str) -> set[Found]:
    """What is left by name, by attribute, and in bytes where no attribute explains it."""
    found = {Found(name, "file name", one.what) for one in _in_name(search, name)}
    told: set[Identifier] = set()
    for value in values:
        hits = _hits(search, value)
        told |= search.in_text(value.text) | hits
        found |= {Found(name, value.path, one.what) for one in hits}
    left = raw - told
    if Path(name).suffix in _TABLES:
        left = {one for one in left if not one.text.isalpha()}
    return found | {Found(name, "bytes", one.what) for one in left}


@dataclass(frozen=True, slots=True)
class _Value:
    """A value of an attribute as text."""

    path: str
    keyword: str
    vr: str
    text: str


def _values(dataset: Dataset, within: str = "") -> Iterator[_Value]:
    meta: Any = getattr(dataset, "file_meta", None)
    if meta is not None:
        yield from _values(meta, "file_meta.")
    for tag in list(dataset.keys()):
        if tag in _PIXELS:
            continue
        element = dataset[tag]
        keyword = element.keyword or f"({tag.group:04x},{tag.element:04x})"
        if element.VR == "SQ":
            for item in element.value or ():
                yield from _values(item, f"{within}{keyword}.")
        elif element.VR not in _UNREAD and element.value is not None:
            value = element.value
            several = value if isinstance(value, MultiValue | list) else [value]
            for one in several:
                text = one.decode("latin-1") if isinstance(one, bytes) else str(one)
                yield _Value(within + keyword, keyword, element.VR, text.strip("\0 "))


def _hits(search: Searched, value: _Value) -> set[Identifier]:
    """Identifiers in one value, after what its kind of value allows."""
    if value.path.partition(".")[0] in _OURS:
        return {one for one in search.in_text(value.text) if one.what != "name"}
    if value.vr in ("DA", "DT"):
        return search.as_date(value.keyword, value.text)
    if value.vr in _NUMBERS:
        return {one for one in search.in_text(value.text) if len(one.text) >= _DIGITS and one.what != "date"}
    hits = search.in_text(value.text) | search.as_cell(value.text)
    if value.keyword in _MAKER:
        hits = {one for one in hits if one.what != "institution" and not is_part(one)}
    if value.vr == "CS":
        hits = {one for one in hits if not one.short and one.text.casefold() not in _TERMS}
    return hits


def _in_name(search: Searched, name: str) -> set[Identifier]:
    return {one for one in search.in_text(name) if one.text.casefold() not in _FILE_WORDS}


def _is_dicom(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(132)[128:] == b"DICM"


def _pixels_at(dataset: Dataset) -> int:
    """Byte at which pixels begin; 0 without any."""
    places = [dataset.get_item(tag, keep_deferred=True) for tag in _PIXELS if tag in dataset]
    return min(
        (int(getattr(one, "value_tell", 0) or getattr(one, "file_tell", 0) or 0) for one in places), default=0
    )


def _text_size(path: Path) -> int:
    """Byte at which a file that is not DICOM stops being text."""
    return 0 if path.suffix in _TABLES else 1


def _pieces(path: Path, *, pixels: int) -> Iterator[Piece]:
    """A file in pieces that overlap: text before byte `pixels` (0: everywhere), numbers after it."""
    with path.open("rb") as file:
        place, before = 0, b""
        while chunk := file.read(min(CHUNK, pixels - place) if place < pixels else CHUNK):
            yield Piece.of(before + chunk, numbers=place >= pixels > 0)
            place += len(chunk)
            before = (before + chunk)[-OVERLAP:]
