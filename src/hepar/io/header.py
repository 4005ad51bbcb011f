"""The header row of a text or Excel table: where it is, and whether it names each column."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from ..core.errors import DataError


def is_blank(cells: Sequence[str]) -> bool:
    """Whether `cells` hold nothing but blanks."""
    return not any(cell.strip() for cell in cells)


def nothing_there(header_row: int | None) -> str:
    """What is wrong with a table that has no row."""
    return "is empty" if header_row is None else f"has no row from header_row: {header_row} on"


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


def refuse_no_header(
    path: Path, rows: Sequence[Sequence[str]], numbers: Sequence[int], *, header_row: int | None
) -> None:
    """Refuse a first row that is not the declared `header_row`, or that looks like a title.

    `rows` are those that are not blank, from the header on, and `numbers` their rows in the file. A title fills at most
    half as many cells as the fullest row.
    """
    if header_row is not None and numbers[0] != header_row:
        raise DataError(
            f"{path}: header_row is {header_row}, but that row is blank; the next one with a value is row {numbers[0]}"
        )
    filled = [sum(bool(cell.strip()) for cell in row) for row in rows]
    fullest = max(filled)
    if 2 * filled[0] > fullest:
        return
    shown = next(cell.strip() for cell in rows[0] if cell.strip())
    likely = numbers[filled.index(fullest)]
    raise DataError(
        f"{path}, row {numbers[0]}: looks like a title ({shown[:60]!r}), not like a header: it fills {filled[0]} of"
        f" {fullest} columns. Declare the row that names the columns, e.g. header_row: {likely}, or delete the rows"
        " above it; if this row is the header, name every column in it"
    )
