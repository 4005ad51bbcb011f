"""Pearson's correlation within strata, against least squares and by simulation."""

import numpy as np
import pytest
from scipy import stats

from hepar.stats.agreement import pearson
from hepar.stats.dependent_correlation import correlation_difference
from hepar.stats.estimate import StatisticError
from hepar.stats.within_correlation import correlation_difference_within, pearson_within

RNG = np.random.default_rng(11)
N = 60
STRATUM = np.arange(N) % 4
TRUTH = RNG.standard_normal(N)
FIRST = TRUTH + RNG.standard_normal(N)
SECOND = TRUTH + 2 * RNG.standard_normal(N)
OFFSET = np.array([0.0, 5.0, -3.0, 9.0])[STRATUM]


def test_it_is_the_correlation_of_the_residuals_and_its_p_that_of_the_slope_beside_the_strata() -> None:
    design = np.column_stack([FIRST, np.eye(4)[STRATUM]])
    slopes, (squares,), *_ = np.linalg.lstsq(design, TRUTH, rcond=None)
    df = N - 5
    se = np.sqrt(squares / df * np.linalg.inv(design.T @ design)[0, 0])
    t = slopes[0] / se
    found = pearson_within(TRUTH, FIRST, STRATUM)
    # the partial correlation and the t of its slope tell the same: r = t / sqrt(t^2 + df)
    assert found.value == pytest.approx(t / np.sqrt(t**2 + df), abs=1e-12)
    assert found.p == pytest.approx(2 * stats.t.sf(abs(t), df), rel=1e-9)
    assert found.n == N


def test_offsets_of_strata_change_nothing_within_and_much_over_all() -> None:
    plain, moved = (pearson_within(TRUTH, score, STRATUM) for score in (FIRST, FIRST + OFFSET))
    assert moved.value == pytest.approx(plain.value)
    assert (moved.low, moved.high) == pytest.approx((plain.low, plain.high))
    assert pearson(TRUTH, FIRST + OFFSET).value < plain.value - 0.2
    one = correlation_difference_within(TRUTH, FIRST, SECOND, stratum=STRATUM)
    other = correlation_difference_within(TRUTH, FIRST + OFFSET, SECOND - OFFSET, stratum=STRATUM)
    assert (one.value, one.low, one.high, one.p) == pytest.approx(
        (other.value, other.low, other.high, other.p)
    )


def test_one_stratum_is_the_plain_statistic() -> None:
    alone = np.zeros(N)
    for mine, plain in (
        (pearson_within(TRUTH, FIRST, alone), pearson(TRUTH, FIRST)),
        (
            correlation_difference_within(TRUTH, FIRST, SECOND, stratum=alone),
            correlation_difference(TRUTH, FIRST, SECOND),
        ),
    ):
        assert (mine.value, mine.low, mine.high, mine.p, mine.se) == pytest.approx(
            (plain.value, plain.low, plain.high, plain.p, plain.se)
        )


def test_training_means_as_predictions_correlate_negatively_over_all_folds_and_not_within() -> None:
    rng = np.random.default_rng(3)
    over, within = [], []
    for _ in range(200):
        truth, noise = rng.standard_normal(N), 0.02 * rng.standard_normal(N)
        mean = np.array([truth[k != STRATUM].mean() for k in range(4)])[STRATUM]
        over.append(pearson(truth, mean + noise).value)
        within.append(pearson_within(truth, mean + noise, STRATUM).value)
    # the mean of 200 correlations of 60 cases strays from 0 by 0.13 / sqrt(200) = 0.009
    assert np.mean(over) < -0.1
    assert abs(np.mean(within)) < 0.035


def test_strata_that_leave_nothing_are_refused() -> None:
    with pytest.raises(StatisticError, match="score is the same in all cases of each stratum"):
        pearson_within(TRUTH, OFFSET + 1.0, STRATUM)
    with pytest.raises(StatisticError, match="too few"):
        pearson_within(TRUTH[:6], FIRST[:6], np.arange(6))
    with pytest.raises(StatisticError, match="one label per case"):
        pearson_within(TRUTH, FIRST, STRATUM[:5])
