"""A locked data set does not change, and its digest proves it."""

import hashlib
import json
from pathlib import Path

import pytest

from capture_stores import PASSWORD, both, team
from hepar.capture.errors import RefusedError
from hepar.capture.store import verify
from hepar.core.errors import DataError, ProtocolError


@both
def test_nothing_is_written_until_the_lock_is_opened_with_a_reason(kind: str, tmp_path: Path) -> None:
    with team(kind, tmp_path) as t:
        t.li.put("P1", {"age": "45"})
        made = t.ines.lock("primary")
        assert (made.held, made.unchanged, made.by, made.role) == (True, True, "ines", "investigator")
        for participant, values in (("P1", {"kpa": "7"}), ("P2", {"age": "50"}), ("P1", {"age": "46"})):
            with pytest.raises(RefusedError, match="locked as 'primary'"):
                t.ines.put(participant, values, reason="typing error", site="zj")
        with pytest.raises(ProtocolError, match="reason"):
            t.ines.unlock("primary", reason=" ")
        t.ada.unlock("primary", reason="one more value")
        t.li.put("P1", {"kpa": "7"})
        (lock,) = t.rita.locks()
        assert (lock.held, lock.unchanged, lock.digest) == (False, False, made.digest)
        assert t.ines.lock("primary").digest != made.digest
        assert verify(t.store).whole


@both
def test_the_digest_is_that_of_the_sorted_content_and_of_nothing_else(kind: str, tmp_path: Path) -> None:
    rows = [
        ["zj", "B1", "", "", "", "name", "Zo\u00e9, \u4e2d"],
        ["zj", "P1", "", "", "", "age", "46"],
        ["wh", "a", "", "", "", "Age", "1"],
        ["wh", "a", "", "", "", "age", "2"],
    ]
    lines = "".join(json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n" for row in rows)
    with team(kind, tmp_path) as t:
        t.wu.put("a", {"age": "2", "Age": "1", "kpa": "7"})
        t.wu.put("a", {"kpa": ""}, reason="wrong participant", expected={"kpa": "7"})
        t.li.put("P1", {"age": "45"})
        t.li.put("P1", {"age": "46"}, reason="typing error", expected={"age": "45"})
        t.li.put("B1", {"name": "Zo\u00e9, \u4e2d"})
        assert t.ines.lock("primary").digest == hashlib.sha256(lines.encode()).hexdigest()


def test_an_empty_data_set_is_not_locked(tmp_path: Path) -> None:
    with team("sqlite", tmp_path) as t:
        with pytest.raises(ProtocolError, match="nothing to lock"):
            t.ines.lock("primary")
        assert t.ines.locks() == ()


@both
def test_a_change_behind_the_lock_shows(kind: str, tmp_path: Path) -> None:
    with team(kind, tmp_path) as t:
        t.li.put("P1", {"age": "45"})
        t.ines.lock("primary")
        t.as_owner("UPDATE items SET value = '46' WHERE field = 'age'")
        (lock,) = t.ines.locks()
        assert lock.held
        assert not lock.unchanged


@both
def test_a_site_locks_its_own_data_only(kind: str, tmp_path: Path) -> None:
    with team(kind, tmp_path) as t:
        t.ada.add_user("zj-pi", PASSWORD, role="investigator", site="zj")
        pi = t.store.login("zj-pi", PASSWORD)
        pi.put("P1", {"age": "45"})
        pi.lock("zj-done")
        with pytest.raises(RefusedError):
            t.li.put("P2", {"age": "50"})
        t.wu.put("W1", {"age": "50"})
        assert [lock.unchanged for lock in pi.locks()] == [True]
        t.ines.lock("all")
        with pytest.raises(RefusedError, match="another"):
            pi.unlock("all", reason="mine")
        with pytest.raises(RefusedError):
            t.wu.put("W1", {"kpa": "7"})


def test_a_lock_is_named_rightly(tmp_path: Path) -> None:
    with team("sqlite", tmp_path) as t:
        t.li.put("P1", {"age": "45"})
        t.ines.lock("primary")
        with pytest.raises(ProtocolError, match="already"):
            t.ines.lock("primary")
        with pytest.raises(ProtocolError, match="name"):
            t.ines.lock("")
        with pytest.raises(DataError, match="no lock"):
            t.ines.unlock("other", reason="x")
        t.ines.unlock("primary", reason="x")
        with pytest.raises(ProtocolError, match="open already"):
            t.ines.unlock("primary", reason="x")
