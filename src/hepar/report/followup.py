"""How long the cases were followed, and of how many the outcome is known."""

from collections.abc import Sequence

import pandas as pd

from .blocks import Cell, Table, table
from .names import role_name
from .notes import method_notes
from .numbers import plain, share
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
    head = ("What", "Years (95% CI), or cases", "of n", "Events by then")
    return [table("Follow-up", head=head, rows=lines, notes=method_notes(found))]


def _line(row: pd.Series, *, several: bool) -> Sequence[str | Cell]:
    at = f" at {plain(row['horizon_y'])} {'year' if row['horizon_y'] == 1 else 'years'}"
    median = row["quantity"] == MEDIAN
    name = "Median follow-up" if median else f"Status known{at}"
    where = f", {role_name(str(row['role'])).lower()}" if several and row["role"] else ""
    number = int(str(row.name))
    estimate = shown(row) if median else share(int(row["value"]), int(row["n"]))
    events = "" if median else f"{row['events']:.0f}"
    return [f"{name}{where}", *(Cell(text, number) for text in (estimate, f"{row['n']:.0f}", events))]


def known_share(row: pd.Series) -> float:
    """Share of the cases whose status at the horizon is known; the row counts them."""
    return float(row["value"] / row["n"]) if row["n"] > 0 else float("nan")
