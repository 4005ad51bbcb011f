"""Audited writes and verification beside plain inserts of sqlite3: `python -m benchmarks.audited_writes`.

The rival writes the same values to one table of the same kind of file (WAL, synchronous FULL), one transaction for
each write, and for batches one for each hundred: what SQLite and the disk cost without trail, hash, triggers and
rights. Both alternate within each repeat and the ratio is formed per repeat.
"""

import argparse
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path

from sqlalchemy import make_url

from hepar.capture.session import Session
from hepar.capture.store import Store, create_store, verify

BATCH = 100
PASSWORD = "only for the benchmark"
INSERT = "INSERT INTO items VALUES (?, '', '', '', ?, ?)"


def rate(n: int, work: Callable[[], object]) -> float:
    """How many a second."""
    start = time.perf_counter()
    work()
    return n / (time.perf_counter() - start)


def plain(path: Path) -> sqlite3.Connection:
    """The rival: the same key, no trail."""
    connection = sqlite3.connect(path, isolation_level=None)
    for statement in (
        "PRAGMA journal_mode = WAL",
        "PRAGMA synchronous = FULL",
        "CREATE TABLE items (participant TEXT, event TEXT, instrument TEXT, instance TEXT, field TEXT, value TEXT,"
        " PRIMARY KEY (participant, event, instrument, instance, field))",
    ):
        connection.execute(statement).close()
    return connection


def plainly(connection: sqlite3.Connection, name: str, n: int) -> None:
    """`n` transactions of one value."""
    for k in range(n):
        connection.execute(INSERT, (f"{name}-{k // 20}", f"f{k % 20}", str(k)))


def plainly_batched(connection: sqlite3.Connection, name: str, n: int) -> None:
    """`n` values, a hundred a transaction."""
    for batch in range(n // BATCH):
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany(INSERT, [(f"{name}-{batch}", f"f{k}", str(k)) for k in range(BATCH)])
        connection.execute("COMMIT")


def audited(session: Session, name: str, n: int) -> None:
    """`n` transactions of one value."""
    for k in range(n):
        session.put(f"{name}-{k // 20}", {f"f{k % 20}": str(k)})


def audited_batched(session: Session, name: str, n: int) -> None:
    """`n` values, a hundred a transaction."""
    for batch in range(n // BATCH):
        session.put(f"{name}-{batch}", {f"f{k}": str(k) for k in range(BATCH)})


def opened(where: str) -> tuple[Store, Session]:
    """A new store and one who enters data."""
    store = create_store(where, administrator="ada", password=PASSWORD)
    store.login("ada", PASSWORD).add_user("li", PASSWORD, role="data entry")
    return store, store.login("li", PASSWORD)


def shown(name: str, ours: list[float], theirs: list[float] | None = None) -> None:
    """One line of the table: median (range), and the ratio of each repeat."""
    ratios = [b / a for a, b in zip(ours, theirs, strict=True)] if theirs else []
    cells = [_spread(ours), _spread(theirs) if theirs else "-", _spread(ratios) if ratios else "-"]
    print(f"| {name} | {' | '.join(cells)} |")


def _spread(values: list[float]) -> str:
    return f"{statistics.median(values):,.3g} ({min(values):,.3g} to {max(values):,.3g})"


def measure(where: str | None, *, writes: int, repeats: int, rows: int) -> None:
    """Print the table."""
    single: tuple[list[float], list[float]] = [], []
    batched: tuple[list[float], list[float]] = [], []
    with tempfile.TemporaryDirectory() as folder, closing(plain(Path(folder) / "plain.db")) as rival:
        store, li = opened(where or str(Path(folder) / "study.db"))
        with store:
            many = writes * 10
            for name in (f"r{repeat}-" for repeat in range(repeats)):
                single[0].append(rate(writes, partial(audited, li, f"{name}s", writes)))
                single[1].append(rate(writes, partial(plainly, rival, f"{name}s", writes)))
                batched[0].append(rate(many, partial(audited_batched, li, f"{name}b", many)))
                batched[1].append(rate(many, partial(plainly_batched, rival, f"{name}b", many)))
            audited_batched(li, "more", rows)
            checked = verify(store)
            assert checked.whole
            verified = [rate(checked.rows, lambda: verify(store)) for _ in range(repeats)]
    kind = make_url(where).drivername if where else "SQLite"
    print(f"{kind}, {repeats} repeats, {checked.rows:,} rows in the end\n")
    print("| per second, median (range) | audited | plain sqlite3 | plain / audited |\n|:--|--:|--:|--:|")
    shown("values, one a transaction", *single)
    shown(f"values, {BATCH} a transaction", *batched)
    shown("rows verified, tables compared", verified)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", help="an empty database of PostgreSQL instead of a file")
    parser.add_argument("--writes", type=int, default=500)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--repeats", type=int, default=5)
    asked = parser.parse_args()
    measure(asked.url, writes=asked.writes, repeats=asked.repeats, rows=asked.rows)
