"""Raw exports of REDCap projects, read into records."""

import csv
import io
from collections.abc import Callable
from pathlib import Path

import pytest

from hepar.core.errors import DataError, ProtocolError
from hepar.data.crf.form import Choice, FormDictionary, FormField
from hepar.data.crf.record import Export
from hepar.io.redcap.dictionary import read_dictionary
from hepar.io.redcap.export import read_export
from hepar.io.redcap_export import write_redcap
from hepar.phantom.tables import COLUMNS as TABLES
from test_redcap_export import table_of

SEX = (Choice("1", "Male"), Choice("2", "Female"))
PROJECT = FormDictionary(
    "study",
    (
        FormField("record_id", "base", "text", "Record"),
        FormField("sex", "base", "radio", "Sex", choices=SEX),
        FormField("cause", "base", "checkbox", "Cause", choices=(Choice("A", "HBV"), Choice("-2", "HCV"))),
        FormField("hint", "base", "descriptive", "Read this"),
        FormField(
            "fasting",
            "lab",
            "yesno",
            "<b>Fasting</b> at the visit",
            choices=(Choice("1", "Yes"), Choice("0", "No")),
        ),
        FormField("remark", "lab", "notes", "Remark"),
    ),
)
HEADER = ("record_id", "sex", "cause___a", "cause____2", "base_complete", "fasting", "remark", "lab_complete")
ROWS = (("P-1", "1", "1", "0", "2", "1", "ok", "2"), ("P-2", "2", "0", "0", "0", "", "", "0"))


def written(
    folder: Path,
    *rows: tuple[str, ...],
    header: tuple[str, ...] = HEADER,
    delimiter: str = ",",
    encoding: str = "utf-8",
) -> Path:
    buffer = io.StringIO(newline="")
    csv.writer(buffer, delimiter=delimiter).writerows((header, *rows))
    path = folder / "records.csv"
    path.write_bytes(buffer.getvalue().encode(encoding))
    return path


def read(folder: Path, *rows: tuple[str, ...], header: tuple[str, ...] = HEADER) -> Export:
    return read_export(written(folder, *rows, header=header), PROJECT)


def refused(folder: Path, *rows: tuple[str, ...], header: tuple[str, ...] = HEADER) -> str:
    with pytest.raises(DataError) as error:
        read(folder, *rows, header=header)
    return str(error.value)


def test_records_hold_what_the_lines_do(tmp_path: Path) -> None:
    found = read(tmp_path, *ROWS)
    first, second = found.records
    assert found.columns == HEADER
    assert first.values == dict(zip(HEADER, ROWS[0], strict=True))
    assert (first.line, first.participant, first.place) == (2, "P-1", ("P-1", "", "", ""))
    assert (second.line, second.values["remark"], second.values.get("nothing")) == (3, "", None)


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_delimiter_and_byte_order_mark_are_found(tmp_path: Path, delimiter: str, encoding: str) -> None:
    row = ("P-1", " 1 ", "1", "0", "2", "1", "a, b; c\r\n乙型肝炎 ", "2")
    found = read_export(written(tmp_path, row, delimiter=delimiter, encoding=encoding), PROJECT)
    assert found.records[0].values["sex"] == "1"
    assert found.records[0].values["remark"] == "a, b; c\n乙型肝炎"


def test_events_instances_groups_and_times_of_surveys_are_read(tmp_path: Path) -> None:
    before = (
        "redcap_event_name",
        "redcap_repeat_instrument",
        "redcap_repeat_instance",
        "redcap_data_access_group",
    )
    header = ("record_id", *before, "redcap_survey_identifier", "base_timestamp", *HEADER[1:])
    rows = (
        ("P-1", "visit_1_arm_1", "", "", "wuhan", "", "2024-05-31 10:00:00", *ROWS[0][1:]),
        ("P-1", "visit_1_arm_1", "lab", "2", "wuhan", "", "", "", "", "", "", "0", "no", "2"),
    )
    plain, repeated = read(tmp_path, *rows, header=header).records
    assert plain.place == ("P-1", "visit_1_arm_1", "", "")
    assert repeated.place == ("P-1", "visit_1_arm_1", "lab", "2")
    assert (repeated.group, repeated.line) == ("wuhan", 3)
    assert plain.values["base_timestamp"] == "2024-05-31 10:00:00"
    assert "redcap_event_name" not in plain.values


