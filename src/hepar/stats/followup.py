"""What a time-to-event outcome must look like before any statistic is computed from it.

Conventions of every survival module: `time` (n,) is positive, in years unless the caller says otherwise; `status` (n,)
is 0 censored, 1 event of interest, 2 competing event; `risk` (n,) is higher for an earlier event. Where an event and a
censoring share a time, the event comes first (the censored subject was still at risk).
"""

from dataclasses import dataclass

import numpy as np

from .arrays import CodeCounts, Codes, Floats, Labels, Numbers, PointCounts, PointFloats
from .estimate import StatisticError, as_finite

CENSORED, EVENT, COMPETING = 0, 1, 2


def as_time(time: Numbers) -> Floats:
    """`time` as floats; refuses NaN, infinity, zero and negative follow-up, naming the first."""
    array = as_finite(time, name="time")
    if array.size == 0:
        raise StatisticError("time is empty; at least one participant is needed")
    bad = np.flatnonzero(array <= 0)
    if bad.size:
        raise StatisticError(
            f"time is {array[bad[0]]} at position {bad[0]} ({bad.size} such in all); follow-up must be positive: "
            "exclude participants whose event precedes time zero, or add half a day to events on the first day"
        )
    return array


def as_status(status: Labels, n: int, *, allowed: tuple[int, ...] = (CENSORED, EVENT)) -> Codes:
    """`status` as integers out of `allowed`, of length `n`."""
    array = as_finite(status, name="status")
    _same_length(array, n, name="status")
    bad = np.flatnonzero(~np.isin(array, allowed))
    if bad.size:
        raise StatisticError(
            f"status is {array[bad[0]]:g} at position {bad[0]} ({bad.size} such in all); allowed here are "
            f"{', '.join(map(str, allowed))} (0 censored, 1 event of interest, 2 competing event)"
        )
    return array.astype(int)


def as_score(values: Numbers, n: int, *, name: str = "risk") -> Floats:
    """A finite score of length `n`."""
    array = as_finite(values, name=name)
    _same_length(array, n, name=name)
    return array


def as_probability(values: Numbers, n: int, *, name: str = "probability") -> Floats:
    """A score of length `n` that lies within [0, 1]."""
    array = as_score(values, n, name=name)
    bad = np.flatnonzero((array < 0) | (array > 1))
    if bad.size:
        raise StatisticError(
            f"{name} is {array[bad[0]]} at position {bad[0]}; a probability lies within 0 and 1"
        )
    return array


def require_event(status: Labels, *, cause: int = EVENT) -> None:
    """Refuse an outcome without a single event of the `cause`."""
    if not np.any(status == cause):
        raise StatisticError(
            f"no event of cause {cause} among {status.size} participants; nothing can be estimated"
        )


def _same_length(array: np.ndarray, n: int, *, name: str) -> None:
    if array.size != n:
        raise StatisticError(f"{name} has {array.size} values, time has {n}; give one per participant")


@dataclass(frozen=True, slots=True)
class EventTable:
    """Counts at each distinct follow-up time, ascending: (k,) and, by status code, (codes, k)."""

    time: PointFloats
    at_risk: PointCounts
    count: CodeCounts


def event_table(time: Floats, status: Codes, *, codes: int = 3) -> EventTable:
    """At risk just before, and number per status code at, each distinct time."""
    distinct, position = np.unique(time, return_inverse=True)
    flat = np.bincount(status * distinct.size + position, minlength=codes * distinct.size)
    count = flat.reshape(codes, distinct.size)
    leaving = count.sum(axis=0)
    return EventTable(distinct, leaving[::-1].cumsum()[::-1], count)
