"""Inverse probability of censoring weights: the censoring distribution and what estimating it adds to a variance.

G(t) = P(C > t) is the Kaplan-Meier estimate of remaining uncensored. Where an event and a censoring share a time the
event comes first, so that those with an event at t are not at risk of being censored at t. An event at T is weighted
with 1 / G(T-) (just before), a participant still followed at the horizon t with 1 / G(t).
"""

from dataclasses import dataclass

import numpy as np

from hepar.stats.followup import CENSORED


@dataclass(frozen=True, slots=True)
class CensoringCurve:
    """G after each distinct time, for each set of case weights: time (k,), value (draws, k)."""

    time: np.ndarray
    value: np.ndarray

    def before(self, time: np.ndarray) -> np.ndarray:
        """G(t-): (draws, times)."""
        return self._at(np.searchsorted(self.time, time, side="left"))

    def at(self, time: np.ndarray) -> np.ndarray:
        """G(t): (draws, times)."""
        return self._at(np.searchsorted(self.time, time, side="right"))

    def _at(self, index: np.ndarray) -> np.ndarray:
        padded = np.concatenate([np.ones((self.value.shape[0], 1)), self.value], axis=1)
        return np.asarray(padded[:, index])


def censoring_survival(
    time: np.ndarray, status: np.ndarray, *, weights: np.ndarray | None = None
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


def inverse(probability: np.ndarray) -> np.ndarray:
    """1 / p, and 0 where p is 0 (no participant of that draw is left to carry such a weight)."""
    out = np.zeros(probability.shape)
    return np.divide(1.0, probability, out=out, where=probability > 0)
