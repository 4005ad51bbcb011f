"""CSV that a spreadsheet opens without running anything in it."""

import csv
import io
import re
from collections.abc import Iterable, Sequence

NUMBER = re.compile(r"\s*[+-]?\d+([.,]\d+)?\s*", re.ASCII)
_FORMULA = frozenset("=+-@\uff1d\uff0b\uff0d\uff20")
"""With the full-width ones, which spreadsheets of East Asia take alike."""


def csv_text(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    r"""The table as CSV (comma, quotes where needed, line feeds).

    A cell that a spreadsheet would take for a formula gets an apostrophe before it; numbers with a sign stay. Lines
    within a cell end with line feeds: a carriage return alone is not quoted by every Python and would end the row.

    >>> csv_text(["note"], [["one\rtwo"]])
    'note\n"one\ntwo"\n'
    """
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow([harmless(line_feeds(name)) for name in header])
    writer.writerows([harmless(line_feeds(cell)) for cell in row] for row in rows)
    return buffer.getvalue()


def harmless(cell: str) -> str:
    """`cell`, with an apostrophe before what would be a formula.

    >>> harmless("=1+1"), harmless("-3.5"), harmless("n.a."), harmless("\uff1d1")[0]
    ("'=1+1", '-3.5', 'n.a.', "'")
    """
    formula = cell.lstrip()[:1] in _FORMULA or cell[:1] in ("\t", "\r")
    return f"'{cell}" if formula and not NUMBER.fullmatch(cell) else cell


def line_feeds(cell: str) -> str:
    """`cell`, its lines ended by line feeds alone."""
    return cell.replace("\r\n", "\n").replace("\r", "\n")
