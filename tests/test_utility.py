"""Oracle: net benefit from its definition in R 4.2.2 on dcurves_df_binary.csv, and oracles.json."""

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hepar.stats.estimate import StatisticError
from hepar.stats.utility import (
    decision_curve,
    interventions_avoided,
    net_benefit,
    net_benefit_difference,
    net_benefit_of_all,
    net_benefit_of_rule,
)

GOLDEN = Path(__file__).parent / "golden" / "statistics"
ORACLE = json.loads((GOLDEN / "oracles.json").read_text())["dca_df_binary_cancerpredmarker"]
with (GOLDEN / "dcurves_df_binary.csv").open() as file:
    ROWS = list(csv.DictReader(file))
POSITIVE = np.array([row["cancer"] == "TRUE" for row in ROWS])
PROBABILITY = np.array([float(row["cancerpredmarker"]) for row in ROWS])
HIGH_RISK = np.array([row["risk_group"] == "high" for row in ROWS])
THRESHOLDS = np.array(ORACLE["thr"])
RULE = [0.0167719298246, 0.0161481481481, 0.0154509803922, 0.0146666666667, 0.0127619047619]
# R: sd of the per-patient gains (denominator n) / sqrt(n), of the model at .1 and of model - high risk at .15
SE_MODEL_10, SE_DIFFERENCE_15 = 0.0121949114996, 0.0111305442362


def test_net_benefit_equals_the_oracle() -> None:
    assert net_benefit(POSITIVE, PROBABILITY, THRESHOLDS) == pytest.approx(
        ORACLE["net_benefit_model"], abs=1e-10
    )
    assert net_benefit_of_all(POSITIVE, THRESHOLDS) == pytest.approx(ORACLE["net_benefit_all"], abs=1e-10)
    assert (POSITIVE.size, POSITIVE.sum()) == (ORACLE["n"], ORACLE["events"])


def test_net_benefit_of_a_rule_equals_r() -> None:
    # sum(high & y) / n - sum(high & !y) / n * t / (1 - t)
    assert net_benefit_of_rule(POSITIVE, HIGH_RISK, THRESHOLDS) == pytest.approx(RULE, abs=1e-12)


def test_interventions_avoided_equal_r() -> None:
    # R: the gain over treating all, divided by t / (1 - t), per 100
    expected = [20.5333333333, 38.6666666667, 51.5555555556, 56.9333333333, 66.0888888889]
    assert interventions_avoided(POSITIVE, PROBABILITY, THRESHOLDS) == pytest.approx(expected, abs=1e-9)
    assert interventions_avoided(POSITIVE, PROBABILITY, THRESHOLDS, per=1000) == pytest.approx(
        10 * np.array(expected), abs=1e-8
    )


def test_a_probability_at_the_threshold_is_acted_on() -> None:
    assert net_benefit(np.array([1, 0]), np.array([0.5, 0.5]), np.array([0.5])) == pytest.approx(0)
    assert net_benefit(np.array([1, 0]), np.array([0.5, 0.4]), np.array([0.5])) == pytest.approx(0.5)
    curve = decision_curve(np.array([1, 0]), {"m": np.array([0.5, 0.4])}, thresholds=np.array([0.5]))
    assert curve.net_benefit == pytest.approx(0.5)


def test_a_decision_curve_holds_every_test_and_treat_all() -> None:
    tests = {"model": PROBABILITY, "high risk": HIGH_RISK}
    curve = decision_curve(POSITIVE, tests, thresholds=THRESHOLDS)
    assert curve.names == ("model", "high risk")
    assert curve.net_benefit == pytest.approx(np.array([ORACLE["net_benefit_model"], RULE]), abs=1e-10)
    assert curve.treat_all == pytest.approx(ORACLE["net_benefit_all"], abs=1e-10)
    assert curve.thresholds == pytest.approx(THRESHOLDS)
    assert np.all(np.isnan(curve.low) & np.isnan(curve.high))
    assert (curve.n, curve.events, curve.method) == (750, 105, "net benefit")


def test_bootstrap_limits_of_a_decision_curve_have_the_width_of_the_normal_interval() -> None:
    tests = {"high risk": HIGH_RISK, "model": PROBABILITY}
    curve = decision_curve(POSITIVE, tests, thresholds=THRESHOLDS, draws=4000, seed=3)
    half = 1.959963984540054 * SE_MODEL_10
    assert curve.low.shape == curve.high.shape == (2, 5)
    assert curve.low[1, 1] == pytest.approx(curve.net_benefit[1, 1] - half, abs=0.05 * half)
    assert curve.high[1, 1] == pytest.approx(curve.net_benefit[1, 1] + half, abs=0.05 * half)
    assert np.all(curve.low < curve.net_benefit)
    assert np.all(curve.net_benefit < curve.high)
    assert curve.method == "net benefit, percentile bootstrap, 4000 draws of 750 clusters"


def test_limits_of_a_curve_are_those_of_its_difference_from_treating_nobody() -> None:
    curve = decision_curve(POSITIVE, {"m": PROBABILITY}, thresholds=THRESHOLDS, draws=300, seed=9, level=0.8)
    nobody = np.zeros(750, dtype=bool)
    for column, threshold in enumerate(THRESHOLDS):
        single = net_benefit_difference(
            POSITIVE, PROBABILITY, nobody, threshold=threshold, seed=9, draws=300, level=0.8
        )
        limits = curve.low[0, column], curve.high[0, column]
        assert limits == pytest.approx((single.low, single.high), abs=1e-12)


