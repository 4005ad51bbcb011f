"""Trees of vessels that fill the liver: each branch heads for the middle of what it feeds, which is then divided."""

from dataclasses import dataclass

import numpy as np

from .tubes import Points, Tube, smooth

MURRAY = 2.7
"""Exponent of the law of branching: the radius cubed (Murray, 1926) is shared, here a little less (typical value)."""


@dataclass(frozen=True, slots=True)
class Growth:
    """How a tree grows: the smallest radius and the smallest number of points that a branch still feeds."""

    thinnest_mm: float
    fewest: int
    reach: float = 0.7
    sway: float = 0.12


def tree(
    root: Points,
    heading: Points,
    *,
    radius_mm: float,
    points: Points,
    growth: Growth,
    rng: np.random.Generator,
) -> list[Tube]:
    """Tubes that lead from `root`, setting out towards `heading`, to all `points` (n, 3)."""
    found: list[Tube] = []
    todo = [(root, heading, radius_mm, points)]
    while todo:
        start, towards, radius, fed = todo.pop()
        if len(fed) < growth.fewest or radius < growth.thinnest_mm:
            continue
        middle = fed.mean(0)
        end = start + growth.reach * (middle - start)
        length = float(np.linalg.norm(end - start))
        if length < 1.0:
            continue
        halves = _halves(fed, middle - start, rng=rng)
        sway = rng.normal(0, growth.sway * length, 3)
        bend = start + 0.5 * (end - start) + 0.2 * length * towards + sway
        thin = radius * 0.92
        found.append(
            smooth(np.stack([start, bend, end]), np.array([radius, 0.5 * (radius + thin), thin]), step_mm=5)
        )
        onward = (end - bend) / max(float(np.linalg.norm(end - bend)), 1e-6)
        for half in halves:
            share = len(half) / len(fed)
            todo.append((end, onward, thin * share ** (1 / MURRAY), half))
    return found


def _halves(fed: Points, ahead: Points, *, rng: np.random.Generator) -> tuple[Points, Points]:
    """Divides what is fed across its longest extent, not quite in the middle."""
    spread = fed - fed.mean(0)
    ahead = ahead / max(float(np.linalg.norm(ahead)), 1e-6)
    across = spread - 0.55 * np.outer(spread @ ahead, ahead)
    _, axes = np.linalg.eigh(across.T @ across)
    along = across @ axes[:, -1]
    cut = np.quantile(along, rng.uniform(0.35, 0.65))
    return fed[along <= cut], fed[along > cut]
