"""Locking a data set: a digest of its content, and no write until it is unlocked with a reason."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, select

from ..core.errors import DataError, ProtocolError
from .chain import Anchor
from .desk import Work
from .entry import Draft
from .ledger import head_of
from .streaming import streamed
from .tables import AUDIT, ITEMS, KEY, LOCKS, PARTICIPANTS


@dataclass(frozen=True, slots=True)
class Lock:
    """A lock: of one site or, with "", of all; `held` until it is unlocked. `digest` is what was locked."""

    name: str
    site: str
    digest: str
    held: bool
    at: str
    by: str
    role: str
    unchanged: bool
    """Whether the content now is what was locked."""


def content_rows(connection: Connection, *, site: str = "") -> Iterator[tuple[str, ...]]:
    """Site, participant, event, repeated form, instance, field and value of whatever is not empty, sorted."""
    columns = [PARTICIPANTS.c.site, *[ITEMS.c[name] for name in (*KEY, "value")]]
    chosen = select(*columns).join(PARTICIPANTS, PARTICIPANTS.c.participant == ITEMS.c.participant)
    chosen = chosen.where(ITEMS.c.value != "").order_by(*[ITEMS.c[name] for name in KEY])
    if site:
        chosen = chosen.where(PARTICIPANTS.c.site == site)
    for row in streamed(connection, chosen):
        yield tuple(row)


def content_digest(connection: Connection, *, site: str = "") -> str:
    """SHA-256 of the content: one JSON list a line, in the order and with the parts of `content_rows`."""
    digest = hashlib.sha256()
    for row in content_rows(connection, site=site):
        line = json.dumps(row, ensure_ascii=False, separators=(",", ":"))
        digest.update(line.encode("utf-8", "surrogatepass") + b"\n")
    return digest.hexdigest()


def lock(work: Work, name: str) -> Lock:
    """Lock what the user's sites hold."""
    if not name or not name.isprintable():
        raise ProtocolError("a lock needs a name, e.g. primary-analysis")
    known = work.connection.execute(select(LOCKS).where(LOCKS.c.name == name)).first()
    if known is not None and known.digest:
        raise ProtocolError(
            f"the data set is locked as {name!r} already; unlock it first, or use another name"
        )
    if known is not None and known.site != work.clerk.site:
        raise ProtocolError(f"the lock {name!r} is of other sites; use another name")
    if not any(content_rows(work.connection, site=work.clerk.site)):
        raise ProtocolError("there is nothing to lock: the data set holds no value yet")
    digest = content_digest(work.connection, site=work.clerk.site)
    work.record([Draft("lock", field=name, new=digest)])
    return _named(work, name)


def unlock(work: Work, name: str, reason: str) -> Lock:
    """Unlock; what was locked stays in the trail."""
    found = _named(work, name)
    work.require_site(found.site, "unlock")
    if not found.held:
        raise ProtocolError(f"the lock {name!r} is open already")
    if not reason.strip():
        raise ProtocolError("unlocking needs a reason")
    work.record([Draft("unlock", field=name, old=found.digest, reason=reason.strip(), site=found.site)])
    return _named(work, name)


def locks(work: Work) -> tuple[Lock, ...]:
    """The locks that concern the user's sites, by name."""
    names = work.connection.execute(select(LOCKS.c.name).order_by(LOCKS.c.name)).scalars().all()
    found = [_named(work, name) for name in names]
    return tuple(one for one in found if not work.clerk.site or one.site in ("", work.clerk.site))


def _named(work: Work, name: str) -> Lock:
    here = select(LOCKS.c.site, LOCKS.c.digest, LOCKS.c.seq).where(LOCKS.c.name == name)
    row = work.connection.execute(here).first()
    if row is None:
        raise DataError(f"there is no lock {name!r}")
    last = work.connection.execute(select(AUDIT).where(AUDIT.c.seq == row.seq)).one()
    digest = row.digest or last.old
    unchanged = digest == content_digest(work.connection, site=row.site)
    return Lock(name, row.site, digest, bool(row.digest), last.at, last.actor, last.role, unchanged)


def head_now(connection: Connection) -> Anchor:
    """The head of the trail as an anchor."""
    head = head_of(connection)
    return Anchor(head.seq, head.hash)
