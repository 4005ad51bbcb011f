"""Area under the ROC curve: DeLong inference, comparisons, and several units per participant."""

import numpy as np
from scipy.special import ndtr, stdtr, stdtrit
from scipy.stats import rankdata

from .arrays import (
    Bools,
    Labels,
    NegativePlacements,
    Numbers,
    OtherLabels,
    OtherNumbers,
    PositivePlacements,
    ScoreRows,
    TestCovariance,
    TestFloats,
)
from .estimate import Estimate, StatisticError, normal_quantile
from .roc import as_classes, as_scores

NO_VARIANCE = 1e-26
"""Below this a variance is rounding error: the smallest true one, 1/(2 n^2)^2 of a placement, is far above."""


def placements(positive: Bools, scores: ScoreRows) -> tuple[PositivePlacements, NegativePlacements]:
    """Placement values of the positives (tests, m) and of the negatives (tests, n).

    A positive's is the share of negatives scored below it, a negative's the share of positives above it, ties
    counting half. `scores` is (tests, cases). By mid-ranks, O(n log n) a test (Sun & Xu 2014).
    """
    own_pos, own_neg = scores[:, positive], scores[:, ~positive]
    joint = rankdata(scores, axis=1)
    of_positives = (joint[:, positive] - rankdata(own_pos, axis=1)) / own_neg.shape[1]
    of_negatives = 1 - (joint[:, ~positive] - rankdata(own_neg, axis=1)) / own_pos.shape[1]
    return of_positives, of_negatives


def delong(positive: Labels, scores: Numbers | ScoreRows) -> tuple[TestFloats, TestCovariance]:
    """AUCs (tests,) of `scores` (tests, cases) and their (tests, tests) covariance (DeLong et al. 1988).

    Fails with NaN, with lengths that differ, or with fewer than two cases of either class.
    """
    truth, table = _checked(positive, *np.atleast_2d(scores))
    return _independent(*placements(truth, table))


def auc(positive: Labels, score: Numbers, *, level: float = 0.95) -> Estimate:
    """AUC with its DeLong interval clipped to [0, 1]; `p` tests AUC = 0.5.

    At an AUC of 0 or 1 the DeLong variance is 0. Then min(m, n) disjoint, hence independent, pairs of a
    positive and a negative all agree, so P(AUC = 1) <= theta^min(m, n): the Clopper-Pearson interval of that
    many successes covers theta with at least `level` (sample size as in Birnbaum & Klose 1957).
    """
    truth, table = _checked(positive, score)
    value, covariance = delong(truth, table)
    m = int(truth.sum())
    pairs = min(m, truth.size - m)
    return _single(value[0], covariance[0, 0], truth, level=level, pairs=pairs, method="DeLong")


def auc_difference(positive: Labels, first: Numbers, second: Numbers, *, level: float = 0.95) -> Estimate:
    """AUC of `first` minus that of `second` on the same cases, paired DeLong test (DeLong et al. 1988)."""
    truth, table = _checked(positive, first, second)
    value, covariance = _independent(*_first_minus_second(truth, table))
    return contrast_estimate(value[0], covariance[0, 0], _size(truth), level=level, method="paired DeLong")


def auc_difference_unpaired(
    positive: Labels,
    score: Numbers,
    *,
    other_positive: OtherLabels,
    other_score: OtherNumbers,
    level: float = 0.95,
) -> Estimate:
    """AUC in one group of cases minus that in another, independent one.

    Welch's t with Satterthwaite's degrees of freedom on the DeLong variances, as pROC does:
    df = (v1 + v2)^2 / (v1^2/(n1 - 1) + v2^2/(n2 - 1)).
    """
    truths, values, variances = [], [], []
    for one_positive, one_score in ((positive, score), (other_positive, other_score)):
        truth, table = _checked(one_positive, one_score)
        value, covariance = delong(truth, table)
        truths.append(truth)
        values.append(value[0])
        variances.append(covariance[0, 0])
    every = np.concatenate(truths)
    difference, variance = float(values[0] - values[1]), float(sum(variances))
    if variance < NO_VARIANCE:
        return contrast_estimate(difference, 0.0, _size(every), level=level, method="unpaired DeLong")
    df = variance**2 / sum(v**2 / (t.size - 1) for v, t in zip(variances, truths, strict=True))
    se = variance**0.5
    normal_quantile(level)  # refuses an impossible level
    half = float(stdtrit(df, (1 + level) / 2)) * se
    return Estimate(
        difference,
        max(-1.0, difference - half),
        min(1.0, difference + half),
        every.size,
        f"unpaired DeLong, Welch t with {df:.5f} degrees of freedom",
        p=float(2 * stdtr(df, -abs(difference) / se)),
        events=int(every.sum()),
        se=se,
    )


