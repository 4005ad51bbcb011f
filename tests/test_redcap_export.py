"""SIMULATED tables as REDCap projects export them."""

import csv
import re
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from hepar.io.redcap_export import BASELINE, DICTIONARY_HEADER, LATER, code_of, write_redcap
from hepar.phantom.tables import COLUMNS, FaultRates, HospitalTable, Row, clinical_row, hospital_table
from hepar.phantom.tables.practice import Practice
from hepar.phantom.tables.units import unit_at
from table_patients import cohort

Line = dict[str, str]
LOGIC = re.compile(r"\[(\w+)\] (?:=|>) (?:'\w+'|\d+)")


def rows_of(study: str, n: int = 24) -> list[Row]:
    patients = [
        replace(one, has=frozenset({"laboratory"}), person=replace(one.person, site="ABCD"[k % 4]))
        for k, one in enumerate(cohort(n, study=study))
    ]
    return [clinical_row(one, practice=Practice(violations=0.3)) for one in patients]


def table_of(study: str, *, rates: FaultRates | None = None) -> HospitalTable:
    return hospital_table(rows_of(study), COLUMNS[study], seed=1, rates=rates or FaultRates.only())


def exported(
    table: HospitalTable, folder: Path, *, longitudinal: bool = False, missing: str = ""
) -> tuple[list[Line], list[Line]]:
    dictionary, records = write_redcap(table, folder, longitudinal=longitudinal, missing_code=missing)
    return read(dictionary), read(records)


def read(path: Path) -> list[Line]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("study", "ABCDE")
def test_a_dictionary_is_one_that_redcap_takes(study: str, tmp_path: Path) -> None:
    lines, _ = exported(table_of(study), tmp_path)
    names = [line["Variable / Field Name"] for line in lines]
    forms = [line["Form Name"] for line in lines]
    assert tuple(lines[0]) == DICTIONARY_HEADER
    assert len(DICTIONARY_HEADER) == 18
    assert (names[0], lines[0]["Field Type"]) == ("record_id", "text")
    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"[a-z][a-z0-9_]*", name) for name in (*names, *forms))
    changes = sum(a != b for a, b in pairwise(forms))
    assert changes == len(set(forms)) - 1, "forms are contiguous"
    for line in lines:
        asked = LOGIC.fullmatch(line["Branching Logic (Show field only if...)"] or "[record_id] = '1'")
        assert asked is not None
        assert asked[1] in names


@pytest.mark.parametrize("study", "ABCDE")
def test_choices_have_codes_that_the_export_uses(study: str, tmp_path: Path) -> None:
    lines, records = exported(table_of(study), tmp_path)
    for line in lines:
        if line["Field Type"] not in ("radio", "dropdown"):
            continue
        choices = line["Choices, Calculations, OR Slider Labels"].split(" | ")
        codes = {choice.split(", ", 1)[0] for choice in choices}
        assert all(re.fullmatch(r"[A-Za-z0-9_]+", code) for code in codes)
        assert {record[line["Variable / Field Name"]] for record in records} <= {*codes, ""}


@pytest.mark.parametrize("study", "ABCDE")
def test_records_have_the_columns_of_the_dictionary(study: str, tmp_path: Path) -> None:
    lines, records = exported(table_of(study), tmp_path)
    expected = ["record_id", "redcap_data_access_group"]
    for line, after in zip(lines, [*lines[1:], None], strict=True):
        name = line["Variable / Field Name"]
        if line["Field Type"] == "checkbox":
            choices = line["Choices, Calculations, OR Slider Labels"].split(" | ")
            expected += [f"{name}___{code}" for code in range(1, len(choices) + 1)]
        elif name != "record_id":
            expected.append(name)
        if after is None or after["Form Name"] != line["Form Name"]:
            expected.append(f"{line['Form Name']}_complete")
    assert list(records[0]) == expected


def test_records_hold_what_was_entered(tmp_path: Path) -> None:
    table = table_of("E", rates=FaultRates().times(5))
    _, records = exported(table, tmp_path)
    for cells, record in zip(table.rows, records, strict=True):
        assert record["record_id"] == cells[0]
        assert record["redcap_data_access_group"] == f"site_{cells[1].lower()}"
        assert [record[column.entry] for column in table.columns] == list(cells[2:])


def test_a_unit_that_differs_between_sites_stands_beside_the_number(tmp_path: Path) -> None:
    table = table_of("A")
    lines, records = exported(table, tmp_path)
    bilirubin = next(column for column in table.columns if column.name == "bilirubin_mg_dl")
    choices = next(line for line in lines if line["Variable / Field Name"] == "bilirubin_unit")
    assert choices["Choices, Calculations, OR Slider Labels"] == "mg_dl, mg/dL | umol_l, umol/L"
    for cells, record in zip(table.rows, records, strict=True):
        assert record["bilirubin_unit"] == code_of(unit_at(cells[1], bilirubin))
    inr = next(line for line in lines if line["Variable / Field Name"] == "inr")
    assert (inr["Text Validation Min"], inr["Text Validation Max"]) == ("0.5", "15")


def test_prior_treatments_are_checkboxes(tmp_path: Path) -> None:
    rows = rows_of("D")
    _, records = exported(table_of("D"), tmp_path)
    for row, record in zip(rows, records, strict=True):
        ticked = [record[f"prior_treatment___{code}"] == "1" for code in (1, 2, 3)]
        assert ticked == [row["prior_resection"], row["prior_tace"], row["prior_ablation"]]
    assert any(record["prior_treatment___2"] == "1" for record in records)


@pytest.mark.parametrize("study", ["C", "E"])
def test_a_longitudinal_project_has_an_event_for_what_comes_later(study: str, tmp_path: Path) -> None:
    table = table_of(study)
    _, records = exported(table, tmp_path, longitudinal=True)
    assert [record["redcap_event_name"] for record in records] == [BASELINE, LATER] * len(table.rows)
    for first, later in zip(records[::2], records[1::2], strict=True):
        assert (first["age"] != "", later["age"]) == (True, "")
        assert (first["status"], later["status"] != "") == ("", True)
        assert (first["follow_up_complete"], later["demography_complete"]) == ("", "")


def test_without_follow_up_there_is_one_event(tmp_path: Path) -> None:
    _, records = exported(table_of("B"), tmp_path, longitudinal=True)
    assert "redcap_event_name" not in records[0]


def test_forms_say_whether_they_are_complete(tmp_path: Path) -> None:
    table = table_of("A")
    _, records = exported(table, tmp_path)
    for record in records:
        page = [record[c.entry] for c in table.columns if c.form == "laboratory"]
        assert record["laboratory_complete"] == ("2" if all(page) else "1")
        assert record["elastography_complete"] == "0"


def test_a_project_with_missing_codes_has_no_empty_number(tmp_path: Path) -> None:
    _, records = exported(table_of("A"), tmp_path, missing="UNK")
    assert {record["stiffness"] for record in records} == {"UNK"}


def test_the_dictionary_says_that_nobody_stands_behind_it(tmp_path: Path) -> None:
    lines, _ = exported(table_of("C"), tmp_path)
    assert "SIMULATED" in lines[0]["Section Header"]
    assert {line["Field Annotation"] for line in lines} == {"SIMULATED"}
