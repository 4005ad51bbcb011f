"""SIMULATED tables as a REDCap project exports them: its data dictionary and its records, raw, both CSV."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from ..core.atomic import write_atomically
from ..data.crf.dictionary_line import HEADER
from ..phantom.tables import Column, HospitalTable
from ..phantom.tables.hospital import CASE
from ..phantom.tables.units import unit_at
from .csv_text import csv_text

DICTIONARY, RECORDS = "redcap_data_dictionary.csv", "redcap_records.csv"
DICTIONARY_HEADER = tuple(HEADER.values())
"""The 18 columns of a data dictionary, in REDCap's order."""
BASELINE, LATER = "baseline_arm_1", "follow_up_arm_1"
"""Names of the events of a longitudinal project."""
INCOMPLETE, UNVERIFIED, COMPLETE = "0", "1", "2"
BANNER = "SIMULATED: nobody stands behind these records"

SHOWN_IF: Mapping[str, str] = {
    "hbeag": "[hbsag] = '1'",
    "hbv_dna_detected": "[hbsag] = '1'",
    "hbv_dna_log10_iu_ml": "[hbsag] = '1'",
    "antiviral": "[hbsag] = '1'",
    "largest_lesion_mm": "[lesions] > 0",
    "smallest_lesion_mm": "[lesions] > 0",
    "index_lesion": "[lesions] > 0",
    "reference_method": "[lesions] > 0",
    "benign_follow_up_months": "[reference] = 'followup'",
    "benign_modalities": "[reference] = 'followup'",
    "event_kind": "[status] = '1'",
    "event_date": "[status] = '1'",
    "death_date": "[status] = '2'",
}
"""Field -> branching logic, in REDCap's notation and by the names of the columns."""
REQUIRED = frozenset({"age_y", "sex", "inclusion_date", "event_time_y", "event_status"})


@dataclass(frozen=True, slots=True)
class Item:
    """One field of the project: its line of the dictionary, and the columns and cells that it exports."""

    form: str
    follow_up: bool
    line: tuple[str, ...]
    exported: tuple[str, ...]
    cells: Callable[[Sequence[str], str], tuple[str, ...]]
    """From the cells of the table's row and its site."""
    counts: bool
    """Whether a form without it is incomplete."""


def write_redcap(
    table: HospitalTable, folder: Path, *, longitudinal: bool = False, missing_code: str = ""
) -> tuple[Path, Path]:
    """Write data dictionary and records of `table` into `folder`; gives their paths.

    A `longitudinal` project has an event for what is known after baseline. `missing_code` stands for a missing value,
    as a project with missing data codes exports it, e.g. "UNK". Sites are data access groups; where they write a
    number in different units, a field beside it holds the unit. Checkboxes export a column for each choice.

    Raises:
        RunError: the folder cannot be written.
    """
    items = tuple(_items(table, missing_code=missing_code))
    lines = [
        _line(CASE, items[0].form, "text", label="Record", section=BANNER),
        *(item.line for item in items),
    ]
    write_atomically(folder / DICTIONARY, csv_text(DICTIONARY_HEADER, lines))
    forms = [(form, tuple(of_form)) for form, of_form in groupby(items, key=lambda item: item.form)]
    longitudinal = longitudinal and any(item.follow_up for item in items)
    records = list(_records(table, forms, longitudinal=longitudinal))
    write_atomically(folder / RECORDS, csv_text(_header(forms, longitudinal=longitudinal), records))
    return folder / DICTIONARY, folder / RECORDS


Forms = Sequence[tuple[str, Sequence[Item]]]


def _header(forms: Forms, *, longitudinal: bool) -> list[str]:
    start = [CASE, *(["redcap_event_name"] if longitudinal else []), "redcap_data_access_group"]
    pages = (
        [*(name for item in items for name in item.exported), f"{form}_complete"] for form, items in forms
    )
    return [*start, *(name for page in pages for name in page)]


def _records(table: HospitalTable, forms: Forms, *, longitudinal: bool) -> Iterator[list[str]]:
    """The lines of the export: one a patient, or one a patient and event."""
    for case, site, *cells in table.rows:
        group = f"site_{site.lower()}"
        if not longitudinal:
            yield [case, group, *_pages(forms, cells, site=site, events=(False, True))]
            continue
        for event, later in ((BASELINE, False), (LATER, True)):
            yield [case, event, group, *_pages(forms, cells, site=site, events=(later,))]


def _pages(forms: Forms, cells: Sequence[str], *, site: str, events: Sequence[bool]) -> Iterator[str]:
    for _, items in forms:
        here = items[0].follow_up in events
        filled = [item.cells(cells, site) if here else ("",) * len(item.exported) for item in items]
        yield from (cell for of_item in filled for cell in of_item)
        yield _completeness(items, filled) if here else ""


