"""Accuracy at a threshold against epiR 2.0.57 and R 4.2.2's binom.test and prop.test on aSAH."""

import numpy as np
import pytest

from asah_data import asah, near
from hepar.stats import classification as c
from hepar.stats.estimate import Estimate, StatisticError

__all__ = ["asah"]


def triple(estimate: Estimate) -> tuple[float, float, float]:
    return estimate.value, estimate.low, estimate.high


EPI_TESTS_EXACT = {
    # epiR::epi.tests(table(s100b >= 0.205, outcome), method = "exact")$detail: se sp pv.pos pv.neg diag.ac ...
    "sensitivity": (0.634146341463, 0.469362548033, 0.778772137939),
    "specificity": (0.805555555556, 0.695331066701, 0.889416213322),
    "ppv": (0.650000000000, 0.483155546351, 0.793717509129),
    "npv": (0.794520547945, 0.683838400803, 0.880186901665),
    "accuracy": (0.743362831858, 0.652648285361, 0.820906196556),
    "likelihood_ratio_positive": (3.261324041812, 1.930236320582, 5.510327617550),
    "likelihood_ratio_negative": (0.454163162321, 0.298804668770, 0.690297708061),
    "diagnostic_odds_ratio": (7.180952380952, 3.030133380373, 17.017758172466),
}
SIZES = {
    "sensitivity": (41, 26),
    "specificity": (72, 58),
    "ppv": (40, 26),
    "npv": (73, 58),
    "accuracy": (113, 84),
    "likelihood_ratio_positive": (113, 41),
    "likelihood_ratio_negative": (113, 41),
    "diagnostic_odds_ratio": (113, 41),
}


def test_accuracy_at_a_threshold_equals_epir(asah: dict[str, np.ndarray]) -> None:
    found = c.accuracy_at(asah["poor"], asah["s100b"], threshold=0.205)
    for name, numbers in EPI_TESTS_EXACT.items():
        assert triple(found[name]) == near(*numbers), name
        assert (found[name].n, found[name].events) == SIZES[name], name
    counts = {k: e.value for k, e in found.items() if k not in EPI_TESTS_EXACT}
    assert counts == {"true_positive": 26, "false_positive": 14, "false_negative": 15, "true_negative": 58}
    assert all(np.isnan([found[k].low, found[k].high]).all() for k in counts)


def test_standard_errors_are_binomial_or_of_the_logarithm(asah: dict[str, np.ndarray]) -> None:
    found = c.accuracy_at(asah["poor"], asah["s100b"], threshold=0.205)
    assert found["ppv"].se == near((0.65 * 0.35 / 40) ** 0.5)
    assert found["diagnostic_odds_ratio"].se == near((1 / 26 + 1 / 14 + 1 / 15 + 1 / 58) ** 0.5)


def test_the_level_reaches_every_interval(asah: dict[str, np.ndarray]) -> None:
    # epi.tests(.., method = "wilson", conf.level = 0.9) for the ratios, whose log method is unaffected
    found = c.accuracy_at(asah["poor"], asah["s100b"], threshold=0.205, level=0.9)
    assert triple(found["likelihood_ratio_positive"])[1:] == near(2.100061625130, 5.064724948271)
    assert triple(found["likelihood_ratio_negative"])[1:] == near(0.319609700828, 0.645362695422)
    assert triple(found["diagnostic_odds_ratio"])[1:] == near(3.481022711801, 14.813484819473)
    assert triple(found["sensitivity"]) == triple(c.proportion(26, 41, level=0.9))
    # the same call's Wilson intervals of sensitivity and specificity
    assert triple(c.wilson(26, 41, level=0.9)) == near(0.634146341463, 0.505713237337, 0.745971083019)
    assert triple(c.wilson(58, 72, level=0.9)) == near(0.805555555556, 0.718363346984, 0.870615702838)


def test_a_score_at_the_threshold_counts_as_asked() -> None:
    y, x = np.array([True, True, False, False]), np.array([2.0, 1.0, 1.0, 0.0])
    at, above = (c.accuracy_at(y, x, threshold=1.0, at_or_above=flag) for flag in (True, False))
    assert (at["sensitivity"].value, at["specificity"].value) == (1.0, 0.5)
    assert (above["sensitivity"].value, above["specificity"].value) == (0.5, 1.0)


def test_exact_intervals_equal_binom_test() -> None:
    assert triple(c.proportion(26, 41))[1:] == near(0.469362548033, 0.778772137939)
    assert triple(c.proportion(0, 10)) == (0.0, 0.0, near(0.308497107819))
    assert triple(c.proportion(10, 10, level=0.9)) == (1.0, near(0.741134449107), 1.0)


def test_wilson_intervals_equal_prop_test() -> None:
    # prop.test(.., correct = FALSE)
    assert triple(c.wilson(26, 41))[1:] == near(0.481207010879, 0.764101689803)
    assert triple(c.wilson(0, 10)) == (0.0, 0.0, near(0.277532799863))
    assert triple(c.wilson(10, 10)) == (1.0, near(1 - 0.277532799863), 1.0)
    assert c.wilson(26, 41).se == near((26 * 15 / 41**3) ** 0.5)


