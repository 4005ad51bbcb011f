"""The 26 neighbours of a voxel as 13 directions and their opposites, and which of them have its level."""

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .compiled import compiled

Levels = NDArray[np.uint16]
Counts = NDArray[np.int64]
Table = NDArray[np.int32]
Marks = NDArray[np.int16]
"""Of each voxel of a row: bit d is set where the neighbour in direction d has its level."""

DIRECTIONS: Counts = (np.array(list(np.ndindex(2, 3, 3))) - [0, 1, 1])[5:]
"""(13, 3) steps in (z, y, x), one of each two opposite ones; the first four stay in the slice."""
IN_SLICE = 4

LOWEST_BIT = np.array([(marks & -marks).bit_length() for marks in range(1 << 13)], np.int8) - np.int8(1)
"""Of each set of marks its first direction; -1 for none."""


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """What is counted and where the counts go.

    levels: (z, y, x), 1 to `n_levels` in the region, 0 elsewhere, with a border of one zero voxel all around.
    group: (slices,), which of the `groups` a slice counts for.
    steps: (directions,), how far neighbours lie in the flattened array.
    """

    levels: Levels
    group: Counts
    groups: int
    steps: Counts
    n_levels: int


def flat_steps(directions: Counts, shape: tuple[int, ...]) -> Counts:
    """How far the neighbours in each direction lie in a flattened array of this shape."""
    steps: Counts = directions @ np.array([shape[1] * shape[2], shape[2], 1])
    return steps


class Spot(NamedTuple):
    """A place in a flattened array and the steps to its neighbours; numba takes few and plain arguments."""

    flat: NDArray[Any]
    at: int
    steps: Counts


@compiled
def mark_equal(spot: Spot, marks: Marks) -> None:
    """Write the marks of the row that starts at the spot: bit d where the voxel `steps[d]` on has the same level."""
    # slices of the flat array, not computed places in it, so that many voxels are compared at once
    marks[:] = 0
    here = spot.flat[spot.at : spot.at + marks.size]
    for d in range(spot.steps.size):
        start = spot.at + spot.steps[d]
        there = spot.flat[start : start + marks.size]
        bit = np.int16(1 << d)
        for x in range(marks.size):
            marks[x] |= bit if there[x] == here[x] else np.int16(0)


def links() -> Counts:
    """Of each set of marks those to follow: one of every group of neighbours that touch one another.

    Neighbours of one level that touch are of one zone already, so one link to them is enough.
    """
    touching = abs(DIRECTIONS[:, None] - DIRECTIONS).max(axis=2) <= 1
    bits = 1 << np.arange(len(DIRECTIONS))
    pending, kept = np.arange(1 << len(DIRECTIONS)), np.zeros(1 << len(DIRECTIONS), np.int64)
    for d in np.argsort(-touching.sum(axis=1), kind="stable"):
        marked = (pending & bits[d]) > 0
        kept |= np.where(marked, bits[d], 0)
        pending &= np.where(marked, ~(touching[d] @ bits), -1)
    return kept
