"""Clinical tables: what is read, what is converted with a note, and every bad input that is refused."""

import datetime as dt
import gzip
import sys
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
import pytest

from hepar.core.errors import DataError, HeparError
from hepar.data.cohort import Note
from hepar.data.dictionary import Dataset
from hepar.io.tables import cohort_from_frame, read_cohort, read_table

GOOD = "id,site,age,plt\np1,A,50,200\np2,B,60,150000\n"
FIELDS: dict[str, Any] = {
    "age_y": {"column": "age", "kind": "number", "unit": "year", "range": [18, 110]},
    "platelets_10e9_l": {
        "column": "plt",
        "kind": "number",
        "unit": "10^9/L",
        "source_unit": {"detect": ["10^9/L", "1/uL"]},
        "range": [5, 1500],
    },
}


def dataset(fields: dict[str, Any] | None = None, **more: Any) -> Dataset:
    header = dict.fromkeys(("name", "title", "source", "licence", "citation"), "x")
    return Dataset.model_validate(
        {**header, "table": "t.csv", "case": "id", "site": "site", "fields": fields or FIELDS, **more}
    )


def table(tmp_path: Path, content: str | bytes, name: str = "t.csv") -> Path:
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def one(
    values: list[str], field: dict[str, Any], *, sites: list[str] | None = None, **more: Any
) -> tuple[list[Any], tuple[Note, ...]]:
    """The column `x` holding `values`, read as `field`."""
    n = len(values)
    frame = pd.DataFrame(
        {
            "id": [f"p{i}" for i in range(n)],
            "site": sites or ["A"] * n,
            "x": values,
            "u": more.pop("units", [""] * n),
        }
    )
    cohort = cohort_from_frame(frame, dataset({"x": field}, **more), source="t.csv")
    return [case.clinical["x"] for case in cohort], cohort.notes


def told(notes: tuple[Note, ...]) -> list[tuple[str, str, int]]:
    return [(note.field, note.what, note.n) for note in notes]


def saved(path: Path, lines: list[str]) -> Path:
    """A table of these comma-separated lines, in the format of the extension of `path`."""
    if path.suffix == ".xlsx":
        book = openpyxl.Workbook()
        for row, line in enumerate(lines, start=1):
            for column, cell in enumerate(line.split(","), start=1):
                book.active.cell(row, column, cell or None)
        book.save(path)
        return path
    text = "\n".join(lines).encode()
    path.write_bytes(gzip.compress(text) if path.suffix == ".gz" else text)
    return path


# --- what is read


def test_a_csv_table_becomes_a_cohort_with_typed_values_and_notes(tmp_path: Path) -> None:
    cohort = cohort_from_frame(read_table(table(tmp_path, GOOD)), dataset())
    assert [(c.case_id, c.participant_id, c.site) for c in cohort] == [("p1", "p1", "A"), ("p2", "p2", "B")]
    assert cohort.cases[1].clinical == {"age_y": 60.0, "platelets_10e9_l": 150.0}
    assert told(cohort.notes) == [("platelets_10e9_l", "read as 1/uL and converted to 10^9/L (sites: B)", 1)]
    assert cohort.flow == ()


