"""Triggers of both databases: the trail only grows, and nothing else changes but as the trail says.

A program adds rows to the trail and the database does the rest: it moves the head, and carries each row over to the
table it concerns. A change of such a table that no row of the trail explains is refused, whoever tries it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

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


def sqlite_triggers() -> Iterator[str]:
    """Statements that make the triggers in SQLite."""
    for guard in guards():
        yield (
            f"CREATE TRIGGER {guard.table}_{guard.name} BEFORE {guard.event} ON {guard.table} "
            f"WHEN {guard.when} BEGIN SELECT RAISE(ABORT, 'hepar: {guard.message}'); END"
        )
    yield f"CREATE TRIGGER audit_head AFTER INSERT ON audit BEGIN {_MOVED_HEAD}; END"
    for projection in PROJECTIONS:
        yield (
            f"CREATE TRIGGER audit_to_{projection.table.name} AFTER INSERT ON audit "
            f"WHEN NEW.action IN {projection.chosen} BEGIN {_carried(projection)}; END"
        )


def postgres_triggers(schema: str) -> Iterator[str]:
    """Statements that make the triggers in PostgreSQL, for tables in `schema`.

    What carries rows over runs with the rights of the owner of the tables, so that the program's own role needs none
    but to add rows to the trail.
    """
    for guard in guards():
        name, back = f"{guard.table}_{guard.name}", "OLD" if guard.event == "DELETE" else "NEW"
        refusal = f"RAISE EXCEPTION 'hepar: {guard.message}' USING ERRCODE = 'integrity_constraint_violation'"
        yield _function(name, f"IF {guard.when} THEN {refusal}; END IF; RETURN {back};", schema=schema)
        yield _trigger(name, f"BEFORE {guard.event} ON {guard.table} FOR EACH ROW")
    carried = " ".join(f"IF NEW.action IN {p.chosen} THEN {_carried(p)}; END IF;" for p in PROJECTIONS)
    yield _function("audit_carried", f"{_MOVED_HEAD}; {carried} RETURN NULL;", schema=schema)
    yield _trigger("audit_carried", "AFTER INSERT ON audit FOR EACH ROW")
    refusal = "RAISE EXCEPTION 'hepar: nothing is emptied' USING ERRCODE = 'integrity_constraint_violation'"
    yield _function("never_emptied", f"{refusal}; RETURN NULL;", schema=schema)
    for table in ("audit", "head", *(projection.table.name for projection in PROJECTIONS)):
        made = f"BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION never_emptied()"
        yield f"CREATE TRIGGER {table}_no_truncate {made}"


def _function(name: str, body: str, *, schema: str) -> str:
    """The path is fixed, temporary tables last: nobody can put a table of their own before one of the store."""
    return (
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER "
        f"SET search_path = {schema}, pg_temp AS $$ BEGIN {body} END $$"
    )


def _trigger(name: str, when: str) -> str:
    return f"CREATE TRIGGER {name} {when} EXECUTE FUNCTION {name}()"
