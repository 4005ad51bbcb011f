"""Units convert exactly within a dimension, and only there."""

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hepar.core.errors import DataError
from hepar.data.units import (
    FACTORS,
    MOLAR_MASS_G_MOL,
    SUFFIXES,
    UNITS,
    convert,
    convertible,
    molar_mass,
    unit_in_name,
    unit_of,
)

ATOMIC_WEIGHT = {"C": 12.011, "H": 1.008, "N": 14.007, "O": 15.999}
FORMULA = {
    "bilirubin": "C33H36N4O6",
    "cholesterol": "C27H46O1",
    "creatinine": "C4H7N3O1",
    "glucose": "C6H12O6",
    "triglycerides": "C57H104O6",
    "urea": "C1H4N2O1",
    "urea nitrogen": "N2",
    "uric acid": "C5H4N4O3",
}
PAIRS = [(a, b) for a in UNITS for b in convertible(a)]
LINKED = [(a, b, m) for m in MOLAR_MASS_G_MOL for a in ("mg/dL", "g/L") for b in ("mmol/L", "umol/L")]


@given(pair=st.sampled_from(PAIRS), value=st.floats(-1e6, 1e6))
def test_converting_there_and_back_returns_the_value(pair: tuple[str, ...], value: float) -> None:
    source, target = pair
    there = convert(np.array([value]), source, target)
    back = convert(there, target, source)
    assert back[0] == pytest.approx(value, rel=1e-9, abs=1e-6 * abs(UNITS[source].offset or 1e-6))


@given(pair=st.sampled_from(LINKED), value=st.floats(0, 1e6))
def test_mass_and_amount_convert_there_and_back_by_the_molar_mass(
    pair: tuple[str, ...], value: float
) -> None:
    source, target, analyte = pair
    there = convert(np.array([value]), source, target, analyte=analyte)
    assert convert(there, target, source, analyte=analyte)[0] == pytest.approx(value, rel=1e-9)


@pytest.mark.parametrize("analyte", MOLAR_MASS_G_MOL)
def test_a_molar_mass_is_the_sum_of_the_atomic_weights_of_its_formula(analyte: str) -> None:
    parts = re.findall(r"([A-Z])(\d+)", FORMULA[analyte])
    assert molar_mass(analyte) == pytest.approx(sum(ATOMIC_WEIGHT[e] * int(n) for e, n in parts), abs=6e-4)


@pytest.mark.parametrize(
    ("value", "source", "target", "analyte", "expected"),
    [
        # conventional factors: Young D.S., Ann Intern Med 1987;106:114-129, SI units for clinical laboratory data
        (1.0, "mg/dL", "umol/L", "bilirubin", 17.10),
        (1.0, "mg/dL", "umol/L", "creatinine", 88.40),
        (1.0, "mg/dL", "mmol/L", "glucose", 0.05551),
        (1.0, "mg/dL", "mmol/L", "cholesterol", 0.02586),
        (1.0, "mg/dL", "mmol/L", "triglycerides", 0.01129),
        (1.0, "mg/dL", "umol/L", "uric acid", 59.48),
        (1.0, "mg/dL", "mmol/L", "urea nitrogen", 0.3570),
        # IFCC-NGSP: 48 mmol/mol is 6.5 % (Hoelzel 2004)
        (48.0, "mmol/mol HbA1c", "% HbA1c", None, 6.54),
        (150000.0, "1/uL", "10^9/L", None, 150.0),
        (42.0, "g/L", "g/dL", None, 4.2),
        (1.0, "ukat/L", "U/L", None, 60.0),
        (12.0, "month", "year", None, 1.0),
        (400.0, "ug/L", "ng/mL", None, 400.0),
    ],
)
def test_the_factors_are_the_conventional_ones(
    value: float, source: str, target: str, analyte: str | None, expected: float
) -> None:
    assert convert(np.array([value]), source, target, analyte=analyte)[0] == pytest.approx(expected, rel=1e-3)


def test_missing_values_stay_missing() -> None:
    assert np.isnan(convert(np.array([np.nan]), "g/L", "g/dL")[0])


def test_iu_per_litre_is_u_per_litre() -> None:
    assert unit_of("IU/L") == unit_of("U/L")


def test_a_micro_sign_is_read_as_u() -> None:
    assert unit_of("µmol/L") == unit_of("umol/L") == unit_of("μmol/L")


def test_an_unknown_unit_is_refused_with_the_units_of_that_dimension() -> None:
    with pytest.raises(DataError, match="unit 'gramm/dL' is not in the table of units") as caught:
        unit_of("gramm/dL", like="g/dL")
    assert "g/L" in str(caught.value)
    assert "kPa" not in str(caught.value)


def test_a_unit_of_another_dimension_is_refused() -> None:
    with pytest.raises(DataError, match=r"'kPa' \(pressure\) does not convert to 'g/dL'"):
        convert(np.array([1.0]), "kPa", "g/dL")


def test_mass_to_amount_without_an_analyte_asks_for_it() -> None:
    with pytest.raises(DataError, match="give the field's analyte"):
        convert(np.array([1.0]), "umol/L", "mg/dL")


def test_an_unknown_analyte_is_refused_with_the_known_ones() -> None:
    with pytest.raises(DataError, match="did you mean 'bilirubin'"):
        unit_of("umol/L", like="mg/dL", analyte="billirubin")


def test_every_dimension_names_the_source_of_its_factors() -> None:
    assert all(source and units for source, units in FACTORS.values())


def test_every_ending_of_a_name_says_its_unit_and_no_other_ending_hides_it() -> None:
    for ending, unit in SUFFIXES.items():
        assert unit_of(unit)
        assert unit_in_name(f"x{ending}") == unit