@pytest.mark.parametrize("name", ["t.csv", "t.csv.gz", "t.tsv", "t.tsv.gz", "t.xlsx", "t.parquet"])
def test_every_format_gives_the_same_table(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    frame = pd.DataFrame(
        {"id": ["p1", "p2"], "age": [50.0, 61.5], "seen": ["2020-01-31", ""], "ok": ["1", ""]}
    )
    if name.endswith("xlsx"):
        book = openpyxl.Workbook()
        rows = [
            ["id", "age", "seen", "ok"],
            ["p1", 50, dt.datetime(2020, 1, 31), 1],
            ["p2", 61.5, None, None],
        ]
        for row in rows:
            book.active.append(row)
        book.save(path)
    elif name.endswith("parquet"):
        pytest.importorskip("pyarrow")
        typed = frame.assign(
            seen=pd.Series([dt.date(2020, 1, 31), None], dtype=object), ok=pd.array([1, None], dtype="Int64")
        )
        typed.to_parquet(path)
    else:
        text = "id,age,seen,ok\np1,50,2020-01-31,1\np2,61.5,,\n".replace(
            ",", "\t" if ".tsv" in name else ","
        ).encode()
        path.write_bytes(gzip.compress(text) if name.endswith("gz") else text)
    expected = frame.assign(age=["50", "61.5"])
    assert read_table(path).reset_index(drop=True).equals(expected)


def test_a_byte_order_mark_and_windows_line_ends_are_accepted(tmp_path: Path) -> None:
    frame = read_table(table(tmp_path, b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode()))
    assert list(frame.columns) == ["id", "site", "age", "plt"]
    assert frame.index.tolist() == [2, 3]


def test_a_quoted_cell_may_hold_the_delimiter_and_a_line_end(tmp_path: Path) -> None:
    frame = read_table(table(tmp_path, 'id,note\np1,"a,b\nc"\np2,d\n'))
    assert frame["note"].tolist() == ["a,b\nc", "d"]
    assert frame.index.tolist() == [3, 4]


def test_a_declared_encoding_delimiter_and_decimal_comma_are_heeded(tmp_path: Path) -> None:
    path = table(tmp_path, "id;site;x\np1;Köln;3,5\n".encode("latin-1"))
    frame = read_table(path, delimiter=";", encoding="latin-1")
    found = cohort_from_frame(frame, dataset({"x": {"kind": "number"}}, decimal=",")).cases[0]
    assert (found.site, found.clinical["x"]) == ("Köln", 3.5)


def test_a_named_sheet_is_read(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["other"])
    sheet = book.create_sheet("labs")
    sheet.append(["id", "x"])
    sheet.append(["p1", 3])
    book.save(tmp_path / "t.xlsx")
    assert read_table(tmp_path / "t.xlsx", sheet="labs")["x"].tolist() == ["3"]


BLANK_ROWS = ["id,x", "", " , ", "p1,3", ",", "p2,4", "   "]


@pytest.mark.parametrize("name", ["t.csv", "t.xlsx"])
def test_rows_of_blanks_are_ignored_and_the_others_keep_their_row_in_the_file(
    tmp_path: Path, name: str
) -> None:
    frame = read_table(saved(tmp_path / name, BLANK_ROWS))
    assert frame.to_numpy().tolist() == [["p1", "3"], ["p2", "4"]]
    assert frame.index.tolist() == [4, 6]


TITLED = ["Biopsies at our clinic", "", "id,site,x", "p1,A,3", "p2,A,4"]


@pytest.mark.parametrize("name", ["t.csv", "t.csv.gz", "t.xlsx"])
def test_a_declared_header_row_leaves_out_what_stands_above_it(tmp_path: Path, name: str) -> None:
    frame = read_table(saved(tmp_path / name, TITLED), header_row=3)
    assert list(frame.columns) == ["id", "site", "x"]
    assert frame.index.tolist() == [4, 5]


def test_lines_above_the_header_may_hold_anything(tmp_path: Path) -> None:
    path = table(tmp_path, 'made by "us" 2020, 2021\n5" cuff\nid,x\np1,3\n')
    assert read_table(path, header_row=3)["x"].tolist() == ["3"]


def test_a_formula_above_the_header_row_need_not_be_calculated(tmp_path: Path) -> None:
    path = saved(tmp_path / "t.xlsx", ["=TODAY()", "id,x", "p1,3"])
    assert read_table(path, header_row=2)["x"].tolist() == ["3"]


def test_the_dictionary_declares_the_header_row(tmp_path: Path) -> None:
    saved(tmp_path / "t.csv", TITLED)
    document = tmp_path / "dictionary.yaml"
    document.write_text(
        "{name: d, title: t, source: s, licence: l, citation: c, table: t.csv, header_row: 3, case: id, site: site,"
        " fields: {x: {kind: number}}}"
    )
    assert [case.clinical["x"] for case in read_cohort(document)] == [3.0, 4.0]


def test_utf_16_is_read_where_it_is_declared(tmp_path: Path) -> None:
    frame = read_table(table(tmp_path, "id,x\np1,ä\n".encode("utf-16")), encoding="utf-16")
    assert frame["x"].tolist() == ["ä"]


def test_every_kind_has_its_type_and_missing_is_none() -> None:
    kinds: list[tuple[str, dict[str, Any], str, Any]] = [
        ("number", {}, "2.50", 2.5),
        ("ordinal", {"codes": {"F1": 1, "F2": 2}}, "F2", 2.0),
        ("ordinal", {"levels": [0, 0.5, 1]}, ".5", 0.5),
        ("category", {"codes": {1: "male", 2: "female"}}, "2.0", "female"),
        ("category", {"levels": ["M", "XL"]}, "XL", "XL"),
        ("boolean", {}, "Yes", True),
        ("boolean", {"codes": {1: True, 2: False}}, "2", False),
        ("date", {}, "2020-01-31", dt.date(2020, 1, 31)),
        ("date", {"format": "%d.%m.%Y"}, "31.01.2020", dt.date(2020, 1, 31)),
        ("text", {}, " as it is ", "as it is"),
    ]
    for kind, settings, text, value in kinds:
        found, _ = one([text, "", "?"], {"kind": kind, "missing": ["?"], **settings})
        assert found == [value, None, None], kind
        assert type(found[0]) is type(value), kind


def test_a_declared_sentinel_is_missing_however_it_is_written() -> None:
    found, _ = one(["-999", "-999.0", "7"], {"kind": "number"}, missing=[-999])
    assert found == [None, None, 7.0]


def test_a_frame_of_typed_values_reads_as_its_text_does() -> None:
    frame = pd.DataFrame({"id": [1, 2], "site": ["A", "B"], "age": [50.5, np.nan], "plt": [200, 150000]})
    cohort = cohort_from_frame(frame, dataset())
    assert [c.case_id for c in cohort] == ["1", "2"]
    assert [c.clinical["age_y"] for c in cohort] == [50.5, None]


def test_a_missing_value_of_a_text_column_is_missing() -> None:
    frame = pd.DataFrame({"id": ["p1", "p2"], "site": ["A", "A"], "x": ["a", None]})
    for dtype in ("object", "string"):
        cohort = cohort_from_frame(frame.astype(dtype), dataset({"x": {"kind": "text"}}))
        assert [case.clinical["x"] for case in cohort] == ["a", None]


def test_a_frame_with_a_repeated_column_is_refused() -> None:
    frame = pd.DataFrame([["p1", "A", "1", "2"]], columns=["id", "site", "x", "x"])
    with pytest.raises(DataError, match="column 'x' stands 2 times"):
        cohort_from_frame(frame, dataset({"x": {"kind": "number"}}))


def test_a_site_may_be_made_of_columns_or_be_constant() -> None:
    frame = pd.DataFrame({"id": ["p1"], "a": ["X"], "b": ["3"], "age": ["50"], "plt": ["200"]})
    assert cohort_from_frame(frame, dataset(site=["a", "b"])).cases[0].site == "X-3"
    assert (
        cohort_from_frame(frame, dataset(site={"constant": "single centre"})).cases[0].site == "single centre"
    )


def test_several_cases_of_a_participant_share_it() -> None:
    frame = pd.DataFrame(
        {"id": ["s1", "s2"], "who": ["p", "p"], "site": ["A", "A"], "age": ["50"] * 2, "plt": ["9"] * 2}
    )
    assert {c.participant_id for c in cohort_from_frame(frame, dataset(participant="who"))} == {"p"}


def test_tokens_tell_whether_a_list_in_a_cell_holds_one() -> None:
    field = {"kind": "boolean", "tokens": {"any_of": ["HBV"]}}
    assert one(["HCV|HBV", "HCV", ""], field)[0] == [True, False, None]


def test_reading_twice_gives_the_same_cohort_and_writes_nothing(tmp_path: Path) -> None:
    path = table(tmp_path, GOOD)
    first, second = (cohort_from_frame(read_table(path), dataset()) for _ in range(2))
    assert first == second
    assert first.fingerprint == second.fingerprint
    assert [p.name for p in tmp_path.iterdir()] == ["t.csv"]


# --- units


def test_a_fixed_source_unit_converts_with_a_note() -> None:
    found, notes = one(["365.25", ""], {"kind": "number", "unit": "year", "source_unit": "day"})
    assert found == [1.0, None]
    assert told(notes) == [("x", "read as day and converted to year", 1)]


def test_a_unit_by_site_converts_that_site_only() -> None:
    field = {"kind": "number", "unit": "g/dL", "source_unit": {"by_site": {"B": "g/L", "default": "g/dL"}}}
    found, notes = one(["4", "40"], field, sites=["A", "B"])
    assert found == [4.0, 4.0]
    assert told(notes) == [("x", "read as g/L and converted to g/dL (sites: B)", 1)]


def test_a_unit_from_a_column_converts_row_by_row() -> None:
    field = {"kind": "number", "unit": "mg/dL", "analyte": "bilirubin", "source_unit": {"by_column": "u"}}
    found, _ = one(["17.1", "1", ""], field, units=["µmol/L", "mg/dL", ""])
    assert found[0] == pytest.approx(1.0, abs=1e-3)
    assert found[1:] == [1.0, None]


def test_a_unit_in_a_column_that_is_unknown_is_refused_by_row() -> None:
    field = {"kind": "number", "unit": "g/dL", "source_unit": {"by_column": "u"}}
    with pytest.raises(DataError, match=r"row 1 \(case p1\), column 'u'.*unit 'gm' is not in the table"):
        one(["4", "4"], field, units=["g/dL", "gm"])


def test_a_site_without_a_unit_and_a_unit_without_a_site_are_refused() -> None:
    with pytest.raises(DataError, match="no unit for site 'B'; add it, or a default"):
        one(
            ["4", "40"],
            {"kind": "number", "unit": "g/dL", "source_unit": {"by_site": {"A": "g/dL"}}},
            sites=["A", "B"],
        )
    with pytest.raises(DataError, match="names site 'Z', which has no row"):
        one(
            ["4"],
            {"kind": "number", "unit": "g/dL", "source_unit": {"by_site": {"Z": "g/L", "default": "g/dL"}}},
        )


ALBUMIN = {"kind": "number", "unit": "g/dL", "source_unit": {"detect": ["g/dL", "g/L"]}, "range": [1, 6]}


def test_detection_takes_the_one_unit_in_which_the_value_is_in_range() -> None:
    found, notes = one(["4", "40", "41"], ALBUMIN, sites=["A", "B", "C"])
    assert found == pytest.approx([4.0, 4.0, 4.1])
    assert told(notes) == [("x", "read as g/L and converted to g/dL (sites: B, C)", 2)]


def test_a_value_that_fits_no_unit_is_refused_or_dropped_as_declared() -> None:
    with pytest.raises(
        DataError, match=r"row 1 \(case p1\), column 'x'.*400 is not allowed; allowed is 1 to 6 g/dL"
    ):
        one(["4", "400"], ALBUMIN)
    found, notes = one(["4", "400"], {**ALBUMIN, "out_of_range": "missing"})
    assert found == [4.0, None]
    assert told(notes) == [("x", "set to missing: outside 1 to 6 g/dL (found 400)", 1)]


def test_two_names_of_one_unit_are_not_ambiguous() -> None:
    names = {"detect": ["10^9/L", "10^3/uL", "1/uL"]}
    field = {"kind": "number", "unit": "10^9/L", "source_unit": names, "range": [5, 1500]}
    found, notes = one(["200", "200000"], field)
    assert found == [200.0, 200.0]
    assert [note.n for note in notes] == [1]


def test_a_value_that_fits_two_units_is_ambiguous_and_never_guessed() -> None:
    wide = {**ALBUMIN, "range": [1, 60]}
    with pytest.raises(
        DataError, match=r"20 is ambiguous: it lies within 1 to 60 g/dL under more than one of g/dL, g/L"
    ):
        one(["20"], wide)
    found, notes = one(["20", "5"], {**wide, "out_of_range": "missing"})
    assert found == [None, 5.0]
    assert "ambiguous among g/dL, g/L" in notes[0].what


def test_values_of_an_unusable_site_become_missing_with_the_reason() -> None:
    field = {"kind": "number", "unusable_at": {"B": "wrong assay"}}
    found, notes = one(["4", "40"], field, sites=["A", "B"])
    assert found == [4.0, None]
    assert told(notes) == [("x", "values of site B set to missing: wrong assay", 1)]


# --- bad input: each is refused, with what is wrong and the remedy


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("t.csv", "", "is empty"),
        ("t.csv", "id,site,age,plt\n", "has a header but no row"),
        ("t.csv", "id,site,age,age\np1,A,1,2\n", r"column 'age' stands 2 times \(columns 3, 4\)"),
        ("t.csv", "id,site,,plt\np1,A,1,2\n", "column 3 has no name"),
        ("t.csv", "id,site,age,plt\np1,A,50,200\np2,A,50\n", "line 3: has 3 cells where the header has 4"),
        ("t.csv", "id,site,age,plt\np1,A,50,200,1\n", "line 2: has 5 cells where the header has 4"),
        ("t.csv", 'id,site,age,plt\np1,A,50,"20"0\n', "line 2: .*correct the quoting"),
        ("t.csv", "id;site;age;plt\np1;A;50;200\n", "one column found, .*declare delimiter: ';'"),
        ("t.tsv", "id,site,age,plt\np1,A,50,200\n", "looks comma-separated, not tab-separated"),
        (
            "t.csv",
            b"id,site,age,plt\np1,K\xf6ln,50,200\n",
            r"line 2: byte 20 \(0xf6\) is not utf-8.*encoding: latin-1",
        ),
        ("t.csv.gz", b"id,site\n", "is not a complete gzip file"),
        ("t.csv.gz", gzip.compress(GOOD.encode())[:-6], "is not a complete gzip file"),
        ("t.xlsx", b"id,site\n", "is not an Excel workbook"),
        ("t.sav", GOOD, "cannot be read from a .sav file; Allowed: .csv"),
        ("t", GOOD, "cannot be read from a nameless file"),
        (
            "t.csv",
            "id,site,age,plt\np1,A,50,200\n,A,50,200\n",
            r"row 3 \(case \?\), column 'id': the case is missing",
        ),
        ("t.csv", "id,site,age,plt\np1, ,50,200\n", r"row 2 \(case p1\), column 'site': the site is missing"),
        ("t.csv", "id,site,age,plt\np1,A,1,1\np2,A,1,1\np1,A,2,2\n", "case p1 stands in row 2 and in row 4"),
        (
            "t.csv",
            "id,site,age,platelets\np1,A,50,200\n",
            "no column 'plt' .*Allowed: age, id, platelets, site",
        ),
        (
            "t.csv",
            "id,site,age,plt\np1,A,fifty,200\n",
            "'fifty' is not a number; if it means missing, declare it",
        ),
        ("t.csv", "id,site,age,plt\np1,A,50,<30\n", "beyond the limit of detection"),
        ("t.csv", 'id,site,age,plt\np1,A,"50,5",200\n', "declare decimal: ','"),
        ("t.csv", "id,site,age,plt\np1,A,nan,200\n", "'nan' is not a number"),
        ("t.csv", "id,site,age,plt\np1,A,inf,200\n", "'inf' is not a number"),
        (
            "t.csv",
            "id,site,age,plt\np1,A,500,200\n",
            "500 is not allowed; allowed is 18 to 110 year. Correct the value",
        ),
        (
            "t.csv",
            "id,site,age,plt\np1,A,-999,200\n",
            r"If -999 means missing, declare it: missing: \['-999'\]",
        ),
    ],
)
def test_a_bad_table_is_refused_by_file_and_remedy(
    tmp_path: Path, name: str, content: str | bytes, message: str
) -> None:
    path = table(tmp_path, content, name)
    with pytest.raises(DataError, match=message) as caught:
        cohort_from_frame(read_table(path), dataset(), source=str(path))
    assert str(path) in str(caught.value)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="there is no such file"):
        read_table(tmp_path / "none.csv")


