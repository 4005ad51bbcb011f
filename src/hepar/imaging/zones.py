"""Zones: connected voxels of one level, with their size and their distance to the border of the region."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .compiled import compiled
from .stencil import LOWEST_BIT, Counts, Levels, Plan, Spot, Table, links, mark_equal

_LINKS = links().astype(np.int16)


@dataclass(frozen=True, slots=True, eq=False)
class Zones:
    """One entry per zone.

    group: the slice or group of slices it belongs to.
    level: its level.
    size: its voxels.
    distance: the least city-block distance of its voxels to the outside of the region; 1 at the border.
    """

    group: Counts
    level: Counts
    size: Counts
    distance: Counts


class _Pieces(NamedTuple):
    """Zones while they grow: each is a piece that may turn out to be part of an earlier one, its parent."""

    parent: Table
    size: Table
    nearest: Table
    first: Table


def find_zones(plan: Plan, distance: Table) -> Zones:
    """Zones of voxels linked in the directions of the plan; `distance` as `border_distance` measures it."""
    most = np.count_nonzero(plan.levels)
    pieces = _Pieces(*(np.empty(most, np.int32) for _ in range(4)))
    found = _scan(plan.levels, steps=-plan.steps, near=distance.ravel(), pieces=pieces)
    _settle(pieces, found)
    root = np.flatnonzero(pieces.parent[:found] == np.arange(found))
    first = pieces.first[root]
    return Zones(
        group=plan.group[first // plan.levels[0].size],
        level=plan.levels.ravel()[first].astype(np.int64),
        size=pieces.size[root].astype(np.int64),
        distance=pieces.nearest[root].astype(np.int64),
    )


def border_distance(region: NDArray[np.bool_], *, in_slice: bool) -> Table:
    """Steps from each voxel to the outside of the region, 1 at its border, in space or in the slice.

    `region` has a border of one empty voxel all around.
    """
    _, rows, columns = region.shape
    distance = np.ascontiguousarray(np.where(region, np.int32(sum(region.shape)), np.int32(0)))
    across = columns if in_slice else rows * columns
    for order in (1, -1):
        _sweep(distance.ravel(), order * columns, order * across)
    return distance


@compiled
def _sweep(distance: Table, down: int, across: int) -> None:
    """Let no voxel be more than one farther than the voxels a step before it; a negative step `down` sweeps back."""
    order = 1 if down > 0 else -1
    first = 0 if down > 0 else distance.size - 1
    for k in range(distance.size):
        i = first + order * k
        if distance[i] > 0:
            before = min(distance[i - order], distance[i - down], distance[i - across])
            distance[i] = min(distance[i], before + 1)


@compiled
def _scan(levels: Levels, *, steps: Counts, near: Table, pieces: _Pieces) -> int:
    """Give each voxel to the piece of its equals among the neighbours before it, or to a new one; count the pieces."""
    depth, rows, columns = levels.shape
    flat, marks = levels.ravel(), np.zeros(columns - 2, np.int16)
    label = np.empty(flat.size, np.int32)
    found = 0
    for z in range(1, depth - 1):
        for y in range(1, rows - 1):
            start = (z * rows + y) * columns + 1
            mark_equal(Spot(flat, start, steps), marks)
            for x in range(columns - 2):
                if flat[start + x] > 0:
                    if marks[x] > 0:
                        piece = _joined(Spot(label, start + x, steps), _LINKS[marks[x]], pieces.parent)
                    else:
                        piece = _begun(pieces, found, start + x)
                        found += 1
                    label[start + x] = piece
                    pieces.size[piece] += 1
                    pieces.nearest[piece] = min(pieces.nearest[piece], near[start + x])
    return found


@compiled
def _begun(pieces: _Pieces, number: int, first: int) -> int:
    pieces.parent[number] = number
    pieces.size[number] = 0
    pieces.nearest[number] = np.iinfo(np.int32).max
    pieces.first[number] = first
    return number


@compiled
def _joined(spot: Spot, marks: int, parent: Table) -> int:
    """The piece of the marked neighbours, which become one."""
    piece = int(spot.flat[spot.at + spot.steps[LOWEST_BIT[marks]]])
    rest = marks & (marks - 1)
    while rest != 0:
        one = _root(parent, piece)
        other = _root(parent, spot.flat[spot.at + spot.steps[LOWEST_BIT[rest]]])
        rest &= rest - 1
        piece = min(one, other)
        parent[max(one, other)] = piece
    return piece


@compiled
def _root(parent: Table, piece: int) -> int:
    while parent[piece] != piece:
        parent[piece] = parent[parent[piece]]
        piece = int(parent[piece])
    return piece


@compiled
def _settle(pieces: _Pieces, found: int) -> None:
    """Add each piece to the one it is part of; a parent comes before its parts."""
    for piece in range(found):
        root = pieces.parent[pieces.parent[piece]]
        if root != piece:
            pieces.parent[piece] = root
            pieces.size[root] += pieces.size[piece]
            pieces.nearest[root] = min(pieces.nearest[root], pieces.nearest[piece])
