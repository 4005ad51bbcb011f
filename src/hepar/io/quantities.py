"""Numbers of one field in the unit that the dictionary wants, within its range, and a note of every change."""

import re
from collections.abc import Sequence

import numpy as np

from ..core.errors import DataError
from ..data.cohort import Note
from ..data.field import ByColumn, BySite, Detect, Field
from ..data.units import convert, unit_of
from .columns import Rows

SENTINELS = (-99.0, -999.0, -9999.0)
"""Numbers that are hardly ever measured and often mean missing."""
SHOWN = 6
"""How many sites or values a note lists."""


def drop_unusable(
    values: np.ndarray, field: Field, *, name: str, rows: Rows
) -> tuple[np.ndarray, list[Note]]:
    """`values` without those of sites where the field is unusable."""
    notes = []
    for site, why in field.unusable_at.items():
        if site not in rows.sites:
            raise DataError(
                f"{rows.source}: field {name!r}: unusable_at names site {site!r}, which has no row"
            )
        gone = (rows.sites == site) & known(values)
        values = values.copy()
        values[gone] = np.nan if values.dtype == float else None
        notes.append(Note(name, f"values of site {site} set to missing: {why}", int(gone.sum())))
    return values, notes


def known(values: np.ndarray) -> np.ndarray:
    """Which values are not missing."""
    if values.dtype == float:
        return np.asarray(~np.isnan(values))
    return np.array([value is not None for value in values], dtype=bool)


def to_unit(
    values: np.ndarray, field: Field, *, name: str, rows: Rows, units: np.ndarray | None = None
) -> tuple[np.ndarray, list[Note]]:
    """`values` in the field's unit and range; `units` holds the unit of each row where a column gives it."""
    match field.source_unit:
        case Detect():
            converted, notes = _detected(values, field, name=name, rows=rows)
        case BySite():
            of_site = _units_by_site(field.source_unit, rows, name=name)
            converted, notes = _by_row(values, of_site, field, name=name, rows=rows)
        case ByColumn():
            assert units is not None
            _refuse_unit_in_column(values, units, field, name=name, rows=rows)
            converted, notes = _by_row(values, units, field, name=name, rows=rows)
        case str():
            given = np.full(len(values), field.source_unit, dtype=object)
            converted, notes = _by_row(values, given, field, name=name, rows=rows)
        case None:
            converted, notes = values, []
    kept, dropped = _within_range(converted, values, field, name=name, rows=rows)
    return kept, [*notes, *dropped]


def _by_row(
    values: np.ndarray, units: np.ndarray, field: Field, *, name: str, rows: Rows
) -> tuple[np.ndarray, list[Note]]:
    """Convert each value from the unit of its row."""
    target = str(field.unit)
    converted = values.copy()
    notes = []
    for unit in dict.fromkeys(units[known(values)]):
        here = (units == unit) & known(values)
        if unit_of(unit) == unit_of(target):
            continue
        converted[here] = convert(values[here], unit, target, analyte=field.analyte)
        what = f"read as {unit} and converted to {target}{_sites(rows.sites[here], rows)}"
        notes.append(Note(name, what, int(here.sum())))
    return converted, notes


def _units_by_site(rule: BySite, rows: Rows, *, name: str) -> np.ndarray:
    units = np.array(
        [rule.by_site.get(site, rule.by_site.get("default")) for site in rows.sites], dtype=object
    )
    for site in rule.by_site:
        if site != "default" and site not in rows.sites:
            raise DataError(
                f"{rows.source}: field {name!r}: source_unit names site {site!r}, which has no row"
            )
    bare = np.flatnonzero(np.array([unit is None for unit in units], dtype=bool))
    if bare.size:
        raise DataError(
            f"{rows.source}: field {name!r}: source_unit.by_site has no unit for site {rows.sites[bare[0]]!r}; add it,"
            " or a default"
        )
    return units


def _refuse_unit_in_column(
    values: np.ndarray, units: np.ndarray, field: Field, *, name: str, rows: Rows
) -> None:
    assert isinstance(field.source_unit, ByColumn)
    have = known(values)
    for unit in dict.fromkeys(units[have]):
        try:
            unit_of(unit, like=field.unit, analyte=field.analyte)
        except DataError as error:
            place = int(np.flatnonzero((units == unit) & have)[0])
            where = rows.at(place, field.source_unit.by_column)
            raise DataError(f"{where}: field {name!r}: {error}") from None