def test_a_directory_is_told_as_one(tmp_path: Path) -> None:
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(DataError, match=r"folder\.csv: is a directory, not a table"):
        read_table(tmp_path / "folder.csv")


@pytest.mark.parametrize("name", ["t.csv", "t.csv.gz", "t.xlsx"])
@pytest.mark.parametrize(
    "error", [PermissionError(13, "Permission denied"), OSError(5, "Input/output error")]
)
def test_a_file_that_cannot_be_opened_is_refused_with_the_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, error: OSError
) -> None:
    def refuse(*_: Any, **__: Any) -> Any:
        raise error

    path = saved(tmp_path / name, ["id,x", "p1,3"])
    monkeypatch.setattr(Path, "open", refuse)
    monkeypatch.setattr(Path, "read_bytes", refuse)
    with pytest.raises(DataError, match=rf"{name}: cannot be read \({error.strerror}\)"):
        read_table(path)


def test_a_folder_that_may_not_be_searched_is_refused_with_the_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any, **__: Any) -> Any:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "exists", refuse)
    with pytest.raises(DataError, match=r"cannot be read \(Permission denied\)"):
        read_table(tmp_path / "t.csv")


@pytest.mark.parametrize("name", ["t.csv", "t.xlsx"])
@pytest.mark.parametrize(
    "title", ["Biopsies at our clinic", "Biopsies; clinic A", "Biopsies,,", " ,Biopsies"]
)
def test_a_title_above_the_header_is_told_with_the_row_to_declare(
    tmp_path: Path, name: str, title: str
) -> None:
    path = saved(tmp_path / name, [title, *TITLED[1:]])
    with pytest.raises(DataError, match=r"row 1: looks like a title \('Biop.*fills 1 of 3.*header_row: 3"):
        read_table(path)


