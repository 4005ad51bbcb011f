"""What must hold of texture in any region: the manual's sums, turned and shifted regions, blocks of slices."""

import itertools
from typing import Any, get_args

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hepar.imaging import texture
from hepar.imaging.nomenclature import Aggregation, Extent
from hepar.imaging.texture import texture_features
from hepar.imaging.texture_matrices import texture_matrices
from texture_by_definition import every_feature

AGGREGATIONS: tuple[Aggregation, ...] = get_args(Aggregation)
EXTENTS: tuple[Extent, ...] = get_args(Extent)
Region = tuple[np.ndarray, np.ndarray, int]
quick = settings(max_examples=40, deadline=None)


@st.composite
def regions(draw: Any) -> Region:
    """Levels with holes, a region that is a little larger, and a number of levels some of which may not occur."""
    shape = tuple(draw(st.integers(1, most)) for most in (4, 5, 6))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    n_levels = draw(st.sampled_from([1, 2, 3, 5, 8, 300]))
    inside = rng.random(shape) < draw(st.sampled_from([0.3, 0.7, 0.95]))
    inside.flat[rng.integers(inside.size)] = True
    occurring = rng.integers(1, n_levels + 1, draw(st.integers(1, 6)))
    levels = np.where(inside, rng.choice(occurring, shape), 0).astype(np.uint16)
    return levels, inside | (rng.random(shape) < 0.2), n_levels


def all_features(levels: np.ndarray, region: np.ndarray, n_levels: int) -> dict[str, float]:
    return texture_features(
        levels, region=region, n_levels=n_levels, aggregations=AGGREGATIONS, extents=EXTENTS
    )


def alike(one: dict[str, float], other: dict[str, float]) -> None:
    assert one == pytest.approx(other, rel=1e-8, abs=1e-7, nan_ok=True)


@quick
@given(regions())
def test_every_feature_is_what_its_definition_sums_to(data: Region) -> None:
    alike(all_features(*data), every_feature(*data))


@quick
@given(regions(), st.integers(0, 47))
def test_texture_in_space_does_not_know_which_way_the_region_is_turned(data: Region, turn: int) -> None:
    levels, region, n_levels = data
    axes = list(itertools.permutations(range(3)))[turn % 6]
    flips = tuple(axis for axis in range(3) if turn // 6 >> axis & 1)
    moved = (np.flip(array.transpose(axes), flips) for array in (levels, region))
    alike(
        texture_features(next(moved), region=next(moved), n_levels=n_levels),
        texture_features(levels, region=region, n_levels=n_levels),
    )


@quick
@given(regions(), st.booleans(), st.booleans())
def test_slices_may_be_turned_in_their_plane_and_come_in_any_order(
    data: Region, swapped: bool, turned: bool
) -> None:
    levels, region, n_levels = data
    order = np.random.default_rng(0).permutation(len(levels))
    moved = [np.flip(array[order], 1) if turned else array[order] for array in (levels, region)]
    moved = [array.swapaxes(1, 2) if swapped else array for array in moved]
    found, expected = all_features(moved[0], moved[1], n_levels), all_features(*data)
    alike(*({tag: v for tag, v in values.items() if "_3d" not in tag} for values in (found, expected)))


@quick
@given(regions(), st.integers(1, 3), st.sampled_from([np.uint8, np.uint16, np.int32, np.int64]))
def test_empty_space_around_and_the_type_of_the_levels_change_nothing(
    data: Region, width: int, dtype: type[np.integer[Any]]
) -> None:
    levels, region, n_levels = data
    levels = np.minimum(levels, 255)
    wide = np.pad(levels.astype(dtype), width)
    assert all_features(wide, np.pad(region, width), n_levels) == pytest.approx(
        all_features(levels, region, n_levels), rel=1e-12, nan_ok=True
    )


@quick
@given(regions())
def test_levels_that_do_not_occur_change_the_two_normalised_features_alone(data: Region) -> None:
    levels, region, n_levels = data
    few, many = all_features(*data), all_features(levels, region, n_levels + 7)
    normalised = {tag for tag in few if tag.startswith(("cm_inv_diff_norm", "cm_inv_diff_mom_norm"))}
    assert len(normalised) == 12
    alike(*({tag: v for tag, v in values.items() if tag not in normalised} for values in (few, many)))
    assert not any(few[tag] > many[tag] + 1e-12 for tag in normalised)


@quick
@given(regions())
def test_slices_taken_a_few_at_a_time_give_the_same(data: Region) -> None:
    whole = all_features(*data)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(texture, "_CELLS_AT_ONCE", 1)
        alike(all_features(*data), whole)


@quick
@given(regions())
def test_matrices_count_every_voxel_once(data: Region) -> None:
    levels, region, n_levels = data
    for extent in EXTENTS:
        m = texture_matrices(levels, region=region, n_levels=n_levels, extent=extent)
        by_level = np.bincount(levels.ravel(), minlength=n_levels + 1)[1:]
        lengths = np.arange(1, m.glrlm.shape[-1] + 1)
        assert (np.sum(m.glrlm @ lengths, axis=0) == by_level).all()
        assert (np.sum(m.ngldm, axis=(0, 2)) == by_level).all()
        assert (np.bincount(m.zones.level, m.zones.size, minlength=n_levels + 1)[1:] == by_level).all()
        assert m.voxels.sum() == by_level.sum()
        assert m.voxels.tolist() == np.bincount(m.zones.group, m.zones.size).astype(int).tolist()
        assert m.zones.distance.min() >= 1
