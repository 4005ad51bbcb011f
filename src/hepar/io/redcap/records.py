"""Records as a project exports them raw; `read_export` reads from them what was written."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ...data.crf.record import Record
from .export_columns import EVENT, GROUP, INSTANCE, INSTRUMENT
from .sheet import sheet_text


@dataclass(frozen=True, slots=True)
class RecordTable:
    """Records as lines of an export."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    @property
    def text(self) -> str:
        """As CSV."""
        return sheet_text(self.header, self.rows)


def record_table(records: Iterable[Record], *, record_id: str, columns: Sequence[str]) -> RecordTable:
    """One line a record: its participant; event, repeats and group where any record has one; its values.

    `columns` are in the order of the export, those of a checkbox one for each choice. A column that a record has no
    value of is empty: nobody has said whether a box is ticked.
    """
    lines = list(records)
    places = {
        EVENT: [record.event for record in lines],
        INSTRUMENT: [record.instrument for record in lines],
        INSTANCE: [record.instance for record in lines],
        GROUP: [record.group for record in lines],
    }
    used = {name: texts for name, texts in places.items() if any(texts)}
    shown = [name for name in columns if name != record_id]
    rows = (
        (
            record.participant,
            *(texts[place] for texts in used.values()),
            *(record.values.get(name, "") for name in shown),
        )
        for place, record in enumerate(lines)
    )
    return RecordTable((record_id, *used, *shown), tuple(rows))
