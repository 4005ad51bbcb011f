"""Interpolation as ITK does it, against scipy's and at the edges."""

from typing import get_args

import numpy as np
import pytest
from scipy import ndimage

from hepar.features.pyradiomics.grid import Grid
from hepar.features.pyradiomics.interpolation import interpolate, nearest
from hepar.features.pyradiomics.settings import Interpolator

RNG = np.random.default_rng(3)


def grid_at(z: list[float], y: list[float], x: list[float]) -> Grid:
    return Grid(np.eye(4), (np.array(z), np.array(y), np.array(x)))


@pytest.mark.parametrize(("shape", "close"), [((9, 12, 14), 1e-10), ((40, 7, 70), 1e-6)])
def test_the_spline_is_the_cubic_one_mirrored_at_the_border(
    shape: tuple[int, int, int], close: float
) -> None:
    values = RNG.normal(0, 100, shape)
    z, y, x = (np.sort(RNG.uniform(-0.5, n - 0.51, 11)) for n in shape)
    grid = Grid(np.eye(4), (z, y, x))
    places = np.stack(np.meshgrid(*grid.positions, indexing="ij"))
    expected = ndimage.map_coordinates(values, places, order=3, mode="mirror")
    np.testing.assert_allclose(interpolate(values, grid, "sitkBSpline"), expected, atol=close)


def test_linear_values_stay_within_their_neighbours_and_end_at_the_border() -> None:
    values = np.arange(8.0).reshape(2, 2, 2)
    grid = grid_at([-0.4, 0.5], [0.0, 1.4], [0.25])
    assert interpolate(values, grid, "sitkLinear").ravel() == pytest.approx([0.25, 2.25, 2.25, 4.25])


def test_half_way_the_nearest_voxel_is_the_upper_one() -> None:
    values = np.arange(4)[:, None, None]
    assert nearest(values, grid_at([0.49, 0.5, 1.5, 2.51], [0], [0])).ravel().tolist() == [0, 1, 2, 3]


def test_more_than_half_a_voxel_outside_the_image_is_0() -> None:
    values = np.full((3, 3, 3), 7.0)
    for method in get_args(Interpolator):
        found = interpolate(values, grid_at([-0.6, -0.5, 2.49, 2.5], [1], [1]), method)
        assert found.ravel() == pytest.approx([0, 7, 7, 0])


def test_whole_numbers_are_cut_off_towards_0() -> None:
    values = np.array([-5, -4, 3, 4], np.int16)[:, None, None]
    found = interpolate(values, grid_at([0.3, 2.7], [0], [0]), "sitkLinear")
    assert found.dtype == np.int16
    assert found.ravel().tolist() == [-4, 3]


def test_single_precision_stays() -> None:
    values = RNG.normal(size=(6, 6, 6)).astype(np.float32)
    assert interpolate(values, grid_at([1.2], [2.3], [3.4]), "sitkBSpline").dtype == np.float32


def test_sums_over_single_places_agree_with_those_along_axes() -> None:
    whole = np.rint(RNG.normal(0, 100, (12, 13, 14)))
    grid = grid_at([2, 3.5, 5], [3, 4], [5, 6.25])
    fine = interpolate(whole, grid, "sitkBSpline")
    cut = interpolate(whole.astype(np.int16), grid, "sitkBSpline")
    assert np.all(abs(cut - fine) < 1 + 1e-9)
    assert np.all(abs(cut) <= abs(fine) + 1e-9)
