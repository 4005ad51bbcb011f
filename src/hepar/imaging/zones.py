"""Zones: connected voxels of one level, with their size and their distance to the border of the region."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .compiled import compiled

Levels = NDArray[np.uint16]
Counts = NDArray[np.int64]


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


def find_zones(levels: Levels, region: NDArray[np.bool_], *, group: Counts, in_slice: bool) -> Zones:
    """Zones of `levels`, linked to all 26 neighbours or, `in_slice`, to the 8 of the same slice.

    Args:
        levels: (z, y, x), 0 outside the region, with a border of one zero voxel all around.
        region: of the same shape, also with an empty border; its border is what distance is measured to.
        group: (slices,), the group of each slice.
        in_slice: whether zones and distances keep to their slice.
    """
    steps = _backward(levels.shape, in_slice=in_slice)
    distance = np.zeros(levels.shape, np.int32)
    _border_distance(region, distance, in_slice)
    found = _label(levels, steps, distance)
    z, level, size, nearest = found
    return Zones(group[z], level, size, nearest)


def _backward(shape: tuple[int, ...], *, in_slice: bool) -> Counts:
    """Flat steps to the neighbours that a scan has passed already."""
    _, rows, columns = shape
    across = [-1, *range(-columns - 1, -columns + 2)]
    below = [-rows * columns + y * columns + x for y in (-1, 0, 1) for x in (-1, 0, 1)]
    return np.array(across if in_slice else across + below, np.int64)


@compiled
def _border_distance(region: NDArray[np.bool_], distance: NDArray[np.int32], in_slice: bool) -> None:
    depth, rows, columns = region.shape
    far = np.int32(depth + rows + columns)
    for z in range(1, depth - 1):
        for y in range(1, rows - 1):
            for x in range(1, columns - 1):
                if region[z, y, x]:
                    least = min(distance[z, y - 1, x], distance[z, y, x - 1])
                    distance[z, y, x] = 1 + min(least, far if in_slice else distance[z - 1, y, x])
    for z in range(depth - 2, 0, -1):
        for y in range(rows - 2, 0, -1):
            for x in range(columns - 2, 0, -1):
                if region[z, y, x]:
                    least = min(distance[z, y + 1, x], distance[z, y, x + 1])
                    least = 1 + min(least, far if in_slice else distance[z + 1, y, x])
                    distance[z, y, x] = min(distance[z, y, x], least)


@compiled
def _label(
    levels: Levels, steps: Counts, distance: NDArray[np.int32]
) -> tuple[Counts, Counts, Counts, Counts]:
    """Slice, level, size and distance of each zone, by union-find in one scan."""
    flat, near = levels.ravel(), distance.ravel()
    area = levels.shape[1] * levels.shape[2]
    parent = np.arange(flat.size)
    for i in range(area, flat.size - area):
        if flat[i] > 0:
            for step in steps:
                if flat[i + step] == flat[i]:
                    _join(parent, i + step, i)
    size, least = np.zeros(flat.size, np.int64), np.zeros(flat.size, np.int64)
    for i in range(flat.size):
        if flat[i] > 0:
            root = _root(parent, i)
            least[root] = min(least[root], near[i]) if size[root] else near[i]
            size[root] += 1
    roots = np.flatnonzero(size)
    return roots // area, flat[roots].astype(np.int64), size[roots], least[roots]


@compiled
def _root(parent: Counts, i: int) -> int:
    while parent[i] != i:
        parent[i] = parent[parent[i]]
        i = parent[i]
    return i


@compiled
def _join(parent: Counts, one: int, other: int) -> None:
    first, second = _root(parent, one), _root(parent, other)
    parent[max(first, second)] = min(first, second)
