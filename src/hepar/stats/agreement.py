"""How closely two continuous measurements of the same subjects go together, and agree.

Correlation asks whether they rank or line up alike; concordance and limits of agreement ask whether they give
the same value. All arrays are paired by position.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import stats

from .arrays import CountArray, FloatArray, Labels, Numbers
from .estimate import Estimate, StatisticError, as_finite, normal_quantile

LimitInterval = Literal["exact", "approximate"]

FEWEST = 4
"""Pairs below which Fisher's z has no standard error."""

SHARE_WITHIN_LIMITS = 0.95
"""Share of differences between the limits of agreement, if normal (Bland & Altman 1986)."""


@dataclass(frozen=True, slots=True)
class BlandAltman:
    """Mean difference (first - second), limits of agreement, and slope of the difference on the mean."""

    bias: Estimate
    lower: Estimate
    upper: Estimate
    slope: Estimate
    sd: float


def pearson(first: Numbers, second: Numbers, *, level: float = 0.95) -> Estimate:
    """Product-moment correlation; interval by Fisher's z, `p` by t on n - 2 (Fisher 1921).

    `se` is (1 - r^2) / sqrt(n - 3).
    """
    pair = paired(first=first, second=second)
    r = correlation(*pair)
    return _fisher(r, pair[0].size, spread=1.0, level=level, method="Pearson correlation, Fisher z")


def spearman(first: Numbers, second: Numbers, *, level: float = 0.95) -> Estimate:
    """Rank correlation, ties sharing their mean rank.

    Interval by Fisher's z with variance (1 + r^2 / 2) / (n - 3) (Bonett & Wright 2000, Psychometrika 65:23);
    `p` by t on n - 2.
    """
    pair = paired(first=first, second=second)
    r = correlation(*(stats.rankdata(values) for values in pair))
    method = "Spearman correlation, Fisher z with Bonett-Wright variance"
    return _fisher(r, pair[0].size, spread=1 + r**2 / 2, level=level, method=method)


def paired(**named: np.ndarray) -> list[FloatArray]:
    """The arrays as floats; refuses other lengths, fewer than `FEWEST`, NaN, and one without spread."""
    arrays = [as_finite(values, name=name) for name, values in named.items()]
    sizes = [values.size for values in arrays]
    if len(set(sizes)) > 1:
        raise StatisticError(
            f"{', '.join(named)} hold {sizes} values; they must be paired, one each per subject"
        )
    if sizes[0] < FEWEST:
        raise StatisticError(f"{sizes[0]} subjects are too few; at least {FEWEST} are needed")
    for name, values in zip(named, arrays, strict=True):
        if np.ptp(values) == 0:
            raise StatisticError(
                f"{name} is {values[0]:g} in every subject; without spread nothing is correlated"
            )
    return arrays


def correlation(first: FloatArray, second: FloatArray) -> float:
    """Product-moment correlation of two arrays with spread, within -1 and 1."""
    left, right = first - first.mean(), second - second.mean()
    r = float((left / np.linalg.norm(left)) @ (right / np.linalg.norm(right)))
    return min(1.0, max(-1.0, r))


def _fisher(r: float, n: int, *, spread: float, level: float, method: str) -> Estimate:
    """Interval of tanh(atanh r -+ z sqrt(spread / (n - 3))); a perfect correlation has no width."""
    se = (1 - r**2) * float(np.sqrt(spread / (n - 3)))
    low, high = fisher_limits(r, float(np.sqrt(spread / (n - 3))), level)
    p = _t_test(r, float(np.sqrt((1 - r**2) / (n - 2))), n - 2)
    return Estimate(r, low, high, n, method, p, se=se)


def fisher_limits(r: float, se: float, level: float) -> tuple[float, float]:
    """Interval of a correlation whose Fisher transform has standard error `se`."""
    half = normal_quantile(level) * se
    if abs(r) == 1:
        return r, r
    return float(np.tanh(np.arctanh(r) - half)), float(np.tanh(np.arctanh(r) + half))


def _t_test(value: float, se: float, df: float) -> float:
    if se == 0:
        return float(value == 0)
    return 2 * float(stats.t.sf(abs(value) / se, df))


def concordance_correlation(first: Numbers, second: Numbers, *, level: float = 0.95) -> Estimate:
    """Lin's concordance, 2 cov / (var + var + (mean difference)^2): 1 only where all values are equal.

    Variances have denominator n; the interval is Fisher's z with the corrected asymptotic variance (Lin 1989,
    Biometrics 45:255; corrected in 2000, Biometrics 56:324).
    """
    x, y = paired(first=first, second=second)
    n, r, product = x.size, correlation(x, y), float(x.std() * y.std())
    shift = (x.mean() - y.mean()) ** 2 / product
    accuracy = 2 / (x.std() / y.std() + y.std() / x.std() + shift)
    rho = float(r * accuracy)
    variance = (
        (1 - r**2) * accuracy**2 * (1 - rho**2)
        + 2 * rho**2 * (1 - rho) * accuracy * shift
        - (rho * accuracy * shift) ** 2 / 2
    ) / (n - 2)
    se = float(np.sqrt(max(variance, 0.0)))
    low, high = fisher_limits(rho, se / (1 - rho**2) if abs(rho) < 1 else 0.0, level)
    return Estimate(rho, low, high, n, "Lin concordance correlation, Fisher z", se=se)


