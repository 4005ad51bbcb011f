"""Attenuation that an acquisition cannot measure, whatever one recording makes of it."""

from dataclasses import replace

from hepar.imaging.ultrasound.foreseen import METHOD_OF, too_imprecise
from hepar.imaging.ultrasound.frames import Box
from hepar.imaging.ultrasound.parameters import LIMITS, parameters
from hepar.phantom.ultrasound import Medium
from us_phantoms import TALL, phantom, reference

TISSUE = Medium(0.8, 3.0, 120.0, 30.0)
SLOPE = "attenuation_db_cm_mhz"
SMALL = Box((30.0, 46.0), (80, 103))
NARROW = "convex_narrow"


def test_a_standard_error_that_came_out_small_by_luck_is_not_believed() -> None:
    lucky, allowed = phantom(TISSUE, seed=55, preset=NARROW), {SLOPE: 0.15}  # 0.17 is to be expected
    told = parameters(
        replace(lucky, bandwidth=None), reference(NARROW), box=SMALL, seed=0, draws=60, limits=allowed
    )
    assert told.values[SLOPE].standard_error < 0.15
    found = parameters(lucky, reference(NARROW), box=SMALL, seed=0, draws=60, limits=allowed)
    assert "expected standard deviation" in found.reasons[SLOPE]


def test_a_tall_region_of_a_wide_band_can_measure_all_of_them() -> None:
    assert too_imprecise(phantom(), box=TALL, window_mm=4.0, limits=LIMITS) == {}


def test_each_method_is_held_against_its_own_precision() -> None:
    narrow = Box((30.0, 60.0), (72, 119))
    found = too_imprecise(phantom(preset=NARROW), box=narrow, window_mm=4.0, limits=LIMITS)
    assert set(found) == {name for name, method in METHOD_OF.items() if method != "reference_phantom"}


def test_nothing_is_foreseen_without_a_bandwidth_or_where_no_echo_stands_above_noise() -> None:
    sample = phantom(preset=NARROW)
    assert too_imprecise(replace(sample, bandwidth=None), box=SMALL, window_mm=4.0, limits=LIMITS) == {}
    silent = replace(sample, rf=sample.rf * 0)
    assert too_imprecise(silent, box=SMALL, window_mm=4.0, limits=LIMITS) == {}
