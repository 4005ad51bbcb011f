"""Data dictionaries of REDCap projects, read and written back."""

import csv
import io
from pathlib import Path

import pytest

from hepar.core.errors import DataError, ProtocolError
from hepar.data.crf.dictionary_line import COLUMNS, HEADER
from hepar.data.crf.form import Choice, FormDictionary, FormField
from hepar.io.redcap.dictionary import bundled_dictionaries, dictionary_text, read_dictionary
from hepar.io.redcap_export import DICTIONARY_HEADER, write_redcap
from hepar.phantom.tables import COLUMNS as TABLES
from test_redcap_export import table_of

Line = dict[str, str]
ID: Line = {"field_name": "record_id", "form_name": "base", "field_type": "text", "field_label": "Record"}


def line(name: str, kind: str = "text", *, form: str = "base", label: str = "Label", **cells: str) -> Line:
    short = {
        "choices": "select_choices_or_calculations",
        "validation": "text_validation_type_or_show_slider_number",
        "least": "text_validation_min",
        "most": "text_validation_max",
        "logic": "branching_logic",
        "required": "required_field",
        "annotation": "field_annotation",
    }
    named = {short.get(key, key): value for key, value in cells.items()}
    return {"field_name": name, "form_name": form, "field_type": kind, "field_label": label, **named}


def written(
    folder: Path,
    *lines: Line,
    header: tuple[str, ...] = COLUMNS,
    delimiter: str = ",",
    encoding: str = "utf-8",
) -> Path:
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, delimiter=delimiter)
    writer.writerow(header)
    writer.writerows([cells.get(column, "") for column in COLUMNS] for cells in lines)
    path = folder / "dictionary.csv"
    path.write_bytes(buffer.getvalue().encode(encoding))
    return path


def read(folder: Path, *lines: Line, codes: tuple[str, ...] = ()) -> FormDictionary:
    return read_dictionary(written(folder, ID, *lines), missing_codes=codes)


def refused(folder: Path, *lines: Line) -> str:
    with pytest.raises(DataError) as error:
        read(folder, *lines)
    return str(error.value)


def test_both_spellings_of_the_header_give_the_same_fields(tmp_path: Path) -> None:
    lines = (ID, line("age", validation="integer", least="18", most="75", required="y", identifier="Y"))
    machine = read_dictionary(written(tmp_path, *lines))
    people = read_dictionary(written(tmp_path, *lines, header=DICTIONARY_HEADER))
    assert machine == people
    age = machine.field("age")
    assert (age.least, age.most, age.validation, age.required, age.identifier) == (
        "18",
        "75",
        "integer",
        True,
        True,
    )
    assert machine.record_id == "record_id"
    assert machine.name == "dictionary"


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_delimiter_and_byte_order_mark_are_found(tmp_path: Path, delimiter: str, encoding: str) -> None:
    lines = (ID, line("sex", "radio", choices="1, 男 | 2, 女; other", label="性别,\nSex"))
    found = read_dictionary(written(tmp_path, *lines, delimiter=delimiter, encoding=encoding))
    assert found.field("sex").choices == (Choice("1", "男"), Choice("2", "女; other"))
    assert found.field("sex").label == "性别,\nSex"


def test_columns_come_in_any_order_and_optional_ones_may_lack(tmp_path: Path) -> None:
    path = tmp_path / "short.csv"
    path.write_text("Field Label,field_type,Form Name,Variable / Field Name\nRecord,text,base,record_id\n")
    assert read_dictionary(path).fields == (FormField("record_id", "base", "text", "Record"),)


def test_choices_keep_commas_in_their_words_and_implied_ones_are_filled_in(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        line("cause", "checkbox", choices="1, HBV | -2, HCV, chronic|A, Other"),
        line("fasting", "yesno"),
        line("known", "truefalse"),
        line("asked", "yesno", choices="1, 是 | 0, 否"),
        line("pain", "slider", choices="none | worst"),
        line("strength", "slider", least="-1", most="5"),
    )
    assert found.field("cause").columns == ("cause___1", "cause____2", "cause___a")
    assert found.field("cause").word_of("-2") == "HCV, chronic"
    assert found.field("fasting").choices == (Choice("1", "Yes"), Choice("0", "No"))
    assert found.field("known").choices == (Choice("1", "True"), Choice("0", "False"))
    assert found.field("asked").word_of("1") == "是"
    assert (found.field("pain").least, found.field("pain").most) == ("0", "100")
    assert (found.field("strength").least, found.field("strength").most) == ("-1", "5")


