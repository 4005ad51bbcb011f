"""Rows of a trail that do not follow from those before: well sealed, and yet none that the store would have written.

Whoever holds the database can switch the triggers off, add a row by hand, and switch them on again.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, text

from .chain import Fault
from .roles import RIGHTS
from .streaming import streamed
from .tables import KEY

_SET = "('enter', 'change')"
_NAMES = "('user', 'lock', 'unlock')"
"""Written as in the index `audit_by_name`, without which SQLite would not use it."""
_ROLES = f"({', '.join(repr(role) for role in RIGHTS)})"
_ITEM = " AND ".join(f'b."{name}" = a."{name}"' for name in KEY)
_ENROL = (
    "b.action = 'enrol' AND b.participant = a.participant AND b.event = '' AND b.field = '' AND b.seq < a.seq"
)
_BEFORE = f"""coalesce((SELECT b."new" FROM audit b WHERE {_ITEM} AND b.action IN {_SET} AND b.seq < a.seq
 ORDER BY b.seq DESC LIMIT 1), '')"""
_USER = f"""coalesce((SELECT b."new" FROM audit b WHERE b.field = a.actor AND b.action IN {_NAMES}
 AND b.action = 'user' AND b.seq < a.seq ORDER BY b.seq DESC LIMIT 1), '')"""
_OPENED = f"""coalesce((SELECT min(c.seq) FROM audit c WHERE c.field = b.field AND c.action IN {_NAMES}
 AND c.action = 'unlock' AND c.seq > b.seq), 9223372036854775807)"""


@dataclass(frozen=True, slots=True)
class Rule:
    """A row `a` of the trail for which the SQL expression `when` is true was not written by the store."""

    when: str
    what: str
    rows: str = "audit a"


RULES = (
    Rule(f'a.action IN {_SET} AND a."old" <> {_BEFORE}', "says that another value stood there than did"),
    Rule("a.action = 'change' AND trim(a.reason) = ''", "changes a value without a reason"),
    Rule(
        f"a.action = 'enrol' AND EXISTS (SELECT 1 FROM audit b WHERE {_ENROL})",
        "enrols a participant again, who stays at the site of the first time",
    ),
    Rule(
        f"a.action IN {_SET} AND NOT EXISTS (SELECT 1 FROM audit b WHERE {_ENROL} AND b.site = a.site)",
        "writes to a participant whom no row before enrols at that site",
    ),
    Rule(
        f"b.action = 'lock' AND a.seq > b.seq AND a.seq < {_OPENED}"
        " AND a.action IN ('enter', 'change', 'enrol') AND b.site IN ('', a.site)",
        "was written while the data set was locked",
        rows="audit b CROSS JOIN audit a",  # the locks first, which are few
    ),
    Rule(
        f"a.seq > 2 AND a.action NOT IN ('login refused', 'refused') AND (a.role NOT IN {_ROLES}"
        f' OR {_USER} NOT LIKE \'{{"active": true,%"role": "\' || a.role || \'"%\')',
        "is signed by somebody who was no active user of that role",
    ),
)


def unfounded(connection: Connection) -> Iterator[Fault]:
    """Rows that break a rule, by rule."""
    for rule in RULES:
        query = f"SELECT DISTINCT a.seq FROM {rule.rows} WHERE {rule.when} ORDER BY a.seq"
        for (seq,) in streamed(connection, text(query.replace(":", "\\:"))):
            yield Fault(seq, f"{rule.what}: it was added past the store")
