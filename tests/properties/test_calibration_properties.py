"""Laws of calibration and net benefit that hold for any predictions."""

from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

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
from hepar.stats.calibration_curve import (
    calibration_curve,
    expected_calibration_error,
    integrated_calibration_index,
)
from hepar.stats.utility import interventions_avoided, net_benefit, net_benefit_of_all, net_benefit_of_rule

few = settings(max_examples=40, deadline=None)
Predictions = tuple[np.ndarray, np.ndarray]
THRESHOLDS = np.array([0.05, 0.25, 0.5, 0.8])


@st.composite
def predictions(draw: st.DrawFn) -> Predictions:
    """12 to 40 predictions in hundredths; both classes at both ends, so no fit is separated."""
    size = draw(st.integers(8, 36))
    drawn = st.lists(st.integers(5, 95), min_size=size, max_size=size)
    positive = np.array([0, 1, 0, 1, *draw(st.lists(st.integers(0, 1), min_size=size, max_size=size))])
    return positive, np.array([4, 4, 96, 96, *draw(drawn)]) / 100


@few
@given(predictions())
def test_recalibrated_predictions_have_intercept_zero_and_slope_one(data: Predictions) -> None:
    positive, probability = data
    intercept, slope = logistic_recalibration(positive, probability).coefficients
    assume(slope > 0.05)
    better = recalibrate(probability, intercept=float(intercept), slope=float(slope))
    assert calibration_slope(positive, better).value == pytest.approx(1, abs=1e-6)
    assert calibration_intercept(positive, better).value == pytest.approx(0, abs=1e-6)
    assert observed_expected_ratio(positive, better).value == pytest.approx(1, abs=1e-6)


@few
@given(predictions())
def test_an_intercept_update_makes_observed_equal_expected(data: Predictions) -> None:
    positive, probability = data
    update = calibration_intercept(positive, probability).value
    moved = recalibrate(probability, intercept=update)
    assert moved.sum() == pytest.approx(positive.sum(), abs=1e-6)
    assert recalibrate(moved, intercept=-update) == pytest.approx(probability)


@few
@given(predictions())
def test_recalibration_undoes_any_distortion(data: Predictions) -> None:
    positive, probability = data
    fit = logistic_recalibration(positive, probability)
    bent = recalibrate(probability, intercept=0.7, slope=1.6)
    again = logistic_recalibration(positive, bent)
    assert again.coefficients[1] == pytest.approx(fit.coefficients[1] / 1.6, abs=1e-7)
    assert again.deviance == pytest.approx(fit.deviance)


@few
@given(predictions(), st.randoms(use_true_random=False))
def test_the_order_of_patients_does_not_matter(data: Predictions, random: Random) -> None:
    positive, probability = data
    order = random.sample(range(positive.size), positive.size)
    for statistic in (
        *(brier, scaled_brier, spiegelhalter_z, observed_expected_ratio, expected_calibration_error),
        *(calibration_slope, calibration_intercept),
        lambda *pair: integrated_calibration_index(*pair, smoother="loess").ici,
    ):
        plain, mixed = statistic(positive, probability), statistic(positive[order], probability[order])
        assert (mixed.value, mixed.low, mixed.p) == pytest.approx(
            (plain.value, plain.low, plain.p), nan_ok=True, abs=1e-7
        )
    assert net_benefit(positive[order], probability[order], THRESHOLDS) == pytest.approx(
        net_benefit(positive, probability, THRESHOLDS)
    )


@few
@given(predictions())
def test_exchanging_the_classes_mirrors_calibration(data: Predictions) -> None:
    positive, probability = data
    other = 1 - positive, 1 - probability
    assert brier(*other).value == pytest.approx(brier(*data).value)
    assert scaled_brier(*other).se == pytest.approx(scaled_brier(*data).se)
    assert spiegelhalter_z(*other).value == pytest.approx(spiegelhalter_z(*data).value)
    assert calibration_slope(*other).value == pytest.approx(calibration_slope(*data).value, abs=1e-7)
    assert calibration_intercept(*other).value == pytest.approx(-calibration_intercept(*data).value, abs=1e-7)


@few
@given(predictions(), st.integers(1, 12), st.sampled_from(["quantile", "uniform"]))
def test_a_grouped_curve_loses_nobody(data: Predictions, bins: int, strategy: Any) -> None:
    positive, probability = data
    curve = calibration_curve(positive, probability, bins=bins, strategy=strategy)
    assert curve.n.size <= bins
    assert np.all(curve.n > 0)
    assert (curve.n.sum(), curve.events.sum()) == (positive.size, positive.sum())
    assert curve.n @ curve.predicted == pytest.approx(probability.sum())
    assert np.all(np.diff(curve.predicted) > 0)
    assert np.all((curve.low <= curve.observed + 1e-12) & (curve.observed <= curve.high + 1e-12))


@few
@given(predictions())
def test_the_share_as_prediction_scores_the_variance(data: Predictions) -> None:
    positive = data[0]
    share = np.full(positive.size, positive.mean())
    assert brier(positive, share).value == pytest.approx(positive.var())
    assert scaled_brier(positive, share).value == pytest.approx(0, abs=1e-12)
    assert expected_calibration_error(positive, share).value == pytest.approx(0, abs=1e-12)


@few
@given(predictions())
def test_net_benefit_follows_its_formulas(data: Predictions) -> None:
    positive, probability = data
    share, odds = positive.mean(), THRESHOLDS / (1 - THRESHOLDS)
    assert net_benefit_of_all(positive, THRESHOLDS) == pytest.approx(share - (1 - share) * odds)
    assert net_benefit(positive, np.ones(positive.size), THRESHOLDS) == pytest.approx(
        net_benefit_of_all(positive, THRESHOLDS)
    )
    assert net_benefit(positive, positive, THRESHOLDS) == pytest.approx(share)
    assert np.all(net_benefit(positive, probability, THRESHOLDS) <= share)
    assert np.all(net_benefit_of_rule(positive, np.zeros(positive.size), THRESHOLDS) == 0)
    nobody = interventions_avoided(positive, np.zeros(positive.size), np.array([share]))
    assert nobody == pytest.approx(0, abs=1e-9)


@few
@given(predictions(), st.sampled_from(list(THRESHOLDS)))
def test_a_curve_passes_through_the_rule_of_its_own_threshold(data: Predictions, threshold: float) -> None:
    positive, probability = data
    at = np.array([threshold])
    assert net_benefit(positive, probability, at) == pytest.approx(
        net_benefit_of_rule(positive, probability >= threshold, at)
    )