def _completeness(items: Sequence[Item], filled: Sequence[Sequence[str]]) -> str:
    known = [bool(cells[0].strip()) for item, cells in zip(items, filled, strict=True) if item.counts]
    return COMPLETE if all(known) else UNVERIFIED if any(known) else INCOMPLETE


def _items(table: HospitalTable, *, missing_code: str) -> Iterator[Item]:
    """Fields in the order of the columns; a group of checkboxes stands where its first column does."""
    done: set[str] = set()
    for place, column in enumerate(table.columns):
        if column.checkbox:
            if column.checkbox not in done:
                yield _checkbox(table.columns, column)
            done.add(column.checkbox)
            continue
        yield _plain(column, place, missing_code=missing_code, units=_units(column, table.sites))
        if len(_units(column, table.sites)) > 1:
            yield _unit(column, _units(column, table.sites))


def _units(column: Column, sites: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(unit_at(site, column) for site in sites))


def _plain(column: Column, place: int, *, missing_code: str, units: Sequence[str]) -> Item:
    def cells(row: Sequence[str], _site: str) -> tuple[str, ...]:
        return (row[place] or missing_code,)

    kind, choices_, validation = _KINDS[column.kind](column)
    limits = column.limits_in(units[0]) if len(units) == 1 and column.kind == "number" else None
    line = _line(
        column.entry,
        column.form,
        kind,
        label=column.label,
        choices=choices_,
        note=units[0] if len(units) == 1 else "",
        validation=validation,
        limits=tuple(f"{limit:g}" for limit in limits) if limits else ("", ""),
        shown_if=SHOWN_IF.get(column.name, ""),
        required=column.name in REQUIRED,
    )
    counts = column.name not in SHOWN_IF
    return Item(column.form, column.follow_up, line, (column.entry,), cells, counts)


def _unit(column: Column, units: Sequence[str]) -> Item:
    """The field that says in which unit its neighbour stands."""

    def cells(_row: Sequence[str], site: str) -> tuple[str, ...]:
        return (code_of(unit_at(site, column)),)

    name = f"{column.entry}_unit"
    choices_ = " | ".join(f"{code_of(unit)}, {unit}" for unit in units)
    line = _line(name, column.form, "dropdown", label=f"{column.label}, unit", choices=choices_)
    return Item(column.form, column.follow_up, line, (name,), cells, counts=False)


def code_of(unit: str) -> str:
    """A unit as the code of a choice, which holds letters, digits and underscores only.

    >>> code_of("10^9/L"), code_of("1/uL")
    ('10_9_l', '1_ul')
    """
    return "".join(letter if letter.isalnum() else "_" for letter in unit.lower()).strip("_")


def _checkbox(columns: Sequence[Column], first: Column) -> Item:
    places = [place for place, column in enumerate(columns) if column.checkbox == first.checkbox]

    def cells(row: Sequence[str], _site: str) -> tuple[str, ...]:
        return tuple("1" if row[place] == "1" else "0" for place in places)

    choices_ = " | ".join(f"{code}, {columns[place].label}" for code, place in enumerate(places, start=1))
    label = first.checkbox.replace("_", " ").capitalize()
    line = _line(first.checkbox, first.form, "checkbox", label=label, choices=choices_)
    names = tuple(f"{first.checkbox}___{code}" for code in range(1, len(places) + 1))
    return Item(first.form, first.follow_up, line, names, cells, counts=False)


_KINDS: Mapping[str, Callable[[Column], tuple[str, str, str]]] = {
    "number": lambda column: (
        "text",
        "",
        "integer" if column.digits == 0 and not column.others else "number",
    ),
    "ordinal": lambda column: ("radio", _choices(column), ""),
    "category": lambda column: ("radio", _choices(column), ""),
    "boolean": lambda _column: ("yesno", "", ""),
    "date": lambda _column: ("text", "", "date_ymd"),
    "text": lambda _column: ("notes", "", ""),
}
"""Kind of a column -> type of the field, its choices and its validation."""


def _choices(column: Column) -> str:
    return " | ".join(f"{code}, {column.words[code]}" for code in column.codes)


def _line(
    name: str,
    form: str,
    kind: str,
    *,
    label: str,
    section: str = "",
    choices: str = "",
    note: str = "",
    validation: str = "",
    limits: Sequence[str] = ("", ""),
    shown_if: str = "",
    required: bool = False,
) -> tuple[str, ...]:
    """One line of the data dictionary."""
    start = (name, form, section, kind, label, choices, note, validation, *limits)
    return (*start, "", shown_if, "y" if required else "", "", "", "", "", "SIMULATED")
