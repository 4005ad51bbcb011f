"""Each horizon is judged by the scores of that horizon, C by those of the first (SIMULATED)."""

from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest

from analyses_fixtures import HORIZONS_Y, by_hand, found, simulated
from hepar.analyses import MEMBERS
from hepar.analyses.base import Analysis
from hepar.analyses.comparison import Comparison
from hepar.analyses.prognosis import Prognosis
from hepar.data.predictions import Predictions
from hepar.stats.concordance import harrell_c
from hepar.stats.horizon import auc_at, auc_at_difference

CROSS = "cross-validated"
N = 160
FIRST, LAST = HORIZONS_Y

AT_HORIZON: dict[str, set[str]] = {
    "prognosis": {"auc", "brier", "scaled brier", "integrated brier"},
    "comparison": {"auc difference", "auc difference, Holm", "auc, paired cases"},
    "calibration": {"slope", "intercept", "o:e", "brier", "scaled brier"},
    "decision_curve": {"net benefit", "net benefit difference"},
}
"""Quantities that belong to a horizon, by kind of analysis; all others take the scores of the first."""

PARAMETERS: dict[str, dict[str, Any]] = {
    "sample_size": {"parameters": 5, "c_statistic": 0.8},
    "decision_curve": {"at": (0.4,), "draws": 100},
    "chance": {"draws": 200},
}
KINDS = [kind for kind in MEMBERS if "time_to_event" in Analysis.member(kind).accepts]
"""Of the analyses, those of a time to event."""


def turned(predictions: Predictions, horizon_y: float) -> Predictions:
    """Scores, probabilities and risk groups of one horizon turned round."""
    table = predictions.table
    other = table["horizon_y"] != horizon_y
    columns = {
        "score": table["score"].where(other, -table["score"]),
        "probability": table["probability"].where(other, 1 - table["probability"]),
        "risk_group": table["risk_group"].where(other, 2 - table["risk_group"]),
    }
    return replace(predictions, table=table.assign(**columns))


@cache
def rows_of(kind: str, horizon_y: float = 0.0) -> pd.DataFrame:
    analysis = Analysis.parse({"kind": kind, **PARAMETERS.get(kind, {})})
    return analysis.run(turned(simulated("time_to_event", n=N), horizon_y)).rows


def changed(kind: str, horizon_y: float) -> pd.DataFrame:
    before, after = rows_of(kind), rows_of(kind, horizon_y)
    columns = ["quantity", "test", "versus", "role", "group", "horizon_y"]
    pd.testing.assert_frame_equal(before[columns], after[columns])
    numbers = ["value", "low", "high", "p"]
    table = (before[numbers].to_numpy(), after[numbers].to_numpy())
    same = np.all(np.isclose(*table, equal_nan=True), axis=1)
    rows: pd.DataFrame = after[~same]
    return rows


@pytest.mark.parametrize("kind", KINDS)
def test_scores_of_the_last_horizon_matter_there_only(kind: str) -> None:
    rows = changed(kind, LAST)
    assert set(rows["quantity"]) == AT_HORIZON.get(kind, set())
    assert set(rows["horizon_y"]) <= {LAST}


@pytest.mark.parametrize("kind", KINDS)
def test_scores_of_the_first_horizon_matter_there_and_for_whatever_has_no_horizon(kind: str) -> None:
    rows = changed(kind, FIRST)
    elsewhere = rows[rows["horizon_y"] == LAST]
    assert not set(elsewhere["quantity"]) & (AT_HORIZON.get(kind, set()) - {"integrated brier"})
    assert len(rows) > 0 or kind == "sample_size"


def test_the_scores_of_a_horizon_give_its_numbers() -> None:
    predictions = turned(simulated("time_to_event", n=N), LAST)
    hands = {t: by_hand(predictions, CROSS, "model", "serum", horizon_y=t) for t in HORIZONS_Y}
    rows, both = Prognosis().run(predictions).rows, Comparison().run(predictions).rows
    for horizon_y, hand in hands.items():
        time, status = hand["time_y"].to_numpy(), hand["status"].to_numpy(int)
        one, two = hand["score model"].to_numpy(), hand["score serum"].to_numpy()
        where = {"role": CROSS, "horizon_y": horizon_y}
        value = found(rows, quantity="auc", test="serum", **where)["value"]
        assert value == pytest.approx(auc_at(time, status, two, horizon_y=horizon_y).value)
        value = found(both, quantity="auc difference", test="model", versus="serum", **where)["value"]
        expected = auc_at_difference(time, status, first=one, second=two, horizon_y=horizon_y).value
        assert value == pytest.approx(expected)
    hand = hands[FIRST]
    columns = (hand["time_y"].to_numpy(), hand["status"].to_numpy(int), hand["score serum"].to_numpy())
    row = found(rows, quantity="harrell c", test="serum", role=CROSS)
    assert row["value"] == pytest.approx(harrell_c(*columns).value)
