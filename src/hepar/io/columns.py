"""The text of one column as the values of one field, or an error that names row, case and remedy."""

import datetime as dt
import re
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from ..core.errors import DataError, choices
from ..data.field import Field

WORDS = {"1": True, "0": False, "true": True, "false": False, "yes": True, "no": False}
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)

ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Rows:
    """Where the rows of a table come from: for error messages, and for what depends on the site."""

    source: str
    rows: np.ndarray
    case_ids: np.ndarray
    sites: np.ndarray

    def at(self, position: int, column: str) -> str:
        """Where a cell is, in words."""
        return f"{self.source}, row {self.rows[position]} (case {self.case_ids[position]}), column {column!r}"


class NotAllowedError(DataError):
    """What one distinct cell text of a column cannot be."""


@dataclass(frozen=True, slots=True)
class Coding:
    """Codes that mean missing, in text and as numbers, and how the column writes its numbers."""

    texts: frozenset[str]
    numbers: frozenset[float]
    decimal: str
    points: bool = False
    """Whether a cell of the column writes its decimals with a point."""

    @classmethod
    def of(cls, missing: Collection[str], *, decimal: str = ".") -> "Coding":
        """The coding of a field whose `missing` codes are these."""
        numbers = frozenset(float(code) for code in missing if NUMBER.fullmatch(code))
        return cls(frozenset((*missing, "")), numbers, decimal)

    def number(self, text: str) -> float | None:
        """The number that `text` writes, if it writes one."""
        if self.decimal == ",":
            text = text.replace(".", "?").replace(",", ".")
        return float(text) if NUMBER.fullmatch(text) else None

    def is_missing(self, text: str) -> bool:
        """Whether `text` is empty or a declared code for missing."""
        return text in self.texts or (bool(self.numbers) and self.number(text) in self.numbers)


def parse_column(texts: np.ndarray, field: Field, *, coding: Coding, name: str, rows: Rows) -> np.ndarray:
    """Values of `field`: float with NaN (number, ordinal, boolean) or objects with None (the others).

    Each distinct text is interpreted once.
    """
    labels, distinct = pd.factorize(texts)
    points = any("." in text and NUMBER.fullmatch(text.strip().replace(",", "")) for text in distinct)
    parse = PARSERS[field.kind](field, replace(coding, points=points))
    refused: dict[int, NotAllowedError] = {}
    numeric = field.kind in ("number", "ordinal", "boolean")
    values = np.full(len(distinct), np.nan if numeric else None, dtype=float if numeric else object)
    for k, raw in enumerate(distinct):
        text = raw.strip()
        if coding.is_missing(text):
            continue
        try:
            values[k] = parse(text)
        except NotAllowedError as error:
            refused[k] = error
    if refused:
        places = np.flatnonzero(np.isin(labels, list(refused)))
        first = int(places[0])
        more = f" ({len(places)} cells cannot be read so)" if len(places) > 1 else ""
        where = rows.at(first, field.column or name)
        raise DataError(f"{where}: field {name!r}: {refused[int(labels[first])]}{more}")
    _refuse_absent_tokens(field, distinct, name=name, rows=rows)
    return values[labels]


def _number(_field: Field, coding: Coding) -> Callable[[str], Any]:
    def parse(text: str) -> float:
        number = coding.number(text)
        if number is None:
            raise NotAllowedError(f"{text!r} is not a number; {_number_hint(text, coding)}")
        return number

    return parse


def _number_hint(text: str, coding: Coding) -> str:
    if re.fullmatch(r"[+-]?\d+([.,]\d+)+", text):
        return _mark_hint(text, coding)
    if text[:1] in "<>" and coding.number(text[1:].strip(" =")) is not None:
        return "decide how a value beyond the limit of detection counts, and write that number in the table"
    return f"if it means missing, declare it: missing: [{text!r}]; otherwise correct the cell"


def _mark_hint(text: str, coding: Coding) -> str:
    """What commas and points may mean in a number that cannot be read."""
    thousands = re.fullmatch(r"[+-]?\d{1,3}([.,]\d{3})+([.,]\d+)?", text) is not None
    if coding.decimal == ",":
        remove = "the point may separate thousands: remove it, or " if thousands else ""
        return f"the dictionary says decimal: ',', {remove}write the cell's decimals with a comma"
    if coding.points or text.count(",") > 1:
        return (
            "the comma may separate thousands: remove it (decimals are written with a point in this column)"
            if coding.points
            else "the commas may separate thousands: remove them"
        )
    or_thousands = "; if it separates thousands, remove it" if thousands else ""
    return f"if the table writes decimals with a comma, declare decimal: ','{or_thousands}"


