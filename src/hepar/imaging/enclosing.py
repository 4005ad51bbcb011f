"""What encloses a region's surface: convex hull, farthest points, ellipsoids and boxes."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import ConvexHull
from scipy.spatial.distance import cdist

from .compiled import compiled
from .regions import Spacing

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

LEGENDRE_TERMS = 20
"""Highest degree in the series of an ellipsoid's area, as the manual has it."""
ELLIPSOID_TOLERANCE = 0.001
"""Where the search for the smallest ellipsoid ends, as the manual has it."""


@dataclass(frozen=True, slots=True, eq=False)
class Hull:
    """Convex hull of a surface: `corners` (n, 3) in mm, `normals` (m, 3) of its faces, area (mm2), volume (mm3)."""

    corners: Floats
    normals: Floats
    area: float
    volume: float


def surface_hull(rows: Ints, spacing_mm: Spacing) -> Hull:
    """Hull of the marching cubes surface of a region, from first and last column of its rows (z, y, 2), -1 if empty.

    The surface crosses the grid half a voxel from the region in either direction of each axis; those crossings
    have the same hull as all its corners.
    """
    points = _outermost(_crossings(rows))
    hull = ConvexHull(points * (np.array(spacing_mm) / 2))
    return Hull(hull.points[hull.vertices], hull.equations[:, :3], float(hull.area), float(hull.volume))


def _crossings(rows: Ints) -> Ints:
    """First and last crossing of each row of a grid of half voxels, one row wider on each side; -1 if none."""
    depth, height = rows.shape[:2]
    never = 4 * (int(rows.max()) + 1)
    first, last = np.full((2, 2 * depth + 1, 2 * height + 1), never)
    low = np.where(rows[..., 0] < 0, never, 2 * rows[..., 0] + 1)
    high = np.where(rows[..., 1] < 0, never, -(2 * rows[..., 1] + 1))
    for z, y, more in ((1, 0, 0), (1, 2, 0), (0, 1, 0), (2, 1, 0), (1, 1, 1)):
        for ends, voxels in ((first, low), (last, high)):
            part = ends[z : z + 2 * depth : 2, y : y + 2 * height : 2]
            np.minimum(part, voxels - more, out=part, where=voxels < never)
    return np.where((first < never)[..., None], np.stack([first, -last], axis=-1), -1)


@compiled
def _outermost(rows: Ints) -> Ints:
    """Ends (n, 3: z, y, x) of rows (z, y, 2) that are corners of the hull of their slice and of their z, x plane."""
    depth, height = rows.shape[:2]
    kept = np.zeros(rows.shape, np.uint8)
    for side in range(2):
        for z in range(depth):
            _mark_corners(rows[z, :, side], 1 - 2 * side, kept[z, :, side])
        for y in range(height):
            _mark_corners(rows[:, y, side], 1 - 2 * side, kept[:, y, side])
    found = np.empty((rows.size, 3), np.int64)
    total = 0
    for z in range(depth):
        for y in range(height):
            for side in range(2):
                if kept[z, y, side] == 2:
                    found[total, 0], found[total, 1], found[total, 2] = z, y, rows[z, y, side]
                    total += 1
    return found[:total]


@compiled
def _mark_corners(ends: Ints, sign: int, kept: NDArray[np.uint8]) -> None:
    """Count one more in `kept` for each corner of the lower hull of `sign * ends`; entries of -1 are no points."""
    chain = np.empty(ends.size, np.int64)
    length = 0
    for k in range(ends.size):
        if ends[k] < 0:
            continue
        while length > 1:
            a, b = chain[length - 2], chain[length - 1]
            if sign * ((b - a) * (ends[k] - ends[a]) - (ends[b] - ends[a]) * (k - a)) > 0:
                break
            length -= 1
        chain[length] = k
        length += 1
    for i in range(length):
        kept[chain[i]] += 1


def diameter(corners: Floats) -> float:
    """Largest distance between two of `corners` (n, 3)."""
    farthest = 0.0
    for start in range(0, len(corners), 512):
        farthest = max(
            farthest, float(cdist(corners[start : start + 512], corners[start:], "sqeuclidean").max())
        )
    return float(np.sqrt(farthest))


