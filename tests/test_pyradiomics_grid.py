"""The grid on which PyRadiomics resamples."""

import numpy as np
import pytest

from hepar.features.pyradiomics.grid import resampling_grid
from hepar.imaging.geometry import Volume

AFFINE = np.array([[0, 0, 0.8, -10.0], [0, -0.8, 0, 5.0], [3.0, 0, 0, 40.0], [0, 0, 0, 1]])
VOLUME = Volume(np.zeros((10, 20, 20)), AFFINE)
REGION = np.zeros((10, 20, 20), bool)
REGION[4:6, 8:12, 8:12] = True


def test_the_grid_covers_the_region_with_its_padding_from_the_corner_of_the_image() -> None:
    grid = resampling_grid(VOLUME, REGION, spacing_mm=np.array([1.0, 0.8, 0.8]), pad=0)
    z, y, _ = grid.positions
    np.testing.assert_allclose(z, (np.arange(10, 18) - 1) / 3)
    np.testing.assert_allclose(y, np.arange(7, 13), atol=1e-12)


def test_padding_stops_at_the_image() -> None:
    grid = resampling_grid(VOLUME, REGION, spacing_mm=np.array([3.0, 1.6, 1.6]), pad=50)
    assert [len(at) for at in grid.positions] == [10, 10, 10]


def test_the_affine_of_the_grid_places_its_voxels_where_their_positions_say() -> None:
    grid = resampling_grid(VOLUME, REGION, spacing_mm=np.array([2.0, 1.1, 0.7]), pad=2)
    for index in ((0, 0, 0), (3, 2, 5)):
        place = [at[i] for at, i in zip(grid.positions, index, strict=True)]
        assert grid.affine @ (*index, 1) == pytest.approx(AFFINE @ (*place, 1))


def test_a_turned_image_is_sampled_along_its_own_axes() -> None:
    turn = np.eye(4)
    turn[:2, :2] = [[np.cos(0.3), -np.sin(0.3)], [np.sin(0.3), np.cos(0.3)]]
    turned = resampling_grid(
        Volume(VOLUME.array, turn @ AFFINE), REGION, spacing_mm=np.array([2.0, 1.1, 0.7]), pad=2
    )
    straight = resampling_grid(VOLUME, REGION, spacing_mm=np.array([2.0, 1.1, 0.7]), pad=2)
    for one, other in zip(turned.positions, straight.positions, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-9)
