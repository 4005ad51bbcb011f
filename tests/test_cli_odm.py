"""From the study database to CDISC ODM and back, as a person types it."""

import csv
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from capture_stores import PASSWORD
from hepar.capture import credentials
from hepar.cli.audit import audit_app
from hepar.cli.odm import odm_app
from hepar.cli.store import store_app
from hepar.core.errors import DataError, RunError
from test_cli_store import DICTIONARY, EXPORT


@pytest.fixture(autouse=True)
def trail(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The exported trail of a store: two participants, then the age of one corrected."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(credentials, "LOG2_N", 2)
    for name in ("HEPAR_PASSWORD", "HEPAR_NEW_PASSWORD"):
        monkeypatch.setenv(name, PASSWORD)
    for name in ("HEPAR_DB", "HEPAR_USER", "HEPAR_AUDIT_KEY"):
        monkeypatch.delenv(name, raising=False)
    Path("dictionary.csv").write_text(DICTIONARY)
    Path("first.csv").write_text(EXPORT)
    Path("second.csv").write_text(EXPORT.replace("P1,zj,45", "P1,zj,54"))
    for line in (
        "init --admin ada --dictionary dictionary.csv",
        "user li --user ada --role data|entry",
        "import first.csv --dictionary dictionary.csv --user li --reason first",
        "import second.csv --dictionary dictionary.csv --user li --reason digits|exchanged",
    ):
        typed(store_app, line)
    typed(audit_app, "export trail.jsonl --user ada")
    return tmp_path / "trail.jsonl"


def typed(app: typer.Typer, line: str) -> Result:
    """The command's result; "|" stands for a space within a word."""
    result = CliRunner().invoke(app, [word.replace("|", " ") for word in line.split()])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def table(path: str) -> list[dict[str, str]]:
    return list(csv.DictReader(Path(path).read_text(encoding="utf-8").splitlines()))


def test_every_change_comes_back_with_who_when_and_why_and_the_values_as_they_stand() -> None:
    typed(odm_app, "write trail.jsonl --dictionary dictionary.csv -o study.xml")
    typed(odm_app, "read study.xml -o back")
    changed = [
        line for line in table("back/changes.csv") if line["column"] == "age" and line["participant"] == "P1"
    ]
    assert [(c["old"], c["new"], c["actor"], c["site"], c["reason"]) for c in changed] == [
        ("", "45", "li", "zj", "first"),
        ("45", "54", "li", "zj", "digits exchanged"),
    ]
    assert [(line["record_id"], line["age"]) for line in table("back/records.csv")] == [
        ("P1", "54"),
        ("P2", "50"),
    ]
    assert [line["Variable / Field Name"] for line in table("back/dictionary.csv")] == [
        "record_id",
        "age",
        "full_name",
    ]


def test_identifiers_stay_out_unless_they_are_asked_for() -> None:
    typed(odm_app, "write trail.jsonl --dictionary dictionary.csv -o without.xml")
    typed(odm_app, "write trail.jsonl --dictionary dictionary.csv -o with.xml --identifiers")
    assert "Zhang San" not in Path("without.xml").read_text(encoding="utf-8")
    assert "Zhang San" in Path("with.xml").read_text(encoding="utf-8")


def test_a_trail_that_was_changed_or_cut_is_refused_and_nothing_is_written(trail: Path) -> None:
    whole = trail.read_text(encoding="utf-8")
    for broken in (whole.replace('"new":"54"', '"new":"55"'), whole[: len(whole) // 2]):
        trail.write_text(broken, encoding="utf-8")
        with pytest.raises(DataError, match=r"trail\.jsonl: row \d+"):
            typed(odm_app, "write trail.jsonl --dictionary dictionary.csv -o study.xml")
    assert not Path("study.xml").exists()


def test_nothing_is_overwritten() -> None:
    Path("study.xml").write_text("kept")
    with pytest.raises(RunError, match="is there already"):
        typed(odm_app, "write trail.jsonl --dictionary dictionary.csv -o study.xml")
    assert Path("study.xml").read_text() == "kept"
