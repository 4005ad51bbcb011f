"""Volumes of one patient under two numbers are told, also where slices were cut off; SIMULATED ones of two are not."""

import numpy as np
from scipy.ndimage import gaussian_filter

from hepar.imaging.geometry import Volume
from hepar.study.audit.duplicates import pairs_of, things_of
from hepar.study.audit.picture import Looked, look_at_volume

AFFINE = np.diag([3.0, 2.0, 2.0, 1.0])[[2, 1, 0, 3]]


def looked(array: np.ndarray) -> Looked:
    return look_at_volume(Volume(array.astype(np.int16), AFFINE))


def body(seed: int) -> np.ndarray:
    own = gaussian_filter(np.random.default_rng(seed).normal(size=(40, 60, 70)), (2, 2.5, 2.5))
    y, x = np.mgrid[-1:1:60j, -1:1:70j]
    return np.where((y / 0.8) ** 2 + (x / 0.9) ** 2 < 1, 100 + 300 * own, -900.0)


def pairs(volumes: list[Looked]) -> list[tuple[int, int, str]]:
    things = things_of(list(enumerate(volumes)))
    return [(p.first, p.second, p.how) for p in pairs_of(things, [f"P{thing.place}" for thing in things])]


def test_a_volume_that_was_cut_is_told_and_counts_once() -> None:
    volumes = [looked(body(k)) for k in range(8)]
    assert pairs([*volumes, looked(body(3)[12:])]) == [(3, 8, "near")]
    assert pairs([*volumes, looked(body(3)[:, 2:-1])]) == [(3, 8, "near")]


def test_a_cut_volume_of_two_copies_is_told_beside_the_first_of_them() -> None:
    volumes = [looked(body(k)) for k in range(6)]
    found = pairs([*volumes, looked(body(3)), looked(body(3)[:-14])])
    assert found == [(3, 6, "exact"), (3, 7, "near")]


def test_volumes_of_different_patients_are_not_one() -> None:
    assert pairs([looked(body(k)) for k in range(12)]) == []
