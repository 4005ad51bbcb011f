"""A hospital's file of SIMULATED rows: every error is known, and there is no other."""

from dataclasses import fields, replace

import numpy as np
import pytest

from hepar.core.errors import SimulationError
from hepar.data.units import convert
from hepar.phantom.tables import COLUMNS, FaultRates, HospitalTable, Row, clinical_row, hospital_table
from hepar.phantom.tables.column import Column
from hepar.phantom.tables.hospital import WHOLE_ROW
from hepar.phantom.tables.units import CONVENTIONS, OTHER_UNITS, unit_at
from table_patients import cohort

NONE = FaultRates.only()
KINDS = tuple(one.name for one in fields(FaultRates))


def rows_of(study: str, n: int = 60) -> list[Row]:
    return [clinical_row(replace(one, has=frozenset({"laboratory"}))) for one in cohort(n, study=study)]


def written(study: str = "E", *, rates: FaultRates = NONE, seed: int = 1, n: int = 60) -> HospitalTable:
    return hospital_table(rows_of(study, n), COLUMNS[study], seed=seed, rates=rates)


def column(name: str) -> Column:
    return next(c for columns in COLUMNS.values() for c in columns if c.name == name)


@pytest.mark.parametrize("study", "ABCDE")
def test_without_rates_there_is_no_error(study: str) -> None:
    table = written(study)
    assert table.planted == ()
    assert len(table.rows) == 60
    assert {len(row) for row in table.rows} == {len(table.header)}


@pytest.mark.parametrize("study", "ABCDE")
def test_the_list_of_errors_is_exactly_what_differs(study: str) -> None:
    clean, faulty = written(study), written(study, rates=FaultRates().times(5))
    differs = {
        (k, clean.columns[place - 2].name, good, bad)
        for k, (row, wrong) in enumerate(zip(clean.rows, faulty.rows, strict=False))
        for place, (good, bad) in enumerate(zip(row, wrong, strict=True))
        if good != bad
    }
    of_cells = [one for one in faulty.planted if one.field != WHOLE_ROW]
    assert {(one.row, one.field, one.clean, one.entered) for one in of_cells} == differs
    assert len(of_cells) == len(differs) > 30


def test_duplicates_are_listed_and_repeat_their_row() -> None:
    table = written(rates=FaultRates.only(duplicate_row=0.3))
    again = [one for one in table.planted if one.kind == "duplicate_row"]
    assert len(table.rows) == 60 + len(again) > 65
    for one in again:
        assert table.rows[one.row] in table.rows[:60]
        assert table.rows[one.row][0] == one.case_id


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_of_error_is_made_alone(kind: str) -> None:
    found = written("E", rates=FaultRates.only(**{kind: 0.2})).planted
    assert {one.kind for one in found} == {kind}


def test_errors_come_at_the_rate_asked_for() -> None:
    table = written("E", rates=FaultRates.only(age_suffix=0.3), n=300)
    assert len(table.planted) == pytest.approx(90, abs=24)  # three standard deviations
    assert {(one.field, one.entered[-1]) for one in table.planted} == {("age_y", "Y")}


def test_errors_of_a_row_do_not_depend_on_the_rows_around_it() -> None:
    rows = rows_of("A", 20)
    rates = FaultRates().times(8)
    few, many = (hospital_table(rows[:n], COLUMNS["A"], seed=3, rates=rates) for n in (8, 20))
    assert many.rows[:8] == few.rows[:8]


def test_the_same_seed_makes_the_same_errors_and_another_others() -> None:
    rates = FaultRates().times(5)
    assert written(rates=rates) == written(rates=rates)
    assert written(rates=rates).planted != written(rates=rates, seed=2).planted


def test_swaps_put_two_values_into_each_others_column() -> None:
    swaps = [
        one
        for one in written(rates=FaultRates.only(swapped=0.5)).planted
        if one.field in ("ast_u_l", "alt_u_l")
    ]
    for one, other in zip(swaps[::2], swaps[1::2], strict=True):
        assert (one.row, one.clean, one.entered) == (other.row, other.entered, other.clean)


def test_impossible_values_lie_beyond_the_limits() -> None:
    table = written(rates=FaultRates.only(impossible=0.3))
    sites = [row[1] for row in table.rows]
    for one in table.planted:
        limits = column(one.field).limits_in(unit_at(sites[one.row], column(one.field)))
        if limits is None:
            assert one.entered not in column(one.field).codes
        else:
            assert not limits[0] <= float(one.entered) <= limits[1]


def test_checkboxes_are_left_alone() -> None:
    assert not any(
        one.field.startswith("prior_") for one in written("D", rates=FaultRates().times(50)).planted
    )


@pytest.mark.parametrize("name", sorted(OTHER_UNITS))
def test_units_convert_as_the_reader_converts_them(name: str) -> None:
    one = column(name)
    for unit, how in one.others.items():
        value = 7.5
        back = convert(
            np.array([how.factor * value + how.offset]), unit, one.unit, analyte=one.analyte or None
        )
        assert back[0] == pytest.approx(value, rel=1e-9)
        assert one.read(how.factor * value + how.offset, unit=unit) == pytest.approx(value)


def test_sites_follow_the_conventions_in_turn() -> None:
    assert [unit_at(site, column("bilirubin_mg_dl")) for site in "ABCDE"] == [
        "mg/dL",
        "umol/L",
        "umol/L",
        "umol/L",
        "mg/dL",
    ]
    assert unit_at("D", column("platelets_10e9_l")) == "1/uL"
    assert unit_at("C", column("ast_u_l")) == "ukat/L"


def test_every_unit_of_the_conventions_can_be_written() -> None:
    for convention in CONVENTIONS:
        for name, unit in convention.items():
            assert column(name).resolution(unit) > 0


def test_what_a_careful_site_writes_is_right_to_half_a_digit() -> None:
    rows = rows_of("E")
    table = hospital_table(rows, COLUMNS["E"], seed=1, rates=NONE)
    for row, cells in zip(rows, table.rows, strict=True):
        for one, text in zip(table.columns, cells[2:], strict=True):
            if one.kind == "number" and text:
                unit = unit_at(cells[1], one)
                error = abs(one.read(float(text), unit=unit) - float(row[one.name] or 0))
                assert error <= one.resolution(unit) * (1 + 1e-9), one.name


@pytest.mark.parametrize("bad", [{"word": -0.1}, {"spaces": 1.5}, {"comma": float("nan")}])
def test_impossible_rates_are_refused(bad: dict[str, float]) -> None:
    with pytest.raises(SimulationError, match=f"the rate of {next(iter(bad))} is"):
        FaultRates(**bad)


def test_a_negative_multiple_of_rates_is_refused() -> None:
    with pytest.raises(SimulationError, match="rates times -1"):
        FaultRates().times(-1)


def test_rows_of_another_study_and_no_rows_are_refused() -> None:
    with pytest.raises(SimulationError, match="row 0 has no field"):
        hospital_table(rows_of("A", 1), COLUMNS["E"], seed=1)
    with pytest.raises(SimulationError, match="at least one row"):
        hospital_table([], COLUMNS["E"], seed=1)


def test_an_unknown_site_and_unit_are_refused() -> None:
    with pytest.raises(SimulationError, match="no site 'Tongji'"):
        unit_at("Tongji", column("ast_u_l"))
    with pytest.raises(SimulationError, match="'ast' is never written in 'mg/dL'"):
        column("ast_u_l").written(1.0, unit="mg/dL")
