"""Shape features by PyRadiomics: a marching cubes surface, the extremes of its vertices, the axes of the voxels."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...imaging.mesh_table import CORNERS, triangles
from .diameters import farthest, farthest_in_planes

Mask = NDArray[np.bool_]
Floats = NDArray[np.float64]
_TURNING = int(np.flatnonzero((np.array([1, 1, 0]) == CORNERS).all(axis=1))[0])
"""The corner whose filling decides which of two complementary fillings PyRadiomics draws."""


def shape(region: Mask, spacing_mm: tuple[float, float, float]) -> dict[str, float]:
    """The 17 features of `region` (z, y, x), cropped to its box.

    PyRadiomics draws a cube with one certain corner filled as its complement turned inside out, which leaves holes
    where filled and empty corners meet crosswise; areas and volumes of ragged regions differ from those of a closed
    surface. Slice, Column and Row are the largest distances within planes of one z, y and x. Axis lengths are 4 roots
    of the eigenvalues of the voxels' covariance (divided by n).
    """
    spacing = np.array(spacing_mm)
    padded = np.pad(region, 1)
    area, volume = _surface(padded, spacing)
    vertices = surface_vertices(padded) * spacing
    least, minor, major = principal_variances(region, spacing)
    sphere_area = float(np.cbrt(36 * np.pi * volume**2))
    return {
        "Compactness1": volume / (area**1.5 * float(np.sqrt(np.pi))),
        "Compactness2": 36 * float(np.pi) * volume**2 / area**3,
        "Elongation": float(np.sqrt(minor / major)),
        "Flatness": float(np.sqrt(least / major)),
        "LeastAxisLength": 4 * float(np.sqrt(least)),
        "MajorAxisLength": 4 * float(np.sqrt(major)),
        "Maximum2DDiameterColumn": farthest_in_planes(vertices, axis=1),
        "Maximum2DDiameterRow": farthest_in_planes(vertices, axis=2),
        "Maximum2DDiameterSlice": farthest_in_planes(vertices, axis=0),
        "Maximum3DDiameter": farthest(vertices),
        "MeshVolume": volume,
        "MinorAxisLength": 4 * float(np.sqrt(minor)),
        "SphericalDisproportion": area / sphere_area,
        "Sphericity": sphere_area / area,
        "SurfaceArea": area,
        "SurfaceVolumeRatio": area / volume,
        "VoxelVolume": float(np.count_nonzero(region) * spacing.prod()),
    }


def _surface(padded: Mask, spacing: Floats) -> tuple[float, float]:
    """Area (mm2) and volume (mm3) by the triangles of each cube of 2 x 2 x 2 voxels.

    The volume adds the pyramids over all triangles with their tip at voxel (0, 0, 0) of the padded region: as the
    surface may have holes, the tip matters.
    """
    filling = _fillings(padded)
    z, y, x = np.nonzero((filling > 0) & (filling < 255))
    kinds = filling[z, y, x]
    count = np.bincount(kinds, minlength=256)
    place = np.stack([np.bincount(kinds, at, minlength=256) for at in (z, y, x)], axis=1) * spacing
    kind, corners = triangles()
    first, second, third = np.moveaxis(corners * spacing, 1, 0)
    normal = np.cross(third - first, second - first)
    inside = np.bincount(kind, np.einsum("ij,ij->i", first, normal), minlength=256)
    facing = np.stack([np.bincount(kind, side, minlength=256) for side in normal.T], axis=1)
    areas = np.bincount(kind, np.linalg.norm(normal, axis=1), minlength=256)
    drawn, sign = _drawn()
    area = count @ areas[drawn] / 2
    volume = sign @ (count * inside[drawn] + np.sum(place * facing[drawn], axis=1)) / 6
    return float(area), float(volume)


def _drawn() -> tuple[NDArray[Any], NDArray[Any]]:
    """The filling whose triangles are drawn for each filling, and 1 or -1 where it is the complement."""
    filling = np.arange(256)
    turned = (filling >> _TURNING & 1).astype(bool)
    return np.where(turned, 255 - filling, filling), np.where(turned, -1, 1)


def _fillings(padded: Mask) -> NDArray[np.uint8]:
    """Number of the filling of each cube, by its first voxel."""
    depth, height, width = (n - 1 for n in padded.shape)
    filled = padded.view(np.uint8)
    found = np.zeros((depth, height, width), np.uint8)
    for bit, (z, y, x) in enumerate(CORNERS):
        found |= filled[z : z + depth, y : y + height, x : x + width] << np.uint8(bit)
    return found


def surface_vertices(padded: NDArray[np.bool_]) -> Floats:
    """Midpoints between neighbouring voxels (or pixels) one of which is in the region, (vertices, axes)."""
    found = []
    for axis in range(padded.ndim):
        at = np.argwhere(np.diff(padded, axis=axis)).astype(float)
        at[:, axis] += 0.5
        found.append(at)
    return np.concatenate(found)


def principal_variances(region: NDArray[np.bool_], spacing: Floats) -> Floats:
    """Eigenvalues of the covariance of the voxel centres, ascending, none below 0."""
    places = np.argwhere(region) * spacing
    places -= places.mean(axis=0)
    values = np.linalg.eigvalsh(places.T @ places / len(places))
    return np.asarray(np.maximum(values, 0), np.float64)
