"""Cumulative incidence with competing events (Aalen-Johansen)."""

import numpy as np

from .arrays import Labels, Numbers
from .followup import CENSORED, COMPETING, EVENT, EventTable, as_status, as_time, event_table
from .survival import Curve, Interval, confidence_limits


def aalen_johansen(
    time: Numbers,
    status: Labels,
    *,
    cause: int = EVENT,
    level: float = 0.95,
    interval: Interval = "log-log",
) -> Curve:
    """Cumulative incidence F(t) of `cause` when the other cause takes participants out of risk.

    F(t) = sum over t_i <= t of S(t_i-) d_ci / n_i, S the Kaplan-Meier survival free of either event (Aalen and
    Johansen 1978). Variance by Aalen (1978) with the hypergeometric correction for ties, as `cmprsk::cuminc`.
    Limits are symmetric on the log(-log F) scale (Choudhury 2002) unless `interval` says otherwise.
    """
    times = as_time(time)
    codes = as_status(status, times.size, allowed=(CENSORED, EVENT, COMPETING))
    as_status(np.array([cause]), 1, allowed=(EVENT, COMPETING))
    table = event_table(times, codes)
    value, variance = _incidence(table, cause)
    se = np.sqrt(variance)
    low, high = confidence_limits(value, se, level=level, interval=interval)
    method = f"Aalen-Johansen, cause {cause}, Aalen variance, {interval} {level:.0%} limits"
    return Curve(table.time, value, low, high, table.at_risk, se, table.count[cause], 0.0, method)


def _incidence(table: EventTable, cause: int) -> tuple[np.ndarray, np.ndarray]:
    """Value and variance: sum of S(u-)^2 (1[cause] + (F(u) - F(t)) / S(u))^2 var(dN / n) over u <= t, both causes."""
    at_risk = table.at_risk.astype(float)
    own, other = table.count[cause], table.count[COMPETING if cause == EVENT else EVENT]
    survival = np.cumprod(1 - (own + other) / at_risk)
    before = np.concatenate([[1.0], survival[:-1]])
    value = np.cumsum(before * own / at_risk)
    inverse = np.divide(1.0, survival, out=np.zeros_like(survival), where=survival > 0)
    total = np.zeros((3, value.size))
    for count, direct in ((own, 1.0), (other, 0.0)):
        spread = before**2 * count * (at_risk - count) / (at_risk**2 * np.maximum(at_risk - 1, 1))
        spread = np.where((at_risk == 1) & (count == 1), before**2 * direct, spread)
        gain = direct + value * inverse
        total += np.cumsum(spread * np.stack([gain**2, gain * inverse, inverse**2]), axis=1)
    variance = total[0] - 2 * value * total[1] + value**2 * total[2]
    return value, np.maximum(variance, 0.0)
