"""Tissue: that every organ has one, the order that literature gives, and what iron, fat and contrast agent do."""

import numpy as np
import pytest

from hepar.phantom.anatomy import Organ
from hepar.phantom.mri.scanners import SCANNERS
from hepar.phantom.mri.tissue import TISSUES, liver_r2, liver_r2_star, matter_of, organ_table
from hepar.phantom.mri.weighting import nominal_signal, weighed
from mr_body import patient


def test_every_organ_of_the_anatomy_has_a_tissue() -> None:
    assert set(TISSUES) == set(Organ)


@pytest.mark.parametrize("field_t", [1.5, 3.0])
def test_relaxation_is_ordered_as_in_the_literature(field_t: float) -> None:
    fat, liver, spleen, blood = (
        matter_of(TISSUES[o], field_t) for o in (Organ.FAT, Organ.LIVER, Organ.SPLEEN, Organ.AORTA)
    )
    assert liver.t1_ms < spleen.t1_ms < blood.t1_ms
    assert liver.t2_ms < spleen.t2_ms < blood.t2_ms
    assert fat.fat > 0.9


def test_t1_grows_with_the_field_and_t2_does_not_exceed_t1() -> None:
    for organ, tissue in TISSUES.items():
        assert tissue.t1_ms[0] <= tissue.t1_ms[1], organ
        assert all(t2 <= t1 for t1, t2 in zip(tissue.t1_ms, tissue.t2_ms, strict=True)), organ
        assert all(star <= t2 for t2, star in zip(tissue.t2_ms, tissue.t2_star_ms, strict=True)), organ


def test_iron_shortens_t2_and_t2_star_as_published() -> None:
    # Wood 2005: 0.0254 R2* + 0.202 = 5 mg/g; St Pierre 2005: from 0.9 to 5 mg/g R2 grows by 53.9 per second
    assert liver_r2_star(5.0, 1.5) == pytest.approx(188.9, abs=0.1)
    assert liver_r2_star(5.0, 3.0) == pytest.approx(2 * 188.9 - 11, abs=0.2)
    assert liver_r2(5.0, 1.5) - liver_r2(0.9, 1.5) == pytest.approx(53.0, abs=1)
    assert liver_r2(0.3, 1.5) == pytest.approx(1000 / 46)


def test_the_contrast_agent_shortens_the_liver_most_of_the_solid_organs() -> None:
    solid = (Organ.LIVER, Organ.SPLEEN, Organ.MUSCLE, Organ.AORTA, Organ.PANCREAS)
    table = {organ: matter_of(TISSUES[organ], 3.0) for organ in solid}
    ratio = {organ: float(m.enhanced().t1_ms[0] / m.t1_ms[0]) for organ, m in table.items()}
    assert min(ratio, key=lambda organ: ratio[organ]) == Organ.LIVER
    assert 0.3 < ratio[Organ.LIVER] < 0.5
    assert all(value < 1 for value in ratio.values())


def test_people_differ_and_one_person_does_not() -> None:
    one, again, other = (organ_table(patient(number=n), 1.5) for n in (1, 1, 2))
    assert np.array_equal(one.t1_ms, again.t1_ms)
    assert one.t1_ms[Organ.SPLEEN] != other.t1_ms[Organ.SPLEEN]
    assert (one.t2_ms <= one.t1_ms).all()


def test_blood_is_the_same_in_all_vessels() -> None:
    table = organ_table(patient(), 3.0)
    assert table.t1_ms[Organ.AORTA] == table.t1_ms[Organ.PORTAL_VEIN] == table.t1_ms[Organ.HEPATIC_VEIN]


def test_fat_is_out_of_phase_where_the_protocol_says_so() -> None:
    for scanner in SCANNERS.values():
        fat = matter_of(TISSUES[Organ.FAT], scanner.field_t)
        _, opposed = weighed(fat, scanner.protocols["opposed_phase"], field_t=scanner.field_t)
        _, together = weighed(fat, scanner.protocols["in_phase"], field_t=scanner.field_t)
        assert opposed[0] < 0 < together[0]


def test_every_protocol_shows_the_liver_above_its_noise() -> None:
    for name, scanner in SCANNERS.items():
        for sequence, protocol in scanner.protocols.items():
            signal = nominal_signal(protocol, field_t=scanner.field_t, b_s_mm2=protocol.b_s_mm2[1])
            assert 5 < signal * protocol.snr < 200, (name, sequence)
