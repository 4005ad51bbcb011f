"""Pieces of a picture that look like drawn letters, and rows of them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from scipy.sparse.csgraph import connected_components

from .planes import Plane
from .regions import Box

Mask = NDArray[np.bool_]
Numbers = NDArray[np.float64]
LOWEST, HIGHEST = 5, 72
"""Rows of a letter."""
WIDEST = 3.0
"""Columns of a piece by its rows: letters that touch are one piece."""
NARROW = 0.4
"""Columns of an upright line by its rows: an I is one."""
THICKEST = 0.36
"""Stroke of a letter by its rows; that of a disk is 0.39, of a square 0.5."""
GAP, TALLER, BESIDE, PEAKS = 1.0, 1.9, 0.5, 32
"""Letters of a row: columns between two by the rows of the higher, rows of the higher by those of the other, the part
of the lower one's rows that lies beside the other, and the difference of their levels."""
OVER = -0.3
"""As a gap: letters that lean over the next one."""
MOST = 1500
"""Pieces that are looked at; a picture with more is noise."""
FEWEST = 3
"""Letters of a row."""


@dataclass(frozen=True, slots=True)
class Pieces:
    """Connected pieces of a mask, one entry each."""

    top: Numbers
    left: Numbers
    bottom: Numbers
    right: Numbers
    stroke: Numbers
    """Width of a line of the same area and border: twice the area by the number of edges of pixels on the border."""
    area: Numbers
    peak: Numbers
    spread: Numbers
    """Highest level; and standard deviation of all, or of the colour where that is larger."""
    step: Numbers
    """Mean difference of level across the edges of pixels on the border."""

    @property
    def height(self) -> Numbers:
        """Rows."""
        return self.bottom - self.top

    @property
    def width(self) -> Numbers:
        """Columns."""
        return self.right - self.left

    def where(self, kept: Any) -> "Pieces":
        """Those of `kept`, a mask or indices."""
        return Pieces(*(getattr(self, name)[kept] for name in self.__slots__))


@dataclass(frozen=True, slots=True)
class Row:
    """Letters beside one another, and what tells them from speckle."""

    box: Box
    letters: float
    """Pieces, each counted as its width by its height, since letters may touch."""
    step: float
    spread: float
    peaks: float
    """Mean step and spread of the pieces, and the range of their peaks."""
    shapes: float
    """Coefficient of variation of their areas: 0 for marks of a scale."""
    aligned: float
    """The part of them whose upper, or lower, ends are on a line."""
    strokes: float
    """Coefficient of variation of their strokes."""
    bars: float
    """The part of them that are upright lines, as the marks of a scale are."""


def rows_of(level: Plane, mask: Mask, *, colour: Plane, least_step: float) -> Iterator[Row]:
    """Rows of three pieces of `mask` and more that look like letters and step out of the `level` around them.

    Drawn letters are pieces of like stroke and level on a line (Epshtein, Ofek & Wexler 2010); those of speckle are
    neither, and their borders are as soft as the beam is wide.
    """
    pieces = pieces_of(level, mask, colour=colour)
    pieces = pieces.where(
        (pieces.stroke <= np.maximum(THICKEST * pieces.height, 1)) & (pieces.step >= least_step)
    )
    if FEWEST <= len(pieces.top) <= MOST:
        row = connected_components(_beside(pieces), directed=False)[1]
        for k in np.flatnonzero(np.bincount(row) >= FEWEST):
            yield _row(pieces.where(row == k))