def test_what_else_stands_in_the_column_of_the_choices_is_kept(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        line("diagnosis", choices="BIOPORTAL:ICD10"),
        line("query", "sql", choices="select 1"),
        line("pain", "slider", choices="none | worst"),
    )
    assert [field.calculation for field in found.fields] == [
        "",
        "BIOPORTAL:ICD10",
        "select 1",
        "none | worst",
    ]
    path = tmp_path / "again.csv"
    path.write_text(dictionary_text(found))
    assert read_dictionary(path).fields == found.fields


def test_branching_logic_is_parsed_and_knows_the_missing_codes(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        line("age", validation="integer"),
        line("old", logic="[age] > 60 or [base_complete] = '2' or [age] = 'UNK'"),
        codes=("999",),
    )
    shown = found.field("old").shown
    assert shown is not None
    assert shown.holds(lambda reference: {"age": "61"}.get(reference.field, ""))
    assert not shown.holds(lambda reference: {"age": "999"}.get(reference.field, ""))


def test_all_problems_are_told_at_once_the_worst_first(tmp_path: Path) -> None:
    said = refused(
        tmp_path,
        line("score", validation="integer", least="9", most="1"),
        line("why", logic="[nobody] = '1'"),
        line("kind", "radio"),
        line("Bad Name"),
    ).splitlines()
    assert said[0].endswith("dictionary.csv: the dictionary cannot be used: 4 problems")
    assert [part.split(",")[0].strip() for part in said[1:]] == ["line 6", "line 5", "line 4", "line 3"]


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        (line("a", "number"), "no field type 'number'"),
        (line("a", validation="interger"), "did you mean 'integer'"),
        (
            line("a", "notes", validation="integer"),
            "a notes field has no validation type, here is 'integer'; empty the cell",
        ),
        (line("_a"), "the name '_a' is impossible"),
        (line("a", form="Base Form"), "the form's name 'Base Form' is impossible"),
        (line("record_id"), "the name stands in line 2 as well"),
        (line("redcap_event_name"), "is a name of REDCap's own"),
        (line("base_complete"), "is that of the form 'base' too"),
        (line("a", "radio"), "a radio field needs choices"),
        (line("a", "radio", choices="1, A | 1, B"), "the code '1' stands twice"),
        (line("a", "checkbox", choices="a, A | A, B"), "a checkbox's column knows no capitals"),
        (line("a", "radio", choices="1, A | | 2, B"), "there is an empty choice"),
        (line("a", "radio", choices="1, A | Male"), "the choice 'Male' has no comma"),
        (line("a", "radio", choices="1，男｜2，女"), "has wide signs"),
        (line("a", "radio", choices="1 2, A"), "the code '1 2' is impossible"),
        (line("a", "yesno", choices="1, Yes | 2, No"), "the codes 1 and 0 and no others"),
        (line("a", "text", choices="1, Yes"), "a text field has no choices"),
        (line("a", "calc"), "a calc field needs a calculation"),
        (line("a", "calc", choices="[height] * 2"), r"there is no field [height]"),
        (line("a", "calc", choices="[record_id(1)] * 2"), "record_id is no checkbox"),
        (line("a", least="1"), "the field has no validation type"),
        (line("a", least="a", validation="email"), "'email' takes none"),
        (line("a", least="1.5", validation="integer"), "is no whole number"),
        (line("a", most="inf", validation="number"), "the limit 'inf' is no number"),
        (line("a", least="many", validation="number"), "the limit 'many' is no number"),
        (line("a", least="31.05.2024", validation="date_dmy"), "is not a day as YYYY-MM-DD, today or now"),
        (line("a", least="2024-02-30", validation="date_ymd"), "the limit '2024-02-30' is not a day"),
        (line("a", least="[record_id]", validation="date_ymd"), "the limit '[record_id]' is not a day"),
        (
            line("a", least="2024-05-31", validation="datetime_ymd"),
            "is not a day and time as YYYY-MM-DD HH:MM",
        ),
        (line("a", least="8.30", validation="time"), "is not a time as HH:MM;"),
        (line("a", least="2025-01-01", most="2024-01-01", validation="date_mdy"), "2025-01-01 is above"),
        (line("a", required="yes"), "the column required_field holds 'yes'"),
        (
            line("a", logic="datediff([record_id], '31.05.2024', 'd') > 3"),
            "datediff: '31.05.2024' is no day",
        ),
        (line("a", logic="variance([record_id], 1) > 3"), "the function 'variance' is not supported"),
        (line("a", logic="[record_id] = \u201c1\u201d"), "write a straight quote"),
        (line("a", logic="[recordid] = '1'"), "did you mean 'record_id'"),
        (line("a", logic="[record_id(2)] = '1'"), "record_id is no checkbox"),
        (line("a", logic="[a] = '1'"), "depends on itself: a -> a"),
    ],
)
def test_what_is_wrong_with_a_line_is_told(tmp_path: Path, cells: Line, said: str) -> None:
    assert said in refused(tmp_path, cells)


