"""Excel and Parquet tables as a frame of text."""

import datetime as dt
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, BinaryIO
from zipfile import BadZipFile

import pandas as pd

from ..core.errors import DataError, choices
from .header import is_blank, nothing_there, refuse_bad_header, refuse_no_header

BROKEN = (BadZipFile, EOFError, LookupError, OSError, SyntaxError, TypeError, ValueError, zlib.error)
"""What openpyxl, zipfile and the XML parser raise where a file is damaged or is something else."""


def cell_text(value: Any) -> str:
    """A typed cell as text: "" where missing, 3.0 as "3", midnight as a date.

    >>> cell_text(3.0), cell_text(None), cell_text(dt.datetime(2020, 1, 31))
    ('3', '', '2020-01-31')
    """
    if value is None or value is pd.NaT or value is pd.NA or value != value:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return repr(int(value)) if value.is_integer() and abs(value) < 2**53 else repr(float(value))
    if isinstance(value, dt.datetime):
        midnight = (value.hour, value.minute, value.second, value.microsecond) == (0, 0, 0, 0)
        return value.date().isoformat() if midnight else value.isoformat()
    return str(value)


def read_workbook(path: Path, *, sheet: str | None = None, header_row: int | None = None) -> pd.DataFrame:
    """The `sheet` of the Excel workbook at `path` (its only one when omitted), indexed by row number.

    Rows that hold blanks only are left out, and so are those above `header_row`.
    """
    values = _sheet_rows(path, sheet, formulas=False)
    _refuse_uncalculated(path, values, _sheet_rows(path, sheet, formulas=True), first=header_row or 1)
    rows, numbers = [], []
    for number, typed in enumerate(values, start=1):
        cells = [cell_text(value) for value in typed]
        if number >= (header_row or 1) and not is_blank(cells):
            rows.append(cells)
            numbers.append(number)
    if not rows:
        raise DataError(
            f"{path}: {nothing_there(header_row)}; give a table with a header row and at least one row"
        )
    refuse_no_header(path, rows, numbers, header_row=header_row)
    header = [name.strip() for name in rows[0]]
    while header and not header[-1]:
        header.pop()
    refuse_bad_header(path, header)
    cells_of = [row + [""] * (len(header) - len(row)) for row in rows[1:]]
    for number, row in zip(numbers[1:], cells_of, strict=True):
        if not is_blank(row[len(header) :]):
            raise DataError(
                f"{path}, row {number}: has a value beyond the last named column; name it or delete it"
            )
    index = pd.Index(numbers[1:], name="row")
    return pd.DataFrame([row[: len(header)] for row in cells_of], columns=header, index=index, dtype=object)


def _sheet_rows(path: Path, sheet: str | None, *, formulas: bool) -> list[tuple[Any, ...]]:
    with path.open("rb") as file:  # openpyxl leaves a damaged file open that it opened itself
        try:
            return _read_sheet(path, file, sheet, formulas=formulas)
        except DataError:
            raise
        except BROKEN as error:
            raise DataError(
                f"{path}: is not an Excel workbook, or a damaged one ({error}); remove its password if it has one, and"
                " save it as .xlsx or as CSV"
            ) from None


def _read_sheet(path: Path, file: BinaryIO, sheet: str | None, *, formulas: bool) -> list[tuple[Any, ...]]:
    from openpyxl import load_workbook

    book = load_workbook(file, read_only=True, data_only=not formulas)
    try:
        if sheet is not None and sheet not in book.sheetnames:
            raise DataError(f"{path}: has no sheet {sheet!r}; {choices(sheet, book.sheetnames)}")
        if sheet is None and len(book.sheetnames) > 1:
            raise DataError(f"{path}: holds the sheets {', '.join(book.sheetnames)}; say which by sheet")
        found = book[sheet] if sheet is not None else book.worksheets[0]
        return list(found.iter_rows(values_only=True))
    finally:
        book.close()


def _refuse_uncalculated(
    path: Path, values: Sequence[Sequence[Any]], formulas: Sequence[Sequence[Any]], *, first: int
) -> None:
    """A formula that was never calculated has no stored value and would read as missing."""
    pairs = list(zip(values, formulas, strict=True))[first - 1 :]
    for number, (row, written) in enumerate(pairs, start=first):
        for place, (value, formula) in enumerate(zip(row, written, strict=True), start=1):
            if value is None and formula is not None:
                raise DataError(
                    f"{path}, row {number}, column {place}: the formula {formula!s} has no stored value; open the"
                    " workbook in a spreadsheet program, let it calculate, and save it"
                )


def read_parquet(path: Path, *, header_row: int | None = None) -> pd.DataFrame:
    """The Parquet table at `path`, rows counted from 1; needs pyarrow."""
    if header_row is not None:
        raise DataError(f"{path}: a Parquet table has no header row; remove header_row: {header_row}")
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError:
        raise DataError(
            f"{path}: reading Parquet needs pyarrow, which is not installed; run: pip install 'hepar[parquet]', or save"
            " the table as CSV"
        ) from None
    try:
        table = pq.read_table(path)
    except pa.ArrowException as error:
        raise DataError(f"{path}: is not a Parquet file ({error}); obtain it again") from None
    refuse_bad_header(path, table.column_names)
    columns = {name: [cell_text(v) for v in table.column(name).to_pylist()] for name in table.column_names}
    return pd.DataFrame(columns, index=pd.RangeIndex(1, table.num_rows + 1, name="row"), dtype=object)
