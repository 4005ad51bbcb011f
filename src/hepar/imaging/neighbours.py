"""One pass over a region's voxels and their neighbours: the counts behind GLCM, GLRLM, NGTDM and NGLDM."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .compiled import compiled

Levels = NDArray[np.uint16]
Counts = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class NeighbourCounts:
    """Counts per group of slices; the axis of the levels starts with level 0, which is never filled.

    pairs: (groups, directions, levels+1, levels+1), level of a voxel and of its neighbour in that direction.
    runs: (groups, directions, levels+1, longest+1), level and length.
    differences: (groups, levels+1, neighbours+1), sum of |n * level - sum of the n neighbours' levels| by n.
    neighbours: (groups, levels+1, neighbours+1), voxels by the number of their neighbours in the region.
    equals: (groups, levels+1, neighbours+1), voxels by the number of neighbours of the same level.
    """

    pairs: Counts
    runs: Counts
    differences: Counts
    neighbours: Counts
    equals: Counts


def count_neighbours(
    levels: Levels,
    group: NDArray[np.int64],
    *,
    directions: NDArray[np.int64],
    n_levels: int,
    pairs: bool = True,
    runs: bool = True,
    tones: bool = True,
) -> NeighbourCounts:
    """Counts of `levels` (z, y, x), which have a border of one zero voxel all around.

    Args:
        levels: 1 to `n_levels` in the region, 0 elsewhere.
        group: (slices,), where the counts of a slice go; slices of one group are added.
        directions: (directions, 3), one of each pair of opposite steps in (z, y, x).
        n_levels: the highest level there may be.
        pairs: whether to count pairs; if not, no groups come back.
        runs: likewise.
        tones: likewise for the other three.
    """
    n, around, groups = n_levels + 1, 2 * len(directions) + 1, int(group.max()) + 1
    longest = max(levels.shape) - 1
    counts = NeighbourCounts(
        pairs=np.zeros((groups * pairs, len(directions), n, n), np.int64),
        runs=np.zeros((groups * runs, len(directions), n, longest), np.int64),
        differences=np.zeros((groups * tones, n, around), np.int64),
        neighbours=np.zeros((groups * tones, n, around), np.int64),
        equals=np.zeros((groups * tones, n, around), np.int64),
    )
    steps = directions @ np.array([levels.shape[1] * levels.shape[2], levels.shape[2], 1])
    if pairs:
        _count_pairs(levels, group=group, steps=steps, pairs=counts.pairs)
    if runs:
        _count_runs(levels, group=group, steps=steps, runs=counts.runs)
    if tones:
        _count_tones(
            levels,
            group=group,
            steps=steps,
            differences=counts.differences,
            neighbours=counts.neighbours,
            equals=counts.equals,
        )
    return counts


@compiled
def _count_pairs(levels: Levels, *, group: Counts, steps: Counts, pairs: Counts) -> None:
    flat, area = levels.ravel(), levels.shape[1] * levels.shape[2]
    for z in range(1, levels.shape[0] - 1):
        table = pairs[group[z]]
        for i in range(z * area, (z + 1) * area):
            if flat[i] > 0:
                for d in range(steps.size):
                    table[d, flat[i], flat[i + steps[d]]] += 1


@compiled
def _count_runs(levels: Levels, *, group: Counts, steps: Counts, runs: Counts) -> None:
    flat, area = levels.ravel(), levels.shape[1] * levels.shape[2]
    for z in range(1, levels.shape[0] - 1):
        table = runs[group[z]]
        for i in range(z * area, (z + 1) * area):
            if flat[i] > 0:
                for d in range(steps.size):
                    if flat[i - steps[d]] != flat[i]:
                        table[d, flat[i], _run_length(flat, i, steps[d])] += 1


@compiled
def _run_length(flat: Levels, start: int, step: int) -> int:
    length = 1
    while flat[start + length * step] == flat[start]:
        length += 1
    return length


@compiled
def _count_tones(
    levels: Levels, *, group: Counts, steps: Counts, differences: Counts, neighbours: Counts, equals: Counts
) -> None:
    flat, area = levels.ravel(), levels.shape[1] * levels.shape[2]
    for z in range(1, levels.shape[0] - 1):
        g = group[z]
        for i in range(z * area, (z + 1) * area):
            if flat[i] > 0:
                level, total, n, same = int(flat[i]), 0, 0, 0
                for d in range(steps.size):
                    ahead, behind = int(flat[i + steps[d]]), int(flat[i - steps[d]])
                    total += ahead + behind
                    n += (ahead > 0) + (behind > 0)
                    same += (ahead == level) + (behind == level)
                differences[g, level, n] += abs(n * level - total)
                neighbours[g, level, n] += 1
                equals[g, level, same] += 1
