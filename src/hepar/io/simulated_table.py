"""SIMULATED tables onto disk as a hospital hands them over: CSV, data dictionary, list of the planted errors."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from ..core.atomic import write_atomically
from ..phantom.tables import Column, HospitalTable
from ..phantom.tables.faults import NO_LEVEL, WORDS
from ..phantom.tables.hospital import CASE, SITE
from ..phantom.tables.units import unit_at
from .csv_text import csv_text

TABLE, DICTIONARY, PLANTED = "table.csv", "dictionary.yaml", "planted_errors.csv"
PLANTED_HEADER = ("row", "case_id", "field", "clean", "entered", "kind")


def write_simulated_table(
    table: HospitalTable, folder: Path, *, name: str, title: str, lenient: bool = False
) -> Path:
    """Write `table`, its data dictionary and its planted errors into `folder`; gives the dictionary's path.

    A `lenient` dictionary sets to missing what is out of range, no level, or a usual word for "no value"; otherwise
    reading stops at the first of them. The dictionary is written last: a folder that has one is complete.

    Raises:
        RunError: the folder cannot be written.
    """
    write_atomically(folder / TABLE, csv_text(table.header, table.rows))
    errors = [[str(getattr(one, key)) for key in PLANTED_HEADER] for one in table.planted]
    write_atomically(folder / PLANTED, csv_text(PLANTED_HEADER, errors))
    document = dictionary_of(table, name=name, title=title, lenient=lenient)
    text = yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=120, default_flow_style=None)
    write_atomically(folder / DICTIONARY, text)
    return folder / DICTIONARY


def dictionary_of(table: HospitalTable, *, name: str, title: str, lenient: bool = False) -> dict[str, Any]:
    """The data dictionary of `table` as a document, for `hepar.data.dictionary.Dataset`."""
    document: dict[str, Any] = {
        "name": name,
        "title": title if "SIMULATED" in title else f"SIMULATED: {title}",
        "source": "made by the software's own simulator, seeded; no patient stands behind it",
        "licence": "Apache-2.0, as the software",
        "citation": "none; the data are SIMULATED and no evidence about patients",
        "simulated": True,
        "table": TABLE,
        "case": CASE,
        "site": SITE,
    }
    if lenient:
        document["missing"] = ["-99", *WORDS]
    document["fields"] = {
        column.name: _field(column, table.sites, lenient=lenient) for column in table.columns
    }
    names = {column.name for column in table.columns}
    if {"height_cm", "weight_kg"} <= names:
        bmi = {
            "kind": "body_mass_index",
            "weight": "weight_kg",
            "height": "height_cm",
            "label": "Body mass index",
        }
        document["derived"] = {"bmi_kg_m2": bmi}
    return document


def _field(column: Column, sites: Sequence[str], *, lenient: bool) -> dict[str, Any]:
    found: dict[str, Any] = {"column": column.entry, "kind": column.kind, "label": column.label}
    if column.kind == "number":
        found |= _number(column, sites, lenient=lenient)
    if column.codes:
        found["codes"] = dict(column.codes)
    if column.kind == "ordinal":
        found["names"] = {value: column.words[code] for code, value in column.codes.items()}
        if lenient:
            found["missing"] = [NO_LEVEL]
    if column.follow_up:
        found["follow_up"] = True
    return found


def _number(column: Column, sites: Sequence[str], *, lenient: bool) -> dict[str, Any]:
    units = {site: unit_at(site, column) for site in sites}
    found: dict[str, Any] = {"unit": column.unit} if column.unit else {}
    if set(units.values()) - {column.unit}:
        found["source_unit"] = _source(units)
    if column.analyte:
        found["analyte"] = column.analyte
    if column.limits is not None:
        found["range"] = list(column.limits)
    if lenient:
        found["out_of_range"] = "missing"
    return found


def _source(units: Mapping[str, str]) -> str | dict[str, Any]:
    """One unit where all sites write the same, else that of each site."""
    several = set(units.values())
    return several.pop() if len(several) == 1 else {"by_site": dict(units)}
