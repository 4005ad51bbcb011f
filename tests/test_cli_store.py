"""The commands on a study database and its trail, as a person types them."""

import json
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from capture_stores import PASSWORD
from hepar.capture import credentials
from hepar.cli import main
from hepar.cli.audit import audit_app
from hepar.cli.store import store_app

DICTIONARY = """\
Variable / Field Name,Form Name,Section Header,Field Type,Field Label,"Choices, Calculations, OR Slider Labels",\
Field Note,Text Validation Type OR Show Slider Number,Text Validation Min,Text Validation Max,Identifier?,\
Branching Logic (Show field only if...),Required Field?,Custom Alignment,Question Number (surveys only),\
Matrix Group Name,Matrix Ranking?,Field Annotation
record_id,demography,,text,Record,,,,,,,,,,,,,
age,demography,,text,Age,,,integer,18,90,,,,,,,,
full_name,demography,,text,Name,,,,,,y,,,,,,,
"""
EXPORT = """\
record_id,redcap_data_access_group,age,full_name,demography_complete
P1,zj,45,Zhang San,2
P2,wh,50,Li Si,2
"""
OTHER = "another good password"


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(credentials, "LOG2_N", 2)
    monkeypatch.setenv("HEPAR_PASSWORD", PASSWORD)
    monkeypatch.setenv("HEPAR_NEW_PASSWORD", PASSWORD)
    for name in ("HEPAR_DB", "HEPAR_USER", "HEPAR_AUDIT_KEY"):
        monkeypatch.delenv(name, raising=False)
    Path("dictionary.csv").write_text(DICTIONARY)
    Path("export.csv").write_text(EXPORT)


def typed(line: str, *, app: typer.Typer = store_app, given: str | None = None) -> Result:
    return CliRunner().invoke(app, line.split("|") if "|" in line else line.split(), input=given)


def done(line: str, *, app: typer.Typer = store_app) -> str:
    result = typed(line, app=app)
    assert result.exit_code == 0, f"{line}: {result.output} {result.exception}"
    return result.output


def refused(line: str, *, app: typer.Typer = store_app) -> str:
    result = typed(line, app=app)
    assert result.exit_code != 0, line
    return f"{result.output}{result.exception}"


def filled() -> None:
    done("init --admin ada --dictionary dictionary.csv")
    done("user ines --role investigator --user ada")
    done("user|li|--role|data entry|--site|zj|--user|ada")
    done("import|export.csv|--dictionary|dictionary.csv|--user|ines|--reason|export of March")


def test_a_study_from_its_export_to_the_locked_data() -> None:
    filled()
    assert "age: '' -> '45'" in done("history P1 --user li --field age")
    assert "3 rows" not in done("set|P1|age=46|--was|age=45|--reason|typing error|--user|li")
    assert "nothing to record" in done("set P1 age=46 --user li")
    assert "locked: primary, sha256 " in done("lock primary --user ines")
    assert "locked as 'primary'" in refused("set P1 age= --user li --reason x --was age=46")
    assert "unchanged" in done("lock --user li")
    done("export data.csv --user ines --participants")
    assert Path("data.csv").read_text().splitlines()[0] == "participant_id,site,age,demography_complete"
    done("unlock|primary|--user|ines|--reason|one more value")
    assert done("history P1 --user li -o history.csv").startswith("history: ")
    assert "typing error" in Path("history.csv").read_text()
    assert " enter P1 age: '' -> '45'" in done("history --user ines")


def test_a_dry_run_lists_what_would_change_and_changes_nothing() -> None:
    filled()
    Path("export.csv").write_text(EXPORT.replace("P2,wh,50", "P2,wh,51"))
    shown = done("import export.csv --dictionary dictionary.csv --user ines --dry-run")
    assert "P2 age: '50' would become '51'" in shown
    seen = shown.rpartition("row ")[2].split()[0]
    assert "'50'" in done("history P2 --user ines --field age")
    assert "1 rows" in done(
        f"import export.csv --dictionary dictionary.csv --user ines --reason April --seen {seen}"
    )
    Path("export.csv").write_text(EXPORT)
    said = refused(f"import export.csv --dictionary dictionary.csv --user ines --reason May --seen {seen}")
    assert "data were entered since" in said


def test_the_trail_is_verified_anchored_and_exported() -> None:
    filled()
    anchored = done("anchor -o anchor.json", app=audit_app)
    assert str(json.loads(Path("anchor.json").read_text())["seq"]) in anchored
    done("export trail.jsonl --user ada", app=audit_app)
    assert "the trail is whole" in done("verify --anchor anchor.json", app=audit_app)
    assert "the trail is whole" in done("verify trail.jsonl --anchor anchor.json", app=audit_app)
    with closing(sqlite3.connect("hepar-study.db")) as connection:
        connection.execute("DROP TRIGGER audit_no_update")
        connection.execute("UPDATE audit SET \"new\" = '46' WHERE field = 'age' AND participant = 'P1'")
        connection.commit()
        (seq,) = connection.execute(
            "SELECT seq FROM audit WHERE field = 'age' AND participant = 'P1'"
        ).fetchone()
    result = typed("verify", app=audit_app)
    assert result.exit_code == 1
    assert f"row {seq}: " in result.output
    assert "NOT whole" in result.output
    Path("trail.jsonl").write_bytes(Path("trail.jsonl").read_bytes()[:-700])
    assert typed("verify trail.jsonl", app=audit_app).exit_code == 1
    assert ".jsonl" in refused("export trail.txt --user ada", app=audit_app)


