"""The values of an ODM file as a REDCap export, and its changes as a table."""

from dataclasses import astuple, fields

from ...data.crf.change import Change
from ..csv_text import csv_text
from ..redcap.export_columns import EVENT, GROUP, INSTANCE, INSTRUMENT
from .clinical import forms_of
from .content import Content

PLACES = (EVENT, INSTRUMENT, INSTANCE, GROUP)
_CHANGE = tuple(field.name for field in fields(Change))


def records_text(content: Content) -> str:
    """The values as they stand after the last change: one line for each place, columns in the dictionary's order.

    All columns are there, but for fields that identify and of which there is no value: these may have been left out of
    the file, and an empty cell would say that there is none.
    """
    records: dict[tuple[str, str, str, str], dict[str, str]] = {}
    sites: dict[str, str] = {}
    for change in content.changes:
        values = records.setdefault(
            (change.participant, change.event, change.instrument, change.instance), {}
        )
        values[change.column] = change.new
        sites[change.participant] = change.site or sites.get(change.participant, "")
    held = {name for values in records.values() for name in values}
    hidden = (field for field in content.dictionary.fields if field.identifier)
    absent = {name for field in hidden for name in field.columns} - held
    lead = content.dictionary.record_id
    used = [name for name in forms_of(content.dictionary) if name not in absent]
    lines = [
        (place[0], *place[1:], sites[place[0]], *(values.get(name, "") for name in used if name != lead))
        for place, values in records.items()
    ]
    return csv_text((lead, *PLACES, *(name for name in used if name != lead)), lines)


def changes_text(content: Content) -> str:
    """Every change in its order: who, when, where, old, new and why."""
    return csv_text(_CHANGE, map(astuple, content.changes))
