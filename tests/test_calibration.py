"""Oracles: R 4.2.2 stats::glm, rms 6.5-0 val.prob and rcs, Hmisc 4.8-0 binconf on calibration_simulated.csv.

A glm is updated once from its own solution, so that its covariance is that of the solution. The file:
set.seed(20), n = 200, x1 = rnorm, x2 = rbinom(.4), y = rbinom(plogis(-.5 + .9 x1 + .6 x2)),
probability = plogis(.3 + 1.35 lp + rnorm(sd .3)), offset = rnorm(sd .5), weight = sample(0:3).
"""

from pathlib import Path

import numpy as np
import pytest

from hepar.stats import calibration
from hepar.stats.calibration import (
    brier,
    calibration_curve,
    calibration_intercept,
    calibration_slope,
    expected_calibration_error,
    integrated_calibration_index,
    logistic_irls,
    logistic_recalibration,
    observed_expected_ratio,
    recalibrate,
    scaled_brier,
    smooth_calibration,
    spiegelhalter_z,
)
from hepar.stats.estimate import Estimate, StatisticError

GOLDEN = Path(__file__).parent / "golden" / "statistics"
TABLE = np.genfromtxt(GOLDEN / "calibration_simulated.csv", delimiter=",", names=True)
POSITIVE, PROBABILITY = TABLE["positive"].astype(bool), TABLE["probability"]
TENTHS = np.clip(np.round(PROBABILITY, 1), 0.05, 0.95)
GRID = np.array([0.1, 0.3, 0.5, 0.7, 0.9])
SPLINE = [0.082528739936, 0.269002317880, 0.480331215246, 0.661932176785, 0.767865257224]
SPLINE_LOW = [0.022986510239, 0.174587597950, 0.377789426765, 0.533476685342, 0.544888022088]
SPLINE_HIGH = [0.255906150185, 0.390330295004, 0.584557295686, 0.770250420835, 0.901371368406]
DESIGN = np.column_stack([np.ones(200), TABLE["x1"], TABLE["x2"]])


def interval(estimate: Estimate) -> tuple[float, float, float]:
    return estimate.value, estimate.low, estimate.high


def test_a_logistic_fit_equals_glm() -> None:
    # glm(y ~ x1 + x2, binomial, control = glm.control(epsilon = 1e-14)); coef, vcov, deviance
    fit = logistic_irls(DESIGN, POSITIVE)
    assert fit.coefficients == pytest.approx([-0.499419201509, 1.148127887039, 0.665557897075], abs=1e-10)
    assert fit.covariance == pytest.approx(
        np.array(
            [
                [0.04335980088744, -0.00785341545481, -0.04314456183760],
                [-0.00785341545481, 0.03805919869923, 0.00681032460944],
                [-0.04314456183760, 0.00681032460944, 0.11224278994128],
            ]
        ),
        rel=1e-9,
    )
    assert fit.deviance == pytest.approx(226.315983855, abs=1e-8)


def test_a_logistic_fit_with_offset_and_weights_equals_glm() -> None:
    # glm(y ~ x1 + x2 + offset(offset), binomial, weights = weight, control = glm.control(epsilon = 1e-14))
    fit = logistic_irls(DESIGN, POSITIVE, offset=TABLE["offset"], weights=TABLE["weight"])
    assert fit.coefficients == pytest.approx([-0.249059163814, 1.209821657209, 0.682259816042], abs=1e-10)
    assert np.sqrt(np.diag(fit.covariance)) == pytest.approx(
        [0.165512108845, 0.157918656382, 0.280318216988], rel=1e-9
    )
    assert fit.deviance == pytest.approx(368.504145895, abs=1e-8)


def test_a_weight_counts_as_that_many_copies() -> None:
    copies = np.repeat(np.arange(200), TABLE["weight"].astype(int))
    weighted = logistic_irls(DESIGN, POSITIVE, weights=TABLE["weight"])
    repeated = logistic_irls(DESIGN[copies], POSITIVE[copies])
    assert weighted.coefficients == pytest.approx(repeated.coefficients, abs=1e-9)