def _detected(values: np.ndarray, field: Field, *, name: str, rows: Rows) -> tuple[np.ndarray, list[Note]]:
    """Convert each value from the one candidate unit under which it lies within the range."""
    assert isinstance(field.source_unit, Detect)
    assert field.range is not None
    target = str(field.unit)
    candidates = tuple(
        {unit_of(unit): unit for unit in field.source_unit.detect}.values()
    )  # 10^9/L is 10^3/uL
    low, high = field.range
    options = np.array([convert(values, unit, target, analyte=field.analyte) for unit in candidates])
    fits = (options >= low) & (options <= high)
    several = fits.sum(axis=0) > 1
    notes = []
    if several.any():
        notes = _ambiguous(values, several, field, name=name, rows=rows)
    units = np.array(candidates, dtype=object)[fits.argmax(axis=0)]
    units[fits.sum(axis=0) == 0] = target  # fits no candidate: left for the range check
    cleared = np.where(several, np.nan, values)
    converted, changed = _by_row(cleared, units, field, name=name, rows=rows)
    return converted, [*notes, *changed]


def _ambiguous(values: np.ndarray, several: np.ndarray, field: Field, *, name: str, rows: Rows) -> list[Note]:
    assert isinstance(field.source_unit, Detect)
    candidates = ", ".join(field.source_unit.detect)
    if field.out_of_range == "missing":
        what = f"set to missing: the unit is ambiguous among {candidates}{_sites(rows.sites[several], rows)}"
        return [Note(name, what, int(several.sum()))]
    place = int(np.flatnonzero(several)[0])
    raise DataError(
        f"{rows.at(place, field.column or name)}: field {name!r}: {values[place]:g} is ambiguous: it lies within"
        f" {_range(field)} under more than one of {candidates} ({several.sum()} such); narrow the range, or declare"
        " source_unit by_site or by_column"
    )


def _within_range(
    converted: np.ndarray, original: np.ndarray, field: Field, *, name: str, rows: Rows
) -> tuple[np.ndarray, list[Note]]:
    """`converted` without what lies outside the range, if the dictionary says to drop it; refused otherwise."""
    outside = _outside(converted, field)
    if not outside.any():
        return converted, []
    place = int(np.flatnonzero(outside)[0])
    if field.out_of_range == "missing" and field.range is not None:
        found_values = [f"{value:g}" for value in dict.fromkeys(original[outside])]
        seen = ", ".join(found_values[:SHOWN])
        tail = ", ..." if len(found_values) > SHOWN else ""
        what = (
            f"set to missing: outside {_range(field)} (found {seen}{tail}){_sites(rows.sites[outside], rows)}"
        )
        return np.where(outside, np.nan, converted), [Note(name, what, int(outside.sum()))]
    found = f"{original[place]:g}"
    if converted[place] != original[place]:
        found += f" ({converted[place]:g} {field.unit})"
    more = f" ({int(outside.sum())} such values)" if outside.sum() > 1 else ""
    raise DataError(
        f"{rows.at(place, field.column or name)}: field {name!r}: {found} is not allowed; allowed is {_range(field)}"
        f"{more}. {_remedy(original[place])}"
    )


def _outside(values: np.ndarray, field: Field) -> np.ndarray:
    if field.range is None:
        return np.isin(values, SENTINELS)
    return (values < field.range[0]) | (values > field.range[1])


def _range(field: Field) -> str:
    if field.range is None:
        return "any number but -99, -999 and -9999, which usually mean missing: declare them, or a range"
    return f"{field.range[0]:g} to {field.range[1]:g}{f' {field.unit}' if field.unit else ''}"


def _remedy(value: float) -> str:
    if re.fullmatch(r"-?(9+|8+|7+)", f"{value:.15g}"):
        return f"If {value:g} means missing, declare it: missing: ['{value:g}']"
    return "Correct the value, its unit or the range, or declare out_of_range: missing"


def _sites(sites: Sequence[str] | np.ndarray, rows: Rows) -> str:
    if len(set(rows.sites)) == 1:
        return ""
    names = sorted(set(sites))
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return f" (sites: {', '.join(names[:SHOWN])}{more})"
