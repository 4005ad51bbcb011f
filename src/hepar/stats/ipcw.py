"""Inverse probability of censoring weights: the censoring distribution and what estimating it adds to a variance.

G(t) = P(C > t) is the Kaplan-Meier estimate of remaining uncensored. Where an event and a censoring share a time the
event comes first, so that those with an event at t are not at risk of being censored at t. An event at T is weighted
with 1 / G(T-) (just before), a participant still followed at the horizon t with 1 / G(t).
"""

from dataclasses import dataclass

import numpy as np

from .arrays import (
    CaseWeights,
    DrawWeights,
    FloatArray,
    Floats,
    Labels,
    Numbers,
    PointDraws,
    PointFloats,
    Points,
)
from .estimate import StatisticError
from .followup import CENSORED, COMPETING, EVENT


@dataclass(frozen=True, slots=True)
class CensoringCurve:
    """G after each distinct time, for each set of case weights: time (k,), value (draws, k)."""

    time: PointFloats
    value: PointDraws

    def before(self, time: Points) -> PointDraws:
        """G(t-): (draws, times)."""
        return self._at(np.searchsorted(self.time, time, side="left"))

    def at(self, time: Points) -> PointDraws:
        """G(t): (draws, times)."""
        return self._at(np.searchsorted(self.time, time, side="right"))

    def _at(self, index: np.ndarray) -> np.ndarray:
        padded = np.concatenate([np.ones((self.value.shape[0], 1)), self.value], axis=1)
        return np.asarray(padded[:, index])


def censoring_survival(
    time: Numbers, status: Labels, *, weights: CaseWeights | None = None
) -> CensoringCurve:
    """Kaplan-Meier estimate of G with case weights (draws, n), by default a single draw of ones."""
    cases = np.ones((1, time.size)) if weights is None else weights
    order = np.argsort(time, kind="stable")
    distinct, first = np.unique(time[order], return_index=True)
    sorted_cases = cases[:, order]
    censored = status[order] == CENSORED
    leaving = np.add.reduceat(sorted_cases, first, axis=1)
    lost = np.add.reduceat(sorted_cases * censored, first, axis=1)
    at_risk = leaving[:, ::-1].cumsum(axis=1)[:, ::-1] - (leaving - lost)
    hazard = np.divide(lost, at_risk, out=np.zeros_like(lost), where=at_risk > 0)
    return CensoringCurve(distinct, np.cumprod(1 - hazard, axis=1))


def inverse(probability: FloatArray) -> FloatArray:
    """1 / p, and 0 where p is 0 (no participant of that draw is left to carry such a weight)."""
    out = np.zeros(probability.shape)
    np.divide(1.0, probability, out=out, where=probability > 0)
    return out


@dataclass(frozen=True, slots=True)
class HorizonWeights:
    """Weights (draws, n) at a horizon t of those whose state there is known, by state; 0 for all others.

    `event` and `competing` before or at t; `free` still followed after t. Those censored up to t weigh nothing; the
    weights of a draw add up to its case weights.
    """

    event: DrawWeights
    competing: DrawWeights
    free: DrawWeights


def horizon_weights(
    time: Numbers, status: Labels, *, horizon_y: float, weights: CaseWeights | None = None
) -> HorizonWeights:
    """Inverse probability of censoring weights at `horizon_y` (Graf 1999; Uno 2007), times the case weights."""
    cases = np.ones((1, time.size)) if weights is None else weights
    censoring = censoring_survival(time, status, weights=cases)
    past = cases * inverse(censoring.before(time)) * (time <= horizon_y)
    free = cases * inverse(censoring.at(np.array([horizon_y]))) * (time > horizon_y)
    return HorizonWeights(past * (status == EVENT), past * (status == COMPETING), free)


def censoring_influence(time: Numbers, status: Labels, *, horizon_y: float, gradient: Numbers) -> Floats:
    """What estimating G adds to each participant's influence (n,) on a statistic of the horizon weights.

    `gradient` (n,) is the derivative of the statistic in the logarithm of each weight. With Q(u) its sum over those
    with T > u and h(u) the censoring hazard c(u) / Y(u), participant k gets the sum over censoring times u <= t of
    Q(u) / (Y(u) (1 - h(u))) times (1[k censored at u] - h(u) 1[k at risk of it]): the infinitesimal jackknife of the
    Kaplan-Meier estimate of G (Blanche 2013; Efron 1981).
    """
    distinct, position = np.unique(time, return_inverse=True)
    k = distinct.size
    lost = np.bincount(position, weights=status == CENSORED, minlength=k)
    leaving = np.bincount(position, minlength=k)
    at_risk = leaving[::-1].cumsum()[::-1] - (leaving - lost)
    own = np.bincount(position, weights=gradient, minlength=k)
    pull = own[::-1].cumsum()[::-1] - own
    use = (distinct <= horizon_y) & (lost > 0) & (at_risk > lost)
    rate = np.divide(pull, at_risk - lost, out=np.zeros(k), where=use)
    compensator = np.cumsum(rate * np.divide(lost, at_risk, out=np.zeros(k), where=at_risk > 0))
    earlier = np.concatenate([[0.0], compensator[:-1]])
    censored = status == CENSORED
    return np.where(censored, rate[position] - compensator[position], -earlier[position])


def require_horizon(time: Numbers, status: Labels, *, horizon_y: float) -> None:
    """Refuse a horizon that nobody was followed to, or before which no event of interest was seen."""
    longest = time.max()
    if not 0 < horizon_y <= longest:
        raise StatisticError(
            f"horizon is {horizon_y:g}, the longest follow-up {longest:g}; choose a positive horizon up to that"
        )
    events = time[status == EVENT]
    if not np.any(events <= horizon_y):
        first = f"the first is at {events.min():g}" if events.size else "there is none at all"
        raise StatisticError(
            f"no event of interest up to the horizon {horizon_y:g}: {first}; choose a later horizon"
        )
