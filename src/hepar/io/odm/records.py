"""The values of an ODM file as a REDCap export, and its changes as a table."""

from collections.abc import Iterator

from ...data.crf.change import Change
from ..csv_text import csv_text
from .clinical import forms_of
from .content import Content

PLACES = {
    "redcap_event_name": "event",
    "redcap_repeat_instrument": "instrument",
    "redcap_repeat_instance": "instance",
    "redcap_data_access_group": "site",
}
_CHANGE = (
    "at",
    "actor",
    "site",
    "participant",
    "event",
    "instrument",
    "instance",
    "column",
    "old",
    "new",
    "reason",
)


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
    fields = content.dictionary.fields
    absent = {name for field in fields if field.identifier for name in field.columns} - held
    lead = content.dictionary.record_id
    used = [name for name in forms_of(content.dictionary) if name not in absent]
    lines = [
        (place[0], *place[1:], sites[place[0]], *(values.get(name, "") for name in used if name != lead))
        for place, values in records.items()
    ]
    return csv_text((lead, *PLACES, *(name for name in used if name != lead)), lines)


def changes_text(content: Content) -> str:
    """Every change in its order: who, when, where, old, new and why."""
    return csv_text(_CHANGE, (tuple(_cells(change)) for change in content.changes))


def _cells(change: Change) -> Iterator[str]:
    yield from (getattr(change, name) for name in _CHANGE)