def _lookup(field: Field, coding: Coding) -> Callable[[str], Any]:
    """Codes by their text, or by their number where both are numbers ("1.0" is code 1)."""
    numbers = {float(code): value for code, value in field.codes.items() if NUMBER.fullmatch(code)}

    def find(text: str) -> Any:
        if text in field.codes:
            return field.codes[text]
        number = coding.number(text) if numbers else None
        if number is not None and number in numbers:
            return numbers[number]
        raise NotAllowedError(
            f"{text!r} is not a declared code; {choices(text, field.codes)}. Add it to codes, or to missing if it means"
            " missing"
        )

    return find


def _category(field: Field, coding: Coding) -> Callable[[str], Any]:
    if field.codes:
        return _lookup(field, coding)

    def parse(text: str) -> str:
        if field.levels and text not in field.levels:
            raise NotAllowedError(
                f"{text!r} is not a declared level; {choices(text, field.levels)}. Add it to levels, or to missing"
                " if it means missing"
            )
        return text

    return parse


def _ordinal(field: Field, coding: Coding) -> Callable[[str], Any]:
    if field.codes:
        return _lookup(field, coding)
    number = _number(field, coding)

    def parse(text: str) -> float:
        value = float(number(text))
        if field.levels and value not in field.levels:
            allowed = ", ".join(f"{level:g}" for level in field.levels if isinstance(level, float))
            raise NotAllowedError(
                f"{text!r} is not a declared level; allowed: {allowed}. Add it to levels, or to missing if it means"
                " missing"
            )
        return value

    return parse


def _boolean(field: Field, coding: Coding) -> Callable[[str], Any]:
    if field.tokens is not None:
        wanted, separator = frozenset(field.tokens.any_of), field.tokens.separator
        return lambda text: not wanted.isdisjoint(part.strip() for part in text.split(separator))
    if field.codes:
        return _lookup(field, coding)

    def parse(text: str) -> bool:
        word = text.lower()
        number = coding.number(text)
        word = f"{number:g}" if number is not None else word
        if word not in WORDS:
            raise NotAllowedError(
                f"{text!r} is neither true nor false; allowed: {', '.join(WORDS)}. Declare codes, or missing"
                " if it means missing"
            )
        return WORDS[word]

    return parse


def _date(field: Field, _coding: Coding) -> Callable[[str], Any]:
    def parse(text: str) -> dt.date:
        try:
            if field.format is not None:
                return dt.datetime.strptime(text, field.format).date()
            if not ISO_DATE.fullmatch(text):
                raise ValueError(text)
            return dt.date.fromisoformat(text)
        except ValueError:
            written = field.format or "%Y-%m-%d"
            if re.fullmatch(_shape(written), text):
                raise NotAllowedError(
                    f"{text!r}: there is no such day (read as {written}); correct the cell, or the format if it puts"
                    " day and month the wrong way round"
                ) from None
            wanted = f"written as {field.format}" if field.format else "written as YYYY-MM-DD"
            raise NotAllowedError(
                f"{text!r} is not a date {wanted}; declare the format, e.g. format: '%d.%m.%Y', or missing if it means"
                " missing"
            ) from None

    return parse


def _shape(written: str) -> str:
    """A pattern of texts that look as `written`, whether or not there is such a day."""
    shape = re.escape(written)
    for directive, digits in (("%Y", 4), ("%y", 2), ("%m", "1,2"), ("%d", "1,2")):
        shape = shape.replace(directive, f"[0-9]{{{digits}}}")
    return shape


def _text(_field: Field, _coding: Coding) -> Callable[[str], Any]:
    return lambda text: text


PARSERS: dict[str, Callable[[Field, Coding], Callable[[str], Any]]] = {
    "number": _number,
    "ordinal": _ordinal,
    "category": _category,
    "boolean": _boolean,
    "date": _date,
    "text": _text,
}


def _refuse_absent_tokens(field: Field, distinct: Any, *, name: str, rows: Rows) -> None:
    """A token that no cell holds is a misspelling: it would silently make everyone negative."""
    if field.tokens is None:
        return
    separator = field.tokens.separator
    present = {part.strip() for text in distinct for part in text.split(separator)}
    for token in field.tokens.any_of:
        if token not in present:
            raise DataError(
                f"{rows.source}, column {field.column or name!r}: field {name!r}: no cell holds {token!r};"
                f" {choices(token, present - {''})}"
            )
