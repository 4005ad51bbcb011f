"""Delimited text tables (CSV, TSV, also gzipped) as a frame of text, strictly read."""

import csv
import io
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from ..core.errors import DataError
from .encoding import decode
from .header import is_blank, nothing_there, refuse_bad_header, refuse_no_header

DELIMITERS = {".csv": ",", ".tsv": "\t", ".txt": "\t"}
NAMES = {",": "comma", ";": "semicolon", "\t": "tab", "|": "vertical bar"}


def read_delimited(
    path: Path, *, delimiter: str, encoding: str, header_row: int | None = None
) -> pd.DataFrame:
    """The table at `path`; the index is the line of the file that each row ends on.

    Rows that hold blanks only are left out, and so are the lines above `header_row`.
    """
    rows, lines = _rows(path, decode(path, encoding), delimiter=delimiter, skip=(header_row or 1) - 1)
    if not rows:
        raise DataError(
            f"{path}: {nothing_there(header_row)}; give a table with a header row and at least one row"
        )
    header = [name.strip() for name in rows[0]]
    _refuse_other_delimiter(path, header, delimiter, widest=max(map(len, rows)))
    refuse_no_header(path, rows, lines, header_row=header_row)
    refuse_bad_header(path, header)
    _refuse_ragged(path, rows, lines)
    return pd.DataFrame(rows[1:], columns=header, index=pd.Index(lines[1:], name="row"), dtype=object)


def _rows(path: Path, text: str, *, delimiter: str, skip: int) -> tuple[list[list[str]], list[int]]:
    """The rows that are not blank, and the line of the file that each ends on."""
    stream = io.StringIO(text, newline="")
    for _ in range(skip):
        stream.readline()
    reader = csv.reader(stream, delimiter=delimiter, strict=True)
    rows, lines = [], []
    try:
        for row in reader:
            if not is_blank(row):
                rows.append(row)
                lines.append(skip + reader.line_num)
    except csv.Error as error:
        raise DataError(
            f"{path}, line {skip + reader.line_num}: {error}; correct the quoting in that line"
        ) from None
    return rows, lines


def _refuse_other_delimiter(path: Path, header: Sequence[str], delimiter: str, *, widest: int) -> None:
    if len(header) > 1:
        return
    for other, name in NAMES.items():
        if other != delimiter and other in header[0] and header[0].count(other) + 1 >= widest:
            raise DataError(
                f"{path}: one column found, {header[0][:60]!r}; it looks {name}-separated, not"
                f" {NAMES.get(delimiter, repr(delimiter))}-separated: declare delimiter: {other!r}"
            )


def _refuse_ragged(path: Path, rows: Sequence[Sequence[str]], lines: Sequence[int]) -> None:
    width = len(rows[0])
    for row, line in zip(rows, lines, strict=True):
        if len(row) != width:
            raise DataError(
                f"{path}, line {line}: has {len(row)} cells where the header has {width}; a cell may hold the"
                " delimiter unquoted, or be missing"
            )
