"""Queries of a store: raised, answered and closed, each step a row of the trail."""

import json
from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.engine import Row

from ..core.errors import DataError, ProtocolError
from ..data.crf.query import Query, State
from .desk import Work
from .entry import Draft, Entry
from .tables import AUDIT, KEY, QUERIES

STATES: dict[str, State] = {"raise": "open", "answer": "answered", "close": "closed"}


def raise_query(work: Work, query: Query) -> tuple[Entry, ...]:
    """Raise `query`; nothing happens where it is raised already and not closed."""
    site = work.site_of(query.participant)
    if site is None:
        raise DataError(f"the store has no participant {query.participant}; enter their record first")
    work.require_site(site, "raise", participant=query.participant)
    known = work.connection.execute(select(QUERIES.c.state).where(QUERIES.c.key == query.key)).scalar()
    if known in ("raise", "answer"):
        return ()
    said = {name: getattr(query, name) for name in ("form", "rule", "problem", "to_do", "value")}
    place = {name: getattr(query, name) for name in ("participant", "event", "instance", "field")}
    new = json.dumps(said, ensure_ascii=False, sort_keys=True)
    return work.record([Draft("raise", **place, old=query.key, new=new, site=site)])


def answer(work: Work, key: str, text: str) -> tuple[Entry, ...]:
    """Answer the query `key`."""
    return _step(work, key, "answer", text=text, allowed=("raise", "answer"))


def close(work: Work, key: str, reason: str) -> tuple[Entry, ...]:
    """Close the query `key`, with a reason."""
    return _step(work, key, "close", text=reason, allowed=("raise", "answer"))


def _step(work: Work, key: str, action: str, *, text: str, allowed: tuple[str, ...]) -> tuple[Entry, ...]:
    row = work.connection.execute(select(QUERIES).where(QUERIES.c.key == key)).first()
    if row is None:
        raise DataError(f"there is no query {key!r}; list them to see their keys")
    work.require_site(row.site, "answer" if action == "answer" else "close", participant=row.participant)
    if row.state not in allowed:
        raise ProtocolError(f"query {key} is {STATES[row.state]}; it cannot be {action}ed any more")
    if not text.strip():
        raise ProtocolError(f"query {key}: say the answer, or why it is closed")
    place = {name: row._mapping[name] for name in KEY}
    if action == "answer":
        return work.record([Draft("answer", **place, old=key, new=text.strip(), site=row.site)])
    return work.record([Draft("close", **place, old=key, reason=text.strip(), site=row.site)])


def queries(work: Work, *, state: State | None = None) -> tuple[Query, ...]:
    """The queries of the user's sites, in the order of participants."""
    chosen = select(QUERIES).order_by(QUERIES.c.participant, QUERIES.c.field, QUERIES.c.key)
    if work.clerk.site:
        chosen = chosen.where(QUERIES.c.site == work.clerk.site)
    found = [_query(work, row) for row in work.connection.execute(chosen).all()]
    return tuple(query for query in found if state in (None, query.state))


def _query(work: Work, row: Row[tuple[object, ...]]) -> Query:
    steps = work.connection.execute(
        select(AUDIT.c.action, AUDIT.c.new, AUDIT.c.actor)
        .where(AUDIT.c.action.in_(("raise", "answer", "close")), AUDIT.c.old == row.key)
        .order_by(AUDIT.c.seq)
    ).all()
    said = json.loads(next(step.new for step in steps if step.action == "raise"))
    query = Query(
        participant=row.participant,
        field=row.field,
        event=row.event,
        instance=row.instance,
        site=row.site,
        state=STATES[row.state],
        **said,
    )
    answers = [step for step in steps if step.action == "answer"]
    return replace(query, answer=answers[-1].new, answered_by=answers[-1].actor) if answers else query
