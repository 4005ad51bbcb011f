"""Laws of resampling, pooling and multiplicity that hold for any data."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from hepar.stats.multiplicity import benjamini_hochberg, holm
from hepar.stats.pooling import pool_random_effects
from hepar.stats.resampling import auc_weighted, bootstrap, bootstrap_weights

few = settings(max_examples=40, deadline=None)
labels = st.lists(st.integers(0, 5), min_size=1, max_size=20).map(np.array)
p_values = st.lists(st.floats(0, 1), min_size=1, max_size=12).map(np.array)


@st.composite
def graded(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Truth with both classes, scores with ties, and weights that leave neither class empty."""
    size = draw(st.integers(2, 15))
    positive = np.array([True, False, *draw(st.lists(st.booleans(), min_size=size - 2, max_size=size - 2))])
    score = np.array(draw(st.lists(st.integers(-3, 3), min_size=size, max_size=size)), dtype=float)
    weights = np.array(draw(st.lists(st.integers(0, 3), min_size=size, max_size=size)))
    weights[:2] += 1
    return positive, score, weights


def pairs_auc(positive: np.ndarray, score: np.ndarray) -> float:
    gap = score[positive][:, None] - score[~positive][None, :]
    return float(np.mean((gap > 0) + 0.5 * (gap == 0)))


@few
@given(labels, st.integers(0, 2**32))
def test_every_draw_takes_as_many_clusters_as_there_are(cluster: np.ndarray, seed: int) -> None:
    _, first = np.unique(cluster, return_index=True)
    weights = bootstrap_weights(cluster, draws=7, seed=seed)
    assert weights.min() >= 0
    assert (weights[:, first].sum(axis=1) == first.size).all()


@few
@given(st.integers(1, 20), st.integers(0, 2**32))
def test_a_single_cluster_is_always_drawn_once(size: int, seed: int) -> None:
    assert (bootstrap_weights(np.zeros(size), draws=4, seed=seed) == 1).all()


@few
@given(graded())
def test_weights_are_replication(data: tuple[np.ndarray, np.ndarray, np.ndarray]) -> None:
    positive, score, weights = data
    expected = pairs_auc(np.repeat(positive, weights), np.repeat(score, weights))
    assert np.isclose(auc_weighted(positive, score, weights[None])[0], expected, rtol=1e-14)


@few
@given(graded())
def test_unit_weights_give_the_auc(data: tuple[np.ndarray, np.ndarray, np.ndarray]) -> None:
    positive, score, _ = data
    assert np.isclose(auc_weighted(positive, score, np.ones((1, score.size)))[0], pairs_auc(positive, score))


@few
@given(graded())
def test_whole_and_real_weights_agree(data: tuple[np.ndarray, np.ndarray, np.ndarray]) -> None:
    positive, score, weights = data
    assert auc_weighted(positive, score, weights[None]) == auc_weighted(positive, score, weights[None] * 1.0)


@few
@given(labels, st.integers(0, 100))
def test_the_bootstrap_interval_holds_its_median_and_stays_in_range(cluster: np.ndarray, seed: int) -> None:
    found = bootstrap(lambda w: w @ cluster / w.sum(axis=1), cluster, draws=50, seed=seed)
    assert cluster.min() - 1e-9 <= found.low <= found.high <= cluster.max() + 1e-9


@few
@given(st.floats(0.05, 0.95), st.lists(st.floats(0.01, 0.3), min_size=2, max_size=8))
def test_identical_sites_pool_to_their_value_without_variance(value: float, ses: list[float]) -> None:
    for scale in ("identity", "logit", "log"):
        found = pool_random_effects(
            np.full(len(ses), value),
            np.array(ses),
            adjustment="hksj-truncated",
            scale=scale,
        )
        assert np.isclose(found.estimate.value, value, rtol=1e-9)
        assert found.tau2 == 0
        assert np.isclose(sum(found.weights), 1)


@few
@given(p_values)
def test_holm_is_monotone_and_never_below_benjamini_hochberg(p: np.ndarray) -> None:
    adjusted, order = holm(p), np.argsort(p, kind="stable")
    assert (np.diff(adjusted[order]) >= 0).all()
    assert (adjusted >= p).all()
    assert (adjusted >= benjamini_hochberg(p) - 1e-15).all()
    assert (adjusted <= np.minimum(p * p.size, 1) + 1e-15).all()
