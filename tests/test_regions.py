from typing import Any

import numpy as np
import pytest
from scipy.spatial.distance import cdist

from hepar.core.errors import DataError, ProtocolError
from hepar.imaging.regions import (
    bounding_box,
    component_count,
    dilate,
    erode,
    fill_holes,
    largest_component,
    ring,
    shell,
)

SPACING_MM = (2.5, 0.8, 1.1)
MASK = np.zeros((9, 30, 24), bool)
MASK[3:6, 10:18, 8:15] = True
MASK[4, 18:20, 9] = True


def distance_mm(to: np.ndarray) -> np.ndarray:
    """Of every voxel's centre to the nearest one of `to`, pair by pair."""
    every, near = (np.argwhere(mask) * SPACING_MM for mask in (np.ones_like(to), to))
    return np.asarray(np.round(cdist(every, near).min(axis=1), 6).reshape(to.shape))


def test_the_bounding_box_is_tight_and_its_margin_ends_with_the_image() -> None:
    assert bounding_box(MASK) == (slice(3, 6), slice(10, 20), slice(8, 15))
    assert bounding_box(MASK, (1, 2, 9)) == (slice(2, 7), slice(8, 22), slice(0, 24))


def test_a_ring_holds_the_voxels_between_two_distances_outside() -> None:
    away = distance_mm(MASK)
    assert (ring(MASK, SPACING_MM, outer_mm=4) == ((away > 0) & (away <= 4))).all()
    assert (ring(MASK, SPACING_MM, inner_mm=2, outer_mm=5.2) == ((away > 2) & (away <= 5.2))).all()


def test_a_ring_stays_within_another_region() -> None:
    organ = np.zeros_like(MASK)
    organ[:, :14] = True
    found = ring(MASK, SPACING_MM, outer_mm=4, within=organ)
    assert (found == (ring(MASK, SPACING_MM, outer_mm=4) & organ)).all()


def test_a_shell_holds_the_voxels_between_two_depths_under_the_border() -> None:
    depth = distance_mm(~MASK)
    assert (shell(MASK, SPACING_MM, outer_mm=1.6) == (MASK & (depth <= 1.6))).all()
    assert (shell(MASK, SPACING_MM, inner_mm=1, outer_mm=2.6) == (MASK & (depth > 1) & (depth <= 2.6))).all()


def test_the_border_of_the_image_is_no_border_of_the_region() -> None:
    mask = np.zeros((6, 10, 10), bool)
    mask[:, :5] = True
    assert (
        shell(mask, (1, 1, 1), outer_mm=1) == np.pad(np.ones((6, 1, 10), bool), ((0, 0), (4, 5), (0, 0)))
    ).all()
    assert erode(mask, (1, 1, 1), distance_mm=1)[:, :4].all()
    assert erode(np.ones((3, 3, 3), bool), (1, 1, 1), distance_mm=5).all()


def test_dilation_and_erosion_go_by_the_distance_of_centres() -> None:
    assert (dilate(MASK, SPACING_MM, distance_mm=2.5) == (distance_mm(MASK) <= 2.5)).all()
    assert (erode(MASK, SPACING_MM, distance_mm=0.8) == (distance_mm(~MASK) > 0.8)).all()
    assert (dilate(MASK, SPACING_MM, distance_mm=0) == MASK).all()
    assert not erode(MASK, SPACING_MM, distance_mm=50).any()


def test_components_touch_by_corners_unless_told_otherwise() -> None:
    mask = np.zeros((4, 4, 4), bool)
    mask[0, 0, 0] = mask[1, 1, 1] = mask[1, 1, 2] = mask[3, 3, 3] = True
    assert [component_count(mask, neighbours=n) for n in (6, 18, 26)] == [3, 3, 2]
    assert component_count(np.zeros((2, 2, 2), bool)) == 0
    assert largest_component(mask).sum() == 3
    assert largest_component(mask, neighbours=6).sum() == 2


def test_a_hole_is_what_the_region_encloses_in_three_dimensions() -> None:
    mask = np.ones((5, 5, 5), bool)
    mask[2, 2, 2] = False
    assert fill_holes(mask).all()
    mask[2, 2, 3:] = False
    assert (fill_holes(mask) == mask).all()


def test_the_mask_is_not_changed() -> None:
    before = MASK.copy()
    dilate(MASK, SPACING_MM, distance_mm=3)
    fill_holes(MASK)
    ring(MASK, SPACING_MM, outer_mm=4, within=MASK[:, ::-1])
    assert (before == MASK).all()


@pytest.mark.parametrize(
    "band", [{"outer_mm": 0}, {"inner_mm": 3, "outer_mm": 2}, {"inner_mm": -1, "outer_mm": 2}]
)
@pytest.mark.parametrize("make", [ring, shell])
def test_a_band_without_width_is_refused(make: Any, band: dict[str, float]) -> None:
    with pytest.raises(ProtocolError, match="has no width"):
        make(MASK, SPACING_MM, **band)


def test_a_band_without_voxels_is_refused() -> None:
    with pytest.raises(DataError, match=r"no voxel lies in the ring from 0 to 0\.5 mm"):
        ring(MASK, SPACING_MM, outer_mm=0.5)
    with pytest.raises(DataError, match="no voxel lies in the shell from 40 to 50 mm"):
        shell(MASK, SPACING_MM, inner_mm=40, outer_mm=50)


@pytest.mark.parametrize("make", [bounding_box, largest_component, fill_holes])
def test_an_empty_mask_is_refused(make: Any) -> None:
    with pytest.raises(DataError, match="the region is empty"):
        make(np.zeros((3, 3, 3), bool))


def test_a_mask_without_slices_is_refused() -> None:
    with pytest.raises(DataError, match="2 axes"):
        bounding_box(np.ones((3, 3), bool))


def test_distances_and_neighbours_that_do_not_exist_are_refused() -> None:
    wrong: Any = 8
    with pytest.raises(ProtocolError, match="allowed are 6, 18, 26"):
        component_count(MASK, neighbours=wrong)
    with pytest.raises(ProtocolError, match="zero or more"):
        dilate(MASK, SPACING_MM, distance_mm=-1)
