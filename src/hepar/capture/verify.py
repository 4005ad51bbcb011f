"""Verification of a store: its trail is whole, and its tables are exactly what the trail amounts to."""

import json
from collections.abc import Iterator

from sqlalchemy import Connection, select, text

from ..core.errors import DataError, RunError
from .chain import Anchor, Fault, Findings, Verdict, Walk, entry_of, verdict
from .credentials import text_digest
from .database import Database
from .entry import algorithm, sealer
from .guards import triggers_of
from .ledger import about, head_or_none
from .replay import unfounded
from .streaming import streamed
from .tables import AUDIT, FIELDS, PROJECTIONS, USERS, Projection

_TRIGGERS = (
    "SELECT t.tgname, p.prosrc FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid"
    " JOIN pg_proc p ON p.oid = t.tgfoid WHERE NOT t.tgisinternal AND t.tgenabled IN ('O', 'A')"
    " AND c.relnamespace = current_schema()::regnamespace"
    " AND c.relname IN ('audit', 'head', 'participants', 'users', 'locks', 'queries', 'fields', 'items')"
)
"""Those that run, on the tables of the store, with what they do; those of foreign keys are the database's own."""


def verify_database(database: Database, *, key: bytes | None, anchor: Anchor | None) -> Verdict:
    """Walk the trail, then compare every table with it; see `verify`."""
    findings = Findings()
    with database.reading() as connection:
        refuse_unfit_key(connection, key)
        walk = Walk(sealer(key), anchor)
        head = head_or_none(connection)
        for row in streamed(connection, select(AUDIT).order_by(AUDIT.c.seq)):
            findings.add(walk.step(entry_of(row)))
        findings.add(walk.end(Anchor(head.seq, head.hash) if head else None))
        findings.add([] if head else [Fault(walk.seq, "the head that follows this row was deleted")])
        if not findings.n:  # of a trail that was changed, other rows would be blamed
            findings.add(unfounded(connection))
        for projection in PROJECTIONS:
            findings.add(_unexplained(connection, projection))
            findings.add(_uncarried(connection, projection))
        findings.add(_replaced_credentials(connection))
        findings.add(_other_fields(connection))
        findings.add(_missing_triggers(connection, walk.seq))
    return verdict(walk, findings, keyed=key is not None, notes=(*_notes(key, anchor), *walk.notes()))


def refuse_unfit_key(connection: Connection, key: bytes | None) -> None:
    """Refuse a key where none was used, and none where one was: every row would look wrong."""
    try:
        said = about(connection)
    except DataError:
        return  # the first row was changed, which the walk finds
    if said.chain != algorithm(key):
        needs = "is sealed with a key: give it" if key is None else "is sealed without a key: give none"
        raise RunError(f"the trail {needs} (--key, HEPAR_AUDIT_KEY)")


def _notes(key: bytes | None, anchor: Anchor | None) -> tuple[str, ...]:
    notes = []
    if key is None:
        notes.append("no key: who can write the database can also seal a changed trail anew")
    if anchor is None:
        notes.append("no anchor: rows cut off at the end together with the head would not be found")
    return tuple(notes)


def _unexplained(connection: Connection, projection: Projection) -> Iterator[Fault]:
    """Rows of a table that the trail does not explain, or no longer."""
    table = projection.table.name
    later = (
        f"EXISTS (SELECT 1 FROM audit a WHERE a.action IN {projection.chosen} "
        f"AND {projection.same('t', 'a')} AND a.seq > t.seq)"
    )
    explained = (
        f"EXISTS (SELECT 1 FROM audit a WHERE a.seq = t.seq AND a.action IN {projection.chosen} "
        f"AND {projection.same('t', 'a', values=True)})"
    )
    keys = ", ".join(f't."{name}"' for name in projection.keys)
    query = text(f"SELECT t.seq, {keys} FROM {table} t WHERE NOT {explained} OR {later} ORDER BY t.seq")
    for seq, *where in streamed(connection, query):
        named = _named(projection, where)
        yield Fault(seq, f"{named} was changed behind the trail, which set it in this row", table)


def _uncarried(connection: Connection, projection: Projection) -> Iterator[Fault]:
    """Rows of the trail whose effect is not there."""
    table = projection.table.name
    keys = ", ".join(f'a."{name}"' for name in projection.keys.values())
    query = text(
        f"SELECT max(a.seq), {keys} FROM audit a WHERE a.action IN {projection.chosen} AND NOT EXISTS "
        f"(SELECT 1 FROM {table} t WHERE {projection.same('t', 'a')}) GROUP BY {keys} ORDER BY 1"
    )
    for seq, *where in streamed(connection, query):
        yield Fault(
            seq, f"{_named(projection, where)} was deleted behind the trail, which set it in this row", table
        )


def _named(projection: Projection, key: list[str]) -> str:
    """A row of a table by its key, which holds names of the study's own and no value."""
    return f"the row {' / '.join(str(part) for part in key if part)} of {projection.table.name}"


def _replaced_credentials(connection: Connection) -> Iterator[Fault]:
    for user in connection.execute(select(USERS.c.name, USERS.c.state, USERS.c.credential, USERS.c.seq)):
        try:
            kept = json.loads(user.state)["credential"]
        except (ValueError, KeyError, TypeError):
            kept = None
        if kept != text_digest(user.credential):
            yield Fault(user.seq, f"the password of user {user.name} was replaced behind the trail", "users")


def fields_digest(connection: Connection) -> str:
    """What the trail says of a dictionary: SHA-256 of its fields as the store holds them."""
    rows = connection.execute(select(FIELDS).order_by(FIELDS.c.name))
    return text_digest(json.dumps([list(row) for row in rows], ensure_ascii=True))


def _other_fields(connection: Connection) -> Iterator[Fault]:
    query = select(AUDIT.c.seq, AUDIT.c.new).where(AUDIT.c.action == "dictionary")
    last = connection.execute(query.order_by(AUDIT.c.seq.desc()).limit(1)).first()
    if last is None and connection.execute(select(FIELDS.c.name).limit(1)).first() is not None:
        yield Fault(
            1, "the trail, which begins with this row, sets no dictionary, but there is one", "fields"
        )
    if last is not None and last.new != fields_digest(connection):
        yield Fault(
            last.seq, "the dictionary was changed behind the trail, which set it in this row", "fields"
        )


def _missing_triggers(connection: Connection, last: int) -> Iterator[Fault]:
    """Triggers that are not as they were made: whoever rewrites the trail has to switch them off first.

    One that somebody added could write what nobody entered.
    """
    wanted = dict(triggers_of(connection))
    if connection.dialect.name == "sqlite":
        query = text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
        there = list(connection.execute(query))
        sound = {name for name, made in there if wanted.get(name) == made}
    else:
        there = list(connection.execute(text(_TRIGGERS)))
        sound = {name for name, body in there if f"${body}$" in wanted.get(name, "")}
    for name in sorted(wanted.keys() - sound):
        yield Fault(last, f"the trigger {name} is switched off or was changed", "triggers")
    for name in sorted({name for name, _ in there} - wanted.keys()):
        yield Fault(last, f"the trigger {name} is none of the store's: it was added", "triggers")
