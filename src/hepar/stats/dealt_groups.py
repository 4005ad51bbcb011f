"""Outcomes dealt among participants who have several cases, for permutation tests."""

import numpy as np
from scipy.stats import rankdata

from .arrays import Labels, Numbers
from .estimate import StatisticError
from .permutation import permutation_p

MOST_DRAWN = 1 << 22
"""Outcomes that are drawn at once."""


def outcomes_dealt(
    positive: Labels, *, group: Labels, part: Labels, draws: int, rng: np.random.Generator
) -> np.ndarray:
    """Outcomes (draws, n): within each part, every group (participant) has those of another one, drawn at random.

    A group takes the outcomes of its donor in random order: some of them where the donor has more cases, repeated where
    it has fewer. Exact where the outcome does not vary within groups, or groups are of one size; else approximate. A
    group lies in one part.
    """
    truth = np.asarray(positive, dtype=bool)
    who, of = (np.unique(np.asarray(labels), return_inverse=True)[1] for labels in (group, part))
    if not truth.shape == who.shape == of.shape or not truth.size:
        raise StatisticError(f"positive {truth.shape}, group {who.shape} and part {of.shape} must agree")
    size, order = np.bincount(who), np.argsort(who, kind="stable")
    start = np.cumsum(size) - size
    slot = np.arange(truth.size) - start[who[order]]
    part_of = of[order][start]
    seat = np.argsort(part_of, kind="stable")
    varies = bool(np.any(truth[order] != truth[order][start][who[order]]))
    dealt = np.empty((draws, truth.size), dtype=bool)
    donor = np.empty(size.size, dtype=np.int64)
    for draw in dealt:
        donor[seat] = np.argsort(part_of + rng.random(size.size))
        given = truth[np.lexsort((rng.random(truth.size), who))] if varies else truth[order]
        of_case = donor[who[order]]
        draw[order] = given[start[of_case] + slot % size[of_case]]
    return dealt


def auc_p_of_groups(positive: Labels, score: Numbers, *, group: Labels, draws: int, seed: int) -> float:
    """Two-sided permutation p of the AUC: groups (participants) exchange their outcomes, as in `outcomes_dealt`."""
    truth, ranks = np.asarray(positive, dtype=bool), rankdata(np.asarray(score, dtype=float))
    rng, everybody = np.random.default_rng(seed), np.zeros(truth.size)
    at_once = max(1, MOST_DRAWN // truth.size)
    null = [
        _aucs(
            outcomes_dealt(truth, group=group, part=everybody, draws=min(at_once, draws - k), rng=rng), ranks
        )
        for k in range(0, draws, at_once)
    ]
    return permutation_p(float(_aucs(truth[None], ranks)[0]), np.concatenate(null))


def _aucs(truth: np.ndarray, ranks: np.ndarray) -> np.ndarray:
    """AUC (draws,) of outcomes (draws, n), 0.5 where one class is empty."""
    m = truth.sum(axis=1)
    n = ranks.size - m
    won = truth @ ranks - m * (m + 1) / 2
    return np.asarray(np.where(m * n > 0, won / np.maximum(m * n, 1), 0.5))
