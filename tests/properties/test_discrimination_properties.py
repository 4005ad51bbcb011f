"""What must hold of AUC inference for any data, ties included."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score, roc_curve

from hepar.stats import discrimination as d
from hepar.stats import roc as r
from hepar.stats.ordinal import obuchowski

Data = tuple[np.ndarray, np.ndarray, np.ndarray]
"""Truth, and two scores with many ties."""


@st.composite
def cases(draw: Any) -> Data:
    m, n = draw(st.integers(2, 12)), draw(st.integers(2, 12))
    seed, values = draw(st.integers(0, 2**32 - 1)), draw(st.integers(1, 30))
    rng = np.random.default_rng(seed)
    truth = rng.permutation(np.repeat([True, False], [m, n]))
    first, second = (rng.integers(0, values, m + n).astype(float) for _ in range(2))
    return truth, first + truth * draw(st.integers(0, 3)), second


quick = settings(max_examples=60, deadline=None)


def pair_count(truth: np.ndarray, score: np.ndarray) -> float:
    return float((1 + np.sign(score[truth][:, None] - score[~truth])).mean() / 2)


@quick
@given(cases())
def test_auc_is_the_share_of_ordered_pairs(data: Data) -> None:
    truth, score, _ = data
    found = d.auc(truth, score)
    assert found.value == pytest.approx(pair_count(truth, score), abs=1e-12)
    assert found.value == pytest.approx(roc_auc_score(truth, score), abs=1e-12)
    assert 0 <= found.low <= found.value + 1e-12
    assert found.value - 1e-12 <= found.high <= 1
    assert 0 <= found.p <= 1


@quick
@given(cases())
def test_covariance_is_that_of_brute_force_placements(data: Data) -> None:
    truth, *scores = data
    _, covariance = d.delong(truth, np.stack(scores))
    above = np.stack([(1 + np.sign(s[truth][:, None] - s[~truth])) / 2 for s in scores])
    brute = np.cov(above.mean(axis=2)) / truth.sum() + np.cov(above.mean(axis=1)) / (~truth).sum()
    assert covariance == pytest.approx(brute, abs=1e-12)
    assert np.linalg.eigvalsh(covariance).min() >= -1e-12


@quick
@given(cases())
def test_increasing_transforms_change_nothing(data: Data) -> None:
    truth, first, second = data
    assert d.auc(truth, np.exp(first / 7)) == d.auc(truth, first)
    there, back = d.auc_difference(truth, first, second), d.auc_difference(truth, first**3, second - 5)
    for name in ("value", "low", "high", "p", "se"):
        assert np.array_equal(getattr(there, name), getattr(back, name), equal_nan=True), name


@quick
@given(cases())
def test_reversing_labels_or_scores_gives_the_complement(data: Data) -> None:
    truth, score, _ = data
    found, classes, signs = d.auc(truth, score), d.auc(~truth, score), d.auc(truth, -score)
    for other in (classes, signs):
        assert (other.value, other.low, other.high) == pytest.approx(
            (1 - found.value, 1 - found.high, 1 - found.low), abs=1e-12
        )
        assert (other.se, other.p) == pytest.approx((found.se, found.p), abs=1e-9)


@quick
@given(cases(), st.integers(0, 2**32 - 1))
def test_the_order_of_cases_does_not_matter(data: Data, seed: int) -> None:
    truth, first, second = data
    order = np.random.default_rng(seed).permutation(truth.size)
    there = d.auc_difference(truth, first, second)
    back = d.auc_difference(truth[order], first[order], second[order])
    assert (back.value, back.se) == pytest.approx((there.value, there.se), abs=1e-12)


@quick
@given(cases())
def test_a_difference_is_the_difference_of_areas_and_changes_sign_when_swapped(data: Data) -> None:
    truth, first, second = data
    there, back = d.auc_difference(truth, first, second), d.auc_difference(truth, second, first)
    assert there.value == pytest.approx(d.auc(truth, first).value - d.auc(truth, second).value, abs=1e-12)
    assert (there.value, there.low, there.high) == pytest.approx(
        (-back.value, -back.high, -back.low), abs=1e-12, nan_ok=True
    )
    _, covariance = d.delong(truth, np.stack([first, second]))
    assert there.se**2 == pytest.approx(covariance[0, 0] + covariance[1, 1] - 2 * covariance[0, 1], abs=1e-12)


@quick
@given(cases(), st.integers(0, 2**32 - 1))
def test_with_one_case_in_each_cluster_the_clustered_covariance_is_delongs_exactly(
    data: Data, seed: int
) -> None:
    truth, *scores = data
    cluster = np.random.default_rng(seed).permutation(truth.size)
    value, covariance = d.delong_clustered(truth, np.stack(scores), cluster)
    expected = d.delong(truth, np.stack(scores))
    assert value == pytest.approx(expected[0], abs=1e-14)
    assert covariance == pytest.approx(expected[1], abs=1e-14)


@quick
@given(cases(), st.integers(2, 6))
def test_the_clustered_covariance_is_symmetric_and_never_negative(data: Data, clusters: int) -> None:
    truth, *scores = data
    cluster = np.empty(truth.size, dtype=int)
    for part in (truth, ~truth):
        cluster[part] = np.arange(part.sum()) % clusters
    _, covariance = d.delong_clustered(truth, np.stack(scores), cluster)
    assert np.array_equal(covariance, covariance.T)
    assert np.linalg.eigvalsh(covariance).min() >= -1e-12


@quick
@given(cases())
def test_the_curve_is_scikit_learns_and_encloses_the_area(data: Data) -> None:
    truth, score, _ = data
    curve = r.roc_curve(truth, score)
    false_positive, true_positive, _ = roc_curve(truth, score, drop_intermediate=False)
    assert curve.sensitivity[::-1] == pytest.approx(true_positive, abs=1e-12)
    assert 1 - curve.specificity[::-1] == pytest.approx(false_positive, abs=1e-12)
    area = np.trapezoid(curve.sensitivity[::-1], 1 - curve.specificity[::-1])
    assert area == pytest.approx(pair_count(truth, score), abs=1e-12)


@quick
@given(cases(), st.floats(0.05, 0.95))
def test_parts_of_the_area_add_up(data: Data, cut: float) -> None:
    truth, score, _ = data
    whole = pair_count(truth, score)
    lower, upper = (r.partial_auc(truth, score, specificity=part).value for part in ((0, cut), (cut, 1)))
    assert lower + upper == pytest.approx(whole, abs=1e-12)
    lower, upper = (r.partial_auc(truth, score, sensitivity=part).value for part in ((0, cut), (cut, 1)))
    assert lower + upper == pytest.approx(whole, abs=1e-12)


@quick
@given(cases())
def test_the_youden_point_is_the_best_of_the_curve(data: Data) -> None:
    truth, score, _ = data
    curve, best = r.roc_curve(truth, score), r.youden(truth, score)
    assert best.sensitivity + best.specificity == pytest.approx((curve.sensitivity + curve.specificity).max())


@quick
@given(st.lists(st.integers(2, 6), min_size=2, max_size=4), st.integers(0, 2**32 - 1))
def test_the_obuchowski_measure_with_unit_penalty_is_the_share_of_ordered_pairs(
    sizes: list[int], seed: int
) -> None:
    stage = np.repeat(np.arange(len(sizes)), sizes)
    score = stage + np.random.default_rng(seed).integers(0, 5, stage.size)
    higher = np.subtract.outer(stage, stage) > 0
    expected = ((1 + np.sign(np.subtract.outer(score, score))) / 2)[higher].mean()
    assert obuchowski(stage, score, penalty="unit").value == pytest.approx(expected, abs=1e-12)
