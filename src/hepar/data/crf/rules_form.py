"""Rules of a form on a line: its status, what it requires, what it hides, and the value of each of its fields."""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from .branching import Condition, Lookup, Unanswered
from .finding import Finding, line_query, participant_query, query_of
from .form import FormDictionary, FormField
from .lines import (
    NO_ENTRY,
    Item,
    Lines,
    can_read,
    elsewhere_in,
    is_begun,
    seen_anywhere,
    seen_from,
    status_column,
)
from .logic import Logic
from .moments import unlike_moments
from .query import Query
from .record import Record
from .rules_value import Judge, judge_of_value

STATUSES: Mapping[str, str] = {"0": "incomplete", "1": "unverified", "2": "complete"}
COMPLETE = "2"
Shown = Callable[[Lookup], bool]


def always(_lookup: Lookup) -> bool:
    """Shown whatever was entered."""
    return True


def never(_lookup: Lookup) -> bool:
    """Whatever was entered, not."""
    return False


def remembered(condition: Condition | None) -> Shown:
    """Whether a condition holds, worked out once for the same values of what it reads."""
    if condition is None:
        return always
    references = tuple(condition.references)
    known: dict[tuple[str, ...], bool] = {}

    def holds(lookup: Lookup) -> bool:
        values = tuple(lookup(reference) for reference in references)
        if values not in known:
            known[values] = condition.holds(dict(zip(references, values, strict=True)).__getitem__)
        return known[values]

    return holds


def shown_by(lines: Lines, field: FormField) -> Shown | None:
    """When the form shows the field; None where the export lacks what its branching logic reads."""
    return remembered(field.shown) if can_read(lines, field.shown) else None


def unasked(dictionary: FormDictionary) -> tuple[tuple[str, str], ...]:
    """Fields of which no export tells whether the form shows them, with the reason: not asked for, never hidden."""
    fields = {field.name: field for field in dictionary.fields}
    reasons = ((field.name, _unanswered(field.shown, fields)) for field in dictionary.fields)
    return tuple((name, reason) for name, reason in reasons if reason)


def _unanswered(shown: Condition | None, fields: Mapping[str, FormField]) -> str:
    if isinstance(shown, Unanswered):
        return shown.reason
    return unlike_moments(shown, fields) if isinstance(shown, Logic) else ""


@dataclass(frozen=True, slots=True)
class Ruled:
    """A field of the export with its rules."""

    item: Item
    judge: Judge
    shown: Shown | None
    """None where the export lacks what the branching logic reads."""


Rules = Mapping[str, tuple[Ruled, ...]]
"""Form -> its fields with their rules."""


def rules_of(lines: Lines, *, today: dt.date) -> Rules:
    """The rules of every field that the export holds.

    Raises:
        ProtocolError: the dictionary gives a field a validation type or a limit that there is not.
    """
    codes = lines.export.missing_codes

    def ruled(item: Item) -> Ruled:
        judge = judge_of_value(item.field, today=today, missing_codes=codes)
        return Ruled(item, judge, shown_by(lines, item.field))

    return {form: tuple(ruled(item) for item in items) for form, items in lines.items.items()}


def form_queries(lines: Lines, rules: Rules) -> Iterator[Query]:
    """Every violation on every line; a form that nobody began is asked for nothing."""
    for record in lines.export.records:
        forms = (record.instrument,) if record.instrument in rules else tuple(rules)
        for form in forms:
            yield from _status(lines, record, form)
            if is_begun(lines, record, form):
                yield from _fields(lines, record, rules[form])
        if record.instrument in rules:
            yield from _of_other_forms(lines, record)


def _status(lines: Lines, record: Record, form: str) -> Iterator[Query]:
    value = record.values.get(status_column(form), "")
    if value and value not in STATUSES:
        words = ", ".join(f"{code} ({word})" for code, word in STATUSES.items())
        finding = Finding("form status", f"is none of {words}", "set the status of the form")
        site = lines.site_of(record.participant)
        yield line_query(record, finding, site=site, form=form, field=status_column(form), value=value)


