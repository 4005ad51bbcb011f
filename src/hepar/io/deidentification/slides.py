"""Whole-slide images in TIFF without label, macro image and identifying text; the tiles stay byte for byte."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

from ...core.errors import DataError
from .jpeg_text import HEAD_BYTES, holds_text
from .tiff_layout import Field, Page, read_pages, write_pages

SUFFIXES = (".svs", ".tif", ".tiff")
REFUSED = {
    ".ndpi": "Hamamatsu NDPI keeps its macro image and the scanner's serial number in fields of its own",
    ".vms": "Hamamatsu VMS keeps its label in a file of its own that an index names",
    ".vmu": "Hamamatsu VMU keeps its label in a file of its own that an index names",
    ".mrxs": "MIRAX keeps its label among the data files of a folder",
    ".scn": "Leica SCN keeps names and label in its XML",
    ".bif": "Ventana BIF keeps barcode and label in its XML",
    ".czi": "Zeiss CZI keeps label and names in attachments",
    ".isyntax": "Philips iSyntax keeps label and barcode in its XML",
    ".zvi": "Zeiss ZVI is not read",
    ".vsi": "Olympus VSI keeps label and names in a folder beside it",
    ".svslide": "Sakura SVSLIDE keeps its label in a database",
    ".dcx": "is not read",
}
"""Formats of slides that cannot be cleaned here, and why."""
KEPT = frozenset(
    {
        *range(254, 260),
        262,
        266,
        273,
        274,
        *range(277, 280),
        *range(282, 285),
        296,
        317,
        320,
        *range(322, 326),
        338,
        339,
        347,
        *range(512, 515),
        *range(530, 533),
        32997,
        34675,
    }
) - {255}
"""Fields that say how pixels are stored, how large they are and what colour they mean; no other one is passed on."""
DESCRIPTION, SUB_IMAGES, JPEG_TABLES = 270, 330, 347
_FOREIGN = {65420: ".ndpi"}
"""Fields by which formats tell that are read as TIFF."""
_APERIO_NUMBERS = re.compile(r"\|\s*(AppMag|MPP)\s*=\s*([0-9.]+)\s*(?=\||$)")
_APERIO_SIZE = re.compile(
    r"\d+x\d+ (?:\[[\d, x]+\] )?(?:\(\d+x\d+\) )?(?:-> \d+x\d+ )?(?:J2K|JPEG|LZW|Raw)(?:/[A-Za-z]{3,5})?(?: Q=\d+)?"
)
_ASPECT = 0.02
"""Levels of one pyramid differ in aspect by rounding only."""
_NAMED = re.compile(r"\b(label|macro)\b", re.I)
_ASCII = 2


@dataclass(frozen=True, slots=True)
class Stripped:
    """What was left out of a slide."""

    levels: int
    dropped: tuple[str, ...]
    """What each image left out was, `label`, `macro` or `other image`."""
    texts: tuple[str, ...]
    """Texts of the file, which may hold names, for a search; not to be shown."""


def refused_format(path: Path) -> str:
    """Why the slide at `path` cannot be cleaned; empty where it can, or is none."""
    return REFUSED.get(path.suffix.lower(), "")


def is_slide(path: Path) -> bool:
    """Whether the name is that of a slide that can be cleaned."""
    return path.suffix.lower() in SUFFIXES


def strip_slide(source: Path, target: Path) -> Stripped:
    """Write the pyramid of the slide at `source` to the new file `target`, and nothing else of it.

    Kept are tiled images of one aspect with fields that say how pixels are stored; of Aperio's description, the size,
    magnification and micrometres per pixel.

    Raises:
        DataError: it is no tiled TIFF, is of a format that cannot be cleaned, is damaged, or its tiles hold text.
    """
    with source.open("rb") as file:
        pages = read_pages(file)
        _refuse_unknown(pages)
        kept = [page for page in pages if _is_level(page, pages[0])]
        for page in kept:
            _refuse_text_in_tiles(file, page)
        with target.open("xb") as out:
            write_pages(file, [_plain(page) for page in kept], out)
    dropped = tuple(_kind(page) for page in pages if not _is_level(page, pages[0]))
    return Stripped(len(kept), dropped, tuple(_texts(pages)))


def _refuse_unknown(pages: Sequence[Page]) -> None:
    first = pages[0]
    foreign = next((suffix for tag, suffix in _FOREIGN.items() if tag in first.fields), None)
    if foreign is not None:
        raise DataError(REFUSED[foreign])
    if first.text(DESCRIPTION).lstrip("\ufeffï»¿ ").startswith("<"):
        raise DataError(
            "its description is XML (OME, Philips, Leica, Ventana), which holds the pyramid and names alike"
        )
    if not first.tiled or 0 in first.shape:
        raise DataError("its first image is not tiled: it is no whole-slide image that is known")
    if any(SUB_IMAGES in page.fields for page in pages):
        raise DataError("keeps images inside images, which are not read")


def _is_level(page: Page, first: Page) -> bool:
    """Whether it is of the pyramid: tiled, as wide for its height as the first, and not called label or macro."""
    (rows, columns), (height, width) = page.shape, first.shape
    if not page.tiled or 0 in page.shape or _NAMED.search(page.text(DESCRIPTION)):
        return page is first
    slack = _ASPECT + 1.0 / min(rows, columns)
    return rows <= height and abs(rows * width / (columns * height) - 1) < slack


def _kind(page: Page) -> str:
    named = _NAMED.search(page.text(DESCRIPTION))
    return named[1].lower() if named else "other image"


def _plain(page: Page) -> Page:
    """The page with the fields that may stay."""
    fields = {tag: field for tag, field in page.fields.items() if tag in KEPT}
    text = page.text(DESCRIPTION)
    if text.startswith("Aperio"):
        size = _APERIO_SIZE.search(text)
        numbers = "".join(f"|{name} = {value}" for name, value in _APERIO_NUMBERS.findall(text))
        plain = f"Aperio layout, de-identified\r\n{size[0].strip() if size else ''}{numbers}"
        fields[DESCRIPTION] = Field(_ASCII, plain.encode("ascii") + b"\0")
    return replace(page, fields=fields)


def _texts(pages: Sequence[Page]) -> Iterator[str]:
    for page in pages:
        for tag, field in page.fields.items():
            if field.kind == _ASCII:
                yield page.text(tag)


def _refuse_text_in_tiles(file: BinaryIO, page: Page) -> None:
    """Refuse tiles of JPEG that carry a comment or other text before their picture."""
    for head in _heads(file, page):
        if holds_text(head):
            raise DataError("a tile of it holds text (a comment or Exif) beside its picture")


def _heads(file: BinaryIO, page: Page) -> Iterator[bytes]:
    """What a stream of JPEG begins with, of the tables all tiles share and of each tile."""
    if JPEG_TABLES in page.fields:
        yield page.fields[JPEG_TABLES].data
    for place, length in page.streams:
        file.seek(place)
        yield file.read(min(length, HEAD_BYTES))
