"""`hepar crf` as a person types it, and the same from Python."""

import csv
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from crf_example import changed, clean, columns, dictionary
from hepar.cli.crf import crf_app
from hepar.core.errors import DataError, ProtocolError, RunError
from hepar.data.crf.record import Record
from hepar.io.query_table import read_queries, write_queries
from hepar.io.redcap.dictionary import dictionary_text


def typed(*arguments: object) -> Result:
    return CliRunner().invoke(crf_app, [str(argument) for argument in arguments], catch_exceptions=True)


def write_export(path: Path, *records: Record) -> Path:
    """The records as a raw export."""
    extra = ("redcap_repeat_instrument", "redcap_repeat_instance", "redcap_data_access_group")
    names = columns(dictionary())
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([names[0], *extra, *names[1:]])
        for one in records:
            values = [one.values[name] for name in names[1:]]
            writer.writerow([one.participant, one.instrument, one.instance, one.group, *values])
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a dictionary, clean records and records with two errors."""
    (tmp_path / "dictionary.csv").write_text(dictionary_text(dictionary()), encoding="utf-8")
    first, *rest = clean(3)
    write_export(tmp_path / "clean.csv", first, *rest)
    write_export(tmp_path / "wrong.csv", changed(first, sex="3", birth="2024-13-01"), *rest)
    return tmp_path


def check(folder: Path, export: str, *options: str) -> Result:
    out = folder / "out"
    return typed(
        "check", folder / "dictionary.csv", folder / export, "-o", out, "--today", "2024-06-30", *options
    )


def test_clean_records_exit_zero_and_wrong_ones_one(folder: Path) -> None:
    result = check(folder, "clean.csv")
    assert (result.exit_code, result.stdout.splitlines()[0]) == (0, "queries: 0 open, 0 answered, 0 closed")
    result = check(folder, "wrong.csv")
    assert (result.exit_code, result.stdout.splitlines()[0]) == (1, "queries: 2 open, 0 answered, 0 closed")


def test_answers_are_kept_and_mended_queries_closed(folder: Path) -> None:
    check(folder, "wrong.csv")
    table = folder / "out" / "queries.csv"
    queries = read_queries(table)
    answered = {
        key: replace(query, state="answered", answer="asked", answered_by="li")
        if query.field == "sex"
        else query
        for key, query in queries.items()
    }
    write_queries(answered, table)
    assert "1 open, 1 answered, 0 closed" in check(folder, "wrong.csv").stdout
    result = check(folder, "clean.csv")
    assert result.exit_code == 0
    assert "0 open, 0 answered, 2 closed" in result.stdout
    assert {query.answer for query in read_queries(table).values()} == {"asked (mended)", "(mended)"}


def test_an_identifier_is_in_no_file_and_no_line(folder: Path) -> None:
    result = check(folder, "wrong.csv")
    written = [path.read_text(encoding="utf-8") for path in (folder / "out").iterdir()]
    assert len(written) == 2
    for text in (result.output, *written):
        assert "2024-13-01" not in text
        assert "Simulated Person" not in text


def test_a_table_that_cannot_be_read_is_left_as_it_is(folder: Path) -> None:
    table = folder / "out" / "queries.csv"
    table.parent.mkdir()
    table.write_text("my,own,table\n1,2,3\n", encoding="utf-8")
    result = check(folder, "wrong.csv")
    assert isinstance(result.exception, DataError)
    assert table.read_text(encoding="utf-8") == "my,own,table\n1,2,3\n"


def test_events_of_the_project_are_given_one_by_one(folder: Path) -> None:
    result = check(folder, "clean.csv", "--event", "baseline_arm_1")
    assert result.exit_code == 1
    assert {query.rule for query in read_queries(folder / "out" / "queries.csv").values()} == {"event"}


def test_queries_about_images_join_and_wait_where_no_images_are_given(folder: Path) -> None:
    stray = folder / "images" / "S777"
    stray.mkdir(parents=True)

    def checked(*images: str) -> tuple[str, ...]:
        check(folder, "clean.csv", *images)
        queries = read_queries(folder / "out" / "queries.csv").values()
        return tuple(query.state for query in queries if query.rule == "image: no form")

    given = ("--images", str(folder / "images"))
    assert checked() == ()
    assert checked(*given) == ("open",)
    assert checked() == ("open",)
    stray.rename(folder / "images" / "S000")
    assert checked(*given) == ("closed",)


def test_an_example_of_a_bundled_dictionary_is_simulated_and_its_errors_are_found(tmp_path: Path) -> None:
    example = tmp_path / "example"
    made = typed("example", "fibrosis-fusion", "-o", example, "--participants", "8")
    assert (made.exit_code, made.stdout[:9]) == (0, "SIMULATED")
    result = typed("check", example / "dictionary.csv", example / "records.csv", "-o", tmp_path / "out")
    assert (result.exit_code, result.stdout[:9]) == (1, "SIMULATED")
    found = {
        (query.participant, query.field) for query in read_queries(tmp_path / "out" / "queries.csv").values()
    }
    with (example / "truth.csv").open(encoding="utf-8-sig", newline="") as file:
        planted = [row for row in csv.DictReader(file) if row["rule"]]
    assert len(planted) > 5
    assert [row for row in planted if (row["participant"], row["field"]) not in found] == []


def test_two_entries_are_compared(folder: Path) -> None:
    out = folder / "entry"
    result = typed(
        "compare", folder / "dictionary.csv", folder / "clean.csv", folder / "wrong.csv", "-o", out
    )
    assert result.exit_code == 1
    assert "2 of " in result.stdout
    assert sorted(path.name for path in out.iterdir()) == [
        "agreement.csv",
        "differences.csv",
        "double-entry.html",
    ]
    with (out / "agreement.csv").open(encoding="utf-8", newline="") as file:
        rows = {row["field"]: row for row in csv.DictReader(file)}
    assert (rows["sex"]["compared"], rows["sex"]["equal"], rows["sex"]["agreement"]) == ("3", "2", "0.666667")
    same = typed("compare", folder / "dictionary.csv", folder / "clean.csv", folder / "clean.csv", "-o", out)
    assert same.exit_code == 0


def test_a_bundled_dictionary_is_listed_and_begun_but_overwrites_nothing(tmp_path: Path) -> None:
    listed = typed("list")
    assert listed.exit_code == 0
    name = listed.stdout.split(":")[0]
    begun = typed("init", name, "-o", tmp_path / "crf")
    assert begun.exit_code == 0
    assert (tmp_path / "crf" / "dictionary.csv").stat().st_size > 1000
    again = typed("init", name, "-o", tmp_path / "crf")
    assert isinstance(again.exception, RunError)
    assert "not overwritten" in str(again.exception)
    unknown = typed("init", "radiomic", "-o", tmp_path / "other")
    assert isinstance(unknown.exception, ProtocolError)
    assert not (tmp_path / "other").exists()


def test_a_token_file_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    result = typed(
        "pull", "https://redcap.example.org/api/", "--token-file", tmp_path / "token", "-o", tmp_path / "out"
    )
    assert isinstance(result.exception, DataError)
    assert not (tmp_path / "out").exists()


def test_an_export_without_a_record_is_not_found_free_of_errors(folder: Path) -> None:
    header = (folder / "clean.csv").read_text(encoding="utf-8").splitlines()[0]
    (folder / "none.csv").write_text(header + "\n", encoding="utf-8")
    result = check(folder, "none.csv")
    assert isinstance(result.exception, DataError)
    assert "holds a header and no record" in str(result.exception)
    assert not (folder / "out").exists()


def test_what_a_table_leaves_out_is_told_once_for_each_reason(folder: Path) -> None:
    result = typed("table", folder / "dictionary.csv", folder / "clean.csv", "-o", folder / "study")
    reasons = [line.partition("(")[2] for line in result.stdout.splitlines() if line.startswith("left out")]
    assert reasons
    assert len(set(reasons)) == len(reasons)
    assert "birth" in next(line for line in result.stdout.splitlines() if "identifies somebody" in line)


def test_fields_whose_showing_no_export_tells_are_named(folder: Path) -> None:
    text = (folder / "dictionary.csv").read_text(encoding="utf-8")
    shown = text.replace("[cause(1)] = '1'", "[user-role-label] = 'nurse'")
    assert shown != text
    (folder / "dictionary.csv").write_text(shown, encoding="utf-8")
    told = check(folder, "clean.csv")
    assert told.exit_code == 0, told.output
    assert "not asked whether these had to be filled in or are hidden: dna (" in told.output
    page = (folder / "out" / "queries.html").read_text(encoding="utf-8")
    assert "Not asked whether these had to be filled in" in page
    assert "does not repeat: dna." in page
    (folder / "dictionary.csv").write_text(text, encoding="utf-8")
    assert "not asked" not in check(folder, "clean.csv").output
    assert "Not asked" not in (folder / "out" / "queries.html").read_text(encoding="utf-8")
