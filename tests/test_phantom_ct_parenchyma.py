"""Texture of the SIMULATED liver on CT: grows with what is shown, and as much from patient to patient."""

import numpy as np
import pytest

from ct_phantom import GRID, body, patient, with_fat
from hepar.phantom.anatomy import Organ
from hepar.phantom.ct import Acquisition, Phase, tissues_of
from hepar.phantom.ct.lattice import Box
from hepar.phantom.ct.parenchyma import grain_of, parenchyma_of
from hepar.phantom.fields import Field
from hepar.phantom.grid import Grid
from hepar.phantom.patient import Patient


def whole(grid: Grid) -> Box:
    return slice(0, grid.shape[0]), slice(0, grid.shape[1]), slice(0, grid.shape[2])


def texture(who: Patient, phase: Phase = "portal", grid: Grid = GRID) -> Field:
    anatomy = body(grid)
    found = parenchyma_of(who, tissues_of(who, phase, Acquisition()))
    field = found.at(grid, whole(grid), anatomy.labels)
    return np.asarray(field[anatomy.labels == Organ.LIVER])


def test_fibrosis_makes_texture_stronger_coarser_and_septate() -> None:
    low, high = (grain_of(patient(shown={"ct": value})) for value in (-1.5, 1.5))
    assert high.sd_hu > 1.8 * low.sd_hu
    assert high.coarse > low.coarse
    assert high.coarse_mm > 1.2 * low.coarse_mm
    assert high.septa > low.septa


def test_risk_of_metastasis_changes_texture_less_than_fibrosis_does() -> None:
    low, high = (grain_of(patient(shown={"ct_risk": value})) for value in (-1.5, 1.5))
    assert 1.2 < high.sd_hu / low.sd_hu < 1.8


def test_people_differ_as_much_as_fibrosis_differs_by() -> None:
    own = np.log([grain_of(patient(number=n)).sd_hu for n in range(1, 201)]).std()
    assert own >= 0.25  # the effect of one SD of what is shown


def test_extreme_values_are_clipped() -> None:
    assert grain_of(patient(shown={"ct": 50.0})) == grain_of(patient(shown={"ct": 3.0}))


def test_the_texture_of_a_healthy_liver_is_a_few_hu_about_its_mean() -> None:
    found = texture(patient())
    assert 1.0 < found.std() < 6
    assert abs(found.mean()) < 1.5


def test_the_same_parenchyma_is_seen_on_another_grid_and_in_another_phase() -> None:
    portal, native = texture(patient()), texture(patient(), "native")
    assert np.corrcoef(portal, native)[0, 1] > 0.95
    finer = Grid((64, 192, 224), (1.5, 1.5, 1.5))
    who = patient()
    fields = [
        parenchyma_of(who, tissues_of(who, "portal", Acquisition())).coarse.at(g, whole(g))
        for g in (GRID, finer)
    ]
    averaged = fields[1].reshape(32, 2, 96, 2, 112, 2).mean((1, 3, 5))
    assert np.corrcoef(fields[0].ravel(), averaged.ravel())[0, 1] > 0.97


def test_fat_is_uneven() -> None:
    assert grain_of(with_fat(0.3)).patches_hu > 3 * grain_of(with_fat(0.02)).patches_hu


def test_septa_do_not_shift_the_mean() -> None:
    found = texture(patient(shown={"ct": 3.0}))
    assert abs(found.mean()) < 0.25 * found.std()


def test_what_is_not_tissue_has_no_texture() -> None:
    who, air = patient(), np.zeros(GRID.shape, np.uint8)
    found = parenchyma_of(who, tissues_of(who, "portal", Acquisition())).at(GRID, whole(GRID), air)
    assert not found.any()


@pytest.mark.parametrize("phase", ["arterial", "delayed"])
def test_an_early_spleen_is_banded_and_a_late_one_is_not(phase: Phase) -> None:
    tissues = tissues_of(patient(), phase, Acquisition())
    assert (tissues.moire_hu > 8) == (phase == "arterial")
