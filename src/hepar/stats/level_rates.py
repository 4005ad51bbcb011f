"""A category as a score: how often the outcome occurs in its level, learnt from other participants."""

from collections.abc import Iterator

import numpy as np

from .arrays import Codes, Floats, Labels
from .dealt_groups import outcomes_dealt
from .estimate import StatisticError
from .permutation import permutation_p

MOST_PARTS, LEAST_EACH = 10, 3
"""Parts at most, and participants of either class in each at least (two where cases are few)."""
MOST_DRAWN = 1 << 21
"""Counts that are drawn at once: some tens of MB."""
MOST_CELLS = 0.1
"""Levels of all parts, as a share of the cases, from which it is faster to deal every outcome than to draw counts."""


def dealt_parts(positive: Labels, *, group: Labels, seed: int) -> Codes:
    """Part (n,) of each case, from 0: groups (participants) stay whole, and are dealt round by their number of events.

    Fails where lengths differ or a class has fewer than four groups.
    """
    truth = np.asarray(positive, dtype=bool)
    who = np.unique(np.asarray(group), return_inverse=True)[1]
    fewest = 0 if truth.shape != who.shape else min(np.unique(who[one]).size for one in (truth, ~truth))
    if fewest < 4:
        raise StatisticError(
            f"positive {truth.shape} and group {who.shape} must agree, and each class have four cases or more, of as"
            f" many groups; the smaller has {fewest}"
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
    return np.asarray(_rates(truth, where, of), dtype=np.float64)


def held_out_p(
    level: Labels,
    positive: Labels,
    *,
    part: Labels,
    draws: int,
    seed: int,
    group: Labels | None = None,
) -> float:
    """One-sided permutation p of the AUC within parts of `held_out_rates`: outcomes are dealt within each part.

    Without `group` the observations must be exchangeable, one per participant; the events of few levels are then drawn
    at once, by their multivariate hypergeometric distribution. With it whole groups (participants) exchange
    their outcomes, as `hepar.stats.dealt_groups` says. Memory is bounded.
    """
    truth = np.asarray(positive, dtype=bool)
    where, of = (np.unique(np.asarray(labels), return_inverse=True)[1] for labels in (level, part))
    cases = np.zeros((int(of.max()) + 1, int(where.max()) + 1), dtype=np.int64)
    np.add.at(cases, (of, where), 1)
    events = np.zeros_like(cases)
    np.add.at(events, (of[truth], where[truth]), 1)
    rng = np.random.default_rng(seed)
    chunk = max(1, min(draws, MOST_DRAWN // max(cases.size, truth.size)))
    at_once = group is None and (cases > 0).sum() < MOST_CELLS * truth.size
    who = np.arange(truth.size) if group is None else group
    null = []
    for n in _chunks(draws, chunk):
        if at_once:
            dealt = _dealt(rng, cases, events.sum(axis=1), draws=n)
        else:
            outcomes = outcomes_dealt(truth, group=who, part=of, draws=n, rng=rng)
            dealt = _counted(outcomes, of * cases.shape[1] + where, shape=cases.shape)
        null.append(_aucs(dealt, cases))
    observed = float(_aucs(events[:, None], cases)[0])
    return permutation_p(observed, np.concatenate(null), alternative="greater")


def _counted(outcomes: np.ndarray, cell: np.ndarray, *, shape: tuple[int, ...]) -> np.ndarray:
    """Events (parts, draws, levels) of outcomes (draws, n) in the cells of a table (parts, levels)."""
    size = int(np.prod(shape))
    counts = np.stack([np.bincount(cell[one], minlength=size) for one in outcomes])
    return counts.reshape(len(outcomes), *shape).transpose(1, 0, 2)


def _rates(truth: np.ndarray, where: np.ndarray, of: np.ndarray) -> np.ndarray:
    """Rate (n,) of each case."""
    cases, events = np.bincount(where), np.bincount(where, weights=truth)
    rates = np.empty(truth.shape)
    for k in range(int(of.max()) + 1):
        own = where[of == k]
        own_cases = np.bincount(own, minlength=cases.size)
        own_events = np.bincount(own, weights=truth[of == k], minlength=cases.size)
        rates[of == k] = ((events - own_events + truth.mean()) / (cases - own_cases + 1))[own]
    return rates


def _chunks(draws: int, at_once: int) -> Iterator[int]:
    yield from (min(at_once, draws - start) for start in range(0, draws, at_once))


def _dealt(
    rng: np.random.Generator, cases: np.ndarray, events_of_part: np.ndarray, *, draws: int
) -> np.ndarray:
    """Events (parts, draws, levels), dealt among the `cases` (parts, levels) of each part."""
    dealt = np.zeros((len(cases), draws, cases.shape[1]), dtype=np.int64)
    for k, held in enumerate(cases):
        there = held > 0
        dealt[k][:, there] = rng.multivariate_hypergeometric(
            held[there], int(events_of_part[k]), size=draws, method="marginals"
        )
    return dealt


def _aucs(events: np.ndarray, cases: np.ndarray) -> np.ndarray:
    """AUC (draws,) over pairs within parts that have two cases of either class, as `auc_within`.

    `events` (parts, draws, levels) of `cases` (parts, levels).
    """
    total, of_level = events.sum(axis=0), cases.sum(axis=0)
    overall = total.sum(axis=1, keepdims=True) / of_level.sum()
    won, pairs = np.zeros((2, events.shape[1]))
    for own, held in zip(events, cases, strict=True):
        there = held > 0
        m = own.sum(axis=1)
        n = held.sum() - m
        both = np.minimum(m, n) >= 2
        rate = (total - own + overall)[:, there] / (of_level - held + 1)[there]
        won += np.where(both, _won(own[:, there], held[there], rate), 0)
        pairs += np.where(both, m * n, 0)
    return np.asarray(np.where(pairs > 0, won / np.maximum(pairs, 1), 0.5))


def _won(events: np.ndarray, cases: np.ndarray, rate: np.ndarray) -> np.ndarray:
    """Pairs (draws,) of an event and another case whose event has the higher rate; equal rates count half."""
    order = np.argsort(rate, axis=1)
    rate, event = (np.take_along_axis(table, order, axis=1) for table in (rate, events))
    other = cases[order] - event
    upto = np.cumsum(other, axis=1).astype(float)
    new = np.diff(rate, axis=1) > 0
    edge = np.ones((len(rate), 1), dtype=bool)
    below = np.maximum.accumulate(np.where(np.hstack([edge, new]), upto - other, 0), axis=1)
    last = np.where(np.hstack([new, edge]), upto, np.inf)
    through = np.minimum.accumulate(last[:, ::-1], axis=1)[:, ::-1]
    return np.asarray((event * (below + through) / 2).sum(axis=1))
