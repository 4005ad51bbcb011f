"""A CSV file of REDCap's as rows of text: comma, semicolon or tab, read strictly, written to be read back."""

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ...core.errors import DataError
from ..csv_text import csv_text, harmless, line_feeds
from ..encoding import UTF_16_MARKS
from ..files import refuse_unreadable
from ..header import is_blank, refuse_bad_header

DELIMITERS = (",", ";", "\t")
LARGEST_MB = 1024
"""Of a file that is read: one export of a study holds far less."""
LINE_FEED = b"\n"
_SEPARATOR = re.compile(r"\Asep=[,;\t](?=\r|\n)", re.IGNORECASE)
"""A first line by which spreadsheets tell the delimiter."""
_SAVE = 'save it as "CSV UTF-8"'
_ARCHIVES = {b"PK\x03\x04": "a zip archive or an Excel workbook", b"\x1f\x8b": "a gzip file"}


@dataclass(frozen=True, slots=True)
class Sheet:
    """The header and the rows below it, each with the line of the file that it begins on."""

    header: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]


def read_sheet(path: Path, *, known: Callable[[str], bool]) -> Sheet:
    """The table at `path`; the delimiter is the one by which most names of the header are `known`.

    Cells are without white space at their ends; rows that hold blanks only are left out.

    Raises:
        DataError: no such file, no text, another encoding than UTF-8, broken quotes, a name that stands twice, a row
            with more or fewer cells than the header.
    """
    _refuse_archive(path)
    text = _text(path)
    delimiter = max(DELIMITERS, key=lambda one: sum(map(known, _first_row(text, one))))
    shared: dict[str, str] = {}
    rows = [
        (line, tuple(shared.setdefault(cell, cell) for cell in map(_tidy, row)))
        for line, row in _rows(path, text, delimiter)
        if not is_blank(row)
    ]
    if not rows:
        raise DataError(f"{path}: holds blanks only; export it again")
    rows = _without_blank_end(rows)
    header = rows[0][1]
    refuse_bad_header(path, header)
    _refuse_ragged(path, header, rows)
    return Sheet(header, tuple(rows[1:]))


def sheet_text(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """The table as CSV, from which `read_sheet` reads the same cells.

    A cell that a spreadsheet would run as a formula gets an apostrophe before it, and so does one that begins with such
    an apostrophe of its own, for reading takes one off.
    """
    return csv_text(header, ([_guarded(_plain(cell)) for cell in row] for row in rows))


Numbered = tuple[int, tuple[str, ...]]


def _without_blank_end(rows: list[Numbered]) -> list[Numbered]:
    """The rows without columns at the end that have neither a name nor a cell, which spreadsheets add unseen."""
    header = rows[0][1]
    named = next((place for place in range(len(header), 0, -1) if header[place - 1]), 0)
    if any(cell for _, row in rows for cell in row[named:]):
        return rows
    return [(line, row[:named] if len(row) <= len(header) else row) for line, row in rows]


def _text(path: Path) -> str:
    raw = path.read_bytes()
    if raw.startswith(UTF_16_MARKS):
        raise DataError(f'{path}: is UTF-16, what Excel calls "Unicode text"; {_SAVE}')
    if b"\0" in raw:
        place = raw.index(b"\0")
        raise DataError(
            f"{path}, line {raw.count(LINE_FEED, 0, place) + 1}: byte {place} is NUL, so it is no text table; export"
            " it again"
        )
    try:
        return _SEPARATOR.sub("", raw.decode("utf-8-sig"), count=1)
    except UnicodeDecodeError as error:
        line = raw.count(LINE_FEED, 0, error.start) + 1
        raise DataError(
            f"{path}, line {line}: byte {error.start} (0x{raw[error.start]:02x}) is not UTF-8; a spreadsheet may have"
            f" saved it in the encoding of its country. Export it again, or open it there and {_SAVE}"
        ) from None


def _tidy(cell: str) -> str:
    """The cell without white space at its ends and without what keeps a spreadsheet from running it."""
    text = _plain(cell)
    return text[1:] if text.startswith("'") and _guarded(text[1:]) == text else text


def _guarded(cell: str) -> str:
    """`cell` as it is written: with an apostrophe before a formula, and before one that has apostrophes already."""
    own = cell.lstrip("'")
    return f"'{cell}" if harmless(own) != own else cell


def _plain(cell: str) -> str:
    """The cell without white space at its ends, its lines ended by line feeds."""
    return line_feeds(cell).strip()


def _first_row(text: str, delimiter: str) -> Sequence[str]:
    try:
        rows = csv.reader(io.StringIO(text[:200_000], newline=""), delimiter=delimiter)
        return [name.strip() for name in next((row for row in rows if not is_blank(row)), [])]
    except csv.Error:
        return []


def _rows(path: Path, text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    begins = 1
    try:
        for row in reader:
            yield begins, row
            begins = reader.line_num + 1
    except csv.Error as error:
        cut = " (the file may have been cut off)" if "end of data" in str(error) else ""
        raise DataError(f"{path}, line {begins}: {error}{cut}; export the file again") from None


def _refuse_archive(path: Path) -> None:
    refuse_unreadable(path)
    with path.open("rb") as file:
        start = file.read(4)
    for mark, what in _ARCHIVES.items():
        if start.startswith(mark):
            raise DataError(f"{path}: is {what}, not CSV; unpack it, or save the table as CSV UTF-8")
    if path.suffix.lower() == ".gz":
        raise DataError(f"{path}: is named as a gzip file, but is none; name it .csv")
    megabytes = path.stat().st_size >> 20
    if megabytes > LARGEST_MB:
        raise DataError(
            f"{path}: has {megabytes:,} MB; at most {LARGEST_MB:,} MB are read: export fewer forms"
        )


def _refuse_ragged(path: Path, header: Sequence[str], rows: Sequence[tuple[int, Sequence[str]]]) -> None:
    for line, row in rows:
        if len(row) != len(header):
            cut = " The file may have been cut off." if line == rows[-1][0] and len(row) < len(header) else ""
            raise DataError(
                f"{path}, line {line}: has {len(row)} cells where the header has {len(header)}.{cut} Export it again,"
                " and let no spreadsheet save it"
            )
