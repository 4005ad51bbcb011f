"""Area and volume of a region's marching cubes surface, counted rather than drawn.

Inside a cube of 2 x 2 x 2 voxels the surface depends on the filling of the cube alone, so the number of cubes of
each of the 256 fillings gives area and volume of the whole surface.
"""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from .compiled import compiled
from .mesh_table import CORNERS, triangles
from .regions import Mask, Spacing

Floats = NDArray[np.float64]


def surface(region: Mask, spacing_mm: Spacing) -> tuple[float, float]:
    """Area (mm2) and enclosed volume (mm3) of the surface midway between voxels of the region and others.

    What lies beyond the array is outside. Equal to the mesh of scikit-image's `marching_cubes(region, 0.5,
    method="lorensen")` of the padded region (IBSI C0JK and RNU0).
    """
    counts = fillings(np.pad(region, 1).view(np.uint8))
    spacing = np.array(spacing_mm)
    return float(counts @ _areas(spacing)), float(counts @ _volumes()) * float(spacing.prod())


@compiled
def fillings(padded: NDArray[np.uint8]) -> NDArray[np.int64]:
    """How many cubes of 2 x 2 x 2 neighbouring voxels have each filling (256,)."""
    counts = np.zeros(256, np.int64)
    depth, height, width = padded.shape
    for z in range(depth - 1):
        for y in range(height - 1):
            a, b, c, d = padded[z, y], padded[z, y + 1], padded[z + 1, y], padded[z + 1, y + 1]
            left = a[0] | b[0] << 1 | c[0] << 2 | d[0] << 3
            for x in range(1, width):
                right = a[x] | b[x] << 1 | c[x] << 2 | d[x] << 3
                counts[left | right << 4] += 1
                left = right
    return counts


def _areas(spacing: Floats) -> Floats:
    """Area (mm2) of the surface in a cube of each filling."""
    filling, corners = triangles()
    first, second, third = np.moveaxis(corners * spacing, 1, 0)
    doubled = np.linalg.norm(np.cross(second - first, third - first), axis=1)
    return np.bincount(filling, doubled, minlength=256) / 2


@cache
def _volumes() -> Floats:
    """Inside volume of a cube of each filling, as a share of the cube.

    By the divergence theorem, from the middle of the cube: the surface's part and that of the six faces, each
    half an edge away.
    """
    filling, corners = triangles()
    first, second, third = np.moveaxis(corners - 0.5, 1, 0)
    signed = np.einsum("ij,ij->i", first, np.cross(third, second)) / 6
    outward = np.bincount(filling, signed, minlength=256)
    return outward + _face_areas() / 6


def _face_areas() -> Floats:
    """Inside area of all six faces of a cube of each filling, edges of length 1."""
    full = np.arange(256)[:, None] >> np.arange(8) & 1
    areas = np.zeros(256)
    for axis in range(3):
        for side in (0, 1):
            face = np.flatnonzero(CORNERS[:, axis] == side)
            count = full[:, face].sum(axis=1)
            diagonal = (count == 2) & (full[:, face[0]] == full[:, face[3]])
            areas += np.where(diagonal, 2 / 8, np.array([0, 1 / 8, 1 / 2, 7 / 8, 1])[count])
    return areas
