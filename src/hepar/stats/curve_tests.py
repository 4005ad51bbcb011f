"""Tests of equality of survival or cumulative incidence curves between groups."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from scipy.stats import chi2

from hepar.stats.estimate import StatisticError
from hepar.stats.followup import as_status, as_time, require_event


@dataclass(frozen=True, slots=True)
class TestResult:
    """A chi-squared statistic, its degrees of freedom and its p value."""

    # pytest would otherwise collect the class by its name
    __test__: ClassVar[bool] = False

    statistic: float
    df: int
    p: float
    method: str


def log_rank(time: np.ndarray, event: np.ndarray, group: np.ndarray) -> TestResult:
    """Log-rank test of equal survival in k >= 2 groups, labels of any type (Mantel 1966; Peto and Peto 1972).

    Observed minus expected events per group, hypergeometric covariance; chi-squared with k - 1 degrees of freedom.
    """
    times = as_time(time)
    died = as_status(event, times.size)
    require_event(died)
    member = membership(group, times.size)
    distinct, position = np.unique(times, return_inverse=True)
    deaths = _per_time(member * died, position, distinct.size)
    at_risk = _per_time(member, position, distinct.size)[:, ::-1].cumsum(axis=1)[:, ::-1]
    d, n = deaths.sum(axis=0), at_risk.sum(axis=0)
    share = at_risk / n
    score = (deaths - share * d).sum(axis=1)
    spread = d * (n - d) / np.maximum(n - 1, 1)
    covariance = np.diag((share * spread).sum(axis=1)) - (share * spread) @ share.T
    return chi_squared(score, covariance, method=f"log-rank test, {member.shape[0]} groups")


def membership(group: np.ndarray, n: int) -> np.ndarray:
    """One indicator row per group, in sorted order of the labels: (groups, n)."""
    labels = np.asarray(group)
    if labels.shape != (n,):
        raise StatisticError(
            f"group has shape {labels.shape}, time has {n} values; give one label per participant"
        )
    if labels.dtype.kind == "f" and np.isnan(labels).any():
        raise StatisticError(
            f"group is NaN for {int(np.isnan(labels).sum())} participants; drop or label them"
        )
    distinct, position = np.unique(labels, return_inverse=True)
    if distinct.size < 2:
        raise StatisticError(
            f"group holds the single value {distinct[0]!r}; a comparison needs at least two groups"
        )
    indicator: np.ndarray = (position == np.arange(distinct.size)[:, None]).astype(float)
    return indicator


def chi_squared(score: np.ndarray, covariance: np.ndarray, *, method: str) -> TestResult:
    """Quadratic form of scores that sum to zero: the last group is dropped."""
    df = score.size - 1
    try:
        statistic = float(score[:-1] @ np.linalg.solve(covariance[:-1, :-1], score[:-1]))
    except np.linalg.LinAlgError as error:
        raise StatisticError(
            "a group is never at risk at the time of an event; merge or drop that group"
        ) from error
    return TestResult(statistic, df, float(chi2.sf(statistic, df)), method)


def _per_time(rows: np.ndarray, position: np.ndarray, size: int) -> np.ndarray:
    return np.stack([np.bincount(position, weights=row, minlength=size) for row in rows])