def bland_altman(
    first: Numbers, second: Numbers, *, level: float = 0.95, interval: LimitInterval = "exact"
) -> BlandAltman:
    """Bias and 95 % limits of agreement of two methods, one pair per subject (Bland & Altman 1986).

    Bias and slope have t intervals and tests of zero. The limits bias -+ 1.96 sd have intervals by the
    noncentral t, "exact" (Carkeet 2015, Optom Vis Sci 92:e71), or bias -+ 1.96 sd -+ t se with
    se = sd sqrt(1/n + 1.96^2 / (2 (n - 1))), "approximate" (Bland & Altman 1999).
    """
    x, y = paired(first=first, second=second)
    difference, n = x - y, x.size
    sd, mean, z = (
        float(difference.std(ddof=1)),
        float(difference.mean()),
        normal_quantile(SHARE_WITHIN_LIMITS),
    )
    se = sd * float(np.sqrt(1 / n + z**2 / (2 * (n - 1))))
    tails = np.array([(1 - level) / 2, (1 + level) / 2])
    if interval == "exact":
        near, far = sd * stats.nct.ppf(tails, n - 1, z * np.sqrt(n)) / np.sqrt(n)
    else:
        near, far = z * sd + se * stats.t.ppf(tails, n - 1)
    method = f"limit of agreement, {interval} interval"
    return BlandAltman(
        bias=_t_estimate(mean, sd / np.sqrt(n), n - 1, n=n, level=level, method="mean difference, t"),
        lower=Estimate(mean - z * sd, float(mean - far), float(mean - near), n, method, se=se),
        upper=Estimate(mean + z * sd, float(mean + near), float(mean + far), n, method, se=se),
        slope=_slope((x + y) / 2, difference, level=level),
        sd=sd,
    )


def _t_estimate(value: float, se: float, df: int, *, n: int, level: float, method: str) -> Estimate:
    normal_quantile(level)
    half = float(stats.t.ppf((1 + level) / 2, df)) * se
    return Estimate(value, value - half, value + half, n, method, _t_test(value, se, df), se=float(se))


def _slope(mean: FloatArray, difference: FloatArray, *, level: float) -> Estimate:
    method = "slope of difference on mean, least squares, t"
    centred, n = mean - mean.mean(), mean.size
    spread = float(centred @ centred)
    if spread == 0:
        return Estimate(np.nan, np.nan, np.nan, n, method)
    slope = float(centred @ difference / spread)
    residual = difference - difference.mean() - slope * centred
    se = float(np.sqrt(residual @ residual / (n - 2) / spread))
    return _t_estimate(slope, se, n - 2, n=n, level=level, method=method)


def bland_altman_repeated(
    first: Numbers, second: Numbers, participant: Labels, *, level: float = 0.95
) -> BlandAltman:
    """Bias and 95 % limits of agreement with several pairs per participant, whose true value may vary.

    With s_b^2 the variance of the participants' mean differences, s_w^2 that within participants and m the
    harmonic mean of the pairs per participant, sd^2 = s_b^2 + (1 - 1/m) s_w^2; the limits have intervals by
    variance recovery (Zou 2013, Stat Methods Med Res 22:630). Bias is the mean of participants' means, with
    t on participants - 1; the slope is that of participants' means. `n` counts participants.
    """
    x, y = paired(first=first, second=second)
    labels = np.asarray(participant)
    if labels.shape != x.shape:
        raise StatisticError(
            f"participant has shape {labels.shape} and first {x.shape}; one label per pair is needed"
        )
    index = np.unique(labels, return_inverse=True)[1]
    size, n = np.bincount(index), int(index.max()) + 1
    if n < FEWEST or n == x.size:
        raise StatisticError(
            f"{n} participants have {x.size} pairs; at least {FEWEST} participants and a second pair in some "
            "are needed: with one pair each use bland_altman"
        )
    mean, difference = (np.bincount(index, weights=values) / size for values in ((x + y) / 2, x - y))
    within = float(np.sum((x - y - difference[index]) ** 2)) / (x.size - n)
    parts = np.array([difference.var(ddof=1), (1 - np.mean(1 / size)) * within])
    bias, sd = float(difference.mean()), float(np.sqrt(parts.sum()))
    inner, outer = _recovered(parts, np.array([n - 1, x.size - n]), n=n, level=level)
    z, method = normal_quantile(SHARE_WITHIN_LIMITS), "limit of agreement, repeated pairs, Zou interval"
    low, high = bias - z * sd, bias + z * sd
    return BlandAltman(
        bias=_t_estimate(bias, np.sqrt(parts[0] / n), n - 1, n=n, level=level, method="mean of means, t"),
        lower=Estimate(low, low - outer, low + inner, n, method),
        upper=Estimate(high, high - inner, high + outer, n, method),
        slope=_slope(mean, difference, level=level),
        sd=sd,
    )


def _recovered(parts: FloatArray, df: CountArray, *, n: int, level: float) -> tuple[float, float]:
    """How far a limit's interval reaches towards the bias and away from it."""
    tail, total = (1 - level) / 2, parts.sum()
    least = total - np.sqrt(np.sum((parts * (1 - df / stats.chi2.isf(tail, df))) ** 2))
    most = total + np.sqrt(np.sum((parts * (df / stats.chi2.ppf(tail, df) - 1)) ** 2))
    mean = normal_quantile(level) ** 2 * parts[0] / n
    z2 = normal_quantile(SHARE_WITHIN_LIMITS) ** 2
    inner, outer = (
        np.sqrt(mean + z2 * (np.sqrt(end) - np.sqrt(total)) ** 2) for end in (max(least, 0.0), most)
    )
    return float(inner), float(outer)
