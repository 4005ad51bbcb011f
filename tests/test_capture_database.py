"""What is no store is refused plainly, and no message tells a password or a value."""

import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text

from capture_stores import PASSWORD, both, place, team
from hepar.capture.database import connect
from hepar.capture.store import create_store, open_store, verify
from hepar.core.errors import DataError, HeparError, ProtocolError, RunError


@pytest.mark.parametrize(
    "url",
    ["mysql://u:secret@h/d", "sqlite:///x.db", "http://u:secret@h", "postgresql://u:secret@h:port/d", "://"],
)
def test_another_kind_of_database_is_refused_without_its_password(url: str) -> None:
    with pytest.raises(ProtocolError) as told:
        connect(url)
    assert "secret" not in str(told.value)


def test_the_password_of_a_url_is_never_shown() -> None:
    pytest.importorskip("psycopg")
    database = connect("postgresql://li:secret@127.0.0.1:1/none?connect_timeout=1")
    with pytest.raises(RunError, match="cannot be reached") as told, database.reading():
        pass
    database.close()
    assert "secret" not in f"{told.value} {database.name} {database!r}"


def test_a_file_that_is_no_store_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no such store"):
        open_store(tmp_path / "none.db")
    (tmp_path / "text.db").write_text(
        "no database at all, but a text that is long enough to have a header" * 9
    )
    with closing(sqlite3.connect(tmp_path / "other.db")) as connection:
        connection.execute("CREATE TABLE x (y)")
    for name in ("text.db", "other.db"):
        with open_store(tmp_path / name) as store:
            with pytest.raises(HeparError, match="store"):
                store.login("li", PASSWORD)
            with pytest.raises(HeparError, match="store"):
                verify(store)


def test_a_store_is_not_made_over_another_and_a_failed_one_leaves_nothing(tmp_path: Path) -> None:
    with team("sqlite", tmp_path) as t:
        with pytest.raises(DataError, match="exists already"):
            create_store(t.where, administrator="ada", password=PASSWORD)
        assert verify(t.store).whole
    with pytest.raises(ProtocolError):
        create_store(tmp_path / "new.db", administrator="ada", password="short")
    assert not (tmp_path / "new.db").exists()


@both
def test_two_stores_do_not_share_a_database(kind: str, tmp_path: Path) -> None:
    with place(kind, tmp_path) as where:
        create_store(where, administrator="ada", password=PASSWORD).close()
        with pytest.raises(HeparError, match="already"):
            create_store(where, administrator="ada", password=PASSWORD)


def test_the_file_is_its_owners_alone(tmp_path: Path) -> None:
    with team("sqlite", tmp_path) as t:
        assert stat.S_IMODE(Path(t.where).stat().st_mode) == 0o600


def test_settings_of_sqlite_keep_what_was_written(tmp_path: Path) -> None:
    with team("sqlite", tmp_path) as t, t.store._desk.database.reading() as connection:
        found = [
            connection.execute(text(f"PRAGMA {name}")).scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        ]
    assert found == ["wal", 2, 1, 60_000]


def test_a_damaged_file_is_told(tmp_path: Path) -> None:
    with team("sqlite", tmp_path) as t:
        t.li.put("P1", {f"f{k}": "x" * 50 for k in range(200)})
        where = Path(t.where)
    content = bytearray(where.read_bytes())
    for page in range(1, len(content) // 4096):
        content[page * 4096 : page * 4096 + 40] = b"\xff" * 40
    where.write_bytes(bytes(content))
    with open_store(where) as store, pytest.raises(RunError, match="damaged"):
        verify(store)
