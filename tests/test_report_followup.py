"""Follow-up is told once, in a table of its own."""

from typing import Any

import pandas as pd

import report_fixtures as made
from hepar.analyses.base import Findings, row
from hepar.report import document
from hepar.report.followup import follow_up_tables
from hepar.stats.estimate import Estimate

PLACE: dict[str, Any] = {"analysis": "prognosis", "test": "", "role": "cross-validated"}
MEDIAN = row(Estimate(1.87, 1.6, 2.1, 497, "reverse Kaplan-Meier"), quantity="median follow-up", **PLACE)
KNOWN = row(
    Estimate(189.0, float("nan"), float("nan"), 497, "count", events=81),
    quantity="status known",
    horizon_y=3.0,
    **PLACE,
)


def frame(*rows: dict[str, Any]) -> pd.DataFrame:
    return Findings.of(rows).rows


def test_follow_up_is_one_small_table_with_its_counts() -> None:
    (table,) = follow_up_tables(frame(MEDIAN, KNOWN))
    assert [[cell.text for cell in line] for line in table.body] == [
        ["Median follow-up", "1.870 (1.600 to 2.100)", "497", ""],
        ["Status known at 3 years", "189 (38.0%)", "497", "81"],
    ]


def test_rows_of_old_runs_without_follow_up_give_no_table() -> None:
    assert follow_up_tables(frame({**MEDIAN, "quantity": "auc", "test": "model"})) == []


def test_the_page_shows_follow_up_once_and_names_no_test_for_it() -> None:
    result = made.result(rows=[MEDIAN, KNOWN], drawn=False)
    text = document.render(result, estimates=result.estimates)
    assert text.count("<caption>Follow-up</caption>") == 1
    assert text.count(">189 (38.0%)<") == 1
