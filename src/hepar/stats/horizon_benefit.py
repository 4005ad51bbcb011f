"""Net benefit at a horizon: decision curves for a time-to-event outcome."""

from dataclasses import dataclass

import numpy as np

from .arrays import Labels, Numbers, PointFloats, Points
from .estimate import StatisticError
from .followup import CENSORED, COMPETING, EVENT, as_probability, as_status, as_time
from .incidence import aalen_johansen
from .ipcw import require_horizon
from .survival import step_values


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
