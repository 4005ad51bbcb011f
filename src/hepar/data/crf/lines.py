"""The lines of an export, to be found by participant and place, and what a condition sees from each of them."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from .branching import CURRENT, Condition, Lookup, Reference, Unanswered
from .form import FormDictionary, FormField, checkbox_column
from .line_facts import LINE_FACTS, OF_EVENTS, OF_GROUPS
from .logic import Logic
from .moments import unlike_moments
from .record import Export, Record

Place = tuple[str, str, str, str]
NO_ENTRY = ("", "0")
"""Cells of a checkbox that nobody ticked, and a form's status that nobody set."""

REPEATING = "@REPEATING-INSTRUMENT"
"""Annotation of a form that a participant may have several times, or not at all."""


@dataclass(frozen=True, slots=True)
class Item:
    """A field and those of its columns that the export holds."""

    field: FormField
    columns: tuple[str, ...]

    def entries(self, record: Record) -> tuple[str, ...]:
        """What was entered: the cells that are not empty, of a checkbox those not 0."""
        blank = NO_ENTRY if self.field.type == "checkbox" else ("",)
        return tuple(
            value for column in self.columns if (value := record.values.get(column, "")) not in blank
        )


@dataclass(frozen=True, slots=True)
class Lines:
    """An export by participant and by place; of several lines of one place the first counts."""

    dictionary: FormDictionary
    export: Export
    fields: Mapping[str, FormField]
    participants: Mapping[str, tuple[Record, ...]]
    places: Mapping[Place, Record]
    repeated: frozenset[str]
    """Forms that some participant has several times, or that the dictionary says may be had so."""
    columns: frozenset[str]
    items: Mapping[str, tuple[Item, ...]]
    """Form -> its fields that the export holds, but for the participant's identifier."""
    sites: Mapping[str, str]
    longitudinal: bool
    """Whether lines have events."""

    def site_of(self, participant: str) -> str:
        """The data access group that a line of the participant names."""
        return self.sites.get(participant, "")


def lines_of(dictionary: FormDictionary, export: Export) -> Lines:
    """The export, indexed once."""
    participants: dict[str, list[Record]] = defaultdict(list)
    places: dict[Place, Record] = {}
    sites: dict[str, str] = {}
    for record in export.records:
        participants[record.participant].append(record)
        places.setdefault(record.place, record)
        if record.group:
            sites.setdefault(record.participant, record.group)
    return Lines(
        dictionary,
        export,
        fields={field.name: field for field in dictionary.fields},
        participants={name: tuple(records) for name, records in participants.items()},
        places=places,
        repeated=frozenset(record.instrument for record in export.records if record.instrument)
        | frozenset(field.form for field in dictionary.fields if REPEATING in field.annotation.split()),
        columns=frozenset(export.columns),
        items=_items(dictionary, export),
        sites=sites,
        longitudinal=any(record.event for record in export.records),
    )


def _items(dictionary: FormDictionary, export: Export) -> dict[str, tuple[Item, ...]]:
    """Fields by form; a checkbox has a column for each code for missing, too, where the export holds one."""
    held, items = frozenset(export.columns), {form: list[Item]() for form in dictionary.forms}
    for field in dictionary.fields[1:]:
        missing = export.missing_codes if field.type == "checkbox" else ()
        names = (*field.columns, *(checkbox_column(field.name, code) for code in sorted(missing)))
        columns = tuple(name for name in dict.fromkeys(names) if name in held)
        if columns:
            items[field.form].append(Item(field, columns))
    return {form: tuple(of_form) for form, of_form in items.items()}


def status_column(form: str) -> str:
    """The column that says whether a form is incomplete (0), unverified (1) or complete (2)."""
    return f"{form}_complete"


def is_begun(lines: Lines, record: Record, form: str) -> bool:
    """Whether somebody entered something in the form, or set its status."""
    if record.values.get(status_column(form), "") not in NO_ENTRY:
        return True
    return any(item.entries(record) and not item.field.computed for item in lines.items[form])


