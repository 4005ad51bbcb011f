"""A trail that was tampered with is found out, and the row is named."""

import gc
import tracemalloc
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from capture_stores import KEY, Team, both, team
from hepar.capture.chain import Anchor, Verdict, Walk, read_anchor
from hepar.capture.entry import SEALED, START, Entry, sealer
from hepar.capture.store import verify
from hepar.core.errors import DataError, RunError


def trail(n: int, *, key: bytes | None = None) -> list[Entry]:
    seal, rows, prev = sealer(key), list[Entry](), START
    for seq in range(1, n + 1):
        texts = ("2026-01-01T00:00:00.000Z", "li", "data entry", "zj", "enter", f"P{seq}", "", "", "", "age")
        values = (seq, *texts, "", "45", "", prev)
        rows.append(Entry(seq, *texts, "", "45", "", prev, seal(values)))
        prev = rows[-1].hash
    return rows


def found(
    rows: Sequence[Entry], *, head: Entry | None, anchor: Anchor | None = None, key: bytes | None = None
) -> list[int]:
    walk = Walk(sealer(key), anchor)
    faults = [fault.seq for row in rows for fault in walk.step(row)]
    return [*faults, *(fault.seq for fault in walk.end(Anchor(head.seq, head.hash) if head else None))]


def resealed(rows: Sequence[Entry], start: int, *, key: bytes | None = None) -> list[Entry]:
    """As who knows the key would write rows anew from `start` on."""
    done = list(rows[:start])
    for row in rows[start:]:
        prev = done[-1].hash if done else START
        seq = len(done) + 1
        fresh = replace(row, seq=seq, prev=prev)
        done.append(replace(fresh, hash=sealer(key)(tuple(getattr(fresh, name) for name in SEALED))))
    return done


def test_a_trail_that_nobody_touched_is_whole() -> None:
    rows = trail(9)
    assert found(rows, head=rows[-1]) == []
    assert found([], head=None) == []


def test_a_changed_row_is_named() -> None:
    rows = trail(9)
    rows[4] = replace(rows[4], new="46")
    assert found(rows, head=rows[-1]) == [5]


@pytest.mark.parametrize("gone", [0, 4, 8])
def test_a_deleted_row_is_named(gone: int) -> None:
    rows = trail(9)
    head = rows[-1]
    del rows[gone]
    assert found(rows, head=head) == [gone + 1]


def test_rows_that_changed_places_are_named() -> None:
    rows = trail(9)
    rows[3], rows[6] = replace(rows[6], seq=4), replace(rows[3], seq=7)
    assert found(rows, head=rows[-1]) == [4, 7]


def test_an_inserted_row_is_named() -> None:
    rows = trail(9)
    late = resealed([*rows, rows[2]], 9)
    assert found(late, head=rows[-1]) == [10]
    early = replace(rows[2], seq=0)
    assert found([early, *rows], head=rows[-1]) == [0]


def test_a_row_sealed_anew_does_not_fit_the_next() -> None:
    rows = trail(9)
    rows[4] = resealed([*rows[:4], replace(rows[4], new="46")], 4)[4]
    assert found(rows, head=rows[-1]) == [5]
    last = resealed([*trail(9)[:8], replace(rows[8], new="46")], 8)
    assert found(last, head=rows[-1]) == [9]


def test_a_trail_sealed_anew_from_a_row_on_is_found_by_key_or_anchor_only() -> None:
    """What an unkeyed chain cannot show is stated, and tested, too."""
    rows = trail(9)
    forged = resealed([*rows[:4], replace(rows[4], new="46"), *rows[5:]], 4)
    assert found(forged, head=forged[-1]) == []
    assert found(forged, head=forged[-1], anchor=Anchor(9, rows[-1].hash)) == [9]

    keyed = trail(9, key=KEY)
    forged = resealed([*keyed[:4], replace(keyed[4], new="46"), *keyed[5:]], 4)
    assert found(forged, head=forged[-1], key=KEY) == [5, 6, 7, 8, 9]


def test_a_trail_cut_at_its_end_is_found_by_its_head_and_with_that_cut_too_by_an_anchor() -> None:
    rows = trail(9)
    assert found(rows[:7], head=rows[-1]) == [8]
    assert found(rows[:7], head=rows[6]) == []
    assert found(rows[:7], head=rows[6], anchor=Anchor(9, rows[-1].hash)) == [8]


def seqs(verdict: Verdict, *, tables: bool = False) -> list[int]:
    return sorted({fault.seq for fault in verdict.faults if bool(fault.table) == tables})


def filled(team: Team) -> int:
    """A row in the middle of the trail, which set an item."""
    team.li.put("P1", {"age": "45", "sex": "1", "kpa": "7.5"})
    entries = team.li.put("P2", {"age": "50", "sex": "2"})
    team.li.put("P2", {"age": "51"}, reason="typing error", expected={"age": "50"})
    return entries[1].seq


@both
def test_a_store_that_nobody_touched_is_whole(kind: str, tmp_path: Path) -> None:
    with team(kind, tmp_path) as t:
        filled(t)
        verdict = verify(t.store, anchor=t.store.anchor())
    assert verdict.whole, verdict.faults
    assert verdict.head is not None
    assert verdict.rows == verdict.head.seq


