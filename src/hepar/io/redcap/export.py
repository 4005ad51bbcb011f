"""A raw export of a REDCap project, read into records."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ...core.errors import DataError, ProtocolError, choices
from ...data.crf.form import FormDictionary
from ...data.crf.record import Export, Record
from ...data.crf.validation import REWRITTEN
from .export_columns import (
    EVENT,
    GROUP,
    INSTANCE,
    INSTRUMENT,
    coded_columns,
    expected_columns,
    optional_columns,
    refuse_header,
    spelled,
)
from .sheet import Sheet, read_sheet

_DAY = re.compile(r"\d{4}-\d\d-\d\d")
KEPT = (EVENT, INSTRUMENT, INSTANCE, GROUP)
"""Columns that a record has as its own attributes, not among its values."""


@dataclass(frozen=True, slots=True, eq=False)
class _Cells(Mapping[str, str]):
    """The cells of a line under the names of its columns, which all lines share."""

    places: Mapping[str, int]
    cells: Sequence[str]

    def __getitem__(self, column: str) -> str:
        return self.cells[self.places[column]]

    def __iter__(self) -> Iterator[str]:
        return iter(self.places)

    def __len__(self) -> int:
        return len(self.places)


def read_export(
    path: Path, dictionary: FormDictionary, *, missing_codes: Collection[str] = (), partial: bool = False
) -> Export:
    """The records of the raw export at `path`; a `partial` one may lack columns of the dictionary.

    What the cells hold is not judged here, but for what shows that the file is none of a raw export. The participant's
    identifier is the first of the columns, wherever it stands in the file.

    Raises:
        DataError: no table; labels instead of codes or of names; another project's export; unknown or lacking columns;
            a line without participant; a repeated form that the dictionary does not have.
        ProtocolError: a missing data code is blank.
    """
    if any(not code.strip() for code in missing_codes):
        raise ProtocolError("a missing data code is blank; name what stands in the cell, e.g. -999 or UNK")
    names = {*expected_columns(dictionary), *optional_columns(dictionary)}
    sheet = read_sheet(path, known=names.__contains__)
    refuse_header(path, sheet.header, dictionary, missing_codes=missing_codes, partial=partial)
    _refuse_words(path, sheet, dictionary)
    _refuse_rewritten_days(path, sheet, dictionary)
    renamed = spelled(dictionary, missing_codes=missing_codes)
    header = tuple(name if name in names else renamed.get(name, name) for name in sheet.header)
    _refuse_same(path, header, sheet.header)
    others = (name for name in header if name and name not in (*KEPT, dictionary.record_id))
    columns = (dictionary.record_id, *others)
    places = {name: place for place, name in enumerate(header) if name in columns}
    every = {name: place for place, name in enumerate(header)}
    records = tuple(
        _record(path, line, _Cells(every, row), dictionary=dictionary, places=places)
        for line, row in sheet.rows
    )
    return Export(columns, records, frozenset(missing_codes))


def _record(
    path: Path, line: int, cells: _Cells, *, dictionary: FormDictionary, places: Mapping[str, int]
) -> Record:
    participant = cells[dictionary.record_id]
    if not participant:
        raise DataError(
            f"{path}, line {line}: {dictionary.record_id!r} is empty, so nobody knows whose values these are; write the"
            " participant's identifier, or delete the line"
        )
    instrument, instance = cells.get(INSTRUMENT, ""), cells.get(INSTANCE, "")
    if instrument and instrument not in dictionary.forms:
        raise DataError(
            f"{path}, line {line}: {INSTRUMENT} holds {instrument!r}, which is no form of the dictionary"
            f" {dictionary.name!r}; {choices(instrument, dictionary.forms)}"
        )
    if instance and not (instance.isascii() and instance.isdecimal()):
        raise DataError(f"{path}, line {line}: {INSTANCE} holds {instance!r}; it is a whole number from 1 on")
    return Record(
        line=line,
        participant=participant,
        values=_Cells(places, cells.cells),
        event=cells.get(EVENT, ""),
        instrument=instrument,
        instance=instance,
        group=cells.get(GROUP, ""),
    )


def _refuse_same(path: Path, header: Sequence[str], written: Sequence[str]) -> None:
    for place, name in enumerate(header):
        if name and name in header[:place]:
            first = written[header.index(name)]
            raise DataError(f"{path}: {first!r} and {written[place]!r} are one column; delete one")


def _refuse_words(path: Path, sheet: Sheet, dictionary: FormDictionary) -> None:
    """Refuse an export that holds the words of the choices where a raw one holds their codes.

    One such cell may be an error of entry and is left to the check; where no cell of a coded column holds a code, it
    is the kind of the export.
    """
    place_of = {name: place for place, name in enumerate(sheet.header)}
    worded, coded = list[tuple[str, str]](), 0
    for column, words in coded_columns(dictionary):
        if column not in place_of:
            continue
        found = {row[place_of[column]] for _, row in sheet.rows} - {""}
        in_words = sorted(cell for cell in found if cell.lower() in words)
        if in_words and len(in_words) == len(found):
            worded.append((column, in_words[0]))
        elif found and not in_words:
            coded += 1
    if worded and len(worded) > coded:
        column, cell = worded[0]
        raise DataError(
            f"{path}: holds labels instead of codes, e.g. {cell!r} in the column {column!r}"
            f" ({len(worded)} columns); export it again as"
            ' "CSV / Microsoft Excel (raw data)", not as labels'
        )


def _refuse_rewritten_days(path: Path, sheet: Sheet, dictionary: FormDictionary) -> None:
    """Refuse an export of which a spreadsheet rewrote the days: day and month can no longer be told apart.

    One such cell among days as REDCap writes them is left to the check.
    """
    days = {
        field.name
        for field in dictionary.fields
        if field.type == "text" and field.validation.startswith("date")
    }
    cells = {
        name: [row[place] for _, row in sheet.rows] for place, name in enumerate(sheet.header) if name in days
    }
    rewritten = [name for name, column in cells.items() if any(map(REWRITTEN.fullmatch, column))]
    if rewritten and not any(_DAY.match(cell) for column in cells.values() for cell in column):
        raise DataError(
            f"{path}: a spreadsheet has rewritten the days (in {', '.join(map(repr, rewritten[:3]))}), and which number"
            " is the month nobody can tell now; export it again, and let no spreadsheet save it"
        )