def test_a_trail_sealed_with_a_key_file(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("audit.key").write_text("0123456789abcdef" * 4)
    assert "HMAC" in done("init --admin ada --key audit.key")
    assert "sealed with a key" in refused("verify", app=audit_app)
    assert "whole" in done("verify --key audit.key", app=audit_app)
    monkeypatch.setenv("HEPAR_AUDIT_KEY", "audit.key")
    assert "whole" in done("verify", app=audit_app)
    assert "ada: administrator, all sites" in done("user --user ada")


def test_a_password_comes_from_a_prompt_a_file_or_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HEPAR_PASSWORD")
    result = typed("init --admin ada", given=f"{OTHER}\n{OTHER}\n")
    assert result.exit_code == 0, result.output
    assert OTHER not in result.output
    Path("word").write_text(f"{OTHER}\n")
    done("user --user ada --password-file word")
    assert typed("user --user ada", given="wrong one, certainly\n").exit_code != 0
    assert "cannot be read" in refused("user --user ada --password-file none")


def test_users_are_listed_changed_and_deactivated() -> None:
    filled()
    done("user|li|--user|ada|--reason|left|--deactivate")
    assert "li: data entry, zj; deactivated" in done("user --user ada")
    assert "wrong" in refused("set P1 age=46 --user li")
    assert "needs a reason" in refused("user li --user ada --role reader")
    assert "needs a --role" in refused("user new --user ada")
    assert "may not do this" in refused("user --user ines")


def test_queries_are_listed_answered_and_closed() -> None:
    from hepar.api.store import open_store
    from hepar.data.crf.query import Query

    filled()
    query = Query("P1", "demography", "age", "45", "range", "is too low", "look again")
    with open_store("hepar-study.db") as store:
        store.login("ines", PASSWORD).raise_query(query)
    assert "open P1 age: is too low" in done("queries --user li")
    done(f"queries|--user|li|--answer|{query.key}|--text|it is right")
    assert "li: it is right" in done(f"queries|--user|ines|--close|{query.key}|--text|explained")
    assert "closed P1 age" in done("queries --user li")
    assert "cannot be answered" in refused(f"queries|--user|li|--answer|{query.key}|--text|more")


@pytest.mark.parametrize("values", ["age", "=45", "age=45|age=46"])
def test_what_is_set_is_written_rightly_or_refused(values: str) -> None:
    done("init --admin ada")
    said = refused(f"set|P1|{values}|--user|ada")
    assert "FIELD=VALUE" in said or "twice" in said


def test_no_message_holds_a_name() -> None:
    filled()
    for line in (
        "set|P1|full_name=Wang Wu|--user|li",
        "set|P1|full_name=Wang Wu|--user|li|--reason|x",
        "set|P1|full_name=Wang Wu|--user|li|--reason|x|--was|full_name=Zhao Liu",
        "set|P1|full_nam=Wang Wu|--user|li",
    ):
        said = refused(line)
        assert not [name for name in ("Zhang", "Wang", "Zhao") if name in said], line


def test_grants_are_printed() -> None:
    assert "GRANT INSERT ON public.audit TO hepar_app;" in done("grants --role hepar_app")


def test_what_the_code_page_of_a_terminal_lacks_is_written_in_plain(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    filled()
    done("user|李华|--role|data entry|--user|ada")
    out = tmp_path / "out.txt"
    with out.open("w", encoding="cp1252") as stream, monkeypatch.context() as patched:
        patched.setattr(sys, "stdout", stream)
        for command in (["store", "user", "--user", "ada"], ["audit", "verify"]):
            patched.setattr(sys, "argv", ["hepar", *command])
            with pytest.raises(SystemExit, match="0"):
                main()
    told = out.read_text(encoding="cp1252")
    assert "\\u674e\\u534e: data entry" in told
    assert "the trail is whole" in told


def test_an_import_tells_the_columns_that_the_store_does_not_keep() -> None:
    done("init --admin ada --dictionary dictionary.csv")
    done("user ines --role investigator --user ada")
    lines = DICTIONARY + "weight_kg,demography,,text,Weight,,,number,,,,,,,,,,\n"
    Path("wider.csv").write_text(lines)
    head, first, second = EXPORT.splitlines()
    wide = [line.rpartition(",") for line in (head, first, second)]
    added = ("weight_kg", "70", "80")
    Path("wide.csv").write_text(
        "".join(f"{start},{cell},{end}\n" for (start, _, end), cell in zip(wide, added, strict=True))
    )
    said = done("import wide.csv --dictionary wider.csv --user ines --reason March")
    assert "left out: column weight_kg, which the dictionary of the store does not have" in said


def test_a_dry_run_shows_no_value_of_an_identifier() -> None:
    filled()
    Path("export.csv").write_text(EXPORT.replace("Li Si", "Wang Wu"))
    shown = done("import export.csv --dictionary dictionary.csv --user ines --dry-run")
    assert "P2 full_name: would change (an identifier)" in shown
    assert "Li Si" not in shown
    assert "Wang Wu" not in shown