@both
@pytest.mark.parametrize(
    ("change", "named"),
    [
        ("UPDATE audit SET reason = 'as dictated' WHERE seq = {row}", 0),
        ("UPDATE audit SET at = '2020-01-01T00:00:00.000Z' WHERE seq = {row}", 0),
        ("DELETE FROM audit WHERE seq = {row}", 0),
        ("UPDATE audit SET seq = seq + 1000 WHERE seq = {row}", 0),
        ("UPDATE audit SET new = 'x' WHERE seq = 1", None),
        ("DELETE FROM audit WHERE seq = 1", None),
        ("DELETE FROM audit WHERE seq > {row}", 1),
        ("UPDATE head SET seq = seq + 1", "end"),
    ],
)
def test_whoever_switches_the_triggers_off_is_found_out(
    kind: str, tmp_path: Path, change: str, named: int | str | None
) -> None:
    with team(kind, tmp_path) as t:
        row = filled(t)
        end = t.store.anchor().seq
        t.as_owner(change.format(row=row))
        verdict = verify(t.store)
    expected = 1 if named is None else end + 1 if isinstance(named, str) else row + named
    assert expected in seqs(verdict)
    assert seqs(verdict)[0] == expected
    assert not verdict.whole


@both
def test_an_item_changed_behind_the_trail_is_named(kind: str, tmp_path: Path) -> None:
    with team(kind, tmp_path) as t:
        before = filled(t)
        row = t.store.anchor().seq
        for change in (
            "UPDATE items SET value = '46' WHERE seq = {row}",
            "UPDATE items SET seq = 3 WHERE seq = {row}",
            "UPDATE items SET value = '50', seq = {before} WHERE seq = {row}",
            "DELETE FROM items WHERE seq = {row}",
        ):
            t.as_owner("CREATE TABLE kept AS SELECT * FROM items", change.format(row=row, before=before))
            verdict = verify(t.store)
            assert not verdict.whole, change
            assert seqs(verdict) == [], "the trail itself is whole"
            assert any("P2 / age" in fault.what for fault in verdict.faults), change
            assert "51" not in " ".join(map(str, verdict.faults)), "no value in a message"
            t.as_owner("DELETE FROM items", "INSERT INTO items SELECT * FROM kept", "DROP TABLE kept")
        assert verify(t.store).whole
        t.as_owner(
            "INSERT INTO items (participant, event, instrument, instance, field, value, seq)"
            " VALUES ('P1', '', '', '', 'made_up', '1', 3)"
        )
        assert any("made_up" in fault.what for fault in verify(t.store).faults)


@both
def test_rights_sites_passwords_and_locks_given_behind_the_trail_are_named(kind: str, tmp_path: Path) -> None:
    with team(kind, tmp_path) as t:
        filled(t)
        t.ines.lock("primary")
        t.as_owner(
            "UPDATE users SET state = replace(state, 'reader', 'administrator') WHERE name = 'rita'",
            "UPDATE users SET credential = 'scrypt:2:8:1:00:00' WHERE name = 'mo'",
            "UPDATE locks SET digest = ''",
            "UPDATE participants SET site = 'wh' WHERE participant = 'P1'",
        )
        said = " ".join(fault.what for fault in verify(t.store).faults)
    for expected in ("rita of users", "password of user mo", "primary of locks", "P1 of participants"):
        assert expected in said


@both
def test_a_keyed_trail_needs_its_key(kind: str, tmp_path: Path) -> None:
    from hepar.capture.store import open_store

    with team(kind, tmp_path, key=KEY) as t:
        row = filled(t)
        assert verify(t.store).whole
        for key in (None, KEY[::-1]):
            with open_store(t.where, key=key) as other, pytest.raises(RunError, match="key"):
                other.login("ada", "whatever it is")
        with open_store(t.where) as other:
            with pytest.raises(RunError, match="sealed with a key"):
                verify(other)
            assert verify(other, key=KEY).whole
            assert seqs(verify(other, key=KEY[::-1]))[:2] == [1, 2]
        t.as_owner(f"UPDATE audit SET actor = 'wu' WHERE seq = {row}")
        assert seqs(verify(t.store)) == [row]


def peak_bytes(t: Team) -> int:
    gc.collect()
    tracemalloc.start()
    try:
        assert verify(t.store).whole
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_verifying_four_times_as_many_rows_takes_no_more_memory(tmp_path: Path) -> None:
    with team("sqlite", tmp_path) as t:
        for k in range(20):
            t.ines.put(f"P{k}", {f"f{j}": "x" * 20 for j in range(100)})
        peak_bytes(t)  # what is made once
        small = peak_bytes(t)
        for k in range(20, 80):
            t.ines.put(f"P{k}", {f"f{j}": "x" * 20 for j in range(100)})
        large = peak_bytes(t)
    # 6000 rows more, which weigh some 10 MB if they are kept
    assert large < small + 2_000_000


def test_an_anchor_is_read_back_or_refused(tmp_path: Path) -> None:
    Anchor(7, "ab" * 32).write(tmp_path / "a.json")
    assert read_anchor(tmp_path / "a.json") == Anchor(7, "ab" * 32)
    for text in ("", "[]", '{"seq": "7", "hash": ""}', '{"seq": 0, "hash": "a"}'):
        (tmp_path / "b.json").write_text(text)
        with pytest.raises(DataError, match="no anchor"):
            read_anchor(tmp_path / "b.json")
    with pytest.raises(DataError, match="cannot be read"):
        read_anchor(tmp_path / "none.json")
