"""The table of queries that a team edits, written and read back."""

import csv
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hepar.core.errors import DataError, RunError
from hepar.data.crf.query import Query
from hepar.data.crf.states import carried_over
from hepar.io.query_table import HEADER, read_queries, write_queries

QUERY = Query(
    "S001",
    "who",
    "sex",
    "3",
    "choice",
    "is none of the codes 1, 2",
    "look at the source",
    site="site_a",
    line=4,
)


def keyed(*queries: Query) -> dict[str, Query]:
    return {query.key: query for query in queries}


def test_queries_come_back_as_they_were_written(tmp_path: Path) -> None:
    answered = replace(
        QUERY, field="age", state="answered", answer="等待, “病历”\nsecond line", answered_by="李"
    )
    queries = keyed(
        QUERY, answered, replace(QUERY, line=None, field="", event="baseline_arm_1", instance="2")
    )
    assert read_queries(write_queries(queries, tmp_path / "queries.csv")) == queries


def test_no_table_yet_holds_no_query(tmp_path: Path) -> None:
    assert read_queries(tmp_path / "queries.csv") == {}


@pytest.mark.parametrize("formula", ["=HYPERLINK(1)", "+1+cmd|x", "-1+1", "@SUM(A1)"])
def test_a_formula_is_kept_from_running_and_comes_back(formula: str, tmp_path: Path) -> None:
    query = replace(QUERY, value=formula, answer=formula)
    path = write_queries(keyed(query), tmp_path / "queries.csv")
    with path.open(encoding="utf-8-sig", newline="") as file:
        [row] = csv.DictReader(file)
    assert row["value"] == row["answer"] == f"'{formula}"
    assert read_queries(path) == keyed(query)


def test_the_key_of_the_table_counts_though_a_spreadsheet_rewrote_the_value(tmp_path: Path) -> None:
    query = replace(QUERY, value="2024-06-31", state="answered", answer="as in the source")
    path = write_queries(keyed(query), tmp_path / "queries.csv")
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("2024-06-31", "2024/6/31"), encoding="utf-8")
    found = replace(query, state="open", answer="")
    again = carried_over([found], read_queries(path), looked_at=lambda _query: True)
    assert again == {query.key: query}


def test_a_table_saved_with_semicolons_is_read(tmp_path: Path) -> None:
    path = write_queries(keyed(QUERY), tmp_path / "queries.csv")
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file, delimiter=";").writerows(rows)
    assert read_queries(path) == keyed(QUERY)


@given(digits=st.integers(0, 10**9))
def test_no_key_is_a_number_to_a_spreadsheet(digits: int) -> None:
    key = replace(QUERY, value=str(digits)).key
    with pytest.raises(ValueError, match="could not convert"):
        float(key)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("open", "done", "line 2: there is no state 'done'; Allowed: answered, closed, open"),
        (QUERY.key, "", "there is no key"),
        ("answered by", "who", "has no column 'answered by'"),
    ],
)
def test_a_table_that_cannot_be_used_is_refused(old: str, new: str, says: str, tmp_path: Path) -> None:
    path = write_queries(keyed(QUERY), tmp_path / "queries.csv")
    path.write_text(path.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
    with pytest.raises(DataError) as refused:
        read_queries(path)
    assert says in str(refused.value)


def test_a_key_that_stands_twice_is_refused(tmp_path: Path) -> None:
    path = write_queries(keyed(QUERY), tmp_path / "queries.csv")
    header, row = path.read_text(encoding="utf-8").splitlines()
    path.write_text(f"{header}\n{row}\n{row}\n", encoding="utf-8")
    with pytest.raises(DataError, match="stands twice"):
        read_queries(path)


def test_what_cannot_be_written_leaves_the_old_table(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.write_text("a file where the folder should be", encoding="utf-8")
    with pytest.raises(RunError, match="cannot be written"):
        write_queries(keyed(QUERY), folder / "queries.csv")


def test_the_header_begins_with_the_key_and_ends_with_the_line() -> None:
    assert HEADER[0] == "key"
    assert HEADER[-1] == "line"
