"""How many participants are needed to develop a prediction model (Riley et al. 2019, 2020)."""

from collections.abc import Callable
from dataclasses import dataclass
from math import ceil, exp, expm1, log, log1p, sqrt

import numpy as np
from scipy.special import ndtri
from scipy.stats import chi2
from scipy.stats import t as student

from .estimate import StatisticError, normal_quantile

QUADRATURE_NODES = 100
"""Gauss-Hermite nodes; 60 and 200 give the same R2 to ten digits for C up to 0.99."""

LARGEST_SAMPLE = 10**9
"""No criterion is searched beyond this many participants."""


@dataclass(frozen=True, slots=True)
class SampleSize:
    """The smallest sample that meets every criterion.

    `criteria` pairs the name of each with its n; `n` is the largest. `events` and `events_per_parameter` are
    those expected at `n` (for a continuous outcome, every participant counts as one).
    """

    n: int
    criteria: tuple[tuple[str, int], ...]
    events: int
    events_per_parameter: float
    r2: float
    max_r2: float


def sample_size_binary(
    *,
    parameters: int,
    prevalence: float,
    r2_cs: float | None = None,
    c_statistic: float | None = None,
    shrinkage: float = 0.9,
    optimism: float = 0.05,
    margin: float = 0.05,
) -> SampleSize:
    """Participants needed to develop a model of a binary outcome (Riley et al. 2019, part II; BMJ 2020).

    Criteria: expected shrinkage; optimism in Nagelkerke's R2; precision of the overall risk.

    Args:
        parameters: candidate predictor parameters, not predictors: a factor of four levels counts three.
        prevalence: expected share of participants with the outcome.
        r2_cs: expected Cox-Snell R2 after adjustment for optimism; or give
        c_statistic: an expected AUC, turned into R2 by `r2_of_c_statistic`.
        shrinkage: least expected shrinkage factor.
        optimism: largest difference of apparent and adjusted Nagelkerke R2.
        margin: largest half-width of the 95 % interval of the overall risk.

    >>> sample_size_binary(parameters=24, prevalence=0.174, r2_cs=0.288).n
    662
    """
    _within("prevalence", prevalence)
    if (r2_cs is None) == (c_statistic is None):
        raise StatisticError(
            f"r2_cs is {r2_cs} and c_statistic is {c_statistic}; give exactly one of the two"
        )
    r2 = r2_of_c_statistic(c_statistic, prevalence=prevalence) if c_statistic is not None else r2_cs
    assert r2 is not None
    max_r2 = -expm1(2 * (prevalence * log(prevalence) + (1 - prevalence) * log1p(-prevalence)))
    criteria = (
        ("shrinkage", _n_for_shrinkage(parameters, shrinkage, r2=r2, max_r2=max_r2)),
        ("optimism", _n_for_shrinkage(parameters, r2 / (r2 + optimism * max_r2), r2=r2, max_r2=max_r2)),
        ("overall risk", ceil((normal_quantile(0.95) / margin) ** 2 * prevalence * (1 - prevalence))),
    )
    return _largest(criteria, parameters=parameters, events_per_person=prevalence, r2=(r2, max_r2))


def sample_size_survival(
    *,
    parameters: int,
    r2_cs: float,
    rate: float,
    horizon_y: float,
    mean_follow_up_y: float,
    shrinkage: float = 0.9,
    optimism: float = 0.05,
    margin: float = 0.05,
) -> SampleSize:
    """Participants needed to develop a model of a time to event (Riley et al. 2019, part II).

    Criteria as for a binary outcome; the overall risk is that at `horizon_y` under a constant `rate` of
    events per person-year, and its half-width is the wider, lower side where that side exists.

    >>> sample_size_survival(parameters=30, r2_cs=0.051, rate=0.065, horizon_y=2, mean_follow_up_y=2.07).n
    5143
    """
    for name, value in (("rate", rate), ("horizon_y", horizon_y), ("mean_follow_up_y", mean_follow_up_y)):
        _positive(name, value)
    share = rate * mean_follow_up_y
    max_r2 = -expm1(2 * (share * log(share) - share))
    criteria = (
        ("shrinkage", _n_for_shrinkage(parameters, shrinkage, r2=r2_cs, max_r2=max_r2)),
        (
            "optimism",
            _n_for_shrinkage(parameters, r2_cs / (r2_cs + optimism * max_r2), r2=r2_cs, max_r2=max_r2),
        ),
        ("overall risk", ceil(_years_for_risk(rate, horizon_y, margin) / mean_follow_up_y)),
    )
    return _largest(criteria, parameters=parameters, events_per_person=share, r2=(r2_cs, max_r2))


