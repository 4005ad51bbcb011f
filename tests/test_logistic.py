"""Oracle: R 4.2.2 stats::glm on calibration_simulated.csv, updated once from its own solution for its covariance."""

from typing import Any

import numpy as np
import pytest

from calibration_data import POSITIVE, TABLE
from hepar.stats.estimate import StatisticError
from hepar.stats.logistic import logistic_irls

DESIGN = np.column_stack([np.ones(200), TABLE["x1"], TABLE["x2"]])


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
def test_an_unusable_design_is_refused(design: Any, options: Any, message: str) -> None:
    with pytest.raises(StatisticError, match=message):
        logistic_irls(design, POSITIVE, **options)
