"""Excel and Parquet tables as a frame of text."""

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import pandas as pd

from ..core.errors import DataError, choices
from .delimited import refuse_bad_header


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


def read_workbook(path: Path, *, sheet: str | None = None) -> pd.DataFrame:
    """The `sheet` of the Excel workbook at `path` (its only one when omitted), indexed by row number."""
    values = _sheet_rows(path, sheet, formulas=False)
    _refuse_uncalculated(path, values, _sheet_rows(path, sheet, formulas=True))
    numbered = [
        (number, row) for number, row in enumerate(values, start=1) if any(v is not None for v in row)
    ]
    if not numbered:
        raise DataError(f"{path}: the sheet is empty; give a table with a header row and at least one row")
    header = [cell_text(value).strip() for value in numbered[0][1]]
    while header and not header[-1]:
        header.pop()
    refuse_bad_header(path, header)
    rows = [[cell_text(value) for value in row] for _, row in numbered[1:]]
    rows = [row + [""] * (len(header) - len(row)) for row in rows]
    for (number, _), row in zip(numbered[1:], rows, strict=True):
        if any(row[len(header) :]):
            raise DataError(
                f"{path}, row {number}: has a value beyond the last named column; name it or delete it"
            )
    index = pd.Index([number for number, _ in numbered[1:]], name="row")
    return pd.DataFrame([row[: len(header)] for row in rows], columns=header, index=index, dtype=object)


def _sheet_rows(path: Path, sheet: str | None, *, formulas: bool) -> list[tuple[Any, ...]]:
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        book = load_workbook(path, read_only=True, data_only=not formulas)
    except (BadZipFile, InvalidFileException, KeyError, OSError) as error:
        raise DataError(f"{path}: is not an Excel workbook ({error}); save it as .xlsx or as CSV") from None
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
    path: Path, values: Sequence[Sequence[Any]], formulas: Sequence[Sequence[Any]]
) -> None:
    """A formula that was never calculated has no stored value and would read as missing."""
    for number, (row, written) in enumerate(zip(values, formulas, strict=True), start=1):
        for place, (value, formula) in enumerate(zip(row, written, strict=True), start=1):
            if value is None and formula is not None:
                raise DataError(
                    f"{path}, row {number}, column {place}: the formula {formula!s} has no stored value; open the"
                    " workbook in a spreadsheet program, let it calculate, and save it"
                )


def read_parquet(path: Path) -> pd.DataFrame:
    """The Parquet table at `path`, rows counted from 1; needs pyarrow."""
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
    except pa.ArrowInvalid as error:
        raise DataError(f"{path}: is not a Parquet file ({error}); obtain it again") from None
    refuse_bad_header(path, table.column_names)
    columns = {name: [cell_text(v) for v in table.column(name).to_pylist()] for name in table.column_names}
    return pd.DataFrame(columns, index=pd.RangeIndex(1, table.num_rows + 1, name="row"), dtype=object)
