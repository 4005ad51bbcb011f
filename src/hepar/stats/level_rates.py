"""A category as a score: how often the outcome occurs in its level, learnt from other participants."""

import numpy as np

from .arrays import Floats, Labels
from .estimate import StatisticError

PARTS = 10


def held_out_rates(
    level: Labels, positive: Labels, *, group: Labels, seed: int, parts: int = PARTS
) -> Floats:
    """Rate of the outcome (n,) in each case's level, counted in the parts that do not hold the case.

    Groups (participants) stay whole and are dealt into `parts`, stratified by outcome. A rate is (events + overall
    rate) / (cases + 1): a level seen in no other part has the overall rate, so that a level for each participant tells
    nothing. Without any relation the AUC of these rates lies a little below 0.5, because a case lowers the count of its
    own outcome; above 0.5 it is no artefact.

    Fails where lengths differ or a class is absent.
    """
    truth = np.asarray(positive, dtype=bool)
    where, who = (np.unique(np.asarray(labels), return_inverse=True)[1] for labels in (level, group))
    if not truth.shape == where.shape == who.shape or truth.all() or not truth.any():
        raise StatisticError(
            f"positive {truth.shape}, level {where.shape}, group {who.shape} must agree and both classes be present;"
            f" there are {int(truth.sum())} positives"
        )
    part = _dealt(truth, who, parts=parts, seed=seed)
    shape = (int(where.max()) + 1, parts)
    cell = where * parts + part
    cases = np.bincount(cell, minlength=shape[0] * parts).reshape(shape)
    events = np.bincount(cell, weights=truth, minlength=shape[0] * parts).reshape(shape)
    other_cases, other_events = (counted.sum(axis=1, keepdims=True) - counted for counted in (cases, events))
    rates = (other_events + truth.mean()) / (other_cases + 1)
    return np.asarray(rates[where, part], dtype=np.float64)


def _dealt(truth: np.ndarray, who: np.ndarray, *, parts: int, seed: int) -> np.ndarray:
    """Part of each case; groups with more events first, each class dealt round."""
    events = np.bincount(who, weights=truth)
    order = np.lexsort((np.random.default_rng(seed).random(events.size), events))
    part_of = np.empty(events.size, dtype=np.int64)
    part_of[order] = np.arange(events.size) % parts
    return np.asarray(part_of[who], dtype=np.int64)
