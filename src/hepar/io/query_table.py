"""The table of queries that a team edits: which are open, what was answered and by whom."""

from collections.abc import Mapping
from pathlib import Path
from typing import get_args

from ..core.atomic import write_atomically
from ..core.errors import DataError, choices
from ..data.crf.query import Query, State
from .csv_text import csv_text
from .redcap.sheet import Sheet, read_sheet

COLUMNS: Mapping[str, str] = {
    "participant": "participant",
    "site": "site",
    "form": "form",
    "event": "event",
    "instance": "instance",
    "field": "field",
    "value": "value",
    "rule": "rule",
    "problem": "problem",
    "to do": "to_do",
    "state": "state",
    "answer": "answer",
    "answered by": "answered_by",
}
"""Column of the table -> attribute of the query; before them stands the key, behind them the line of the export."""
KEY, LINE = "key", "line"
HEADER = (KEY, *COLUMNS, LINE)
STATES: tuple[State, ...] = get_args(State)
MARK = "\ufeff"
"""Tells a spreadsheet that the file is UTF-8: without it Chinese words are garbled."""


def write_queries(queries: Mapping[str, Query], path: Path) -> Path:
    """Write the queries by key to `path` as CSV, whole or not at all; nothing in it runs in a spreadsheet.

    Raises:
        RunError: the file cannot be written.
    """
    rows = (_row(key, query) for key, query in queries.items())
    write_atomically(path, MARK + csv_text(HEADER, rows))
    return path


def _row(key: str, query: Query) -> tuple[str, ...]:
    cells = (str(getattr(query, attribute)) for attribute in COLUMNS.values())
    return (key, *cells, "" if query.line is None else str(query.line))


def read_queries(path: Path) -> dict[str, Query]:
    """The queries in the table at `path`, by the key that stands there; none where there is no such file.

    Raises:
        DataError: no table of queries; a state that there is not; a key that is missing or stands twice.
    """
    if not path.exists():
        return {}
    sheet = read_sheet(path, known=HEADER.__contains__)
    lacking = [name for name in (KEY, *COLUMNS) if name not in sheet.header]
    if lacking:
        raise DataError(
            f"{path}: the table of queries has no column {', '.join(map(repr, lacking))}; put it back as"
            f" {', '.join(HEADER)}, or move the file away to begin anew"
        )
    return _queries(path, sheet)


def _queries(path: Path, sheet: Sheet) -> dict[str, Query]:
    found: dict[str, Query] = {}
    for line, row in sheet.rows:
        cells = dict(zip(sheet.header, row, strict=True))
        key = cells[KEY]
        if not key or key in found:
            problem = f"the key {key!r} stands twice; delete one of the lines" if key else "there is no key"
            raise DataError(f"{path}, line {line}: {problem}; the keys tell hepar which query is answered")
        found[key] = _query(path, line, cells)
    return found


def _query(path: Path, line: int, cells: Mapping[str, str]) -> Query:
    values = {attribute: cells[column] for column, attribute in COLUMNS.items() if column != "state"}
    number = cells.get(LINE, "")
    state = _state(path, line, cells["state"])
    return Query(**values, state=state, line=int(number) if number.isascii() and number.isdecimal() else None)


def _state(path: Path, line: int, text: str) -> State:
    for state in STATES:
        if text.lower() == state:
            return state
    raise DataError(f"{path}, line {line}: there is no state {text!r}; {choices(text, STATES)}")
