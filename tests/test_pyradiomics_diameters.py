"""Largest distances, against all pairs."""

import numpy as np
import pytest
from scipy.spatial.distance import pdist

from hepar.features.pyradiomics.diameters import farthest, farthest_in_planes


@pytest.mark.parametrize("seed", range(6))
def test_the_largest_distance_is_that_of_all_pairs(seed: int) -> None:
    rng = np.random.default_rng(seed)
    points = np.unique(rng.integers(0, 14, (400, 3)), axis=0) * np.array([1.5, 0.7, 1.0])
    assert farthest(points) == pytest.approx(pdist(points).max())
    for axis in range(3):
        planes = [points[points[:, axis] == at] for at in np.unique(points[:, axis])]
        expected = max(float(pdist(plane).max()) for plane in planes if len(plane) > 1)
        assert farthest_in_planes(points, axis=axis) == pytest.approx(expected)


def test_points_that_share_no_plane_have_no_distance_in_one() -> None:
    assert farthest_in_planes(np.array([[0.0, 1, 2], [1.0, 2, 3]]), axis=0) == 0


def test_many_points_on_a_line_need_no_hull() -> None:
    points = np.zeros((150, 2))
    points[:, 0] = np.arange(150)
    assert farthest(points) == 149
