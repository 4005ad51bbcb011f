from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from hepar.core.errors import HeparError
from hepar.imaging.cooccurrence import cooccurrence_features
from hepar.imaging.histogram import histogram
from hepar.imaging.statistics import statistics
from hepar.imaging.stencil import DIRECTIONS
from hepar.imaging.voxel_kernels import COOCCURRENCE, FIRST_ORDER
from hepar.imaging.voxelwise import voxel_maps

N_LEVELS = 6
RNG = np.random.default_rng(11)
LEVELS = RNG.integers(1, N_LEVELS + 1, size=(5, 6, 7)).astype(np.uint16)
LEVELS[RNG.random(LEVELS.shape) < 0.2] = 0
IMAGE = RNG.normal(50, 10, size=LEVELS.shape)


def _box(image: NDArray[Any], voxel: tuple[int, ...], reach: tuple[int, int, int]) -> NDArray[Any]:
    """The neighbourhood of a voxel, cut off at the image's border."""
    return image[tuple(slice(max(at - n, 0), at + n + 1) for at, n in zip(voxel, reach, strict=True))]


def _pairs(box: NDArray[Any], direction: NDArray[Any]) -> NDArray[np.int64]:
    """Counts of one direction, one way, by definition."""
    counts = np.zeros((N_LEVELS, N_LEVELS), dtype=np.int64)
    for voxel in np.ndindex(box.shape):
        there = tuple(np.array(voxel) + direction)
        inside = all(0 <= at < size for at, size in zip(there, box.shape, strict=True))
        if inside and box[voxel] and box[there]:
            counts[box[voxel] - 1, box[there] - 1] += 1
    return counts


@pytest.mark.parametrize("reach", [(1, 1, 1), (2, 2, 2), (0, 1, 1), (0, 0, 2)])
def test_maps_of_cooccurrence_are_the_features_of_each_neighbourhood_averaged_over_directions(
    reach: tuple[int, int, int],
) -> None:
    maps = voxel_maps(LEVELS, tags=COOCCURRENCE, radius=reach)
    for number, voxel in enumerate(map(tuple, np.argwhere(LEVELS).tolist())):
        counts = np.array([_pairs(_box(LEVELS, voxel, reach), direction) for direction in DIRECTIONS])
        counts = counts[counts.any(axis=(1, 2))]
        if not len(counts):
            assert all(np.isnan(maps.values[tag][number]) for tag in COOCCURRENCE)
            continue
        expected = cooccurrence_features(counts)
        for tag in COOCCURRENCE:
            assert maps.values[tag][number] == pytest.approx(expected[tag].mean(), rel=1e-5, abs=1e-5), tag


@pytest.mark.parametrize("reach", [(1, 1, 1), (0, 2, 1)])
def test_maps_of_first_order_are_the_features_of_each_neighbourhood(reach: tuple[int, int, int]) -> None:
    maps = voxel_maps(LEVELS, tags=FIRST_ORDER, image=IMAGE, radius=reach)
    for number, voxel in enumerate(map(tuple, np.argwhere(LEVELS).tolist())):
        levels = _box(LEVELS, voxel, reach)
        inside = levels > 0
        expected = {
            **statistics(_box(IMAGE, voxel, reach)[inside]),
            **histogram(levels[inside].astype(int), N_LEVELS),
        }
        for tag in FIRST_ORDER:
            assert maps.values[tag][number] == pytest.approx(expected[tag], rel=1e-5, abs=1e-5), tag


def test_a_dense_map_is_not_a_number_outside_the_region() -> None:
    maps = voxel_maps(LEVELS, tags=["ih_mean"])
    dense = maps.dense("ih_mean")
    assert dense.dtype == np.float32
    np.testing.assert_array_equal(np.isnan(dense), LEVELS == 0)
    np.testing.assert_array_equal(dense[maps.region], maps.values["ih_mean"])


def test_a_uniform_region_has_no_contrast_and_full_correlation() -> None:
    maps = voxel_maps(np.full((3, 3, 3), 4), tags=COOCCURRENCE)
    assert np.all(maps.values["cm_contrast"] == 0)
    assert np.all(maps.values["cm_corr"] == 1)
    assert np.all(maps.values["cm_energy"] == 1)
    assert np.all(maps.values["cm_joint_avg"] == 4)


def test_work_in_parts_tells_its_progress_and_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = voxel_maps(LEVELS, tags=["cm_contrast"])
    seen: list[tuple[int, int]] = []
    monkeypatch.setattr("hepar.imaging.voxelwise.VOXELS_AT_ONCE", 50)
    parts = voxel_maps(LEVELS, tags=["cm_contrast"], progress=lambda done, total: seen.append((done, total)))
    n = int((LEVELS > 0).sum())
    assert seen == [(min(50 * k, n), n) for k in range(1, -(-n // 50) + 1)]
    np.testing.assert_array_equal(parts.values["cm_contrast"], whole.values["cm_contrast"])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"tags": ["cm_contrst"]}, "did you mean 'cm_contrast'"),
        ({"radius": 0}, "radius"),
        ({"radius": (-1, 1, 1)}, "radius"),
        ({"levels": np.zeros((3, 3, 3), dtype=int)}, "no voxel has a level"),
        ({"levels": np.full((3, 3, 3), 2000)}, "1024 levels"),
        ({"levels": np.ones((3, 3))}, "whole numbers"),
        ({"levels": -np.ones((3, 3, 3), dtype=int)}, "minimum -1"),
        ({"tags": ["stat_var"]}, "needs the image's intensities"),
        ({"tags": ["stat_var"], "image": np.zeros((3, 3, 3))}, "both must agree"),
        ({"tags": ["stat_var"], "image": np.full(LEVELS.shape, np.nan)}, "finite"),
    ],
)
def test_what_cannot_be_mapped_is_refused(change: dict[str, Any], message: str) -> None:
    settings = {"levels": LEVELS, "tags": ["cm_contrast"], **change}
    with pytest.raises(HeparError, match=message):
        voxel_maps(settings.pop("levels"), **settings)
