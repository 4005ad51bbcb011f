"""Bootstrap of whole participants as integer weights.

One draw of a bootstrap is a row of counts: how often each observation enters. A statistic that takes the
weights `(draws, n)` and returns `(draws,)` is therefore evaluated on all draws at once, without copying data.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from .arrays import CaseWeights, DrawCounts, DrawFloats, Draws, FloatArray, Labels, Numbers
from .estimate import Estimate, StatisticError, as_finite, normal_quantile
from .permutation import permutation_p

StatisticOfWeights = Callable[[CaseWeights], DrawFloats]
Interval = Literal["percentile", "bca"]

CELLS_PER_BLOCK = 1_000_000
"""Weights held at once: eight megabytes as floats, whatever the number of draws."""

INT32_SAFE = 2**30
"""Whole weights that total less are summed in 32 bits, which is exact and several times faster."""

MOST_UNDEFINED = 0.1
"""Share of draws in which a statistic may be undefined (e.g. no events) before an interval is refused."""


@dataclass(frozen=True, slots=True)
class _Design:
    """Cluster number of each observation, (n,), and stratum number of each cluster, (clusters,)."""

    index: NDArray[np.intp]
    layer: NDArray[np.intp]


def bootstrap_weights(cluster: Labels, *, draws: int, seed: int, strata: Labels | None = None) -> DrawCounts:
    """How often each of n observations enters each bootstrap sample, (draws, n).

    Whole clusters (participants) are drawn with replacement, as many as there are, so all lesions or scans
    of one participant stand or fall together (Davison & Hinkley 1997, section 3.8). With `strata` (outcome
    class, site) the draw is within each stratum; a cluster must lie in one stratum.

    >>> bootstrap_weights(np.array(["a", "a", "b"]), draws=1, seed=1).shape
    (1, 3)
    """
    return np.concatenate(list(bootstrap_weight_blocks(cluster, draws=draws, seed=seed, strata=strata)))


def bootstrap_weight_blocks(
    cluster: Labels, *, draws: int, seed: int, strata: Labels | None = None, rows: int | None = None
) -> Iterator[DrawCounts]:
    """The rows of `bootstrap_weights` in blocks of bounded memory; `rows` does not change their values."""
    design = _design(cluster, strata)
    if draws < 1:
        raise StatisticError(f"draws is {draws}; at least 1 is needed, 2000 is usual")
    height = rows or max(1, CELLS_PER_BLOCK // design.index.size)
    streams = [
        np.random.default_rng(child)
        for child in np.random.SeedSequence(seed).spawn(int(design.layer.max()) + 1)
    ]
    for start in range(0, draws, height):
        yield _draw(design, streams, min(height, draws - start))


def _draw(design: _Design, streams: list[np.random.Generator], rows: int) -> NDArray[np.int32]:
    """`rows` draws: counts of the clusters, stratum after stratum, then handed out to their observations."""
    counts = []
    for stream, size in zip(streams, np.bincount(design.layer).tolist(), strict=True):
        picked = stream.integers(size, size=(rows, size))
        picked += size * np.arange(rows)[:, None]
        tally = np.bincount(picked.ravel(), minlength=rows * size)
        counts.append(tally.astype(np.int32).reshape(rows, size))
    columns = np.argsort(np.argsort(design.layer, kind="stable"), kind="stable")[design.index]
    table = np.concatenate(counts, axis=1) if len(counts) > 1 else counts[0]
    return table if np.array_equal(columns, np.arange(table.shape[1])) else np.take(table, columns, axis=1)


def _design(cluster: np.ndarray, strata: np.ndarray | None) -> _Design:
    labels = np.asarray(cluster)
    if labels.ndim != 1 or labels.size == 0:
        raise StatisticError(f"cluster has shape {labels.shape}; one label per observation is needed")
    names, index = np.unique(labels, return_inverse=True)
    if strata is None:
        return _Design(index, np.zeros(names.size, dtype=np.intp))
    layer_of = np.asarray(strata)
    if layer_of.shape != labels.shape:
        raise StatisticError(f"strata has shape {layer_of.shape}, cluster {labels.shape}; they must agree")
    layers = np.unique(layer_of, return_inverse=True)[1]
    pairs = np.unique(np.column_stack([index, layers]), axis=0)
    twice = np.flatnonzero(np.diff(pairs[:, 0]) == 0)
    if twice.size:
        raise StatisticError(
            f"cluster {str(names[pairs[twice[0], 0]])!r} lies in more than one stratum; "
            "stratify by something that is constant within a participant"
        )
    return _Design(index, pairs[:, 1])


def auc_weighted(positive: Labels, score: Numbers, weights: CaseWeights) -> DrawFloats:
    """Area under the ROC curve for each row of case weights; ties count one half.

    AUC = sum_ij w_i w_j [s_i > s_j] + [s_i = s_j] / 2 over positives i and negatives j, divided by the
    product of their total weights. One sort serves all rows: O(n log n + draws * n).
    `positive` and `score` are (n,), `weights` (draws, n) non-negative; the result is (draws,), NaN where a
    row has no positive or no negative weight.

    >>> auc_weighted(np.array([0, 0, 1, 1]), np.array([1, 2, 2, 3]), np.ones((1, 4)))
    array([0.875])
    """
    truth = np.asarray(positive, dtype=bool)
    values = as_finite(score, name="score")
    table = np.asarray(weights)
    if truth.shape != values.shape or table.ndim != 2 or table.shape[1:] != values.shape:
        raise StatisticError(
            f"positive {truth.shape}, score {values.shape} and weights {table.shape} "
            "must have shapes (n,), (n,) and (draws, n)"
        )
    cases, others = np.flatnonzero(truth), np.flatnonzero(~truth)
    if cases.size < others.size:
        # The area is that of the classes swapped and the scores negated; the smaller class is summed up.
        cases, others, values = others, cases, -values
    others = others[np.argsort(values[others], kind="stable")]
    below = np.searchsorted(values[others], values[cases], side="left")
    upto = np.searchsorted(values[others], values[cases], side="right")
    whole = table.dtype.kind in "iub" and table.max(initial=0) * values.size < INT32_SAFE
    numbers = table.astype(np.int32 if whole else float, copy=False)
    height = max(1, CELLS_PER_BLOCK // (8 * values.size))
    parts = [
        _auc_rows(row.take(cases, axis=1), row.take(others, axis=1), (below, upto))
        for row in (numbers[start : start + height] for start in range(0, table.shape[0], height))
    ]
    return np.concatenate(parts) if parts else np.empty(0)


def _auc_rows(
    cases: np.ndarray, others: np.ndarray, ends: tuple[NDArray[np.intp], NDArray[np.intp]]
) -> FloatArray:
    """AUC from the weights of positives (d, p) and of negatives in order of score (d, q)."""
    total = np.zeros((others.shape[0], others.shape[1] + 1), dtype=others.dtype)
    np.cumsum(others, axis=1, out=total[:, 1:])
    beaten = total.take(ends[0], axis=1)
    beaten += beaten if np.array_equal(*ends) else total.take(ends[1], axis=1)
    pairs = 2.0 * cases.sum(axis=1, dtype=float) * total[:, -1]
    won = np.vecdot(cases.astype(float), beaten.astype(float))
    auc: FloatArray = np.divide(won, pairs, out=np.full(pairs.shape, np.nan), where=pairs > 0)
    return auc


def percentile_interval(draws: Draws, *, level: float = 0.95) -> tuple[float, float]:
    """The central `level` of the bootstrap draws, NaN left out (Efron & Tibshirani 1993, chapter 13)."""
    normal_quantile(level)
    known = _defined(draws)
    low, high = np.quantile(known, [(1 - level) / 2, (1 + level) / 2]).tolist()
    return low, high


def acceleration(jackknife: Numbers, *, strata: Labels | None = None) -> float:
    """Acceleration constant of the BCa interval from leave-one-cluster-out values.

    a = sum_i u_i^3 / (6 (sum_i u_i^2)^1.5), u_i = (n_s - 1) / n_s (mean_s - value_i), each in its own
    stratum s (Efron 1987, eq. 6.6; Davison & Hinkley 1997, section 5.4). Zero where all values agree.
    """
    values = as_finite(jackknife, name="jackknife")
    layers = np.zeros(values.size) if strata is None else np.asarray(strata)
    pull = np.zeros(values.size)
    for layer in np.unique(layers):
        inside = layers == layer
        size = np.count_nonzero(inside)
        pull[inside] = (size - 1) / size * (values[inside].mean() - values[inside])
    spread = float(np.sum(pull**2)) ** 1.5
    return float(np.sum(pull**3)) / (6 * spread) if spread > 0 else 0.0


def bca_interval(
    value: float, draws: Draws, *, jackknife: Numbers, level: float = 0.95, strata: Labels | None = None
) -> tuple[float, float]:
    """Bias-corrected and accelerated bootstrap interval (Efron 1987).

    `jackknife` (clusters,) holds the statistic with one cluster left out in turn, `strata` (clusters,) their
    strata where the bootstrap was stratified; NaN `draws` are left out.
    Fails where every draw lies on one side of the value, so the bias is undefined.
    """
    known = _defined(draws)
    if np.all(known == value):
        return float(value), float(value)
    below = (np.mean(known < value) + np.mean(known <= value)) / 2
    if not 0 < below < 1:
        raise StatisticError(
            f"all {known.size} draws lie on one side of the value {value:.6g}; "
            "the BCa interval is undefined, use the percentile interval"
        )
    bias, speed = float(ndtri(below)), acceleration(jackknife, strata=strata)
    shifted = bias + normal_quantile(level) * np.array([-1.0, 1.0])
    if np.any(speed * shifted >= 1):
        raise StatisticError(f"acceleration {speed:.3g} is too large for BCa; use the percentile interval")
    low, high = np.quantile(known, ndtr(bias + shifted / (1 - speed * shifted)))
    return float(low), float(high)


def _defined(draws: np.ndarray) -> FloatArray:
    values = np.asarray(draws, dtype=float)
    known: FloatArray = values[~np.isnan(values)]
    if known.size < 2 or 1 - known.size / values.size > MOST_UNDEFINED:
        raise StatisticError(
            f"the statistic is undefined in {values.size - known.size} of {values.size} draws; "
            f"at most {MOST_UNDEFINED:.0%} may be: stratify by outcome or collect more events"
        )
    return known


def bootstrap(
    statistic_of_weights: StatisticOfWeights,
    cluster: Labels,
    *,
    seed: int,
    draws: int = 2000,
    level: float = 0.95,
    interval: Interval = "percentile",
    strata: Labels | None = None,
) -> Estimate:
    """Value, bootstrap standard error and interval of any statistic that takes weights.

    `statistic_of_weights` maps weights (draws, n) to values (draws,), NaN where undefined; `cluster` (n,)
    names the participant of each observation; `strata` (n,) is sampled within. One seed gives the same
    samples to every statistic. The "bca" interval takes its acceleration from the cluster jackknife.
    Fails where the statistic is undefined on the data or on too many of the draws.
    """
    sample = _resample(statistic_of_weights, cluster, seed=seed, draws=draws, strata=strata)
    return _estimate(sample, level, interval)


def bootstrap_difference(
    first: StatisticOfWeights,
    second: StatisticOfWeights,
    cluster: Labels,
    *,
    seed: int,
    draws: int = 2000,
    level: float = 0.95,
    interval: Interval = "percentile",
    strata: Labels | None = None,
) -> Estimate:
    """`first` minus `second` on the same resampled participants, with a two-sided p for no difference.

    p = 2 min(#{d <= 0} + 1, #{d >= 0} + 1) / (defined draws + 1), at most 1: the level at which the
    percentile interval just touches zero (Efron & Tibshirani 1993, section 15.4), never exactly zero.
    """

    def difference(weights: np.ndarray) -> FloatArray:
        return first(weights) - second(weights)

    sample = _resample(difference, cluster, seed=seed, draws=draws, strata=strata)
    p = permutation_p(0.0, _defined(sample.draws))
    return replace(_estimate(sample, level, interval), p=p)


@dataclass(frozen=True, slots=True)
class _Sample:
    statistic: StatisticOfWeights
    design: _Design
    value: float
    draws: FloatArray


def _resample(
    statistic: StatisticOfWeights, cluster: np.ndarray, *, seed: int, draws: int, strata: np.ndarray | None
) -> _Sample:
    design = _design(cluster, strata)
    value = float(statistic(np.ones((1, design.index.size), dtype=np.int32))[0])
    if np.isnan(value):
        raise StatisticError("the statistic is undefined (NaN) on the data themselves; nothing to resample")
    blocks = bootstrap_weight_blocks(cluster, draws=draws, seed=seed, strata=strata)
    return _Sample(statistic, design, value, np.concatenate([statistic(block) for block in blocks]))


def _estimate(sample: _Sample, level: float, interval: Interval) -> Estimate:
    known, draws, design = _defined(sample.draws), sample.draws.size, sample.design
    if interval == "percentile":
        low, high = percentile_interval(known, level=level)
    else:
        jackknife = _jackknife(sample.statistic, design.index)
        low, high = bca_interval(sample.value, known, jackknife=jackknife, level=level, strata=design.layer)
    method = f"{interval} bootstrap, {draws} draws of {design.layer.size} clusters"
    if known.size < draws:
        method += f", undefined in {draws - known.size}"
    return Estimate(sample.value, low, high, design.index.size, method, se=float(known.std(ddof=1)))


def _jackknife(statistic: StatisticOfWeights, index: NDArray[np.intp]) -> FloatArray:
    """The statistic with each cluster left out in turn, (clusters,)."""
    clusters = np.arange(index.max() + 1)
    height = max(1, CELLS_PER_BLOCK // index.size)
    parts = [clusters[start : start + height] for start in range(0, clusters.size, height)]
    return np.concatenate([statistic((index != part[:, None]).astype(np.int32)) for part in parts])
