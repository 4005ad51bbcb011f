"""Text that somebody typed over a picture of ultrasound, found by what tells drawn letters from speckle."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from .glyphs import Mask, Row, rows_of
from .planes import BRIGHTEST, Plane, Planes
from .regions import Box

BLOCK = 8
"""Frames that are looked at together; what is shown for twice as long fills a block."""
WINDOW = 13
"""Pixels wider than a stroke: what an opening by such a square takes away is narrow."""
OUT = 40
"""Levels by which a stroke lies above what is left of that opening."""
LEVELS, DARK, COLOURS = (96, 128, 160, 192, 224), (208,), (48, 96, 160)
"""Lowest levels of letters that are bright, darker than all around them, and coloured."""
PAIRS, CANDIDATES, AROUND, SPIKE, COLOURED = 24, 4, 13, 3, 24
"""Values that may be those of letters: by pairs of neighbours of the same value, as many as the values around have,
thrice and more."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a row of letters in a layer must have: so many with so large a step, or more with a smaller one."""

    few: float
    few_step: float
    many: float
    many_step: float


LIMITS = {
    "bright": Limits(3, 60, 5, 45),
    "exact": Limits(3, 40, 4, 12),
    "colour": Limits(5, 60, 7, 42),
    "dark": Limits(6, 60, 6, 60),
}
LIMITS_OF_LEAST = LIMITS | {"bright": Limits(3, 60, 3, 60)}
"""Those of the least of several frames, in which what is left of speckle has sharper borders, and text has, too."""
FLAT, OF_ONE_VALUE, ALIGNED_OF_ONE = 4, Limits(3, 40, 3, 40), 0.65
"""Spread of letters that have one value, which measured things have not, and what a row of them must have."""
SCALE, MARKS = 0.9, 6
"""Part of bars, and number of them, of a scale."""
ALIGNED, STROKES, SPREAD, PEAKS, SHAPES, BARS = 0.7, 0.35, 45, 40, 0.05, 0.7
"""Least part on a line; most variation of strokes, spread, and range of peaks; least variation of areas; most bars."""


@dataclass(frozen=True, slots=True)
class Typed:
    """Where text was found: the first, from 1, of the frames that hold it, and the box of a row of letters."""

    frame: int
    box: Box


def typed_text(frames: Iterable[Planes]) -> Typed | None:
    """Where something looks like text in `frames`; None where nothing does, which is no proof that there is none.

    Of every eight frames the least that each pixel gets is looked at: there speckle, which moves, is dark, and what is
    drawn stays. Text that is shown for a shorter time may be missed.
    """
    for number, (least, several) in enumerate(_blocks(frames)):
        limits = LIMITS_OF_LEAST if several else LIMITS
        seen = list(rows(least))
        scales = [row.box for _, row in seen if row.bars > SCALE and row.letters >= MARKS]
        for layer, row in seen:
            if is_text(row, limits[layer]) and not any(_lies_in(row.box, scale) for scale in scales):
                return Typed(number * BLOCK + 1, row.box)
    return None


def _blocks(frames: Iterable[Planes]) -> Iterator[tuple[Planes, bool]]:
    """The least of each eight frames, and of the rest but a single one; and whether it is of several."""
    least, count, first = None, 0, True
    for frame in frames:
        least = frame if least is None else least.darkest(frame)
        count += 1
        if count == BLOCK:
            yield least, True
            least, count, first = None, 0, False
    if least is not None and (count > 1 or first):
        yield least, count > 1


def is_text(row: Row, limits: Limits) -> bool:
    """Whether a row of letters is more than chance."""
    flat = row.spread <= FLAT and row.peaks <= FLAT
    enough = _enough(row, limits) or (flat and _enough(row, OF_ONE_VALUE))
    even = row.spread <= SPREAD and row.peaks <= PEAKS and row.strokes <= STROKES
    aligned = row.aligned >= (ALIGNED_OF_ONE if flat else ALIGNED)
    return enough and even and aligned and row.shapes >= SHAPES and row.bars <= BARS


def _enough(row: Row, limits: Limits) -> bool:
    few = row.letters >= limits.few and row.step >= limits.few_step
    return few or (row.letters >= limits.many and row.step >= limits.many_step)


def _lies_in(box: Box, scale: Box) -> bool:
    """Whether most of `box` lies in `scale`: marks of a scale, with speckle that touches them."""
    rows_of = min(box.bottom, scale.bottom) - max(box.top, scale.top)
    columns_of = min(box.right, scale.right) - max(box.left, scale.left)
    return 2 * max(rows_of, 0) * max(columns_of, 0) > box.area


def rows(planes: Planes) -> Iterator[tuple[str, Row]]:
    """Rows of letters, each with the name of the layer that it was found in."""
    for name, level, mask in _layers(planes):
        least = min(LIMITS[name].many_step, 40)
        if np.count_nonzero(mask) >= PAIRS:
            for row in rows_of(level, mask, colour=planes.middle, least_step=least):
                yield name, row


def _layers(planes: Planes) -> Iterator[tuple[str, Plane, Mask]]:
    grey, colour, dark = planes.grey, planes.colour, BRIGHTEST - planes.grey
    for name, level, least in (("bright", grey, LEVELS), ("colour", colour, COLOURS), ("dark", dark, DARK)):
        if int(level.max()) >= min(least):
            narrow = level - opened(level) >= OUT
            for lowest in least:
                yield name, level, narrow & (level >= lowest)
    values = grey.astype(np.uint16) << 8 | np.where(colour > COLOURED, colour, 0)
    for value in _drawn_values(values):
        yield "exact", grey, values == value


def _drawn_values(values: np.ndarray) -> list[int]:
    """Values that have far more neighbours of the same value than those around them: drawn ones, not measured."""
    same = values[:, 1:] == values[:, :-1]
    pairs = np.bincount(values[:, 1:][same], minlength=1 << 16)
    pairs[0] = 0
    grey = pairs[::256]
    grey[grey <= SPIKE * ndimage.median_filter(grey, AROUND)] = 0
    best = np.argsort(pairs)[: -CANDIDATES - 1 : -1]
    return [int(value) for value in best if pairs[value] >= PAIRS]


def opened(level: Plane) -> Plane:
    """Grey opening of `level` by a square: without what is narrower and brighter than all around (Serra 1982)."""
    if min(level.shape) < WINDOW:
        return np.zeros_like(level)
    for axis in (0, 1):
        level = _windows(level, axis=axis, least=True)
    for axis in (0, 1):
        edges = [(0, 0), (0, 0)]
        edges[axis] = (WINDOW - 1, WINDOW - 1)
        level = _windows(np.pad(level, edges), axis=axis, least=False)
    return level


def _windows(level: Plane, *, axis: int, least: bool) -> Plane:
    """The least, or largest, of each window of `WINDOW` pixels along `axis`, by windows of twice the size each time."""
    take = np.minimum if least else np.maximum
    along = np.moveaxis(level, axis, 0)
    done = 1
    while done < WINDOW:
        step = min(done, WINDOW - done)
        along = take(along[:-step], along[step:])
        done += step
    return np.moveaxis(along, 0, axis)
