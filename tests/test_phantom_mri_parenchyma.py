"""The liver on MR: what the disease changes, by how much beside what people differ by, and the shared textures."""

from dataclasses import replace

import numpy as np
import pytest

from hepar.phantom.anatomy import Organ
from hepar.phantom.grid import Grid
from hepar.phantom.mri.parenchyma import _septa, liver_matter, liver_state
from hepar.phantom.mri.tissue import TISSUES, Matter, matter_of
from hepar.phantom.patient import Patient
from mr_body import GRID, LIVER, body, patient

BLOOD = matter_of(TISSUES[Organ.HEPATIC_VEIN], 1.5)
INSIDE = body().labels == Organ.LIVER


def matter(who: Patient, *, grid: Grid = GRID) -> Matter:
    inside = INSIDE if grid is GRID else body(grid).labels == Organ.LIVER
    return liver_matter(who, inside, grid=grid, field_t=1.5, blood=BLOOD)


def test_fibrosis_lowers_uptake_and_adc_and_coarsens_septa() -> None:
    mild, severe = (liver_state(patient(shown=s)) for s in (-2, 2))
    assert severe.uptake_per_s < mild.uptake_per_s
    assert severe.adc < mild.adc
    assert severe.reticular > 1.5 * mild.reticular
    assert severe.nodule_mm > mild.nodule_mm


def test_people_differ_at_least_as_much_as_a_standard_deviation_of_disease_changes() -> None:
    states = [liver_state(patient(number=n)) for n in range(400)]
    one, two = (liver_state(patient(shown=s)) for s in (0, 1))
    for name in ("t1", "adc", "uptake_per_s", "reticular", "nodule_mm"):
        people = np.std([np.log(getattr(state, name)) for state in states])
        disease = abs(np.log(getattr(two, name) / getattr(one, name)))
        assert people > disease, name


def test_disease_beyond_three_deviations_changes_nothing_more() -> None:
    assert liver_state(patient(shown=9)) == liver_state(patient(shown=3))


def test_only_what_is_shown_reaches_the_liver() -> None:
    other = replace(LIVER, fibrosis=2.5, collagen=0.4, stage=4, aetiology="HBV")
    assert liver_state(patient()) == liver_state(patient(liver=other))


def test_septa_are_sheets_of_mean_zero_and_unit_spread() -> None:
    waves = np.random.default_rng(1).standard_normal(200_000).astype(np.float32)
    found = _septa(waves)
    assert found.mean() == pytest.approx(0, abs=0.02)
    assert found.std() == pytest.approx(1, abs=0.02)


def test_t1_and_t2_and_uptake_see_the_same_septa() -> None:
    found = matter(patient(shown=2))
    assert np.corrcoef(found.t1_ms, found.t2_ms)[0, 1] > 0.5
    assert np.corrcoef(found.t1_ms, found.gadolinium)[0, 1] < -0.5


def test_another_grid_sees_the_same_texture_in_millimetres() -> None:
    fine = Grid((8, 192, 256), (5.0, 1.25, 1.25))
    coarse_map, fine_map = (np.zeros(g.shape, np.float32) for g in (GRID, fine))
    fine_inside = body(fine).labels == Organ.LIVER
    coarse_map[INSIDE] = matter(patient()).t1_ms
    fine_map[fine_inside] = matter(patient(), grid=fine).t1_ms
    averaged = fine_map.reshape(8, 96, 2, 128, 2).mean((2, 4))
    whole = fine_inside.reshape(8, 96, 2, 128, 2).all((2, 4)) & INSIDE
    # voxels twice as large show less of the finest structure, hence not 1
    assert np.corrcoef(averaged[whole], coarse_map[whole])[0, 1] > 0.85


def test_fat_and_iron_are_those_of_the_patient() -> None:
    found = matter(patient(liver=replace(LIVER, fat=0.25, iron_mg_g=5.0)))
    assert found.fat.mean() == pytest.approx(0.25, rel=0.15)
    assert np.median(found.t2_star_ms) == pytest.approx(1000 / 188.9, rel=0.05)


def test_textures_stay_physical_in_the_most_extreme_patient() -> None:
    for number in range(4):
        found = matter(patient(number=number, shown=3, liver=replace(LIVER, fat=0.45, iron_mg_g=15)))
        assert (found.t1_ms > 0).all()
        assert (found.t2_ms > 0).all()
        assert (found.gadolinium >= 0).all()
        assert ((found.fat >= 0) & (found.fat <= 0.6)).all()


def test_blood_in_small_vessels_moves_as_it_does_in_large_ones() -> None:
    found = matter(patient())
    small = found.flow < 0.95
    assert 0.02 < small.mean() < 0.5
    assert found.flow.min() > float(BLOOD.flow[0])
    assert found.t2_ms[small].mean() > found.t2_ms[~small].mean()
