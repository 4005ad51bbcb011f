"""Whatever two writers do, the trail replays to the records; whatever byte changes, its row is named."""

import shutil
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from capture_stores import team
from hepar.capture.entry import COLUMNS
from hepar.capture.errors import ConflictError
from hepar.capture.store import open_store, verify

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\r"), max_size=6).map(str.strip)
STEP = st.tuples(
    st.sampled_from(["ines", "li"]),
    st.sampled_from(["P1", "P2"]),
    st.dictionaries(st.sampled_from(["age", "kpa", "sex"]), TEXT, min_size=1),
    st.booleans(),
)
"""Who writes what where, and whether they looked before."""


def replayed(where: Path) -> dict[tuple[str, str], str]:
    """What the trail amounts to, by its rows alone."""
    with closing(sqlite3.connect(where)) as connection:
        rows = connection.execute(
            "SELECT participant, field, \"new\" FROM audit WHERE action IN ('enter', 'change') ORDER BY seq"
        )
        return {(participant, field): new for participant, field, new in rows}


@settings(max_examples=25, deadline=None)
@given(steps=st.lists(STEP, max_size=12))
def test_what_two_writers_do_replays_to_the_records(
    steps: list[tuple[str, str, dict[str, str], bool]],
) -> None:
    model: dict[tuple[str, str], str] = {}
    with tempfile.TemporaryDirectory() as folder, team("sqlite", Path(folder)) as t:
        sessions = {"ines": t.ines, "li": t.li}
        t.ines.put("P1", {"seen": "1"}, site="zj")
        t.ines.put("P2", {"seen": "1"}, site="zj")
        stale = {"P1": dict[str, str](), "P2": dict[str, str]()}
        for who, participant, values, looked in steps:
            expected = t.ines.values(participant) if looked else stale[participant]
            expected = {name: expected.get(name, "") for name in values if (participant, name) in model}
            fits = all(model[participant, name] == value for name, value in expected.items())
            try:
                sessions[who].put(participant, values, reason="property", expected=expected)
            except ConflictError:
                assert not fits
                continue
            assert fits
            model |= {
                (participant, name): value
                for name, value in values.items()
                if value or (participant, name) in model
            }
        assert verify(t.store).whole
        trail = replayed(Path(t.where))
        assert {key: value for key, value in trail.items() if key[1] != "seen"} == model
        for participant in ("P1", "P2"):
            now = {name: value for (of, name), value in trail.items() if of == participant and value}
            assert t.ines.values(participant) == now


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, int]:
    """A store with every kind of row, and how many it has."""
    from hepar.data.crf.query import Query

    folder = tmp_path_factory.mktemp("kept")
    with team("sqlite", folder) as t:
        t.li.put("P1", {"age": "45", "名": "中文 é"})
        t.li.put("P1", {"age": "46"}, reason="typing error", expected={"age": "45"})
        query = Query("P1", "demography", "age", "46", "range", "too low", "look again")
        t.mo.raise_query(query)
        t.li.answer(query.key, "it is right")
        t.mo.close_query(query.key, reason="explained")
        t.ines.lock("primary")
        t.ines.unlock("primary", reason="one more value")
        n = t.store.anchor().seq
        where = Path(t.where)
    return where, n


@settings(max_examples=120, deadline=None)
@given(data=st.data())
def test_any_byte_changed_in_a_row_is_found_at_that_row(kept: tuple[Path, int], data: st.DataObject) -> None:
    where, n = kept
    seq = data.draw(st.integers(1, n), label="row")
    column = data.draw(st.sampled_from(COLUMNS[1:]), label="column")
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "study.db"
        shutil.copy(where, copy)
        with closing(sqlite3.connect(copy)) as connection:
            connection.execute("DROP TRIGGER audit_no_update")
            connection.execute("PRAGMA ignore_check_constraints = ON")  # whoever rewrites a trail can
            chosen = f'SELECT CAST("{column}" AS BLOB) FROM audit WHERE seq = ?'
            old: bytes = connection.execute(chosen, (seq,)).fetchone()[0]
            place = data.draw(st.integers(0, max(len(old) - 1, 0)), label="place")
            byte = data.draw(
                st.integers(0, 255).filter(lambda b: old[place : place + 1] != bytes([b])), label="byte"
            )
            new = old[:place] + bytes([byte]) + old[place + 1 :]
            connection.execute(f'UPDATE audit SET "{column}" = CAST(? AS TEXT) WHERE seq = ?', (new, seq))
            connection.commit()
        with open_store(copy) as store:
            verdict = verify(store)
    assert {fault.seq for fault in verdict.faults if not fault.table} == {seq}
