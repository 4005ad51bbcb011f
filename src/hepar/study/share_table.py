"""The data table as it may be passed on: pseudonyms, days in place of dates, ages capped; and its dictionary."""

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from ..core.errors import ProtocolError, choices
from ..data.case import Case
from ..data.derive import YearsBetween
from ..data.dictionary import Dataset
from ..data.field import Field
from ..io.identifier import Identifier, dates_of
from .pseudonyms import Pseudonyms

OLDEST_Y = 89
"""Ages above it are given as 90: together they are no category of a few (HIPAA safe harbor, 45 CFR 164.514(b))."""
_BIRTH = re.compile(r"(?:^|[_\W])(?:birth|birthday|born|dob)(?:[_\W]|$)", re.I)

_NAMING = re.compile(
    r"^names?$|(?:^|[_\W])(?:(?:first|last|middle|family|given|maiden|full|patients?|persons?|subjects?|participants?)"
    r"_?(?:names?|numbers?|nr|no|ids?)|(?:sur|fore)names?|nachname|vorname|initials|mrn|ssn|nhs|(?:hospital|insurance|"
    r"medical_record|record|accession|phone|telephone)_?(?:numbers?|nr|no|ids?)|phone|telephone|e_?mail|address|street|"
    r"(?:zip|postal)_?codes?|zip|postcodes?)(?:$|[_\W])",
    re.I,
)
"""What a field or its column is called that tells who somebody is, or where they live."""


@dataclass(frozen=True, slots=True)
class Column:
    """One shared column: its name, what the dictionary says of it, what was done to it, its cells."""

    name: str
    document: Mapping[str, Any]
    done: str
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Shared:
    """The columns that are shared, and the fields that are not, with the reason."""

    columns: tuple[Column, ...]
    dropped: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Rules:
    """How a table is made safe."""

    names: Pseudonyms
    day_zero: str | None = None
    """Date field from which days are counted; without one no date is shared."""
    texts: bool = False
    """Whether fields of free text are shared."""


def shared_columns(cases: Sequence[Case], fields: Iterable[str], *, dataset: Dataset, rules: Rules) -> Shared:
    """The `fields` of `cases` as they may be passed on.

    Raises:
        ProtocolError: a field or the day zero is none of the dictionary's, or day zero is no date.
    """
    known = dataset.all_fields
    _refuse_day_zero(rules.day_zero, known)
    columns: list[Column] = []
    dropped: dict[str, str] = {}
    for name in dict.fromkeys(fields):
        if name not in known:
            raise ProtocolError(f"field {name!r} is not in the dictionary; {choices(name, known)}")
        made = _column(name, known[name], cases, dataset=dataset, rules=rules)
        if isinstance(made, str):
            dropped[name] = made
        else:
            columns.append(made)
    return Shared(tuple(columns), dropped)


def table_text(head: Mapping[str, Sequence[str]], columns: Sequence[Column]) -> str:
    """The table as CSV, ordered by the first column of `head`."""
    frame = pd.DataFrame({**head, **{column.name: column.cells for column in columns}}, dtype=object)
    return frame.sort_values(frame.columns[0], kind="stable").to_csv(index=False, lineterminator="\n")


def dates_in(cases: Iterable[Case]) -> set[Identifier]:
    """Every date of the cases, in the ways in which dates are written."""
    days = {(v, name) for case in cases for name, v in case.clinical.items() if isinstance(v, date)}
    return {one for day, name in days for one in dates_of(day, what=f"date ({name})")}


def _refuse_day_zero(day_zero: str | None, known: Mapping[str, Field]) -> None:
    if day_zero is None:
        return
    dates = [name for name, field in known.items() if field.kind == "date"]
    if day_zero not in dates:
        raise ProtocolError(f"day zero {day_zero!r} is no date of the dictionary; {choices(day_zero, dates)}")


def _column(
    name: str, field: Field, cases: Sequence[Case], *, dataset: Dataset, rules: Rules
) -> Column | str:
    """The column, or why the field is not shared."""
    sources = dataset.columns_of(name)
    values = [case.clinical.get(name) for case in cases]
    document = _document(field, follow_up=dataset.is_follow_up(name))
    if sources & {dataset.case, dataset.participant}:
        return "it names the participant"
    if _BIRTH.search(name) or (field.kind == "date" and any(map(_BIRTH.search, sources))):
        return "it tells the date of birth"
    if any(_NAMING.search(one) for one in (name, *sources)) and not sources & set(dataset.site_columns):
        return "its name says that it names a person or an address; rename field and column if it does not"
    if field.kind == "text" and not rules.texts:
        return "free text"
    if field.kind == "date":
        return _days(name, document, values, cases=cases, day_zero=rules.day_zero)
    if sources & set(dataset.site_columns):
        cells = tuple("" if v is None else rules.names.site(_plain(v)) for v in values)
        levels = sorted({cell for cell in cells if cell})
        return Column(name, {**document, "kind": "category", "levels": levels}, "pseudonyms of sites", cells)
    if is_age(name, dataset):
        return _capped(name, document, values)
    return Column(name, document, "as it was read", tuple(map(_plain, values)))


def is_age(name: str, dataset: Dataset) -> bool:
    """Whether a field is the age of a person: called so, or the years since a date of birth."""
    made = dataset.derived.get(name)
    if isinstance(made, YearsBetween):
        return _BIRTH.search(made.start) is not None
    field = dataset.all_fields[name]
    words = re.split(r"[_\W]+", f"{name} {field.label or ''}".lower())
    return field.kind == "number" and "age" in words and field.unit in (None, "year")


def _capped(name: str, document: Mapping[str, Any], values: Sequence[Any]) -> Column:
    old = sum(v is not None and v > OLDEST_Y for v in values)
    cells = tuple(_plain(None if v is None else v if v <= OLDEST_Y else OLDEST_Y + 1) for v in values)
    low, high = document.get("range", (0, OLDEST_Y + 1))
    done = f"above {OLDEST_Y} given as {OLDEST_Y + 1} ({old} such)"
    return Column(name, {**document, "range": [low, max(high, OLDEST_Y + 1)]}, done, cells)


def _days(
    name: str,
    document: Mapping[str, Any],
    values: Sequence[Any],
    *,
    cases: Sequence[Case],
    day_zero: str | None,
) -> Column | str:
    if day_zero is None:
        return "a date, and no day zero was named"
    zeros = [case.clinical.get(day_zero) for case in cases]
    days = [None if v is None or z is None else (v - z).days for v, z in zip(values, zeros, strict=True)]
    kept = {key: document[key] for key in ("label", "follow_up") if key in document}
    done = f"days since {day_zero}"
    return Column(f"{name}_day", {**kept, "kind": "number", "unit": "day"}, done, tuple(map(_plain, days)))


def _document(field: Field, *, follow_up: bool) -> dict[str, Any]:
    """What the shared dictionary says of a field whose values stand as they were understood."""
    names = ("kind", "label", "unit", "range", "levels", "names")
    said = field.model_dump(mode="json", include=set(names))
    document = {key: said[key] for key in names if said[key] not in (None, [], {})}
    if field.kind == "boolean":
        document["codes"] = {"yes": True, "no": False}
    return {**document, **({"follow_up": True} if follow_up else {})}


def _plain(value: Any) -> str:
    """A cell: whole numbers without a point, others so that they are read back exactly; empty where missing."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.0f}" if value.is_integer() and abs(value) < 1e15 else repr(value)
    return str(value)
