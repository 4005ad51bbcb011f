"""Pyramidal tiled JPEG TIFF out, laid out as Aperio's SVS, so that readers of slides find levels and scale."""

import struct
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from io import BytesIO
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from ..core.atomic import write_bytes_atomically
from ..core.errors import DataError

Rgb = NDArray[np.uint8]
TILE_PX = 256
SUFFIXES = (".svs", ".tif", ".tiff")
_CODE = {"4:4:4": 0, "4:2:0": 2}
_FACTORS = {"4:4:4": (1, 1), "4:2:0": (2, 2)}
"""How often luminance is sampled for each sample of colour, in Pillow's code and in TIFF's."""
_LABEL_PX, _MACRO_PX = (300, 300), (400, 1000)
_CM_UM = 10_000.0
_JPEG, _YCBCR, _CENTIMETRE = 7, 6, 3
_TEXT, _SHORT, _LONG, _RATIONAL = 2, 3, 4, 5
_FORMAT = {_SHORT: "H", _LONG: "I", _RATIONAL: "I"}
"""Codes of TIFF 6.0 (Adobe, 1992)."""

Field = tuple[int, tuple[int, ...] | bytes]
"""Type and values of a field; both numbers of a rational count as values."""


@dataclass(frozen=True, slots=True)
class _Page:
    """An image of the file: its fields by tag, and its compressed tiles or strip."""

    fields: Mapping[int, Field]
    streams: tuple[bytes, ...]
    tiled: bool


def write_tiled_tiff(
    levels: Sequence[Rgb],
    path: Path,
    *,
    um_per_px: float,
    magnification: float | None = None,
    quality: int = 80,
    subsampling: str = "4:2:0",
    about: str = "SIMULATED",
    label: bool = True,
) -> None:
    """Write `levels` (y, x, 3), finest first, to `path` (.svs, .tif), whole or not at all.

    Each level is tiled and compressed by JPEG at `quality`; `um_per_px` is the pixel of the first one and
    `magnification` that of the objective (by default 10 um over the pixel). The description names `about` and no
    person, time or place; with `label`, an image of the label that bears `about`, and one of the glass. The same
    levels give the same bytes. Fails for levels that do not get coarser by one factor, or whose sizes do not fit.
    """
    _refuse_unfit(levels, path, um_per_px=um_per_px, quality=quality, subsampling=subsampling, about=about)
    power = 10.0 / um_per_px if magnification is None else magnification
    first = _description(levels[0], levels[0], quality=quality, about=about)
    first += f"|AppMag = {power:g}|MPP = {um_per_px:.6g}|Filename = {about}"
    pages = []
    for index, level in enumerate(levels):
        text = first if index == 0 else _description(levels[0], level, quality=quality, about=about)
        scale = um_per_px * levels[0].shape[1] / level.shape[1]
        pages.append(_level(level, text=text, um_per_px=scale, quality=quality, subsampling=subsampling))
    pages.insert(1, _whole(_thumbnail(levels), name="", about=about, quality=quality))
    if label:
        pages.append(_whole(label_image(about), name="label", about=about, quality=quality))
        pages.append(_whole(macro_image(levels[-1], about), name="macro", about=about, quality=quality))
    write_bytes_atomically(path, _file_of(pages, path))


def label_image(about: str) -> Rgb:
    """A label (y, x, 3) that bears `about` and nothing else."""
    image = Image.new("RGB", (_LABEL_PX[1], _LABEL_PX[0]), (250, 250, 245))
    draw = ImageDraw.Draw(image)
    draw.rectangle((6, 6, _LABEL_PX[1] - 7, _LABEL_PX[0] - 7), outline=(40, 40, 40), width=3)
    for row, word in enumerate(about.split()):
        draw.text((24, 40 + 44 * row), word[:18], fill=(30, 30, 30), font_size=32)
    return np.asarray(image, np.uint8)


