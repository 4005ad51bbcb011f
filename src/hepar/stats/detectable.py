"""What a paired difference of this precision could have shown: power, smallest effect, size needed.

All follow from the standard error of the difference alone, by the normal distribution. It is taken from the data, so
the variances and the correlation of the two scores are those observed; it is the same under every assumed effect,
which is an approximation near an AUC of 1. Power is asked for effects stated beforehand, never for the one observed,
which would only repeat its p (Hoenig & Heisey 2001, Am Stat 55:19).
"""

from dataclasses import dataclass
from math import ceil, sqrt

import numpy as np
from scipy.special import ndtr, ndtri

from .arrays import Bools, ScoreRows
from .discrimination import auc_difference
from .estimate import StatisticError, normal_quantile


def noninferiority_power(se: float, *, margin: float, true: float = 0.0, level: float = 0.95) -> float:
    """Chance that the lower limit of the interval lies above -margin, if the `true` difference is so.

    Phi((true + margin) / se - z).

    >>> round(noninferiority_power(0.025, margin=0.05), 2)
    0.52
    """
    _positive(se=se, margin=margin)
    return float(ndtr((true + margin) / se - normal_quantile(level)))


def superiority_power(se: float, *, true: float, level: float = 0.95) -> float:
    """Chance that the interval excludes 0, on either side, if the `true` difference is so."""
    _positive(se=se)
    z = normal_quantile(level)
    return float(ndtr(true / se - z) + ndtr(-true / se - z))


def smallest_difference(se: float, *, power: float = 0.8, level: float = 0.95) -> float:
    """The true difference that is found with `power`: (z + z_power) se.

    >>> round(smallest_difference(0.025), 3)
    0.07
    """
    _positive(se=se)
    return se * _sum_of_quantiles(power, level)


def size_needed(se: float, *, n: int, effect: float, power: float = 0.8, level: float = 0.95) -> int:
    """Observations needed where `n` gave `se`: n ((z + z_power) se / effect)^2, rounded up.

    `effect` is the margin of non-inferiority between equals, or the difference to be found; prevalence, variances and
    the number of units a participant stay as they are.
    """
    _positive(se=se, effect=abs(effect), n=n)
    return ceil(n * (_sum_of_quantiles(power, level) * se / effect) ** 2)


def _sum_of_quantiles(power: float, level: float) -> float:
    if not 0.5 <= power < 1:
        raise StatisticError(f"power is {power}; it must lie between 0.5 and 1, e.g. 0.8")
    return normal_quantile(level) + float(ndtri(power))


def _positive(**named: float) -> None:
    for name, value in named.items():
        if not value > 0:
            raise StatisticError(f"{name} is {value}; it must be above 0")


@dataclass(frozen=True, slots=True)
class Planned:
    """What `draws` simulated studies found."""

    se: float
    """Mean standard error of the difference of the AUCs."""
    noninferior: float
    """Share whose lower limit is above -margin."""
    superior: float
    """Share whose lower limit is above 0."""
    draws: int


def binormal_power(
    auc: float,
    versus: float,
    *,
    n: int,
    prevalence: float,
    correlation: float,
    margin: float,
    draws: int = 1000,
    seed: int = 0,
) -> Planned:
    """Power of a paired study of two tests before there are data, by simulation with the paired DeLong interval.

    Scores are normal with variance 1 in both classes and `correlation` within a class; the classes lie
    sqrt(2) probit(AUC) apart (binormal model). Each of `n` participants has the outcome with chance `prevalence`.
    Studies with fewer than two participants of a class are drawn anew.

    Raises:
        StatisticError: for an AUC, prevalence or correlation outside its range, or fewer than eight participants.
    """
    inside = min(auc, versus, prevalence) > 0 and max(auc, versus, prevalence) < 1
    if not inside or not -1 < correlation < 1 or n < 8:
        raise StatisticError(
            f"auc {auc}, versus {versus}, prevalence {prevalence} must lie between 0 and 1, correlation {correlation}"
            f" between -1 and 1, and n {n} must be 8 or more"
        )
    _positive(margin=margin, draws=draws)
    rng = np.random.default_rng(seed)
    shift = sqrt(2) * ndtri(np.array([auc, versus]))
    found = [
        auc_difference(*_study(rng, n, prevalence=prevalence, shift=shift, correlation=correlation))
        for _ in range(draws)
    ]
    low = np.array([one.low for one in found])
    return Planned(
        se=float(np.mean([one.se for one in found])),
        noninferior=float(np.mean(low > -margin)),
        superior=float(np.mean(low > 0)),
        draws=draws,
    )


def _study(
    rng: np.random.Generator, n: int, *, prevalence: float, shift: np.ndarray, correlation: float
) -> tuple[Bools, ScoreRows, ScoreRows]:
    truth = rng.random(n) < prevalence
    while not 2 <= truth.sum() <= n - 2:
        truth = rng.random(n) < prevalence
    shared, own = rng.standard_normal(n), rng.standard_normal(n)
    second = correlation * shared + sqrt(1 - correlation**2) * own
    return truth, shared + shift[0] * truth, second + shift[1] * truth