def test_lines_are_those_where_rows_begin(tmp_path: Path) -> None:
    long = (*ROWS[0][:6], "one\ntwo\nthree", "2")
    assert [record.line for record in read(tmp_path, long, ("",) * 8, ROWS[1]).records] == [2, 6]


def test_a_partial_export_is_read_only_when_asked_for(tmp_path: Path) -> None:
    path = written(tmp_path, ("P-1", "1"), header=("record_id", "sex"))
    with pytest.raises(
        DataError, match="has 'cause___a', 'cause____2', 'base_complete', 'fasting', 'remark' and 1 more"
    ):
        read_export(path, PROJECT)
    assert read_export(path, PROJECT, partial=True).columns == ("record_id", "sex")


def test_codes_of_a_checkbox_are_found_as_written_and_its_missing_codes_kept(tmp_path: Path) -> None:
    header = ("record_id", "sex", "cause___A", "cause____2", "cause____999", *HEADER[4:])
    path = written(tmp_path, ("P-1", "-999", "1", "0", "1", *ROWS[0][4:]), header=header)
    found = read_export(path, PROJECT, missing_codes=("-999",))
    assert found.columns == (*HEADER[:4], "cause____999", *HEADER[4:])
    assert found.records[0].values["cause___a"] == "1"
    assert found.missing_codes == {"-999"}


def test_labels_instead_of_codes_are_refused_with_what_to_do(tmp_path: Path) -> None:
    rows = (
        ("P-1", "Male", "Checked", "Unchecked", "Complete", "Yes", "ok", "Complete"),
        ("P-2", "Female", "Unchecked", "Unchecked", "Incomplete", "No", "", "Incomplete"),
    )
    said = refused(tmp_path, *rows)
    assert "holds labels instead of codes, e.g. 'Female' in the column 'sex' (6 columns)" in said
    assert "raw data" in said


def test_one_label_among_codes_is_left_to_the_check(tmp_path: Path) -> None:
    found = read(tmp_path, *ROWS, ("P-3", "Male", *ROWS[1][2:]))
    assert found.records[2].values["sex"] == "Male"
    assert read(tmp_path, ("P-1", "Male", *ROWS[0][2:])).records[0].values["sex"] == "Male"
    few = written(tmp_path, ("P-1", "1"), ("P-2", "Male"), header=("record_id", "sex"))
    assert read_export(few, PROJECT, partial=True).records[1].values["sex"] == "Male"


@pytest.mark.parametrize(
    "header",
    [
        (
            "Record",
            "Sex",
            "Cause (choice=HBV)",
            "Cause (choice=HCV)",
            "Complete?",
            "Fasting at the visit",
            "Remark",
            "x",
        ),
        ("record_id", "Sex", *HEADER[2:]),
        (*HEADER[:5], "Fasting at the visit", *HEADER[6:]),
    ],
)
def test_labels_in_the_header_are_refused_with_what_to_do(tmp_path: Path, header: tuple[str, ...]) -> None:
    said = refused(tmp_path, ROWS[0], header=header)
    assert "the header holds labels" in said
    assert "raw data" in said


