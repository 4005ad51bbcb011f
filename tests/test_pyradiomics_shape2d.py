"""Shape of one slice by PyRadiomics."""

import numpy as np
import pytest

from hepar.features.pyradiomics.shape2d import shape_2d


def test_a_rectangle_loses_its_corners() -> None:
    found = shape_2d(np.ones((3, 5), bool), (2.0, 1.0))
    assert found["PixelSurface"] == 30
    assert found["MeshSurface"] == 30 - 4 * 0.25
    assert found["Perimeter"] == pytest.approx(2 * (2 * 2 + 4) + 4 * np.hypot(1, 0.5))


def test_pixels_that_meet_at_a_corner_are_cut_apart() -> None:
    region = np.array([[1, 0], [0, 1]], bool)
    found = shape_2d(region, (1.0, 1.0))
    assert found["MeshSurface"] == 1
    assert found["Perimeter"] == pytest.approx(8 * np.sqrt(0.5))


def test_a_disc_is_nearly_as_long_as_wide() -> None:
    y, x = np.indices((61, 61)) - 30
    found = shape_2d(y**2 + x**2 <= 28**2, (1.0, 1.0))
    assert found["Sphericity"] == pytest.approx(0.95, abs=0.05)
    assert found["Elongation"] == pytest.approx(1)
    assert found["MaximumDiameter"] == pytest.approx(57, abs=0.5)
    assert found["SphericalDisproportion"] == pytest.approx(1 / found["Sphericity"])
