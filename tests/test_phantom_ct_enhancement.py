"""Curves of iodine in a SIMULATED circulation: heights and times of the literature, conservation, linearity."""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from hepar.core.errors import SimulationError
from hepar.phantom.ct import Circulation, Injection, curves
from hepar.phantom.ct.enhancement import LIVER_SPACE, STEP_S, VOLUME_ML, Curves, iodine_hu

USUAL = curves(Injection(), Circulation())


def hu(found: Curves, name: str) -> NDArray[np.float64]:
    return 25.5 * found.iodine_mg_ml[:, found.names.index(name)]


def peak_s(found: Curves, name: str) -> float:
    return float(STEP_S * hu(found, name).argmax()) + 3


def test_aorta_and_liver_peak_where_the_literature_has_them() -> None:
    assert 260 < hu(USUAL, "aorta").max() < 360
    assert 30 <= peak_s(USUAL, "aorta") <= 45
    assert 45 < LIVER_SPACE * hu(USUAL, "liver").max() < 62
    assert 60 <= peak_s(USUAL, "liver") <= 90
    assert 15 <= USUAL.arrival_s() <= 22


def test_blood_reaches_aorta_portal_vein_and_hepatic_vein_in_this_order() -> None:
    peaks = [peak_s(USUAL, name) for name in ("aorta", "spleen", "portal_vein", "hepatic_vein")]
    assert peaks == sorted(peaks)


def test_an_arterial_phase_shows_arteries_and_a_portal_phase_veins() -> None:
    arterial, portal, delayed = (USUAL.at(t) for t in (35, 70, 180))
    assert arterial["aorta"] > 3 * arterial["portal_vein"] > 9 * arterial["hepatic_vein"] * 0.3
    assert portal["portal_vein"] > portal["aorta"]
    assert arterial["aorta"] > portal["aorta"] > delayed["aorta"]
    assert portal["liver"] > delayed["liver"] > arterial["liver"]


def test_no_iodine_is_lost_but_with_urine() -> None:
    volumes = np.array([VOLUME_ML[name] for name in USUAL.names])
    held = USUAL.iodine_mg_ml @ volumes / (520 * 75)
    assert held[int(31 / STEP_S)] == pytest.approx(1, abs=0.02)
    assert 0.8 < held[-1] < 1
    assert (np.diff(held[int(31 / STEP_S) :]) <= 1e-12).all()


def test_half_the_dose_enhances_half_as_much() -> None:
    half = curves(Injection(iodine_mg_kg=260), Circulation())
    assert half.iodine_mg_ml == pytest.approx(USUAL.iodine_mg_ml / 2)


def test_a_strong_heart_enhances_early_and_less() -> None:
    strong, weak = (curves(Injection(), Circulation(cardiac_output_l_min=co)) for co in (9, 4))
    assert strong.arrival_s() < weak.arrival_s()
    assert hu(strong, "aorta").max() < hu(weak, "aorta").max()
    assert strong.at(35)["liver"] > weak.at(35)["liver"]


def test_an_arterialised_liver_enhances_more_in_the_arterial_phase() -> None:
    more = curves(Injection(), Circulation(arterial_share=0.4))
    assert more.at(35)["liver"] > 1.1 * USUAL.at(35)["liver"]


def test_low_voltage_makes_iodine_brighter() -> None:
    assert iodine_hu(80) > iodine_hu(100) > iodine_hu(110) > iodine_hu(120) > iodine_hu(140)


def test_nothing_is_there_before_the_injection() -> None:
    assert set(USUAL.at(0).values()) == {0.0}


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Injection(iodine_mg_kg=-1), "iodine dose is -1"),
        (lambda: Injection(duration_s=0), "duration of the injection is 0"),
        (lambda: Circulation(weight_kg=float("nan")), "body weight is nan"),
        (lambda: Circulation(cardiac_output_l_min=100), "cardiac output is 100"),
        (lambda: Circulation(arterial_share=1.5), "give 0.02 to 0.98"),
        (lambda: Circulation(liver_space=0), "liver space is 0"),
        (lambda: USUAL.at(10_000), "delay of the scan is 10000"),
    ],
)
def test_impossible_values_are_refused(make: Callable[[], object], message: str) -> None:
    with pytest.raises(SimulationError, match=message):
        make()