@pytest.mark.parametrize(
    ("header", "said"),
    [
        (("study_id", *HEADER[1:]), "there is no column 'record_id'"),
        (("record_id", "a", "b"), "no column but 'record_id' belongs to the dictionary 'study'"),
        ((*HEADER[:-1], "lab_complet"), "has no column 'lab_complet'; did you mean 'lab_complete'?"),
        ((*HEADER[:-1], "sex"), "column 'sex' stands 2 times"),
        ((*HEADER[:-1], ""), "column 8 has no name"),
        ((*HEADER[:3], "cause___A", *HEADER[4:]), "'cause___a' and 'cause___A' are one column"),
    ],
)
def test_headers_that_do_not_fit_are_refused(tmp_path: Path, header: tuple[str, ...], said: str) -> None:
    path = written(tmp_path, ROWS[0][: len(header)], header=header)
    with pytest.raises(DataError) as error:
        read_export(path, PROJECT, partial=said.startswith("'cause"))
    assert said in str(error.value)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda raw: b"", "the file is empty"),
        (lambda raw: b"\r\n  \r\n", "holds blanks only"),
        (lambda raw: raw[:-9], "line 3: has 4 cells where the header has 8. The file may have been cut off"),
        (lambda raw: raw.replace(b"ok", b'"ok'), "cut off"),
        (lambda raw: raw.replace(b"ok", b'"o"k'), "line 2: "),
        (lambda raw: raw.replace(b"ok", b"a,b"), "line 2: has 9 cells"),
        (lambda raw: raw.replace(b"ok", b"\xff\xfe"), "is not UTF-8; a spreadsheet"),
        (lambda raw: raw.replace(b"ok", "\u4e59\u578b".encode("gb18030")), "line 2: byte .* is not UTF-8"),
        (lambda raw: raw.decode().encode("utf-16"), "UTF-16"),
        (lambda raw: raw.replace(b"ok", b"o\0k"), "is NUL"),
        (lambda raw: raw.replace(b"ok", b"o" * 200_000), "field larger than field limit"),
        (lambda raw: raw.replace(b"P-2", b""), "line 3: 'record_id' is empty"),
        (lambda raw: b"PK\x03\x04" + raw, "a zip archive or an Excel workbook"),
        (lambda raw: b"\x1f\x8b" + raw, "a gzip file"),
    ],
)
def test_damaged_files_are_refused(tmp_path: Path, change: Callable[[bytes], bytes], said: str) -> None:
    path = written(tmp_path, *ROWS)
    path.write_bytes(change(path.read_bytes()))
    with pytest.raises(DataError, match=said):
        read_export(path, PROJECT)


def test_more_than_can_be_held_is_refused_before_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hepar.io.redcap.sheet.LARGEST_MB", 0)
    path = written(tmp_path, (*ROWS[0][:6], "o" * 1_100_000, "2"))
    with pytest.raises(DataError, match="has 1 MB; at most 0 MB are read"):
        read_export(path, PROJECT)


def test_a_repeated_form_that_the_dictionary_lacks_is_refused(tmp_path: Path) -> None:
    header = ("record_id", "redcap_repeat_instrument", "redcap_repeat_instance", *HEADER[1:])
    said = refused(tmp_path, ("P-1", "labs", "1", *ROWS[0][1:]), header=header)
    assert "redcap_repeat_instrument holds 'labs'" in said
    assert "did you mean 'lab'" in said
    assert "holds 'x'; it is a whole number" in refused(
        tmp_path, ("P-1", "lab", "x", *ROWS[0][1:]), header=header
    )


def test_what_a_spreadsheet_would_run_is_text_here(tmp_path: Path) -> None:
    formula = "=cmd|' /C calc'!A0"
    for cell in (formula, f"'{formula}"):
        found = read(tmp_path, (*ROWS[0][:6], cell, "2"))
        assert found.records[0].values["remark"] == formula


def test_no_value_of_a_participant_stands_in_an_error(tmp_path: Path) -> None:
    secret = "Zhang Wei 1970-01-01"
    for row in ((*ROWS[0][:6], secret), ("", *ROWS[0][1:6], secret, "2")):
        assert secret not in refused(tmp_path, row)


def test_blank_missing_codes_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ProtocolError, match="a missing data code is blank"):
        read_export(written(tmp_path, *ROWS), PROJECT, missing_codes=(" ",))


@pytest.mark.parametrize("longitudinal", [False, True])
@pytest.mark.parametrize("study", list(TABLES))
def test_the_simulated_exports_of_the_program_are_read(
    study: str, longitudinal: bool, tmp_path: Path
) -> None:
    table = table_of(study)
    dictionary, records = write_redcap(table, tmp_path, longitudinal=longitudinal, missing_code="UNK")
    found = read_export(records, read_dictionary(dictionary, missing_codes=("UNK",)), missing_codes=("UNK",))
    assert [record.participant for record in found.records if record.event in ("", "baseline_arm_1")] == [
        row[0] for row in table.rows
    ]
    assert {record.group for record in found.records} == {f"site_{row[1].lower()}" for row in table.rows}


def test_what_identifies_may_be_left_out_of_an_export(tmp_path: Path) -> None:
    fields = (*PROJECT.fields, FormField("name", "lab", "text", "Name", identifier=True))
    path = written(tmp_path, *ROWS)
    assert read_export(path, FormDictionary("study", fields)).columns == HEADER
    path = written(tmp_path, ROWS[0][:-1], header=HEADER[:-1])
    with pytest.raises(DataError, match="has 'lab_complete', the export does not"):
        read_export(path, FormDictionary("study", fields))
