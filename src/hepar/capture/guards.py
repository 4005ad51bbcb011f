"""Triggers of both databases: the trail only grows, and nothing else changes but as the trail says.

A program adds rows to the trail and the database does the rest: it moves the head, and carries each row over to the
table it concerns. A change of such a table that no row of the trail explains is refused, whoever tries it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import Connection

from .tables import KEY, PROJECTIONS, Projection

Event = Literal["INSERT", "UPDATE", "DELETE"]
_ITEM = " AND ".join(f'i."{name}" = NEW."{name}"' for name in KEY)
_NEXT = "NOT EXISTS (SELECT 1 FROM head h WHERE h.seq = NEW.seq - 1 AND h.hash = NEW.prev)"
_LOCKED = (
    "NEW.action IN ('enter', 'change', 'enrol') AND EXISTS "
    "(SELECT 1 FROM locks l WHERE l.digest <> '' AND l.site IN ('', NEW.site))"
)
_OTHER_VALUE = (
    "NEW.action IN ('enter', 'change') AND "
    f"NEW.\"old\" <> coalesce((SELECT i.value FROM items i WHERE {_ITEM}), '')"
)
_OTHER_SITE = (
    "NEW.action IN ('enter', 'change') AND NOT EXISTS "
    "(SELECT 1 FROM participants p WHERE p.participant = NEW.participant AND p.site = NEW.site)"
)
_OTHER_HEAD = (
    "NEW.seq <> OLD.seq + 1 OR NOT EXISTS (SELECT 1 FROM audit a WHERE a.seq = NEW.seq AND a.hash = NEW.hash)"
)


@dataclass(frozen=True, slots=True)
class Guard:
    """Refuses an `event` on `table` where the SQL expression `when` is true."""

    name: str
    table: str
    event: Event
    when: str
    message: str


def guards() -> tuple[Guard, ...]:
    """All of them."""
    return (
        Guard("a_next", "audit", "INSERT", _NEXT, "not the next row"),
        Guard("b_locked", "audit", "INSERT", _LOCKED, "locked"),
        Guard("c_old", "audit", "INSERT", _OTHER_VALUE, "not the old value"),
        Guard("d_site", "audit", "INSERT", _OTHER_SITE, "not the site of the participant"),
        Guard("no_update", "audit", "UPDATE", "1 = 1", "the trail only grows"),
        Guard("no_delete", "audit", "DELETE", "1 = 1", "the trail only grows"),
        Guard("head", "head", "UPDATE", _OTHER_HEAD, "the head follows the trail"),
        Guard("no_insert", "head", "INSERT", "1 = 1", "the head follows the trail"),
        Guard("no_delete", "head", "DELETE", "1 = 1", "the head follows the trail"),
        *[guard for projection in PROJECTIONS for guard in _of(projection)],
    )


def _of(projection: Projection) -> Iterator[Guard]:
    table = projection.table.name
    explained = (
        f"EXISTS (SELECT 1 FROM audit a WHERE a.seq = NEW.seq AND a.action IN {projection.chosen} "
        f"AND {projection.same('NEW', 'a', values=True)})"
    )
    own = " AND ".join(f'o."{name}" = NEW."{name}"' for name in projection.keys)
    later = f"coalesce((SELECT o.seq FROM {table} o WHERE {own}), 0) >= NEW.seq"
    moved = " OR ".join(f'OLD."{name}" <> NEW."{name}"' for name in (*projection.keys, *projection.values))
    message = f"{table} follow the trail"
    yield Guard("insert", table, "INSERT", f"NOT {explained} OR {later}", message)
    yield Guard("no_delete", table, "DELETE", "1 = 1", message)
    unexplained = f"NEW.seq < OLD.seq OR NOT {explained}"
    yield Guard("update", table, "UPDATE", f"(NEW.seq <> OLD.seq OR {moved}) AND ({unexplained})", message)


def _carried(projection: Projection) -> str:
    """SQL that carries the new row of the trail over to a table."""
    pairs = {**projection.keys, **projection.values, "seq": "seq"}
    columns, taken = ", ".join(f'"{n}"' for n in pairs), ", ".join(f'NEW."{n}"' for n in pairs.values())
    keys = ", ".join(f'"{name}"' for name in projection.keys)
    updates = ", ".join(f'"{name}" = excluded."{name}"' for name in (*projection.values, "seq"))
    table = projection.table.name
    return f"INSERT INTO {table} ({columns}) VALUES ({taken}) ON CONFLICT ({keys}) DO UPDATE SET {updates}"


_MOVED_HEAD = "UPDATE head SET seq = NEW.seq, hash = NEW.hash"


def triggers_of(connection: Connection) -> Iterator[tuple[str, str]]:
    """Name of each trigger and the statements that make it, in the database that is connected."""
    if connection.dialect.name == "sqlite":
        return _in_sqlite()
    return _in_postgres(str(connection.exec_driver_sql("SELECT quote_ident(current_schema())").scalar()))


def _in_sqlite() -> Iterator[tuple[str, str]]:
    for guard in guards():
        name = f"{guard.table}_{guard.name}"
        yield (
            name,
            f"CREATE TRIGGER {name} BEFORE {guard.event} ON {guard.table} "
            f"WHEN {guard.when} BEGIN SELECT RAISE(ABORT, 'hepar: {guard.message}'); END",
        )
    yield "audit_head", f"CREATE TRIGGER audit_head AFTER INSERT ON audit BEGIN {_MOVED_HEAD}; END"
    for projection in PROJECTIONS:
        name = f"audit_to_{projection.table.name}"
        yield (
            name,
            f"CREATE TRIGGER {name} AFTER INSERT ON audit "
            f"WHEN NEW.action IN {projection.chosen} BEGIN {_carried(projection)}; END",
        )


def _in_postgres(schema: str) -> Iterator[tuple[str, str]]:
    """What carries rows over runs with the rights of the owner of the tables in `schema`.

    So the program's own role needs no right but to add rows to the trail.
    """
    for guard in guards():
        name, back = f"{guard.table}_{guard.name}", "OLD" if guard.event == "DELETE" else "NEW"
        body = f"IF {guard.when} THEN {_raised(guard.message)}; END IF; RETURN {back};"
        when = f"BEFORE {guard.event} ON {guard.table} FOR EACH ROW"
        yield name, _function(name, body, schema=schema) + _trigger(name, when)
    carried = " ".join(f"IF NEW.action IN {p.chosen} THEN {_carried(p)}; END IF;" for p in PROJECTIONS)
    body = f"{_MOVED_HEAD}; {carried} RETURN NULL;"
    when = "AFTER INSERT ON audit FOR EACH ROW"
    yield "audit_carried", _function("audit_carried", body, schema=schema) + _trigger("audit_carried", when)
    for table in ("audit", "head", *(projection.table.name for projection in PROJECTIONS)):
        name = f"{table}_no_truncate"
        body = f"{_raised('nothing is emptied')}; RETURN NULL;"
        when = f"BEFORE TRUNCATE ON {table} FOR EACH STATEMENT"
        yield name, _function(name, body, schema=schema) + _trigger(name, when)


def _raised(message: str) -> str:
    return f"RAISE EXCEPTION 'hepar: {message}' USING ERRCODE = 'integrity_constraint_violation'"


def _function(name: str, body: str, *, schema: str) -> str:
    """The path is fixed, temporary tables last: nobody can put a table of their own before one of the store."""
    return (
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER "
        f"SET search_path = {schema}, pg_temp AS $$ BEGIN {body} END $$; "
    )


def _trigger(name: str, when: str) -> str:
    return f"CREATE TRIGGER {name} {when} EXECUTE FUNCTION {name}()"
