"""Morphological features of a region: size, surface, axes and how it fills simple shapes (IBSI family HCUG)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..core.errors import DataError
from .compiled import compiled
from .enclosing import (
    Hull,
    diameter,
    ellipsoid_area,
    smallest_box,
    smallest_ellipsoid,
    surface_hull,
)
from .geometry import Array
from .mesh import surface
from .regions import Mask, Spacing, bounding_box
from .spatial import spatial_autocorrelation

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Shape:
    """Measures of a region that the features are made of, in millimetres."""

    area: float
    volume: float
    voxels: int
    voxel_volume: float
    centre: Floats
    semi_axes: Floats
    box: Floats
    hull: Hull


def morphology(
    region: Mask,
    spacing_mm: Spacing,
    *,
    image: Array | None = None,
    intensity_mask: Mask | None = None,
    correlation: bool = False,
    enclosing: bool = False,
) -> dict[str, float]:
    """The morphological features of `region` (z, y, x), the morphological mask.

    Volume and area are those of the marching cubes surface midway between voxels, closed at the border of the image.
    Axes come from the covariance of voxel centres, divided by n - 1; one voxel alone has axes of length 0.

    With `image`, centre of mass shift and integrated intensity of the intensity mask (`region` by default) are added;
    with `correlation` also Moran's I and Geary's C; with `enclosing` the densities in the smallest enclosing box and
    ellipsoid, for which the manual has no agreed values.

    NaN where the manual divides by nothing: elongation and flatness of a single voxel, densities of the ellipsoid
    of a region in one line or plane (the area density only of a line), centre of mass shift of intensities that sum
    to 0, autocorrelation of a constant or single intensity (Zwanenburg et al., arXiv:1612.07003).

    Raises:
        DataError: the region or the intensity mask is empty, or of another shape than the image.
    """
    shape = _measured(region, spacing_mm)
    features = _size(shape) | _axes(shape) | _densities(shape)
    if enclosing:
        features |= _enclosing(shape)
    if image is not None:
        mask = region if intensity_mask is None else intensity_mask
        features |= _intensities(image, mask, shape, spacing_mm=spacing_mm)
        if correlation:
            features |= spatial_autocorrelation(image, mask, spacing_mm)
    return features


def _measured(region: Mask, spacing_mm: Spacing) -> Shape:
    box = bounding_box(region)
    inside = np.ascontiguousarray(region[box])
    spacing = np.array(spacing_mm)
    rows = _rows(inside.view(np.uint8))
    area, volume = surface(inside, spacing_mm)
    voxels, centre, covariance = _spread(rows)
    variances = np.linalg.eigvalsh(covariance * np.outer(spacing, spacing))[::-1]
    return Shape(
        area=area,
        volume=volume,
        voxels=voxels,
        voxel_volume=float(spacing.prod()),
        centre=(centre + [axis.start for axis in box]) * spacing,
        semi_axes=2 * np.sqrt(np.where(variances > variances[0] * 1e-12, variances, 0.0)),
        box=np.array(inside.shape) * spacing,
        hull=surface_hull(rows[..., :2], spacing_mm),
    )


@compiled
def _rows(inside: NDArray[np.uint8]) -> Ints:
    """Of each row (slices, rows, 5): first and last column of the region or -1, voxels, sum of columns and squares."""
    depth, height, width = inside.shape
    rows = np.zeros((depth, height, 5), np.int64)
    for z in range(depth):
        for y in range(height):
            row = rows[z, y]
            row[0] = row[1] = -1
            for x in range(width):
                if inside[z, y, x]:
                    row[0] = x if row[2] == 0 else row[0]
                    row[1] = x
                    row[2] += 1
                    row[3] += x
                    row[4] += x * x
    return rows


def _spread(rows: Ints) -> tuple[int, Floats, Floats]:
    """Number, mean and covariance (3, 3; divided by n - 1, 0 for one) of the voxels' indices (z, y, x)."""
    z, y = np.ogrid[: rows.shape[0], : rows.shape[1]]
    count, columns, squares = (rows[..., k] for k in (2, 3, 4))
    n = int(count.sum())
    sums = np.array([(z * count).sum(), (y * count).sum(), columns.sum()])
    products = np.empty((3, 3))
    products[0, 0], products[1, 1], products[2, 2] = (
        (z * z * count).sum(),
        (y * y * count).sum(),
        squares.sum(),
    )
    products[0, 1] = products[1, 0] = (z * y * count).sum()
    products[0, 2] = products[2, 0] = (z * columns).sum()
    products[1, 2] = products[2, 1] = (y * columns).sum()
    mean = sums / n
    return n, mean, (products - n * np.outer(mean, mean)) / max(n - 1, 1)


