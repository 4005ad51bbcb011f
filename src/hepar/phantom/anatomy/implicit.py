"""Signed distances (mm, negative inside) of simple bodies and how to join them smoothly."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .lattice import Mesh, Values

Point = tuple[float, float, float]


def ellipsoid(mesh: Mesh, centre: Point, half: Point) -> Values:
    """Distance, to first order near the surface, to an ellipsoid with half-axes `half` (z, y, x)."""
    unit = [(p - c) / h for p, c, h in zip(mesh, centre, half, strict=True)]
    reach = np.sqrt(sum(u * u for u in unit))
    slope = np.sqrt(sum((u / h) ** 2 for u, h in zip(unit, half, strict=True)))
    found: Values = reach * (reach - 1) / np.maximum(slope, 1e-6)
    return np.where(reach < 1e-3, -min(half), found).astype(np.float32)


def turned(mesh: Mesh, centre: Point, *, pitch: float = 0.0, yaw: float = 0.0, roll: float = 0.0) -> Mesh:
    """The mesh as seen by a body at `centre` turned by `pitch` (about x), `yaw` (about z), `roll` (about y), rad."""
    z, y, x = (p - c for p, c in zip(mesh, centre, strict=True))
    z, y = np.cos(pitch) * z - np.sin(pitch) * y, np.sin(pitch) * z + np.cos(pitch) * y
    y, x = np.cos(yaw) * y - np.sin(yaw) * x, np.sin(yaw) * y + np.cos(yaw) * x
    z, x = np.cos(roll) * z - np.sin(roll) * x, np.sin(roll) * z + np.cos(roll) * x
    return z, y, x


def chain(
    mesh: Mesh, points: NDArray[np.floating], radii: NDArray[np.floating], *, blend: float = 0.0
) -> Values:
    """Distance to a chain of rounded cones through `points` (n, 3) with `radii` (n,)."""
    found: Values | None = None
    for a, b, ra, rb in zip(points[:-1], points[1:], radii[:-1], radii[1:], strict=True):
        part = segment(mesh, a, b) if ra == rb else None
        part = cone(mesh, a, b, radii=(float(ra), float(rb))) if part is None else part - np.float32(ra)
        found = part if found is None else smooth_min(found, part, width=blend)
    if found is None:
        raise ValueError("a chain needs two points or more")
    return found


def segment(mesh: Mesh, a: NDArray[np.floating], b: NDArray[np.floating]) -> Values:
    """Distance to the segment from `a` to `b`."""
    return cone(mesh, a, b, radii=(0.0, 0.0))


def cone(
    mesh: Mesh, a: NDArray[np.floating], b: NDArray[np.floating], *, radii: tuple[float, float]
) -> Values:
    """Distance to the segment from `a` to `b` less a radius that runs from the first of `radii` to the second."""
    a32, step = a.astype(np.float32), (b - a).astype(np.float32)
    z, y, x = (p - c for p, c in zip(mesh, a32, strict=True))
    length2 = np.float32(max(float(step @ step), 1e-6))
    along = np.clip((z * step[0] + y * step[1] + x * step[2]) / length2, 0, 1)
    away = (z - along * step[0]) ** 2 + (y - along * step[1]) ** 2 + (x - along * step[2]) ** 2
    found: Values = np.sqrt(away) - np.float32(radii[0]) - along * np.float32(radii[1] - radii[0])
    return found


def smooth_max(a: NDArray[Any], b: NDArray[Any], *, width: float) -> Values:
    """Intersection of two bodies, its edge rounded over `width` mm (quadratic blend)."""
    found: Values = np.maximum(a, b)
    if width <= 0:
        return found
    near = np.maximum(np.float32(width) - np.abs(a - b), 0)
    rounded: Values = found + near * near * np.float32(0.25 / width)
    return rounded


def smooth_min(a: NDArray[Any], b: NDArray[Any], *, width: float) -> Values:
    """Union of two bodies, the notch between them filled over `width` mm."""
    return -smooth_max(-a, -b, width=width)


def without(a: NDArray[Any], b: NDArray[Any], *, width: float) -> Values:
    """Body `a` with body `b` taken away, the new edge rounded over `width` mm."""
    return smooth_max(a, -b, width=width)


def heights(points: NDArray[np.float64], y: Values, x: Values) -> Values:
    """The thin-plate surface through `points` (n, 3) of (z, y, x): its z at (y, x) (Duchon, 1977)."""
    n, places, z = len(points), points[:, 1:], points[:, 0]
    system = np.zeros((n + 3, n + 3))
    system[:n, :n] = _plate(((places[:, None] - places[None]) ** 2).sum(2))
    system[:n, n] = system[n, :n] = 1
    system[:n, n + 1 :] = places
    system[n + 1 :, :n] = places.T
    weights = np.linalg.solve(system, np.concatenate([z, np.zeros(3)]))
    found = weights[n] + weights[n + 1] * y + weights[n + 2] * x
    for (py, px), weight in zip(places, weights[:n], strict=True):
        found = found + weight * _plate((y.astype(np.float64) - py) ** 2 + (x - px) ** 2)
    surface: Values = found.astype(np.float32)
    return surface


def _plate(square: NDArray[np.float64]) -> NDArray[np.float64]:
    """r^2 log r of a squared distance."""
    found: NDArray[np.float64] = 0.5 * square * np.log(np.maximum(square, 1e-9))
    return found
