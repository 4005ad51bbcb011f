"""Streaks, clips and the couch of SIMULATED CT."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ct_phantom import GRID, body, patient
from hepar.phantom.anatomy import Organ
from hepar.phantom.ct import Acquisition
from hepar.phantom.ct.artefacts import CLIP_SHARE, clip_of, couch_of, streaks
from hepar.phantom.fields import Field

WHOLE = (slice(0, GRID.shape[0]), slice(0, GRID.shape[1]), slice(0, GRID.shape[2]))


def lines(hu: NDArray[np.float64], acquisition: Acquisition) -> Field:
    found = streaks(hu.astype(np.float32), GRID, acquisition, rng=np.random.default_rng(2))
    return found.at(GRID, WHOLE)


def water() -> NDArray[np.float64]:
    return np.where(body().labels == Organ.AIR, -1000.0, 0.0)


def test_no_streaks_where_none_are_asked_for() -> None:
    assert not lines(water() + 500, Acquisition(hardening=0.0)).any()


def test_it_is_dark_between_two_bones() -> None:
    bones = water()
    bones[:, 44:52, 25:31] = bones[:, 44:52, 81:87] = 1000
    plain = Acquisition(mas=2000)
    error = lines(bones, plain) - lines(water(), plain)
    between, beside = error[:, 45:51, 45:65], error[:, 15:25, 45:65]
    assert between.mean() < -2
    assert between.mean() < beside.mean() - 2


def test_streaks_grow_with_the_body_and_run_across_it_when_arms_are_down() -> None:
    plain = Acquisition()
    large = water() + 300 * (water() > -500)
    assert lines(large, plain).std() > 1.1 * lines(water(), plain).std()
    down = lines(water(), replace(plain, arms_down=True))
    assert down.std() > 1.3 * lines(water(), plain).std()
    assert np.diff(down, axis=1).std() > 1.2 * np.diff(down, axis=2).std()


def test_few_patients_have_a_clip_and_it_is_small() -> None:
    anatomy = body()
    anatomy.labels[10:14, 30:36, 30:36] = Organ.GALLBLADDER
    sizes = np.array([clip_of(patient(number=n), anatomy).sum() for n in range(1, 201)])
    assert 0.2 * CLIP_SHARE < (sizes > 0).mean() < 3 * CLIP_SHARE
    assert sizes.max() <= 27


def test_the_couch_lies_under_the_back() -> None:
    rows = np.argwhere(couch_of(body()))[:, 0]
    back = np.flatnonzero((body().labels > 0).any(axis=(0, 2)))[-1]
    assert rows.size
    assert rows.max() > back
