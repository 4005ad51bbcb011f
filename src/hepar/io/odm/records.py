"""The values of an ODM file as a REDCap export, and its changes as a table."""

from dataclasses import astuple, fields

from ...data.crf.change import Change
from ...data.crf.record import Record
from ..csv_text import csv_text
from ..redcap.export_columns import expected_columns
from ..redcap.records import record_table
from .content import Content

_CHANGE = tuple(field.name for field in fields(Change))


def records_text(content: Content) -> str:
    """The values as they stand after the last change: one line for each place, columns in REDCap's order.

    All columns are there, but for fields that identify and of which there is no value: these may have been left out of
    the file, and an empty cell would say that there is none.
    """
    values: dict[tuple[str, str, str, str], dict[str, str]] = {}
    sites: dict[str, str] = {}
    for change in content.changes:
        place = (change.participant, change.event, change.instrument, change.instance)
        values.setdefault(place, {})[change.column] = change.new
        sites[change.participant] = change.site or sites.get(change.participant, "")
    held = {name for cells in values.values() for name in cells}
    hidden = {name for field in content.dictionary.fields if field.identifier for name in field.columns}
    shown = [name for name in expected_columns(content.dictionary) if name in held or name not in hidden]
    records = (
        Record(line, place[0], cells, *place[1:], group=sites[place[0]])
        for line, (place, cells) in enumerate(values.items(), start=2)
    )
    return record_table(records, record_id=content.dictionary.record_id, columns=shown).text


def changes_text(content: Content) -> str:
    """Every change in its order: who, when, where, old, new and why."""
    return csv_text(_CHANGE, map(astuple, content.changes))
