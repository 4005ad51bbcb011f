"""HU of SIMULATED organs by fat, iron, kVp and phase, and how contrast timing varies."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest

from ct_phantom import patient, with_fat
from hepar.phantom.anatomy import Organ
from hepar.phantom.ct import PHASES, Acquisition, Phase, patient_curves, tissues_of
from hepar.phantom.ct.tissues import delay_s
from hepar.phantom.patient import Patient

PLAIN = Acquisition()


def hu(who: Patient, phase: Phase = "native", acquisition: Acquisition = PLAIN) -> Mapping[Organ, float]:
    return tissues_of(who, phase, acquisition).hu


def test_ten_percent_of_fat_takes_17_hu_from_the_liver_and_nothing_from_the_spleen() -> None:
    lean, fatty = hu(with_fat(0.02)), hu(with_fat(0.12))
    assert lean[Organ.LIVER] - fatty[Organ.LIVER] == pytest.approx(17, abs=1.5)
    assert lean[Organ.SPLEEN] == fatty[Organ.SPLEEN]


def test_a_steatotic_liver_is_darker_than_the_spleen_and_a_lean_one_brighter() -> None:
    assert hu(with_fat(0.02))[Organ.LIVER] > hu(with_fat(0.02))[Organ.SPLEEN]
    assert hu(with_fat(0.25))[Organ.LIVER] < hu(with_fat(0.25))[Organ.SPLEEN]


def test_iron_makes_the_liver_brighter_and_more_so_at_low_voltage() -> None:
    plain = patient()
    loaded = replace(plain, liver=replace(plain.liver, iron_mg_g=11.0))
    gain = {
        kvp: hu(loaded, acquisition=Acquisition(kvp=kvp))[Organ.LIVER]
        - hu(plain, acquisition=Acquisition(kvp=kvp))[Organ.LIVER]
        for kvp in (80, 120)
    }
    assert gain[120] == pytest.approx(12.6, abs=1)
    assert gain[80] > 1.5 * gain[120]


def test_low_voltage_brightens_iodine_and_bone_and_darkens_fat() -> None:
    low, usual = (hu(patient(), "portal", Acquisition(kvp=kvp)) for kvp in (80, 120))
    assert low[Organ.AORTA] > 1.4 * usual[Organ.AORTA]
    assert low[Organ.BONE_CORTEX] > 1.2 * usual[Organ.BONE_CORTEX]
    assert low[Organ.FAT] < usual[Organ.FAT]


def test_vessels_fill_in_the_order_of_the_phases() -> None:
    native, arterial, portal, delayed = (hu(patient(), phase) for phase in PHASES)
    assert arterial[Organ.AORTA] > portal[Organ.AORTA] > delayed[Organ.AORTA] > native[Organ.AORTA]
    assert portal[Organ.PORTAL_VEIN] > arterial[Organ.PORTAL_VEIN]
    assert portal[Organ.PORTAL_VEIN] > delayed[Organ.PORTAL_VEIN]
    assert arterial[Organ.HEPATIC_VEIN] < arterial[Organ.LIVER] + 5
    assert portal[Organ.LIVER] > delayed[Organ.LIVER] > native[Organ.LIVER]


def test_every_organ_has_a_finite_value_in_every_phase() -> None:
    for phase in PHASES:
        found = hu(patient(), phase)
        assert set(found) == set(Organ)
        assert np.isfinite(list(found.values())).all()
        assert found[Organ.AIR] == -1000


def test_patients_and_scanners_make_portal_livers_vary_by_more_than_fibrosis_does() -> None:
    livers = [
        hu(patient(number=n, scanners={"ct": s}), "portal")[Organ.LIVER] for n in range(1, 16) for s in "ABCD"
    ]
    fibrotic = [hu(patient(shown={"ct": value}), "portal")[Organ.LIVER] for value in (-1.0, 1.0)]
    assert np.std(livers) > 5
    assert abs(fibrotic[1] - fibrotic[0]) < 2 * np.std(livers)


def test_a_risk_of_metastasis_shows_in_arterial_perfusion() -> None:
    shares = [
        patient_curves(patient(shown={"ct_risk": value})).circulation.arterial_share for value in (-2.0, 2.0)
    ]
    assert 1.3 < shares[1] / shares[0] < 1.7


def test_some_scans_miss_their_moment() -> None:
    found = np.array([delay_s(patient(number=n), "portal", arrival_s=18.0) for n in range(1, 301)])
    assert np.median(found) == pytest.approx(70, abs=1.5)
    assert 0.03 < (np.abs(found - 70) > 10).mean() < 0.16


def test_a_tracked_arterial_phase_follows_the_bolus_and_a_fixed_one_does_not() -> None:
    slow, fast = 26.0, 16.0
    assert (
        delay_s(patient(), "arterial", arrival_s=slow) - delay_s(patient(), "arterial", arrival_s=fast) == 10
    )
    other = patient(scanners={"ct": "B"})
    assert delay_s(other, "arterial", arrival_s=slow) == delay_s(other, "arterial", arrival_s=fast)


def test_heavy_patients_enhance_less_where_the_dose_is_capped() -> None:
    light = patient(scanners={"ct": "D"})
    heavy = replace(light, person=replace(light.person, weight_kg=120.0))
    gained = [tissues_of(who, "portal", PLAIN).enhancement_hu for who in (light, heavy)]
    assert gained[1] < 0.85 * gained[0]


def test_veins_stand_out_from_a_portal_liver_as_much_as_in_people() -> None:
    """About 175 and 110 HU at 70 s (typical values), not twice the liver."""
    people = [hu(patient(number=n), "portal") for n in range(1, 41)]
    portal, hepatic, liver, aorta = (
        float(np.median([p[organ] for p in people]))
        for organ in (Organ.PORTAL_VEIN, Organ.HEPATIC_VEIN, Organ.LIVER, Organ.AORTA)
    )
    assert 155 < portal < 188
    assert 100 < liver < 118
    assert liver < hepatic < portal + 10
    assert 130 < aorta < portal + 15