def test_what_divides_by_zero_is_nan_and_says_why() -> None:
    y, x = np.arange(8) > 3, np.arange(8.0)
    nobody = c.accuracy_at(y, x, threshold=np.inf)
    assert np.isnan(triple(nobody["ppv"])).all()
    assert nobody["ppv"].method == "not defined: no cases to divide by"
    assert np.isnan(triple(nobody["likelihood_ratio_positive"])).all()
    assert nobody["likelihood_ratio_negative"].value == 1.0
    assert nobody["npv"].value == 0.5
    perfect = c.accuracy_at(y, x, threshold=3.5)
    for name in ("likelihood_ratio_positive", "diagnostic_odds_ratio"):
        assert np.isnan(perfect[name].value)
        assert perfect[name].method.startswith("not defined: ")
    assert perfect["likelihood_ratio_negative"].value == 0.0
    assert np.isnan(perfect["likelihood_ratio_negative"].high)
    reversed_rule = c.accuracy_at(~y, x, threshold=3.5)
    assert reversed_rule["diagnostic_odds_ratio"].value == 0.0
    assert np.isnan(c.wilson(0, 0).value)


def test_sensitivity_at_a_specificity_is_the_step_of_the_lowest_threshold() -> None:
    y = np.arange(20) >= 10
    x = np.concatenate([np.arange(10.0), np.array([0.5, 3.5, 7.5, 7.6, 8.5, 9.5, 10, 11, 12, 13])])
    # One of ten negatives may be called positive: threshold 8.5, six positives lie above 8.
    found = c.sensitivity_at_specificity(y, x, specificity=0.9, replicates=200)
    assert found.value == 0.6
    assert c.sensitivity_at_specificity(y, x, specificity=0.85, replicates=2).value == 0.6
    assert c.sensitivity_at_specificity(y, x, specificity=0.8, replicates=2).value == 0.8
    assert (found.n, found.events) == (10, 10)


def test_the_interval_of_sensitivity_at_specificity_is_that_of_resampled_cases(
    asah: dict[str, np.ndarray],
) -> None:
    found = c.sensitivity_at_specificity(asah["poor"], asah["s100b"], specificity=1.0, replicates=4000)
    rng = np.random.default_rng(2)
    positives, negatives = asah["s100b"][asah["poor"]], asah["s100b"][~asah["poor"]]
    highest = rng.choice(negatives, (4000, negatives.size)).max(axis=1)
    brute = (rng.choice(positives, (4000, positives.size)) > highest[:, None]).mean(axis=1)
    assert (found.low, found.high) == pytest.approx(np.quantile(brute, [0.025, 0.975]), abs=0.025)
    assert found.se == pytest.approx(brute.std(), rel=0.05)
    again = c.sensitivity_at_specificity(asah["poor"], asah["s100b"], specificity=1.0, replicates=4000)
    assert repr(again) == repr(found)


def test_exact_mcnemar_equals_the_binomial_test(asah: dict[str, np.ndarray]) -> None:
    first = (asah["s100b"] >= 0.205) == asah["poor"]
    second = (asah["wfns"] >= 4) == asah["poor"]
    found = c.mcnemar(first, second)
    # binom.test(6, 14)$p.value, $conf.int: 0.176611089982 to 0.711390599962
    assert found.p == near(0.79052734375)
    assert found.value == near(-2 / 113)
    low, high = ((2 * share - 1) * 14 / 113 for share in (0.176611089982, 0.711390599962))
    assert (found.low, found.high) == near(low, high)
    assert found.method == "exact McNemar, 6 against 8 discordant cases"
    assert c.mcnemar(second, first).p == found.p


def test_mcnemar_of_even_or_no_discordance_has_p_of_one() -> None:
    first, second = np.array([1, 1, 0, 0]), np.array([1, 0, 1, 0])
    assert c.mcnemar(first, second).p == 1.0
    none = c.mcnemar(first, first)
    assert (none.value, none.p) == (0.0, 1.0)
    assert np.isnan([none.low, none.high]).all()


def test_impossible_input_is_refused_with_the_reason() -> None:
    y, x = np.arange(8) > 3, np.arange(8.0)
    with pytest.raises(StatisticError, match="11 successes of 10"):
        c.proportion(11, 10)
    with pytest.raises(StatisticError, match="-1 successes"):
        c.wilson(-1, 10)
    with pytest.raises(StatisticError, match="threshold is NaN"):
        c.accuracy_at(y, x, threshold=float("nan"))
    with pytest.raises(StatisticError, match="8 positive and 0 negative"):
        c.accuracy_at(x >= 0, x, threshold=1)
    with pytest.raises(StatisticError, match="specificity is 90"):
        c.sensitivity_at_specificity(y, x, specificity=90)
    with pytest.raises(StatisticError, match="first has 8 cases and second 7"):
        c.mcnemar(y, y[1:])
    with pytest.raises(StatisticError, match="second must be one True or False"):
        c.mcnemar(y, x)
    with pytest.raises(StatisticError, match="level is 95"):
        c.proportion(1, 2, level=95)
