"""What somebody adds or takes past the store, well sealed or not, is named or refused: rows, times, exports, columns."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import event

from capture_stores import PASSWORD, Team, both, plain_postgres, team
from hepar.capture import export as exporting
from hepar.capture.entry import Action, Draft
from hepar.capture.guards import guards
from hepar.capture.ledger import Clerk, record
from hepar.capture.store import open_store, verify
from hepar.capture.writing import Place
from hepar.core.atomic import write_atomically
from hepar.core.errors import DataError, HeparError
from hepar.data.crf.record import Export, Record
from hepar.io.redcap import read_export
from test_capture_writing import DICTIONARY

LI, WU = Clerk("li", "data entry", "zj"), Clerk("wu", "data entry", "wh")
NAMES = [f"audit_{guard.name}" for guard in guards() if (guard.table, guard.event) == ("audit", "INSERT")]


@contextmanager
def guards_off(t: Team) -> Iterator[None]:
    """What carries rows over stays on, and all is as before afterwards."""
    if "://" in t.where:
        with plain_postgres(t.where) as run:
            for name in NAMES:
                run(f"ALTER TABLE audit DISABLE TRIGGER {name}")
            yield
            for name in NAMES:
                run(f"ALTER TABLE audit ENABLE TRIGGER {name}")
        return
    with closing(sqlite3.connect(t.where, isolation_level=None)) as connection:
        made = [
            connection.execute("SELECT sql FROM sqlite_master WHERE name = ?", (name,)).fetchone()[0]
            for name in NAMES
        ]
        for name in NAMES:
            connection.execute(f"DROP TRIGGER {name}")
        yield
        for statement in made:
            connection.execute(statement)


def forge(t: Team, draft: Draft, *, clerk: Clerk) -> int:
    """Add a row that carries the right seal and follows the last one; gives its number."""
    desk = t.store._desk
    with guards_off(t), desk.database.writing() as connection:
        (entry,) = record(connection, [draft], clerk=clerk, seal=desk.seal, at=desk.clock())
    return entry.seq


def at(
    action: Action, *, field: str = "", old: str = "", new: str = "", reason: str = "", site: str = ""
) -> Draft:
    return Draft(action, "P1", field=field, old=old, new=new, reason=reason, site=site or None)


@both
@pytest.mark.parametrize(
    ("draft", "clerk", "said"),
    [
        (at("change", field="age", old="99", new="46", reason="x"), LI, "another value stood there"),
        (at("enter", field="age", new="46"), LI, "another value stood there"),
        (at("enrol", site="wh"), WU, "enrols a participant again"),
        (at("enter", field="kpa", new="9", site="wh"), WU, "no row before enrols at that site"),
        (
            at("enter", field="kpa", new="9"),
            Clerk("ghost", "data entry", "zj"),
            "no active user of that role",
        ),
        (at("enter", field="kpa", new="9"), Clerk("li", "investigator", "zj"), "no active user of that role"),
        (at("enter", field="kpa", new="9"), Clerk("li", "", "zj"), "no active user of that role"),
    ],
)
def test_a_row_that_the_store_would_not_have_written_is_named(
    draft: Draft, clerk: Clerk, said: str, kind: str, tmp_path: Path
) -> None:
    with team(kind, tmp_path) as t:
        t.li.put("P1", {"age": "45"})
        t.li.put(Place("P1", "visit"), {"age": "47"})
        assert verify(t.store).whole
        seq = forge(t, draft, clerk=clerk)
        (fault,) = verify(t.store).faults
    assert (fault.seq, fault.table) == (seq, "")
    assert said in fault.what


@both
def test_a_row_added_under_a_lock_or_by_somebody_deactivated_is_named(kind: str, tmp_path: Path) -> None:
    with team(kind, tmp_path) as t:
        t.li.put("P1", {"age": "45"})
        t.ines.lock("primary")
        t.ines.unlock("primary", reason="one more value")
        t.li.put("P1", {"age": "46"}, reason="typing error", expected={"age": "45"})
        t.ines.lock("primary")
        t.ada.change_user("li", reason="left", active=False)
        assert verify(t.store).whole
        seq = forge(t, at("enter", field="kpa", new="9"), clerk=LI)
        found = verify(t.store).faults
    assert {fault.seq for fault in found} == {seq}
    assert sorted(fault.what.partition(":")[0] for fault in found) == [
        "is signed by somebody who was no active user of that role",
        "was written while the data set was locked",
    ]


def test_a_change_without_a_reason_is_named(tmp_path: Path) -> None:
    with team("sqlite", tmp_path) as t:
        t.li.put("P1", {"age": "45"})
        seq = forge(t, at("change", field="age", old="45", new="46", reason=" "), clerk=LI)
        (fault,) = verify(t.store).faults
    assert (fault.seq, "without a reason" in fault.what) == (seq, True)


@both
def test_a_dictionary_that_nobody_set_is_named(kind: str, tmp_path: Path) -> None:
    with team(kind, tmp_path) as t:
        t.li.put("P1", {"age": "45"})
        t.as_owner("INSERT INTO fields VALUES ('age', 'lab', 2, 1, 1)")  # exports would leave it out
        (fault,) = verify(t.store).faults
    assert fault.table == "fields"


def test_a_row_that_is_dated_back_is_told(tmp_path: Path) -> None:
    with team("sqlite", tmp_path) as t:
        t.li.put("P1", {"age": "45"})
        with open_store(t.where, clock=lambda: datetime(2020, 2, 3, tzinfo=UTC)) as store:
            (entry,) = store.login("li", PASSWORD).put("P1", {"kpa": "7"})
        t.ines.export_audit(tmp_path / "trail.jsonl")
        from hepar.capture.audit_file import verify_file

        for found in (verify(t.store), verify_file(tmp_path / "trail.jsonl")):
            assert found.whole
            told = [note for note in found.notes if "dated back" in note]
            assert [note.split()[:2] for note in told] == [
                ["row", str(entry.seq - 1)],
                ["row", str(entry.seq)],
            ]
            assert "2020-02-03" in told[0]


@both
def test_clocks_that_differ_by_minutes_are_not_told(kind: str, tmp_path: Path) -> None:
    with team(kind, tmp_path) as t:
        t.li.put("P1", {"age": "45"})
        assert not any("clock" in note for note in verify(t.store).notes)


def test_a_file_whose_export_could_not_be_recorded_is_not_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_connection: object) -> None:
        raise HeparError("no room")

    with team("sqlite", tmp_path) as t:
        t.li.put("P1", {"age": "45"})
        before = t.store.anchor()
        engine = t.store._desk.database.engine
        event.listen(engine, "commit", fail)
        for write in (t.ines.export, t.ines.export_audit):
            with pytest.raises(HeparError, match="no room"):
                write(tmp_path / "out.csv")
        event.remove(engine, "commit", fail)

        def second_fails(path: Path, text: str) -> None:
            if path.suffix == ".json":
                raise HeparError("no room")
            write_atomically(path, text)

        monkeypatch.setattr(exporting, "write_atomically", second_fails)
        with pytest.raises(HeparError, match="no room"):
            t.ines.export(tmp_path / "out.csv")
        assert not list(tmp_path.glob("out.csv*"))
        assert t.store.anchor() == before


def test_no_column_is_lost_wherever_the_identifier_stands(tmp_path: Path) -> None:
    path = tmp_path / "records.csv"
    path.write_text("age,sex,record_id,redcap_data_access_group\n45,1,P1,zj\n")
    with team("sqlite", tmp_path) as t:
        t.ada.set_dictionary(DICTIONARY)
        t.ines.take(read_export(path, DICTIONARY, partial=True), reason="first export")
        assert t.ines.values("P1") == {"age": "45", "sex": "1"}
        swapped = Export(("age", "record_id"), (Record(2, "P2", {"age": "50", "record_id": "P2"}),))
        with pytest.raises(DataError, match="first column of the export, 'age'"):
            t.ines.take(swapped, reason="second export")


def test_a_name_that_only_looks_like_another_is_refused(tmp_path: Path) -> None:
    with team("sqlite", tmp_path) as t:
        t.li.put("M\u00fcller-1", {"age": "45"})
        with pytest.raises(DataError, match="accents apart"):
            t.li.put("Mu\u0308ller-1", {"age": "46"})
