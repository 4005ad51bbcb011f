"""Accuracy of a rule that calls a case positive: proportions, likelihood ratios, paired comparison."""

import numpy as np
from scipy.special import betainc, betaincinv

from .arrays import Labels, Numbers
from .estimate import Estimate, StatisticError, normal_quantile
from .roc import as_classes, as_scores, call_rates, class_histogram, percentiles, resampled_counts

NAN = float("nan")


def proportion(successes: int, n: int, *, level: float = 0.95) -> Estimate:
    """Share `successes / n` with the exact interval of Clopper & Pearson (1934); NaN when n is 0."""
    _check_counts(successes, n)
    normal_quantile(level)
    if n == 0:
        return _undefined(0, "no cases to divide by")
    tail, failures = (1 - level) / 2, n - successes
    low = float(betaincinv(successes, failures + 1, tail)) if successes else 0.0
    high = float(betaincinv(successes + 1, failures, 1 - tail)) if failures else 1.0
    share = successes / n
    se = (share * (1 - share) / n) ** 0.5
    return Estimate(share, low, high, n, "Clopper-Pearson", events=successes, se=se)


def wilson(successes: int, n: int, *, level: float = 0.95) -> Estimate:
    """Share `successes / n` with the score interval of Wilson (1927); NaN when n is 0."""
    _check_counts(successes, n)
    z = normal_quantile(level)
    if n == 0:
        return _undefined(0, "no cases to divide by")
    share = successes / n
    centre = (share + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * (share * (1 - share) / n + z**2 / (4 * n**2)) ** 0.5
    low, high = centre - half if successes else 0.0, centre + half if successes < n else 1.0
    se = (share * (1 - share) / n) ** 0.5
    return Estimate(share, low, high, n, "Wilson", events=successes, se=se)


def accuracy_at(
    positive: Labels,
    score: Numbers,
    *,
    threshold: float,
    at_or_above: bool = True,
    level: float = 0.95,
) -> dict[str, Estimate]:
    """Accuracy of "test positive when score >= threshold" (`at_or_above` False: score > threshold).

    Gives sensitivity, specificity, ppv, npv, accuracy (Clopper-Pearson), likelihood_ratio_positive and
    _negative, diagnostic_odds_ratio (log method), and the counts true_positive, false_positive,
    false_negative and true_negative (no interval). What divides by zero is NaN and its `method` says why.
    Predictive values hold at the prevalence of these cases.
    """
    truth = as_classes(positive)
    values = as_scores(score, like=truth)
    if np.isnan(threshold):
        raise StatisticError("threshold is NaN; give a number on the scale of the score")
    called = values >= threshold if at_or_above else values > threshold
    tp, fp = int((called & truth).sum()), int((called & ~truth).sum())
    fn, tn = int((~called & truth).sum()), int((~called & ~truth).sum())
    counts = {"true_positive": tp, "false_positive": fp, "false_negative": fn, "true_negative": tn}
    n, m = truth.size, tp + fn
    return {
        "sensitivity": proportion(tp, tp + fn, level=level),
        "specificity": proportion(tn, tn + fp, level=level),
        "ppv": proportion(tp, tp + fp, level=level),
        "npv": proportion(tn, tn + fn, level=level),
        "accuracy": proportion(tp + tn, n, level=level),
        "likelihood_ratio_positive": _risk_ratio((tp, m), (fp, n - m), level=level),
        "likelihood_ratio_negative": _risk_ratio((fn, m), (tn, n - m), level=level),
        "diagnostic_odds_ratio": _odds_ratio(tp, fp, (fn, tn), level=level),
    } | {name: Estimate(k, NAN, NAN, n, "count", events=m) for name, k in counts.items()}


def sensitivity_at_specificity(
    positive: Labels,
    score: Numbers,
    *,
    specificity: float,
    level: float = 0.95,
    replicates: int = 2000,
    seed: int = 0,
) -> Estimate:
    """Sensitivity at the lowest observed threshold whose specificity is at least the one asked for.

    The percentile interval comes from a bootstrap stratified by class in which the threshold is found anew
    in every sample, for it is estimated from the same cases (Platt, Hanley & Yang 2000). `n` counts positives.
    """
    truth = as_classes(positive, minimum=2)
    values = as_scores(score, like=truth)
    if not 0 <= specificity <= 1:
        raise StatisticError(f"specificity is {specificity}; it must lie between 0 and 1")
    _, at_pos, at_neg = class_histogram(truth, values)
    allowed = 1 - specificity + 1e-12

    def attained(at_pos: np.ndarray, at_neg: np.ndarray) -> float:
        last = int(np.searchsorted(call_rates(at_neg), allowed, side="right")) - 1
        return float(call_rates(at_pos)[last])

    drawn = [attained(p, n) for p, n in resampled_counts(at_pos, at_neg, replicates=replicates, seed=seed)]
    low, high, se = percentiles(np.reshape(drawn, (-1, 1)), level)
    m = int(truth.sum())
    method = f"stratified bootstrap of threshold and sensitivity, {replicates} replicates, seed {seed}"
    value = attained(at_pos, at_neg)
    return Estimate(value, float(low[0]), float(high[0]), m, method, events=m, se=float(se[0]))


def mcnemar(first_correct: Labels, second_correct: Labels, *, level: float = 0.95) -> Estimate:
    """Share correct by the first test minus that by the second on the same cases, exact McNemar test.

    `p` is the two-sided binomial test of the discordant cases (McNemar 1947); the interval is the
    Clopper-Pearson interval of the first's share of them, (2 share - 1) discordant / n, so it excludes 0
    exactly when p < 1 - level. It is conditional on the number of discordant cases.
    """
    first, second = (_as_bool(x, name) for x, name in ((first_correct, "first"), (second_correct, "second")))
    if first.size != second.size or not first.size:
        raise StatisticError(
            f"first has {first.size} cases and second {second.size}; give both for each case"
        )
    only_first, only_second = int((first & ~second).sum()), int((second & ~first).sum())
    discordant, n = only_first + only_second, first.size
    if not discordant:
        return Estimate(0.0, NAN, NAN, n, "exact McNemar; no discordant cases", p=1.0)
    share = proportion(only_first, discordant, level=level)
    scale = discordant / n
    low, high = (2 * share.low - 1) * scale, (2 * share.high - 1) * scale
    method = f"exact McNemar, {only_first} against {only_second} discordant cases"
    p = _binomial_half(min(only_first, only_second), discordant)
    return Estimate((only_first - only_second) / n, low, high, n, method, p=p)


def _binomial_half(k: int, n: int) -> float:
    """Two-sided binomial test of k <= n/2 successes in n with chance one half."""
    # P(X <= k) = I_{1/2}(n - k, k + 1), the regularised incomplete beta function.
    return min(1.0, 2 * float(betainc(n - k, k + 1, 0.5)))


def _risk_ratio(among_pos: tuple[int, int], among_neg: tuple[int, int], *, level: float) -> Estimate:
    """Ratio of the share among positives to that among negatives, log-method interval (Simel et al. 1991)."""
    (a, m), (b, n) = among_pos, among_neg
    if not b:
        return _undefined(m + n, "no negative case has this test result", events=m)
    if not a:
        return Estimate(0.0, NAN, NAN, m + n, "no positive case has this result; no interval", events=m)
    return _log_interval((a / m) / (b / n), 1 / a - 1 / m + 1 / b - 1 / n, (m + n, m), level=level)


def _odds_ratio(tp: int, fp: int, missed: tuple[int, int], *, level: float) -> Estimate:
    """Diagnostic odds ratio, log-method interval (Woolf 1955; Glas et al. 2003)."""
    fn, tn = missed
    size = (tp + fp + fn + tn, tp + fn)
    if not fp * fn:
        return _undefined(size[0], "no false positives or no false negatives", events=size[1])
    if not tp * tn:
        return Estimate(0.0, NAN, NAN, size[0], "no true positives or no true negatives", events=size[1])
    return _log_interval(tp * tn / (fp * fn), 1 / tp + 1 / fp + 1 / fn + 1 / tn, size, level=level)


def _log_interval(value: float, variance: float, size: tuple[int, int], *, level: float) -> Estimate:
    """Interval of a ratio from the variance of its logarithm; `se` is that of the logarithm."""
    spread = float(np.exp(normal_quantile(level) * variance**0.5))
    return Estimate(
        value, value / spread, value * spread, size[0], "log method", events=size[1], se=variance**0.5
    )


def _undefined(n: int, why: str, *, events: int = 0) -> Estimate:
    return Estimate(NAN, NAN, NAN, n, f"not defined: {why}", events=events)


def _check_counts(successes: int, n: int) -> None:
    if int(successes) != successes or int(n) != n or not 0 <= successes <= n:
        raise StatisticError(f"{successes} successes of {n}; both must be whole, 0 <= successes <= n")


def _as_bool(values: np.ndarray, name: str) -> np.ndarray:
    array = np.asarray(values)
    if array.ndim != 1 or not np.isin(array, (0, 1)).all():
        raise StatisticError(f"{name} must be one True or False per case; it is {array.dtype} {array.shape}")
    return array.astype(bool)
