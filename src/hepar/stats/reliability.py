"""How noise in the reference standard lowers a correlation with it.

A reference X = T + E of reliability rho = var(T) / var(X), with E independent of everything, correlates with any test
sqrt(rho) times as well as the truth T does (Spearman 1904, Am J Psychol 15:72). Stiffness is log-normal in good
approximation, so its reliability is best taken on the logarithm.
"""

from dataclasses import replace

import numpy as np

from .arrays import Numbers
from .estimate import Estimate, StatisticError, as_finite
from .intraclass import icc

IQR_OF_NORMAL = 1.3489795003921634
"""Interquartile range of a normal distribution of standard deviation 1."""


def attained_correlation(true_r: float, *, reliability: float, of_test: float = 1.0) -> float:
    """The correlation to be seen where the noiseless quantities correlate at `true_r` (Spearman 1904).

    `reliability` is that of the reference, `of_test` that of the test; with `true_r` 1 it is the highest attainable.

    >>> attained_correlation(1.0, reliability=0.81)
    0.9
    """
    if not -1 <= true_r <= 1:
        raise StatisticError(f"true_r is {true_r}; a correlation lies between -1 and 1")
    _between_0_and_1(reliability=reliability, of_test=of_test)
    return true_r * float(np.sqrt(reliability * of_test))


def disattenuated(observed: Estimate, *, reliability: float) -> Estimate:
    """`observed`, and its interval, over sqrt(reliability): the correlation with a noiseless reference.

    The reliability is taken as known, so the interval is too narrow. A value beyond 1 is kept, not cut: it says that
    the reliability is higher than stated, or that the test shares the noise of the reference.
    """
    _between_0_and_1(reliability=reliability)
    factor = 1 / float(np.sqrt(reliability))
    method = f"{observed.method}, over the root of a reliability of {reliability:.3g} taken as known (Spearman 1904)"
    if abs(observed.value * factor) > 1:
        method += "; beyond 1, so the reliability is understated or the noise is shared"
    return replace(
        observed,
        value=observed.value * factor,
        low=observed.low * factor,
        high=observed.high * factor,
        se=observed.se * factor,
        method=method,
    )


def reliability_of(measured: Numbers, *, within_sd: float) -> float:
    """1 - within_sd^2 / var(measured): the share of variance that is not noise, in this population.

    Raises:
        StatisticError: where the noise would be all the variance there is.
    """
    values = as_finite(measured, name="measured")
    if values.size < 2 or not within_sd >= 0:
        raise StatisticError(
            f"{values.size} values and within_sd {within_sd}; give 2 or more and a value >= 0"
        )
    variance = float(values.var(ddof=1))
    if not within_sd**2 < variance:
        raise StatisticError(
            f"within_sd is {within_sd:.4g}, and the measured values have SD {variance**0.5:.4g}: all their spread would"
            " be noise; check the unit and the scale (log?) of within_sd"
        )
    return 1 - within_sd**2 / variance


def reliability_of_repeats(first: Numbers, second: Numbers, *, level: float = 0.95) -> Estimate:
    """ICC(A,1) of two examinations of the same participants (McGraw & Wong 1996); give logarithms of stiffness."""
    one, two = as_finite(first, name="first"), as_finite(second, name="second")
    if one.shape != two.shape:
        raise StatisticError(
            f"first holds {one.size} values and second {two.size}; give one each per participant"
        )
    return icc(np.stack([one, two], axis=1), level=level)


def within_sd_log(iqr_over_median: Numbers, shots: Numbers) -> float:
    """SD of the logarithm of a median stiffness over repeated sets of shots, pooled over examinations.

    A shot's SD is IQR / median / 1.349, the median's sqrt(pi / (2 (shots + 0.57))) times that (large samples, normal
    shots); variances are averaged. What differs between examinations (place, operator, fasting) is not in it, so
    it is a lower bound of the noise and the reliability made of it an upper bound.
    """
    ratio, count = as_finite(iqr_over_median, name="iqr_over_median"), as_finite(shots, name="shots")
    if ratio.shape != count.shape or not ratio.size:
        raise StatisticError(
            f"iqr_over_median holds {ratio.size} values and shots {count.size}; give one each"
        )
    if np.any(ratio < 0) or np.any(count < 3):
        raise StatisticError(
            "iqr_over_median must not be negative, and every examination needs 3 shots or more"
        )
    of_shot = ratio / IQR_OF_NORMAL
    return float(np.sqrt(np.mean(of_shot**2 * np.pi / (2 * (count + np.pi / 2 - 1)))))


def _between_0_and_1(**named: float) -> None:
    for name, value in named.items():
        if not 0 < value <= 1:
            raise StatisticError(f"{name} is {value}; it must be above 0 and at most 1")