def test_a_logistic_fit_far_from_its_start_converges() -> None:
    plain = logistic_irls(DESIGN, POSITIVE)
    moved = logistic_irls(DESIGN, POSITIVE, offset=DESIGN @ np.array([25.0, -12.0, 6.0]))
    assert moved.coefficients == pytest.approx(plain.coefficients - [25.0, -12.0, 6.0], abs=1e-8)


@pytest.mark.parametrize(
    "column", [np.arange(20.0), np.r_[np.zeros(10), np.ones(10)], np.r_[np.arange(10), 9, np.arange(10, 19)]]
)
def test_separated_outcomes_are_refused(column: np.ndarray) -> None:
    with pytest.raises(StatisticError, match="separated"):
        logistic_irls(np.column_stack([np.ones(20), column]), np.arange(20) >= 10)


def test_a_large_finite_coefficient_is_not_called_separation() -> None:
    column = np.r_[np.linspace(-1, 1, 40), -400.0, 400.0]
    positive = np.r_[np.tile([0, 0, 1, 0], 5), np.tile([1, 1, 0, 1], 5), 0, 1]
    fit = logistic_irls(np.column_stack([np.ones(42), column]), positive)
    assert np.max(np.abs(fit.coefficients[1] * column)) > 15


def test_dependent_columns_are_refused() -> None:
    with pytest.raises(StatisticError, match="4 columns but rank 3"):
        logistic_irls(np.column_stack([DESIGN, DESIGN[:, 1] * 2]), POSITIVE)


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


def test_the_grouped_curve_equals_r() -> None:
    # cut(p, quantile(p, 0:5 / 5), right = FALSE, include.lowest = TRUE); Hmisc::binconf(method = "wilson")
    curve = calibration_curve(POSITIVE, PROBABILITY, bins=5)
    assert curve.predicted == pytest.approx([0.141365, 0.3396475, 0.51073, 0.701455, 0.84947], rel=1e-10)
    assert curve.observed == pytest.approx([0.1, 0.35, 0.425, 0.7, 0.75])
    assert curve.n.tolist() == [40] * 5
    assert curve.events.tolist() == [4, 14, 17, 28, 30]
    assert curve.low == pytest.approx(
        [0.0395795286826, 0.2213452887318, 0.2850939255995, 0.5456998118186, 0.5980603857923], rel=1e-10
    )
    assert curve.high == pytest.approx(
        [0.230517752275, 0.504941191627, 0.578049314580, 0.819251547703, 0.858128813609], rel=1e-10
    )


def test_wilson_limits_of_a_group_without_events_start_at_zero() -> None:
    curve = calibration_curve(np.repeat([0, 1], 20), np.repeat([0.1, 0.9], 20), bins=2, strategy="uniform")
    # Hmisc::binconf(c(0, 20), 20, method = "wilson")
    assert curve.low == pytest.approx([0, 0.838874841947], abs=1e-10)
    assert curve.high == pytest.approx([0.161125158053, 1], abs=1e-10)


def test_expected_calibration_error_equals_r() -> None:
    # sum(n_g / n * abs(mean(p_g) - mean(y_g))) with quintiles, and with floor(5 p)
    assert expected_calibration_error(POSITIVE, PROBABILITY, bins=5).value == pytest.approx(0.0476745)
    uniform = expected_calibration_error(POSITIVE, PROBABILITY, bins=5, strategy="uniform")
    assert uniform.value == pytest.approx(0.0480745)
    assert uniform.method == "expected calibration error, 5 uniform groups"


def test_tied_predictions_stay_in_one_group() -> None:
    # quartiles of tenths: 0.05 | 0.3 | 0.5 | 0.7 | 0.9, groups by cut(right = FALSE, include.lowest = TRUE)
    curve = calibration_curve(POSITIVE, TENTHS, bins=4)
    assert curve.n.tolist() == [39, 46, 41, 74]
    assert curve.events.tolist() == [3, 18, 19, 53]
    assert expected_calibration_error(POSITIVE, TENTHS, bins=4).value == pytest.approx(0.06675)


