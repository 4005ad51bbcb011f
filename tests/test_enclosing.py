"""Hulls, boxes and ellipsoids of known shapes; oracle: scipy's hull of every corner of the drawn mesh."""

from typing import Any

import numpy as np
import pytest
from scipy.spatial import ConvexHull
from scipy.spatial.distance import pdist
from scipy.special import eval_legendre
from skimage import measure

from hepar.imaging.enclosing import (
    Hull,
    diameter,
    ellipsoid_area,
    smallest_box,
    smallest_ellipsoid,
    surface_hull,
)

RNG = np.random.default_rng(8)
marching_cubes: Any = measure.marching_cubes


def ends(region: np.ndarray) -> np.ndarray:
    first, last = region.argmax(axis=2), region.shape[2] - 1 - region[..., ::-1].argmax(axis=2)
    return np.where(np.any(region, axis=2, keepdims=True), np.stack([first, last], axis=-1), -1)


def hull_of(points: np.ndarray) -> Hull:
    hull = ConvexHull(points)
    return Hull(points[hull.vertices], hull.equations[:, :3], hull.area, hull.volume)


def turned(points: np.ndarray) -> np.ndarray:
    directions, _ = np.linalg.qr(RNG.normal(size=(3, 3)))
    return np.asarray(points @ directions.T + (3, -7, 40))


def cuboid(edges: tuple[float, float, float]) -> np.ndarray:
    corners = np.array([(z, y, x) for z in (0, 1) for y in (0, 1) for x in (0, 1)], float)
    return corners * edges


@pytest.mark.parametrize(
    "shape", [(1, 1, 1), (1, 1, 6), (5, 1, 1), (1, 7, 6), (4, 1, 9), (6, 8, 1), (7, 9, 8)]
)
@pytest.mark.parametrize("density", [0.1, 0.5, 1.0])
def test_the_hull_is_that_of_every_corner_of_the_mesh(shape: tuple[int, int, int], density: float) -> None:
    region = RNG.random(shape) < density
    region[tuple(size // 2 for size in shape)] = True
    spacing_mm = (2.5, 0.8, 0.7)
    corners, _, _, _ = marching_cubes(np.pad(region, 1).astype(np.float32), 0.5, method="lorensen")
    expected = ConvexHull(corners.astype(float) * spacing_mm)
    found = surface_hull(ends(region), spacing_mm)
    assert (found.volume, found.area) == pytest.approx((expected.volume, expected.area), rel=1e-9)
    assert diameter(found.corners) == pytest.approx(pdist(expected.points).max(), rel=1e-9)


def test_the_diameter_of_many_points_is_found_across_blocks() -> None:
    points = RNG.normal(size=(1500, 3))
    assert diameter(points) == pytest.approx(pdist(points).max(), rel=1e-12)


@pytest.mark.parametrize("axes", [(9, 5, 3), (6, 5.9, 2), (6, 2, 2), (7, 6.5, 6)])
def test_the_area_of_an_ellipsoid_is_the_series_of_the_manual(axes: tuple[float, float, float]) -> None:
    a, b, c = axes
    alpha, beta = np.sqrt(1 - (b / a) ** 2), np.sqrt(1 - (c / a) ** 2)
    at = (alpha**2 + beta**2) / (2 * alpha * beta)
    terms = [
        (alpha * beta) ** degree / (1 - 4 * degree**2) * eval_legendre(degree, at) for degree in range(21)
    ]
    assert ellipsoid_area(np.array(axes, float)) == pytest.approx(4 * np.pi * a * b * sum(terms), rel=1e-12)
    assert ellipsoid_area(np.array(axes[::-1], float)) == ellipsoid_area(np.array(axes, float))


def test_a_sphere_has_its_area_and_a_line_or_point_none() -> None:
    assert ellipsoid_area(np.array([5.0, 5.0, 5.0])) == pytest.approx(100 * np.pi)
    assert ellipsoid_area(np.array([2.0, 0.0, 0.0])) == 0
    assert ellipsoid_area(np.zeros(3)) == 0
    assert np.isfinite(ellipsoid_area(np.array([2.0, 2.0, 0.0])))


@pytest.mark.parametrize("edges", [(4, 2, 1), (3, 3, 3), (10, 1, 0.5)])
def test_the_smallest_box_around_a_turned_box_is_that_box(edges: tuple[float, float, float]) -> None:
    found = smallest_box(hull_of(turned(cuboid(edges))))
    assert sorted(found) == pytest.approx(sorted(edges))


def test_the_smallest_box_is_never_larger_than_the_one_along_the_axes() -> None:
    for _ in range(10):
        points = RNG.normal(size=(40, 3)) * (3, 1, 2)
        assert smallest_box(hull_of(points)).prod() <= np.ptp(points, axis=0).prod() * 1.0001


def test_the_smallest_ellipsoid_around_a_turned_box_touches_its_corners() -> None:
    found = smallest_ellipsoid(turned(cuboid((4, 2, 1))))
    assert found == pytest.approx(np.sqrt(3) / 2 * np.array([4, 2, 1]), rel=1e-3)


def test_the_smallest_ellipsoid_around_an_ellipsoid_is_that_ellipsoid() -> None:
    sphere = RNG.normal(size=(4000, 3))
    sphere /= np.linalg.norm(sphere, axis=1, keepdims=True)
    found = smallest_ellipsoid(turned(sphere * (9, 5, 2)))
    assert found == pytest.approx([9, 5, 2], rel=5e-3)
