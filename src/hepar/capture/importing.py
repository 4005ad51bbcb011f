"""Taking over a REDCap export: what is new is entered, what differs is changed, with one stated reason."""

from dataclasses import dataclass, replace

from sqlalchemy import func, select

from ..core.errors import DataError, ProtocolError
from ..data.crf.record import Export, Record
from .desk import Work
from .entry import Draft, Entry
from .errors import ConflictError
from .ledger import entry_at, head_of
from .tables import AUDIT
from .writing import Place, change, enrolment, identifiers, known_fields, site_for, standing_at, storable

_PLANNED = "-"
"""A reason in a plan, which is not recorded."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What taking over an export would record; `head` is the last row of the trail that it was made on."""

    drafts: tuple[Draft, ...]
    head: int
    left_out: tuple[str, ...] = ()
    """Columns that the dictionary of the store does not have, e.g. the time of a survey."""
    identifiers: tuple[str, ...] = ()
    """Fields that the dictionary marks as identifiers: a list of changes shows that they change, and no value."""

    def of(self, action: str) -> tuple[Draft, ...]:
        """Those that enrol, enter or change."""
        return tuple(draft for draft in self.drafts if draft.action == action)

    def __str__(self) -> str:
        counts = [f"{len(self.of(action))} to {action}" for action in ("enrol", "enter", "change")]
        return f"{', '.join(counts)}; made on row {self.head} of the trail"


def plan(work: Work, export: Export, *, reason: str = _PLANNED) -> Plan:
    """What would be recorded; nothing is."""
    _refuse_twice(export)
    left_out = unknown_columns(work, export)
    names = [name for name in _given(export) if name not in left_out]
    drafts: list[Draft] = []
    enrolled: set[str] = set()
    for record in export.records:
        drafts += _of(work, record, names=names, reason=reason, enrolled=enrolled)
        enrolled.add(record.participant)
    return Plan(tuple(drafts), head_of(work.connection).seq, left_out, identifiers(work))


def unknown_columns(work: Work, export: Export) -> tuple[str, ...]:
    """Columns of an export that the dictionary of the store does not have, and which are not taken over."""
    known = known_fields(work)
    return tuple(name for name in _given(export) if name not in known) if known else ()


def _given(export: Export) -> tuple[str, ...]:
    """Columns that hold values: not the participant's identifier, which is the first, nor what the system adds.

    Raises:
        DataError: the first column is another one, whose values would be lost.
    """
    first = export.columns[0] if export.columns else ""
    if any(record.values.get(first, record.participant) != record.participant for record in export.records):
        raise DataError(
            f"the first column of the export, {first!r}, is not the participant's identifier; put that first"
        )
    return tuple(name for name in export.columns[1:] if not name.startswith("redcap_"))


def take(work: Work, export: Export, *, reason: str, seen: int | None) -> tuple[Entry, ...]:
    """Record what `plan` says, all of it or nothing; see `Session.take`."""
    if not reason.strip():
        raise ProtocolError("an import needs a reason, e.g. 'REDCap export of March'")
    _refuse_changed_since(work, seen)
    planned = plan(work, export, reason=reason.strip())
    for draft in planned.drafts:
        work.require("change" if draft.action == "change" else "enter", participant=draft.participant)
        work.require_unlocked(draft.site or "", participant=draft.participant)
    return work.record(planned.drafts)


def _of(work: Work, record: Record, *, names: list[str], reason: str, enrolled: set[str]) -> list[Draft]:
    place = Place(record.participant, record.event, record.instrument, record.instance)
    site = record.group or None
    drafts = [] if record.participant in enrolled else list(enrolment(work, record.participant, site=site))
    of_site = site_for(work, record.participant, site=site)
    standing = standing_at(work, place)
    for name in names:
        value = storable(name, record.values.get(name, ""))
        draft = change(place, name, standing.get(name), value=value, reason=reason)
        drafts += [] if draft is None else [replace(draft, site=of_site)]
    return drafts


def _refuse_twice(export: Export) -> None:
    lines: dict[tuple[str, str, str, str], int] = {}
    groups: dict[str, str] = {}
    for record in export.records:
        first = lines.setdefault(record.place, record.line)
        if first != record.line:
            raise DataError(
                f"lines {first} and {record.line} of the export are of the same record (participant, event, instance);"
                " keep one (hepar crf check lists whatever is wrong with an export)"
            )
        if groups.setdefault(record.participant, record.group) != record.group:
            raise DataError(f"line {record.line}: the participant stands in another data access group before")


def _refuse_changed_since(work: Work, seen: int | None) -> None:
    """Refuse where data were entered since the plan was looked at."""
    if seen is None:
        return
    data = AUDIT.c.action.in_(("enrol", "enter", "change"))
    last = work.connection.execute(select(func.max(AUDIT.c.seq)).where(data)).scalar() or 0
    other = entry_at(work.connection, last) if last > seen else None
    if other is not None:
        raise ConflictError(
            f"data were entered since row {seen}, last by {other.actor} ({other.role}) at {other.at}; nothing was"
            " stored: look at what would change again (--dry-run)",
            field=other.field,
            value="",
            at=other.at,
            actor=other.actor,
            role=other.role,
        )
