"""Features of the neighbourhood of each voxel, compiled."""

from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .compiled import compiled
from .stencil import DIRECTIONS

COOCCURRENCE = (
    "cm_contrast",
    "cm_dissimilarity",
    "cm_inv_diff",
    "cm_inv_diff_mom",
    "cm_joint_avg",
    "cm_joint_var",
    "cm_auto_corr",
    "cm_corr",
    "cm_clust_tend",
    "cm_clust_shade",
    "cm_clust_prom",
    "cm_joint_entr",
    "cm_energy",
    "cm_joint_max",
)
"""Tags of the rows of `cooccurrence`."""
FIRST_ORDER = ("stat_mean", "stat_var", "stat_min", "stat_max", "ih_mean", "ih_var", "ih_entropy")
"""Tags of the rows of `first_order`."""

Levels = NDArray[np.int32]
Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]
Places = NDArray[np.int64]
Radius = tuple[int, int, int]


class Around(NamedTuple):
    """What lies around a voxel of a flattened image.

    steps: (voxels,), how far they are from it. pairs: (pairs, 2), which of them are neighbours, direction by direction;
    ends: (directions + 1,), where directions begin and end in `pairs`. bits: c log2 c of every count c.
    """

    steps: Places
    pairs: Places
    ends: Places
    bits: Doubles


def around_voxel(shape: tuple[int, ...], reach: Radius) -> Around:
    """The neighbourhood of any voxel at least `reach` from the border of an image of `shape`."""
    box = np.array(list(np.ndindex(*(2 * n + 1 for n in reach))))
    steps = (box - reach) @ np.array([shape[1] * shape[2], shape[2], 1])
    number = {tuple(place): at for at, place in enumerate(box.tolist())}
    pairs: list[tuple[int, int]] = []
    ends = [0]
    for direction in DIRECTIONS:
        there = map(tuple, (box + direction).tolist())
        pairs += [(at, number[place]) for at, place in enumerate(there) if place in number]
        ends.append(len(pairs))
    most = max(len(box), 2 * max(b - a for a, b in pairwise(ends)))
    counts = np.arange(1, most + 1, dtype=np.float64)
    bits = np.concatenate([[0.0], counts * np.log2(counts)])
    return Around(steps, np.array(pairs, dtype=np.int64).reshape(-1, 2), np.array(ends, dtype=np.int64), bits)


@compiled
def cooccurrence(levels: Levels, places: Places, around: Around) -> Floats:
    """(features, places): each feature averaged over the directions that have a pair, NaN where none has.

    `levels` is the flattened image, 0 outside the region.
    """
    n = levels.max() + 1
    table = np.zeros((n, n), dtype=np.int32)
    cells = np.zeros((len(around.pairs), 2), dtype=np.int32)
    box = np.zeros(len(around.steps), dtype=np.int32)
    total = np.zeros(14)
    out = np.full((14, len(places)), np.nan, dtype=np.float32)
    for at in range(len(places)):
        for step in range(len(around.steps)):
            box[step] = levels[places[at] + around.steps[step]]
        total[:] = 0
        directions = 0
        for direction in range(len(around.ends) - 1):
            pairs = around.pairs[around.ends[direction] : around.ends[direction + 1]]
            count = _add_moments(box, pairs, total)
            if count:
                directions += 1
                used = _count(pairs, box, (table, cells))
                _add_cells((table, cells[:used]), (2 * count, around.bits), total)
        if directions:
            for feature in range(14):
                out[feature, at] = total[feature] / directions
    return out