def test_the_spline_curve_equals_glm_on_rcs() -> None:
    # l <- qlogis(p); f <- glm(y ~ rcs(l, quantile(l, c(.05, .35, .65, .95))), binomial); predict(se.fit = TRUE)
    curve = smooth_calibration(POSITIVE, PROBABILITY, at=GRID)
    assert curve.x == pytest.approx(GRID)
    assert curve.y == pytest.approx(SPLINE, abs=1e-9)
    assert curve.low == pytest.approx(SPLINE_LOW, abs=1e-9)
    assert curve.high == pytest.approx(SPLINE_HIGH, abs=1e-9)


def test_the_loess_curve_equals_r() -> None:
    # loess(y ~ p, degree = 1, span = .75, control = loess.control(surface = "direct")); the operator rows l by
    # smoothing unit vectors, se = sqrt(sum(l^2 * fit * (1 - fit)))
    curve = smooth_calibration(POSITIVE, PROBABILITY, at=GRID, smoother="loess")
    se = [0.0499526158397, 0.0397445977777, 0.0474086870694, 0.0429420806719, 0.0689858939417]
    expected = np.array([0.0858371508886, 0.2747296672320, 0.4692852181701, 0.6395204911007, 0.8032830903501])
    assert curve.y == pytest.approx(expected, abs=1e-10)
    assert curve.low == pytest.approx(np.maximum(expected - 1.959963984540054 * np.array(se), 0), abs=1e-10)
    assert curve.high == pytest.approx(expected + 1.959963984540054 * np.array(se), abs=1e-10)


def test_the_loess_curve_of_tied_predictions_equals_r() -> None:
    curve = smooth_calibration(POSITIVE, TENTHS, at=np.array([0.05, 0.3, 0.8]), smoother="loess")
    assert curve.y == pytest.approx([0.0271610751782, 0.2752485200756, 0.7151290780268], abs=1e-10)


def test_the_loess_curve_of_a_prediction_shared_by_most_is_their_observed_share() -> None:
    positive, probability = np.r_[0, 1, np.arange(12) % 4 == 0], np.r_[0.2, 0.9, np.full(12, 0.3)]
    curve = smooth_calibration(positive, probability, at=np.array([0.3]), smoother="loess")
    assert curve.y == pytest.approx([0.25])
    half = 1.959963984540054 * np.sqrt(0.25 * 0.75 / 12)
    assert (curve.low[0], curve.high[0]) == pytest.approx((0.25 - half, 0.25 + half))


def test_the_loess_curve_does_not_depend_on_its_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = smooth_calibration(POSITIVE, PROBABILITY, smoother="loess")
    monkeypatch.setattr(calibration, "CELLS_PER_BLOCK", 700)
    parts = smooth_calibration(POSITIVE, PROBABILITY, smoother="loess")
    assert whole.x.size == 101
    assert parts.y == pytest.approx(whole.y, abs=1e-13)
    assert parts.high == pytest.approx(whole.high, abs=1e-13)


def test_integrated_calibration_index_equals_r() -> None:
    # e <- abs(fitted - p); mean(e), median(e), quantile(e, .9) with the two curves above
    spline = integrated_calibration_index(POSITIVE, PROBABILITY)
    loess = integrated_calibration_index(POSITIVE, PROBABILITY, smoother="loess")
    assert [spline.ici.value, spline.e50.value, spline.e90.value] == pytest.approx(
        [0.0435335, 0.0291444966637, 0.1078374829675], abs=1e-10
    )
    assert [loess.ici.value, loess.e50.value, loess.e90.value] == pytest.approx(
        [0.0452012340934, 0.0311494496213, 0.0863326088897], abs=1e-10
    )
    assert (spline.ici.n, spline.ici.events, spline.e90.method) == (200, 93, "E90, spline curve")


def test_a_curve_is_not_extrapolated() -> None:
    with pytest.raises(StatisticError, match=r"at holds 0\.999, outside the predictions"):
        smooth_calibration(POSITIVE, PROBABILITY, at=np.array([0.5, 0.999]))


def test_a_spline_of_few_distinct_predictions_is_refused() -> None:
    with pytest.raises(StatisticError, match="2\\) for a spline"):
        smooth_calibration(POSITIVE, np.where(PROBABILITY > 0.9, 0.9, 0.4))


