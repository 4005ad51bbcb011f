"""What is written as an export is read from it again, whatever people entered."""

import csv
import io
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given
from hypothesis import strategies as st

from hepar.data.crf.form import Choice, FormDictionary, FormField
from hepar.data.crf.record import Export, Record
from hepar.io.csv_text import NUMBER
from hepar.io.redcap import read_export
from hepar.io.redcap.export_columns import expected_columns
from hepar.io.redcap.records import record_table
from hepar.io.redcap.sheet import read_sheet, sheet_text

PROJECT = FormDictionary(
    "study",
    (
        FormField("record_id", "base", "text", "Record"),
        FormField("sex", "base", "radio", "Sex", choices=(Choice("1", "Male"), Choice("2", "Female"))),
        FormField("cause", "base", "checkbox", "Cause", choices=(Choice("A", "HBV"), Choice("-2", "HCV"))),
        FormField("remark", "base", "notes", "Remark"),
        FormField("size", "lesion", "text", "Size"),
        FormField("seen", "lesion", "notes", "Seen"),
    ),
)
COLUMNS = expected_columns(PROJECT)
TEXT = st.text(
    st.one_of(
        st.sampled_from("=+-@'\"\t\r\n,;|0123456789.\uff1d\uff20 "),
        st.characters(codec="utf-8", exclude_characters="\0"),
    ),
    max_size=12,
)
NAME = TEXT.map(lambda text: " ".join(text.split())).filter(bool)
TICK = st.sampled_from(["", "0", "1"])
VALUES = st.fixed_dictionaries(
    {},
    optional={
        "sex": st.sampled_from(["", "1", "2"]),
        "cause___a": TICK,
        "cause____2": TICK,
        "remark": TEXT,
        "base_complete": st.sampled_from(["", "0", "1", "2"]),
        "size": TEXT,
        "seen": TEXT,
    },
)
RECORD = st.builds(
    Record,
    line=st.just(0),
    participant=NAME,
    values=VALUES,
    event=st.sampled_from(["", "visit_1_arm_1"]),
    instrument=st.sampled_from(["", "lesion"]),
    instance=st.sampled_from(["", "1", "12"]),
    group=st.one_of(st.just(""), NAME),
)


def tidy(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


def read_again(text: str) -> Export:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "records.csv"
        path.write_text(text, encoding="utf-8", newline="")
        return read_export(path, PROJECT)


@given(st.lists(RECORD, min_size=1, max_size=6))
def test_records_are_read_as_they_were_written(records: list[Record]) -> None:
    table = record_table(records, record_id=PROJECT.record_id, columns=COLUMNS)
    found = read_again(table.text)
    assert found.columns == COLUMNS
    assert [one.place for one in found.records] == [one.place for one in records]
    assert [one.group for one in found.records] == [one.group for one in records]
    for read, wrote in zip(found.records, records, strict=True):
        entered = {name: tidy(text) for name, text in wrote.values.items() if tidy(text)}
        kept = {name: text for name, text in read.values.items() if text and name != "record_id"}
        assert kept == entered


@given(st.lists(RECORD, min_size=1, max_size=4))
def test_what_was_read_is_written_the_same(records: list[Record]) -> None:
    text = record_table(records, record_id=PROJECT.record_id, columns=COLUMNS).text
    found = read_again(text)
    assert (
        record_table(found.records, record_id=PROJECT.record_id, columns=found.columns).text
        == record_table(read_again(text).records, record_id=PROJECT.record_id, columns=COLUMNS).text
    )


@given(st.lists(st.tuples(TEXT, TEXT), min_size=1, max_size=4))
def test_no_cell_runs_in_a_spreadsheet(rows: list[tuple[str, str]]) -> None:
    for row in csv.reader(io.StringIO(sheet_text(("a", "b"), rows), newline=""), strict=True):
        for cell in row:
            assert cell.lstrip()[:1] not in tuple("=+-@\uff1d\uff0b\uff0d\uff20") or NUMBER.fullmatch(cell)


@given(st.lists(st.tuples(NAME, TEXT), min_size=1, max_size=4))
def test_a_sheet_is_read_as_it_was_written(rows: list[tuple[str, str]]) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "a.csv"
        path.write_text(sheet_text(("a", "b"), rows), encoding="utf-8", newline="")
        sheet = read_sheet(path, known={"a", "b"}.__contains__)
    assert sheet.header == ("a", "b")
    assert [cells for _, cells in sheet.rows] == [(one, tidy(two)) for one, two in rows]


def test_columns_that_nobody_uses_are_left_out() -> None:
    plain = Record(2, "P-1", {"sex": "1"})
    assert record_table([plain], record_id="record_id", columns=COLUMNS).header == COLUMNS
    repeated = Record(3, "P-1", {"size": "9"}, instrument="lesion", instance="1")
    table = record_table([plain, repeated], record_id="record_id", columns=COLUMNS)
    assert table.header[:3] == ("record_id", "redcap_repeat_instrument", "redcap_repeat_instance")
    assert [row[:3] for row in table.rows] == [("P-1", "", ""), ("P-1", "lesion", "1")]
