"""From tissue and cells to concentrations of dyes, strip by strip, so that a slide needs little memory."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .biology import Biology
from .camera import HALO
from .cells import Bank, Cell, bank
from .placement import Cells, tumour_sized
from .stroma import SIZE, Textures, looked_up, textures
from .tissue import STEP_UM, Plane, Tissue

STRIP = 64
"""Rows painted at a time."""
_PAINTED = (
    "section", "epithelium", "lumen", "normal", "necrosis", "mucus", "void", "cleft", "muscle", "fibre", "tone",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Picture:
    """Size (rows, columns) and scale of a picture, and where (y, x) in the textures it begins."""

    size_px: tuple[int, int]
    um_per_px: float
    blur_um: float
    start_px: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Painter:
    """What strips are painted from: the tissue, and the textures of the scanner."""

    picture: Picture
    tissue: Tissue
    textures: Textures
    tightness: float


def painter(tissue: Tissue, picture: Picture, *, tightness: float) -> Painter:
    """A painter of `picture`, in which fibres thinner than `tightness` (SDs of their texture) gape."""
    table = textures(um_per_px=picture.um_per_px, blur_um=picture.blur_um)
    return Painter(picture, tissue, table, tightness)


def _sampled(tissue: Tissue, picture: Picture, rows: NDArray[np.intp]) -> dict[str, Plane]:
    """The fields that are painted, linear between the points of the lattice, at `rows` of the picture."""
    row, down = _between((rows + 0.5) * picture.um_per_px, tissue.window.origin_um[0])
    place = (np.arange(picture.size_px[1]) + 0.5) * picture.um_per_px
    column, right = _between(place, tissue.window.origin_um[1])
    first = int(row[0])
    found = {}
    for name in _PAINTED:
        near: Plane = getattr(tissue, name)[first : int(row[-1]) + 2]
        left = np.take(near, column, axis=1)
        left += right * (np.take(near, column + 1, axis=1) - left)
        above = left[row - first]
        above += down[:, None] * (left[row + 1 - first] - above)
        found[name] = above
    return found


def _between(place_um: NDArray[np.floating], origin_um: float) -> tuple[NDArray[np.intp], Plane]:
    """Index of the lattice's point before each place, and the weight of the one after."""
    scaled = (place_um - origin_um) / STEP_UM
    index = np.floor(scaled).astype(np.intp)
    return index, (scaled - index).astype(np.float32)


def strips(painter: Painter, cells: Cells, *, biology: Biology) -> Iterator[tuple[int, Plane]]:
    """First row and concentrations (3, rows, columns) of each strip, which has `HALO` rows more on either side."""
    banks = {
        kind: _bank(kind, painter.picture, biology=biology)
        for kind in Cell
        if bool((cells.kind == kind).any())
    }
    for first in range(0, painter.picture.size_px[0], STRIP):
        rows = np.arange(first - HALO, min(first + STRIP, painter.picture.size_px[0]) + HALO)
        canvas = _ground(painter, rows)
        _paint_cells(canvas, cells, banks, first=first - HALO, um_per_px=painter.picture.um_per_px)
        yield first, canvas


def _bank(kind: Cell, picture: Picture, *, biology: Biology) -> Bank:
    scale = {"um_per_px": picture.um_per_px, "blur_um": picture.blur_um}
    if not tumour_sized(kind):
        return bank(kind, **scale)
    size = round(biology.nucleus_um / 10.0 / 0.04) * 0.04  # banks are shared by patients alike
    return bank(kind, **scale, size=size, spread=round(biology.pleomorphism / 0.03) * 0.03)


def _edge(level: Plane, sharp_um: float) -> Plane:
    """Coverage 0 to 1 of a pixel, by the level at its middle."""
    found = level * np.float32(1 / sharp_um)
    found += 0.5
    np.clip(found, 0, 1, out=found)
    return found


def _blend(canvas: Plane, cover: Plane, *, haematoxylin: Plane | float, eosin: Plane | float) -> None:
    """Lay a tissue of these concentrations over the canvas, in place."""
    for plane, over in zip(canvas[:2], (haematoxylin, eosin), strict=True):
        plane += cover * (over - plane)


def _ground(painter: Painter, rows: NDArray[np.intp]) -> Plane:
    """Everything but the cells."""
    picture, table = painter.picture, painter.textures
    at = _sampled(painter.tissue, picture, rows)
    y = (rows + picture.start_px[0]) & (SIZE - 1)
    x = (np.arange(picture.size_px[1]) + picture.start_px[1]) & (SIZE - 1)
    grain, clumps = table.grain[y][:, x], table.clumps[y][:, x]
    sharp = 2.5 * float(np.hypot(picture.blur_um, 0.3 * picture.um_per_px))
    canvas = np.zeros((3, len(rows), picture.size_px[1]), np.float32)
    along = _along(rows, picture) + 350 * at["tone"]
    at["fibre"] += 3.0 * clumps * (1 - 0.6 * at["muscle"])
    fibres = _fibres(at, painter.textures, along_um=along)
    _stroma(canvas, at, fibres=fibres, grain=grain, loose=0.35 * clumps + painter.tightness)
    _blend(canvas, _edge(at["void"], sharp), haematoxylin=0.0, eosin=0.02)
    rough = at["epithelium"] + 0.5 * clumps
    _blend(canvas, _edge(np.minimum(rough + at["cleft"], -rough), sharp), haematoxylin=0.0, eosin=0.02)
    _cytoplasm(canvas, _edge(rough, sharp), at, grain=grain, clumps=clumps)
    inner = _edge(np.minimum(at["lumen"] + 1.1 * clumps + 0.25 * grain, rough), sharp)
    _contents(canvas, inner, at, grain=grain, clumps=clumps, fibres=fibres)
    canvas[:2] *= at["tone"] * _edge(at["section"] + 1.5 * clumps, sharp)
    np.maximum(canvas, 0, out=canvas)
    return canvas


