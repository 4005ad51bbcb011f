"""Outlines and regions of a slice: a polygon's pixels, and the polygons of a region."""

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Bool = NDArray[np.bool_]
Float = NDArray[np.float64]
Vertex = tuple[int, int]

DIGITS = 6
"""Decimals of a voxel that an outline is rounded to, so that a vertex on a centre stays on it."""


def filled(loops: Sequence[Float], shape: tuple[int, int]) -> Bool:
    """Pixels of `shape` (rows, columns) whose centre lies inside an odd number of the closed `loops`.

    Each of `loops` (n, 2) holds (row, column) of its vertices, whole numbers at the centres of pixels. Inside an odd
    number: a loop inside another is a hole, and a channel drawn there and back (a keyhole) is nothing. A centre on an
    outline belongs to the region below or to the right of it, so that regions that share an edge share no pixel.
    """
    crossings = np.zeros((shape[0], shape[1] + 1), np.int32)
    for loop in loops:
        rows, columns = _crossed(np.round(loop, DIGITS), n_rows=shape[0])
        np.add.at(crossings, (rows, np.clip(np.ceil(columns), 0, shape[1]).astype(int)), 1)
    inside: Bool = np.cumsum(crossings[:, :-1], axis=1) % 2 == 1
    return inside


def _crossed(loop: Float, *, n_rows: int) -> tuple[NDArray[np.int64], Float]:
    """Each row of centres that an edge of `loop` crosses, and the column where it does."""
    start, end = loop, np.roll(loop, -1, axis=0)
    ends = np.clip(np.ceil(np.stack([start[:, 0], end[:, 0]])), 0, n_rows).astype(np.int64)
    first, n = ends.min(axis=0), np.ptp(ends, axis=0)
    edge = np.repeat(np.arange(len(loop)), n)
    row = first[edge] + np.arange(n.sum()) - np.repeat(np.cumsum(n) - n, n)
    share = (row - start[edge, 0]) / (end[edge, 0] - start[edge, 0])
    return row, start[edge, 1] + share * (end[edge, 1] - start[edge, 1])


def outlines(region: Bool) -> list[Float]:
    """Closed loops (n, 2) of (row, column) along the edges of the pixels of `region` (rows, columns).

    Holes are loops of their own; pixels that touch at a corner only are in different loops. `filled` gives `region`
    back exactly.
    """
    following = _edges(region)
    loops = []
    while following:
        start = next(iter(following))
        loops.append(np.array(_loop(following, start), dtype=float) - 0.5)
    return loops


def _edges(region: Bool) -> defaultdict[Vertex, list[Vertex]]:
    """Where the border goes on to from each corner, with the region on its right."""
    padded = np.pad(region.astype(bool), 1)
    inside = padded[1:-1, 1:-1]
    following: defaultdict[Vertex, list[Vertex]] = defaultdict(list)
    sides = (
        (padded[:-2, 1:-1], (0, 0), (0, 1)),
        (padded[1:-1, 2:], (0, 1), (1, 1)),
        (padded[2:, 1:-1], (1, 1), (1, 0)),
        (padded[1:-1, :-2], (1, 0), (0, 0)),
    )
    for neighbour, start, end in sides:
        for row, column in np.argwhere(inside & ~neighbour).tolist():
            following[row + start[0], column + start[1]].append((row + end[0], column + end[1]))
    return following


def _loop(following: defaultdict[Vertex, list[Vertex]], start: Vertex) -> list[Vertex]:
    """The corners at which the border from `start` turns; its edges are taken out of `following`."""
    at, came, turns = start, (0, 0), []
    while True:
        ends = following[at]
        right = (at[0] + came[1], at[1] - came[0])
        to = right if right in ends else ends[0]
        ends.remove(to)
        if not ends:
            del following[at]
        step = (to[0] - at[0], to[1] - at[1])
        if step != came:
            turns.append(at)
        at, came = to, step
        if at == start and at not in following:
            return turns