@pytest.mark.parametrize("name", ["t.csv", "t.xlsx"])
def test_a_declared_header_row_that_is_blank_is_refused_with_the_next(tmp_path: Path, name: str) -> None:
    with pytest.raises(DataError, match=r"header_row is 2, but that row is blank; the next .* is row 3"):
        read_table(saved(tmp_path / name, TITLED), header_row=2)


@pytest.mark.parametrize("name", ["t.csv", "t.xlsx"])
def test_a_header_row_beyond_the_table_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(DataError, match="has no row from header_row: 9 on; give a table"):
        read_table(saved(tmp_path / name, TITLED), header_row=9)


@pytest.mark.parametrize(
    ("part", "damage"),
    [
        ("xl/worksheets/sheet1.xml", "cut"),
        ("xl/worksheets/sheet1.xml", "lost"),
        ("xl/styles.xml", "cut"),
        ("xl/workbook.xml", "cut"),
        ("xl/workbook.xml", "lost"),
    ],
)
def test_a_damaged_workbook_is_refused_whichever_part_is_cut_or_lost(
    tmp_path: Path, part: str, damage: str
) -> None:
    whole = saved(tmp_path / "whole.xlsx", ["id,x", "p1,3"])
    with zipfile.ZipFile(whole) as old, zipfile.ZipFile(tmp_path / "t.xlsx", "w") as new:
        for name in old.namelist():
            if name != part or damage == "cut":
                new.writestr(name, old.read(name)[: 99 if name == part else None])
    with pytest.raises(DataError, match=r"t\.xlsx: is not an Excel workbook, or a damaged one"):
        read_table(tmp_path / "t.xlsx")


