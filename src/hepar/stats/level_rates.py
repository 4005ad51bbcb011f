"""A category as a score: how often the outcome occurs in its level, learnt from other participants."""

import numpy as np
from scipy.stats import rankdata

from .arrays import Codes, Floats, Labels
from .estimate import StatisticError
from .permutation import permutation_p
from .within import auc_within

MOST_PARTS, LEAST_EACH = 10, 3
"""Parts at most, and cases of either class in each at least (two where cases are few)."""


def dealt_parts(positive: Labels, *, group: Labels, seed: int) -> Codes:
    """Part (n,) of each case, from 0: groups (participants) stay whole, and are dealt round by their number of events.

    Fails where lengths differ or a class has fewer than four cases.
    """
    truth = np.asarray(positive, dtype=bool)
    who = np.unique(np.asarray(group), return_inverse=True)[1]
    fewest = int(min(truth.sum(), truth.size - truth.sum()))
    if truth.shape != who.shape or fewest < 4:
        raise StatisticError(
            f"positive {truth.shape} and group {who.shape} must agree, and each class have four cases or more; the"
            f" smaller has {fewest}"
        )
    parts = max(2, min(MOST_PARTS, fewest // LEAST_EACH))
    events = np.bincount(who, weights=truth)
    order = np.lexsort((np.random.default_rng(seed).random(events.size), events))
    part_of = np.empty(events.size, dtype=np.int64)
    part_of[order] = np.arange(events.size) % parts
    return np.asarray(part_of[who], dtype=np.int64)


def held_out_rates(level: Labels, positive: Labels, *, part: Labels) -> Floats:
    """Rate of the outcome (n,) in each case's level, counted in the parts that do not hold the case.

    A rate is (events + overall rate) / (cases + 1): a level seen in no other part has the overall rate, so that a level
    for each participant tells nothing. Rates of different parts were counted among different cases: compare cases of
    one part, as `hepar.stats.within.auc_within` does.
    """
    truth = np.asarray(positive, dtype=bool)
    where, of = (np.unique(np.asarray(labels), return_inverse=True)[1] for labels in (level, part))
    if not truth.shape == where.shape == of.shape or not truth.size:
        raise StatisticError(f"positive {truth.shape}, level {where.shape} and part {of.shape} must agree")
    return np.asarray(_rates(truth[None], where, of)[0], dtype=np.float64)


def held_out_p(level: Labels, positive: Labels, *, part: Labels, draws: int, seed: int) -> float:
    """One-sided permutation p of the AUC within parts of `held_out_rates`: outcomes are dealt within each part.

    The observations must be exchangeable: one per participant.
    """
    truth = np.asarray(positive, dtype=bool)
    where, of = (np.unique(np.asarray(labels), return_inverse=True)[1] for labels in (level, part))
    dealt = np.broadcast_to(truth, (draws, truth.size)).copy()
    rng = np.random.default_rng(seed)
    for k in range(int(of.max()) + 1):
        dealt[:, of == k] = rng.permuted(dealt[:, of == k], axis=1)
    observed = auc_within(truth, held_out_rates(level, truth, part=part), part).value
    return permutation_p(observed, _aucs(dealt, _rates(dealt, where, of), of), alternative="greater")


def _rates(truth: np.ndarray, where: np.ndarray, of: np.ndarray) -> np.ndarray:
    """Rates (draws, n) for outcomes (draws, n)."""
    member = np.equal.outer(where, np.arange(int(where.max()) + 1)).astype(float)
    cases, events = member.sum(axis=0), truth @ member
    rates = np.empty(truth.shape)
    for k in range(int(of.max()) + 1):
        inside = of == k
        own_cases, own_events = member[inside].sum(axis=0), truth[:, inside] @ member[inside]
        overall = truth.mean(axis=1, keepdims=True)
        learnt = (events - own_events + overall) / (cases - own_cases + 1)
        rates[:, inside] = learnt[:, where[inside]]
    return rates


def _aucs(truth: np.ndarray, score: np.ndarray, of: np.ndarray) -> np.ndarray:
    """AUC (draws,) over pairs within parts that have two cases of either class, as `auc_within`."""
    won, pairs = np.zeros(len(truth)), 0.0
    for k in range(int(of.max()) + 1):
        inside = of == k
        m = int(truth[0, inside].sum())
        n = int(inside.sum()) - m
        if min(m, n) >= 2:
            ranks = rankdata(score[:, inside], axis=1)
            won += (ranks * truth[:, inside]).sum(axis=1) - m * (m + 1) / 2
            pairs += m * n
    return np.asarray(won / pairs)
