"""Oracles: R 4.2.2 stats::glm and rms 6.5-0 val.prob on calibration_simulated.csv.

A glm is updated once from its own solution, so that its covariance is that of the solution.
"""

import numpy as np
import pytest

from calibration_data import POSITIVE, PROBABILITY, interval
from hepar.stats.calibration import (
    brier,
    calibration_intercept,
    calibration_slope,
    logistic_recalibration,
    observed_expected_ratio,
    recalibrate,
    scaled_brier,
    spiegelhalter_z,
)
from hepar.stats.estimate import StatisticError


def test_calibration_slope_equals_glm() -> None:
    # glm(y ~ qlogis(p), binomial); Wald limits coef -+ qnorm(.975) se; z for slope = 1
    slope = calibration_slope(POSITIVE, PROBABILITY)
    half = 1.959963984540054 * 0.146159336822
    assert interval(slope) == pytest.approx(
        (0.858208083152, 0.858208083152 - half, 0.858208083152 + half), abs=1e-8
    )
    assert slope.se == pytest.approx(0.146159336822, rel=1e-8)
    assert (slope.n, slope.events) == (200, 93)


def test_calibration_in_the_large_equals_glm() -> None:
    # glm(y ~ 1 + offset(qlogis(p)), binomial)
    large = calibration_intercept(POSITIVE, PROBABILITY)
    half = 1.959963984540054 * 0.1648364406
    assert interval(large) == pytest.approx((-0.236338784089, -0.236338784089 - half, -0.236338784089 + half))
    assert large.p == pytest.approx(0.151635760184, rel=1e-7)
    assert (large.n, large.events) == (200, 93)


def test_recalibration_equals_val_prob() -> None:
    # rms::val.prob(p, y): Intercept, Slope (Newton stops at 1e-8 there)
    fit = logistic_recalibration(POSITIVE, PROBABILITY)
    assert fit.coefficients == pytest.approx([-0.21400656592217, 0.85820807300763], abs=5e-8)


def test_recalibrated_probabilities_have_intercept_zero_and_slope_one() -> None:
    intercept, slope = logistic_recalibration(POSITIVE, PROBABILITY).coefficients
    better = recalibrate(PROBABILITY, intercept=intercept, slope=slope)
    assert calibration_slope(POSITIVE, better).value == pytest.approx(1, abs=1e-8)
    assert calibration_intercept(POSITIVE, better).value == pytest.approx(0, abs=1e-8)


def test_a_constant_probability_has_no_slope() -> None:
    with pytest.raises(StatisticError, match=r"every probability is 0\.3"):
        calibration_slope(POSITIVE, np.full(200, 0.3))


def test_probabilities_of_zero_and_one_are_refused_with_their_count() -> None:
    with pytest.raises(StatisticError, match="3 of 200 probabilities are exactly 0 or 1"):
        calibration_slope(POSITIVE, np.r_[0.0, 1.0, 1.0, PROBABILITY[3:]])


def test_brier_scores_equal_r() -> None:
    # R: b is (p - y)^2, then mean(b), its sd / sqrt(n), and 1 - mean(b) / (mean(y) (1 - mean(y)))
    plain, scaled = brier(POSITIVE, PROBABILITY), scaled_brier(POSITIVE, PROBABILITY)
    half = 1.959963984540054 * 0.0147575980215
    assert interval(plain) == pytest.approx((0.19777793875, 0.19777793875 - half, 0.19777793875 + half))
    assert plain.se == pytest.approx(0.0147575980215, rel=1e-10)
    assert scaled.value == pytest.approx(0.2049927092754, rel=1e-10)
    assert (scaled.n, scaled.events) == (plain.n, plain.events) == (200, 93)


def test_the_standard_error_of_the_scaled_brier_score_agrees_with_the_jackknife() -> None:
    # sqrt((n - 1) / n * sum((jk - mean(jk))^2)), jk the leave-one-out scaled Brier scores, in R; the two
    # differ by terms of order 1 / n
    scaled = scaled_brier(POSITIVE, PROBABILITY)
    assert scaled.se == pytest.approx(0.0606031066209, rel=0.01)
    assert scaled.high - scaled.low == pytest.approx(2 * 1.959963984540054 * scaled.se)


def test_spiegelhalter_z_equals_val_prob() -> None:
    # rms::val.prob(p, y): S:z, S:p
    z = spiegelhalter_z(POSITIVE, PROBABILITY)
    assert (z.value, z.p) == pytest.approx((1.04485513575088, 0.29608992774839), rel=1e-10)
    assert np.isnan(z.low)
    assert np.isnan(z.high)


def test_observed_over_expected_equals_r() -> None:
    # R: O / E times exp(-+ qnorm(.975) se) with se = sqrt((1 - O / n) / O), and 2 pnorm(-|log(O / E)| / se)
    ratio = observed_expected_ratio(POSITIVE, PROBABILITY)
    assert interval(ratio) == pytest.approx((0.914394036971, 0.788084428324, 1.060947818277), rel=1e-10)
    assert ratio.p == pytest.approx(0.238027252448, rel=1e-9)
    assert (ratio.n, ratio.events) == (200, 93)


def test_zero_and_one_are_welcome_where_no_log_odds_are_taken() -> None:
    positive, probability = np.array([0, 1, 1, 0]), np.array([0.0, 1.0, 0.5, 0.5])
    assert brier(positive, probability).value == pytest.approx(0.125)
    assert observed_expected_ratio(positive, probability).value == pytest.approx(1)
    with pytest.raises(StatisticError, match="no variance"):
        spiegelhalter_z(positive, probability)
    with pytest.raises(StatisticError, match="no event is expected"):
        observed_expected_ratio(positive, np.zeros(4))


def test_recalibration_keeps_zero_and_one() -> None:
    assert recalibrate(np.array([0.0, 1.0]), intercept=0.3, slope=2.0).tolist() == [0, 1]


def test_recalibrate_refuses_what_is_no_probability_and_a_slope_that_reverses() -> None:
    with pytest.raises(StatisticError, match="slope above 0"):
        recalibrate(np.array([0.2]), intercept=0.0, slope=0.0)
    with pytest.raises(StatisticError, match=r"must lie in \[0, 1\]"):
        recalibrate(np.array([1.2]), intercept=0.0)


def test_a_wider_level_gives_a_wider_interval() -> None:
    for statistic in (calibration_slope, calibration_intercept, brier, scaled_brier, observed_expected_ratio):
        narrow, wide = (statistic(POSITIVE, PROBABILITY, level=level) for level in (0.8, 0.99))
        assert wide.low < narrow.low < narrow.value < narrow.high < wide.high