@pytest.mark.parametrize(
    ("logic", "said"),
    [
        ("[sex] = '3'", "[sex] never holds '3'"),
        ("2.5 = [sex]", "[sex] never holds '2.5'"),
        ("[cause] = '1'", "say which choice, e.g. [cause(1)]"),
        ("[cause(9)] = '1'", "[cause] has no choice '9'"),
        ("[cause(1)] = '2'", "[cause] never holds '2'"),
        ("[note] <> ''", "[note] is a descriptive text"),
        ("datediff([born], [record_id], 'd') > 3", "[record_id] has no validation type that is one"),
    ],
)
def test_conditions_read_choices_that_there_are(tmp_path: Path, logic: str, said: str) -> None:
    fields = (
        line("sex", "radio", choices="1, Male | 2, Female"),
        line("cause", "checkbox", choices="1, HBV | 2, HCV"),
        line("note", "descriptive"),
        line("born", validation="date_dmy"),
        line("scan", validation="datetime_ymd"),
    )
    assert said in refused(tmp_path, *fields, line("x", logic=logic))
    fine = "[sex] = 1.0 or [sex] <> '' or [cause(2)] = '1' or [cause(1)] = 0 or datediff([born], [born], 'd') = 1"
    assert read(tmp_path, *fields, line("x", logic=fine)).field("x").shown is not None


def test_a_condition_may_ask_for_a_missing_data_code(tmp_path: Path) -> None:
    sex = line("sex", "radio", choices="1, Male | 2, Female")
    asking = line("why", logic="[sex] = 'UNK'")
    assert read(tmp_path, sex, asking, codes=("UNK",)).field("why").shown is not None
    assert "[sex] never holds 'UNK'" in refused(tmp_path, sex, asking)


def test_a_cycle_is_printed_as_a_path(tmp_path: Path) -> None:
    said = refused(
        tmp_path,
        line("a", logic="[c] = '1'"),
        line("b", logic="[a] = '1'"),
        line("c", logic="[b] = '1' and [record_id] <> ''"),
    )
    assert "a -> c -> b -> a; break the circle" in said
    assert "1 problem\n" in said


def test_a_cycle_through_a_calculation_is_found(tmp_path: Path) -> None:
    said = refused(
        tmp_path,
        line("weight", validation="number", logic="[bmi] > 20"),
        line("bmi", "calc", choices="round([weight] / 2, 1)"),
    )
    assert "weight -> bmi -> weight" in said


def test_another_event_or_instance_makes_no_cycle(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        line("a", logic="[baseline_arm_1][a] = '1' or [b][1] = '1'"),
        line("b", logic="[a] = '1'"),
        line("c", "calc", choices="[baseline_arm_1][c] + 1 + datediff([a], [b], 'y')"),
    )
    assert len(found.fields) == 4


def test_a_long_chain_of_conditions_is_followed_without_recursion(tmp_path: Path) -> None:
    chain = [line(f"f{k}", logic=f"[f{k + 1}] = '1'") for k in range(2000)]
    assert len(read(tmp_path, *chain, line("f2000")).fields) == 2002
    assert "f0 -> f1 -> " in refused(tmp_path, *chain, line("f2000", logic="[f0] = '1'"))


def test_fields_of_a_form_stand_together(tmp_path: Path) -> None:
    said = refused(tmp_path, line("a", form="lab"), line("b", form="base"))
    assert "line 4, field 'b': the form 'base' goes on here" in said


def test_the_first_field_is_text_and_always_shown(tmp_path: Path) -> None:
    path = written(tmp_path, line("record_id", "radio", choices="1, A", logic="[a] = '1'"), line("a"))
    with pytest.raises(DataError, match=r"must be text, it is radio[\s\S]*always shown"):
        read_dictionary(path)


def test_a_field_that_cannot_be_read_is_told_once_and_not_by_all_that_read_it(tmp_path: Path) -> None:
    said = refused(tmp_path, line("sex", "radoi"), line("a", logic="[sex] = '1'"))
    assert "1 problem\n" in said
    path = written(tmp_path, line("record_id", "txt"), line("a", "notes"))
    with pytest.raises(DataError, match=r"1 problem\n.*no field type 'txt'"):
        read_dictionary(path)


def test_many_problems_are_counted_and_not_all_shown(tmp_path: Path) -> None:
    said = refused(tmp_path, *(line(f"f{k}", "none") for k in range(50)))
    assert "50 problems" in said
    assert said.endswith("and 30 more")