def test_the_same_seed_gives_the_same_limits_and_a_narrower_level_narrower_ones() -> None:
    def curve(seed: int, level: float = 0.95) -> np.ndarray:
        result = decision_curve(
            POSITIVE, {"m": PROBABILITY}, thresholds=THRESHOLDS, draws=200, seed=seed, level=level
        )
        return result.high - result.low

    assert np.array_equal(curve(1), curve(1))
    assert not np.array_equal(curve(1), curve(2))
    assert np.all(curve(1, 0.5) < curve(1))


def test_difference_of_net_benefit_equals_r_and_its_error_the_formula() -> None:
    difference = net_benefit_difference(POSITIVE, PROBABILITY, HIGH_RISK, threshold=0.15, seed=5, draws=4000)
    assert difference.value == pytest.approx(0.0637647058824, abs=1e-12)
    assert difference.se == pytest.approx(SE_DIFFERENCE_15, rel=0.04)
    assert difference.high - difference.low == pytest.approx(2 * 1.96 * SE_DIFFERENCE_15, rel=0.05)
    assert difference.p == pytest.approx(2 / 4001)
    assert (difference.n, difference.events) == (750, 105)
    assert difference.method.startswith("difference of net benefit at 0.15, percentile bootstrap, 4000 draws")


def test_a_test_does_not_differ_from_itself() -> None:
    same = net_benefit_difference(POSITIVE, PROBABILITY, PROBABILITY, threshold=0.15, seed=5, draws=100)
    assert (same.value, same.low, same.high, same.p) == (0, 0, 0, 1)


def test_copies_of_the_patients_as_clusters_give_the_limits_of_the_patients() -> None:
    twice = np.repeat(np.arange(750), 2)
    options: dict[str, Any] = {"threshold": 0.15, "seed": 5, "draws": 300}
    single = net_benefit_difference(POSITIVE, PROBABILITY, HIGH_RISK, **options)
    double = net_benefit_difference(
        POSITIVE[twice],
        PROBABILITY[twice],
        HIGH_RISK[twice],
        cluster=twice,
        **options,
    )
    assert (double.value, double.low, double.high) == pytest.approx((single.value, single.low, single.high))
    curves = [
        decision_curve(
            POSITIVE[rows], {"m": PROBABILITY[rows]}, thresholds=THRESHOLDS, draws=300, cluster=rows
        )
        for rows in (np.arange(750), twice)
    ]
    assert curves[0].low == pytest.approx(curves[1].low)
    assert curves[0].high == pytest.approx(curves[1].high)


@pytest.mark.parametrize(
    ("thresholds", "message"),
    [
        ([0.1, 1.0], "thresholds hold 1 at position 1"),
        ([-0.1], r"thresholds hold -0\.1 at position 0"),
        ([], "thresholds hold nothing"),
        ([np.nan], "thresholds holds nan at position 0"),
    ],
)
def test_unusable_thresholds_are_refused(thresholds: list[float], message: str) -> None:
    for call in (
        lambda t: net_benefit(POSITIVE, PROBABILITY, t),
        lambda t: net_benefit_of_all(POSITIVE, t),
        lambda t: net_benefit_of_rule(POSITIVE, HIGH_RISK, t),
        lambda t: decision_curve(POSITIVE, {"m": PROBABILITY}, thresholds=t),
    ):
        with pytest.raises(StatisticError, match=message):
            call(np.array(thresholds))


@pytest.mark.parametrize(
    ("positive", "probability", "message"),
    [
        ([0, 1, 1], [0.2, 1.5, 0.1], r"probability is 1\.5 at position 1"),
        ([0, 1, 1], [0.2, np.nan, 0.4], "probability holds nan at position 1"),
        ([0, 1, 1], [0.2, 0.4], "positive holds 3 values and probability 2"),
        ([1, 1, 1], [0.2, 0.4, 0.5], "3 of 3 are positive"),
        ([0, 2, 1], [0.2, 0.4, 0.5], "positive holds 2 at position 1"),
    ],
)
def test_unusable_predictions_are_refused(
    positive: list[int], probability: list[float], message: str
) -> None:
    truth, values = np.array(positive), np.array(probability)
    with pytest.raises(StatisticError, match=message):
        net_benefit(truth, values, THRESHOLDS)
    with pytest.raises(StatisticError, match=message):
        decision_curve(truth, {"m": values}, thresholds=THRESHOLDS)
    with pytest.raises(StatisticError, match=message):
        net_benefit_difference(truth, values, values, threshold=0.2, seed=1)


def test_a_rule_must_give_one_decision_per_patient() -> None:
    with pytest.raises(StatisticError, match=r"test_positive holds 0\.4 at position 2"):
        net_benefit_of_rule(np.array([0, 1, 1]), np.array([0, 1, 0.4]), THRESHOLDS)
    with pytest.raises(StatisticError, match="positive holds 750 values and test_positive 2"):
        decision_curve(POSITIVE, {"m": np.array([True, False])}, thresholds=THRESHOLDS)


def test_nothing_to_compare_and_a_cost_of_nothing_are_refused() -> None:
    with pytest.raises(StatisticError, match="tests is empty"):
        decision_curve(POSITIVE, {}, thresholds=THRESHOLDS)
    with pytest.raises(StatisticError, match="give t > 0"):
        interventions_avoided(POSITIVE, PROBABILITY, np.array([0.0, 0.1]))
