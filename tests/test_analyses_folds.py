"""Discrimination within the folds of a cross-validation, on SIMULATED predictions."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from analyses_fixtures import by_hand, found, simulated
from hepar.analyses.base import Analysis
from hepar.analyses.comparison import Comparison
from hepar.analyses.discrimination import Discrimination
from hepar.analyses.prognosis import Prognosis
from hepar.data.predictions import Predictions
from hepar.stats.estimate import Estimate
from hepar.stats.within import auc_difference_within, auc_within, c_difference_within, c_within

CROSS, EXTERNAL = "cross-validated", "external"
N = 160


def agrees(row: pd.Series, estimate: Estimate) -> bool:
    names = ("value", "low", "high", "p", "se", "n", "events")
    return all(np.isclose(row[name], getattr(estimate, name), equal_nan=True) for name in names)


def folds(predictions: Predictions, hand: pd.DataFrame) -> np.ndarray:
    of_case = predictions.table.drop_duplicates("case_id").set_index("case_id")["fold"]
    return of_case.reindex(hand["case_id"]).to_numpy(dtype=str)


def shifted(predictions: Predictions, *, by: float) -> Predictions:
    """The scores of `model` raised in its second fold only."""
    table = predictions.table
    moved = (table["test"] == "model") & (table["fold"] == "fold 2")
    return replace(predictions, table=table.assign(score=table["score"] + by * moved))


def test_auc_and_its_difference_within_folds_pair_cases_of_one_fold() -> None:
    predictions = simulated("binary", n=N)
    hand = by_hand(predictions, CROSS, "model", "serum")
    truth, one, two = (hand[c].to_numpy() for c in ("positive", "score model", "score serum"))
    stratum = folds(predictions, hand)
    row = found(
        Comparison().run(predictions).rows,
        quantity="auc difference, within folds",
        test="model",
        versus="serum",
    )
    assert row["role"] == CROSS
    assert agrees(row, auc_difference_within(truth, one, two, stratum=stratum))
    hand = by_hand(predictions, CROSS, "model")
    expected = auc_within(
        hand["positive"].to_numpy(), hand["score model"].to_numpy(), folds(predictions, hand)
    )
    rows = Discrimination(draws=100).run(predictions).rows
    assert agrees(found(rows, quantity="auc, within folds", test="model"), expected)


def test_c_and_its_difference_within_folds_pair_cases_of_one_fold() -> None:
    predictions = simulated("time_to_event", n=N)
    hand = by_hand(predictions, CROSS, "model", "serum", horizon_y=2.0)
    time, status = hand["time_y"].to_numpy(), hand["status"].to_numpy(int)
    one, two = hand["score model"].to_numpy(), hand["score serum"].to_numpy()
    stratum = folds(predictions, hand)
    rows = Comparison().run(predictions).rows
    row = found(rows, quantity="harrell c difference, within folds", test="model", versus="serum")
    assert agrees(row, c_difference_within(time, status, first=one, second=two, stratum=stratum))
    row = found(Prognosis().run(predictions).rows, quantity="harrell c, within folds", test="serum")
    assert agrees(row, c_within(time, status, two, stratum=stratum))


@pytest.mark.parametrize(
    ("kind", "analysis", "quantity"),
    [("binary", Discrimination(draws=100), "auc"), ("time_to_event", Prognosis(), "harrell c")],
)
def test_a_scale_of_its_own_in_each_fold_spoils_only_the_pooled_measure(
    kind: str, analysis: Discrimination | Prognosis, quantity: str
) -> None:
    predictions = simulated(kind, n=N)
    there, back = (analysis.run(p).rows for p in (shifted(predictions, by=20.0), predictions))
    where = {"test": "model", "role": CROSS}
    within, pooled = f"{quantity}, within folds", quantity
    assert found(there, quantity=within, **where)["value"] == pytest.approx(
        found(back, quantity=within, **where)["value"]
    )
    # half of the pairs are of two folds, and those say nothing any more
    spoilt, whole = (found(rows, quantity=pooled, **where)["value"] - 0.5 for rows in (there, back))
    assert spoilt < 0.8 * whole


@pytest.mark.parametrize("kind", ["binary", "time_to_event"])
def test_one_fold_and_external_cases_have_nothing_within_folds(kind: str) -> None:
    predictions = simulated(kind, n=N)
    alone = replace(predictions, table=predictions.table.assign(fold="fold 1"))
    analyses = [Comparison(), Prognosis() if kind == "time_to_event" else Discrimination(draws=100)]
    for analysis in analyses:
        rows = analysis.run(predictions).rows
        within = rows[rows["quantity"].str.endswith("within folds")]
        assert set(within["role"]) == {CROSS}
        assert not rows["quantity"].str.endswith("within folds, Holm").any()
        assert not analysis.run(alone).rows["quantity"].str.contains("within folds").any()


def test_tests_with_folds_of_their_own_are_compared_where_both_agree() -> None:
    predictions = simulated("binary", n=N)
    table = predictions.table
    other = np.where(table["case_id"].str[1:].astype(int) % 3 == 0, "left", "right")
    mine = (table["test"] == "serum") & (table["role"] == CROSS)
    crossed = replace(predictions, table=table.assign(fold=np.where(mine, other, table["fold"])))
    hand = by_hand(predictions, CROSS, "model", "serum")
    third = np.where(hand["case_id"].str[1:].astype(int) % 3 == 0, "left", "right")
    stratum = np.char.add(folds(predictions, hand), third)
    assert np.unique(stratum).size == 4
    truth, one, two = (hand[c].to_numpy() for c in ("positive", "score model", "score serum"))
    row = found(
        Comparison().run(crossed).rows, quantity="auc difference, within folds", test="model", versus="serum"
    )
    assert agrees(row, auc_difference_within(truth, one, two, stratum=stratum))


@pytest.mark.parametrize("kind", ["binary", "time_to_event"])
def test_several_units_of_a_participant_are_drawn_together(kind: str) -> None:
    predictions = simulated(kind, n=N, units=2)
    rows = Comparison(draws=100).run(predictions).rows
    within = rows[rows["quantity"].str.endswith("within folds")]
    assert len(within) == 2
    assert within["method"].str.contains(f"{(N - 60) // 2} clusters").all()
    assert ((within["low"] < within["value"]) & (within["value"] < within["high"])).all()


@pytest.mark.parametrize(
    ("asked", "outcome", "quantity"),
    [
        ({"kind": "comparison", "pairs": [["model", "noise"]]}, "binary", "auc difference"),
        (
            {"kind": "noninferiority", "pairs": [["model", "noise"]], "margin": 0.1},
            "binary",
            "auc difference",
        ),
        ({"kind": "agreement", "pairs": [["model", "noise"]]}, "continuous", "pearson difference"),
        (
            {"kind": "cutoffs", "pairs": [["model", "noise"]], "cutoffs": {"F2": 11}, "sources": {"F2": "N"}},
            "continuous",
            "auc difference",
        ),
    ],
)
def test_a_difference_over_training_sets_stands_beside_that_of_the_models_at_hand(
    asked: dict[str, object], outcome: str, quantity: str
) -> None:
    rows = Analysis.parse(asked).run(simulated(outcome, n=160)).rows
    pair = {"test": "model", "versus": "noise", "role": "cross-validated"}
    plain = found(rows, quantity=quantity, **pair)
    over = found(rows, quantity=f"{quantity}, over training sets", **pair)
    # two folds: the variance grows by 1 + 2 / 1
    assert over["se"] == pytest.approx(plain["se"] * 3**0.5)
    assert over["value"] == plain["value"]
    assert over["high"] - over["low"] == pytest.approx((plain["high"] - plain["low"]) * 3**0.5)
    outside = rows[(rows["role"] == "external") & rows["quantity"].str.endswith("training sets")]
    assert outside.empty


def test_tests_that_learn_nothing_have_no_training_sets() -> None:
    predictions = simulated("continuous", n=160)
    fixed = replace(predictions, tests=tuple(replace(test, learnt=False) for test in predictions.tests))
    asked = Analysis.parse({"kind": "agreement", "pairs": [["model", "noise"]]})
    assert asked.run(predictions).rows["quantity"].str.endswith("training sets").any()
    rows = asked.run(fixed).rows
    assert not rows["quantity"].str.endswith("training sets").any()
    assert found(rows, quantity="pearson difference", role="cross-validated")["p"] < 0.05