def test_a_header_row_of_a_parquet_table_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="a Parquet table has no header row; remove header_row: 2"):
        read_table(table(tmp_path, b"PAR1", "t.parquet"), header_row=2)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (GOOD.encode("utf-16"), r"mark of UTF-16 \(0xff 0xfe\).*Excel\? Save it .*declare encoding: utf-16"),
        (b"\xfe\xff" + GOOD.encode("utf-16-be"), r"mark of UTF-16 \(0xfe 0xff\)"),
        (GOOD.encode("utf-16-le"), "line 1: byte 1 is NUL; it is no text table"),
        (b"id,site\np1,A\np2,\x00A\n", "line 3: byte 16 is NUL; it is no text table: save it as CSV UTF-8"),
        (b"id,site\np1,K\xf6ln\n", "declare how it is encoded, e.g. encoding: latin-1"),
        (b"id,site\np1,\x80\n", "declare how it is encoded, e.g. encoding: cp1252"),
        (b"id,site\np1,\x81\n", "save the table as UTF-8, or declare how it is encoded$"),
        (b"\x89PNG\x1a\x05\xff", "is not utf-8 text; it is no text table"),
    ],
)
def test_what_is_not_text_in_the_declared_encoding_is_told_for_what_it_may_be(
    tmp_path: Path, content: bytes, message: str
) -> None:
    with pytest.raises(DataError, match=message):
        read_table(table(tmp_path, content))


