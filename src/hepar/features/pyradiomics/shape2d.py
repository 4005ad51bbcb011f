"""Shape features of a single slice by PyRadiomics: a marching squares outline."""

import numpy as np
from numpy.typing import NDArray

from .diameters import farthest
from .shape import principal_variances, surface_vertices

Mask = NDArray[np.bool_]


def shape_2d(region: Mask, spacing_mm: tuple[float, float]) -> dict[str, float]:
    """The 10 features of `region` (rows, columns), cropped to its box; pixels of `spacing_mm`."""
    spacing = np.array(spacing_mm)
    padded = np.pad(region, 1)
    perimeter, area = _outline(padded, spacing)
    minor, major = principal_variances(region, spacing)
    circle = float(2 * np.sqrt(np.pi * area))
    return {
        "Elongation": float(np.sqrt(minor / major)),
        "MajorAxisLength": 4 * float(np.sqrt(major)),
        "MaximumDiameter": farthest(surface_vertices(padded) * spacing),
        "MeshSurface": area,
        "MinorAxisLength": 4 * float(np.sqrt(minor)),
        "Perimeter": perimeter,
        "PerimeterSurfaceRatio": perimeter / area,
        "PixelSurface": float(np.count_nonzero(region) * spacing.prod()),
        "SphericalDisproportion": perimeter / circle,
        "Sphericity": circle / perimeter,
    }


def _outline(padded: Mask, spacing: NDArray[np.float64]) -> tuple[float, float]:
    """Length (mm) and area (mm2) of the outline midway between pixels in and out of the region."""
    row, column = spacing
    a, b, c, d = padded[:-1, :-1], padded[:-1, 1:], padded[1:, :-1], padded[1:, 1:]
    filled = a.astype(int) + b + c + d
    two = filled == 2
    crossed, along_row, along_column = two & (a == d), two & (a == b), two & (a == c)
    slants = np.count_nonzero((filled == 1) | (filled == 3)) + 2 * np.count_nonzero(crossed)
    length = slants * np.hypot(row, column) / 2
    length += np.count_nonzero(along_row) * column + np.count_nonzero(along_column) * row
    eighths = np.array([0, 1, 4, 7, 8])[filled]
    area = (eighths.sum() - _CUT_APART * np.count_nonzero(crossed)) / 8 * row * column
    return float(length), float(area)


_CUT_APART = 2
"""Eighths of a square by which two opposite filled corners, cut apart, fall short of a half."""
