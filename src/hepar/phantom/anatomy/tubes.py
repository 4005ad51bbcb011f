"""Tubes along smooth lines: vessels, ribs and bowel, painted segment by segment."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import PchipInterpolator

from ..grid import Grid
from .implicit import cone
from .organs import Box, Organ

Points = NDArray[np.float64]
"""Places (n, 3) of (z, y, x), or one of them, in mm."""


@dataclass(frozen=True, slots=True)
class Tube:
    """A line through `points` (n, 3), mm (z, y, x) from the middle of the grid, with `radii` (n,) mm."""

    points: NDArray[np.float64]
    radii: NDArray[np.float64]


def smooth(points: NDArray[np.float64], radii: NDArray[np.float64], *, step_mm: float) -> Tube:
    """The tube through few `points`, made smooth and resampled every `step_mm` or so."""
    lengths = np.linalg.norm(np.diff(points, axis=0), axis=1)
    along = np.concatenate([[0.0], np.cumsum(np.maximum(lengths, 1e-3))])
    at = np.linspace(0, along[-1], max(2, round(along[-1] / step_mm) + 1))
    return Tube(PchipInterpolator(along, points)(at), np.interp(at, along, radii))


def box_of(grid: Grid, low_mm: NDArray[np.float64], high_mm: NDArray[np.float64]) -> Box:
    """The box of voxels whose centres lie between two corners (empty slices when none does)."""
    found = []
    for n, mm, low, high in zip(grid.shape, grid.spacing_mm, low_mm, high_mm, strict=True):
        start = int(np.clip(np.ceil(low / mm + (n - 1) / 2), 0, n))
        found.append(slice(start, max(start, int(np.clip(np.floor(high / mm + (n - 1) / 2) + 1, 0, n)))))
    return found[0], found[1], found[2]


def paint(
    labels: NDArray[np.uint8],
    grid: Grid,
    tubes: Iterable[Tube],
    *,
    organ: Organ,
    over: NDArray[np.bool_],
    thinner_mm: float = 0.0,
    before_mm: float | None = None,
) -> None:
    """Writes `organ` within `tubes` into `labels`, where `over` (256,) allows what is there already.

    The radius is less by `thinner_mm`; `before_mm` keeps to what is that far in front of the middle of the tube,
    where gas gathers in someone who lies on the back.
    """
    axes = [grid.axis_mm(axis) for axis in range(3)]
    for tube in tubes:
        radii = tube.radii - thinner_mm
        for a, b, ra, rb in zip(tube.points[:-1], tube.points[1:], radii[:-1], radii[1:], strict=True):
            reach = max(ra, rb)
            if reach <= 0:
                continue
            box = box_of(grid, np.minimum(a, b) - reach, np.maximum(a, b) + reach)
            if any(s.start >= s.stop for s in box):
                continue
            mesh = (axes[0][box[0], None, None], axes[1][None, box[1], None], axes[2][None, None, box[2]])
            inside = cone(mesh, a, b, radii=(float(ra), float(rb))) < 0
            if before_mm is not None:
                inside &= mesh[1] < np.float32(0.5 * (a[1] + b[1]) - before_mm)
            there = labels[box]
            there[inside & over[there]] = organ