def _size(shape: Shape) -> dict[str, float]:
    area, volume = shape.area, shape.volume
    sphericity = float((36 * np.pi * volume**2) ** (1 / 3) / area)
    return {
        "morph_volume": volume,
        "morph_vol_approx": shape.voxels * shape.voxel_volume,
        "morph_area_mesh": area,
        "morph_av": area / volume,
        "morph_comp_1": float(volume / (np.sqrt(np.pi) * area**1.5)),
        "morph_comp_2": sphericity**3,
        "morph_sph_dispr": 1 / sphericity,
        "morph_sphericity": sphericity,
        "morph_asphericity": 1 / sphericity - 1,
        "morph_diam": diameter(shape.hull.corners),
    }


def _axes(shape: Shape) -> dict[str, float]:
    major, minor, least = (float(2 * axis) for axis in shape.semi_axes)
    return {
        "morph_pca_maj_axis": major,
        "morph_pca_min_axis": minor,
        "morph_pca_least_axis": least,
        "morph_pca_elongation": _ratio(minor, major),
        "morph_pca_flatness": _ratio(least, major),
    }


def _densities(shape: Shape) -> dict[str, float]:
    return {
        **_density(shape, "aabb", _box(shape.box)),
        **_density(shape, "aee", _ellipsoid(shape.semi_axes)),
        **_density(shape, "conv_hull", (shape.hull.volume, shape.hull.area)),
    }


def _enclosing(shape: Shape) -> dict[str, float]:
    return {
        **_density(shape, "ombb", _box(smallest_box(shape.hull))),
        **_density(shape, "mvee", _ellipsoid(smallest_ellipsoid(shape.hull.corners))),
    }


def _density(shape: Shape, name: str, size: tuple[float, float]) -> dict[str, float]:
    return {
        f"morph_vol_dens_{name}": _ratio(shape.volume, size[0]),
        f"morph_area_dens_{name}": _ratio(shape.area, size[1]),
    }


def _box(edges: Floats) -> tuple[float, float]:
    a, b, c = (float(edge) for edge in edges)
    return a * b * c, 2 * (a * b + b * c + c * a)


def _ellipsoid(semi_axes: Floats) -> tuple[float, float]:
    return float(4 / 3 * np.pi * semi_axes.prod()), ellipsoid_area(semi_axes)


def _intensities(image: Array, mask: Mask, shape: Shape, *, spacing_mm: Spacing) -> dict[str, float]:
    if image.shape != mask.shape:
        raise DataError(f"image and mask have shapes {image.shape} and {mask.shape}; they must be the same")
    box = bounding_box(mask)
    weights = np.where(mask[box], image[box], 0)
    planes = weights.sum(axis=0, dtype=np.float64)
    profiles = (weights.sum(axis=(1, 2), dtype=np.float64), planes.sum(axis=1), planes.sum(axis=0))
    total = float(planes.sum())
    moments = [_moment(profile, axis.start) for profile, axis in zip(profiles, box, strict=True)]
    shift = np.array(moments) * spacing_mm - shape.centre * total
    return {
        "morph_com": _ratio(float(np.linalg.norm(shift)), abs(total)),
        "morph_integ_int": shape.volume * total / int(np.count_nonzero(mask[box])),
    }


def _moment(profile: Floats, start: int) -> float:
    return float(profile @ np.arange(start, start + profile.size))


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole else float("nan")
