"""What each role may do, sites, and logging in: enforced in the store, each refusal in the trail."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import get_args

import pytest

from capture_stores import PASSWORD, Team, both, team
from hepar.capture.errors import RefusedError
from hepar.capture.roles import MEANING, RIGHTS, Right, Role, may
from hepar.capture.session import Session
from hepar.capture.store import Store, open_store, verify
from hepar.core.errors import DataError, HeparError, ProtocolError
from hepar.data.crf.query import Query

QUERY = Query("P1", "demography", "age", "45", "range", "is too low", "look at the source again")


def attempts(folder: Path, key: str) -> dict[Right, Callable[[Session], object]]:
    """What needs each right, and nothing else that could stand in the way."""
    return {
        "view": lambda s: s.values("P1"),
        "enter": lambda s: s.put("P1", {"kpa": "7"}),
        "change": lambda s: s.put("P1", {"age": "46"}, reason="typing error", expected={"age": "45"}),
        "raise": lambda s: s.raise_query(Query("P1", "demography", "sex", "", "required", "is empty", "ask")),
        "answer": lambda s: s.answer(key, "it is right"),
        "close": lambda s: s.close_query(key, reason="explained"),
        "verify": lambda s: s.verify(),
        "lock": lambda s: s.lock("primary"),
        "unlock": lambda s: s.unlock("older", reason="one more value"),
        "export": lambda s: s.export(folder / "data.csv"),
        "users": lambda s: s.add_user("new", PASSWORD, role="reader"),
    }


def trail_of(t: Team, action: str, folder: Path) -> list[str]:
    """Rows of an action, as JSON."""
    path = folder / f"{action}-{t.store.anchor().seq}.jsonl"
    t.ada.export_audit(path)
    return [line for line in path.read_text().splitlines() if f'"action":"{action}"' in line]


@both
@pytest.mark.parametrize("role", get_args(Role))
def test_a_role_does_what_the_table_says_and_each_refusal_is_recorded(
    kind: str, tmp_path: Path, role: Role
) -> None:
    with team(kind, tmp_path) as t:
        t.ada.add_user("x", PASSWORD, role=role)
        x = t.store.login("x", PASSWORD)
        t.ines.put("P1", {"age": "45"})
        t.mo.raise_query(QUERY)
        t.ines.lock("older")
        t.ines.unlock("older", reason="to be locked again")
        refused = 0
        for right, attempt in attempts(tmp_path, QUERY.key).items():
            if right == "unlock":
                t.ines.lock("older")
            if may(role, right):
                attempt(x)
            else:
                with pytest.raises(RefusedError, match="may not do this"):
                    attempt(x)
                refused += 1
            for lock in t.ines.locks():
                if lock.held:
                    t.ines.unlock(lock.name, reason="on with the test")
        rows = trail_of(t, "refused", tmp_path)
        assert len(rows) == refused
        assert all(f'"actor":"x","role":"{role}"' in row for row in rows)
        assert verify(t.store).whole


def test_every_right_is_explained_and_somebody_has_it() -> None:
    assert set(MEANING) == set(get_args(Right))
    assert frozenset().union(*RIGHTS.values()) == set(get_args(Right))
    assert set(RIGHTS) == set(get_args(Role))


def test_who_gives_rights_enters_no_data_and_who_asks_changes_none() -> None:
    for role in ("administrator", "monitor", "reader"):
        assert not RIGHTS[role] & {"enter", "change"}
    assert [role for role in RIGHTS if may(role, "users")] == ["administrator"]


@both
def test_a_site_neither_sees_nor_writes_another(kind: str, tmp_path: Path) -> None:
    with team(kind, tmp_path) as t:
        t.li.put("ZJ-1", {"age": "45"})
        t.wu.put("WH-1", {"age": "50"})
        t.mo.raise_query(Query("WH-1", "demography", "age", "50", "range", "is too low", "look"))
        (query,) = t.mo.queries()
        for attempt in (
            lambda: t.li.values("WH-1"),
            lambda: t.li.history("WH-1"),
            lambda: t.li.put("WH-1", {"kpa": "9"}),
            lambda: t.li.put("ZJ-2", {"age": "46"}, site="wh"),
            lambda: t.li.answer(query.key, "it is right"),
        ):
            with pytest.raises(RefusedError, match="another"):
                attempt()
        assert t.li.participants() == ("ZJ-1",)
        assert t.li.queries() == ()
        assert t.mo.participants() == ("WH-1", "ZJ-1")
        assert len(trail_of(t, "refused", tmp_path)) == 5

        t.ada.add_user("zj-boss", PASSWORD, role="administrator", site="zj")
        boss = t.store.login("zj-boss", PASSWORD)
        boss.export(tmp_path / "zj.csv")
        assert "WH-1" not in (tmp_path / "zj.csv").read_text()
        for refused in (
            lambda: boss.export_audit(tmp_path / "all.jsonl"),
            lambda: boss.add_user("y", PASSWORD, role="reader"),
            lambda: boss.change_user("wu", reason="mine now", site="zj"),
            lambda: boss.change_user("zj-boss", reason="more", site=""),
        ):
            with pytest.raises(RefusedError):
                refused()


@both
def test_the_wrong_password_opens_nothing_and_five_close_the_account_for_a_while(
    kind: str, tmp_path: Path
) -> None:
    with team(kind, tmp_path) as t:
        now = [datetime(2026, 3, 1, tzinfo=UTC)]
        with open_store(t.where, clock=lambda: now[0]) as store:
            for name in ("nobody", "li", "li", "li", "li", "li"):
                with pytest.raises(RefusedError, match="wrong"):
                    store.login(name, "wrong password")
            with pytest.raises(RefusedError):
                store.login("li", PASSWORD)
            now[0] += timedelta(minutes=16)
            assert store.login("li", PASSWORD).participants() == ()
        rows = trail_of(t, "login refused", tmp_path)
        assert len(rows) == 7
        assert not any("nobody" in row for row in rows), "what was typed as a name may be a password"


@both
def test_a_right_password_in_between_starts_the_count_anew(kind: str, tmp_path: Path) -> None:
    with team(kind, tmp_path) as t:
        for _ in range(2):
            for _ in range(4):
                with pytest.raises(RefusedError):
                    t.store.login("li", "wrong password")
            t.store.login("li", PASSWORD)


@both
def test_a_session_ends_with_deactivation_and_with_another_password(kind: str, tmp_path: Path) -> None:
    with team(kind, tmp_path) as t:
        t.ada.change_user("li", reason="left", active=False)
        with pytest.raises(RefusedError, match="log in again"):
            t.li.put("P1", {"age": "45"})
        with pytest.raises(RefusedError):
            t.store.login("li", PASSWORD)
        t.ada.change_user("li", reason="came back", active=True, password="another good password")
        with pytest.raises(RefusedError):
            t.li.participants()
        with pytest.raises(RefusedError):
            t.store.login("li", PASSWORD)
        t.store.login("li", "another good password").put("P1", {"age": "45"})
        t.ada.change_user("li", reason="reads now", role="reader")
        assert verify(t.store).whole


@both
def test_a_role_taken_away_counts_at_once(kind: str, tmp_path: Path) -> None:
    with team(kind, tmp_path) as t:
        t.ada.change_user("ines", reason="promoted to reading", role="reader")
        with pytest.raises(RefusedError):
            t.ines.put("P1", {"age": "45"})
        assert t.ines.participants() == ()


@both
def test_a_password_replaced_behind_the_trail_opens_nothing(kind: str, tmp_path: Path) -> None:
    with team(kind, tmp_path) as t:
        t.as_owner(
            "CREATE TABLE mine AS SELECT credential FROM users WHERE name = 'rita'",
            "UPDATE users SET credential = (SELECT credential FROM mine) WHERE name = 'ada'",
        )
        with pytest.raises(RefusedError, match="wrong"):
            t.store.login("ada", PASSWORD)
        with pytest.raises(RefusedError, match="log in again"):
            t.ada.users()
        t.store.login("rita", PASSWORD)


def test_a_session_is_not_made_by_hand(tmp_path: Path) -> None:
    with team("sqlite", tmp_path) as t:
        for proof in (b"", b"x" * 32, t.li._proof):
            with pytest.raises(RefusedError, match="log in"):
                Session("ada", t.store._desk, proof).users()
        with open_store(t.where) as other, pytest.raises(RefusedError, match="log in"):
            Session("ada", other._desk, t.ada._proof).users()


def test_what_a_store_gives_without_a_session() -> None:
    public = {name for name in dir(Store) if not name.startswith("_")}
    assert public == {"name", "read_only", "login", "anchor", "close"}


def test_the_last_administrator_stays(tmp_path: Path) -> None:
    with team("sqlite", tmp_path) as t:
        for change in ({"active": False}, {"role": "reader"}, {"site": "zj"}):
            with pytest.raises(ProtocolError, match="last active administrator"):
                t.ada.change_user("ada", reason="enough", **change)
        t.ada.add_user("bo", PASSWORD, role="administrator")
        t.ada.change_user("ada", reason="enough", active=False)


def test_users_are_described_rightly_or_refused(tmp_path: Path) -> None:
    with team("sqlite", tmp_path) as t:
        for arguments, said in (
            (("li", PASSWORD, "reader"), "already"),
            (("y", "short", "reader"), "12 to 1024"),
            (("y", PASSWORD, "doctor"), "Allowed: administrator"),
            ((" y", PASSWORD, "reader"), "no name"),
            (("", PASSWORD, "reader"), "no name"),
        ):
            name, password, role = arguments
            with pytest.raises(HeparError, match=said):
                t.ada.add_user(name, password, role=role)
        with pytest.raises(ProtocolError, match="reason"):
            t.ada.change_user("li", reason=" ", role="reader")
        with pytest.raises(DataError, match="no user"):
            t.ada.change_user("nobody", reason="x", role="reader")
        assert [user.name for user in t.ada.users()] == ["ada", "ines", "li", "mo", "rita", "wu"]


def test_no_password_stands_anywhere(tmp_path: Path) -> None:
    with team("sqlite", tmp_path) as t:
        with pytest.raises(RefusedError) as wrong:
            t.store.login("li", "a mistyped password")
        t.ada.export_audit(tmp_path / "a.jsonl")
        assert "mistyped" not in str(wrong.value)
    kept = b"".join(path.read_bytes() for path in tmp_path.iterdir() if path.is_file())
    assert PASSWORD.encode() not in kept
    assert b"mistyped" not in kept
