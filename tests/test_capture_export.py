"""Exported data are those of the store, in either shape, and the sidecar says which."""

import csv
import hashlib
import json
from dataclasses import replace
from pathlib import Path

import pytest

from capture_stores import both, team
from hepar.capture.writing import Place
from hepar.core.errors import DataError, RunError
from test_capture_writing import DICTIONARY


def table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@both
def test_one_line_a_record_as_redcap_writes_it(kind: str, tmp_path: Path) -> None:
    with team(kind, tmp_path) as t:
        t.li.put("P1", {"age": "45"})
        t.li.put(Place("P1", "", "scan", "2"), {"kpa": "7"})
        t.wu.put("W1", {"age": "50"})
        lock = t.ines.lock("primary")
        made = t.ines.export(tmp_path / "data.csv")
    rows = table(tmp_path / "data.csv")
    assert rows[1] == {
        "record_id": "P1",
        "redcap_repeat_instrument": "scan",
        "redcap_repeat_instance": "2",
        "redcap_data_access_group": "zj",
        "age": "",
        "kpa": "7",
    }
    assert [row["record_id"] for row in rows] == ["P1", "P1", "W1"]
    beside = json.loads((tmp_path / "data.csv.json").read_text())
    assert beside["content_sha256"] == made.content_sha256 == lock.digest
    assert beside["file_sha256"] == hashlib.sha256((tmp_path / "data.csv").read_bytes()).hexdigest()
    assert beside["locks"] == ["primary"]


@both
def test_one_line_a_participant(kind: str, tmp_path: Path) -> None:
    with team(kind, tmp_path) as t:
        t.li.put("P1", {"age": "45"})
        t.li.put(Place("P1", "visit", "scan", "2"), {"kpa": "7"})
        t.wu.put("W1", {"age": "50"})
        t.ines.export(tmp_path / "data.csv", shape="participants")
    assert table(tmp_path / "data.csv") == [
        {"participant_id": "P1", "site": "zj", "age": "45", "kpa__visit__2": "7"},
        {"participant_id": "W1", "site": "wh", "age": "50", "kpa__visit__2": ""},
    ]


def test_fields_stand_as_in_the_dictionary_and_identifiers_stay_behind(tmp_path: Path) -> None:
    with team("sqlite", tmp_path) as t:
        t.ada.set_dictionary(DICTIONARY)
        t.li.put("P1", {"sex": "1", "age": "45", "full_name": "Zhang San", "cause___2": "1"})
        made = t.ines.export(tmp_path / "data.csv")
        t.ines.export(tmp_path / "all.csv", identifiers=True)
    header = (tmp_path / "data.csv").read_text().splitlines()[0]
    expected = "record_id,redcap_data_access_group,age,sex,consent_date,remark,cause___1,cause___2"
    assert header == f"{expected},demography_complete"
    assert made.left_out == ("full_name",)
    assert "Zhang San" in (tmp_path / "all.csv").read_text()


def test_the_identifier_of_the_participant_stays_even_if_marked(tmp_path: Path) -> None:
    first, *others = DICTIONARY.fields
    with team("sqlite", tmp_path) as t:
        t.ada.set_dictionary(replace(DICTIONARY, fields=(replace(first, identifier=True), *others)))
        t.li.put("P1", {"age": "45"})
        t.ines.export(tmp_path / "data.csv")
    assert table(tmp_path / "data.csv")[0]["record_id"] == "P1"


@pytest.mark.parametrize("remark", ["a,b\n-c", "'=1", "''@x", "a\rb", "a\r\n=b", "' -c", '"', "-3.5"])
def test_an_export_goes_back_in_and_changes_nothing(remark: str, tmp_path: Path) -> None:
    from hepar.io.redcap import read_export

    with team("sqlite", tmp_path) as t:
        t.ada.set_dictionary(DICTIONARY)
        t.li.put("P1", {"sex": "1", "age": "45", "full_name": "=Zhang", "remark": remark, "cause___2": "1"})
        t.ines.export(tmp_path / "all.csv", identifiers=True)
        read = read_export(tmp_path / "all.csv", DICTIONARY)
        assert t.ines.plan(read).drafts == ()


def test_a_cell_runs_nothing_in_a_spreadsheet(tmp_path: Path) -> None:
    with team("sqlite", tmp_path) as t:
        t.li.put("P1", {"remark": '=HYPERLINK("x")', "kpa": "-3.5"})
        t.ines.export(tmp_path / "data.csv")
    (row,) = table(tmp_path / "data.csv")
    assert (row["remark"][0], row["kpa"]) == ("'", "-3.5")


def test_nothing_is_written_over_and_what_fails_is_not_recorded(tmp_path: Path) -> None:
    (tmp_path / "data.csv").write_text("mine")
    (tmp_path / "file").write_text("")
    with team("sqlite", tmp_path) as t:
        before = t.store.anchor()
        with pytest.raises(DataError, match="exists"):
            t.ines.export(tmp_path / "data.csv")
        with pytest.raises((RunError, OSError)):
            t.ines.export(tmp_path / "file" / "data.csv")
        assert t.store.anchor() == before
    assert (tmp_path / "data.csv").read_text() == "mine"
