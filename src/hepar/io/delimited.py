"""Delimited text tables (CSV, TSV, also gzipped) as a frame of text, strictly read."""

import csv
import gzip
import io
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from ..core.errors import DataError

DELIMITERS = {".csv": ",", ".tsv": "\t", ".txt": "\t"}
NAMES = {",": "comma", ";": "semicolon", "\t": "tab", "|": "vertical bar"}


def read_delimited(path: Path, *, delimiter: str, encoding: str) -> pd.DataFrame:
    """The table at `path`; the index is the line of the file that each row ends on (the header is line 1)."""
    text = _decode(path, encoding)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows, lines = [], []
    try:
        for row in reader:
            if row:
                rows.append(row)
                lines.append(reader.line_num)
    except csv.Error as error:
        raise DataError(
            f"{path}, line {reader.line_num}: {error}; correct the quoting in that line"
        ) from None
    if not rows:
        raise DataError(f"{path}: is empty; give a table with a header line and at least one row")
    header = [name.strip() for name in rows[0]]
    _refuse_other_delimiter(path, header, delimiter)
    refuse_bad_header(path, header)
    _refuse_ragged(path, rows, lines)
    return pd.DataFrame(rows[1:], columns=header, index=pd.Index(lines[1:], name="row"), dtype=object)


def _decode(path: Path, encoding: str) -> str:
    raw = path.read_bytes()
    if path.suffix == ".gz":
        try:
            raw = gzip.decompress(raw)
        except (OSError, EOFError) as error:
            raise DataError(f"{path}: is not a complete gzip file ({error}); obtain it again") from None
    try:
        return raw.decode("utf-8-sig" if encoding.lower() in ("utf-8", "utf8") else encoding)
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise DataError(
            f"{path}, line {line}: byte {error.start} (0x{raw[error.start]:02x}) is not {encoding} text; save the table"
            " as UTF-8, or declare how it is encoded, e.g. encoding: latin-1"
        ) from None
    except LookupError:
        raise DataError(
            f"{path}: encoding {encoding!r} is unknown; use e.g. utf-8, latin-1, utf-16"
        ) from None


def _refuse_other_delimiter(path: Path, header: Sequence[str], delimiter: str) -> None:
    if len(header) > 1:
        return
    for other, name in NAMES.items():
        if other != delimiter and other in header[0]:
            raise DataError(
                f"{path}: one column found, {header[0][:60]!r}; it looks {name}-separated, not"
                f" {NAMES.get(delimiter, repr(delimiter))}-separated: declare delimiter: {other!r}"
            )


def refuse_bad_header(path: Path | str, header: Sequence[str]) -> None:
    """Refuse column names that are empty or stand twice."""
    twice = [name for name, count in Counter(header).items() if count > 1 and name]
    if twice:
        places = [number for number, name in enumerate(header, start=1) if name == twice[0]]
        raise DataError(
            f"{path}: column {twice[0]!r} stands {len(places)} times (columns {', '.join(map(str, places))}); give"
            " each column its own name"
        )
    if "" in header:
        raise DataError(
            f"{path}: column {header.index('') + 1} has no name; name it in the header, or delete it"
        )


def _refuse_ragged(path: Path, rows: Sequence[Sequence[str]], lines: Sequence[int]) -> None:
    width = len(rows[0])
    for row, line in zip(rows, lines, strict=True):
        if len(row) != width:
            raise DataError(
                f"{path}, line {line}: has {len(row)} cells where the header has {width}; a cell may hold the"
                " delimiter unquoted, or be missing"
            )
