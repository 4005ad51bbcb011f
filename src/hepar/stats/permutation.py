"""Permutation tests: p values from relabelled data."""

from typing import Literal

import numpy as np
from scipy.stats import rankdata

from .arrays import Draws, Labels, Numbers
from .estimate import Estimate, StatisticError, as_finite

Alternative = Literal["two-sided", "greater", "less"]


def permutation_p(observed: float, null: Draws, *, alternative: Alternative = "two-sided") -> float:
    """Permutation p value, (b + 1) / (m + 1), never zero (Phipson & Smyth 2010).

    b counts the m null values at least as extreme as the observed one.

    Two-sided: twice the smaller tail, at most 1. Values equal to rounding (1e-12) count as ties.

    >>> permutation_p(3.0, np.array([1.0, 2.0, 3.0, 4.0]), alternative="greater")
    0.6
    """
    values = as_finite(null, name="null")
    slack = 1e-12 * max(1.0, abs(observed))
    greater = (np.count_nonzero(values >= observed - slack) + 1) / (values.size + 1)
    less = (np.count_nonzero(values <= observed + slack) + 1) / (values.size + 1)
    tails = {"greater": greater, "less": less, "two-sided": min(1.0, 2 * min(greater, less))}
    return float(tails[alternative])


def auc_permutation(
    positive: Labels,
    score: Numbers,
    *,
    seed: int,
    draws: int = 10_000,
    strata: Labels | None = None,
    alternative: Alternative = "two-sided",
) -> Estimate:
    """AUC with the p of "score and reference standard are unrelated" by permuting labels within strata.

    The observations must be exchangeable: one per participant. No interval is given.
    """
    truth, values = np.asarray(positive, dtype=bool), as_finite(score, name="score")
    layers = np.zeros(values.size) if strata is None else np.asarray(strata)
    cases, others = int(np.count_nonzero(truth)), int(np.count_nonzero(~truth))
    if not cases or not others or not truth.shape == values.shape == layers.shape:
        raise StatisticError(
            f"positive {truth.shape}, score {values.shape}, strata {layers.shape} must agree "
            f"and both classes be present; there are {cases} positives and {others} negatives"
        )
    ranks, rng = rankdata(values), np.random.default_rng(seed)
    sums = np.zeros(draws)
    for layer in np.unique(layers):
        inside = layers == layer
        taken = np.count_nonzero(truth[inside])
        for draw in range(draws):
            sums[draw] += rng.permutation(ranks[inside])[:taken].sum()
    least = cases * (cases + 1) / 2
    value = (ranks[truth].sum() - least) / (cases * others)
    p = permutation_p(value, (sums - least) / (cases * others), alternative=alternative)
    method = f"permutation of labels, {draws} draws, {alternative}"
    return Estimate(float(value), np.nan, np.nan, values.size, method, p=p, events=cases)


def spearman_permutation(reference: Numbers, score: Numbers, *, seed: int, draws: int = 10_000) -> Estimate:
    """Spearman's rho with the two-sided p of "score and reference are unrelated" by permuting the scores.

    The observations must be exchangeable: one per participant. No interval is given. Fails where either is constant.
    """
    ranks = [
        rankdata(as_finite(values, name=name))
        for name, values in (("reference", reference), ("score", score))
    ]
    if ranks[0].shape != ranks[1].shape or ranks[0].size < 3:
        raise StatisticError(
            f"reference holds {ranks[0].size} values and score {ranks[1].size}; give one each, of 3 or more cases"
        )
    for name, values in zip(("reference", "score"), ranks, strict=True):
        if np.ptp(values) == 0:
            raise StatisticError(f"{name} is the same in every case; without spread nothing is correlated")
    one, two = ((values - values.mean()) / np.linalg.norm(values - values.mean()) for values in ranks)
    rng = np.random.default_rng(seed)
    null = np.array([one @ rng.permutation(two) for _ in range(draws)])
    value = float(one @ two)
    method = f"permutation of scores, {draws} draws, two-sided"
    return Estimate(value, np.nan, np.nan, one.size, method, p=permutation_p(value, null))
