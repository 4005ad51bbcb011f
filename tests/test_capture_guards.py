"""The database itself refuses what the trail does not explain, whoever tries it."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from sqlalchemy.exc import IntegrityError

from capture_stores import KINDS, Team, both, plain_postgres, team
from hepar.capture.guards import guards
from hepar.capture.store import verify
from hepar.core.errors import RunError


@contextmanager
def by_hand(t: Team) -> Iterator[Callable[[str], object]]:
    """Statements past hepar, the triggers being on."""
    if "://" in t.where:
        with plain_postgres(t.where) as run:
            yield run
        return
    with closing(sqlite3.connect(t.where, isolation_level=None)) as connection:
        yield connection.execute


FORBIDDEN = (
    "UPDATE audit SET reason = 'x' WHERE seq = 2",
    "DELETE FROM audit WHERE seq = 2",
    "DELETE FROM audit",
    "INSERT INTO audit SELECT * FROM audit WHERE seq = 2",
    "UPDATE head SET seq = seq - 1",
    "UPDATE head SET hash = 'x'",
    "DELETE FROM head",
    "UPDATE items SET value = '99'",
    "UPDATE items SET field = 'other'",
    "UPDATE items SET seq = seq + 1",
    "DELETE FROM items",
    "INSERT INTO items VALUES ('P1', '', '', '', 'made_up', '1', 9)",
    "UPDATE participants SET site = 'wh'",
    "DELETE FROM participants",
    "UPDATE users SET state = replace(state, 'reader', 'administrator')",
    "DELETE FROM users WHERE name = 'rita'",
    "UPDATE locks SET digest = ''",
    "DELETE FROM locks",
    "UPDATE queries SET state = 'close'",
)


@both
def test_whatever_the_trail_does_not_explain_is_refused(kind: str, tmp_path: Path) -> None:
    from hepar.data.crf.query import Query

    with team(kind, tmp_path) as t:
        t.li.put("P1", {"age": "45"})
        t.mo.raise_query(Query("P1", "demography", "age", "45", "range", "too low", "look again"))
        t.ines.lock("primary")
        errors = (sqlite3.IntegrityError, IntegrityError)
        with by_hand(t) as run:
            for statement in FORBIDDEN:
                with pytest.raises(errors):
                    run(statement)
        assert verify(t.store).whole


def test_replacing_and_ignoring_do_not_get_round_the_guards_of_sqlite(tmp_path: Path) -> None:
    with team("sqlite", tmp_path) as t:
        t.li.put("P1", {"age": "45"})
        row = t.li.put("P1", {"age": "46"}, reason="typing error", expected={"age": "45"})[0].seq
        with by_hand(t) as run:
            for statement in (
                "INSERT OR REPLACE INTO audit SELECT * FROM audit WHERE seq = 2",
                "INSERT OR IGNORE INTO audit SELECT * FROM audit WHERE seq = 2",
                f"INSERT OR REPLACE INTO items VALUES ('P1', '', '', '', 'age', '45', {row - 1})",
                "INSERT OR REPLACE INTO head VALUES (1, 1, 'x')",
                "UPDATE OR REPLACE audit SET seq = 3 WHERE seq = 2",
            ):
                with pytest.raises(sqlite3.IntegrityError):
                    run(statement)
        assert verify(t.store).whole


@pytest.mark.parametrize("kind", KINDS[1:])  # SQLite has no TRUNCATE
def test_tables_are_not_emptied_at_a_stroke(kind: str, tmp_path: Path) -> None:
    with team(kind, tmp_path) as t, by_hand(t) as run:
        for table in ("audit", "head", "items", "users"):
            with pytest.raises(IntegrityError):
                run(f"TRUNCATE {table} CASCADE")


@both
def test_a_lock_and_a_missing_reason_hold_in_the_database_too(kind: str, tmp_path: Path) -> None:
    """A program that adds a well-sealed row by itself gets no further."""
    from hepar.capture.desk import Desk
    from hepar.capture.entry import Draft
    from hepar.capture.errors import RefusedError
    from hepar.capture.ledger import Clerk, record
    from hepar.core.errors import RunError

    def add(desk: Desk, draft: Draft) -> None:
        with desk.database.writing() as connection:
            record(
                connection, [draft], clerk=Clerk("li", "data entry", "zj"), seal=desk.seal, at=desk.clock()
            )

    with team(kind, tmp_path) as t:
        t.li.put("P1", {"age": "45"})
        desk = t.store._desk
        change = Draft("change", participant="P1", field="age", old="45", new="46")
        with pytest.raises(RunError):
            add(desk, change)
        with pytest.raises(RunError, match="not the old value"):
            add(
                desk,
                Draft("change", participant="P1", field="age", old="44", new="46", reason="typing error"),
            )
        with pytest.raises(RunError, match="not the site"):
            add(desk, Draft("enter", participant="P1", field="kpa", new="9", site="wh"))
        t.ines.lock("primary")
        with pytest.raises(RefusedError, match="locked"):
            add(desk, Draft("enter", participant="P1", field="kpa", new="9"))
        assert verify(t.store).whole


@both
def test_a_trigger_that_was_switched_off_is_named(kind: str, tmp_path: Path) -> None:
    with team(kind, tmp_path) as t, by_hand(t) as run:
        postgres = "://" in t.where
        run(
            "ALTER TABLE audit DISABLE TRIGGER audit_no_update"
            if postgres
            else "DROP TRIGGER audit_no_update"
        )
        (fault,) = verify(t.store).faults
        assert "audit_no_update" in fault.what


@both
def test_a_trigger_that_was_replaced_by_a_harmless_one_is_named(kind: str, tmp_path: Path) -> None:
    harmless = {
        "sqlite": (
            "DROP TRIGGER items_update",
            "CREATE TRIGGER items_update BEFORE UPDATE ON items WHEN 1 = 0 BEGIN SELECT 1; END",
        ),
        "postgresql": (
            "CREATE OR REPLACE FUNCTION items_update() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
        ),
    }
    with team(kind, tmp_path) as t, by_hand(t) as run:
        for statement in harmless[kind]:
            run(statement)
        assert "items_update" in verify(t.store).faults[0].what


@both
def test_a_trigger_that_somebody_added_is_named(kind: str, tmp_path: Path) -> None:
    added = {
        "sqlite": (
            "CREATE TRIGGER extra AFTER INSERT ON audit BEGIN UPDATE items SET value = '0' WHERE field = 'kpa'; END",
        ),
        "postgresql": (
            "CREATE FUNCTION extra() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
            "CREATE TRIGGER extra AFTER INSERT ON audit FOR EACH ROW EXECUTE FUNCTION extra()",
        ),
    }
    with team(kind, tmp_path) as t, by_hand(t) as run:
        for statement in added[kind]:
            run(statement)
        (fault,) = verify(t.store).faults
        assert "the trigger extra is none of the store's" in fault.what


def test_a_table_that_was_dropped_is_not_taken_for_a_store_to_be_made(tmp_path: Path) -> None:
    with team("sqlite", tmp_path) as t, by_hand(t) as run:
        run("DROP TABLE items")
        with pytest.raises(RunError, match="somebody dropped the table, and the last backup"):
            verify(t.store)


def test_every_guard_has_a_name_of_its_own() -> None:
    names = [f"{guard.table}_{guard.name}" for guard in guards()]
    assert len(set(names)) == len(names)