def test_utf_16_that_is_declared_but_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="does not begin with the mark of UTF-16; leave encoding out"):
        read_table(table(tmp_path, GOOD), encoding="utf-16")


def test_a_nul_is_refused_in_utf_16_too(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="character 3 is NUL"):
        read_table(table(tmp_path, "id,\0x\n".encode("utf-16")), encoding="utf-16")


def test_an_unknown_encoding_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="encoding 'utf-88' is unknown"):
        read_table(table(tmp_path, GOOD), encoding="utf-88")


def test_a_missing_sheet_is_refused_with_those_there(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.title = "patients"
    book.active.append(["id"])
    book.save(tmp_path / "t.xlsx")
    with pytest.raises(DataError, match="no sheet 'patient'; did you mean 'patients'"):
        read_table(tmp_path / "t.xlsx", sheet="patient")


def test_a_workbook_of_several_sheets_needs_one_named(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.create_sheet("labs")
    book.save(tmp_path / "t.xlsx")
    with pytest.raises(DataError, match="holds the sheets Sheet, labs; say which"):
        read_table(tmp_path / "t.xlsx")


def test_a_formula_that_was_never_calculated_is_refused_not_missing(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["id", "x"])
    book.active.append(["p1", "=1+1"])
    book.save(tmp_path / "t.xlsx")
    with pytest.raises(DataError, match=r"row 2, column 2: the formula =1\+1 has no stored value"):
        read_table(tmp_path / "t.xlsx")


def test_parquet_without_pyarrow_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(DataError, match=r"needs pyarrow.*pip install 'hepar\[parquet\]'"):
        read_table(table(tmp_path, b"PAR1", "t.parquet"))


def test_a_broken_parquet_file_is_refused(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    with pytest.raises(DataError, match="is not a Parquet file"):
        read_table(table(tmp_path, b"nothing of the kind", "t.parquet"))


@pytest.mark.parametrize(
    ("field", "text", "message"),
    [
        ({"kind": "category", "codes": {"M": "male"}}, "W", "'W' is not a declared code; Allowed: M"),
        ({"kind": "category", "levels": ["M", "XL"]}, "L", "'L' is not a declared level"),
        ({"kind": "ordinal", "codes": {"stage 1": 1}}, "stage1", "did you mean 'stage 1'"),
        ({"kind": "ordinal", "levels": [0, 1]}, "2", "'2' is not a declared level; allowed: 0, 1"),
        ({"kind": "boolean"}, "maybe", "'maybe' is neither true nor false"),
        ({"kind": "date"}, "31.01.2020", "not a date written as YYYY-MM-DD; declare the format"),
        ({"kind": "date"}, "20200131", "not a date written as YYYY-MM-DD"),
        ({"kind": "date"}, "2020-02-30", "'2020-02-30': there is no such day"),
        ({"kind": "date", "format": "%d.%m.%Y"}, "31.02.2019", "there is no such day .read as %d.%m.%Y."),
        ({"kind": "date", "format": "%d/%m/%y"}, "12/13/19", "the format if it puts day and month the wrong"),
        ({"kind": "date", "format": "%d.%m.%Y"}, "2020-01-31", "not a date written as %d.%m.%Y"),
        ({"kind": "number"}, "-999", "usually mean missing: declare them"),
        ({"kind": "number"}, "1 234", "is not a number"),
        (
            {"kind": "boolean", "tokens": {"any_of": ["HBVV"]}},
            "HBV",
            "no cell holds 'HBVV'; did you mean 'HBV'",
        ),
    ],
)
def test_a_bad_cell_is_refused_with_what_is_allowed(field: dict[str, Any], text: str, message: str) -> None:
    with pytest.raises(DataError, match=message) as caught:
        one([text], field)
    assert "t.csv" in str(caught.value)
    assert "'x'" in str(caught.value)


def test_a_date_before_the_one_it_must_follow_is_refused_by_case() -> None:
    frame = pd.DataFrame({"id": ["p1"], "site": ["A"], "born": ["2001-05-01"], "scan": ["2001-04-30"]})
    fields = {"birth_date": {"column": "born", "kind": "date"}}
    fields["scan_date"] = {"column": "scan", "kind": "date", "not_before": "birth_date"}
    with pytest.raises(
        DataError, match="row 0: case p1: scan_date 2001-04-30 lies before birth_date; "
    ) as caught:
        cohort_from_frame(frame, dataset(fields))
    assert "2001-05-01" not in str(caught.value), "a date of birth identifies"


@pytest.mark.parametrize(
    ("limit", "message"),
    [
        ("2020-12-31", "case p2: x 2021-01-01 lies after 2020-12-31; correct the date that is wrong"),
        (dt.date(2020, 12, 31), "x 2021-01-01 lies after 2020-12-31"),
        ("last_visit", "case p2: x lies after last_visit; correct"),
    ],
)
def test_a_date_after_its_limit_is_refused_by_case(limit: Any, message: str) -> None:
    frame = pd.DataFrame(
        {
            "id": ["p1", "p2"],
            "site": ["A", "A"],
            "x": ["2020-12-31", "2021-01-01"],
            "seen": ["", "2020-12-31"],
        }
    )
    fields = {
        "x": {"kind": "date", "not_after": limit},
        "last_visit": {"column": "seen", "kind": "date"},
    }
    with pytest.raises(DataError, match=message):
        cohort_from_frame(frame, dataset(fields))
    assert len(cohort_from_frame(frame.iloc[:1], dataset(fields))) == 1


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        (
            ["1,234", "12,5"],
            "declare decimal: ','; if it separates thousands, remove it .2 cells cannot be read so.$",
        ),
        (["12,5", "7"], "if the table writes decimals with a comma, declare decimal: ','$"),
        (
            ["7.5", "1,234"],
            "row 1.*the comma may separate thousands: remove it .decimals are written with a point",
        ),
        (["1,234.5"], "the comma may separate thousands: remove it"),
        (["1,234,567"], "the commas may separate thousands: remove them$"),
    ],
)
def test_a_comma_is_advised_as_a_decimal_mark_only_where_no_cell_writes_a_point(
    cells: list[str], message: str
) -> None:
    with pytest.raises(DataError, match=message):
        one(cells, {"kind": "number"})


def test_a_point_in_a_table_of_decimal_commas_is_told() -> None:
    with pytest.raises(
        DataError, match="the point may separate thousands: remove it, or write the cell's decimals"
    ):
        one(["1.234", "1,5"], {"kind": "number"}, decimal=",")
    with pytest.raises(DataError, match="says decimal: ',', write the cell's decimals with a comma"):
        one(["1.5"], {"kind": "number"}, decimal=",")


def test_every_cell_that_cannot_be_read_is_counted_not_those_of_one_text() -> None:
    with pytest.raises(DataError, match=r"row 1 .*'low' is not a number.*\(3 cells cannot be read so\)"):
        one(["1", "low", "high", "low", "?", ""], {"kind": "number", "missing": "?"})


def test_one_code_of_missing_needs_no_brackets() -> None:
    assert one(["NA", "1"], {"kind": "number", "missing": "NA"})[0] == [None, 1.0]
    assert one(["-999.0", "1"], {"kind": "number"}, missing=-999)[0] == [None, 1.0]


def test_an_error_of_a_derivation_names_the_table() -> None:
    frame = pd.DataFrame({"id": ["p1"], "site": ["A"], "kg": ["70"], "m": ["17"]})
    fields = {"kg": {"kind": "number", "unit": "kg"}, "m": {"kind": "number", "unit": "m"}}
    bmi = {"bmi": {"kind": "body_mass_index", "weight": "kg", "height": "m"}}
    with pytest.raises(DataError, match=r"^t.csv: case p1: bmi is 0\.2 kg/m"):
        cohort_from_frame(frame, dataset(fields, derived=bmi), source="t.csv")


def test_a_participant_at_two_sites_is_refused() -> None:
    frame = pd.DataFrame(
        {"id": ["a", "b"], "who": ["p", "p"], "site": ["A", "B"], "age": ["50"] * 2, "plt": ["9"] * 2}
    )
    with pytest.raises(DataError, match=r"^t.csv: participant p .* 'A' and at site 'B' \(rows 0 and 1\)"):
        cohort_from_frame(frame, dataset(participant="who"), source="t.csv")


def test_a_dictionary_whose_table_is_absent_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "dictionary.yaml"
    path.write_text(
        "{name: d, title: t, source: s, licence: l, citation: c, table: gone.csv, case: id, site: site,"
        " fields: {x: {kind: text}}}"
    )
    with pytest.raises(HeparError, match=r"its table 'gone\.csv' is not there"):
        read_cohort(path)
    (tmp_path / "gone.csv").mkdir()
    with pytest.raises(HeparError, match=r"dictionary\.yaml: its table 'gone\.csv' is a directory"):
        read_cohort(path)
