"""Oracle: scikit-image's marching cubes with the table of Lorensen."""

from typing import Any

import numpy as np
import pytest
from skimage import measure

from hepar.imaging.mesh import surface
from hepar.imaging.mesh_table import triangles

marching_cubes: Any = measure.marching_cubes


def drawn(region: np.ndarray, spacing_mm: tuple[float, float, float]) -> tuple[float, float]:
    corners, faces, _, _ = marching_cubes(np.pad(region, 1).astype(np.float32), 0.5, method="lorensen")
    a, b, c = np.moveaxis((corners.astype(float) * spacing_mm)[faces], 1, 0)
    area = np.linalg.norm(np.cross(b - a, c - a), axis=1).sum() / 2
    return float(area), float(abs((a * np.cross(b, c)).sum()) / 6)


@pytest.mark.parametrize("density", [0.1, 0.3, 0.5, 0.7, 0.9])
@pytest.mark.parametrize("spacing_mm", [(1, 1, 1), (2.5, 0.8, 0.7), (0.6, 3, 1.1)])
def test_area_and_volume_of_any_mask_are_those_of_its_drawn_mesh(
    density: float, spacing_mm: tuple[float, float, float]
) -> None:
    region = np.random.default_rng(int(10 * density)).random((9, 12, 14)) < density
    assert surface(region, spacing_mm) == pytest.approx(drawn(region, spacing_mm), rel=1e-9)


def test_a_single_voxel_is_an_octahedron() -> None:
    area, volume = surface(np.ones((1, 1, 1), bool), (1, 1, 1))
    assert (area, volume) == pytest.approx((np.sqrt(3), 1 / 6))


def test_a_ball_has_the_volume_of_a_ball() -> None:
    z, y, x = np.mgrid[-30:31, -30:31, -30:31]
    _, volume = surface(z**2 + y**2 + x**2 <= 28.5**2, (0.5, 0.5, 0.5))
    assert volume == pytest.approx(4 / 3 * np.pi * 14.25**3, rel=5e-3)


def test_every_filling_but_the_empty_and_the_full_one_has_a_surface() -> None:
    filling, corners = triangles()
    assert set(filling.tolist()) == set(range(1, 255))
    assert len(corners) == 820


def test_the_complement_has_the_same_surface_where_no_face_is_ambiguous() -> None:
    region = np.zeros((6, 6, 6), bool)
    region[2:4, 2:4, 1:5] = True
    hollow = np.ones((10, 10, 10), bool)
    hollow[2:8, 2:8, 2:8] = ~region
    area, volume = surface(region, (1, 1, 1))
    outer_area, outer_volume = surface(np.ones((10, 10, 10), bool), (1, 1, 1))
    assert surface(hollow, (1, 1, 1)) == pytest.approx((outer_area + area, outer_volume - volume))
