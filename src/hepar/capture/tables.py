"""Tables of the store: the trail, and what it amounts to (records, sites, users, locks, queries)."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    text,
)

from .entry import COLUMNS

TEXT = Text().with_variant(Text(collation="C"), "postgresql")
"""Compared byte by byte, so that both databases sort alike."""
METADATA = MetaData()
KEY = ("participant", "event", "instrument", "instance", "field")


def _texts(*names: str, key: bool = False) -> list[Column[str]]:
    return [Column(name, TEXT, nullable=False, primary_key=key) for name in names]


def _seq() -> Column[int]:
    """The row of the trail that last changed this one."""
    return Column("seq", Integer, nullable=False)


AUDIT = Table(
    "audit",
    METADATA,
    Column("seq", Integer, primary_key=True, autoincrement=False),
    *_texts(*COLUMNS[1:]),
    CheckConstraint("action <> 'change' OR reason <> ''", name="a_change_has_a_reason"),
    CheckConstraint("action <> 'enter' OR old = ''", name="what_is_entered_was_empty"),
)
HEAD = Table(
    "head",
    METADATA,
    Column("id", Integer, CheckConstraint("id = 1"), primary_key=True, autoincrement=False),
    _seq(),
    *_texts("hash"),
)
PARTICIPANTS = Table("participants", METADATA, *_texts("participant", key=True), *_texts("site"), _seq())
ITEMS = Table(
    "items",
    METADATA,
    *_texts(*KEY, key=True),
    *_texts("value"),
    _seq(),
    ForeignKeyConstraint(["participant"], ["participants.participant"]),
)
USERS = Table(
    "users",
    METADATA,
    *_texts("name", key=True),
    *_texts("state"),
    _seq(),
    Column("credential", TEXT, nullable=False, server_default=""),
    Column("failures", Integer, nullable=False, server_default="0"),
    Column("closed_until", TEXT, nullable=False, server_default=""),
)
LOCKS = Table("locks", METADATA, *_texts("name", key=True), *_texts("site", "digest"), _seq())
QUERIES = Table("queries", METADATA, *_texts("key", key=True), *_texts(*KEY, "site", "state"), _seq())
FIELDS = Table(
    "fields",
    METADATA,
    *_texts("name", key=True),
    *_texts("form"),
    Column("place", Integer, nullable=False),
    Column("hidden", Integer, nullable=False),
    Column("identifier", Integer, nullable=False),
)
Index("audit_by_item", *[AUDIT.c[name] for name in KEY], AUDIT.c.seq)
for _name, _column, _actions in (
    ("audit_by_name", "field", "('user', 'lock', 'unlock')"),
    ("audit_by_query", "old", "('raise', 'answer', 'close')"),
):
    _where = text(f"action IN {_actions}")
    Index(_name, AUDIT.c[_column], AUDIT.c.seq, sqlite_where=_where, postgresql_where=_where)


@dataclass(frozen=True, slots=True)
class Projection:
    """A table that holds, for each key, what the last row of the trail with one of `actions` says.

    `keys` and `values` give for a column of the table the column of the trail it is taken from.
    """

    table: Table
    actions: tuple[str, ...]
    keys: Mapping[str, str]
    values: Mapping[str, str] = field(default_factory=dict)

    @property
    def chosen(self) -> str:
        """The actions as SQL."""
        return f"({', '.join(repr(action) for action in self.actions)})"

    def same(self, left: str, right: str, *, values: bool = False) -> str:
        """SQL: whether row `left` of the table and row `right` of the trail have the same key (and values)."""
        pairs = {**self.keys, **(self.values if values else {})}
        return " AND ".join(f'{left}."{own}" = {right}."{theirs}"' for own, theirs in pairs.items())


PROJECTIONS = (
    Projection(ITEMS, ("enter", "change"), {name: name for name in KEY}, {"value": "new"}),
    Projection(PARTICIPANTS, ("enrol",), {"participant": "participant"}, {"site": "site"}),
    Projection(USERS, ("user",), {"name": "field"}, {"state": "new"}),
    Projection(LOCKS, ("lock", "unlock"), {"name": "field"}, {"site": "site", "digest": "new"}),
    Projection(
        QUERIES,
        ("raise", "answer", "close"),
        {"key": "old"},
        {**{name: name for name in KEY}, "site": "site", "state": "action"},
    ),
)
