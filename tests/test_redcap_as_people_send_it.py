"""Exports and dictionaries as they come from hospitals: missing data codes, and what spreadsheets do to a file."""

import datetime as dt
from pathlib import Path

import pytest

from hepar.core.errors import DataError
from hepar.data.crf.check import check
from hepar.data.crf.form import FormDictionary
from hepar.data.crf.record import Export
from hepar.io.redcap import dictionary_text, read_dictionary, read_export

LINES = """\
field_name,form_name,field_type,field_label,select_choices_or_calculations,text_validation_type_or_show_slider_number,required_field,identifier
record_id,base,text,Record,,,,
born,base,text,Born,,date_dmy,,y
seen,base,text,Seen,,date_mdy,y,
cause,base,checkbox,Cause,"1, HBV | 2, HCV",,y,
note,base,notes,Note,,,,
"""
HEADER = "record_id,born,seen,cause___1,cause___2,note,base_complete"
ROW = "P-1,1960-05-04,2020-01-02,1,0,,2"


@pytest.fixture
def forms(tmp_path: Path) -> FormDictionary:
    return read_dictionary(saved(tmp_path, LINES, name="dictionary.csv"))


def saved(folder: Path, text: str, *, name: str = "records.csv") -> Path:
    path = folder / name
    path.write_bytes(text.encode())
    return path


def read(folder: Path, forms: FormDictionary, *lines: str, codes: tuple[str, ...] = ()) -> Export:
    return read_export(saved(folder, "\n".join(lines)), forms, missing_codes=codes)


def refused(folder: Path, forms: FormDictionary, *lines: str, codes: tuple[str, ...] = ()) -> str:
    with pytest.raises(DataError) as error:
        read(folder, forms, *lines, codes=codes)
    return str(error.value)


@pytest.mark.parametrize("column", ["cause___unk", "cause___UNK"])
def test_a_checkbox_marked_as_missing_is_answered(tmp_path: Path, forms: FormDictionary, column: str) -> None:
    header = HEADER.replace("note", f"{column},note")

    def rules(marked: str) -> list[str]:
        row = ROW.replace("1,0,,2", f"0,0,{marked},,2")
        export = read(tmp_path, forms, header, row, codes=("UNK", "-9"))
        return [query.rule for query in check(forms, export, today=dt.date(2026, 1, 31))]

    assert rules("1") == []
    assert rules("0") == ["required"]


def test_a_column_of_a_code_for_missing_that_nobody_named_says_what_it_may_be(
    tmp_path: Path, forms: FormDictionary
) -> None:
    header, row = HEADER.replace("note", "cause___unk,note"), ROW.replace(",,2", ",0,,2")
    said = refused(tmp_path, forms, header, row)
    assert (
        "if the project has missing data codes, name them as in its settings (here they end in unk)" in said
    )


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
@pytest.mark.parametrize("start", ["", "sep=;"])
def test_what_a_spreadsheet_adds_to_a_file_is_passed_over(
    tmp_path: Path, forms: FormDictionary, start: str, line_end: str
) -> None:
    table = [f"{line.replace(',', ';')};;" for line in (HEADER, ROW)]
    text = line_end.join([start, *table] if start else table)
    export = read_export(saved(tmp_path, text), forms)
    assert export.columns == tuple(HEADER.split(","))
    assert export.records[0].values["seen"] == "2020-01-02"
    assert export.records[0].line == (3 if start else 2)


def test_a_dictionary_with_columns_at_its_end_that_hold_nothing_is_read(
    tmp_path: Path, forms: FormDictionary
) -> None:
    text = "".join(f"{line},,\n" for line in dictionary_text(forms).splitlines())
    assert read_dictionary(saved(tmp_path, text, name="again.csv")).fields == forms.fields


@pytest.mark.parametrize(("header", "row"), [(f"{HEADER},", f"{ROW},x"), (f"{HEADER},,own", f"{ROW},,x")])
def test_a_column_without_a_name_that_holds_something_is_refused(
    tmp_path: Path, forms: FormDictionary, header: str, row: str
) -> None:
    assert "column 8 has no name" in refused(tmp_path, forms, header, row)


@pytest.mark.parametrize("days", ["04/05/1960,12/03/2019", "4.5.60,12.3.19", ",12-03-2019", "04/05/1960,"])
def test_an_export_whose_days_a_spreadsheet_rewrote_is_refused_in_one_message(
    tmp_path: Path, forms: FormDictionary, days: str
) -> None:
    said = refused(tmp_path, forms, HEADER, *(f"P-{one},{days},1,0,,2" for one in range(3)))
    assert "a spreadsheet has rewritten the days" in said
    assert "1960" not in said


def test_one_day_of_that_kind_among_others_is_a_query(tmp_path: Path, forms: FormDictionary) -> None:
    export = read(tmp_path, forms, HEADER, ROW, "P-2,,12/03/2019,1,0,,2")
    [query] = check(forms, export, today=dt.date(2026, 1, 31))
    assert (query.participant, query.field, query.rule) == ("P-2", "seen", "date")


def test_other_shapes_of_an_export_say_what_to_do(tmp_path: Path, forms: FormDictionary) -> None:
    assert "type flat, not eav" in refused(tmp_path, forms, "record,field_name,value", "P-1,seen,2020-01-02")
    assert "delete a column of your own" in refused(tmp_path, forms, f"{HEADER},remark", f"{ROW},x")
