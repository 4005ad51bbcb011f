from typing import Any

import numpy as np
import pytest
from scipy import stats

from hepar.stats.estimate import StatisticError
from hepar.stats.resampling import (
    StatisticOfWeights,
    acceleration,
    auc_weighted,
    bca_interval,
    bootstrap,
    bootstrap_difference,
    bootstrap_weight_blocks,
    bootstrap_weights,
    percentile_interval,
)

SCORES = np.array([0.1, 0.4, 0.35, 0.8, 0.4, 0.9, 0.2, 0.65, 0.4, 0.7])
POSITIVE = np.array([0, 0, 1, 1, 1, 1, 0, 0, 0, 1])


def mean_of(values: np.ndarray) -> StatisticOfWeights:
    return lambda weights: weights @ values / weights.sum(axis=1)


def auc_of(positive: np.ndarray, score: np.ndarray) -> StatisticOfWeights:
    return lambda weights: auc_weighted(positive, score, weights)


def pairs_auc(positive: np.ndarray, score: np.ndarray) -> float:
    above = score[positive == 1][:, None] - score[positive == 0][None, :]
    return float(np.mean((above > 0) + 0.5 * (above == 0)))


def test_the_members_of_a_cluster_share_their_count() -> None:
    cluster = np.array(["b", "a", "b", "c", "a", "b"])
    weights = bootstrap_weights(cluster, draws=50, seed=1)
    assert np.array_equal(weights[:, 0], weights[:, 2])
    assert np.array_equal(weights[:, 1], weights[:, 4])
    assert np.all(weights[:, 0] + weights[:, 1] + weights[:, 3] == 3)


def test_each_participant_is_drawn_once_on_average_with_multinomial_variance() -> None:
    weights = bootstrap_weights(np.arange(8), draws=20_000, seed=2)
    assert np.allclose(weights.mean(axis=0), 1, atol=0.03)
    assert np.allclose(weights.var(axis=0), 7 / 8, atol=0.05)
    assert np.allclose(np.corrcoef(weights[:, 0], weights[:, 1])[0, 1], -1 / 7, atol=0.03)


def test_the_size_of_each_stratum_is_kept_in_every_draw() -> None:
    strata = np.array([1, 0, 0, 1, 0])
    weights = bootstrap_weights(np.arange(5), draws=200, seed=3, strata=strata)
    assert np.all(weights[:, strata == 1].sum(axis=1) == 2)
    assert np.all(weights[:, strata == 0].sum(axis=1) == 3)
    assert weights[:, 0].max() == 2


def test_blocks_of_any_height_hold_the_same_draws() -> None:
    cluster, strata = np.arange(7), np.array([0, 0, 0, 1, 1, 1, 1])
    whole = bootstrap_weights(cluster, draws=23, seed=4, strata=strata)
    for rows in (1, 4, 23, 100):
        blocks = list(bootstrap_weight_blocks(cluster, draws=23, seed=4, strata=strata, rows=rows))
        assert max(block.shape[0] for block in blocks) == min(rows, 23)
        assert np.array_equal(np.concatenate(blocks), whole)


