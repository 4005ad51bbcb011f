"""The variance of a difference over training sets."""

import numpy as np
import pytest
from scipy.special import ndtr

from hepar.stats.discrimination import auc_difference
from hepar.stats.estimate import Estimate, StatisticError
from hepar.stats.training_sets import over_training_sets

SEEN = Estimate(0.1, 0.02, 0.2, 90, "paired DeLong", p=0.02, events=30, se=0.04)


def test_the_variance_grows_by_the_ratio_of_held_out_to_training_cases() -> None:
    found = over_training_sets(SEEN, parts=5)
    factor = np.sqrt(5 * (1 / 5 + 1 / 4))
    assert found.se == pytest.approx(0.04 * factor)
    assert (found.value - found.low, found.high - found.value) == pytest.approx((0.08 * factor, 0.1 * factor))
    assert found.p == pytest.approx(2 * ndtr(-0.1 / (0.04 * factor)))
    assert (found.value, found.n, found.events) == (0.1, 90, 30)


def test_more_parts_learn_from_more_and_differ_less() -> None:
    # the least is the root of two: the training sets vary no less than the cases
    widths = [over_training_sets(SEEN, parts=parts).se for parts in (2, 5, 10, 90)]
    assert widths == sorted(widths, reverse=True)
    assert widths[-1] > 0.04 * np.sqrt(2)


def test_what_has_no_interval_gets_none() -> None:
    nothing = Estimate(float("nan"), float("nan"), float("nan"), 9, "not defined: too few")
    assert np.isnan([over_training_sets(nothing, parts=5).low, over_training_sets(nothing, parts=5).p]).all()
    with pytest.raises(StatisticError, match="no cross-validation"):
        over_training_sets(SEEN, parts=1)


def test_models_that_learnt_nothing_seem_to_differ_by_cases_alone_and_rarely_over_training_sets() -> None:
    rng = np.random.default_rng(5)
    by_cases, over = [], []
    for _ in range(300):
        truth = rng.random(60) < 0.5
        fold = rng.permutation(60) % 5
        scores = [_held_out(rng.standard_normal((60, 8)), truth, fold) for _ in range(2)]
        found = auc_difference(truth, *scores)
        by_cases.append(found.p < 0.05)
        over.append(over_training_sets(found, parts=5).p < 0.05)
    # 300 draws at 5 % give 2.5 to 7.5 %
    assert np.mean(by_cases) > 0.1
    assert np.mean(over) < 0.075


def _held_out(features: np.ndarray, truth: np.ndarray, fold: np.ndarray) -> np.ndarray:
    """Scores by the difference of the classes' means, learnt from the other parts."""
    score = np.empty(truth.size)
    for k in range(5):
        learnt, held = fold != k, fold == k
        direction = features[learnt & truth].mean(axis=0) - features[learnt & ~truth].mean(axis=0)
        score[held] = features[held] @ direction
    return score
