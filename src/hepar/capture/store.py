"""A store: a study database with an audit trail, opened by a user with a password."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType

from sqlalchemy import insert

from .chain import Anchor, Verdict
from .database import Database, connect
from .desk import Desk
from .entry import START, Draft, algorithm
from .errors import RefusedError
from .guards import triggers_of
from .ledger import About, Clerk, Clock, record, refuse_other_key, stamp, utc_now
from .locking import head_now
from .session import Session
from .tables import HEAD, METADATA
from .users import (
    CLOSED_FOR,
    WRONG,
    account_of,
    admitted,
    count_failure,
    forget_failures,
    keep_credential,
    new_user,
    proof,
)
from .verify import verify_database


@dataclass(frozen=True, slots=True)
class Store:
    """An open store; what can be done without logging in is to log in, to verify and to note the head."""

    _desk: Desk = field(repr=False)

    @property
    def name(self) -> str:
        """Its path, or its URL without password."""
        return self._desk.database.name

    @property
    def read_only(self) -> bool:
        """Whether nothing can be written here, so that neither a login nor an export stands in the trail."""
        return self._desk.database.read_only

    def login(self, user: str, password: str) -> Session:
        """A session of `user`; of a store that cannot be written here it reads, and nothing of it is recorded.

        Raises:
            RefusedError: a wrong name or password, or the account was deactivated, or is closed after five failures.
            RunError: the trail is sealed with another key.
        """
        desk = self._desk
        with desk.database.reading() as connection:
            refuse_other_key(connection, desk.database.seal_key)
            account = account_of(connection, user)
        moment = desk.clock()
        right = admitted(account, password, now=stamp(moment))
        if account is None or not right:
            if not self.read_only:
                self._note_failure(user if account else "")
            raise RefusedError(WRONG, wanted="login")
        if self.read_only:
            return Session(user, desk, proof(desk.secret, account))
        with desk.database.writing() as connection:
            now = account_of(connection, user)
            if now is None or not now.user.active or now.credential != account.credential:
                raise RefusedError(WRONG, wanted="login")  # changed since the password was checked
            forget_failures(connection, user)
            record(connection, [Draft("login")], clerk=now.user.clerk, seal=desk.seal, at=moment)
        return Session(user, desk, proof(desk.secret, now))

    def _note_failure(self, user: str) -> None:
        """Record a refused login; a name that is no user's may be a password in the wrong place, and is not."""
        desk = self._desk
        moment = desk.clock()
        with desk.database.writing() as connection:
            if user:
                count_failure(connection, user, closed_until=stamp(moment + CLOSED_FOR))
            account = account_of(connection, user) if user else None
            clerk = account.user.clerk if account else Clerk("(unknown)", "")
            record(connection, [Draft("login refused")], clerk=clerk, seal=desk.seal, at=moment)

    def anchor(self) -> Anchor:
        """The head of the trail, to be noted where nobody who can write the store can change it."""
        with self._desk.database.reading() as connection:
            return head_now(connection)

    def close(self) -> None:
        """Close the connections."""
        self._desk.database.close()

    def __enter__(self) -> "Store":
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.close()


def open_store(where: str | Path, *, key: bytes | None = None, clock: Clock = utc_now) -> Store:
    """The store at `where`, a path (SQLite) or postgresql://...; `key` is what its trail was sealed with, if any."""
    return Store(_desk(connect(where, key=key), clock))


def create_store(
    where: str | Path,
    *,
    administrator: str,
    password: str,
    key: bytes | None = None,
    clock: Clock = utc_now,
) -> Store:
    """A new store at `where` with its first user, an administrator of all sites; made whole or not at all.

    With a `key` (32 bytes or more, kept outside the database) the trail is sealed with HMAC-SHA256: whoever can write
    the database but has no key cannot seal a changed trail anew.
    """
    user, credential = new_user(administrator, password, role="administrator", site="")
    database = connect(where, key=key, new=True)
    desk = _desk(database, clock)
    with _undone_where_it_fails(where, database), database.writing() as connection:
        METADATA.create_all(connection, checkfirst=False)
        connection.execute(insert(HEAD), {"id": 1, "seq": 0, "hash": START})
        for _, statement in triggers_of(connection):
            connection.exec_driver_sql(statement)
        first = Draft("created", new=About(algorithm(key)).as_json())
        record(connection, [first, user.draft()], clerk=user.clerk, seal=desk.seal, at=clock())
        keep_credential(connection, user.name, credential)
    return Store(desk)


@contextmanager
def _undone_where_it_fails(where: str | Path, database: Database) -> Iterator[None]:
    """Leaves no empty file behind."""
    try:
        yield
    except BaseException:
        database.close()
        if "://" not in str(where):
            for ending in ("", "-wal", "-shm"):
                Path(f"{where}{ending}").unlink(missing_ok=True)
        raise


def _desk(database: Database, clock: Clock) -> Desk:
    return Desk(database, clock, secrets.token_bytes(32))


def verify(store: Store, *, key: bytes | None = None, anchor: Anchor | None = None) -> Verdict:
    """Verify a store: rows that were changed, deleted, inserted or moved, and tables that the trail does not explain.

    `key` is that of the store when omitted. Memory does not grow with the trail.

    Raises:
        RunError: the trail is sealed with a key and none is given, or the database itself is damaged.
    """
    database = store._desk.database
    return verify_database(database, key=key or database.seal_key, anchor=anchor)