def _along(rows: NDArray[np.intp], picture: Picture) -> Plane:
    """Coordinate along the fibres: oblique, so that it changes on contours of any direction."""
    y = (rows + picture.start_px[0])[:, None] * picture.um_per_px
    x = (np.arange(picture.size_px[1]) + picture.start_px[1]) * picture.um_per_px
    return np.asarray(0.83 * x + 0.56 * y, np.float32)


def _fibres(at: dict[str, Plane], table: Textures, *, along_um: Plane) -> Plane:
    """Fibres along the contours of the height, those of muscle where there is some."""
    return looked_up(
        table.fibres,
        height_um=at["fibre"],
        along_um=along_um,
        um=table.fibre_um,
        other=table.muscle,
        choose=at["muscle"] > 0.5,
    )


def _stroma(canvas: Plane, at: dict[str, Plane], *, fibres: Plane, grain: Plane, loose: Plane) -> None:
    """Collagen, or muscle where there is some, with thin gaps between fibres."""
    muscle = at["muscle"]
    gap = np.clip((fibres + loose + 1.1 * muscle) * 1.3, 0.12, 1)
    canvas[1] = (0.47 + 0.27 * muscle + (0.13 - 0.06 * muscle) * fibres + 0.04 * grain) * gap
    canvas[0] = (0.10 + 0.04 * fibres + 0.07 * grain) * gap


def _cytoplasm(canvas: Plane, cover: Plane, at: dict[str, Plane], *, grain: Plane, clumps: Plane) -> None:
    """Cytoplasm of glands: purple in the tumour, paler in normal crypts, redder towards the lumen."""
    apical = np.exp(-np.abs(at["lumen"] + 2) / 4)
    vacuole = 1 - 0.13 * clumps - 0.5 * np.clip(clumps - 1.5, 0, 0.8)
    _blend(
        canvas,
        cover,
        haematoxylin=(0.46 - 0.14 * at["normal"] + 0.13 * grain - 0.12 * apical) * vacuole,
        eosin=(0.44 + 0.06 * grain + 0.16 * apical) * vacuole,
    )


def _contents(
    canvas: Plane, cover: Plane, at: dict[str, Plane], *, grain: Plane, clumps: Plane, fibres: Plane
) -> None:
    """What lumina hold: necrosis, mucus, or next to nothing."""
    dead, mucus = at["necrosis"], at["mucus"]
    torn = np.clip((clumps + 0.35 * grain + 1.7) * 0.7, 0.1, 1)
    veil = np.clip(fibres - 1.3, 0, 1)
    little = 0.02 + 0.05 * np.maximum(clumps, 0)
    _blend(
        canvas,
        cover,
        haematoxylin=dead * torn * (0.16 + 0.07 * grain) + mucus * (0.07 + 0.22 * veil + 0.02 * clumps),
        eosin=dead * torn * (0.55 + 0.17 * grain) + mucus * (0.05 + 0.25 * veil) + little,
    )


def _paint_cells(
    canvas: Plane, cells: Cells, banks: dict[Cell, Bank], *, first: int, um_per_px: float
) -> None:
    """Paint the cells that touch the strip, in their order."""
    height, width = canvas.shape[1:]
    place = np.rint(cells.places_um / um_per_px - 0.5).astype(int)
    reach = max((found.keep.shape[-1] // 2 for found in banks.values()), default=0)
    near = (place[:, 0] >= first - reach) & (place[:, 0] < first + height + reach)
    for index in np.flatnonzero(near):
        found = banks[Cell(int(cells.kind[index]))]
        keep = found.keep[cells.variant[index], cells.angle[index]]
        add = found.add[cells.variant[index], cells.angle[index]]
        half = keep.shape[-1] // 2
        top, left = int(place[index, 0]) - half - first, int(place[index, 1]) - half
        y0, x0 = max(-top, 0), max(-left, 0)
        y1, x1 = min(2 * half + 1, height - top), min(2 * half + 1, width - left)
        if y0 < y1 and x0 < x1:
            patch = canvas[:, top + y0 : top + y1, left + x0 : left + x1]
            patch *= keep[:, y0:y1, x0:x1]
            patch += add[:, y0:y1, x0:x1]
