"""Agreement: on logarithms, in subgroups, within folds, and of tests in another unit, on SIMULATED predictions."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from analyses_fixtures import by_hand, found, simulated
from hepar.analyses.agreement import LIMITS, RATIOS, Agreement
from hepar.analyses.base import Analysis
from hepar.core.errors import ProtocolError
from hepar.data.predictions import Predictions
from hepar.stats.agreement import bland_altman, pearson, spearman
from hepar.stats.dependent_correlation import correlation_difference
from hepar.stats.estimate import Estimate
from hepar.stats.within_correlation import correlation_difference_within, pearson_within

CROSS = "cross-validated"
ALL = {"test": "model", "role": CROSS, "group": ""}
LOG = Agreement(scale="log", same_unit=("serum",), other_unit=("noise",), draws=100)


def positive() -> Predictions:
    """The SIMULATED predictions of stiffness, with `model` and `serum` above zero."""
    predictions = simulated("continuous", n=160)
    table = predictions.table
    above = table["score"].where(table["test"] == "noise", table["score"].clip(lower=0.5))
    return replace(predictions, table=table.assign(score=above))


def same(row: pd.Series, expected: Estimate) -> bool:
    numbers = row[["value", "low", "high", "p"]].to_numpy(dtype=float)
    mine = [expected.value, expected.low, expected.high, expected.p]
    return bool(np.allclose(numbers, mine, equal_nan=True))


def test_on_the_log_scale_bias_and_limits_are_ratios_of_prediction_over_reference() -> None:
    predictions = positive()
    rows = LOG.run(predictions).rows
    hand = by_hand(predictions, CROSS, "model")
    prediction, measured = hand["score model"].to_numpy(), hand["value"].to_numpy()
    limits = bland_altman(np.log(prediction), np.log(measured))
    ratio = found(rows, quantity="geometric mean ratio", **ALL)
    assert ratio["value"] == pytest.approx(np.exp(np.mean(np.log(prediction / measured))))
    assert ratio["p"] == pytest.approx(limits.bias.p)
    upper = found(rows, quantity="upper limit of the ratio", **ALL)
    assert (upper["value"], upper["low"], upper["high"]) == pytest.approx(
        tuple(np.exp([limits.upper.value, limits.upper.low, limits.upper.high]))
    )
    assert same(found(rows, quantity="slope of log ratio", **ALL), limits.slope)
    assert same(found(rows, quantity="pearson", **ALL), pearson(np.log(prediction), np.log(measured)))
    assert same(found(rows, quantity="spearman", **ALL), spearman(prediction, measured))
    assert not set(LIMITS) & set(rows["quantity"])


def test_twice_the_reference_is_a_ratio_of_two_whatever_the_unit() -> None:
    predictions = positive()
    value = predictions.reference.table["value"]
    table = predictions.table
    model = table["test"] == "model"
    score = table["score"].where(~model, 2 * table["case_id"].map(value))
    rows = LOG.run(replace(predictions, table=table.assign(score=score))).rows
    assert found(rows, quantity="geometric mean ratio", **ALL)["value"] == pytest.approx(2)
    assert found(rows, quantity="lower limit of the ratio", **ALL)["value"] == pytest.approx(2)


def test_a_test_in_another_unit_keeps_its_own_scale_and_has_no_limits() -> None:
    predictions = positive()
    rows = LOG.run(predictions).rows
    hand = by_hand(predictions, CROSS, "noise", "model")
    expected = pearson(hand["score noise"].to_numpy(), np.log(hand["value"].to_numpy()))
    assert same(found(rows, quantity="pearson", **{**ALL, "test": "noise"}), expected)
    assert not set(rows.loc[rows["test"] == "noise", "quantity"]) & {*RATIOS, "ccc", "icc"}
    difference = correlation_difference(
        np.log(hand["value"].to_numpy()),
        np.log(hand["score model"].to_numpy()),
        hand["score noise"].to_numpy(),
    )
    row = found(rows, quantity="pearson difference", **{**ALL, "versus": "noise"})
    assert same(row, difference)
    with pytest.raises(ProtocolError, match="in same_unit and in other_unit"):
        Analysis.parse({"kind": "agreement", "same_unit": ["serum"], "other_unit": ["serum"]})


def test_a_score_without_a_logarithm_is_told_and_drawn_nowhere() -> None:
    predictions = simulated("continuous", n=160)  # `serum` strays below zero
    table = predictions.table
    below = table["score"].where(table["test"] != "model", table["score"] - 8)
    findings = LOG.run(replace(predictions, table=table.assign(score=below)))
    row = found(findings.rows, quantity="geometric mean ratio", **ALL)
    assert np.isnan(row["value"])
    assert "the score holds values of 0 or less" in row["method"]
    own = findings.curves[findings.curves["test"] == "model"]
    assert set(own["curve"]) == {"scatter"}


def test_agreement_is_repeated_in_each_level_of_a_subgroup() -> None:
    predictions = simulated("continuous", n=160)
    rows = Agreement(draws=100).run(predictions).rows
    hand = by_hand(predictions, CROSS, "model").set_index("case_id")
    women = hand[predictions.groups["sex"].reindex(hand.index) == "female"]
    limits = bland_altman(women["score model"].to_numpy(), women["value"].to_numpy())
    where = {**ALL, "group": "sex=female"}
    assert same(found(rows, quantity="bias", **where), limits.bias)
    assert same(found(rows, quantity="upper limit", **where), limits.upper)
    assert found(rows, quantity="pearson", **where)["n"] == len(women)


def test_within_folds_no_model_meets_another() -> None:
    predictions = simulated("continuous", n=160)
    rows = Agreement(pairs=(("model", "noise"),), draws=100).run(predictions).rows
    hand = by_hand(predictions, CROSS, "model", "noise")
    columns = [hand[name].to_numpy() for name in ("value", "score model", "score noise")]
    folds = predictions.of("model", role=CROSS).set_index("case_id")["fold"]
    fold = folds[hand["case_id"]].to_numpy()
    alone = found(rows, quantity="pearson, within folds", **ALL)
    assert same(alone, pearson_within(columns[0], columns[1], fold))
    pair = found(rows, quantity="pearson difference, within folds", **{**ALL, "versus": "noise"})
    assert same(pair, correlation_difference_within(*columns, stratum=fold))
    assert not rows.loc[rows["role"] == "external", "quantity"].str.endswith("within folds").any()