def _fields(lines: Lines, record: Record, fields: tuple[Ruled, ...]) -> Iterator[Query]:
    lookup, site = seen_from(lines, record), lines.site_of(record.participant)
    for ruled in fields:
        field = ruled.item.field
        if field.type in ("calc", "descriptive"):
            continue
        entries = ruled.item.entries(record)
        if entries:
            yield from _entered(record, ruled, entries, lookup=lookup, site=site)
        elif field.due and ruled.shown is not None and ruled.shown(lookup):
            yield query_of(record, field, _empty(record, field), site=site)


def _empty(record: Record, field: FormField) -> Finding:
    complete = record.values.get(status_column(field.form)) == COMPLETE
    problem = "is required and empty" + (", though the form is marked complete" if complete else "")
    return Finding("required", problem, "enter the value, or a code for missing, or answer why there is none")


def _entered(
    record: Record, ruled: Ruled, entries: tuple[str, ...], *, lookup: Lookup, site: str
) -> Iterator[Query]:
    field = ruled.item.field
    value = _as_text(record, ruled.item)
    if not field.computed and ruled.shown is not None and not ruled.shown(lookup):
        problem = f"is filled in, and the form hides it: it is shown only if {_one_line(field.branching)}"
        to_do = "empty it, or correct the field on which it depends"
        yield query_of(record, field, Finding("hidden", problem, to_do), site=site, value=value)
    found = next((finding for entry in entries if (finding := ruled.judge(entry))), None)
    if found:
        yield query_of(record, field, found, site=site, value=value)


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _as_text(record: Record, item: Item) -> str:
    """The value of a field; of a checkbox the codes ticked, and what else stands in a column of it."""
    if item.field.type != "checkbox":
        return record.values.get(item.columns[0], "")
    prefix = f"{item.field.name}___"
    cells = ((column.removeprefix(prefix), record.values.get(column, "")) for column in item.columns)
    return ", ".join(
        code if cell == "1" else f"{code}: {cell}" for code, cell in cells if cell not in NO_ENTRY
    )


def _of_other_forms(lines: Lines, record: Record) -> Iterator[Query]:
    """Values on the line of a repeated form that belong to another form."""
    site = lines.site_of(record.participant)
    finding = Finding(
        "instrument",
        f"stands on a line of the repeated form {record.instrument}, to which it does not belong",
        "enter it on the line of its own form and empty it here",
    )
    for form, items in lines.items.items():
        for item in items if form != record.instrument else ():
            if item.entries(record):
                yield query_of(record, item.field, finding, site=site, value=_as_text(record, item))


def missing_form_queries(lines: Lines, rules: Rules, when: Mapping[str, Shown]) -> Iterator[Query]:
    """One query for each form that a participant should have and has on no line.

    A form is expected where `when` says so; where that says nothing, if it has a required field that would be shown
    and nobody has the form several times.
    """
    forms = {form: _expected(rules[form], when.get(form)) for form in rules if rules[form]}
    asked = {
        form: test
        for form, test in forms.items()
        if test is not None and (form in when or form not in lines.repeated)
    }
    elsewhere = elsewhere_in(lines)
    for participant, records in lines.participants.items():
        lookup = seen_anywhere(lines, records[0], elsewhere=elsewhere)
        for form, test in asked.items():
            if not any(is_begun(lines, record, form) for record in records) and test(lookup):
                finding = Finding(
                    "form missing",
                    "is expected of this participant, and nobody has begun it",
                    "fill in the form, or answer why there is none",
                )
                yield participant_query(records[0], finding, site=lines.site_of(participant), form=form)


def _expected(fields: tuple[Ruled, ...], when: Shown | None) -> Shown | None:
    if when is not None:
        return when
    required = tuple(one.shown for one in fields if one.item.field.due and one.shown is not None)
    return (lambda lookup: any(shown(lookup) for shown in required)) if required else None
