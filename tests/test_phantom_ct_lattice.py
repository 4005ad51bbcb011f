"""Coarse lattices read off on grids."""

import numpy as np
import pytest

from hepar.phantom.ct.lattice import Lattice, covering, random_lattice
from hepar.phantom.grid import Grid

GRID = Grid((5, 7, 9), (3.0, 2.0, 1.0))


def test_a_plane_is_read_off_exactly() -> None:
    (z, y, x), start = covering(GRID, (4.0, 4.0, 4.0))
    lattice = Lattice((z + 2 * y - 3 * x).astype(np.float32), (4.0, 4.0, 4.0), start)
    found = lattice.at(GRID, (slice(0, 5), slice(1, 7), slice(0, 9)))
    expected = (
        GRID.axis_mm(0)[:, None, None]
        + 2 * GRID.axis_mm(1)[1:][None, :, None]
        - 3 * GRID.axis_mm(2)[None, None, :]
    )
    assert found == pytest.approx(expected, abs=1e-4)


def test_a_random_lattice_has_the_spread_that_is_asked_for_and_repeats_itself() -> None:
    lattice = random_lattice(np.random.default_rng(0), width_mm=5.0, step_mm=3.0, nodes=48)
    assert lattice.values.std() == pytest.approx(1, abs=0.1)
    z, y, x = (s - 48 * 3.0 for s in lattice.start_mm)
    far = Lattice(lattice.values, lattice.step_mm, (z, y, x))
    box = (slice(0, 5), slice(0, 7), slice(0, 9))
    assert lattice.at(GRID, box) == pytest.approx(far.at(GRID, box), abs=1e-5)
