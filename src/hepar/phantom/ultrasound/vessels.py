"""Vessels and gallbladder in a SIMULATED scan plane of the liver, painted on a raster in millimetres."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .probe import Array

STEP_MM = 0.25
NOTHING, LUMEN, WALL, BILE = 0, 1, 2, 3
Random = np.random.Generator
Box = tuple[float, float, float, float]
"""Left, right, top and bottom, mm."""
Point = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Raster:
    """Labels (rows, columns) of a plane whose first element lies at (`x_mm`, `z_mm`)."""

    labels: NDArray[np.uint8]
    x_mm: float
    z_mm: float

    def at(self, x_mm: Array, z_mm: Array) -> NDArray[np.uint8]:
        """The labels at places in mm; nothing outside."""
        row = ((z_mm - self.z_mm) / np.float32(STEP_MM) + np.float32(0.5)).astype(np.int32)
        column = ((x_mm - self.x_mm) / np.float32(STEP_MM) + np.float32(0.5)).astype(np.int32)
        rows, columns = self.labels.shape
        np.clip(row, 0, rows - 1, out=row)
        np.clip(column, 0, columns - 1, out=column)
        return self.labels[row, column]


@dataclass(frozen=True, slots=True)
class Tube:
    """A vessel along points (n, 2) of (x, z) mm, with its radius (n,) and the thickness of a visible wall, mm."""

    points: NDArray[np.float64]
    radius_mm: NDArray[np.float64]
    wall_mm: float


def vessels(rng: Random, *, half_width_mm: float, top_mm: float, bottom_mm: float) -> Raster:
    """Hepatic veins that meet at the vena cava, portal branches with bright walls, sometimes the gallbladder."""
    box = (-half_width_mm, half_width_mm, top_mm, bottom_mm)
    tubes = [*_hepatic_veins(rng, box), *_portal_branches(rng, box), *_cross_sections(rng, box)]
    shape = (int((bottom_mm - top_mm + 30) / STEP_MM), int(2 * half_width_mm / STEP_MM))
    labels = np.zeros(shape, dtype=np.uint8)
    corner = (-half_width_mm, top_mm - 15)
    for tube in tubes:
        _paint(labels, tube, corner=corner, grown_mm=tube.wall_mm, value=WALL)
    for tube in tubes:
        _paint(labels, tube, corner=corner, grown_mm=0.0, value=LUMEN)
    if rng.random() < 0.25:
        _gallbladder(labels, rng, box=box, corner=corner)
    return Raster(labels, *corner)


def _hepatic_veins(rng: Random, box: Box) -> list[Tube]:
    """One to three, from the periphery to a common mouth deep in the plane; their walls are thin and hardly seen."""
    left, right, top, bottom = box
    height = bottom - top
    mouth = np.array([rng.uniform(0.5 * left, 0.5 * right), top + height * rng.uniform(0.75, 1.1)])
    found = []
    for side in rng.permutation([-0.75, 0.0, 0.75])[: int(rng.integers(1, 4))].tolist():
        end = np.array([(side + rng.uniform(-0.2, 0.2)) * right, top + height * rng.uniform(0.1, 0.5)])
        found.append(_curve(rng, start=mouth, end=end, radius=(0.7, rng.uniform(2.5, 5.0)), wall_mm=0.0))
    return found


def _portal_branches(rng: Random, box: Box) -> list[Tube]:
    """One branch with its own branches."""
    _, right, top, bottom = box
    height = bottom - top
    side = rng.choice([-1.0, 1.0])
    root = np.array([side * rng.uniform(0.1, 0.6) * right, top + height * rng.uniform(0.45, 0.85)])
    end = root + np.array([-side * rng.uniform(20, 55), -rng.uniform(-5, 25)])
    trunk = _curve(
        rng, start=root, end=end, radius=(1.2, rng.uniform(3.0, 5.5)), wall_mm=rng.uniform(0.7, 1.2)
    )
    found = [trunk]
    for _ in range(int(rng.integers(1, 4))):
        at = int(rng.integers(len(trunk.points) // 4, 3 * len(trunk.points) // 4))
        tip = trunk.points[at] + np.array([rng.uniform(-20, 20), rng.choice([-1, 1]) * rng.uniform(8, 22)])
        radius = (0.6, 0.55 * float(trunk.radius_mm[at]))
        found.append(_curve(rng, start=trunk.points[at], end=tip, radius=radius, wall_mm=0.8))
    return found


def _cross_sections(rng: Random, box: Box) -> list[Tube]:
    """Short pieces of small vessels, most with walls."""
    left, right, top, bottom = box
    found = []
    for _ in range(int(rng.integers(15, 35))):
        start = np.array([rng.uniform(left, right), rng.uniform(top, bottom)])
        turn, length = rng.uniform(0, 2 * np.pi), rng.uniform(0.5, 8)
        end = start + length * np.array([np.cos(turn), 0.6 * np.sin(turn)])
        wall = rng.uniform(0.4, 0.9) if rng.random() < 0.65 else 0.0
        found.append(_curve(rng, start=start, end=end, radius=(0.3, rng.uniform(0.4, 1.5)), wall_mm=wall))
    return found


def _curve(rng: Random, *, start: Point, end: Point, radius: tuple[float, float], wall_mm: float) -> Tube:
    """A bent tube from `start` (second radius) to `end` (first radius), which may leave the plane before its end.

    A cubic Bezier curve; the radius narrows unevenly, and to nothing where the vessel leaves the plane.
    """
    along = end - start
    length = float(np.hypot(*along))
    across = np.array([-along[1], along[0]])
    first, second = (start + share * along + across * rng.uniform(-0.3, 0.3) for share in (0.35, 0.7))
    t = np.linspace(0, rng.uniform(0.6, 1.0), max(4, int(length / 0.5)))[:, None]
    points = (1 - t) ** 3 * start + 3 * t * (1 - t) ** 2 * first + 3 * t**2 * (1 - t) * second + t**3 * end
    uneven = 1 + 0.12 * np.sin(t[:, 0] * rng.uniform(5, 14) + rng.uniform(0, 6))
    leaving = np.sqrt(np.clip((t[-1, 0] - t[:, 0]) / 0.15, 0.02, 1))
    return Tube(points, (radius[1] + (radius[0] - radius[1]) * t[:, 0]) * uneven * leaving, wall_mm)


def _paint(
    labels: NDArray[np.uint8], tube: Tube, *, corner: tuple[float, float], grown_mm: float, value: int
) -> None:
    """Sets `labels` to `value` in discs along the tube; walls of one vessel do not cross the lumen of another."""
    if value == WALL and not grown_mm:
        return
    for (x, z), radius in zip(tube.points.tolist(), tube.radius_mm.tolist(), strict=True):
        _disc(labels, corner, x=x, z=z, axes=(radius + grown_mm, radius + grown_mm), value=value)


def _gallbladder(labels: NDArray[np.uint8], rng: Random, *, box: Box, corner: tuple[float, float]) -> None:
    """An ellipse of bile with a wall of 2 mm, in the lower half."""
    x, z = rng.uniform(0.6 * box[0], 0.6 * box[1]), box[2] + (box[3] - box[2]) * rng.uniform(0.45, 0.75)
    axes = (rng.uniform(12, 24), rng.uniform(8, 13))
    _disc(labels, corner, x=x, z=z, axes=(axes[0] + 2, axes[1] + 2), value=WALL)
    _disc(labels, corner, x=x, z=z, axes=axes, value=BILE)


def _disc(
    labels: NDArray[np.uint8],
    corner: tuple[float, float],
    *,
    x: float,
    z: float,
    axes: tuple[float, float],
    value: int,
) -> None:
    """Sets an ellipse of half-axes (x, z) mm."""
    column, row = (x - corner[0]) / STEP_MM, (z - corner[1]) / STEP_MM
    half_column, half_row = axes[0] / STEP_MM, axes[1] / STEP_MM
    first_row, first_column = max(int(row - half_row), 0), max(int(column - half_column), 0)
    part = labels[
        first_row : max(int(row + half_row) + 2, 0), first_column : max(int(column + half_column) + 2, 0)
    ]
    down = (np.arange(part.shape[0]) + first_row - row) / half_row
    across = (np.arange(part.shape[1]) + first_column - column) / half_column
    part[down[:, None] ** 2 + across**2 <= 1] = value