def delong_clustered(
    positive: Labels, scores: Numbers | ScoreRows, cluster: Labels
) -> tuple[TestFloats, TestCovariance]:
    """AUCs (tests,) and their covariance when several units, e.g. lesions, come from one participant.

    Obuchowski (1997): placement values are summed within clusters, and a cluster's positives and negatives
    may be correlated. With one unit in every cluster it is DeLong's covariance exactly.
    Fails with fewer than two clusters holding positives or holding negatives.
    """
    truth, table = _checked(positive, *np.atleast_2d(scores))
    member, counts = _clusters(truth, cluster)
    return _dependent(*placements(truth, table), member=(member[truth], member[~truth]), counts=counts)


def auc_clustered(positive: Labels, score: Numbers, cluster: Labels, *, level: float = 0.95) -> Estimate:
    """AUC over units with an interval that respects `cluster` (participant) membership (Obuchowski 1997).

    At an AUC of 0 or 1 the exact interval of `auc` is used with as many pairs as distinct clusters can form.
    """
    truth, table = _checked(positive, score)
    member, (with_pos, with_neg, every) = _clusters(truth, cluster)
    value, covariance = delong_clustered(truth, table, member)
    pairs = min(with_pos, with_neg, every // 2)
    method = f"Obuchowski, {every} clusters"
    return _single(value[0], covariance[0, 0], truth, level=level, pairs=pairs, method=method)


def auc_difference_clustered(
    positive: Labels,
    first: Numbers,
    second: Numbers,
    *,
    cluster: Labels,
    level: float = 0.95,
) -> Estimate:
    """AUC of `first` minus that of `second` on the same clustered units (Obuchowski 1997)."""
    truth, table = _checked(positive, first, second)
    member, counts = _clusters(truth, cluster)
    contrast = _first_minus_second(truth, table)
    value, covariance = _dependent(*contrast, member=(member[truth], member[~truth]), counts=counts)
    method = f"paired Obuchowski, {counts[2]} clusters"
    return contrast_estimate(value[0], covariance[0, 0], _size(truth), level=level, method=method)


def _checked(positive: np.ndarray, *scores: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    truth = as_classes(positive, minimum=2)
    names = [f"score {i + 1} of {len(scores)}" if len(scores) > 1 else "score" for i in range(len(scores))]
    return truth, np.stack([as_scores(s, like=truth, name=n) for s, n in zip(scores, names, strict=True)])


def _size(truth: np.ndarray) -> tuple[int, int]:
    return truth.size, int(truth.sum())


def _first_minus_second(truth: np.ndarray, table: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    # Subtracting before squaring keeps the variance of two equal rankings at exactly 0.
    of_positives, of_negatives = placements(truth, table)
    return -np.diff(of_positives, axis=0), -np.diff(of_negatives, axis=0)


def _independent(of_positives: np.ndarray, of_negatives: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean placement of each row and its DeLong covariance."""
    covariance = np.zeros((len(of_positives), len(of_positives)))
    for values in (of_positives, of_negatives):
        centred = values - values.mean(axis=1, keepdims=True)
        covariance += centred @ centred.T / (values.shape[1] - 1) / values.shape[1]
    return of_positives.mean(axis=1), covariance


def _dependent(
    of_positives: np.ndarray,
    of_negatives: np.ndarray,
    *,
    member: tuple[np.ndarray, np.ndarray],
    counts: tuple[int, int, int],
) -> tuple[np.ndarray, np.ndarray]:
    """Mean placement of each row and its covariance with sums within clusters (Obuchowski 1997)."""
    value = of_positives.mean(axis=1)
    by_pos, by_neg = (
        np.stack([np.bincount(where, weights=row, minlength=counts[2]) for row in placed - value[:, None]])
        / placed.shape[1]
        for placed, where in zip((of_positives, of_negatives), member, strict=True)
    )
    factor_pos, factor_neg, factor_both = (k / (k - 1) for k in counts)
    cross = by_pos @ by_neg.T
    covariance = factor_pos * (by_pos @ by_pos.T) + factor_neg * (by_neg @ by_neg.T)
    return value, covariance + factor_both * (cross + cross.T)


def _clusters(truth: np.ndarray, cluster: np.ndarray) -> tuple[np.ndarray, tuple[int, int, int]]:
    """Cluster number of every unit; how many clusters hold positives, hold negatives, exist."""
    labels = np.asarray(cluster)
    if labels.shape != truth.shape:
        raise StatisticError(
            f"cluster has shape {labels.shape} for {truth.size} units; give one label per unit"
        )
    # Only a missing value (NaN, None) differs from itself or is None.
    missing = [i for i, label in enumerate(labels.tolist()) if label is None or label != label]
    if missing:
        raise StatisticError(f"cluster is missing at position {missing[0]}; every unit needs a participant")
    every, member = np.unique(labels, return_inverse=True)
    with_pos, with_neg = np.unique(member[truth]).size, np.unique(member[~truth]).size
    if min(with_pos, with_neg) < 2:
        raise StatisticError(
            f"{with_pos} clusters hold positive units and {with_neg} negative ones; at least 2 of each are needed"
        )
    return member, (with_pos, with_neg, every.size)


def _single(
    value: float, variance: float, truth: np.ndarray, *, level: float, pairs: int, method: str
) -> Estimate:
    value, events, se = float(value), int(truth.sum()), float(max(variance, 0.0)) ** 0.5
    z = normal_quantile(level)
    if variance >= NO_VARIANCE:
        low, high = max(0.0, value - z * se), min(1.0, value + z * se)
        p = float(2 * ndtr(-abs(value - 0.5) / se))
        return Estimate(value, low, high, truth.size, method, p=p, events=events, se=se)
    if value not in (0.0, 1.0):
        return Estimate(value, value, value, truth.size, "constant score", p=1.0, events=events, se=0.0)
    bound = ((1 - level) / 2) ** (1 / pairs)
    low, high = (bound, 1.0) if value == 1 else (0.0, 1 - bound)
    exact = f"exact bound from {pairs} independent pairs ({method} variance is 0)"
    return Estimate(value, low, high, truth.size, exact, p=min(1.0, 2 * 0.5**pairs), events=events, se=0.0)


def contrast_estimate(
    difference: float, variance: float, size: tuple[int, int], *, level: float, method: str, limit: float = 1
) -> Estimate:
    """Normal interval, clipped to +-`limit`, and test of a difference; `size` is (cases, events).

    Without variance there is no doubt when there is no difference (p = 1); otherwise it is undefined (NaN).
    """
    difference, z = float(difference), normal_quantile(level)
    n, events = size
    if variance >= NO_VARIANCE:
        se = float(variance) ** 0.5
        low, high = max(-limit, difference - z * se), min(limit, difference + z * se)
        p = float(2 * ndtr(-abs(difference) / se))
        return Estimate(difference, low, high, n, method, p=p, events=events, se=se)
    same = abs(difference) < 1e-12
    edge, p = (0.0, 1.0) if same else (float("nan"), float("nan"))
    how = f"{method}; variance is 0, {'no difference' if same else 'interval not defined'}"
    return Estimate(difference, edge, edge, n, how, p=p, events=events, se=0.0)