def test_a_file_that_is_no_dictionary_is_told_from_one(tmp_path: Path) -> None:
    path = tmp_path / "records.csv"
    path.write_text("record_id,age\n1,50\n")
    with pytest.raises(DataError, match="is no data dictionary; its header holds record_id, age"):
        read_dictionary(path)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda raw: b"", "the file is empty"),
        (lambda raw: b" \n\n", "holds blanks only"),
        (lambda raw: raw.replace(b"field_type", b"type"), "has no column 'field_type'"),
        (lambda raw: raw.replace(b"matrix_ranking", b"ranking"), "'ranking' is none of the 18 columns"),
        (
            lambda raw: raw.replace(b"field_note", b"Field Label"),
            "'field_label' stands twice, in both spellings",
        ),
        (lambda raw: raw.replace(b"field_note", b"field_label"), "column 'field_label' stands 2 times"),
        (lambda raw: raw[: raw.index(b"base")], "line 2: has 2 cells where the header has 18. The file may"),
        (lambda raw: raw + b'"age,base', "the file may have been cut off"),
        (lambda raw: raw.replace(b"Record", b"Gr\xf6\xdfe"), "is not UTF-8; a spreadsheet"),
        (lambda raw: raw.decode().encode("utf-16"), "UTF-16"),
        (lambda raw: raw.replace(b"Record", b"Re\0cord"), "is NUL"),
        (lambda raw: b"PK\x03\x04" + raw, "a zip archive or an Excel workbook"),
        (lambda raw: b"\x1f\x8b" + raw, "a gzip file"),
        (lambda raw: raw[: raw.index(b"record_id")], "the dictionary has no field"),
    ],
)
def test_damaged_files_are_refused(tmp_path: Path, change: object, said: str) -> None:
    path = written(tmp_path, ID)
    assert callable(change)
    path.write_bytes(change(path.read_bytes()))
    with pytest.raises(DataError, match=said):
        read_dictionary(path)


def test_a_name_that_is_neither_bundled_nor_a_file_is_told_the_bundled_ones() -> None:
    with pytest.raises(DataError, match=r"there is no such file, and no bundled dictionary; .*Allowed: "):
        read_dictionary("fibrosis-fuson")


@pytest.mark.parametrize("name", bundled_dictionaries())
def test_every_bundled_dictionary_is_read_and_comes_back(name: str, tmp_path: Path) -> None:
    found = read_dictionary(name)
    path = tmp_path / f"{name}.csv"
    path.write_text(dictionary_text(found), encoding="utf-8")
    assert read_dictionary(path) == found


def test_the_columns_are_the_eighteen_of_redcap_in_its_order() -> None:
    assert tuple(HEADER.values()) == DICTIONARY_HEADER
    assert "; ".join(DICTIONARY_HEADER) == (
        "Variable / Field Name; Form Name; Section Header; Field Type; Field Label; "
        "Choices, Calculations, OR Slider Labels; Field Note; Text Validation Type OR Show Slider Number; "
        "Text Validation Min; Text Validation Max; Identifier?; Branching Logic (Show field only if...); "
        "Required Field?; Custom Alignment; Question Number (surveys only); Matrix Group Name; Matrix Ranking?; "
        "Field Annotation"
    )


@pytest.mark.parametrize("study", list(TABLES))
def test_the_simulated_projects_of_the_program_are_read(study: str, tmp_path: Path) -> None:
    dictionary, _ = write_redcap(table_of(study), tmp_path, missing_code="UNK")
    found = read_dictionary(dictionary, missing_codes=("UNK",))
    assert found.record_id == "record_id"
    assert any(field.shown for field in found.fields)


def test_a_blank_missing_code_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ProtocolError, match="a missing data code is blank"):
        read_dictionary(written(tmp_path, ID), missing_codes=("",))


def test_formulas_are_written_harmless_and_come_back(tmp_path: Path) -> None:
    formula = "=HYPERLINK(1)"
    fields = (
        FormField("record_id", "base", "text", formula),
        FormField("low", "base", "text", "-x", validation="number", least="-5", note="@now"),
        FormField("calc", "base", "calc", "+", calculation="-[low]"),
    )
    text = dictionary_text(FormDictionary("d", fields))
    cells = [cell for row in csv.reader(io.StringIO(text)) for cell in row]
    assert not [cell for cell in cells if cell[:1] in "=+@" and cell]
    path = tmp_path / "d.csv"
    path.write_text(text)
    assert read_dictionary(path).fields == fields


def test_what_a_descriptive_text_has_in_place_of_choices_is_passed_over(tmp_path: Path) -> None:
    found = read(tmp_path, line("hint", "descriptive", choices="Y, Yes N, No"))
    assert (found.field("hint").choices, found.field("hint").calculation) == ((), "")
    assert "a notes field has no choices" in refused(
        tmp_path, line("hint", "notes", choices="1, Yes | 0, No")
    )
