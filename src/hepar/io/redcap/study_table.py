"""An export as the table and data dictionary that a study's protocol reads: one row a participant, or one a lesion."""

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from ...core.errors import DataError, ProtocolError, choices
from ...data.crf.as_fields import Made, made_of, ticked, unit_of_choice
from ...data.crf.completeness import is_simulated
from ...data.crf.form import FormDictionary, FormField, checkbox_column
from ...data.crf.lines import Lines, is_begun, lines_of
from ...data.crf.record import Export, Record
from ..csv_text import csv_text
from ..whole_folder import whole_folder

CASE, PARTICIPANT, SITE = "case", "participant", "site"
TABLE, DOCUMENT = "table.csv", "dictionary.yaml"


@dataclass(frozen=True, slots=True)
class StudyTable:
    """The table as text, the data dictionary as a document, and what was left out with the reason."""

    text: str
    document: Mapping[str, Any]
    rows: int
    left_out: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Column:
    """A column of the table: where its cells come from, and what the data dictionary says of it."""

    name: str
    field: FormField
    source: str
    events: tuple[str, ...]
    """Those of the name, of which each arm of a project has its own."""
    made: Made


def write_study_table(
    dictionary: FormDictionary, export: Export, folder: Path, *, rows: str = ""
) -> StudyTable:
    """Write `table.csv` and `dictionary.yaml` into the new `folder`; what `study_table` makes."""
    made = study_table(dictionary, export, rows=rows)
    document = yaml.safe_dump(made.document, allow_unicode=True, sort_keys=False, width=110)
    with whole_folder(folder) as root:
        (root / TABLE).write_text(made.text, encoding="utf-8")
        (root / DOCUMENT).write_text(document, encoding="utf-8")
    return made


def study_table(dictionary: FormDictionary, export: Export, *, rows: str = "") -> StudyTable:
    """The table with a row for each participant, or for each instance of the repeated form `rows`.

    Values of other repeated forms, of events that a participant has several times, and of identifiers are left out and
    told. A field filled in at several events gives a column for each of them, whatever the arm. Fields of forms whose
    name says that they are filled in later (outcome, follow-up, visit) are marked as known only after baseline, so
    that no test may read them.

    Raises:
        ProtocolError: `rows` is no form of the dictionary.
        DataError: nothing of the export is left.
    """
    if rows and rows not in dictionary.forms:
        raise ProtocolError(f"the dictionary has no form {rows!r}; {choices(rows, dictionary.forms)}")
    lines = lines_of(dictionary, export)
    left_out: dict[str, str] = {}
    columns = list(_columns(lines, rows=rows, left_out=left_out))
    table = list(_rows(lines, columns, rows=rows))
    if not table or not columns:
        raise DataError(
            f"of the dictionary {dictionary.name!r} nothing can be read in the export"
            f"{f' of the form {rows!r}' if rows else ''}; look whether the one belongs to the other"
        )
    head = (CASE, PARTICIPANT, SITE, *(column.name for column in columns))
    document = {
        "name": dictionary.name,
        "title": f"Export of the case record forms {dictionary.name}",
        "source": "REDCap export",
        "licence": "not to be passed on",
        "citation": "none",
        **({"simulated": True} if is_simulated(dictionary, export) else {}),
        "table": TABLE,
        "case": CASE,
        "participant": PARTICIPANT,
        "site": SITE,
        **({"missing": sorted(export.missing_codes)} if export.missing_codes else {}),
        "fields": {column.name: column.made.document for column in columns if not _is_unit(column, lines)},
    }
    return StudyTable(csv_text(head, table), document, len(table), left_out)


def _is_unit(column: _Column, lines: Lines) -> bool:
    return column.field.name.endswith("_unit") and column.field.name.removesuffix("_unit") in lines.fields


def _columns(lines: Lines, *, rows: str, left_out: dict[str, str]) -> Iterator[_Column]:
    several = _several(lines)
    for field in lines.dictionary.fields[1:]:
        events, made = _events(lines, field, rows=rows), made_of(field, others=lines.fields)
        if field.form in lines.repeated and field.form != rows:
            left_out[field.name] = (
                f"of the repeated form {field.form}; a row for each instance: --rows {field.form}"
            )
        elif made is None:
            left_out[field.name] = (
                "it identifies somebody" if field.identifier else f"a field of type {field.type}"
            )
        elif not events:
            left_out[field.name] = "nothing was entered"
        else:
            for event, names in events.items():
                ending = f"_{event}" if len(events) > 1 else ""
                if several.intersection(names):
                    left_out[field.name + ending] = (
                        f"of the event {event}, which participants have several times"
                    )
                    continue
                parts = _parts(field, made, held=lines.columns)
                yield from (_Column(name + ending, field, name, names, part) for name, part in parts)


def _several(lines: Lines) -> frozenset[str]:
    """Repeated events of which some participant has more than one instance."""
    places = {record.place for record in lines.export.records if not record.instrument and record.instance}
    count = Counter((participant, event) for participant, event, _, _ in places)
    return frozenset(event for (_, event), instances in count.items() if instances > 1)


def _short(event: str) -> str:
    """The name of an event without its arm; letters by which REDCap parts two of one name stay."""
    return re.sub(r"_?arm_\d+(?=[a-z]*$)", "_", event, flags=re.ASCII).strip("_")


def _parts(field: FormField, made: Made, *, held: Collection[str]) -> Iterator[tuple[str, Made]]:
    """The columns of a field: itself, or one for each choice of a checkbox that the export holds."""
    if field.type != "checkbox":
        yield field.name, made
        return
    for choice in field.choices:
        name = checkbox_column(field.name, choice.code)
        if name in held:
            yield name, ticked(field, choice)


def _events(lines: Lines, field: FormField, *, rows: str) -> dict[str, tuple[str, ...]]:
    """Events at which something was entered, in the order of the export, by their names without arm."""
    held = [column for column in field.columns if column in lines.columns]
    blank = ("", "0") if field.type == "checkbox" else ("",)
    found = {
        record.event: None
        for record in lines.export.records
        if record.instrument in ("", rows) and any(record.values.get(name, "") not in blank for name in held)
    }
    return {_short(one): tuple(each for each in found if _short(each) == _short(one)) for one in found}


def _rows(lines: Lines, columns: Sequence[_Column], *, rows: str) -> Iterator[tuple[str, ...]]:
    for participant, records in lines.participants.items():
        instances = [record for record in records if rows and record.instrument == rows]
        for one in instances if rows else [None]:
            case = participant if one is None else f"{participant}-{one.instance}"
            cells = (_cell(lines, column, records=records, one=one) for column in columns)
            yield (case, participant, _site(lines, participant, records), *cells)


def _site(lines: Lines, participant: str, records: Sequence[Record]) -> str:
    named = (record.values.get("site_number", "") for record in records)
    return lines.site_of(participant) or next((site for site in named if site), "") or "one site"


def _cell(lines: Lines, column: _Column, *, records: Sequence[Record], one: Record | None) -> str:
    if one is not None and column.field.form == one.instrument:
        record: Record | None = one
    else:
        here = (each for each in records if not each.instrument and each.event in column.events)
        record = next(here, None)
    if record is None:
        return ""
    text = record.values.get(column.source, "")
    if column.field.type == "checkbox" and not is_begun(lines, record, column.field.form):
        return ""
    if text in lines.export.missing_codes:
        return text
    if _is_unit(column, lines):
        return unit_of_choice(column.field, text) if text else ""
    return column.made.cell(text)
