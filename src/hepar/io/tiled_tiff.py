"""Pyramidal tiled JPEG TIFF out, laid out as Aperio's SVS, so that readers of slides find levels and scale."""

from collections.abc import Iterator, Sequence
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import tifffile
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from ..core.atomic import write_bytes_atomically
from ..core.errors import DataError

Rgb = NDArray[np.uint8]
TILE_PX = 256
SUFFIXES = (".svs", ".tif", ".tiff")
BIG_BYTES = 1 << 31
"""Pixels beyond this are written as BigTIFF: a plain one holds 4 GiB, and JPEG may fail to shrink noise."""
_SUBSAMPLING = {"4:4:4": (0, (1, 1)), "4:2:0": (2, (2, 2))}
_LABEL_PX, _MACRO_PX = (300, 300), (400, 1000)
_CM_UM = 10_000.0


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
    buffer = BytesIO()
    big = sum(level.nbytes for level in levels) > BIG_BYTES
    with tifffile.TiffWriter(buffer, bigtiff=big, byteorder="<") as file:
        for index, level in enumerate(levels):
            text = first if index == 0 else _description(levels[0], level, quality=quality, about=about)
            scale = um_per_px * levels[0].shape[1] / level.shape[1]
            _write_level(file, level, text=text, um_per_px=scale, quality=quality, subsampling=subsampling)
            if index == 0:
                _write_whole(file, _thumbnail(levels), name="", about=about, quality=quality)
        if label:
            _write_whole(file, label_image(about), name="label", about=about, quality=quality)
            _write_whole(file, macro_image(levels[-1], about), name="macro", about=about, quality=quality)
    write_bytes_atomically(path, buffer.getvalue())


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


def _write_level(
    file: tifffile.TiffWriter, level: Rgb, *, text: str, um_per_px: float, quality: int, subsampling: str
) -> None:
    code, tag = _SUBSAMPLING[subsampling]
    file.write(
        _encoded_tiles(level, quality=quality, code=code),
        tile=(TILE_PX, TILE_PX),
        subsampling=tag,
        description=text,
        resolution=(_CM_UM / um_per_px, _CM_UM / um_per_px),
        resolutionunit="CENTIMETER",
        **_common(level),
    )


def _common(level: Rgb) -> dict[str, Any]:
    """What every image of the file is written with."""
    return {
        "shape": level.shape,
        "dtype": np.uint8,
        "photometric": "rgb",
        "compression": "jpeg",
        "metadata": None,
        "software": False,
    }


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


def _write_whole(file: tifffile.TiffWriter, image: Rgb, *, name: str, about: str, quality: int) -> None:
    """An image that belongs to the slide, in one strip: the thumbnail, or the one called `name`."""
    rows, columns = image.shape[:2]
    stream = iter([_jpeg(image, quality=quality, code=2)])
    text = f"Aperio layout, {about}, written by hepar\r\n{name}{' ' if name else '-> '}{columns}x{rows}"
    kind = {"": 0, "label": 1, "macro": 9}[name]
    file.write(
        stream, rowsperstrip=rows, subsampling=(2, 2), description=text, subfiletype=kind, **_common(image)
    )


def _refuse_unfit(
    levels: Sequence[Rgb], path: Path, *, um_per_px: float, quality: int, subsampling: str, about: str
) -> None:
    if path.suffix.lower() not in SUFFIXES:
        raise DataError(f"{path}: name a slide {' or '.join(SUFFIXES)}")
    if not (np.isfinite(um_per_px) and um_per_px > 0):
        raise DataError(f"{path}: a pixel of {um_per_px} um has no size; give a positive number (um_per_px)")
    if not 1 <= quality <= 100 or subsampling not in _SUBSAMPLING:
        raise DataError(
            f"{path}: JPEG quality {quality} with subsampling {subsampling!r} is not possible; give 1 to 100 and one"
            f" of {', '.join(_SUBSAMPLING)}"
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
