"""How long the cases were followed, and of how many the outcome is known."""

from collections.abc import Sequence

import pandas as pd

from .blocks import Cell, Table, table
from .names import role_name
from .notes import method_notes
from .numbers import plain
from .tables import shown

MEDIAN, STATUS_KNOWN = "median follow-up", "status known"
"""Quantities about the cohort, not about a test."""


def is_follow_up(rows: pd.DataFrame) -> pd.Series:
    """Whether each row tells of follow-up."""
    return rows["quantity"].isin([MEDIAN, STATUS_KNOWN]) & (rows["test"] == "")


def follow_up_tables(rows: pd.DataFrame) -> list[Table]:
    """The rows about follow-up as one small table; none where there are no such rows."""
    found = rows[is_follow_up(rows)]
    if found.empty:
        return []
    several = found["role"].nunique() > 1
    lines = [_line(row, several=several) for _, row in found.iterrows()]
    head = ("What", "Estimate (95% CI where one is given)", "Cases")
    return [table("Follow-up", head=head, rows=lines, notes=method_notes(found))]


def _line(row: pd.Series, *, several: bool) -> Sequence[str | Cell]:
    at = f" at {plain(row['horizon_y'])} {'year' if row['horizon_y'] == 1 else 'years'}"
    name = "Median follow-up (years)" if row["quantity"] == MEDIAN else f"Status known{at}"
    where = f", {role_name(str(row['role'])).lower()}" if several and row["role"] else ""
    number = int(str(row.name))
    return [f"{name}{where}", Cell(shown(row), number), Cell(f"{row['n']:.0f}", number)]
