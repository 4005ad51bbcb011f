"""Texture counts at other distances and tolerances."""

from itertools import product

import numpy as np
import pytest

from hepar.features.pyradiomics.counts import Texture, count_texture
from hepar.features.pyradiomics.names import FeatureClass
from hepar.features.pyradiomics.settings import Settings

RNG = np.random.default_rng(5)
LEVELS = (RNG.integers(1, 5, (6, 7, 8)) * (RNG.random((6, 7, 8)) < 0.7)).astype(np.uint16)
CLASSES: tuple[FeatureClass, ...] = ("glcm", "gldm", "ngtdm")


def counted(**given: object) -> Texture:
    return count_texture(
        LEVELS, spacing_mm=(3.0, 1.0, 2.0), settings=Settings.model_validate(given), classes=CLASSES
    )


def neighbours(at: tuple[int, int, int], distances: set[int], *, plane: int | None = None) -> list[int]:
    """Levels of the voxels of the region at the distances, one by one."""
    found = []
    for step in product(range(-3, 4), repeat=3):
        place = tuple(a + s for a, s in zip(at, step, strict=True))
        inside = all(0 <= p < n for p, n in zip(place, LEVELS.shape, strict=True))
        if max(map(abs, step)) in distances and inside and not (plane is not None and step[plane]):
            found.append(int(LEVELS[place]))
    return [level for level in found if level]


@pytest.mark.parametrize(
    ("given", "distances", "plane"),
    [({}, {1}, None), ({"distances": [2]}, {2}, None), ({"distances": [1, 3], "force2D": True}, {1, 3}, 0)],
)
def test_dependences_and_differences_are_those_of_a_walk_over_all_voxels(
    given: dict[str, object], distances: set[int], plane: int | None
) -> None:
    for most_apart in (0, 1):
        found = counted(gldm_a=most_apart, **given)
        dependences, differences = np.zeros_like(found.dependences), np.zeros(4)
        for at in zip(*np.nonzero(LEVELS), strict=True):
            level, around = int(LEVELS[at]), neighbours(at, distances, plane=plane)
            dependences[level - 1, sum(abs(other - level) <= most_apart for other in around)] += 1
            differences[level - 1] += abs(level - np.mean(around)) if around else 0
        np.testing.assert_array_equal(found.dependences, dependences)
        np.testing.assert_allclose(found.differences, differences)


def test_pairs_of_both_ways_are_counted_once_per_direction() -> None:
    near, wide = counted(), counted(distances=[1, 2])
    assert (len(near.pairs), len(wide.pairs)) == (13, 62)
    shared = [tuple(step) for step in wide.pair_steps].index(tuple(near.pair_steps[3]))
    np.testing.assert_array_equal(wide.pairs[shared], near.pairs[3])


def test_steps_longer_than_the_image_are_left_out() -> None:
    assert abs(counted(distances=[6]).pair_steps[:, 0]).max() < 6


@pytest.mark.parametrize(("dimension", "spacing"), [(0, (3, 1, 2)), (1, (1, 3, 2)), (2, (2, 3, 1))])
def test_in_planes_the_axis_across_comes_first_with_its_spacing(
    dimension: int, spacing: tuple[int, ...]
) -> None:
    found = counted(force2D=True, force2Ddimension=dimension)
    assert found.spacing_mm.tolist() == list(spacing)
    assert found.levels.shape[0] == LEVELS.shape[dimension]
    assert not found.pair_steps[:, 0].any()