def _cell(record: Record | None, reference: Reference, field: FormField | None) -> str:
    if record is None:
        return ""
    return record.values.get(_column(reference, field), "")


def _column(reference: Reference, field: FormField | None) -> str:
    is_choice = reference.code and field is not None and field.type == "checkbox"
    return checkbox_column(reference.field, reference.code) if is_choice else reference.field


def _as_read(cell: str, reference: Reference, field: FormField | None) -> str:
    """What a condition reads: of a choice of a checkbox "1" or "0", else the cell."""
    if reference.code and field is not None and field.type == "checkbox":
        return "1" if cell == "1" else "0"
    return cell


def can_read(lines: Lines, condition: Condition | None) -> bool:
    """Whether the export holds the columns of all that a condition reads; a part of an export may not."""
    if isinstance(condition, Unanswered) or (
        isinstance(condition, Logic) and unlike_moments(condition, lines.fields)
    ):
        return False
    return condition is None or all(_holds(lines, reference) for reference in condition.references)


def _holds(lines: Lines, reference: Reference) -> bool:
    if reference.field in LINE_FACTS:
        by_event, by_group = reference.field in OF_EVENTS, reference.field in OF_GROUPS
        return (lines.longitudinal or not by_event) and (bool(lines.sites) or not by_group)
    return _column(reference, lines.fields.get(reference.field)) in lines.columns


def seen_from(lines: Lines, record: Record) -> Lookup:
    """What a condition reads on this line, as REDCap does: the same event and instance unless it names others."""

    def lookup(reference: Reference) -> str:
        if reference.field in LINE_FACTS:
            return LINE_FACTS[reference.field](record)
        field = lines.fields.get(reference.field)
        line = _line_of(lines, record, reference, form=field.form if field else "")
        return _as_read(_cell(line, reference, field), reference, field)

    return lookup


def _line_of(lines: Lines, record: Record, reference: Reference, *, form: str) -> Record | None:
    event = reference.event or record.event
    here = event == record.event and reference.instance in ("", CURRENT)
    repeats = form in lines.repeated and not record.instance  # a line of a repeated event holds all its forms
    if here and (record.instrument == form or not (record.instrument or repeats)):
        return record
    who = record.participant
    instance = record.instance if reference.instance == CURRENT else reference.instance
    if form in lines.repeated:
        found = lines.places.get((who, event, form, instance or "1"))
        if found is not None:
            return found
    repeated_event = lines.places.get((who, event, "", instance)) if instance else None
    return repeated_event or lines.places.get((who, event, "", ""))


Elsewhere = Callable[[str, Reference], str]
"""The cell of a participant that a reference reads on whichever line holds it; empty where lines differ."""


def elsewhere_in(lines: Lines) -> Elsewhere:
    """What each participant has of a field anywhere, looked up once."""
    known: dict[tuple[str, Reference], str] = {}

    def cell(participant: str, reference: Reference) -> str:
        if (participant, reference) not in known:
            field = lines.fields.get(reference.field)
            everywhere = lines.participants.get(participant, ())
            cells = {_cell(line, reference, field) for line in everywhere} - {""}
            known[participant, reference] = cells.pop() if len(cells) == 1 else ""
        return known[participant, reference]

    return cell


def seen_anywhere(lines: Lines, record: Record, *, elsewhere: Elsewhere) -> Lookup:
    """As `seen_from`; where that holds nothing, the one value that the participant has in any other line.

    A rule of hepar's own may thus speak of a date of another event without naming the event; where lines differ, it
    reads nothing. A field of the line's own repeated form is never another instance's.
    """

    def lookup(reference: Reference) -> str:
        if reference.field in LINE_FACTS:
            return LINE_FACTS[reference.field](record)
        field = lines.fields.get(reference.field)
        line = _line_of(lines, record, reference, form=field.form if field else "")
        cell = _cell(line, reference, field)
        own = field is not None and record.instrument == field.form
        if not (cell or own or reference.event or reference.instance):
            cell = elsewhere(record.participant, reference)
        return _as_read(cell, reference, field)

    return lookup
