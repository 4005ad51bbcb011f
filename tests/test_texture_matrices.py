"""Texture matrices of the worked examples of the IBSI manual and of what it says of merging."""

from typing import Any

import numpy as np
import pytest

from hepar.core.errors import ProtocolError
from hepar.imaging.texture_matrices import TextureMatrices, texture_matrices

LEVELS = np.array([[[1, 2, 2, 3], [1, 2, 3, 3], [4, 2, 4, 1], [4, 1, 2, 3]]], np.uint8)
"""The 2D example that the manual uses in every texture section."""


@pytest.fixture(scope="module")
def example() -> TextureMatrices:
    return texture_matrices(LEVELS, extent="2d")


def along(matrices: TextureMatrices, step: tuple[int, int, int]) -> int:
    return int(np.flatnonzero((matrices.directions == step).all(axis=1))[0])


def test_pairs_to_the_right_are_those_of_the_manual(example: TextureMatrices) -> None:
    pairs = example.glcm[0, along(example, (0, 0, 1))]
    assert pairs.tolist() == [[0, 3, 0, 0], [0, 1, 3, 1], [0, 0, 1, 0], [2, 1, 0, 0]]
    assert (pairs + pairs.T).tolist() == [[0, 3, 0, 2], [3, 2, 3, 2], [0, 3, 2, 0], [2, 2, 0, 0]]


def test_runs_are_counted_by_level_and_length(example: TextureMatrices) -> None:
    assert example.glrlm[0, along(example, (0, 0, 1))].tolist() == [
        [4, 0, 0],
        [3, 1, 0],
        [2, 1, 0],
        [3, 0, 0],
    ]
    assert example.glrlm[0, along(example, (0, 1, 0))].tolist() == [
        [2, 1, 0],
        [2, 0, 1],
        [2, 1, 0],
        [1, 1, 0],
    ]


def test_zones_are_those_of_the_manual(example: TextureMatrices) -> None:
    zones = sorted(zip(example.zones.level.tolist(), example.zones.size.tolist(), strict=True))
    assert zones == [(1, 1), (1, 1), (1, 2), (2, 5), (3, 1), (3, 3), (4, 1), (4, 2)]


def test_a_matrix_that_was_not_asked_for_has_no_groups() -> None:
    found = texture_matrices(LEVELS, families=["glrlm"])
    assert found.glrlm.shape[0] == 1
    for other in (found.glcm, found.ngtdm_counts, found.ngtdm_differences, found.ngldm, found.zones.level):
        assert len(other) == 0


def test_slices_are_numbered_as_in_the_image() -> None:
    levels = np.zeros((7, 4, 4), np.uint8)
    levels[2], levels[5] = LEVELS[0], LEVELS[0]
    found = texture_matrices(levels, extent="2d")
    assert found.slices.tolist() == [2, 5]
    assert found.voxels.tolist() == [16, 16]
    assert np.array_equal(found.glcm[0], found.glcm[1])
    assert texture_matrices(levels, extent="2.5d").slices.tolist() == [2]


def test_merging_slices_adds_their_matrices() -> None:
    rng = np.random.default_rng(3)
    levels = rng.integers(0, 4, (4, 6, 5))
    each, merged = (texture_matrices(levels, extent=extent) for extent in ("2d", "2.5d"))
    for name in ("glcm", "ngtdm_counts", "ngldm", "voxels"):
        assert np.array_equal(getattr(each, name).sum(axis=0), getattr(merged, name)[0]), name
    assert np.array_equal(each.glrlm.sum(axis=0), merged.glrlm[0])
    assert each.ngtdm_differences.sum(axis=0) == pytest.approx(merged.ngtdm_differences[0])
    assert len(each.zones.size) == len(merged.zones.size)


def test_in_space_the_in_slice_directions_count_what_the_merged_slices_count() -> None:
    levels = np.random.default_rng(4).integers(0, 4, (4, 6, 5))
    space, merged = (texture_matrices(levels, extent=extent) for extent in ("3d", "2.5d"))
    assert space.directions[:4].tolist() == merged.directions.tolist()
    assert np.array_equal(space.glcm[:, :4], merged.glcm)


def test_every_two_neighbours_lie_in_one_direction_once() -> None:
    directions = texture_matrices(LEVELS).directions
    both = {tuple(step) for step in np.concatenate([directions, -directions]).tolist()}
    assert len(both) == 26
    assert (0, 0, 0) not in both


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"families": ["glrl"]}, r"no texture family 'glrl'.*did you mean 'glrlm'"),
        ({"extent": "2"}, "no extent '2'"),
    ],
)
def test_unknown_names_are_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ProtocolError, match=message):
        texture_matrices(LEVELS, **options)