def pieces_of(level: Plane, mask: Mask, *, colour: Plane) -> Pieces:
    """Connected pieces (8 neighbours) of `mask` of the size of letters, measured on `level`, and `colour` beside it."""
    labels, n = ndimage.label(mask, structure=np.ones((3, 3)))
    at = np.flatnonzero(labels)
    own = labels.ravel()[at] - 1
    order = np.argsort(own, kind="stable")
    at, own = at[order], own[order]
    starts = np.searchsorted(own, np.arange(n))
    if not n:
        return Pieces(*(np.zeros(0) for _ in Pieces.__slots__))
    y, x = np.divmod(at, mask.shape[1])
    (top, left), (bottom, right) = (
        (np.minimum.reduceat(y, starts), np.minimum.reduceat(x, starts)),
        (np.maximum.reduceat(y, starts) + 1, np.maximum.reduceat(x, starts) + 1),
    )
    height, width = bottom - top, right - left
    kept = (height >= LOWEST) & (height <= HIGHEST) & (width <= WIDEST * height)
    ends = (np.asarray(end[kept], float) for end in (top, left, bottom, right))
    chosen = kept[own]
    return Pieces(
        *ends, *_measured((level, colour), mask, at=at[chosen], own=(np.cumsum(kept) - 1)[own[chosen]])
    )


def _measured(levels: tuple[Plane, Plane], mask: Mask, *, at: Any, own: Any) -> tuple[Numbers, ...]:
    """Stroke, area, peak, spread and step of the pieces `own`, of which the pixels `at` are parts."""
    if not at.size:
        return tuple(np.zeros(0) for _ in range(5))
    n = int(own.max()) + 1
    area = np.bincount(own, minlength=n).astype(float)
    peak = np.maximum.reduceat(levels[0].ravel()[at].astype(float), np.searchsorted(own, np.arange(n)))
    spreads = [_spread(level.ravel()[at].astype(float), own, area) for level in levels]
    edges, steps = _border(levels[0], mask, at=at, own=own, n=n)
    return 2 * area / edges, area, peak, np.maximum(*spreads), steps / edges


def _spread(value: Numbers, own: Any, area: Numbers) -> Numbers:
    mean, square = (np.bincount(own, one, len(area)) / area for one in (value, value * value))
    return np.sqrt(np.maximum(square - mean * mean, 0))


def _border(level: Plane, mask: Mask, *, at: Any, own: Any, n: int) -> tuple[Numbers, Numbers]:
    """For each piece the number of edges of pixels on its border, and the sum of the steps of level across them."""
    width = mask.shape[1] + 2
    around, inside = np.pad(level, 1, mode="edge").ravel(), np.pad(mask, 1).ravel()
    here = at + width + 1 + 2 * (at // mask.shape[1])
    edges, steps = np.zeros(n), np.zeros(n)
    for beside in (-width, width, -1, 1):
        outside = ~inside[here + beside]
        place, piece = here[outside], own[outside]
        edges += np.bincount(piece, minlength=n)
        steps += np.bincount(piece, np.abs(around[place].astype(float) - around[place + beside]), n)
    return edges, steps


def _beside(p: Pieces) -> Mask:
    """Which pieces may be letters next to one another in a row."""
    higher = np.maximum.outer(p.height, p.height)
    lower = np.minimum.outer(p.height, p.height)
    gap = np.maximum.outer(p.left, p.left) - np.minimum.outer(p.right, p.right)
    common = np.minimum.outer(p.bottom, p.bottom) - np.maximum.outer(p.top, p.top)
    near = (gap <= GAP * higher) & (gap > OVER * higher) & (common >= BESIDE * lower)
    alike = (higher <= TALLER * lower) & (np.abs(np.subtract.outer(p.peak, p.peak)) <= PEAKS)
    made: Mask = near & alike
    return made


def _row(p: Pieces) -> Row:
    return Row(
        Box(int(p.top.min()), int(p.left.min()), int(p.bottom.max()), int(p.right.max())),
        float(np.maximum(1, p.width / p.height).sum()),
        float(p.step.mean()),
        float(p.spread.mean()),
        float(np.ptp(p.peak)),
        _variation(p.area),
        max(_on_a_line(p.top, p), _on_a_line(p.bottom, p)),
        _variation(p.stroke),
        float(np.mean(p.width < NARROW * p.height)),
    )


def _variation(values: Numbers) -> float:
    return float(values.std() / values.mean())


def _on_a_line(ends: Numbers, p: Pieces) -> float:
    """The part of `ends` within a tenth of the letters' height of their median."""
    slack = max(1.5, 0.1 * float(np.median(p.height)))
    return float(np.mean(np.abs(ends - np.median(ends)) <= slack))
