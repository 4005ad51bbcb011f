"""The database below a store: SQLite or PostgreSQL, transactions that one writer has at a time, and plain errors."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError
from sqlalchemy.pool import QueuePool

from ..core.errors import DataError, HeparError, ProtocolError, RunError, choices
from ..core.packages import how_to_install
from .errors import RefusedError
from .read_only import ReadOnlyFile

PATIENCE_S = 60
"""How long a writer waits for the others."""
_WRITES = "hepar_writes"
_POSTGRES = ("postgresql", "postgres", "postgresql+psycopg")
_LOCK_NUMBER = 4735921
"""Of the advisory lock that a writer holds in PostgreSQL."""


@dataclass(frozen=True, slots=True)
class Database:
    """A connected database; `name` is its path or its URL without password."""

    engine: Engine
    name: str
    seal_key: bytes | None = field(default=None, repr=False)
    file: ReadOnlyFile | None = None
    """Set where the store is a file that cannot be written here."""

    @property
    def read_only(self) -> bool:
        """Whether nothing can be written: what is read then stands in no trail."""
        return self.file is not None

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that no other writer can come between; nothing of it stays where it fails."""
        with refused_plainly(self.name), self.engine.connect() as connection:
            connection = connection.execution_options(**{_WRITES: True})
            with connection.begin():
                if self.engine.dialect.name == "postgresql":
                    connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK_NUMBER})")
                yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction that sees one state of the store, whatever others write meanwhile."""
        with self._unchanged(), refused_plainly(self.name), self.engine.connect() as connection:
            if self.engine.dialect.name == "postgresql":
                connection = connection.execution_options(isolation_level="REPEATABLE READ")
            with connection.begin():
                yield connection

    @contextmanager
    def _unchanged(self) -> Iterator[None]:
        """Refuses what was read, and any fault found in it, where somebody wrote meanwhile."""
        try:
            yield
        except HeparError:
            if self.file is not None:
                self.file.refuse_changed()
            raise
        if self.file is not None:
            self.file.refuse_changed()

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()


def connect(where: str | Path, *, key: bytes | None = None, new: bool = False) -> Database:
    """The database at `where`, a path (SQLite) or a URL of PostgreSQL; a `new` file is the user's alone to read.

    Raises:
        ProtocolError: the URL names another kind of database.
        DataError: the file does not exist, or with `new` does.
    """
    if "://" in str(where):
        url = _postgres_url(str(where))
        name = url.set(drivername="postgresql").render_as_string(hide_password=True)
        return Database(_postgres(url), name, key)
    path = Path(where)
    _refuse_path(path, new=new)
    file = ReadOnlyFile.at(path)
    return Database(_sqlite(path) if file is None else _read_only(file), str(path), key, file)


def _postgres_url(where: str) -> URL:
    try:
        url = make_url(where)
    except (ArgumentError, ValueError):
        raise ProtocolError(
            "the URL of the database cannot be read; it is postgresql://USER@HOST:PORT/NAME"
        ) from None
    if url.drivername not in _POSTGRES:
        what = choices(url.drivername, ["postgresql"])
        raise ProtocolError(f"a store is a file (SQLite) or postgresql://..., not {url.drivername}; {what}")
    return url.set(drivername="postgresql+psycopg")


def _postgres(url: URL) -> Engine:
    try:
        return create_engine(url, hide_parameters=True, connect_args={"connect_timeout": 10})
    except (NoSuchModuleError, ModuleNotFoundError):
        raise ProtocolError(f"PostgreSQL {how_to_install('psycopg')}") from None


def _refuse_path(path: Path, *, new: bool) -> None:
    if new:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        except FileExistsError:
            raise DataError(f"{path}: exists already; name a new file") from None
    elif not path.is_file():
        raise DataError(f"{path}: there is no such store; make one with: hepar store init --db {path}")


def _sqlite(path: Path) -> Engine:
    engine = create_engine(
        URL.create("sqlite", database=str(path)),
        hide_parameters=True,
        connect_args={"timeout": PATIENCE_S, "check_same_thread": False},
    )
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "connect", _keep_beside)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _read_only(file: ReadOnlyFile) -> Engine:
    def opened() -> sqlite3.Connection:
        return sqlite3.connect(file.uri, uri=True, timeout=PATIENCE_S, check_same_thread=False)

    engine = create_engine("sqlite://", hide_parameters=True, creator=opened, poolclass=QueuePool)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None
    # a byte that somebody changed in the file must not keep the trail from being read and its row from being named
    connection.text_factory = partial(str, encoding="utf-8", errors="surrogateescape")
    for pragma in ("synchronous = FULL", "foreign_keys = ON", "recursive_triggers = ON"):
        connection.execute(f"PRAGMA {pragma}").close()


def _keep_beside(connection: sqlite3.Connection, _record: object) -> None:
    """What is written goes to a file beside first, so that readers and a writer do not wait for one another."""
    connection.execute("PRAGMA journal_mode = WAL").close()


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get(_WRITES)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@contextmanager
def refused_plainly(name: str) -> Iterator[None]:
    """Errors of the database as ours: no statement, no value, no password in them."""
    try:
        yield
    except DBAPIError as error:
        raise _plain(name, error) from None


def _plain(name: str, error: DBAPIError) -> HeparError:
    said = str(error.orig).lower()
    state = str(getattr(error.orig, "sqlstate", "") or "")
    if "hepar: locked" in said:
        return RefusedError("the data set is locked; unlock it first", wanted="enter")
    if "hepar: " in said:
        rule = said.partition("hepar: ")[2].partition("\n")[0]
        return RunError(f"{name}: the database refused a row ({rule}); nothing of it was stored")
    for sign, what in _SIGNS.items():
        if sign in said or sign == state:
            return RunError(f"{name}: {what}")
    return RunError(f"{name}: the database refused ({type(error.orig).__name__} {state}); nothing was stored")


_FULL = "there is no room left on the disk; nothing of this was stored: make room and do it again"
_DAMAGED = "is damaged or not a store; take the last backup, and compare it with the last anchor"
_RIGHTS = "this account of the database may not do this; see: hepar store grants"
_NO_TABLE = (
    "lacks a table: it is no store (hepar store init makes one), or somebody dropped the table, and the last backup has"
    " to be compared with the last anchor"
)
_SIGNS = {
    "full": _FULL,
    "disk i/o error": "cannot be written (no room, or the disk fails); nothing of this was stored",
    "53100": _FULL,
    "locked": f"another program has held it for {PATIENCE_S} s; nothing of this was stored: do it again",
    "readonly": "may not be written here; check the rights of the file and its folder, or copy it",
    "unable to open": "cannot be opened; check the path and the rights of the file and its folder",
    "not a database": _DAMAGED,
    "malformed": _DAMAGED,
    "no such table": _NO_TABLE,
    "42P01": _NO_TABLE,
    "already exists": "holds a store already",
    "42501": _RIGHTS,
    "password": "the account or its password is wrong; give the password by ~/.pgpass or PGPASSWORD",
    "connection": "cannot be reached; check host, port and name of the database, and that it runs",
}
"""What a database says, or its SQLSTATE -> what to tell; the first that fits."""
