"""Oracles: R 4.2.2 stats::glm, rms 6.5-0 val.prob and rcs, Hmisc 4.8-0 binconf on calibration_simulated.csv.

A glm is updated once from its own solution, so that its covariance is that of the solution. The file:
set.seed(20), n = 200, x1 = rnorm, x2 = rbinom(.4), y = rbinom(plogis(-.5 + .9 x1 + .6 x2)),
probability = plogis(.3 + 1.35 lp + rnorm(sd .3)), offset = rnorm(sd .5), weight = sample(0:3).
"""

from pathlib import Path

import numpy as np
import pytest

from hepar.stats.calibration import (
    calibration_intercept,
    calibration_slope,
    logistic_irls,
    logistic_recalibration,
    recalibrate,
)
from hepar.stats.estimate import Estimate, StatisticError

GOLDEN = Path(__file__).parent / "golden" / "statistics"
TABLE = np.genfromtxt(GOLDEN / "calibration_simulated.csv", delimiter=",", names=True)
POSITIVE, PROBABILITY = TABLE["positive"].astype(bool), TABLE["probability"]
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
