"""Calculated fields, worked out again and compared with what the export holds, to the digits that it prints."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ...core.errors import ProtocolError
from .finding import Finding, query_of
from .form import FormDictionary
from .lines import Item, Lines, can_read, seen_from
from .logic import Logic
from .moments import unlike_moments
from .parser import parse_condition
from .query import Query
from .values import number_of

SLACK = 1e-9
"""Share of the value within which two ways of adding up binary fractions may differ."""
FINEST = 12
"""Decimals beyond which a double says nothing."""
DECIMAL = re.compile(r"[+-]?\d*\.?\d*", re.ASCII)


@dataclass(frozen=True, slots=True)
class Calculations:
    """The calculations of a dictionary that can be repeated, by field; and the fields whose cannot, with the reason."""

    parsed: tuple[tuple[str, Logic], ...]
    skipped: tuple[tuple[str, str], ...]


def calculations_of(dictionary: FormDictionary, *, missing_codes: frozenset[str]) -> Calculations:
    """What can be worked out again: all but what calls functions, or asks `datediff` of moments, that are not read."""
    fields = {field.name: field for field in dictionary.fields}
    parsed: list[tuple[str, Logic]] = []
    skipped: list[tuple[str, str]] = []
    for field in dictionary.fields:
        if field.type != "calc":
            continue
        try:
            logic = parse_condition(field.calculation, where=field.name, missing_codes=missing_codes)
        except ProtocolError as error:
            skipped.append((field.name, str(error)))
        else:
            if mixed := unlike_moments(logic, fields):
                skipped.append((field.name, mixed))
            else:
                parsed.append((field.name, logic))
    return Calculations(tuple(parsed), tuple(skipped))


def calculation_queries(lines: Lines, calculations: Calculations) -> Iterator[Query]:
    """Calculated values that differ from what their calculation gives on this line.

    An empty value is none to compare, nor is a result that is blank or no number.
    """
    items = {item.field.name: item for of_form in lines.items.values() for item in of_form}
    asked = [
        (items[name], logic)
        for name, logic in calculations.parsed
        if name in items and can_read(lines, logic)
    ]
    for record in lines.export.records:
        lookup = seen_from(lines, record)
        for item, logic in asked:
            written = record.values.get(item.field.name, "")
            if written and written not in lines.export.missing_codes:
                finding = _compared(item, written, logic.value(lookup))
                if finding:
                    site = lines.site_of(record.participant)
                    yield query_of(record, item.field, finding, site=site, value=written)


TO_DO = "open and save the form so that REDCap calculates anew, or correct what the calculation reads"


def _compared(item: Item, written: str, result: str | float) -> Finding | None:
    if result == "":
        return Finding("calculation", "has a value, though what it is calculated from is incomplete", TO_DO)
    found, expected = number_of(written), number_of(result)
    if found is None or expected is None:
        return None if result == written else _differs(item)
    decimals = len(written.partition(".")[2]) if DECIMAL.fullmatch(written) else FINEST
    half_digit = 0.5 * 10.0 ** -min(decimals, FINEST)
    return None if abs(found - expected) <= half_digit + abs(expected) * SLACK else _differs(item)


def _differs(item: Item) -> Finding:
    formula = " ".join(item.field.calculation.split())
    return Finding("calculation", f"is not what its calculation gives: {formula}", TO_DO)
