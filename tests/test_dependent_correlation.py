"""Oracles: worked examples as published, R 4.2.2 psych 2.2.9 r.test, and simulation.

Published: Williams' t, Steiger's and Meng's Z of correlations .3, .4, .5 in 100 (Silver, Hittner & May 2006, Appl Psychol
Meas 30:152); Meng, Rosenthal & Rubin 1992; Zou 2007; May & Hittner 1997, Psychol Rep 80:475, table of Meng's Z.
"""

from pathlib import Path

import numpy as np
import pytest
from scipy.stats import spearmanr

from hepar.stats.dependent_correlation import (
    Overlapping,
    correlation_difference,
    meng,
    spearman_difference,
    steiger,
    williams,
    zou_interval,
)
from hepar.stats.estimate import Estimate, StatisticError

GOLDEN = Path(__file__).parent / "golden" / "statistics"
TABLE = np.genfromtxt(GOLDEN / "agreement_simulated.csv", delimiter=",", names=True)
REFERENCE, FIRST, SECOND = TABLE["reference"], TABLE["first"], TABLE["second"]
SILVER = Overlapping(0.3, 0.4, 0.5, 100)


def interval(estimate: Estimate) -> tuple[float, float, float]:
    return estimate.value, estimate.low, estimate.high


def test_williams_and_steiger_give_the_published_values() -> None:
    assert williams(SILVER).statistic == pytest.approx(-1.0767, abs=5e-5)
    assert williams(SILVER).p == pytest.approx(0.2843, abs=5e-5)
    assert steiger(SILVER).statistic == pytest.approx(-1.0718, abs=5e-5)
    assert steiger(SILVER).p == pytest.approx(0.2838, abs=5e-5)


def test_steiger_gives_his_own_example_up_to_its_rounding() -> None:
    # p. 249, case A: -.8913 by hand with a covariance of .0042; unrounded, as R's cocor gives it, -.8887185
    assert steiger(Overlapping(0.4, 0.5, 0.1, 103)).statistic == pytest.approx(-0.8887185, abs=5e-8)


@pytest.mark.parametrize(
    ("first", "second", "between", "z"),
    [(0.5, 0.2, 0.0, 1.62), (0.5, 0.2, 0.4, 2.06), (0.7, 0.4, 0.0, 2.03), (0.7, 0.4, 0.8, 4.05)],
)
def test_meng_gives_the_table_of_may_and_hittner(
    first: float, second: float, between: float, z: float
) -> None:
    found, _ = meng(Overlapping(first, second, between, 50))
    assert found.statistic == pytest.approx(z, abs=0.005)


def test_meng_gives_the_example_of_the_paper() -> None:
    found, limits = meng(Overlapping(0.63, -0.03, -0.19, 15))
    assert found.statistic == pytest.approx(1.68, abs=0.005)
    assert found.p / 2 == pytest.approx(0.047, abs=5e-4)
    assert limits == pytest.approx((-0.129, 1.672), abs=5e-4)  # the paper: 1.671, from rounded figures


def test_zou_gives_the_interval_of_the_paper() -> None:
    assert zou_interval(Overlapping(0.396, 0.179, 0.088, 66)) == pytest.approx((-0.093, 0.517), abs=5e-4)


def test_difference_of_dependent_correlations_equals_r() -> None:
    # psych::r.test(40, r12, r13, r23)$t; Zou's interval by his formula (14) in R
    difference = correlation_difference(REFERENCE, FIRST, SECOND)
    assert interval(difference) == pytest.approx(
        (0.1952347838096, 0.0425572282253, 0.4047635716784), abs=1e-11
    )
    assert difference.p == pytest.approx(0.0129313354358, rel=1e-9)
    swapped = correlation_difference(REFERENCE, SECOND, FIRST)
    assert interval(swapped) == pytest.approx(
        (-0.1952347838096, -0.4047635716784, -0.0425572282253), abs=1e-11
    )
    assert swapped.p == pytest.approx(difference.p)


def test_two_copies_of_a_measurement_have_no_testable_difference() -> None:
    with pytest.raises(StatisticError, match="perfectly correlated"):
        correlation_difference(REFERENCE, FIRST, FIRST)


def test_the_difference_of_rank_correlations_is_that_of_the_two() -> None:
    found = spearman_difference(REFERENCE, FIRST, SECOND)
    expected = spearmanr(REFERENCE, FIRST).statistic - spearmanr(REFERENCE, SECOND).statistic
    assert found.value == pytest.approx(expected, abs=1e-12)
    assert found.low < found.value < found.high
    same = spearman_difference(np.exp(REFERENCE), FIRST**3, SECOND)
    assert interval(same) == pytest.approx(interval(found))


@pytest.mark.parametrize("statistic", [correlation_difference, spearman_difference])
def test_the_interval_covers_and_the_test_errs_as_often_as_they_say(statistic: object) -> None:
    # 1000 studies of 60: two equally good, dependent measurements. SE of a share of .05 is .007; 3 of these.
    assert callable(statistic)
    rng = np.random.default_rng(11)
    found = []
    for _ in range(1000):
        truth = rng.standard_normal(60)
        shared = rng.standard_normal(60)
        first, second = (truth + 0.5 * shared + 0.7 * rng.standard_normal(60) for _ in range(2))
        found.append(statistic(truth, first, second))
    assert np.mean([one.p < 0.05 for one in found]) == pytest.approx(0.05, abs=0.021)
    assert np.mean([one.low <= 0 <= one.high for one in found]) == pytest.approx(0.95, abs=0.021)


def test_impossible_correlations_are_refused() -> None:
    with pytest.raises(StatisticError, match="no three measurements can have the correlations"):
        Overlapping(0.9, -0.9, 0.9, 50)
    with pytest.raises(StatisticError, match="3 subjects are too few"):
        Overlapping(0.3, 0.4, 0.5, 3)
    with pytest.raises(StatisticError, match="perfectly correlated"):
        spearman_difference(REFERENCE, FIRST, np.exp(FIRST))
