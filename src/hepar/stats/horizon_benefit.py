"""Net benefit at a horizon: decision curves for a time-to-event outcome."""

from dataclasses import dataclass

import numpy as np

from .arrays import CaseWeights, DrawFloats, Labels, Numbers, PointFloats, Points
from .estimate import StatisticError
from .followup import CENSORED, COMPETING, EVENT, as_probability, as_status, as_time
from .incidence import aalen_johansen
from .ipcw import horizon_weights, require_horizon
from .survival import step_values

WEIGHT_LOST = 1e-6
"""Share of the weight of those treated that may be missing at the horizon by rounding; what more is missing is lost."""


@dataclass(frozen=True, slots=True)
class HorizonBenefit:
    """A decision curve, one entry per threshold; treating nobody has net benefit 0.

    `true_positive` and `false_positive` are shares of all participants, `treat_all` the net benefit of treating
    everyone. NaN where those at or above a threshold were not followed to the horizon.
    """

    threshold: PointFloats
    net_benefit: PointFloats
    treat_all: PointFloats
    true_positive: PointFloats
    false_positive: PointFloats
    n: int
    method: str


def net_benefit_at(
    time: Numbers,
    status: Labels,
    probability: Numbers,
    *,
    thresholds: Points,
    horizon_y: float,
) -> HorizonBenefit:
    """Net benefit of treating those with a predicted probability of at least the threshold x.

    NB(x) = TP - FP x / (1 - x), with TP = F(t | p >= x) P(p >= x), FP = (1 - F(t | p >= x)) P(p >= x) and F the
    Aalen-Johansen incidence among those treated, 1 - Kaplan-Meier without competing events (Vickers 2008). Assumes
    that censoring is independent of the event among those treated.
    """
    times = as_time(time)
    codes = as_status(status, times.size, allowed=(CENSORED, EVENT, COMPETING))
    require_horizon(times, codes, horizon_y=horizon_y)
    score = as_probability(probability, times.size)
    cuts = as_probability(thresholds, np.asarray(thresholds).size, name="threshold")
    if np.any(cuts == 1):
        raise StatisticError(
            "threshold is 1, where the odds are infinite; thresholds lie within 0 and below 1"
        )
    treated = [score >= cut for cut in cuts]
    share = np.array([rows.mean() for rows in treated])
    incidence = np.array([_incidence(times[rows], codes[rows], horizon_y=horizon_y) for rows in treated])
    overall = _incidence(times, codes, horizon_y=horizon_y)
    odds = cuts / (1 - cuts)
    true_positive, false_positive = incidence * share, (1 - incidence) * share
    return HorizonBenefit(
        threshold=cuts,
        net_benefit=true_positive - false_positive * odds,
        treat_all=overall - (1 - overall) * odds,
        true_positive=true_positive,
        false_positive=false_positive,
        n=times.size,
        method=f"net benefit at {horizon_y:g}, Aalen-Johansen incidence among those treated",
    )


def net_benefit_weighted(
    time: Numbers,
    status: Labels,
    probability: Numbers,
    *,
    threshold: float,
    horizon_y: float,
    weights: CaseWeights,
) -> DrawFloats:
    """Net benefit at one threshold under each row of case weights (draws, n) -> (draws,), e.g. of a bootstrap.

    The incidence among those treated is the share with the event under weights for censoring estimated among them,
    draw by draw, which equals the Aalen-Johansen estimate of `net_benefit_at` (Satten and Datta 2001). NaN where those
    whom a draw treats were not followed to the horizon, or where it has no case.
    """
    times = as_time(time)
    codes = as_status(status, times.size, allowed=(CENSORED, EVENT, COMPETING))
    if not 0 <= threshold < 1:
        raise StatisticError(f"threshold is {threshold:g}; it lies within 0 and below 1")
    treated = as_probability(probability, times.size) >= threshold
    draws = np.asarray(weights, dtype=float)
    if draws.ndim != 2 or draws.shape[1] != times.size or not np.all(draws >= 0):
        raise StatisticError(
            f"weights have shape {draws.shape}; give non-negative weights (draws, {times.size})"
        )
    cases = draws.sum(axis=1)
    if not treated.any():
        return np.where(cases > 0, 0.0, np.nan)
    own = draws[:, treated]
    states = horizon_weights(times[treated], codes[treated], horizon_y=horizon_y, weights=own)
    event, total = states.event.sum(axis=1), own.sum(axis=1)
    known = event + states.competing.sum(axis=1) + states.free.sum(axis=1)
    gain = event - (total - event) * threshold / (1 - threshold)
    # the weights for censoring of a draw add up to its cases, unless the last of them were censored
    defined = (np.abs(known - total) <= WEIGHT_LOST * np.maximum(total, 1)) & (cases > 0)
    value = np.full(cases.size, np.nan)
    np.divide(gain, cases, out=value, where=defined)
    return value


def _incidence(time: np.ndarray, status: np.ndarray, *, horizon_y: float) -> float:
    """Incidence at the horizon; 0 for nobody (they add no benefit), NaN where follow-up ends before."""
    if time.size == 0:
        return 0.0
    last = time.max()
    # once everyone has had an event the incidence is known for good
    settled = last < horizon_y and not np.any(status[time == last] == CENSORED)
    if last < horizon_y and not settled:
        return float("nan")
    return float(step_values(aalen_johansen(time, status), np.array([min(last, horizon_y)]))[0])