@compiled
def _add_moments(box: Levels, pairs: Places, total: Doubles) -> int:
    """Add to `total` the features that follow from sums over the pairs; the number of pairs."""
    middle = 2 * box[len(box) // 2]
    count, d1, d2, s1, s2, s3, s4 = 0, 0, 0, 0, 0, 0, 0
    i1, i2 = 0.0, 0.0
    for pair in range(len(pairs)):
        a, b = box[pairs[pair, 0]], box[pairs[pair, 1]]
        if a and b:
            d, s = abs(a - b), a + b - middle
            count += 1
            d1 += d
            d2 += d * d
            i1 += 1 / (1 + d)
            i2 += 1 / (1 + d * d)
            s1 += s
            s2 += s * s
            s3 += s * s * s
            s4 += s * s * s * s
    if count:
        total[1] += d1 / count
        total[2] += i1 / count
        total[3] += i2 / count
        _add_central(d2 / count, (middle, s1 / count, s2 / count, s3 / count, s4 / count), total)
    return count


@compiled
def _add_central(contrast: float, sums: tuple[int, float, float, float, float], total: Doubles) -> None:
    """Features of the sum of two levels, from its moments about `sums[0]`, and of the two together."""
    middle, m1, m2, m3, m4 = sums
    variance = m2 - m1**2
    mean = m1 + middle
    total[0] += contrast
    total[4] += mean / 2
    total[5] += (variance + contrast) / 4
    total[6] += (variance + mean**2 - contrast) / 4
    total[7] += (variance - contrast) / (variance + contrast) if variance + contrast > 1e-9 else 1.0
    total[8] += variance
    total[9] += m3 - 3 * m1 * m2 + 2 * m1**3
    total[10] += m4 - 4 * m1 * m3 + 6 * m1**2 * m2 - 3 * m1**4


@compiled
def _count(pairs: Places, box: Levels, room: tuple[Levels, Levels]) -> int:
    """Count pairs in the table `room[0]`, the lower level first; the cells in use, which `room[1]` lists."""
    table, cells = room
    used = 0
    for pair in range(len(pairs)):
        a, b = box[pairs[pair, 0]], box[pairs[pair, 1]]
        if a and b:
            low, high = min(a, b), max(a, b)
            if table[low, high] == 0:
                cells[used, 0], cells[used, 1] = low, high
                used += 1
            table[low, high] += 1
    return used


@compiled
def _add_cells(room: tuple[Levels, Levels], whole: tuple[int, Doubles], total: Doubles) -> None:
    """Add the features that follow from the counts of the symmetric matrix, and empty the table."""
    table, cells = room
    count, bits = whole
    entropy, energy, most = 0.0, 0, 0
    for cell in range(len(cells)):
        low, high = cells[cell]
        times = table[low, high]
        table[low, high] = 0
        same = low == high  # such a pair counts twice in its cell, others once in each of two
        inside, twice = (2 * times, 1) if same else (times, 2)
        entropy += twice * bits[inside]
        energy += twice * inside * inside
        most = max(most, inside)
    total[11] += np.log2(count) - entropy / count
    total[12] += energy / (count * count)
    total[13] += most / count


@compiled
def first_order(images: tuple[Levels, Doubles], places: Places, around: Around) -> Floats:
    """(features, places) of intensities and levels; `images` are the flattened levels and intensities."""
    levels, intensities = images
    counts = np.zeros(levels.max() + 1, dtype=np.int32)
    out = np.empty((7, len(places)), dtype=np.float32)
    for at in range(len(places)):
        here = places[at]
        n, x1, x2, g1, g2 = 0, 0.0, 0.0, 0.0, 0.0
        lowest = highest = intensities[here]
        for step in around.steps:
            level = levels[here + step]
            if level:
                x, g = intensities[here + step] - intensities[here], level - levels[here]
                n, x1, x2, g1, g2 = n + 1, x1 + x, x2 + x * x, g1 + g, g2 + g * g
                lowest, highest = (
                    min(lowest, intensities[here + step]),
                    max(highest, intensities[here + step]),
                )
                counts[level] += 1
        entropy = 0.0
        for step in around.steps:
            level = levels[here + step]
            entropy += around.bits[counts[level]] if level else 0.0
            counts[level] = 0
        out[0, at], out[1, at] = intensities[here] + x1 / n, max(x2 / n - (x1 / n) ** 2, 0.0)
        out[2, at], out[3, at] = lowest, highest
        out[4, at], out[5, at] = levels[here] + g1 / n, max(g2 / n - (g1 / n) ** 2, 0.0)
        out[6, at] = np.log2(n) - entropy / n
    return out
