"""SIMULATED tables on disk, read back by the software's own reader."""

import csv
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from hepar.core.errors import DataError, RunError
from hepar.data.cohort import Cohort
from hepar.io.csv_text import csv_text, harmless
from hepar.io.simulated_table import PLANTED, TABLE, write_simulated_table
from hepar.io.tables import read_cohort
from hepar.phantom.tables import COLUMNS, FaultRates, HospitalTable, Row, clinical_row, hospital_table
from hepar.phantom.tables.units import unit_at
from table_patients import cohort

TOLERABLE = FaultRates.only(impossible=0.01, word=0.01, sentinel=0.2, spaces=0.03)
"""Errors that a lenient dictionary reads as missing, or that change nothing."""


def rows_of(study: str, n: int = 80) -> list[Row]:
    """Rows at sites A to D, one of each convention of units."""
    has = frozenset({"laboratory", "elastography"})
    patients = [
        replace(one, has=has, person=replace(one.person, site="ABCD"[k % 4]))
        for k, one in enumerate(cohort(n, study=study))
    ]
    return [clinical_row(one) for one in patients]


def read_back(table: HospitalTable, folder: Path, *, lenient: bool = False) -> Cohort:
    return read_cohort(write_simulated_table(table, folder, name="sim", title="test", lenient=lenient))


def differences(rows: list[Row], table: HospitalTable, found: Cohort) -> Iterator[tuple[int, str]]:
    """Row and field of each value that is not the clean one to half of the last digit written."""
    for k, (row, case) in enumerate(zip(rows, found.cases, strict=True)):
        for column in table.columns:
            clean, value = row[column.name], case.clinical[column.name]
            if column.kind == "number" and clean is not None and value is not None:
                allowed = column.resolution(unit_at(str(row["site"]), column)) * (1 + 1e-6)
                same = abs(float(value) - float(clean)) <= allowed
            elif column.kind == "date":
                same = (None if value is None else value.isoformat()) == clean
            else:
                same = value == clean
            if not same:
                yield k, column.name


@pytest.mark.parametrize("study", "ABCDE")
def test_a_file_without_errors_reads_back_as_the_truth(study: str, tmp_path: Path) -> None:
    rows = rows_of(study)
    table = hospital_table(rows, COLUMNS[study], seed=1, rates=FaultRates.only())
    found = read_back(table, tmp_path)
    assert [case.case_id for case in found.cases] == [row["case_id"] for row in rows]
    assert [case.site for case in found.cases] == [row["site"] for row in rows]
    assert list(differences(rows, table, found)) == []


@pytest.mark.parametrize("study", "ACE")
def test_with_tolerable_errors_only_what_was_planted_is_lost(study: str, tmp_path: Path) -> None:
    rows = rows_of(study)
    table = hospital_table(rows, COLUMNS[study], seed=2, rates=TOLERABLE)
    found = read_back(table, tmp_path, lenient=True)
    lost = set(differences(rows, table, found))
    assert lost == {(one.row, one.field) for one in table.planted if one.kind in ("impossible", "word")}
    assert len(lost) > 10


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("age_suffix", r"'0\d\dY' is not a number"),
        ("comma", "is not a number; the comma may"),
        ("below_limit", "limit of detection"),
        ("duplicate_row", "stands in row"),
        ("word", "is not"),
        ("impossible", "is not"),
    ],
)
def test_a_strict_dictionary_stops_at_each_error(kind: str, said: str, tmp_path: Path) -> None:
    table = hospital_table(rows_of("E"), COLUMNS["E"], seed=1, rates=FaultRates.only(**{kind: 0.2}))
    with pytest.raises(DataError, match=said):
        read_back(table, tmp_path)


def test_body_mass_index_is_derived_from_what_each_site_writes(tmp_path: Path) -> None:
    rows = rows_of("A")
    found = read_back(hospital_table(rows, COLUMNS["A"], seed=1, rates=FaultRates.only()), tmp_path)
    for row, case in zip(rows, found.cases, strict=True):
        assert case.clinical["bmi_kg_m2"] == pytest.approx(row["bmi_kg_m2"], abs=0.3)


def test_what_is_known_only_later_says_so(tmp_path: Path) -> None:
    found = read_back(hospital_table(rows_of("C"), COLUMNS["C"], seed=1, rates=FaultRates.only()), tmp_path)
    later = {name for name, field in found.fields.items() if field.follow_up}
    assert (
        later
        == {c.name for c in COLUMNS["C"] if c.follow_up}
        >= {"event_time_y", "event_status", "event_kind"}
    )


def test_the_list_of_planted_errors_stands_beside_the_table(tmp_path: Path) -> None:
    table = hospital_table(rows_of("E"), COLUMNS["E"], seed=1)
    write_simulated_table(table, tmp_path, name="sim", title="test")
    with (tmp_path / PLANTED).open(newline="") as file:
        listed = list(csv.DictReader(file))
    assert [(int(one["row"]), one["field"], one["kind"]) for one in listed] == [
        (one.row, one.field, one.kind) for one in table.planted
    ]


def test_the_same_table_is_the_same_bytes(tmp_path: Path) -> None:
    table = hospital_table(rows_of("B", 20), COLUMNS["B"], seed=1)
    for folder in ("one", "two"):
        write_simulated_table(table, tmp_path / folder, name="sim", title="test")
    for path in (tmp_path / "one").iterdir():
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes()


def test_every_title_says_simulated(tmp_path: Path) -> None:
    table = hospital_table(rows_of("B", 3), COLUMNS["B"], seed=1)
    text = write_simulated_table(table, tmp_path, name="sim", title="clinic").read_text()
    assert "title: 'SIMULATED: clinic'" in text


def test_a_place_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    table = hospital_table(rows_of("B", 3), COLUMNS["B"], seed=1)
    with pytest.raises(RunError, match="cannot be written"):
        write_simulated_table(table, tmp_path / "file", name="sim", title="test")


@pytest.mark.parametrize("cell", ["=1+1", "+cmd|' /C calc'!A0", "@SUM(A1)", "-2+3", " =1", "\t=1", "\r=1"])
def test_no_cell_is_a_formula(cell: str) -> None:
    assert harmless(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["", "-99", "-1.5", "+3", "1,5", "n.a.", "<20", "061Y", "2099-01-01"])
def test_numbers_and_words_stay_as_they_are(cell: str) -> None:
    assert harmless(cell) == cell


def test_quotes_commas_and_line_ends_survive(tmp_path: Path) -> None:
    row = ['said "no"', "a, b", "two\nlines"]
    (tmp_path / TABLE).write_text(csv_text(["x", "y", "z"], [row]), newline="")
    with (tmp_path / TABLE).open(newline="") as file:
        assert list(csv.reader(file))[1] == row
