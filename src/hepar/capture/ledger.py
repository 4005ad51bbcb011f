"""Adding rows to the trail within a transaction; the database carries them over to the tables they concern."""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Literal, get_args

from sqlalchemy import Connection, insert, select

from ..core.errors import DataError, RunError
from .entry import COLUMNS, SEALED, Algorithm, Draft, Entry, Seal, algorithm, sealer
from .roles import Role
from .tables import AUDIT, HEAD

Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Clerk:
    """Who acts: an authenticated user with a role at a site, "" meaning all sites."""

    name: str
    role: Role | Literal[""]
    site: str = ""


@dataclass(frozen=True, slots=True)
class Head:
    """The last row of the trail."""

    seq: int
    hash: str


def utc_now() -> datetime:
    """The clock of the computer."""
    return datetime.now(UTC)


def stamp(moment: datetime) -> str:
    """`moment` as UTC to the millisecond, e.g. 2026-03-01T09:30:00.125Z."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def head_of(connection: Connection) -> Head:
    """The last row, as the database keeps it.

    Raises:
        DataError: there is none.
    """
    head = head_or_none(connection)
    if head is None:
        raise DataError("the store has no head: it is damaged; verify the trail and take the last backup")
    return head


def head_or_none(connection: Connection) -> Head | None:
    """The last row, as the database keeps it, if it does."""
    row = connection.execute(select(HEAD.c.seq, HEAD.c.hash)).first()
    return None if row is None else Head(row.seq, row.hash)


def record(
    connection: Connection, drafts: Sequence[Draft], *, clerk: Clerk, seal: Seal, at: datetime
) -> tuple[Entry, ...]:
    """Add `drafts` to the trail, in order; the transaction must be a writing one."""
    if not drafts:
        return ()
    head, moment = head_of(connection), stamp(at)
    entries: list[Entry] = []
    for draft in drafts:
        entry = _sealed(draft, head, clerk=clerk, seal=seal, at=moment)
        entries.append(entry)
        head = Head(entry.seq, entry.hash)
    connection.execute(insert(AUDIT), [{name: getattr(entry, name) for name in COLUMNS} for entry in entries])
    return tuple(entries)


def _sealed(draft: Draft, head: Head, *, clerk: Clerk, seal: Seal, at: str) -> Entry:
    seq, site = head.seq + 1, clerk.site if draft.site is None else draft.site
    place = (draft.participant, draft.event, draft.instrument, draft.instance, draft.field)
    done = (draft.old, draft.new, draft.reason)
    texts = (at, clerk.name, clerk.role, site, draft.action, *place, *done, head.hash)
    return Entry(seq, *texts, seal((seq, *texts)))


@dataclass(frozen=True, slots=True)
class About:
    """What the first row of the trail says of the store."""

    chain: Algorithm
    version: int = 1

    def as_json(self) -> str:
        """As the first row holds it."""
        return json.dumps(asdict(self), sort_keys=True)


def entry_at(connection: Connection, seq: int) -> Entry | None:
    """Row `seq` of the trail."""
    row = connection.execute(select(AUDIT).where(AUDIT.c.seq == seq)).first()
    return None if row is None else Entry(*row)


def about(connection: Connection) -> About:
    """What the first row says.

    Raises:
        DataError: it says nothing that this version reads.
    """
    first = entry_at(connection, 1)
    try:
        said = json.loads(first.new) if first is not None else {}
        found = About(said["chain"], said["version"])
    except (ValueError, KeyError, TypeError):
        found = None
    if found is None or found.chain not in get_args(Algorithm):
        raise DataError("the first row of the trail is not that of a store; verify the trail")
    if found.version != 1:
        raise DataError(
            f"the store is of version {found.version}; this hepar reads version 1: use a newer one"
        )
    return found


def refuse_other_key(connection: Connection, key: bytes | None) -> None:
    """Refuse a key with which the last row was not sealed, so that nobody adds rows under another."""
    chain = about(connection).chain
    if chain != algorithm(key):
        needs = "is sealed with a key; give it" if key is None else "is sealed without a key; give none"
        raise RunError(f"the trail {needs} (--key, HEPAR_AUDIT_KEY)")
    last = entry_at(connection, head_of(connection).seq)
    if last is None or sealer(key)(tuple(getattr(last, name) for name in SEALED)) != last.hash:
        what = "verify the trail" if key is None else "give the key it was made with, or verify the trail"
        raise RunError(f"the last row of the trail does not carry this seal; {what}")
