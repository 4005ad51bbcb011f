"""Precision and power of an AUC, and how many participants a validation needs, before any data exist."""

from math import ceil, log, log1p, sqrt

import numpy as np
from scipy.optimize import brentq
from scipy.special import expit, ndtr

from .estimate import Estimate, StatisticError, normal_quantile
from .planning import QUADRATURE_NODES, SampleSize


def precision_of_auc(auc: float, *, positives: int, negatives: int, level: float = 0.95) -> Estimate:
    """The standard error and interval to expect of an AUC (Hanley & McNeil 1982).

    var = (A (1 - A) + (n+ - 1)(Q1 - A^2) + (n- - 1)(Q2 - A^2)) / (n+ n-), Q1 = A / (2 - A),
    Q2 = 2 A^2 / (1 + A). The interval is symmetric on the logit scale, so it stays within 0 and 1.

    >>> round(precision_of_auc(0.893, positives=51, negatives=58).se, 3)
    0.033
    """
    if not 0 < auc < 1:
        raise StatisticError(f"auc is {auc}; it must lie between 0 and 1")
    if positives < 1 or negatives < 1:
        raise StatisticError(f"there are {positives} positives and {negatives} negatives; both are needed")
    first, second = auc / (2 - auc) - auc**2, 2 * auc**2 / (1 + auc) - auc**2
    total = auc * (1 - auc) + (positives - 1) * first + (negatives - 1) * second
    se = sqrt(total / (positives * negatives))
    centre, reach = log(auc) - log1p(-auc), normal_quantile(level) * se / (auc * (1 - auc))
    low, high = float(expit(centre - reach)), float(expit(centre + reach))
    n = positives + negatives
    return Estimate(auc, low, high, n, "expected, Hanley-McNeil 1982, logit", events=positives, se=se)


def power_auc_difference(
    first: float, second: float, *, positives: int, negatives: int, correlation: float, alpha: float = 0.05
) -> float:
    """Power of the two-sided test that two AUCs of the same participants are equal.

    z = |A1 - A2| / sqrt(v1 + v2 - 2 r sqrt(v1 v2)), v as in `precision_of_auc` and r the `correlation` of
    the two AUC estimates (Hanley & McNeil 1983); 0 for two groups of participants. The null distribution
    has the same variance, and rejection in the wrong direction is not counted.

    >>> round(power_auc_difference(0.85, 0.75, positives=100, negatives=100, correlation=0.5), 4)
    0.8868
    """
    if not -1 < correlation < 1:
        raise StatisticError(f"correlation is {correlation}; it must lie between -1 and 1")
    one = precision_of_auc(first, positives=positives, negatives=negatives).se
    two = precision_of_auc(second, positives=positives, negatives=negatives).se
    error = sqrt(one**2 + two**2 - 2 * correlation * one * two)
    return float(ndtr(abs(first - second) / error - normal_quantile(1 - alpha)))


def smallest_auc_difference(
    auc: float, *, positives: int, negatives: int, correlation: float, power: float = 0.8, alpha: float = 0.05
) -> float:
    """The least gain over `auc` that `power_auc_difference` detects with this `power`.

    Raises:
        StatisticError: where not even a nearly perfect test would be told apart.
    """

    def excess(gain: float) -> float:
        return power - power_auc_difference(
            auc + gain, auc, positives=positives, negatives=negatives, correlation=correlation, alpha=alpha
        )

    most = (1 - auc) * (1 - 1e-9)
    if excess(most) > 0:
        raise StatisticError(
            f"{positives} positives and {negatives} negatives detect no gain over an AUC of {auc} with power "
            f"{power}; recruit more or lower the power"
        )
    return float(brentq(excess, 0, most, xtol=1e-12))


def sample_size_validation(
    *,
    prevalence: float,
    c_statistic: float,
    linear_predictor: tuple[float, float],
    slope_width: float = 0.2,
    ratio_width: float = 0.2,
    c_width: float = 0.1,
) -> SampleSize:
    """Participants needed to validate a model of a binary outcome (Riley et al. 2021, Stat Med 40:4230).

    Each criterion is the width of a 95 % interval: of the calibration slope and of O:E (both expected to
    be 1), and of the C statistic (Newcombe 2006). `linear_predictor` is its expected mean and standard
    deviation, on the logit scale, among participants to come; a normal distribution is assumed.

    Returns:
        A `SampleSize` whose events are per prevalence; R2 and events per parameter do not apply (NaN).
    """
    if not 0 < prevalence < 1 or not 0.5 < c_statistic < 1:
        raise StatisticError(
            f"prevalence is {prevalence} and c_statistic {c_statistic}; they must lie in (0, 1) and (0.5, 1)"
        )
    if min(slope_width, ratio_width, c_width, linear_predictor[1]) <= 0:
        raise StatisticError(
            f"widths are {slope_width}, {ratio_width}, {c_width} and the linear predictor has standard deviation "
            f"{linear_predictor[1]}; all must be positive"
        )
    two_sides = 2 * normal_quantile(0.95)
    # exp(h) - exp(-h) = width, h = 1.96 standard errors of ln(O:E).
    ratio_se = 2 * np.arcsinh(ratio_width / 2) / two_sides
    criteria = (
        ("O:E", ceil((1 - prevalence) / (prevalence * ratio_se**2))),
        ("calibration slope", ceil(_slope_variance(*linear_predictor) / (slope_width / two_sides) ** 2)),
        ("C statistic", _n_for_c(c_statistic, prevalence=prevalence, se=c_width / two_sides)),
    )
    n = max(size for _, size in criteria)
    return SampleSize(n, criteria, ceil(n * prevalence), np.nan, np.nan, np.nan)


def _slope_variance(mean: float, sd: float) -> float:
    """Variance of the calibration slope times n, from the unit information of a logistic model."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(QUADRATURE_NODES)
    linear = mean + sd * nodes
    chance = expit(linear)
    spread = weights / weights.sum() * chance * (1 - chance)
    inner, cross, outer = spread.sum(), spread @ linear, spread @ linear**2
    return float(inner / (inner * outer - cross**2))


def _n_for_c(c: float, *, prevalence: float, se: float) -> int:
    """The n at which the variance of C, (a + b n) / (n^2 c), meets se^2 (Newcombe 2006, method 4)."""
    ratio = (1 - c) / (2 - c) + c / (1 + c)
    scale = c * (1 - c) / (prevalence * (1 - prevalence))
    # se^2 n^2 = scale (1 + (n / 2 - 1) ratio)
    half = scale * ratio / 4
    return ceil((half + sqrt(half**2 + se**2 * scale * (1 - ratio))) / se**2)
