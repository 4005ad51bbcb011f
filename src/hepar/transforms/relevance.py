"""How strongly each feature goes with the outcome, one at a time: rank statistics that no monotone change moves."""

from dataclasses import dataclass

import numpy as np

from ..core.errors import RunError
from ..data.reference import Reference
from .ranks import Float, ranks


@dataclass(frozen=True, slots=True, eq=False)
class Relevance:
    """Of each feature: the absolute standard score `z`, and the same as a correlation `r` between 0 and 1.

    For a time to event r^2 is 1 - exp(-z^2 / events), the explained randomness of a Cox model (O'Quigley, Xu & Stare,
    2005) with the score statistic in place of the likelihood ratio.
    """

    z: Float
    r: Float


def relevance(values: Float, reference: Reference) -> Relevance:
    """Relevance of each column of `values` (cases, features) for the outcome; 0 where it does not vary.

    Classes: Mann-Whitney (the AUC, tie-corrected). A quantity: Spearman. A time to event: the score test of Cox's model
    of the event on ranks, other ends counting as censored. Missing values leave their case out of that feature.
    """
    outcome = reference.outcome.kind
    if outcome == "time_to_event":
        return _of_time(ranks(values), reference.time_y, reference.status == 1)
    if outcome in ("binary", "graded"):
        return _of_number(values, reference.positive.astype(float))
    if outcome == "continuous":
        return _of_number(values, reference.table["value"].to_numpy(dtype=float))
    raise RunError(f"outcome {outcome!r} has no univariate relevance; leave the transform 'best' out")


def _of_number(values: Float, outcome: Float) -> Relevance:
    """Rank correlation; with two classes r sqrt(n - 1) is the Mann-Whitney statistic in standard units."""
    ranked = ranks(values)
    known = ~np.isnan(ranked)
    other = ranks(np.where(known, outcome[:, None], np.nan))
    x, y = (_centred(table, known) for table in (ranked, other))
    length = np.sqrt((x**2).sum(axis=0) * (y**2).sum(axis=0))
    r = np.abs((x * y).sum(axis=0)) / np.where(length > 0, length, 1.0)
    return Relevance(r * np.sqrt(np.maximum(known.sum(axis=0) - 1, 0)), r)


def _centred(table: Float, known: np.ndarray) -> Float:
    filled = np.where(known, table, 0.0)
    return np.where(known, filled - filled.sum(axis=0) / np.maximum(known.sum(axis=0), 1), 0.0)


def _of_time(ranked: Float, time_y: Float, event: np.ndarray) -> Relevance:
    """Score and information at 0 of each feature alone, ties by Breslow's method."""
    order = np.argsort(-time_y, kind="stable")
    last = np.searchsorted(-time_y[order], -time_y[order], side="right") - 1
    known = ~np.isnan(ranked[order])
    x = _centred(ranked[order], known)
    at_risk = np.maximum(np.cumsum(known, axis=0)[last], 1)
    mean = np.cumsum(x, axis=0)[last] / at_risk
    variance = np.cumsum(x**2, axis=0)[last] / at_risk - mean**2
    had = known & event[order][:, None]
    score = np.where(had, x - mean, 0.0).sum(axis=0)
    information = np.where(had, np.maximum(variance, 0.0), 0.0).sum(axis=0)
    z = np.abs(score) / np.sqrt(np.where(information > 1e-12, information, np.inf))
    return Relevance(z, np.sqrt(-np.expm1(-(z**2) / np.maximum(had.sum(axis=0), 1))))
