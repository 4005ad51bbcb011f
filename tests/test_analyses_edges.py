"""Analyses at the edges of SIMULATED data: equal scores, missing probabilities, rare outcomes, clusters, late horizons."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from analyses_fixtures import HORIZONS_Y, OUTCOMES, at_one_site, by_hand, found, simulated
from hepar.analyses.accuracy import Accuracy, called_positive
from hepar.analyses.benefit import benefit_under, policies_of
from hepar.analyses.chance import Chance, _dealt
from hepar.analyses.comparison import Comparison
from hepar.analyses.decision_curve import DecisionCurve
from hepar.analyses.discrimination import Discrimination
from hepar.analyses.sites import Sites
from hepar.analyses.staging import Staging
from hepar.data.outcome import Graded
from hepar.data.predictions import Predictions, Threshold
from hepar.data.reference import Reference
from hepar.stats.discrimination import auc_difference_clustered
from hepar.stats.horizon import auc_at
from hepar.stats.ipcw import horizon_weights
from hepar.stats.ordinal import obuchowski
from hepar.stats.permutation import permutation_p
from hepar.stats.roc import partial_auc

CROSS = "cross-validated"
N = 160
FIRST, LAST = HORIZONS_Y


def with_table(predictions: Predictions, **columns: pd.Series) -> Predictions:
    return replace(predictions, table=predictions.table.assign(**columns))


def test_a_score_at_the_cut_off_is_positive_only_for_at_or_above() -> None:
    score = np.array([1.0, 2.0, 3.0])
    assert called_positive(score, Threshold(2, "", "")).tolist() == [False, True, True]
    assert called_positive(score, Threshold(2, "", "", at_or_above=False)).tolist() == [False, False, True]


def test_a_cut_off_on_the_probability_counts_the_cases_that_have_one() -> None:
    predictions = simulated("binary", n=N)
    table = predictions.table
    gone = (table["test"] == "model") & (table["case_id"] == "C0001")
    rows = Accuracy().run(with_table(predictions, probability=table["probability"].mask(gone))).rows
    where = {"quantity": "accuracy", "test": "model", "role": CROSS}
    assert found(rows, group="cut-off=≥ 0.5: treat", **where)["n"] == N - 60 - 1
    assert found(rows, group="cut-off=≥ 0: rule in", **where)["n"] == N - 60


def test_a_cut_off_of_two_sources_is_one_row_unless_it_means_something_else() -> None:
    predictions = simulated("binary", n=N)
    cuts = (
        Threshold(0.5, "rule out", "Wai 2003"),
        Threshold(0.5, "rule out", "WHO 2015"),
        Threshold(0.5, "rule in", "WHO 2015"),
        Threshold(0.5, "rule out", "WHO 2015", at_or_above=False),
    )
    tests = tuple(replace(t, thresholds=cuts if t.name == "serum" else ()) for t in predictions.tests)
    again = replace(predictions, tests=tests)
    labels = ["cut-off=≥ 0.5: rule out", "cut-off=≥ 0.5: rule in", "cut-off=> 0.5: rule out"]
    rows = Accuracy().run(again).rows
    assert rows.loc[(rows["quantity"] == "ppv") & (rows["role"] == CROSS), "group"].tolist() == labels
    policies = policies_of(again, role=CROSS, horizon_y=None)
    assert [policy.group for policy in policies if policy.test == "serum"] == labels


@pytest.mark.parametrize("units", [1, 2])
def test_a_proportion_counts_its_denominator_and_its_numerator(units: int) -> None:
    rows = Accuracy(draws=100).run(simulated("binary", n=N, units=units)).rows
    where = {"test": "serum", "role": CROSS, "group": "cut-off=≥ 1: rule out"}
    tp, fn, fp = (found(rows, quantity=name, **where)["value"] for name in ("tp", "fn", "fp"))
    for quantity, denominator in (("sensitivity", tp + fn), ("ppv", tp + fp)):
        row = found(rows, quantity=quantity, **where)
        assert (row["n"], row["events"]) == (denominator, tp)


def test_clustered_units_are_compared_with_the_clustered_variance() -> None:
    predictions = simulated("binary", n=N, units=2)
    rows = Comparison().run(predictions).rows
    hand = by_hand(predictions, CROSS, "model", "serum")
    truth, one, two, who = (
        hand[c].to_numpy() for c in ("positive", "score model", "score serum", "participant_id")
    )
    expected = auc_difference_clustered(truth, one, two, cluster=who)
    row = found(rows, quantity="auc difference", test="model", versus="serum", role=CROSS)
    assert (row["value"], row["se"], row["p"]) == pytest.approx((expected.value, expected.se, expected.p))


def test_the_comparison_at_a_horizon_takes_the_scores_of_that_horizon() -> None:
    predictions = simulated("time_to_event", n=N)
    table = predictions.table
    turned = table["score"].where(table["horizon_y"] != LAST, -table["score"])
    rows = Comparison().run(with_table(predictions, score=turned)).rows
    where = {"quantity": "auc, paired cases", "test": "model", "versus": "serum", "role": CROSS}
    plain = Comparison().run(predictions).rows
    assert found(rows, horizon_y=FIRST, **where)["value"] == found(plain, horizon_y=FIRST, **where)["value"]
    assert found(rows, horizon_y=LAST, **where)["value"] == pytest.approx(
        1 - found(plain, horizon_y=LAST, **where)["value"]
    )


def test_a_grade_that_nobody_has_still_counts_in_the_penalty() -> None:
    predictions = simulated("graded", n=N)
    old = OUTCOMES["graded"]
    assert isinstance(old, Graded)
    outcome = old.model_copy(update={"grades": (0, 1, 2, 3, 4), "names": ()})
    wider = replace(predictions, reference=Reference(outcome, predictions.reference.table))
    hand = by_hand(predictions, CROSS, "model")
    columns = (hand["grade"].to_numpy(), hand["score model"].to_numpy())
    four, five = obuchowski(*columns).value, obuchowski(*columns, grades=(0, 1, 2, 3, 4)).value
    assert four != pytest.approx(five)
    row = found(Staging().run(wider).rows, quantity="obuchowski", test="model", role=CROSS)
    assert row["value"] == pytest.approx(five)


def test_net_benefit_of_clustered_units_resamples_participants() -> None:
    rows = DecisionCurve(at=(0.3,), draws=100).run(simulated("binary", n=N, units=2)).rows
    assert (
        f"{(N - 60) // 2} clusters" in found(rows, quantity="net benefit", test="model", role=CROSS)["method"]
    )


def test_thresholds_of_a_rare_outcome_reach_a_fifth() -> None:
    predictions = simulated("binary", n=N)
    rare = predictions.reference.table["positive"].where(np.arange(N) % 10 == 0, 0.0)
    truth = Reference(predictions.outcome, predictions.reference.table.assign(positive=rare))
    curves = DecisionCurve(draws=100).run(replace(predictions, reference=truth)).curves
    assert curves.loc[curves["role"] == CROSS, "x"].max() == pytest.approx(0.2)


def test_an_index_test_without_probability_is_no_rule() -> None:
    predictions = simulated("binary", n=N)
    blind = with_table(predictions, probability=predictions.table["probability"] * np.nan)
    assert {policy.test for policy in policies_of(blind, role=CROSS, horizon_y=None)} == {"serum"}


def test_net_benefit_is_undefined_where_those_treated_were_not_followed_so_far() -> None:
    policy = policies_of(simulated("time_to_event", n=N), role=CROSS, horizon_y=LAST)[0]
    early = policy.cases["time_y"].where(
        policy.cases["decision"] < 0.5, policy.cases["time_y"].clip(upper=1.0)
    )
    status = policy.cases["status"].where(policy.cases["decision"] < 0.5, 0.0)
    cases = policy.cases.assign(time_y=early, status=status)
    drawn = benefit_under(cases, threshold=0.5, horizon_y=LAST)(np.ones((1, len(cases))))
    assert np.isnan(drawn).all()


def test_a_site_with_positive_cases_only_has_a_reason() -> None:
    rows = Sites().run(at_one_site(simulated("binary", n=240), positive=1.0)).rows
    lone = found(rows, quantity="auc", test="model", role=CROSS, group="site=S3")
    assert lone["method"] == "not defined: 45 with the event and 0 without; at least 5 of each are needed"


def test_the_partial_area_is_that_of_the_stated_range_corrected() -> None:
    predictions = simulated("binary", n=N)
    rows = Discrimination(partial_specificity=(0.8, 1.0), draws=100).run(predictions).rows
    hand = by_hand(predictions, CROSS, "model")
    columns = (hand["positive"].to_numpy(bool), hand["score model"].to_numpy())
    expected = partial_auc(*columns, specificity=(0.8, 1.0), corrected=True, replicates=100, seed=0)
    row = found(rows, quantity="partial auc", test="model", role=CROSS)
    assert (row["value"], row["low"], row["high"]) == pytest.approx(
        (expected.value, expected.low, expected.high)
    )


def test_cases_with_a_competing_event_are_dealt_as_controls() -> None:
    predictions = simulated("time_to_event", n=N)
    hand = by_hand(predictions, CROSS, "noise", horizon_y=FIRST)
    time, status, score = (
        hand["time_y"].to_numpy(),
        hand["status"].to_numpy(int),
        hand["score noise"].to_numpy(),
    )
    weights = horizon_weights(time, status, horizon_y=FIRST)
    null = _dealt(score, weights.event[0], weights.competing[0] + weights.free[0], draws=300, seed=0)
    expected = permutation_p(auc_at(time, status, score, horizon_y=FIRST).value, null)
    row = found(Chance(draws=300).run(predictions).rows, quantity="auc", test="noise", role=CROSS)
    assert row["p"] == expected
