"""Analyses of a time to event give the numbers of the statistics on the right rows (SIMULATED)."""

from functools import cache

import numpy as np
import pandas as pd
import pytest

from analyses_fixtures import HORIZONS_Y, by_hand, found, simulated
from hepar.analyses.benefit import benefit, benefit_under, policies_of
from hepar.analyses.calibration import Calibration
from hepar.analyses.chance import Chance, _dealt
from hepar.analyses.comparison import Comparison
from hepar.analyses.decision_curve import DecisionCurve
from hepar.analyses.prognosis import Prognosis
from hepar.analyses.risk_groups import MOST_POINTS, RiskGroups
from hepar.analyses.sample_size import SampleSizes
from hepar.stats.brier import brier_at, integrated_brier
from hepar.stats.concordance import c_difference, harrell_c, uno_c
from hepar.stats.curve_tests import gray_test, log_rank
from hepar.stats.estimate import Estimate
from hepar.stats.horizon import auc_at, auc_at_difference
from hepar.stats.horizon_benefit import net_benefit_at
from hepar.stats.horizon_calibration import calibration_at
from hepar.stats.incidence import aalen_johansen
from hepar.stats.ipcw import horizon_weights
from hepar.stats.survival import at_risk_at, kaplan_meier, median_follow_up, step_values, value_at

CROSS = "cross-validated"
N = 160
FIRST, LAST = HORIZONS_Y


@cache
def cases(*tests: str, horizon_y: float = FIRST) -> pd.DataFrame:
    return by_hand(simulated("time_to_event", n=N), CROSS, *tests, horizon_y=horizon_y)