def macro_image(coarsest: Rgb, about: str) -> Rgb:
    """The glass (y, x, 3) as a camera sees it: the label on the left, the section in the middle."""
    rows, columns = _MACRO_PX
    image = Image.new("RGB", (columns, rows), (232, 232, 230))
    image.paste(Image.fromarray(label_image(about)), (20, (rows - _LABEL_PX[0]) // 2))
    section = Image.fromarray(coarsest)
    section.thumbnail((columns - _LABEL_PX[1] - 120, rows - 80))
    image.paste(section, ((columns + _LABEL_PX[1] - section.width) // 2, (rows - section.height) // 2))
    return np.asarray(image, np.uint8)


def _thumbnail(levels: Sequence[Rgb]) -> Rgb:
    image = Image.fromarray(levels[-1])
    image.thumbnail((1024, 1024))
    return np.asarray(image, np.uint8)


def _description(first: Rgb, level: Rgb, *, quality: int, about: str) -> str:
    """Two lines as Aperio writes them; the first word is what readers know the format by."""
    (h, w), (rows, columns) = first.shape[:2], level.shape[:2]
    size = f"{w}x{h} [0,0 {w}x{h}] ({TILE_PX}x{TILE_PX})"
    smaller = "" if level is first else f" -> {columns}x{rows}"
    return f"Aperio layout, {about}, written by hepar\r\n{size}{smaller} JPEG/YCC Q={quality}"


def _level(level: Rgb, *, text: str, um_per_px: float, quality: int, subsampling: str) -> _Page:
    """A level of the pyramid, tiled."""
    resolution = Fraction(_CM_UM / um_per_px).limit_denominator(10_000)
    fields: dict[int, Field] = {
        282: (_RATIONAL, (resolution.numerator, resolution.denominator)),
        283: (_RATIONAL, (resolution.numerator, resolution.denominator)),
        296: (_SHORT, (_CENTIMETRE,)),
        322: (_SHORT, (TILE_PX,)),
        323: (_SHORT, (TILE_PX,)),
    }
    streams = tuple(_encoded_tiles(level, quality=quality, code=_CODE[subsampling]))
    return _Page(_common(level, text, factors=_FACTORS[subsampling]) | fields, streams, tiled=True)


def _whole(image: Rgb, *, name: str, about: str, quality: int) -> _Page:
    """An image that belongs to the slide, in one strip: the thumbnail, or the one called `name`."""
    rows, columns = image.shape[:2]
    text = f"Aperio layout, {about}, written by hepar\r\n{name}{' ' if name else '-> '}{columns}x{rows}"
    kind = {"": 0, "label": 1, "macro": 9}[name]
    fields: dict[int, Field] = {254: (_LONG, (kind,)), 278: (_LONG, (rows,))}
    return _Page(
        _common(image, text, factors=(2, 2)) | fields, (_jpeg(image, quality=quality, code=2),), tiled=False
    )


def _common(image: Rgb, text: str, *, factors: tuple[int, int]) -> dict[int, Field]:
    """Fields that every image of the file has."""
    rows, columns = image.shape[:2]
    return {
        254: (_LONG, (0,)),
        256: (_LONG, (columns,)),
        257: (_LONG, (rows,)),
        258: (_SHORT, (8, 8, 8)),
        259: (_SHORT, (_JPEG,)),
        262: (_SHORT, (_YCBCR,)),
        270: (_TEXT, text.encode("ascii") + b"\0"),
        277: (_SHORT, (3,)),
        284: (_SHORT, (1,)),
        530: (_SHORT, factors),
    }


def _file_of(pages: Sequence[_Page], path: Path) -> bytes:
    """The bytes of a TIFF file: for each page its streams, then its directory, to which the one before points."""
    found = bytearray(b"II*\0\0\0\0\0")
    pointer = 4
    for page in pages:
        offsets = []
        for stream in page.streams:
            offsets.append(len(found))
            found += stream + b"\0" * (len(stream) % 2)
        if len(found) > 0xF000_0000:
            raise DataError(f"{path}: the slide needs more than the 4 GB of a TIFF file; write a smaller one")
        where, sizes = (324, 325) if page.tiled else (273, 279)
        ours: dict[int, Field] = {
            where: (_LONG, tuple(offsets)),
            sizes: (_LONG, tuple(len(stream) for stream in page.streams)),
        }
        struct.pack_into("<I", found, pointer, len(found))
        directory = _directory(dict(page.fields) | ours, start=len(found))
        pointer = len(found) + 2 + 12 * (len(page.fields) + 2)
        found += directory
    return bytes(found)


def _directory(fields: Mapping[int, Field], *, start: int) -> bytes:
    """A directory of fields at byte `start`; what is longer than 4 bytes follows it."""
    entries, rest = bytearray(struct.pack("<H", len(fields))), bytearray()
    after = start + 2 + 12 * len(fields) + 4
    for tag in sorted(fields):
        kind, values = fields[tag]
        data = values if isinstance(values, bytes) else struct.pack(f"<{len(values)}{_FORMAT[kind]}", *values)
        count = len(values) // 2 if kind == _RATIONAL else len(values)
        entries += struct.pack("<HHI", tag, kind, count)
        if len(data) <= 4:
            entries += data.ljust(4, b"\0")
        else:
            entries += struct.pack("<I", after + len(rest))
            rest += data + b"\0" * (len(data) % 2)
    return bytes(entries + struct.pack("<I", 0) + rest)


def _encoded_tiles(level: Rgb, *, quality: int, code: int) -> Iterator[bytes]:
    """JPEG streams of the tiles, row by row; those at the far edges repeat their last pixels."""
    for top in range(0, level.shape[0], TILE_PX):
        for left in range(0, level.shape[1], TILE_PX):
            tile = level[top : top + TILE_PX, left : left + TILE_PX]
            lacking = [(0, TILE_PX - n) for n in tile.shape[:2]]
            yield _jpeg(np.pad(tile, (*lacking, (0, 0)), mode="edge"), quality=quality, code=code)


def _jpeg(image: Rgb, *, quality: int, code: int) -> bytes:
    buffer = BytesIO()
    Image.fromarray(image).save(buffer, "JPEG", quality=quality, subsampling=code)
    return buffer.getvalue()


def _refuse_unfit(
    levels: Sequence[Rgb], path: Path, *, um_per_px: float, quality: int, subsampling: str, about: str
) -> None:
    if path.suffix.lower() not in SUFFIXES:
        raise DataError(f"{path}: name a slide {' or '.join(SUFFIXES)}")
    if not (np.isfinite(um_per_px) and um_per_px > 0):
        raise DataError(f"{path}: a pixel of {um_per_px} um has no size; give a positive number (um_per_px)")
    if not 1 <= quality <= 100 or subsampling not in _CODE:
        raise DataError(
            f"{path}: JPEG quality {quality} with subsampling {subsampling!r} is not possible; give 1 to 100 and one"
            f" of {', '.join(_CODE)}"
        )
    if not about.isascii() or not about.isprintable() or not about.strip() or "|" in about:
        raise DataError(f"{path}: {about!r} cannot be a description; give printable ASCII without | (about)")
    _refuse_levels(levels, path)


def _refuse_levels(levels: Sequence[Rgb], path: Path) -> None:
    if not levels:
        raise DataError(f"{path}: a slide has at least one level; give the picture at full resolution")
    for level in levels:
        if level.ndim != 3 or level.shape[2] != 3 or level.dtype != np.uint8 or min(level.shape) < 1:
            raise DataError(
                f"{path}: a level of shape {level.shape} and type {level.dtype} is no picture; give (y, x, 3) of uint8"
            )
    for finer, coarser in pairwise(levels):
        ratios = [a / b for a, b in zip(finer.shape[:2], coarser.shape[:2], strict=True)]
        if min(ratios) < 1.5 or abs(ratios[0] - ratios[1]) > 0.05 * max(ratios):
            raise DataError(
                f"{path}: the level {coarser.shape[:2]} cannot follow {finer.shape[:2]}; levels get coarser by the same"
                " factor in both directions, at least 1.5"
            )
