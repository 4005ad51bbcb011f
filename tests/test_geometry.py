"""Volumes: where they lie, how they turn, and when two grids are the same."""

import re
from itertools import permutations, product

import numpy as np
import pytest

from hepar.core.errors import DataError
from hepar.imaging.geometry import CANONICAL, GRID_TOLERANCE, Volume, affine_of, describe, same_grid

ORIENTATIONS = ["".join(code) for pairs in permutations(("RL", "AP", "IS")) for code in product(*pairs)]
STEPS = [[0.0, 0.0, 3.0], [0.0, 0.8, 0.0], [0.7, 0.0, 0.0]]


def volume(shape: tuple[int, int, int] = (3, 4, 5)) -> Volume:
    array = np.arange(np.prod(shape), dtype=np.int16).reshape(shape)
    return Volume(array, affine_of(STEPS, (-10.0, 20.0, 30.0)), "CT", "HU", "1.2.3")


def test_a_voxel_of_an_axial_series_lies_where_its_index_says() -> None:
    assert volume().world_mm((1, 2, 3)) == pytest.approx([-10 + 3 * 0.7, 20 + 2 * 0.8, 30 + 3.0])
    assert volume().index([-7.9, 21.6, 33.0]) == pytest.approx([1, 2, 3])
    assert volume().spacing_mm == pytest.approx((3.0, 0.8, 0.7))
    assert volume().orientation == CANONICAL == "SPL"


def test_there_are_48_orientations() -> None:
    assert len(set(ORIENTATIONS)) == 48


@pytest.mark.parametrize("code", ORIENTATIONS)
def test_a_turned_volume_has_every_voxel_where_it_was_and_turns_back(code: str) -> None:
    turned = volume().oriented(code)
    assert turned.orientation == code
    assert turned.array.flags.c_contiguous
    indices = np.argwhere(np.ones(turned.array.shape, bool))
    there = np.round(volume().index(turned.world_mm(indices))).astype(int)
    assert (volume().array[tuple(there.T)] == turned.array.ravel()).all()
    back = turned.oriented("SPL")
    assert np.array_equal(back.array, volume().array)
    assert back.affine == pytest.approx(volume().affine)
    assert (back.modality, back.unit, back.frame_uid) == ("CT", "HU", "1.2.3")
    aligned = turned.aligned_to(volume())
    assert np.array_equal(aligned.array, volume().array)


def test_a_grid_turned_by_45_degrees_is_aligned_though_its_letters_are_a_toss_up() -> None:
    half = np.sqrt(0.5)
    steps = [[0, 0, 2.0], [half, half, 0], [half, -half, 0]]
    image = Volume(np.zeros((2, 3, 3)), affine_of(steps, (0, 0, 0)))
    mask = image._reordered([0, 2, 1], [False, True, False])
    nudged = mask.affine.copy()
    nudged[0, 1] += 1e-5
    assert same_grid(Volume(mask.array, nudged).aligned_to(image), image)


def test_rounded_headers_are_the_same_grid_and_shifted_ones_are_not() -> None:
    def shifted(voxels: float) -> Volume:
        affine = volume().affine.copy()
        affine[2, 3] += 3.0 * voxels
        return Volume(volume().array, affine)

    assert same_grid(shifted(GRID_TOLERANCE / 2), volume())
    assert not same_grid(shifted(GRID_TOLERANCE * 2), volume())


@pytest.mark.parametrize("what", ["shape", "shift", "spacing", "turn"])
def test_a_mask_of_another_geometry_is_refused_with_both_geometries(what: str) -> None:
    affine = volume().affine.copy()
    shape = (3, 4, 4) if what == "shape" else (3, 4, 5)
    if what == "shift":
        affine[0, 3] += 0.7
    elif what == "spacing":
        affine[:3, 0] *= 1.1
    elif what == "turn":
        affine[:3, 1:3] = np.array([[0.8, 0.6, 0], [-0.6, 0.8, 0], [0, 0, 1]]) @ affine[:3, 1:3]
    mask = Volume(np.ones(shape, bool), affine)
    with pytest.raises(DataError) as refused:
        mask.aligned_to(volume())
    assert describe(mask) in str(refused.value)
    assert "shape (3, 4, 5), spacing 3 x 0.8 x 0.7 mm (z, y, x), origin (-10, 20, 30) mm (LPS)" in str(
        refused.value
    )


@pytest.mark.parametrize("code", ["", "SP", "SPX", "SSL", "spl", "LRS", "SPLL"])
def test_an_orientation_that_is_none_is_refused(code: str) -> None:
    with pytest.raises(DataError, match=re.escape(f"orientation {code!r}: give three letters")):
        volume().oriented(code)


def test_what_is_no_volume_is_refused() -> None:
    with pytest.raises(DataError, match=r"the array has shape \(2, 3\)"):
        Volume(np.zeros((2, 3)), np.eye(4))
    with pytest.raises(DataError, match="4 x 4 and finite"):
        Volume(np.zeros((1, 2, 3)), np.full((4, 4), np.nan))
    with pytest.raises(DataError, match="span no space"):
        Volume(np.zeros((1, 2, 3)), np.diag([1.0, 1.0, 0.0, 1.0]))
