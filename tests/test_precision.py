"""Expected numbers: the cited formulas evaluated in base R 4.2.2 with integrate() and uniroot()."""

import re
from typing import Any

import numpy as np
import pytest

from hepar.stats.estimate import StatisticError
from hepar.stats.precision import (
    power_auc_difference,
    precision_of_auc,
    sample_size_validation,
    smallest_auc_difference,
)


@pytest.mark.parametrize(
    ("auc", "positives", "negatives", "se"),
    [(0.893, 51, 58, 0.0325115817676), (0.8, 40, 160, 0.0442059573662)],
)
def test_the_error_of_an_auc_is_that_of_hanley_and_mcneil(
    auc: float, positives: int, negatives: int, se: float
) -> None:
    found = precision_of_auc(auc, positives=positives, negatives=negatives)
    assert found.se == pytest.approx(se, rel=1e-11)
    assert (found.n, found.events) == (positives + negatives, positives)
    odds = np.log(np.array([found.low, found.high]) / (1 - np.array([found.low, found.high])))
    reach = 1.959963984540054 * se / (auc * (1 - auc))
    assert odds == pytest.approx(np.log(auc / (1 - auc)) + np.array([-reach, reach]), rel=1e-9)


def test_one_pair_of_cases_has_a_bernoulli_variance() -> None:
    assert precision_of_auc(0.7, positives=1, negatives=1).se == pytest.approx(np.sqrt(0.7 * 0.3))


def test_the_error_of_exponential_scores_is_met_in_simulation() -> None:
    # The two pair probabilities are exact for exponential scores (Hanley & McNeil 1982, appendix).
    rng = np.random.default_rng(0)
    cases, others = rng.exponential(4, size=(4000, 12, 1)), rng.exponential(1, size=(4000, 1, 9))
    aucs = (cases > others).mean(axis=(1, 2))
    assert aucs.mean() == pytest.approx(0.8, abs=0.005)
    assert aucs.std() == pytest.approx(precision_of_auc(0.8, positives=12, negatives=9).se, rel=0.03)


def test_the_power_of_a_difference_is_that_of_the_formula() -> None:
    paired = power_auc_difference(0.85, 0.75, positives=100, negatives=100, correlation=0.5)
    assert paired == pytest.approx(0.886808779275, rel=1e-10)
    apart = power_auc_difference(0.7, 0.8, positives=60, negatives=90, correlation=0, alpha=0.01)
    assert apart == pytest.approx(0.188817560221, rel=1e-10)


def test_the_smallest_difference_is_detected_with_just_that_power() -> None:
    gain = smallest_auc_difference(0.75, positives=100, negatives=100, correlation=0.5)
    assert gain == pytest.approx(0.0892457995035, rel=1e-9)


def test_too_few_cases_detect_no_difference() -> None:
    with pytest.raises(StatisticError, match=r"detect no gain over an AUC of 0\.9"):
        smallest_auc_difference(0.9, positives=5, negatives=5, correlation=0)


def test_a_validation_needs_the_largest_of_three_samples() -> None:
    # R: 905.03 by uniroot, 4553.71 by integrate, 4251.21 by uniroot
    found = sample_size_validation(
        prevalence=0.018, c_statistic=0.8, linear_predictor=(-5, 2.5), ratio_width=1
    )
    assert found.criteria == (("O:E", 906), ("calibration slope", 4554), ("C statistic", 4252))
    assert (found.n, found.events) == (4554, 82)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"prevalence": 1.0}, "prevalence is 1.0"),
        ({"c_statistic": 0.5}, "c_statistic 0.5"),
        ({"linear_predictor": (0.0, 0.0)}, "standard deviation 0.0"),
        ({"slope_width": 0.0}, "widths are 0.0"),
    ],
)
def test_validations_that_make_no_sense_say_why(changes: dict[str, float], says: str) -> None:
    settings: dict[str, Any] = {
        "prevalence": 0.2,
        "c_statistic": 0.8,
        "linear_predictor": (-1.0, 1.0),
    } | changes
    with pytest.raises(StatisticError, match=re.escape(says)):
        sample_size_validation(**settings)


def test_an_auc_outside_its_range_is_refused() -> None:
    with pytest.raises(StatisticError, match=r"auc is 1\.0"):
        precision_of_auc(1.0, positives=5, negatives=5)
    with pytest.raises(StatisticError, match="0 positives and 5 negatives"):
        precision_of_auc(0.8, positives=0, negatives=5)
    with pytest.raises(StatisticError, match=r"correlation is 1"):
        power_auc_difference(0.8, 0.7, positives=5, negatives=5, correlation=1)
