"""Oracles: R 4.2.2 stats::glm, loess, rms 6.5-0 rcs and Hmisc 4.8-0 binconf on calibration_simulated.csv."""

import numpy as np
import pytest

from calibration_data import POSITIVE, PROBABILITY
from hepar.stats import calibration_curve as curves
from hepar.stats.calibration_curve import (
    calibration_curve,
    expected_calibration_error,
    integrated_calibration_index,
    smooth_calibration,
)
from hepar.stats.estimate import StatisticError

TENTHS = np.clip(np.round(PROBABILITY, 1), 0.05, 0.95)
GRID = np.array([0.1, 0.3, 0.5, 0.7, 0.9])
SPLINE = [0.082528739936, 0.269002317880, 0.480331215246, 0.661932176785, 0.767865257224]
SPLINE_LOW = [0.022986510239, 0.174587597950, 0.377789426765, 0.533476685342, 0.544888022088]
SPLINE_HIGH = [0.255906150185, 0.390330295004, 0.584557295686, 0.770250420835, 0.901371368406]


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
    monkeypatch.setattr(curves, "CELLS_PER_BLOCK", 700)
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


@pytest.mark.parametrize("bins", [0, 201])
def test_an_impossible_number_of_groups_is_refused(bins: int) -> None:
    with pytest.raises(StatisticError, match=f"bins is {bins}; it must lie between 1 and the 200"):
        calibration_curve(POSITIVE, PROBABILITY, bins=bins)


def test_one_group_and_one_group_each_are_allowed() -> None:
    assert calibration_curve(POSITIVE, PROBABILITY, bins=1).observed == pytest.approx(93 / 200)
    single = calibration_curve(np.array([0, 1, 1]), np.array([0.2, 0.5, 0.9]), bins=3)
    assert single.predicted == pytest.approx([0.2, 0.5, 0.9])
