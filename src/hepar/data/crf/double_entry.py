"""Two entries of the same forms, compared: where they differ, and how often the hand that typed erred."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ...stats.agreement import BlandAltman, bland_altman
from ...stats.classification import wilson
from ...stats.estimate import Estimate, StatisticError
from ...stats.ordinal import kappa
from .check import ordered
from .finding import MASK, Finding, line_query, participant_query
from .form import FormDictionary, FormField
from .lines import Item, Lines, lines_of
from .query import Query
from .record import Export, Record
from .validation import validation_of
from .values import number_of

RULE = "double entry"
NOT_ENTERED = ("descriptive", "file")
CODED = ("radio", "dropdown", "yesno", "truefalse")
EMPTY = "(empty)"


@dataclass(frozen=True, slots=True)
class FieldAgreement:
    """How one field agrees; a field left empty in both entries is not compared."""

    field: str
    form: str
    compared: int
    equal: int
    agreement: Estimate
    """Share that is equal, with the interval of Wilson (1927)."""
    kappa: Estimate | None = None
    """Of answers with codes, where both entries have one (Cohen 1960)."""
    limits: BlandAltman | None = None
    """Of numbers, where both entries have one (Bland & Altman 1986); None where they have too few or no spread."""


@dataclass(frozen=True, slots=True)
class DoubleEntry:
    """The comparison: field by field, each difference as a query, and who stands in one entry only."""

    fields: tuple[FieldAgreement, ...]
    queries: tuple[Query, ...]
    participants: int
    only_first: tuple[str, ...]
    only_second: tuple[str, ...]

    @property
    def compared(self) -> int:
        """Fields that at least one entry fills in."""
        return sum(one.compared for one in self.fields)

    @property
    def different(self) -> int:
        """Of these, those that differ."""
        return self.compared - sum(one.equal for one in self.fields)

    @property
    def error_rate(self) -> Estimate:
        """Share of fields that differ (times 10,000 the usual rate of errors); NaN where none is compared."""
        return wilson(self.different, self.compared)


Pairs = tuple[tuple[Record, Record], ...]


def compare(dictionary: FormDictionary, first: Export, second: Export) -> DoubleEntry:
    """Compare the lines that both exports have, field by field.

    Numbers are compared as numbers ("5" is "5.0"), all else as text; a checkbox is one field. Calculated fields,
    files and the forms' status are left out, and so is what one export has no column for.
    """
    one, other = lines_of(dictionary, first), lines_of(dictionary, second)
    pairs = tuple(
        (record, other.places[place]) for place, record in one.places.items() if place in other.places
    )
    compared = tuple(_compared(item, pairs, one) for item in _shared(one, other))
    found = [query for _, queries in compared for query in queries]
    found += _unpaired(one, other, which="first")
    found += _unpaired(other, one, which="second")
    return DoubleEntry(
        fields=tuple(agreement for agreement, _ in compared if agreement.compared),
        queries=ordered(dictionary, found),
        participants=len(one.participants.keys() & other.participants.keys()),
        only_first=tuple(sorted(one.participants.keys() - other.participants.keys())),
        only_second=tuple(sorted(other.participants.keys() - one.participants.keys())),
    )


def _shared(one: Lines, other: Lines) -> Iterator[Item]:
    held = {item.field.name: item.columns for items in other.items.values() for item in items}
    for items in one.items.values():
        for item in items:
            entered = item.field.type not in NOT_ENTERED and not item.field.computed
            if entered and held.get(item.field.name) == item.columns:
                yield item


def _compared(item: Item, pairs: Pairs, lines: Lines) -> tuple[FieldAgreement, list[Query]]:
    queries: list[Query] = []
    both: list[tuple[str, str]] = []
    compared = 0
    for first, second in pairs:
        left, right = _text(item, first), _text(item, second)
        if not (left or right):
            continue
        compared += 1
        if left and right:
            both.append((left, right))
        if not is_same(item.field, left, right):
            queries.append(
                _difference(item.field, first, (left, right), site=lines.site_of(first.participant))
            )
    equal = compared - len(queries)
    agreement = wilson(equal, compared)
    closeness = _kappa(item.field, both), _limits(item.field, both)
    return FieldAgreement(item.field.name, item.field.form, compared, equal, agreement, *closeness), queries


def _text(item: Item, record: Record) -> str:
    if item.field.type != "checkbox":
        return record.values.get(item.columns[0], "")
    entered = ((column, record.values.get(column, "")) for column in item.columns)
    prefix = f"{item.field.name}___"
    return ", ".join(column.removeprefix(prefix) for column, cell in entered if cell not in ("", "0"))


def _is_number(field: FormField) -> bool:
    validation = validation_of(field)
    return field.type == "slider" or (validation is not None and validation.rule == "number")


def _number(field: FormField, text: str) -> float | None:
    """The number that the text of a field of numbers writes, None where it is none."""
    if not _is_number(field):
        return None
    return number_of(text.replace(",", ".") if field.validation.endswith("comma_decimal") else text)


def is_same(field: FormField, first: str, second: str) -> bool:
    """Whether two entries say the same: as numbers where the field holds one, else letter by letter."""
    if first == second:
        return True
    left, right = _number(field, first), _number(field, second)
    return left is not None and left == right


def _difference(field: FormField, record: Record, values: tuple[str, str], *, site: str) -> Query:
    finding = Finding(
        RULE,
        "is not the same in the first and the second entry",
        "look at the source and correct the entry that is wrong",
    )
    shown = MASK if field.identifier else " | ".join(value or EMPTY for value in values)
    return line_query(record, finding, site=site, form=field.form, field=field.name, value=shown)


def _unpaired(one: Lines, other: Lines, *, which: str) -> Iterator[Query]:
    """A participant of one entry only is one query, and so is a line of one that both have."""
    finding = Finding(RULE, f"stands in the {which} entry only", "enter it a second time, or delete it")
    for participant, records in one.participants.items():
        site = one.site_of(participant)
        if participant not in other.participants:
            yield participant_query(records[0], finding, site=site, value=which)
            continue
        for record in records:
            if record.place not in other.places:
                yield line_query(record, finding, site=site, form=record.instrument, value=which)


def _kappa(field: FormField, both: list[tuple[str, str]]) -> Estimate | None:
    if field.type not in CODED or not both:
        return None
    first, second = (np.array(side) for side in zip(*both, strict=True))
    if len(set(first)) == 1 or len(set(second)) == 1:
        return None  # 0 by definition, with an interval of no width, however few differ
    try:
        return kappa(first, second)
    except StatisticError:
        return None


def _limits(field: FormField, both: list[tuple[str, str]]) -> BlandAltman | None:
    pairs = [(_number(field, first), _number(field, second)) for first, second in both]
    numbers = [(left, right) for left, right in pairs if left is not None and right is not None]
    if not numbers:
        return None
    values = np.array(numbers)
    try:
        return bland_altman(values[:, 0], values[:, 1])
    except StatisticError:
        return None
