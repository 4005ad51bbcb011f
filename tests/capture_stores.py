"""Small stores of both kinds, with one user of each role, for the tests of `hepar.capture`."""

import os
import secrets
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

import pytest
from sqlalchemy import create_engine, make_url

from hepar.capture import credentials
from hepar.capture.session import Session
from hepar.capture.store import Store, create_store
from hepar.capture.tables import METADATA

POSTGRES = os.environ.get("HEPAR_TEST_POSTGRES", "")
KINDS = [
    "sqlite",
    pytest.param(
        "postgresql",
        marks=pytest.mark.skipif(not POSTGRES, reason="HEPAR_TEST_POSTGRES holds no URL of a server"),
    ),
]
both = pytest.mark.parametrize("kind", KINDS)
PASSWORD = "correct horse battery staple"
KEY = b"0123456789abcdef0123456789abcdef"


@dataclass(frozen=True)
class Team:
    """A store and its users: two of site zj and wh each enter data, the others are of all sites."""

    where: str
    store: Store
    ada: Session
    li: Session
    wu: Session
    ines: Session
    mo: Session
    rita: Session

    def as_owner(self, *statements: str) -> None:
        """What somebody does who holds the file, or owns the tables, and has switched the triggers off."""
        if "://" in self.where:
            _in_postgres(self.where, statements)
            return
        with closing(sqlite3.connect(self.where)) as connection:
            made = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
            off, on = [f"DROP TRIGGER {name}" for name, _ in made], [sql for _, sql in made]
            for statement in (*off, *statements, *on):
                connection.execute(statement)
            connection.commit()


def _in_postgres(where: str, statements: tuple[str, ...]) -> None:
    with plain_postgres(where) as run:
        run("SET session_replication_role = replica")  # triggers do not fire
        for statement in statements:
            run(statement)


@contextmanager
def plain_postgres(where: str) -> Iterator[Callable[[str], object]]:
    """Gives a function that runs a statement, past hepar."""
    url = make_url(where).set(drivername="postgresql+psycopg")
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            yield connection.exec_driver_sql
    finally:
        engine.dispose()


@contextmanager
def place(kind: str, folder: Path) -> Iterator[str]:
    """Where a new store may be made: a file, or a schema of its own."""
    if kind == "sqlite":
        yield str(folder / "study.db")
        return
    schema = f"hepar_{secrets.token_hex(6)}"
    _in_postgres(POSTGRES, (f"CREATE SCHEMA {schema}",))
    try:
        url = make_url(POSTGRES).update_query_dict({"options": f"-csearch_path={schema}"})
        yield url.render_as_string(hide_password=False)
    finally:
        _in_postgres(POSTGRES, (f"DROP SCHEMA {schema} CASCADE",))


@contextmanager
def team(kind: str, folder: Path, *, key: bytes | None = None) -> Iterator[Team]:
    """A new store with its users; passwords cost next to nothing to check."""
    with (
        place(kind, folder) as where,
        patch.multiple(credentials, LOG2_N=2, P=1),
        create_store(where, administrator="ada", password=PASSWORD, key=key) as store,
    ):
        ada = store.login("ada", PASSWORD)
        for name, role, site in (
            ("li", "data entry", "zj"),
            ("wu", "data entry", "wh"),
            ("ines", "investigator", ""),
            ("mo", "monitor", ""),
            ("rita", "reader", ""),
        ):
            ada.add_user(name, PASSWORD, role=role, site=site)
        others = [store.login(name, PASSWORD) for name in ("li", "wu", "ines", "mo", "rita")]
        yield Team(where, store, ada, *others)


def tables() -> list[str]:
    """Names of all tables."""
    return sorted(METADATA.tables)