def outcome(hand: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    return hand["time_y"].to_numpy(), hand["status"].to_numpy(int)


def agrees(row: pd.Series, estimate: Estimate) -> bool:
    names = ("value", "low", "high", "n", "events")
    return all(np.isclose(row[name], getattr(estimate, name), equal_nan=True) for name in names)


def test_prognosis_judges_the_cases_that_the_test_scored() -> None:
    rows = Prognosis().run(simulated("time_to_event", n=N)).rows
    hand = cases("serum")
    columns = (*outcome(hand), hand["score serum"].to_numpy())
    where = {"test": "serum", "role": CROSS}
    assert agrees(found(rows, quantity="harrell c", **where), harrell_c(*columns))
    assert agrees(found(rows, quantity="uno c", horizon_y=LAST, **where), uno_c(*columns, tau=LAST))
    assert "brier" not in set(rows.loc[rows["test"] == "serum", "quantity"])


@pytest.mark.parametrize("horizon_y", HORIZONS_Y)
def test_each_horizon_takes_its_own_probability(horizon_y: float) -> None:
    rows = Prognosis().run(simulated("time_to_event", n=N)).rows
    hand = cases("model", horizon_y=horizon_y)
    where = {"test": "model", "role": CROSS, "horizon_y": horizon_y}
    expected = auc_at(*outcome(hand), hand["score model"].to_numpy(), horizon_y=horizon_y)
    assert agrees(found(rows, quantity="auc", **where), expected)
    expected = brier_at(*outcome(hand), hand["probability model"].to_numpy(), horizon_y=horizon_y)
    assert agrees(found(rows, quantity="brier", **where), expected)


def test_the_integrated_brier_score_runs_over_the_horizons() -> None:
    rows = Prognosis().run(simulated("time_to_event", n=N)).rows
    table = np.stack(
        [cases("model", horizon_y=t)["probability model"].to_numpy() for t in HORIZONS_Y], axis=1
    )
    expected = integrated_brier(*outcome(cases("model")), table, times=np.array(HORIZONS_Y))
    assert agrees(found(rows, quantity="integrated brier", test="model", role=CROSS), expected)


@pytest.mark.parametrize("role", [CROSS, "external"])
def test_follow_up_is_that_of_every_case_of_the_role(role: str) -> None:
    predictions = simulated("time_to_event", n=N)
    rows = Prognosis().run(predictions).rows
    mine = predictions.table.loc[predictions.table["role"] == role, "case_id"]
    truth = predictions.reference.table.loc[mine.unique()]
    time, status = outcome(truth)
    where = {"test": "", "role": role}
    assert agrees(found(rows, quantity="median follow-up", **where), median_follow_up(time, status))
    for horizon_y in HORIZONS_Y:
        known = found(rows, quantity="status known", horizon_y=horizon_y, **where)
        weights = horizon_weights(time, status, horizon_y=horizon_y)
        assert known["value"] == ((weights.event + weights.competing + weights.free)[0] > 0).sum()
        assert known["n"] == len(truth)
        assert known["events"] == (weights.event[0] > 0).sum()
    assert known["value"] < known["n"]


def test_follow_up_of_several_units_is_drawn_by_participant() -> None:
    rows = Prognosis(draws=100).run(simulated("time_to_event", n=N, units=2)).rows
    assert f"{(N - 60) // 2} clusters" in found(rows, quantity="median follow-up", role=CROSS)["method"]


def test_comparison_subtracts_c_and_auc_on_the_same_cases() -> None:
    rows = Comparison().run(simulated("time_to_event", n=N)).rows
    hand = cases("model", "serum")
    one, two = hand["score model"].to_numpy(), hand["score serum"].to_numpy()
    where = {"test": "model", "versus": "serum", "role": CROSS}
    assert agrees(
        found(rows, quantity="harrell c difference", **where),
        c_difference(*outcome(hand), first=one, second=two),
    )
    expected = c_difference(*outcome(hand), first=one, second=two, tau=LAST)
    assert agrees(found(rows, quantity="uno c difference", **where), expected)
    for horizon_y in HORIZONS_Y:
        expected = auc_at_difference(*outcome(hand), first=one, second=two, horizon_y=horizon_y)
        assert agrees(found(rows, quantity="auc difference", horizon_y=horizon_y, **where), expected)
        alone = found(rows, quantity="auc, paired cases", horizon_y=horizon_y, **where)
        assert alone["value"] == pytest.approx(auc_at(*outcome(hand), one, horizon_y=horizon_y).value)


@pytest.mark.parametrize("horizon_y", HORIZONS_Y)
def test_calibration_at_a_horizon_takes_its_own_probability(horizon_y: float) -> None:
    findings = Calibration(groups=4).run(simulated("time_to_event", n=N))
    hand = cases("model", horizon_y=horizon_y)
    expected = calibration_at(
        *outcome(hand), hand["probability model"].to_numpy(), horizon_y=horizon_y, groups=4
    )
    where = {"test": "model", "role": CROSS, "horizon_y": horizon_y}
    assert agrees(found(findings.rows, quantity="slope", **where), expected.slope)
    assert agrees(found(findings.rows, quantity="o:e", **where), expected.ratio)
    curves = findings.curves
    points = curves[
        (curves["test"] == "model")
        & (curves["role"] == CROSS)
        & (curves["group"] == f"horizon_y={horizon_y:g}")
    ]
    np.testing.assert_allclose(points["x"], expected.predicted)
    np.testing.assert_allclose(points["y"], [group.value for group in expected.observed])


def test_net_benefit_under_equal_weights_is_that_of_the_aalen_johansen_incidence() -> None:
    predictions = simulated("time_to_event", n=N)
    for policy in policies_of(predictions, role=CROSS, horizon_y=LAST):
        for threshold in (0.2, 0.5, 0.9):
            plain = benefit(policy.cases, np.array([threshold]), horizon_y=LAST)
            ones = np.ones((1, len(policy.cases)))
            drawn = benefit_under(policy.cases, threshold=threshold, horizon_y=LAST)(ones)
            np.testing.assert_allclose(drawn, plain, atol=1e-12)


def test_net_benefit_under_weights_is_that_of_repeated_cases() -> None:
    policy = policies_of(simulated("time_to_event", n=N), role=CROSS, horizon_y=LAST)[0]
    weights = np.random.default_rng(1).integers(0, 3, len(policy.cases))
    repeated = policy.cases.loc[policy.cases.index.repeat(weights)]
    plain = benefit(repeated, np.array([0.4]), horizon_y=LAST)
    drawn = benefit_under(policy.cases, threshold=0.4, horizon_y=LAST)(weights[None, :])
    np.testing.assert_allclose(drawn, plain, atol=1e-12)


def test_decision_curves_at_a_horizon_share_their_cases() -> None:
    findings = DecisionCurve(between=(0.1, 0.5), at=(0.3,), draws=100).run(simulated("time_to_event", n=N))
    hand = cases("model", "noise", "serum", horizon_y=LAST)
    curves = findings.curves[
        (findings.curves["role"] == CROSS) & (findings.curves["group"] == f"horizon_y={LAST:g}")
    ]
    model = curves[curves["test"] == "model"]
    expected = net_benefit_at(
        *outcome(hand),
        hand["probability model"].to_numpy(),
        thresholds=model["x"].to_numpy(),
        horizon_y=LAST,
    )
    np.testing.assert_allclose(model["y"], expected.net_benefit)
    np.testing.assert_allclose(curves.loc[curves["test"] == "treat all", "y"], expected.treat_all)
    row = found(
        findings.rows, quantity="net benefit", test="model", role=CROSS, horizon_y=LAST, threshold=0.3
    )
    assert row["low"] < row["value"] < row["high"]


@pytest.mark.parametrize("competing", [True, False])
def test_risk_groups_use_what_competing_events_ask_for(competing: bool) -> None:
    predictions = simulated("time_to_event", n=N, competing=competing)
    findings = RiskGroups().run(predictions)
    hand = by_hand(predictions, CROSS, "model", horizon_y=FIRST)
    time, status = outcome(hand)
    group = hand["risk_group model"].to_numpy()
    test = (gray_test if competing else log_rank)(time, status, group)
    row = found(findings.rows, quantity="gray" if competing else "log-rank", test="model", role=CROSS)
    assert (row["value"], row["p"]) == pytest.approx((test.statistic, test.p))
    inside = group == 2
    curve = (aalen_johansen if competing else kaplan_meier)(time[inside], status[inside])
    risk = found(
        findings.rows, quantity="risk", test="model", role=CROSS, group="risk_group=2", horizon_y=FIRST
    )
    at = value_at(curve, FIRST)
    expected = (at.value, at.low, at.high) if competing else (1 - at.value, 1 - at.high, 1 - at.low)
    assert (risk["value"], risk["low"], risk["high"]) == pytest.approx(expected)
    drawn = findings.curves[
        (findings.curves["test"] == "model")
        & (findings.curves["role"] == CROSS)
        & (findings.curves["group"] == "risk_group=2")
    ]
    assert set(drawn["curve"]) == {"cumulative incidence" if competing else "kaplan-meier"}
    np.testing.assert_allclose(drawn["y"], step_values(curve, drawn["x"].to_numpy()))
    np.testing.assert_allclose(drawn["n"], at_risk_at(curve, drawn["x"].to_numpy()))
    assert set(findings.rows["test"]) == {"model", "noise"}


def test_a_long_survival_curve_is_thinned_and_keeps_its_ends() -> None:
    predictions = simulated("time_to_event", n=1500)
    findings = RiskGroups().run(predictions)
    sizes = findings.curves.groupby(["test", "role", "group"])["x"].agg(["size", "min", "max"])
    assert sizes["size"].max() <= MOST_POINTS
    assert (sizes["min"] == 0).all()
    hand = by_hand(predictions, "external", "model", horizon_y=FIRST)
    longest = hand.loc[hand["risk_group model"] == 1, "time_y"].max()
    assert sizes.loc[("model", "external", "risk_group=1"), "max"] == longest


def test_numbers_at_risk_fall_from_the_size_of_the_group() -> None:
    rows = RiskGroups().run(simulated("time_to_event", n=N)).rows
    mine = rows[
        (rows["quantity"] == "at risk")
        & (rows["test"] == "model")
        & (rows["role"] == CROSS)
        & (rows["group"] == "risk_group=1")
    ]
    hand = cases("model")
    followed = hand.loc[hand["risk_group model"] == 1, "time_y"].to_numpy()
    assert mine["value"].tolist() == [int((followed >= t).sum()) for t in mine["horizon_y"]]
    assert mine["horizon_y"].iloc[0] == 0


def test_several_units_of_a_participant_refuse_survival_curves() -> None:
    findings = RiskGroups().run(simulated("time_to_event", n=N, units=2))
    assert findings.curves.empty
    assert findings.rows["value"].isna().all()
    assert findings.rows["method"].str.contains("several units").all()


def test_dealing_outcomes_in_their_own_order_gives_the_auc_itself() -> None:
    hand = cases("model")
    time, status = outcome(hand)
    score = hand["score model"].to_numpy()
    weights = horizon_weights(time, status, horizon_y=FIRST)
    case, control = weights.event[0], weights.competing[0] + weights.free[0]
    null = _dealt(score, case, control, draws=400, seed=0)
    assert null.mean() == pytest.approx(0.5, abs=0.02)
    # one permutation done by hand, scored by the statistic itself
    order = np.random.default_rng(0).permuted(np.tile(np.arange(score.size), (400, 1)), axis=1)[0]
    expected = auc_at(time[order], status[order], score, horizon_y=FIRST).value
    assert null[0] == pytest.approx(expected)


def test_a_good_test_is_better_than_chance_and_a_null_one_is_not() -> None:
    rows = Chance(draws=500).run(simulated("time_to_event", n=300, seed=2)).rows
    good = found(rows, quantity="better than chance", test="model", role=CROSS)
    null = found(rows, quantity="better than chance", test="noise", role=CROSS)
    assert (good["value"], null["value"]) == (1, 0)
    assert good["p"] < null["p"]


def test_sample_size_of_a_time_to_event_counts_events_of_interest() -> None:
    rows = SampleSizes(parameters=4, c_statistic=0.75).run(simulated("time_to_event", n=N)).rows
    developed = cases("model")
    assert found(rows, quantity="available events")["value"] == (developed["status"] == 1).sum()
    assert found(rows, quantity="minimum n")["value"] > 0
    assert "of these data" in found(rows, quantity="minimum n")["method"]