def sample_size_continuous(
    *,
    parameters: int,
    r2: float,
    mean: float,
    sd: float,
    shrinkage: float = 0.9,
    optimism: float = 0.05,
    ratio: float = 1.1,
) -> SampleSize:
    """Participants needed to develop a model of a continuous outcome (Riley et al. 2019, part I).

    Criteria: expected shrinkage; optimism in R2; the residual standard deviation and the `mean` outcome each
    within the multiplicative margin `ratio` (95 %). `r2` is the expected adjusted R2, `sd` of the outcome.

    >>> sample_size_continuous(parameters=25, r2=0.2, mean=1.9, sd=0.6).n
    918
    """
    _within("r2", r2)
    _within("shrinkage", shrinkage)
    for name, value in (
        ("parameters", parameters),
        ("sd", sd),
        ("|mean|", abs(mean)),
        ("ratio - 1", ratio - 1),
    ):
        _positive(name, value)
    residual = sd * sqrt(1 - r2)

    def shrunk(n: int) -> bool:
        apparent = (r2 * (n - parameters - 1) + parameters) / (n - 1)
        return 1 + (parameters - 2) / (n * log(1 - apparent)) >= shrinkage

    def known_spread(n: int) -> bool:
        left = n - parameters - 1
        return sqrt(max(chi2.ppf(0.975, left) / left, left / chi2.ppf(0.025, left))) <= ratio

    def known_mean(n: int) -> bool:
        reach = student.ppf(0.975, n - parameters - 1) * residual / sqrt(n)
        return bool(reach <= (ratio - 1) * abs(mean))

    criteria = (
        ("shrinkage", _smallest(shrunk, above=parameters + 1)),
        ("optimism", ceil(1 + parameters * (1 - r2) / optimism)),
        ("residual standard deviation", _smallest(known_spread, above=parameters + 1)),
        ("mean", _smallest(known_mean, above=parameters + 1)),
    )
    return _largest(criteria, parameters=parameters, events_per_person=1.0, r2=(r2, 1.0))


def expected_shrinkage(n: int, *, parameters: int, r2_cs: float) -> float:
    """The shrinkage factor S that solves n = p / ((S - 1) ln(1 - r2_cs / S)) (Riley et al. 2019, part II).

    `r2_cs` is adjusted for optimism. With the apparent R2, S = 1 + p / (n ln(1 - R2_app)), R2_app = r2_cs / S.
    """
    _within("r2_cs", r2_cs)
    _positive("n", n)
    _positive("parameters", parameters)

    # n grows with S from 0 at S = r2_cs to infinity at S = 1, so bisection finds the only root.
    low, high = r2_cs, 1.0
    while low < (middle := (low + high) / 2) < high:
        needed = parameters / ((middle - 1) * log1p(-r2_cs / middle))
        low, high = (middle, high) if needed <= n else (low, middle)
    return low


def r2_of_c_statistic(c_statistic: float, *, prevalence: float) -> float:
    """Cox-Snell R2 of a model with this C statistic (Riley, Van Calster & Collins 2021), exactly.

    The linear predictor is normal with equal variance in both outcome groups; the expected log-likelihood,
    which the paper simulates, is integrated by Gauss-Hermite quadrature.

    >>> round(r2_of_c_statistic(0.85, prevalence=0.174), 4)
    0.2305
    """
    _within("prevalence", prevalence)
    if not 0.5 < c_statistic < 1:
        raise StatisticError(f"c_statistic is {c_statistic}; it must lie between 0.5 and 1")
    nodes, weights = np.polynomial.hermite_e.hermegauss(QUADRATURE_NODES)
    weights = weights / weights.sum()
    apart = sqrt(2) * float(ndtri(c_statistic))
    odds = log(prevalence) - log1p(-prevalence)

    def mean_log_loss(sign: int) -> float:
        linear = odds + apart * nodes + sign * apart**2 / 2
        return float(weights @ np.logaddexp(0, -sign * linear))

    fitted = -prevalence * mean_log_loss(1) - (1 - prevalence) * mean_log_loss(-1)
    null = prevalence * log(prevalence) + (1 - prevalence) * log1p(-prevalence)
    return -expm1(2 * (null - fitted))


def _n_for_shrinkage(parameters: int, shrinkage: float, *, r2: float, max_r2: float) -> int:
    _positive("parameters", parameters)
    _within("shrinkage", shrinkage)
    if not 0 < r2 < min(max_r2, shrinkage):
        raise StatisticError(
            f"Cox-Snell R2 is {r2:.6g}; it must lie between 0 and {min(max_r2, shrinkage):.4g}, "
            f"the smaller of its maximum at this outcome frequency and the shrinkage factor"
        )
    return ceil(parameters / ((shrinkage - 1) * log1p(-r2 / shrinkage)))


def _years_for_risk(rate: float, horizon_y: float, margin: float) -> float:
    """Person-years for which the 95 % interval of 1 - exp(-rate horizon) stays within `margin` of it."""
    _within("margin", margin)
    free = exp(-rate * horizon_y)
    bounds = [-log(free + side * margin) / horizon_y for side in (-1, 1) if 0 < free + side * margin < 1]
    if not bounds:
        raise StatisticError(f"margin is {margin}; at a risk of {1 - free:.3g} it allows any estimate")
    return rate * (normal_quantile(0.95) / min(abs(bound - rate) for bound in bounds)) ** 2


def _smallest(holds: Callable[[int], bool], *, above: int) -> int:
    """The smallest n beyond `above` from which `holds` (which stays true once it is)."""
    low, high = above, above + 1
    while not holds(high):
        low, high = high, 2 * high
        if high > LARGEST_SAMPLE:
            raise StatisticError(f"no sample up to {LARGEST_SAMPLE} meets the criterion; relax the margins")
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if holds(middle) else (middle, high)
    return high


def _largest(
    criteria: tuple[tuple[str, int], ...],
    *,
    parameters: int,
    events_per_person: float,
    r2: tuple[float, float],
) -> SampleSize:
    n = max(size for _, size in criteria)
    events = n * events_per_person
    return SampleSize(n, criteria, ceil(events), events / parameters, *r2)


def _within(name: str, value: float) -> None:
    if not 0 < value < 1:
        raise StatisticError(f"{name} is {value}; it must lie between 0 and 1")


def _positive(name: str, value: float) -> None:
    if not value > 0:
        raise StatisticError(f"{name} is {value}; it must be positive")