def ellipsoid_area(semi_axes: Floats) -> float:
    """Surface area of an ellipsoid by the manual's series of Legendre polynomials up to degree 20 (IBSI RDD2).

    Written without the division that fails for spheres and discs. The manual takes both eccentricities from the
    longest axis, which is exact for spheres and up to a quarter too small for long ones; its reference values
    hold only so.
    """
    a, b, c = np.sort(semi_axes)[::-1]
    if a == 0:
        return 0.0
    alpha, beta = 1 - (b / a) ** 2, 1 - (c / a) ** 2  # squares of the eccentricities
    before, term, total = 0.0, 1.0, 1.0
    for degree in range(LEGENDRE_TERMS):
        following = ((2 * degree + 1) * (alpha + beta) / 2 * term - degree * alpha * beta * before) / (
            degree + 1
        )
        before, term = term, following
        total += term / (1 - 4 * (degree + 1) ** 2)
    return float(4 * np.pi * a * b * total)


def smallest_box(hull: Hull) -> Floats:
    """Edges (3,) in mm of the smallest box around the hull that lies on one of its faces.

    Over each face the smallest rectangle around the hull's shadow lies on one of the shadow's edges. The smallest
    box of all may lie on no face, but on two edges (O'Rourke 1985); the difference is small for many faces.
    """
    best, edges = np.inf, np.zeros(3)
    for normal in np.unique(np.round(hull.normals, 9), axis=0):
        height = np.ptp(hull.corners @ normal)
        shadow = hull.corners @ _plane(normal)
        sides = _smallest_rectangle(shadow[ConvexHull(shadow).vertices])
        if height * sides.prod() < best * (1 - 1e-12):
            best, edges = height * sides.prod(), np.array([height, *sides])
    return edges


def _plane(normal: Floats) -> Floats:
    """Two directions (3, 2) at right angles to `normal` and each other."""
    away = np.eye(3)[np.abs(normal).argmin()]
    first = np.cross(normal, away)
    first /= np.linalg.norm(first)
    return np.stack([first, np.cross(normal, first)], axis=1)


def _smallest_rectangle(polygon: Floats) -> Floats:
    """Sides of the smallest rectangle around a convex polygon (n, 2); it lies on one of its edges."""
    edges = np.roll(polygon, -1, axis=0) - polygon
    along = edges / np.linalg.norm(edges, axis=1, keepdims=True)
    across = along[:, ::-1] * (-1, 1)
    sides = np.stack([np.ptp(polygon @ along.T, axis=0), np.ptp(polygon @ across.T, axis=0)], axis=1)
    smallest: Floats = sides[sides.prod(axis=1).argmin()]
    return smallest


def smallest_ellipsoid(corners: Floats) -> Floats:
    """Semi-axes (3,) in mm, longest first, of the smallest ellipsoid around `corners` (n, 3).

    Khachiyan's ascent (1996) on the weights of the corners, up to a relative excess of 0.001; the ellipsoid is then
    widened to hold all corners.
    """
    lifted = np.column_stack([corners - corners.mean(axis=0), np.ones(len(corners))])
    weights = np.full(len(corners), 1 / len(corners))
    while True:
        spread = lifted.T @ (weights[:, None] * lifted)
        reach = np.einsum("ij,ij->i", lifted @ np.linalg.inv(spread), lifted)
        farthest = int(reach.argmax())
        if reach[farthest] <= 4 * (1 + ELLIPSOID_TOLERANCE):
            break
        step = (reach[farthest] - 4) / (4 * (reach[farthest] - 1))
        weights *= 1 - step
        weights[farthest] += step
    centre = weights @ lifted[:, :3]
    centred = lifted[:, :3] - centre
    shape = centred.T @ (weights[:, None] * centred)
    scale = np.einsum("ij,ij->i", centred @ np.linalg.inv(shape), centred).max()
    axes: Floats = np.sqrt(np.linalg.eigvalsh(shape) * scale)[::-1]
    return axes
