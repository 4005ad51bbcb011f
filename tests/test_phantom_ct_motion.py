"""Breath-holds of SIMULATED phases: what is shown is what the displacement says."""

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter, map_coordinates

from ct_phantom import GRID, body, patient
from hepar.phantom.anatomy import Organ, abdomen
from hepar.phantom.ct import Phase
from hepar.phantom.ct.motion import LARGEST_MM, motion_of
from hepar.phantom.grid import Grid


def test_the_portal_phase_lies_as_the_anatomy_does() -> None:
    motion, labels = motion_of(patient(), "portal", GRID), body().labels
    assert motion.moved(labels) is labels
    assert not motion.displacement_mm().any()


@pytest.mark.parametrize("phase", ["native", "arterial", "delayed"])
def test_a_phase_shows_what_the_displacement_says(phase: Phase) -> None:
    rng = np.random.default_rng(0)
    smooth = gaussian_filter(rng.normal(size=GRID.shape), 3).astype(np.float32) * 100
    motion = motion_of(patient(number=4), phase, GRID)
    places = np.indices(GRID.shape) + motion.displacement_mm() / 3.0
    expected = map_coordinates(smooth, places, order=1, mode="nearest")
    found = motion.slices(smooth, slice(0, 32))
    inside = (slice(6, -6),) * 3
    # two linear interpolations one after the other against one at once, of a field of SD 1.5
    assert found[inside] == pytest.approx(expected[inside], abs=0.25)


def test_slices_are_the_same_in_any_part() -> None:
    volume = np.random.default_rng(1).normal(size=GRID.shape).astype(np.float32)
    motion = motion_of(patient(number=4), "arterial", GRID)
    assert (motion.slices(volume, slice(0, 32))[5:9] == motion.slices(volume, slice(5, 9))).all()


def test_masks_move_as_images_do() -> None:
    motion, liver = motion_of(patient(number=4), "native", GRID), body().labels == Organ.LIVER
    moved, shown = motion.moved(liver), motion.slices(liver.astype(np.float32), slice(0, 32))
    assert (moved == (shown > 0.5)).mean() > 0.995
    assert moved.sum() == pytest.approx(liver.sum(), rel=0.1)


def test_displacements_are_a_few_mm_and_mostly_along_the_body() -> None:
    found = [
        motion_of(patient(number=n), "arterial", GRID).displacement_mm()[:, 16, 30, 30] for n in range(1, 61)
    ]
    along, across = np.abs([d[0] for d in found]), np.abs([d[1:] for d in found])
    assert 2.5 < np.median(along) < 6
    assert along.max() < 1.6 * LARGEST_MM
    assert np.median(across) < 0.5 * np.median(along)
    assert across.max() <= 5


def test_the_spine_stays_where_it_is_while_the_liver_moves() -> None:
    person = patient(number=4)
    grid = Grid((24, 64, 80), (5.0, 5.0, 5.0))
    anatomy = abdomen(person, grid)
    moved = np.abs(motion_of(person, "delayed", grid).displacement_mm()[0])
    spine = np.isin(anatomy.labels, (Organ.DISC, Organ.CANAL))
    assert moved[anatomy.liver].mean() > 1
    assert moved[spine].max() < 0.1 * moved[anatomy.liver].mean()