@pytest.mark.parametrize(
    ("positive", "probability", "message"),
    [
        ([0, 1, 1], [0.2, 1.5, -0.1], r"probability is 1\.5 at position 1 \(2 such in all\)"),
        ([0, 1, 1], [0.2, np.nan, 0.4], "probability holds nan at position 1"),
        ([0, 1, 1], [0.2, 0.4], "positive holds 3 values and probability 2"),
        ([1, 1, 1], [0.2, 0.4, 0.5], "3 of 3 are positive"),
        ([0, 0, 0], [0.2, 0.4, 0.5], "0 of 3 are positive"),
        ([0, 2, 1], [0.2, 0.4, 0.5], "positive holds 2 at position 1"),
    ],
)
@pytest.mark.parametrize(
    "statistic",
    [
        *(brier, scaled_brier, spiegelhalter_z, observed_expected_ratio, calibration_slope),
        *(calibration_intercept, calibration_curve, expected_calibration_error, smooth_calibration),
        integrated_calibration_index,
    ],
)
def test_unusable_predictions_are_refused(statistic, positive, probability, message) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(StatisticError, match=message):
        statistic(np.array(positive), np.array(probability))


def test_zero_and_one_are_welcome_where_no_log_odds_are_taken() -> None:
    positive, probability = np.array([0, 1, 1, 0]), np.array([0.0, 1.0, 0.5, 0.5])
    assert brier(positive, probability).value == pytest.approx(0.125)
    assert observed_expected_ratio(positive, probability).value == pytest.approx(1)
    with pytest.raises(StatisticError, match="no variance"):
        spiegelhalter_z(positive, probability)
    with pytest.raises(StatisticError, match="no event is expected"):
        observed_expected_ratio(positive, np.zeros(4))


@pytest.mark.parametrize("bins", [0, 201])
def test_an_impossible_number_of_groups_is_refused(bins: int) -> None:
    with pytest.raises(StatisticError, match=f"bins is {bins}; it must lie between 1 and the 200"):
        calibration_curve(POSITIVE, PROBABILITY, bins=bins)


def test_one_group_and_one_group_each_are_allowed() -> None:
    assert calibration_curve(POSITIVE, PROBABILITY, bins=1).observed == pytest.approx(93 / 200)
    single = calibration_curve(np.array([0, 1, 1]), np.array([0.2, 0.5, 0.9]), bins=3)
    assert single.predicted == pytest.approx([0.2, 0.5, 0.9])


def test_recalibration_keeps_zero_and_one() -> None:
    assert recalibrate(np.array([0.0, 1.0]), intercept=0.3, slope=2.0).tolist() == [0, 1]


def test_recalibrate_refuses_what_is_no_probability_and_a_slope_that_reverses() -> None:
    with pytest.raises(StatisticError, match="slope above 0"):
        recalibrate(np.array([0.2]), intercept=0.0, slope=0.0)
    with pytest.raises(StatisticError, match=r"must lie in \[0, 1\]"):
        recalibrate(np.array([1.2]), intercept=0.0)


@pytest.mark.parametrize(
    ("design", "options", "message"),
    [
        (DESIGN[:5], {}, r"design \(5, 3\)"),
        (np.where(DESIGN[7, 1] == DESIGN, np.nan, DESIGN), {}, "design holds nan in row 7, column 1"),
        (DESIGN, {"weights": np.r_[-1.0, np.ones(199)]}, "weights hold -1"),
        (DESIGN, {"weights": POSITIVE.astype(float)}, "93 of 93 are positive"),
        (DESIGN, {"offset": np.ones(3)}, r"offset \(3,\)"),
    ],
)
def test_an_unusable_design_is_refused(design, options, message) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(StatisticError, match=message):
        logistic_irls(design, POSITIVE, **options)


def test_a_wider_level_gives_a_wider_interval() -> None:
    for statistic in (calibration_slope, calibration_intercept, brier, scaled_brier, observed_expected_ratio):
        narrow, wide = (statistic(POSITIVE, PROBABILITY, level=level) for level in (0.8, 0.99))
        assert wide.low < narrow.low < narrow.value < narrow.high < wide.high
