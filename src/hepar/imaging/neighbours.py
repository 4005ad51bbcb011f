"""Counts of neighbouring voxels: the pairs, runs, tone differences and dependences behind four texture families."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from .compiled import compiled
from .stencil import LOWEST_BIT, Counts, Levels, Plan, Spot, Table, mark_equal


@dataclass(frozen=True, slots=True, eq=False)
class ToneCounts:
    """By group, level and a number from 0 to that of the neighbours; level 0 is never filled.

    differences: sum of |n * level - sum of the n neighbours' levels| by n.
    neighbours: voxels by the number of their neighbours with a level.
    equals: voxels by the number of neighbours of the same level.
    """

    differences: Counts
    neighbours: Counts
    equals: Counts


class _Around(NamedTuple):
    """Of each voxel of a row: its neighbours' summed levels, their number, and how many have its level."""

    total: Table
    n: Table
    same: Table


def count_pairs(plan: Plan, *, wanted: bool = True) -> Table:
    """(groups, directions, levels + 1, levels + 1): level of a voxel and of its neighbour in that direction.

    Without groups where it is not `wanted`, as the other two.
    """
    n = plan.n_levels + 1
    pairs = np.zeros((plan.groups * wanted, len(plan.steps), n, n), np.int32)
    if wanted:
        _pairs(plan.levels, group=plan.group, steps=plan.steps, pairs=pairs)
    return pairs


def count_runs(plan: Plan, *, wanted: bool = True) -> Table:
    """(groups, directions, levels + 1, longest + 1): level and length of runs."""
    longest, n = max(plan.levels.shape) - 2, plan.n_levels + 1
    runs = np.zeros((plan.groups * wanted, len(plan.steps), n, longest + 1), np.int32)
    voxels = np.zeros((plan.groups * wanted, n), np.int32)
    if wanted:
        _runs(plan.levels, group=plan.group, steps=plan.steps, runs=runs, voxels=voxels)
    # a voxel of no longer run is a run of its own
    runs[..., 1] = voxels[:, None, :] - runs @ np.arange(longest + 1, dtype=np.int32)
    return runs


def count_tones(plan: Plan, *, wanted: bool = True) -> ToneCounts:
    """What NGTDM and NGLDM count."""
    shape = (plan.groups * wanted, plan.n_levels + 1, 2 * len(plan.steps) + 1)
    counts = ToneCounts(np.zeros(shape, np.int64), np.zeros(shape, np.int64), np.zeros(shape, np.int64))
    if wanted:
        _tones(
            plan.levels,
            group=plan.group,
            steps=plan.steps,
            differences=counts.differences,
            neighbours=counts.neighbours,
            equals=counts.equals,
        )
    return counts


@compiled
def _pairs(levels: Levels, *, group: Counts, steps: Counts, pairs: Table) -> None:
    flat, area = levels.ravel(), levels.shape[1] * levels.shape[2]
    for z in range(1, levels.shape[0] - 1):
        table = pairs[group[z]]
        for i in range(z * area, (z + 1) * area):
            if flat[i] > 0:
                for d in range(steps.size):
                    table[d, flat[i], flat[i + steps[d]]] += 1


@compiled
def _runs(levels: Levels, *, group: Counts, steps: Counts, runs: Table, voxels: Table) -> None:
    """Runs of two voxels or more, and all voxels by level."""
    depth, rows, columns = levels.shape
    flat, backward = levels.ravel(), -steps
    ahead, behind = np.zeros(columns - 2, np.int16), np.zeros(columns - 2, np.int16)
    for z in range(1, depth - 1):
        for y in range(1, rows - 1):
            start = (z * rows + y) * columns + 1
            mark_equal(Spot(flat, start, steps), ahead)
            mark_equal(Spot(flat, start, backward), behind)
            for x in range(columns - 2):
                if flat[start + x] > 0:
                    voxels[group[z], flat[start + x]] += 1
                    _started(Spot(flat, start + x, steps), ahead[x] & ~behind[x], runs[group[z]])


@compiled
def _started(spot: Spot, marks: int, runs: Table) -> None:
    """Count the runs that start at this voxel, in the marked directions."""
    flat, level, rest = spot.flat, spot.flat[spot.at], int(marks)
    while rest != 0:
        d = LOWEST_BIT[rest]
        rest &= rest - 1
        step = spot.steps[d]
        length, place = 2, spot.at + 2 * step
        while flat[place] == level:
            length += 1
            place += step
        runs[d, level, length] += 1


@compiled
def _tones(
    levels: Levels, *, group: Counts, steps: Counts, differences: Counts, neighbours: Counts, equals: Counts
) -> None:
    depth, rows, columns = levels.shape
    flat, width = levels.ravel(), columns - 2
    around = _Around(np.zeros(width, np.int32), np.zeros(width, np.int32), np.zeros(width, np.int32))
    n, same = around.n, around.same
    for z in range(1, depth - 1):
        for y in range(1, rows - 1):
            start = (z * rows + y) * columns + 1
            here = flat[start : start + width]
            _sum_around(Spot(flat, start, steps), around)
            for x in range(width):
                if here[x] > 0:
                    differences[group[z], here[x], n[x]] += abs(n[x] * np.int64(here[x]) - around.total[x])
                    neighbours[group[z], here[x], n[x]] += 1
                    equals[group[z], here[x], same[x]] += 1


@compiled
def _sum_around(spot: Spot, around: _Around) -> None:
    """Look around each voxel of the row that starts at the spot."""
    total, n, same = around
    total[:], n[:], same[:] = 0, 0, 0
    here = spot.flat[spot.at : spot.at + total.size]
    for step in spot.steps:
        ahead = spot.flat[spot.at + step : spot.at + step + total.size]
        behind = spot.flat[spot.at - step : spot.at - step + total.size]
        for x in range(total.size):
            total[x] += np.int32(ahead[x]) + np.int32(behind[x])
            n[x] += np.int32(ahead[x] > 0) + np.int32(behind[x] > 0)
            same[x] += np.int32(ahead[x] == here[x]) + np.int32(behind[x] == here[x])
