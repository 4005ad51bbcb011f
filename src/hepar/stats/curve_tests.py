"""Tests of equality of survival or cumulative incidence curves between groups."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from scipy.stats import chi2

from .arrays import GroupCovariance, GroupFloats, Labels, Memberships, Numbers
from .estimate import StatisticError
from .followup import CENSORED, COMPETING, EVENT, as_status, as_time, require_event


@dataclass(frozen=True, slots=True)
class TestResult:
    """A chi-squared statistic, its degrees of freedom and its p value."""

    # pytest would otherwise collect the class by its name
    __test__: ClassVar[bool] = False

    statistic: float
    df: int
    p: float
    method: str


def log_rank(time: Numbers, event: Labels, group: Labels) -> TestResult:
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


def gray_test(time: Numbers, status: Labels, group: Labels) -> TestResult:
    """Gray's test of equal cumulative incidence of the event of interest in k >= 2 groups (Gray 1988, rho = 0).

    Compares subdistribution hazards: with h_k = Y_k / S_k(t-) and R_k = h_k (1 - F_k(t-)), group k scores the sum of
    d_k - d R_k / R. Covariance from the two martingales of each group (section 3 there), ties as in `cmprsk::cuminc`.
    """
    times = as_time(time)
    codes = as_status(status, times.size, allowed=(CENSORED, EVENT, COMPETING))
    require_event(codes)
    counts = _group_counts(times, codes, membership(group, times.size))
    scaled = counts.at_risk / np.where(counts.before > 0, counts.before, 1.0)
    subdistribution = scaled * (1 - counts.incidence_before)
    events = counts.events.sum(axis=0)
    score = (counts.events - events * subdistribution / subdistribution.sum(axis=0)).sum(axis=1)
    method = f"Gray's test, {score.size} groups"
    return chi_squared(score, _gray_covariance(counts, scaled, events), method=method)


@dataclass(frozen=True, slots=True)
class _GroupCounts:
    """Per group and distinct event time (groups, k); `before`, `after`: overall survival S(t-), S(t)."""

    at_risk: np.ndarray
    events: np.ndarray
    competing: np.ndarray
    before: np.ndarray
    after: np.ndarray
    incidence_before: np.ndarray


def _group_counts(time: np.ndarray, status: np.ndarray, member: np.ndarray) -> _GroupCounts:
    distinct, position = np.unique(time, return_inverse=True)
    at_risk = _per_time(member, position, distinct.size)[:, ::-1].cumsum(axis=1)[:, ::-1]
    events, competing = (
        _per_time(member * (status == code), position, distinct.size) for code in (EVENT, COMPETING)
    )
    safe = np.maximum(at_risk, 1)
    after = np.cumprod(1 - (events + competing) / safe, axis=1)
    before = _shift(after, first=1.0)
    incidence_before = _shift(np.cumsum(before * events / safe, axis=1), first=0.0)
    keep = (events + competing).any(axis=0)
    columns = (at_risk, events, competing, before, after, incidence_before)
    return _GroupCounts(*(values[:, keep] for values in columns))


def _gray_covariance(counts: _GroupCounts, scaled: np.ndarray, events: np.ndarray) -> np.ndarray:
    """Sum over groups and times of the squared influences on the score of each group's two martingales."""
    total = scaled.sum(axis=0)
    jump = events / total
    pooled = 1 - np.cumsum(jump)
    # influence of an event in group k (second axis) on the score of group i (first axis), before compensation
    direct = scaled[:, None] * (np.eye(scaled.shape[0])[:, :, None] - scaled / total)
    running = np.cumsum(direct * jump / _shift(pooled[None], first=1.0), axis=2)
    remaining = running[:, :, -1:] - running
    ratio = np.divide(pooled, counts.after, out=np.zeros_like(scaled), where=counts.after > 0)
    at_risk = np.maximum(counts.at_risk, 1)
    active = counts.at_risk > 0
    tied = _tie_factor(events, total * counts.before)
    own = np.where(active, tied * counts.before * jump / at_risk, 0.0)
    tied = _tie_factor(counts.competing, counts.at_risk)
    other = np.where(counts.after > 0, tied * counts.before**2 * counts.competing / at_risk**2, 0.0)
    own_influence = direct + (1 - ratio) * remaining
    other_influence = ratio * remaining
    covariance = np.einsum("ikt,jkt,kt->ij", own_influence, own_influence, own)
    covariance += np.einsum("ikt,jkt,kt->ij", other_influence, other_influence, other)
    return np.asarray(covariance)


def _tie_factor(count: np.ndarray, at_risk: np.ndarray) -> np.ndarray:
    """Hypergeometric correction 1 - (d - 1) / (n - 1) where several events share a time."""
    several = (count > 1) & (at_risk > 1)
    excess = np.divide(count - 1, at_risk - 1, out=np.zeros(at_risk.shape), where=several)
    return np.asarray(1 - excess)


def _shift(values: np.ndarray, *, first: float) -> np.ndarray:
    """The values just before each time."""
    return np.concatenate([np.full((values.shape[0], 1), first), values[:, :-1]], axis=1)


def membership(group: Labels, n: int) -> Memberships:
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


def chi_squared(score: GroupFloats, covariance: GroupCovariance, *, method: str) -> TestResult:
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
