"""Settings of SIMULATED scanners: what is refused, what follows the grid and the patient."""

from dataclasses import replace
from typing import Any

import pytest

from ct_phantom import patient
from hepar.core.errors import SimulationError
from hepar.phantom.ct import SCANNERS, Acquisition, usual_acquisition
from hepar.phantom.ct.acquisition import checked_phase
from hepar.phantom.grid import Grid

THIN = Grid((8, 16, 16), (1.0, 0.8, 0.8))


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"kvp": 60}, "kvp is 60; give 80 to 140 kV"),
        ({"kvp": float("nan")}, "kvp is nan"),
        ({"mas": 0}, "mas is 0; give 5 to 2000 mAs"),
        ({"slice_mm": -1}, "slice_mm is -1; give 0.3 to 20 mm"),
        ({"iterative": 2}, "iterative is 2"),
        ({"modulation": -0.1}, "modulation is -0.1"),
        ({"offset_hu": 1000}, "offset_hu is 1000"),
        ({"kernel": "bone"}, "there is no CT kernel 'bone'; Allowed: medium, sharp, soft"),
    ],
)
def test_impossible_settings_are_refused(values: dict[str, Any], message: str) -> None:
    with pytest.raises(SimulationError, match=message):
        Acquisition(**values)


def test_an_unknown_scanner_is_refused_with_those_there_are() -> None:
    with pytest.raises(
        SimulationError, match=r"SIM-C-0001: there is no CT scanner 'E'; .*Allowed: A, B, C, D"
    ):
        usual_acquisition(patient(scanners={"ct": "E"}), THIN)


def test_an_unknown_phase_is_refused_with_the_nearest() -> None:
    with pytest.raises(SimulationError, match="did you mean 'portal'"):
        checked_phase("portals")


def test_slices_are_as_thick_as_a_coarse_grid_and_not_thinner_than_the_scanner_takes() -> None:
    assert usual_acquisition(patient(), THIN).slice_mm == SCANNERS["A"].usual.slice_mm
    assert usual_acquisition(patient(), Grid((8, 16, 16), (8.0, 0.8, 0.8))).slice_mm == 8.0


def test_a_patient_without_a_named_scanner_is_scanned_on_a() -> None:
    assert usual_acquisition(patient(scanners={}), THIN) == usual_acquisition(patient(), THIN)


def test_a_slim_patient_gets_a_low_voltage_where_the_scanner_does_so() -> None:
    slim = patient(scanners={"ct": "C"})
    heavy = replace(slim, person=replace(slim.person, weight_kg=110.0))
    assert (usual_acquisition(slim, THIN).kvp, usual_acquisition(heavy, THIN).kvp) == (100, 120)


def test_scanners_differ_in_calibration_by_as_much_as_livers_do() -> None:
    offsets = [scanner.usual.offset_hu for scanner in SCANNERS.values()]
    assert max(offsets) - min(offsets) >= 8
