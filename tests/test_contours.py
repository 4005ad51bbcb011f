"""Contours: which pixels an outline encloses, and the outlines of a region."""

import numpy as np
import pytest
from matplotlib.path import Path as Polygon

from hepar.imaging.contours import filled, outlines

SQUARE = np.array([[0.5, 0.5], [0.5, 4.5], [4.5, 4.5], [4.5, 0.5]])


def test_a_square_encloses_the_centres_inside_it() -> None:
    expected = np.zeros((6, 7), bool)
    expected[1:5, 1:5] = True
    assert np.array_equal(filled([SQUARE], (6, 7)), expected)
    assert np.array_equal(filled([SQUARE[::-1]], (6, 7)), expected)


def test_a_contour_inside_another_is_a_hole_and_one_inside_that_an_island() -> None:
    big = np.array([[-0.5, -0.5], [-0.5, 8.5], [8.5, 8.5], [8.5, -0.5]])
    inside = filled([big, SQUARE, np.array([[1.5, 1.5], [1.5, 2.5], [2.5, 2.5], [2.5, 1.5]])], (9, 9))
    assert inside.sum() == 81 - 16 + 1
    assert inside[2, 2]
    assert not inside[1, 1]


def test_a_keyhole_is_the_same_as_a_hole() -> None:
    big = np.array([[-0.5, -0.5], [-0.5, 8.5], [8.5, 8.5], [8.5, -0.5]])
    keyhole = np.vstack([big, big[:1], SQUARE, SQUARE[:1], big[:1]])
    assert np.array_equal(filled([keyhole], (9, 9)), filled([big, SQUARE], (9, 9)))


def test_centres_on_the_outline_belong_to_one_of_two_neighbours() -> None:
    left = np.array([[0, 0], [0, 3], [4, 3], [4, 0.0]])
    right = np.array([[0, 3], [0, 6], [4, 6], [4, 3.0]])
    a, b = filled([left], (5, 7)), filled([right], (5, 7))
    assert not (a & b).any()
    assert np.array_equal(a | b, filled([np.array([[0, 0], [0, 6], [4, 6], [4, 0.0]])], (5, 7)))
    nearly = left + np.random.default_rng(0).uniform(-1e-8, 1e-8, left.shape)
    assert np.array_equal(filled([nearly], (5, 7)), a)


def test_what_reaches_beyond_the_image_is_cut_at_its_edge() -> None:
    wide = np.array([[-9, -9], [-9, 20], [20, 20], [20, -9.0]])
    assert filled([wide], (3, 4)).all()
    assert not filled([wide + 100], (3, 4)).any()


@pytest.mark.parametrize("seed", range(5))
def test_any_polygon_encloses_what_another_library_finds(seed: int) -> None:
    rng = np.random.default_rng(seed)
    angle = np.sort(rng.uniform(0, 2 * np.pi, 25))
    radius = rng.uniform(5, 14, 25)
    loop = np.stack([15 + radius * np.sin(angle), 16 + radius * np.cos(angle)], axis=1)
    centres = np.argwhere(np.ones((30, 32), bool))
    theirs = Polygon(loop).contains_points(centres).reshape(30, 32)
    assert np.array_equal(filled([loop], (30, 32)), theirs)


def test_holes_and_corners_have_loops_of_their_own() -> None:
    ring = np.ones((5, 5), bool)
    ring[2, 2] = False
    assert len(outlines(ring)) == 2
    assert len(outlines(np.eye(3, dtype=bool))) == 3
    assert outlines(np.zeros((3, 3), bool)) == []
    (loop,) = outlines(np.ones((2, 3), bool))
    assert sorted(map(tuple, loop.tolist())) == [(-0.5, -0.5), (-0.5, 2.5), (1.5, -0.5), (1.5, 2.5)]
