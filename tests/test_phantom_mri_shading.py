"""Smooth fields: range and smoothness of the coil, the dielectric dip, and the field that gas disturbs."""

import numpy as np
import pytest

from hepar.phantom.anatomy import Organ
from hepar.phantom.grid import Grid
from hepar.phantom.mri.scanners import SCANNERS
from hepar.phantom.mri.shading import (
    coil_sensitivity,
    dielectric_shading,
    field_ppm,
    heart_shading,
    trunk_of,
)
from mr_body import GRID, body

TRUNK = trunk_of(body())


def test_the_trunk_is_where_the_body_is() -> None:
    assert TRUNK.middle_mm == pytest.approx((0, 0), abs=2)
    assert TRUNK.half_mm == pytest.approx((100, 135), abs=3)


@pytest.mark.parametrize("name", SCANNERS)
def test_the_coil_is_smooth_and_of_a_range_that_scanners_have(name: str) -> None:
    scanner = SCANNERS[name]
    coil = coil_sensitivity(TRUNK, GRID, reach_mm=scanner.coil_mm, offset_mm=(0, 0))
    inside = body().labels != Organ.AIR
    span = np.percentile(coil[inside], 99) / np.percentile(coil[inside], 1)
    steps = [np.abs(np.diff(np.log(coil), axis=axis)).max() / GRID.spacing_mm[axis] for axis in range(3)]
    assert 1.3 < span < 6
    assert max(steps) < 0.03  # of its value per mm
    assert coil[inside].mean() == pytest.approx(1, abs=0.15)


def test_the_coil_sees_the_surface_better_than_the_middle() -> None:
    coil = coil_sensitivity(TRUNK, GRID, reach_mm=130, offset_mm=(0, 0))
    middle, front = coil[4, 48, 64], coil[4, 12, 64]
    assert front > 1.2 * middle


def test_what_the_scanner_corrects_is_less_than_what_the_coil_does() -> None:
    coil = coil_sensitivity(TRUNK, GRID, reach_mm=130, offset_mm=(5, 5))
    left = [np.ptp(np.log(coil ** (1 - scanner.corrected))) for scanner in SCANNERS.values()]
    assert max(left) < np.ptp(np.log(coil))
    assert min(left) > 0


def test_a_dielectric_dip_darkens_the_middle_by_as_much_as_stated() -> None:
    shading = dielectric_shading(TRUNK, GRID, dip=0.3)
    assert shading.min() == pytest.approx(0.7, abs=0.01)
    assert shading.max() <= 1.001


def test_the_heart_takes_signal_from_the_top_of_the_left_lobe() -> None:
    shading = heart_shading(TRUNK, GRID, loss=0.4)
    assert shading[-1].min() < shading[0].min()
    assert shading.max() <= 1.001


def test_gas_disturbs_the_field_beside_it_most() -> None:
    with_gas, without = (field_ppm(body(gas=g), TRUNK, shim_ppm=(0, 0, 0)) for g in (True, False))
    change = np.abs(with_gas - without)[4]
    y, x = GRID.axis_mm(1)[:, None], GRID.axis_mm(2)
    near = np.hypot(y + 35, x - 40)
    assert change[(near > 22) & (near < 35)].mean() > 5 * change[near > 120].mean()
    assert 0.2 < change[(near > 22) & (near < 35)].max() < 5


def test_what_shimming_left_is_a_slope() -> None:
    flat, sloped = (field_ppm(body(), TRUNK, shim_ppm=s) for s in ((0, 0, 0), (0, 0, 0.5)))
    edge = int(np.argmin(np.abs(GRID.axis_mm(2) - TRUNK.half_mm[1])))
    assert (sloped - flat)[4, 48, edge] == pytest.approx(0.5, abs=0.02)


@pytest.mark.parametrize(("slices", "mm"), [(1, 10.0), (2, 20.0), (8, 20.0)])
def test_few_thick_slices_have_a_field_too(slices: int, mm: float) -> None:
    anatomy = body(Grid((slices, 48, 48), (mm, 8.0, 8.0)), gas=True)
    assert np.isfinite(field_ppm(anatomy, trunk_of(anatomy), shim_ppm=(0.1, 0, 0))).all()
