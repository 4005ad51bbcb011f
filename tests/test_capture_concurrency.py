"""Several writers, a killed one and a full disk: nothing is lost, nothing is half written, the trail stays whole."""

import sqlite3
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
from sqlalchemy import event

from capture_stores import PASSWORD, Team, both, team
from hepar.capture.store import verify
from hepar.core.errors import RunError

WRITERS, WRITES = 3, 12
OWN = """
import sys
from hepar.capture.store import open_store
where, name, n = sys.argv[1], sys.argv[2], int(sys.argv[3])
with open_store(where) as store:
    session = store.login("ines", sys.argv[4])
    for k in range(n):
        session.put(f"{name}-{k}", {"age": str(40 + k), "kpa": "7.5"})
"""
SHARED = """
import sys
from hepar.capture.errors import ConflictError
from hepar.capture.store import open_store
where, name, n = sys.argv[1], sys.argv[2], int(sys.argv[3])
with open_store(where) as store:
    session = store.login("ines", sys.argv[4])
    done = 0
    while done < n:
        now = session.values("counter").get("n", "0")
        try:
            session.put("counter", {"n": str(int(now) + 1)}, reason="counted", expected={"n": now})
            done += 1
        except ConflictError:
            pass
"""
KILLED = """
import os, signal, sys
from hepar.capture.store import open_store
from hepar.capture.writing import Place, put
with open_store(sys.argv[1]) as store:
    session = store.login("ines", sys.argv[2])
    with session._desk.writing(session.user, session._proof) as work:
        put(work, Place("P2"), {f"f{k}": str(k) for k in range(400)}, reason="", expected={}, site=None)
        os.kill(os.getpid(), signal.SIGKILL)
"""


def run(script: str, *arguments: str) -> "subprocess.Popen[bytes]":
    return subprocess.Popen([sys.executable, "-c", script, *arguments], stderr=subprocess.PIPE)


def ended(process: "subprocess.Popen[bytes]") -> int:
    _, errors = process.communicate(timeout=120)
    assert not errors, errors.decode()
    return process.returncode


@both
def test_writers_at_once_lose_nothing(kind: str, tmp_path: Path) -> None:
    with team(kind, tmp_path) as t:
        started = [run(OWN, t.where, f"W{k}", str(WRITES), PASSWORD) for k in range(WRITERS)]
        assert [ended(process) for process in started] == [0] * WRITERS
        assert len(t.ines.participants()) == WRITERS * WRITES
        for k in range(WRITERS):
            for write in range(WRITES):
                assert t.ines.values(f"W{k}-{write}") == {"age": str(40 + write), "kpa": "7.5"}
        verdict = verify(t.store)
    assert verdict.whole, verdict.faults


@both
def test_writers_of_one_value_never_overwrite_each_other(kind: str, tmp_path: Path) -> None:
    """Each adds one to what it read: a lost update would leave the sum too low."""
    with team(kind, tmp_path) as t:
        t.ines.put("counter", {"n": "0"})
        started = [run(SHARED, t.where, f"W{k}", str(WRITES), PASSWORD) for k in range(WRITERS)]
        assert [ended(process) for process in started] == [0] * WRITERS
        assert t.ines.values("counter") == {"n": str(WRITERS * WRITES)}
        assert verify(t.store).whole


@both
def test_a_writer_killed_in_the_middle_leaves_nothing_half_written(kind: str, tmp_path: Path) -> None:
    with team(kind, tmp_path) as t:
        t.ines.put("P1", {"age": "45"})
        before = t.store.anchor().seq
        assert ended(run(KILLED, t.where, PASSWORD)) == -9
        assert t.store.anchor().seq == before + 1, "the login alone"
        assert t.ines.participants() == ("P1",)
        t.ines.put("P2", {"age": "50"})
        assert verify(t.store).whole


def fill(t: Team) -> None:
    for k in range(200):
        t.ines.put(f"Q{k}", {f"f{j}": "x" * 200 for j in range(20)})


def test_a_full_disk_is_told_and_loses_nothing(tmp_path: Path) -> None:
    with team("sqlite", tmp_path) as t:
        t.ines.put("P1", {"age": "45"})
        engine = t.store._desk.database.engine
        engine.dispose()

        def limit(connection: sqlite3.Connection, _record: object) -> None:
            (pages,) = connection.execute("PRAGMA page_count").fetchone()
            connection.execute(f"PRAGMA max_page_count = {pages + 20}").close()

        event.listen(engine, "connect", limit)
        with pytest.raises(RunError, match="nothing of this was stored"):
            fill(t)
        kept = t.ines.participants()
        event.remove(engine, "connect", limit)
        engine.dispose()
        assert verify(t.store).whole
        assert t.ines.participants() == kept
        assert all(len(t.ines.values(name)) in (1, 20) for name in kept)
        t.ines.put("P2", {"age": "50"})


LIMITED = """
import resource, sys
from hepar.capture.store import open_store
from hepar.core.errors import RunError
with open_store(sys.argv[1]) as store:
    session = store.login("ines", sys.argv[2])
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[3]), resource.RLIM_INFINITY))
    try:
        for k in range(500):
            session.put(f"Q{k}", {f"f{j}": "x" * 200 for j in range(20)})
    except RunError as error:
        print(error)
        sys.exit(3)
"""


@pytest.mark.skipif(find_spec("resource") is None, reason="only POSIX systems limit the size of files")
def test_a_file_that_may_not_grow_is_told_and_loses_nothing(tmp_path: Path) -> None:
    with team("sqlite", tmp_path) as t:
        t.ines.put("P1", {"age": "45"})
        done = subprocess.run(
            [sys.executable, "-c", LIMITED, t.where, PASSWORD, str(600_000)], capture_output=True, timeout=120
        )
        assert done.returncode == 3, done.stderr.decode()
        assert b"nothing of this was stored" in done.stdout
        assert verify(t.store).whole
        assert all(len(t.ines.values(name)) in (1, 20) for name in t.ines.participants())
        t.ines.put("P2", {"age": "50"})
