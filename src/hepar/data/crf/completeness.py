"""How far the forms of an export are filled in."""

from collections import Counter
from dataclasses import dataclass

from .form import FormDictionary
from .lines import Lines, is_begun, lines_of, seen_from, status_column
from .record import Export, Record
from .rules_form import STATUSES, shown_by


@dataclass(frozen=True, slots=True)
class FormCompleteness:
    """One form: the participants who have it, its lines by status, and its required fields that are filled in."""

    form: str
    participants: int
    lines: int
    complete: int
    unverified: int
    incomplete: int
    asked: int
    """Required fields that are shown, over all lines on which the form was begun."""
    filled: int


def completeness(dictionary: FormDictionary, export: Export) -> tuple[FormCompleteness, ...]:
    """Every form of which the export holds columns; a form is on a line where somebody began it."""
    lines = lines_of(dictionary, export)
    return tuple(
        _of_form(lines, form)
        for form in dictionary.forms
        if lines.items[form] or status_column(form) in lines.columns
    )


def _of_form(lines: Lines, form: str) -> FormCompleteness:
    begun = [
        record
        for record in lines.export.records
        if record.instrument in ("", form) and is_begun(lines, record, form)
    ]
    status = Counter(
        STATUSES.get(record.values.get(status_column(form), ""), "incomplete") for record in begun
    )
    asked, filled = _required(lines, form, begun)
    return FormCompleteness(
        form,
        participants=len({record.participant for record in begun}),
        lines=len(begun),
        complete=status["complete"],
        unverified=status["unverified"],
        incomplete=status["incomplete"],
        asked=asked,
        filled=filled,
    )


def _required(lines: Lines, form: str, begun: list[Record]) -> tuple[int, int]:
    required = [
        (item, shown)
        for item in lines.items[form]
        if item.field.due and (shown := shown_by(lines, item.field))
    ]
    asked = filled = 0
    for record in begun:
        lookup = seen_from(lines, record)
        for item, shown in required:
            if shown(lookup):
                asked += 1
                filled += bool(item.entries(record))
    return asked, filled


MARK = "SIMULATED"


def is_simulated(dictionary: FormDictionary, export: Export) -> bool:
    """Whether the records say that they are SIMULATED: the dictionary does, or a cell of every participant does."""
    if any(MARK in text for field in dictionary.fields for text in (field.annotation, field.section)):
        return True
    participants = {record.participant for record in export.records}
    marked = {record.participant for record in export.records if _is_marked(record)}
    return bool(participants) and marked == participants


def _is_marked(record: Record) -> bool:
    if MARK in record.group.upper():  # REDCap writes the names of sites in small letters
        return True
    return any(MARK in cell for cell in (record.participant, *record.values.values()))