def test_another_seed_gives_other_draws() -> None:
    first, again, other = (bootstrap_weights(np.arange(9), draws=5, seed=seed) for seed in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_a_cluster_in_two_strata_is_refused_by_name() -> None:
    with pytest.raises(StatisticError, match="'P7' lies in more than one stratum"):
        bootstrap_weights(np.array(["P1", "P7", "P7"]), draws=2, seed=0, strata=np.array([0, 0, 1]))


@pytest.mark.parametrize(
    ("cluster", "draws", "strata", "says"),
    [
        (np.zeros((2, 2)), 3, None, "one label per observation"),
        (np.array([]), 3, None, "one label per observation"),
        (np.arange(3), 0, None, "draws is 0"),
        (np.arange(3), 3, np.arange(2), "they must agree"),
    ],
)
def test_a_bootstrap_that_cannot_be_drawn_says_why(cluster: Any, draws: int, strata: Any, says: str) -> None:
    with pytest.raises(StatisticError, match=says):
        bootstrap_weights(cluster, draws=draws, seed=0, strata=strata)


def test_weighted_auc_of_unit_weights_counts_pairs_with_ties_as_half() -> None:
    assert auc_weighted(POSITIVE, SCORES, np.ones((1, 10)))[0] == pairs_auc(POSITIVE, SCORES) == 0.8


def test_weighted_auc_equals_the_auc_of_replicated_rows() -> None:
    weights = bootstrap_weights(np.arange(10), draws=300, seed=5, strata=POSITIVE)
    found = auc_weighted(POSITIVE, SCORES, weights)
    for row, value in zip(weights, found, strict=True):
        assert value == pytest.approx(pairs_auc(np.repeat(POSITIVE, row), np.repeat(SCORES, row)), rel=1e-14)


def test_weighted_auc_is_the_same_in_many_blocks_of_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    weights = bootstrap_weights(np.arange(10), draws=31, seed=6, strata=POSITIVE)
    whole = auc_weighted(POSITIVE, SCORES, weights)
    monkeypatch.setattr("hepar.stats.resampling.CELLS_PER_BLOCK", 300)
    assert np.array_equal(auc_weighted(POSITIVE, SCORES, weights), whole)


def test_weighted_auc_takes_real_weights() -> None:
    weights = np.array([[0.5, 0.25, 2.0, 1.0]])
    found = auc_weighted(np.array([1, 1, 0, 0]), np.array([2.0, 0.0, 1.0, 2.0]), weights)
    assert found[0] == pytest.approx((0.5 * 2 + 0.5 * 0.5 * 1) / (0.75 * 3))


def test_weighted_auc_without_one_of_the_classes_is_nan() -> None:
    assert np.isnan(auc_weighted(np.array([1, 0]), np.array([1.0, 0.0]), np.array([[1, 0], [0, 2]]))).all()
    assert np.isnan(auc_weighted(np.array([1, 1]), np.array([1.0, 0.0]), np.ones((1, 2)))).all()


def test_weighted_auc_of_no_draws_is_empty() -> None:
    assert auc_weighted(POSITIVE, SCORES, np.ones((0, 10))).shape == (0,)


@pytest.mark.parametrize("shape", [(10,), (2, 9)])
def test_weights_of_another_shape_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(StatisticError, match=r"must have shapes"):
        auc_weighted(POSITIVE, SCORES, np.ones(shape))


def test_percentile_interval_leaves_out_undefined_draws() -> None:
    draws = np.append(np.arange(101.0), np.nan)
    assert percentile_interval(draws, level=0.9) == pytest.approx((5, 95))


def test_too_many_undefined_draws_are_refused() -> None:
    with pytest.raises(StatisticError, match="undefined in 2 of 10 draws"):
        percentile_interval(np.array([1.0] * 8 + [np.nan] * 2))


def test_the_bca_interval_is_that_of_scipy_on_the_same_draws() -> None:
    data = np.random.default_rng(7).exponential(size=25)
    theirs = stats.bootstrap(
        (data,), np.mean, method="BCa", n_resamples=1999, rng=np.random.default_rng(8), vectorized=True
    )
    left_out = (data.sum() - data) / (data.size - 1)
    ours = bca_interval(data.mean(), theirs.bootstrap_distribution, jackknife=left_out)
    assert ours == pytest.approx(tuple(theirs.confidence_interval), rel=1e-12)


def test_acceleration_of_a_mean_is_a_sixth_of_its_skewness() -> None:
    data = np.random.default_rng(9).exponential(size=40)
    left_out = (data.sum() - data) / 39
    assert acceleration(left_out) == pytest.approx(stats.skew(data) / 6 / np.sqrt(40), rel=1e-12)


def test_acceleration_within_strata_weighs_each_by_its_size() -> None:
    # Two strata of a difference of means: cumulants add, so a = k3 / (6 k2^1.5) with k_r = sum of m_r / n^(r-1).
    rng = np.random.default_rng(10)
    first, second = rng.exponential(size=12), rng.exponential(size=30) * 2
    value = np.concatenate(
        [(first.sum() - first) / 11 - second.mean(), first.mean() - (second.sum() - second) / 29]
    )
    k2 = stats.moment(first, 2) / 12 + stats.moment(second, 2) / 30
    k3 = stats.moment(first, 3) / 12**2 - stats.moment(second, 3) / 30**2
    strata = np.repeat([0, 1], [12, 30])
    assert acceleration(value, strata=strata) == pytest.approx(k3 / k2**1.5 / 6, rel=1e-10)


def test_a_constant_statistic_has_an_interval_of_no_width() -> None:
    assert bca_interval(2.0, np.full(50, 2.0), jackknife=np.full(9, 2.0)) == (2.0, 2.0)
    assert acceleration(np.full(9, 2.0)) == 0


def test_a_bca_interval_with_all_draws_on_one_side_is_refused() -> None:
    with pytest.raises(StatisticError, match="one side of the value 0"):
        bca_interval(0.0, np.arange(1.0, 20.0), jackknife=np.arange(4.0))


def test_the_bootstrap_error_of_a_mean_is_the_known_one() -> None:
    data = np.random.default_rng(11).normal(size=60)
    found = bootstrap(mean_of(data), np.arange(60), draws=20_000, seed=12)
    assert found.value == pytest.approx(data.mean(), rel=1e-14)
    assert found.se == pytest.approx(data.std() / np.sqrt(60), rel=0.02)
    assert found.low == pytest.approx(data.mean() - 1.96 * found.se, abs=0.05 * found.se)
    assert found.high == pytest.approx(data.mean() + 1.96 * found.se, abs=0.05 * found.se)
    assert (found.n, found.method) == (60, "percentile bootstrap, 20000 draws of 60 clusters")


def test_clustered_data_have_the_error_of_their_cluster_means() -> None:
    centre = np.random.default_rng(13).normal(size=30)
    data, cluster = np.repeat(centre, 4), np.repeat(np.arange(30), 4)
    found = bootstrap(mean_of(data), cluster, draws=10_000, seed=14)
    assert found.se == pytest.approx(centre.std() / np.sqrt(30), rel=0.03)


def test_a_bca_bootstrap_uses_its_own_draws_and_a_cluster_jackknife() -> None:
    data = np.random.default_rng(15).exponential(size=20)
    cluster = np.repeat(np.arange(10), 2)
    found = bootstrap(mean_of(data), cluster, draws=999, seed=16, interval="bca")
    draws = mean_of(data)(bootstrap_weights(cluster, draws=999, seed=16))
    left_out = np.array([data[cluster != one].mean() for one in range(10)])
    assert (found.low, found.high) == pytest.approx(bca_interval(data.mean(), draws, jackknife=left_out))
    assert found.method.startswith("bca bootstrap")


def test_a_stratified_bca_bootstrap_passes_its_strata_on() -> None:
    strata = POSITIVE[::-1]
    found = bootstrap(mean_of(SCORES), np.arange(10), draws=999, seed=17, interval="bca", strata=strata)
    draws = mean_of(SCORES)(bootstrap_weights(np.arange(10), draws=999, seed=17, strata=strata))
    left_out = (SCORES.sum() - SCORES) / 9
    expected = bca_interval(SCORES.mean(), draws, jackknife=left_out, strata=strata)
    assert (found.low, found.high) == pytest.approx(expected)


def test_draws_without_both_classes_are_counted_in_the_method() -> None:
    positive = np.array([1, 1, 1, 0, 0, 0, 0])
    found = bootstrap(auc_of(positive, np.arange(7.0)), np.arange(7), draws=500, seed=18)
    assert "undefined in" in found.method
    stratified = bootstrap(
        auc_of(positive, np.arange(7.0)), np.arange(7), draws=500, seed=18, strata=positive
    )
    assert "undefined" not in stratified.method


def test_a_statistic_undefined_on_the_data_is_refused() -> None:
    with pytest.raises(StatisticError, match=r"undefined \(NaN\) on the data"):
        bootstrap(auc_of(np.ones(4), np.arange(4.0)), np.arange(4), draws=10, seed=0)


def test_the_p_of_a_difference_and_its_interval_agree_about_zero() -> None:
    rng = np.random.default_rng(19)
    shift = rng.normal(size=50)
    for effect, significant in ((0.0, False), (2.0, True)):
        other = shift + effect * 0.3 + rng.normal(size=50)
        found = bootstrap_difference(
            mean_of(other), mean_of(shift - effect * 0.1), np.arange(50), draws=999, seed=20
        )
        assert (found.p < 0.05) is significant
        assert (found.low > 0 or found.high < 0) is significant


def test_the_p_of_a_difference_counts_draws_on_either_side() -> None:
    values = np.array([1.0, -0.5, 0.7, 0.4, -0.3, 0.9])
    found = bootstrap_difference(mean_of(values), mean_of(0 * values), np.arange(6), draws=499, seed=21)
    draws = mean_of(values)(bootstrap_weights(np.arange(6), draws=499, seed=21))
    assert found.p == pytest.approx(2 * (np.sum(draws <= 0) + 1) / 500)
    assert found.value == pytest.approx(values.mean())


def test_the_p_of_identical_statistics_is_one() -> None:
    found = bootstrap_difference(mean_of(SCORES), mean_of(SCORES), np.arange(10), draws=99, seed=22)
    assert (found.value, found.low, found.high, found.p) == (0, 0, 0, 1)


def test_weights_too_large_for_32_bits_are_summed_exactly() -> None:
    weights = np.full((1, 10), 2**31)
    assert auc_weighted(POSITIVE, SCORES, weights)[0] == 0.8


def test_the_auc_does_not_depend_on_which_class_is_smaller() -> None:
    positive, score = POSITIVE[:7], SCORES[:7]
    fewer, more = positive == 1, positive == 0
    assert auc_weighted(fewer, score, np.ones((1, 7)))[0] == pairs_auc(fewer, score)
    assert auc_weighted(more, score, np.ones((1, 7)))[0] == pairs_auc(more, score)


def test_an_acceleration_too_large_for_bca_is_refused() -> None:
    jackknife = np.append(np.zeros(500), -1.0)
    with pytest.raises(StatisticError, match="too large for BCa"):
        bca_interval(0.5, np.linspace(0, 1, 1000), jackknife=jackknife, level=1 - 1e-12)


def test_draws_tied_with_the_value_count_half_in_the_bias() -> None:
    side = np.linspace(0.01, 1, 300)
    draws = np.concatenate([-side, np.zeros(400), side])
    found = bca_interval(0.0, draws, jackknife=np.ones(5))
    assert found == pytest.approx(percentile_interval(draws), rel=1e-12)


def test_the_standard_error_is_the_sample_deviation_of_the_draws() -> None:
    found = bootstrap(mean_of(SCORES), np.arange(10), draws=20, seed=26)
    draws = mean_of(SCORES)(bootstrap_weights(np.arange(10), draws=20, seed=26))
    assert found.se == pytest.approx(draws.std(ddof=1), rel=1e-12)
