"""Outcomes are exchanged between participants, never within what belongs together."""

import numpy as np
import pytest

from hepar.stats.dealt_groups import auc_p_of_groups, outcomes_dealt
from hepar.stats.discrimination import auc_clustered
from hepar.stats.estimate import StatisticError


def test_whole_participants_exchange_outcomes_within_their_part() -> None:
    who, part = np.repeat(np.arange(8), 3), np.repeat([0, 1], 12)
    truth = np.repeat([1, 1, 1, 0, 1, 0, 0, 0], 3).astype(bool)
    dealt = outcomes_dealt(truth, group=who, part=part, draws=50, rng=np.random.default_rng(0))
    by_participant = dealt.reshape(50, 8, 3)
    assert (by_participant == by_participant[:, :, :1]).all()
    assert set(dealt[:, :12].sum(axis=1)) == {9}
    assert set(dealt[:, 12:].sum(axis=1)) == {3}
    assert len(np.unique(dealt, axis=0)) > 10


def test_outcomes_that_vary_within_participants_keep_how_many_are_positive() -> None:
    who = np.array([3, 1, 3, 1, 2, 2])
    truth = np.array([1, 0, 0, 0, 1, 1], dtype=bool)
    dealt = outcomes_dealt(truth, group=who, part=np.zeros(6), draws=30, rng=np.random.default_rng(1))
    counts = np.stack([dealt[:, who == k].sum(axis=1) for k in (1, 2, 3)], axis=1)
    assert (np.sort(counts, axis=1) == [0, 1, 2]).all()


def test_p_is_uniform_with_few_participants_of_many_cases_where_a_normal_one_is_not() -> None:
    who = np.repeat(np.arange(14), 10)
    dealt, normal = [], []
    for seed in range(150):
        rng = np.random.default_rng(seed)
        truth, score = rng.permutation(np.arange(14) % 2 == 0)[who], rng.normal(size=14)[who]
        dealt.append(auc_p_of_groups(truth, score, group=who, draws=199, seed=seed))
        normal.append(auc_clustered(truth, score, who).p)
    assert np.mean(np.array(dealt) <= 0.1) == pytest.approx(0.1, abs=3 * np.sqrt(0.09 / 150))
    assert np.mean(np.array(normal) <= 0.01) > 0.02


def test_lengths_must_agree() -> None:
    with pytest.raises(StatisticError, match="must agree"):
        outcomes_dealt(
            np.array([True]), group=np.arange(2), part=np.zeros(2), draws=1, rng=np.random.default_rng(0)
        )
