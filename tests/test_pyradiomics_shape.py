"""Shape by PyRadiomics."""

import numpy as np
import pytest

from hepar.features.pyradiomics.shape import shape
from hepar.imaging.mesh import surface

SPACING = (2.0, 1.0, 0.5)


def ball(radius: float) -> np.ndarray:
    z, y, x = np.indices((41, 41, 41)) - 20
    return np.asarray(z**2 + y**2 + x**2 <= radius**2)


def test_a_row_of_two_voxels_is_an_octahedron_drawn_out() -> None:
    found = shape(np.ones((1, 1, 2), bool), SPACING)
    assert found["MeshVolume"] == pytest.approx(1 / 6 + 1 / 2)
    assert found["VoxelVolume"] == 2
    assert found["Maximum3DDiameter"] == pytest.approx(np.hypot(2, 0.5))
    assert found["Elongation"] == 0


def test_area_and_volume_of_a_smooth_region_are_those_of_the_closed_surface() -> None:
    found = shape(ball(12.3), SPACING)
    area, volume = surface(ball(12.3), SPACING)
    assert (found["SurfaceArea"], found["MeshVolume"]) == pytest.approx((area, volume))


def test_voxels_that_meet_at_an_edge_leave_holes() -> None:
    region = np.zeros((2, 2, 2), bool)
    region[0, 0, 0] = region[0, 1, 1] = region[1, 0, 1] = region[1, 1, 0] = region[1, 1, 1] = True
    assert shape(region, SPACING)["MeshVolume"] != pytest.approx(surface(region, SPACING)[1], rel=1e-3)


def test_axis_lengths_are_four_deviations_along_them() -> None:
    found = shape(np.ones((2, 6, 4), bool), SPACING)
    lengths = [4 * np.sqrt((n**2 - 1) / 12) * mm for n, mm in zip((2, 6, 4), SPACING, strict=True)]
    names = ("LeastAxisLength", "MinorAxisLength", "MajorAxisLength")
    assert [found[name] for name in names] == pytest.approx(sorted(lengths))
    assert found["Elongation"] == pytest.approx(found["MinorAxisLength"] / found["MajorAxisLength"])


def test_diameters_in_planes_are_those_of_the_vertices() -> None:
    found = shape(np.ones((2, 6, 4), bool), SPACING)
    assert found["Maximum2DDiameterSlice"] == pytest.approx(np.hypot(6, 1.5))
    assert found["Maximum2DDiameterColumn"] == pytest.approx(np.hypot(4, 1.5))
    assert found["Maximum2DDiameterRow"] == pytest.approx(np.hypot(4, 5))


def test_sphericity_and_its_relatives_are_functions_of_one_ratio() -> None:
    found = shape(ball(8), (1.0, 1.0, 1.0))
    assert 0.9 < found["Sphericity"] < 1
    assert found["SphericalDisproportion"] == pytest.approx(1 / found["Sphericity"])
    assert found["Compactness2"] == pytest.approx(found["Sphericity"] ** 3)
    assert found["Compactness1"] == pytest.approx(np.sqrt(found["Compactness2"]) / (6 * np.pi))
