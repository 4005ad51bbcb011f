"""A store in a folder that may not be written is read and verified; nothing is written, and nothing made beside it."""

import csv
import os
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from capture_stores import KEY, PASSWORD, team
from hepar.capture.read_only import ReadOnlyFile
from hepar.capture.store import open_store, verify
from hepar.cli.audit import audit_app
from hepar.cli.store import store_app
from hepar.core.errors import HeparError, RunError

NOBODY = 65534


@contextmanager
def as_nobody() -> Iterator[None]:
    """Rights of files do not bind root."""
    root = os.geteuid() == 0
    if root:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        if root:
            os.seteuid(0)


@pytest.fixture
def where() -> Iterator[Path]:
    """A SIMULATED store that may be read by all and written by none, in a folder of the same kind."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made) / "archive"
        folder.mkdir()
        with team("sqlite", folder, key=KEY) as t:
            t.li.put("P1", {"age": "45"})
            t.li.put("P1", {"age": "46"}, reason="typing error", expected={"age": "45"})
        with open_store(folder / "study.db", key=KEY) as store:  # what is imported late is imported now
            assert verify(store).whole
        (folder / "study.db").chmod(0o444)
        for each in (folder, Path(made)):
            each.chmod(0o555)
        yield folder / "study.db"
        for each in (Path(made), folder):
            each.chmod(0o755)


def test_a_store_that_may_not_be_written_is_read_and_verified(where: Path) -> None:
    with as_nobody(), open_store(where, key=KEY) as store:
        assert store.read_only
        assert verify(store, anchor=store.anchor()).whole
        rita = store.login("rita", PASSWORD)
        assert not rita.recorded
        assert rita.values("P1") == {"age": "46"}
        assert [entry.new for entry in rita.history("P1", field="age")] == ["45", "46"]
    assert [path.name for path in where.parent.iterdir()] == ["study.db"]


def test_what_was_changed_in_it_is_found(where: Path) -> None:
    with closing(sqlite3.connect(where)) as connection:
        connection.execute("DROP TRIGGER audit_no_update")
        connection.execute("UPDATE audit SET new = '47' WHERE new = '46'")
        connection.commit()
    for ending in ("-wal", "-shm"):
        where.with_name(f"study.db{ending}").unlink(missing_ok=True)
    with as_nobody(), open_store(where, key=KEY) as store:
        assert not verify(store).whole


def test_what_is_exported_from_it_is_the_same_and_says_that_it_is_not_recorded(
    where: Path, tmp_path: Path
) -> None:
    with tempfile.TemporaryDirectory() as made:
        out = Path(made)
        out.chmod(0o777)
        with as_nobody(), open_store(where, key=KEY) as store:
            head = store.anchor()
            ines = store.login("ines", PASSWORD)
            told = ines.export(out / "data.csv")
            assert ines.export_audit(out / "trail.jsonl") == head
            assert ines.verify().whole
            assert store.anchor() == head
        assert not told.recorded
        with (out / "data.csv").open(newline="") as file:
            assert [row["age"] for row in csv.DictReader(file)] == ["46"]
    with team("sqlite", tmp_path) as t:
        t.li.put("P1", {"age": "46"})
        assert t.ines.export(tmp_path / "data.csv").recorded


def test_nothing_is_written_and_a_wrong_password_or_right_is_refused(where: Path) -> None:
    with as_nobody(), open_store(where, key=KEY) as store:
        with pytest.raises(HeparError, match="wrong"):
            store.login("rita", "no password of hers at all")
        with pytest.raises(RunError, match="may not be written here"):
            store.login("li", PASSWORD).put("P2", {"age": "50"})
        with pytest.raises(HeparError, match="may not do this"):
            store.login("rita", PASSWORD).export(where.parent / "data.csv")


def test_what_still_lies_beside_the_file_is_not_passed_over(where: Path) -> None:
    beside = [where.with_name(f"study.db{ending}") for ending in ("-wal", "-shm")]
    with closing(sqlite3.connect(where)) as writer:
        writer.execute("CREATE TABLE later (x)")
        assert beside[0].stat().st_size > 0
        for each in beside:
            each.chmod(0o444)
        with as_nobody(), open_store(where, key=KEY) as store, store._desk.database.reading() as connection:
            assert connection.exec_driver_sql("SELECT count(*) FROM later").scalar() == 0
        beside[1].rename(beside[1].with_suffix(".elsewhere"))
        with as_nobody(), pytest.raises(RunError, match=r"lies in study.db-wal.*copy both files"):
            open_store(where, key=KEY)
        beside[1].with_suffix(".elsewhere").rename(beside[1])


def test_what_is_read_while_somebody_else_writes_is_refused(where: Path) -> None:
    def write() -> None:
        with closing(sqlite3.connect(where)) as connection:
            connection.execute("CREATE TABLE later (x)")

    with as_nobody():
        store = open_store(where, key=KEY)
    with store:
        assert store.read_only
        write()
        with pytest.raises(RunError, match="somebody wrote to it while it was read"):
            verify(store)


def test_a_name_with_signs_of_an_address_is_a_name(where: Path) -> None:
    odd = where.with_name("a?b#c%20d.db")
    where.rename(odd)
    with as_nobody(), open_store(odd, key=KEY) as store:
        assert verify(store).whole


def test_a_file_that_can_be_written_is_opened_as_ever(tmp_path: Path) -> None:
    with team("sqlite", tmp_path) as t:
        assert not t.store.read_only
        assert t.ines.recorded
        assert ReadOnlyFile.at(Path(t.where)) is None


def test_files_of_two_moments_differ(where: Path) -> None:
    with as_nobody():
        found = ReadOnlyFile.at(where)
    assert found is not None
    found.refuse_changed()
    with pytest.raises(RunError, match="do it again"):
        replace(found, state=(0, 0, 0)).refuse_changed()


def test_the_commands_that_read_work_and_say_what_is_not_recorded(
    where: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEPAR_PASSWORD", PASSWORD)
    monkeypatch.setenv("HEPAR_DB", str(where))
    run = CliRunner().invoke
    with tempfile.NamedTemporaryFile() as key:
        key.write(KEY)
        key.flush()
        Path(key.name).chmod(0o444)
        of = ["--key", key.name]
        assert run(audit_app, ["verify", *of]).exit_code == 0  # what is imported late is imported now
        with as_nobody():
            verified = run(audit_app, ["verify", *of])
            told = run(store_app, ["history", "P1", "--user", "rita", *of])
            refused = run(store_app, ["set", "P2", "age=50", "--user", "li", *of])
    assert (verified.exit_code, told.exit_code) == (0, 0), f"{verified.output} {told.output}"
    assert "the trail is whole" in verified.output
    assert "typing error" in told.output
    assert "stands in no trail" in told.stderr
    assert refused.exit_code != 0
