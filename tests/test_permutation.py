from itertools import permutations

import numpy as np
import pytest
from scipy import stats

from hepar.stats.estimate import StatisticError
from hepar.stats.permutation import auc_permutation, permutation_p, spearman_permutation

SCORES = np.array([0.1, 0.4, 0.35, 0.8, 0.4, 0.9, 0.2, 0.65, 0.4, 0.7])
POSITIVE = np.array([0, 0, 1, 1, 1, 1, 0, 0, 0, 1])


def pairs_auc(positive: np.ndarray, score: np.ndarray) -> float:
    above = score[positive == 1][:, None] - score[positive == 0][None, :]
    return float(np.mean((above > 0) + 0.5 * (above == 0)))


def test_no_permutation_p_is_zero() -> None:
    null = np.linspace(-1, 1, 99)
    assert permutation_p(5.0, null, alternative="greater") == 0.01
    assert permutation_p(5.0, null, alternative="less") == 1.0
    assert permutation_p(5.0, null) == 0.02
    assert permutation_p(0.0, null) == 1.0


def test_the_permutation_p_of_an_auc_nears_the_exact_one() -> None:
    found = auc_permutation(POSITIVE, SCORES, draws=20_000, seed=23, alternative="greater")
    exact = stats.permutation_test(
        (SCORES[POSITIVE == 1], SCORES[POSITIVE == 0]),
        lambda a, b: pairs_auc(np.repeat([1, 0], [a.size, b.size]), np.concatenate([a, b])),
        vectorized=False,
        alternative="greater",
    )
    assert found.value == 0.8
    assert found.p == pytest.approx(exact.pvalue, abs=0.006)
    assert (found.n, found.events) == (10, 5)
    assert np.isnan(found.low)


def test_permuting_within_sites_ignores_a_difference_between_sites() -> None:
    site = np.repeat([0, 1], 40)
    positive = np.concatenate([np.arange(40) < 4, np.arange(40) < 36])
    score = site + np.random.default_rng(24).normal(size=80) * 0.1
    assert auc_permutation(positive, score, draws=500, seed=25).p < 0.01
    assert auc_permutation(positive, score, draws=500, seed=25, strata=site).p > 0.05


def test_a_permutation_test_needs_both_classes() -> None:
    with pytest.raises(StatisticError, match="4 positives and 0 negatives"):
        auc_permutation(np.ones(4), np.arange(4.0), seed=0)


def test_the_permutation_p_of_a_rank_correlation_nears_the_exact_one() -> None:
    reference, score = np.array([1.0, 2, 3, 4, 5, 6, 7]), np.array([2.0, 1, 3, 3, 7, 5, 6])
    observed = stats.spearmanr(reference, score).statistic
    null = [stats.spearmanr(reference, order).statistic for order in permutations(score)]
    exact = np.mean(np.array(null) >= observed - 1e-12)
    found = spearman_permutation(reference, score, draws=20_000, seed=3)
    assert found.value == pytest.approx(observed)
    # two-sided: twice the smaller tail; the SE of the tail at these draws is below .001
    assert found.p == pytest.approx(2 * exact, abs=0.005)


def test_a_constant_score_has_no_rank_correlation_to_permute() -> None:
    with pytest.raises(StatisticError, match="score is the same in every case"):
        spearman_permutation(np.arange(5.0), np.ones(5), seed=0)
