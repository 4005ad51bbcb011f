"""Reading a store: what a record holds, and who changed it when and why."""

from collections.abc import Iterable

from sqlalchemy import select

from ..core.errors import DataError
from ..io.redcap.sheet import sheet_text
from .desk import Work
from .entry import Entry
from .tables import AUDIT, PARTICIPANTS
from .writing import Place, standing_at

HISTORY = (
    "at",
    "actor",
    "role",
    "action",
    "site",
    "participant",
    "event",
    "instrument",
    "instance",
    "field",
    "old",
    "new",
    "reason",
    "seq",
)
"""Columns of a history as a table."""


def values_at(work: Work, place: Place) -> dict[str, str]:
    """What a record holds, without what is empty."""
    _refuse_unknown(work, place.participant)
    return {name: now.value for name, now in sorted(standing_at(work, place).items()) if now.value}


def participants(work: Work) -> tuple[str, ...]:
    """The participants of the user's sites."""
    chosen = select(PARTICIPANTS.c.participant).order_by(PARTICIPANTS.c.participant)
    if work.clerk.site:
        chosen = chosen.where(PARTICIPANTS.c.site == work.clerk.site)
    return tuple(work.connection.execute(chosen).scalars())


def history(work: Work, participant: str | None, *, field: str | None) -> tuple[Entry, ...]:
    """Whatever the trail says of a participant, or of all those of the user's sites, oldest first."""
    chosen = select(AUDIT).where(AUDIT.c.participant != "").order_by(AUDIT.c.seq)
    if participant is not None:
        _refuse_unknown(work, participant)
        chosen = chosen.where(AUDIT.c.participant == participant)
    elif work.clerk.site:
        own = select(PARTICIPANTS.c.participant).where(PARTICIPANTS.c.site == work.clerk.site)
        chosen = chosen.where(AUDIT.c.participant.in_(own))
    if field is not None:
        chosen = chosen.where(AUDIT.c.field == field)
    return tuple(Entry(*row) for row in work.connection.execute(chosen))


def _refuse_unknown(work: Work, participant: str) -> None:
    site = work.site_of(participant)
    if site is None:
        raise DataError(f"the store has no participant {participant!r}; check the identifier")
    work.require_site(site, "view", participant=participant)


def history_csv(entries: Iterable[Entry]) -> str:
    """A history as CSV, with the columns of `HISTORY`."""
    return sheet_text(HISTORY, [[str(getattr(entry, name)) for name in HISTORY] for entry in entries])
