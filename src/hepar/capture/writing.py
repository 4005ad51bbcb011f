"""Entering and changing the values of a record, all of them or none."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, replace

from sqlalchemy import select

from ..core.errors import DataError, ProtocolError, choices
from ..io.csv_text import line_feeds
from .desk import Work
from .entry import Draft, Entry
from .errors import ConflictError
from .ledger import entry_at
from .tables import FIELDS, ITEMS, KEY


@dataclass(frozen=True, slots=True)
class Place:
    """A record: of a participant, at an event, of a repeated form; empty where not used, as in `Record`."""

    participant: str
    event: str = ""
    instrument: str = ""
    instance: str = ""

    def __post_init__(self) -> None:
        """Refuse what cannot name a record."""
        if not self.participant:
            raise DataError("a record needs a participant; give the participant's study identifier")
        for name in self.__slots__:
            text = getattr(self, name)
            if text != text.strip() or not text.isprintable():
                raise DataError(
                    f"the {name} has white space at its ends or letters that cannot be printed; mend it"
                )
            if not unicodedata.is_normalized("NFC", text):
                raise DataError(
                    f"the {name} is written with letters and accents apart, so that it would look like another record"
                    " and be none; write each as one character (Unicode NFC)"
                )


@dataclass(frozen=True, slots=True)
class Standing:
    """What stands in a field now, and the row of the trail that set it."""

    value: str
    seq: int


def put(
    work: Work,
    place: Place,
    values: Mapping[str, str],
    *,
    reason: str,
    expected: Mapping[str, str],
    site: str | None,
) -> tuple[Entry, ...]:
    """Enter and change `values`; see `Session.put`."""
    enrolled = enrolment(work, place.participant, site=site)
    of_site = site_for(work, place.participant, site=site)
    work.require_unlocked(of_site, participant=place.participant)
    standing = standing_at(work, place)
    refuse_unknown(work, values)
    drafts = list(enrolled)
    for name, value in values.items():
        before = standing.get(name)
        refuse_conflict(work, name, before, expected=expected)
        draft = change(place, name, before, value=storable(name, value), reason=reason.strip())
        if draft is not None:
            work.require("change" if draft.action == "change" else "enter", participant=place.participant)
            drafts.append(replace(draft, site=of_site))
    _refuse_unstated(drafts, expected)
    return work.record(drafts) if len(drafts) > len(enrolled) else ()


def site_for(work: Work, participant: str, *, site: str | None) -> str:
    """The site of a participant, or the one that a new participant gets; refuses that of others."""
    known = work.site_of(participant)
    wanted = known if known is not None else site if site is not None else work.clerk.site
    work.require_site(wanted, "enter", participant=participant)
    if site is not None and known is not None and site != known:
        raise DataError(
            f"participant {participant} is of site {known or '(none)'}, not {site or '(none)'}; a participant"
            " stays where they were enrolled: correct the site that is given"
        )
    return wanted


def enrolment(work: Work, participant: str, *, site: str | None) -> tuple[Draft, ...]:
    """What is to be recorded before the first value of a new participant."""
    if work.site_of(participant) is not None:
        return ()
    work.require("enter", participant=participant)
    return (Draft("enrol", participant=participant, site=site_for(work, participant, site=site)),)


def standing_at(work: Work, place: Place) -> dict[str, Standing]:
    """What stands in the fields of a record."""
    where = [ITEMS.c[name] == getattr(place, name) for name in KEY[:-1]]
    rows = work.connection.execute(select(ITEMS.c.field, ITEMS.c.value, ITEMS.c.seq).where(*where))
    return {name: Standing(value, seq) for name, value, seq in rows}


def change(place: Place, name: str, before: Standing | None, *, value: str, reason: str) -> Draft | None:
    """What is to be recorded where `value` replaces what stands in a field; None where it is the same.

    Raises:
        ProtocolError: a value is changed without a reason.
    """
    old = before.value if before else ""
    if value == old:
        return None
    at = {"participant": place.participant, "event": place.event}
    at |= {"instrument": place.instrument, "instance": place.instance, "field": name}
    if before is None:
        return Draft("enter", **at, new=value, reason=reason)
    if not reason:
        raise ProtocolError(
            f"{name} of {place.participant} was entered before; a change, and emptying it, needs a reason"
        )
    return Draft("change", **at, old=old, new=value, reason=reason)


def _refuse_unstated(drafts: list[Draft], expected: Mapping[str, str]) -> None:
    """Refuse to change what the writer has not said to have seen: it may be new to them."""
    unseen = [draft.field for draft in drafts if draft.action == "change" and draft.field not in expected]
    if unseen:
        raise ProtocolError(
            f"{', '.join(unseen)} of {drafts[0].participant} holds a value already; say which one is replaced"
            " (expected=, --was), so that nobody overwrites what they have not seen"
        )


def refuse_conflict(work: Work, name: str, before: Standing | None, *, expected: Mapping[str, str]) -> None:
    """Refuse where a field does not hold what the writer expects.

    Raises:
        ConflictError: with the value, and who entered it when.
    """
    now = before.value if before else ""
    if name not in expected or _tidy(expected[name]) == now:
        return
    last = entry_at(work.connection, before.seq) if before else None
    if last is None:
        raise DataError(
            f"{name} holds nothing yet, but a value is said to be replaced; leave out what it was"
        )
    hidden = work.connection.execute(select(FIELDS.c.hidden).where(FIELDS.c.name == name)).scalar()
    value = f"{now!r}" if hidden == 0 else "another value (hepar store history shows it)"
    raise ConflictError(
        f"{name} of {last.participant} now holds {value}, entered by {last.actor} ({last.role}) at {last.at};"
        " nothing was stored: look at it and decide again",
        field=name,
        value=now,
        at=last.at,
        actor=last.actor,
        role=last.role,
    )


def storable(name: str, value: str) -> str:
    """`value` without white space at its ends, its lines ended by line feeds, as an export gives it back.

    Raises:
        DataError: both databases cannot hold it.
    """
    if "\0" in value or any("\ud800" <= letter <= "\udfff" for letter in value):
        raise DataError(
            f"{name}: the value holds letters that no text can hold (NUL or half a letter); mend it"
        )
    return _tidy(value)


def _tidy(value: str) -> str:
    return line_feeds(value).strip()


def refuse_unknown(work: Work, names: Mapping[str, str]) -> None:
    """Refuse fields that the dictionary does not have, where the store has one, and names that are none."""
    for name in names:
        if not name or not name.isprintable() or name != name.strip():
            raise DataError(f"{name!r} is no name of a field")
    known = known_fields(work)
    for name in names if known else ():
        if name not in known:
            raise DataError(f"the dictionary of the store has no field {name!r}; {choices(name, known)}")


def known_fields(work: Work) -> dict[str, int]:
    """Fields of the dictionary and their order; empty where the store has none.

    The participant's identifier names a record and is no value of it.
    """
    chosen = select(FIELDS.c.name, FIELDS.c.place).where(FIELDS.c.place > 1)
    return {row.name: row.place for row in work.connection.execute(chosen)}


def identifiers(work: Work) -> tuple[str, ...]:
    """Fields that the dictionary marks as identifiers."""
    return tuple(work.connection.execute(select(FIELDS.c.name).where(FIELDS.c.identifier == 1)).scalars())
