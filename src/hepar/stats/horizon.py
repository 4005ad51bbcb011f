"""Discrimination at a fixed horizon: cumulative/dynamic AUC with censoring and competing events.

Cases have the event of interest by the horizon t. Controls are free of any event at t ("event-free"), or free of the
event of interest ("no-event": participants with a competing event by t as well). Those censored by t are represented
through inverse probability of censoring weights, which assume censoring independent of risk and outcome.
"""

from dataclasses import dataclass
from math import erfc, sqrt
from typing import Literal

import numpy as np

from .arrays import CaseWeights, DrawFloats, Labels, Numbers
from .estimate import Estimate, StatisticError, normal_quantile
from .followup import CENSORED, COMPETING, EVENT, as_score, as_status, as_time
from .ipcw import censoring_influence, horizon_weights, require_horizon

Controls = Literal["event-free", "no-event"]


def auc_at(
    time: Numbers,
    status: Labels,
    risk: Numbers,
    *,
    horizon_y: float,
    controls: Controls = "no-event",
    level: float = 0.95,
) -> Estimate:
    """AUC(t) = sum w_i w_j (1[risk_i > risk_j] + 1[equal] / 2) / sum w_i w_j over cases i and controls j.

    Uno (2007), Hung and Chiang (2010); with competing events Blanche (2013). The standard error is the infinitesimal
    jackknife with the censoring distribution estimated, the interval Wald cut to [0, 1]. Without competing events both
    definitions of controls agree. Refuses a horizon beyond follow-up, without case or without control.
    """
    outcome = _outcome(time, status, horizon_y=horizon_y, controls=controls)
    value, influence = _influence(outcome, as_score(risk, outcome.time.size))
    se = float(np.linalg.norm(influence))
    width = normal_quantile(level) * se
    return Estimate(
        value=value,
        low=max(value - width, 0.0),
        high=min(value + width, 1.0),
        n=influence.size,
        method=f"AUC at {horizon_y:g} ({_described(outcome)}), Wald {level:.0%} interval",
        events=outcome.events,
        se=se,
    )


def auc_at_difference(
    time: Numbers,
    status: Labels,
    *,
    first: Numbers,
    second: Numbers,
    horizon_y: float,
    controls: Controls = "no-event",
    level: float = 0.95,
) -> Estimate:
    """AUC(t) of `first` minus that of `second` on the same participants, from the difference of their influences."""
    outcome = _outcome(time, status, horizon_y=horizon_y, controls=controls)
    n = outcome.time.size
    one, influence_one = _influence(outcome, as_score(first, n, name="first"))
    two, influence_two = _influence(outcome, as_score(second, n, name="second"))
    value, se = one - two, float(np.linalg.norm(influence_one - influence_two))
    width = normal_quantile(level) * se
    method = f"paired difference in AUC at {horizon_y:g} ({_described(outcome)}), Wald {level:.0%} interval"
    p = erfc(abs(value) / se / sqrt(2)) if se > 0 else float("nan")
    return Estimate(value, value - width, value + width, n, method, p=p, events=outcome.events, se=se)


def auc_at_weighted(
    time: Numbers,
    status: Labels,
    risk: Numbers,
    *,
    horizon_y: float,
    weights: CaseWeights,
    controls: Controls = "no-event",
) -> DrawFloats:
    """AUC(t) under each row of case weights (draws, n) -> (draws,), censoring estimated anew; for the bootstrap.

    NaN where a draw holds no case or no control.
    """
    draws = np.asarray(weights, dtype=float)
    n = np.asarray(time).size
    if draws.ndim != 2 or draws.shape[1] != n or not np.all(draws >= 0):
        raise StatisticError(f"weights have shape {draws.shape}; give non-negative weights (draws, {n})")
    outcome = _outcome(time, status, horizon_y=horizon_y, controls=controls, weights=draws)
    below = _weight_below(outcome.control, as_score(risk, n))
    pairs = np.sum(outcome.case * below, axis=1)
    total = outcome.case.sum(axis=1) * outcome.control.sum(axis=1)
    value = np.full(draws.shape[0], np.nan)
    np.divide(pairs, total, out=value, where=total > 0)
    return value


@dataclass(frozen=True, slots=True)
class _Outcome:
    """Weights of cases and controls (draws, n); `events` counts the cases."""

    time: np.ndarray
    status: np.ndarray
    horizon_y: float
    controls: Controls
    case: np.ndarray
    control: np.ndarray
    events: int


def _outcome(
    time: np.ndarray,
    status: np.ndarray,
    *,
    horizon_y: float,
    controls: Controls,
    weights: np.ndarray | None = None,
) -> _Outcome:
    if controls not in ("event-free", "no-event"):
        raise StatisticError(f"controls is {controls!r}; allowed are 'event-free' and 'no-event'")
    times = as_time(time)
    codes = as_status(status, times.size, allowed=(CENSORED, EVENT, COMPETING))
    require_horizon(times, codes, horizon_y=horizon_y)
    states = horizon_weights(times, codes, horizon_y=horizon_y, weights=weights)
    control = states.free if controls == "event-free" else states.free + states.competing
    if not control.any():
        raise StatisticError(f"no control at the horizon {horizon_y:g}: nobody is followed beyond it")
    events = int(np.sum((codes == EVENT) & (times <= horizon_y)))
    return _Outcome(times, codes, horizon_y, controls, states.event, control, events)


def _influence(outcome: _Outcome, risk: np.ndarray) -> tuple[float, np.ndarray]:
    """AUC and the derivative of it in each participant's case weight, through G as well."""
    case, control = outcome.case, outcome.control
    below = _weight_below(control, risk)[0] / control.sum()
    above = _weight_below(case, -risk)[0] / case.sum()
    value = float(np.sum(case[0] * below) / case.sum())
    gradient = case[0] * (below - value) / case.sum() + control[0] * (above - value) / control.sum()
    added = censoring_influence(outcome.time, outcome.status, horizon_y=outcome.horizon_y, gradient=gradient)
    return value, gradient + added


def _weight_below(weights: np.ndarray, score: np.ndarray) -> np.ndarray:
    """Total of `weights` (draws, n) with a lower score plus half of that with an equal one, per participant."""
    _, first, position = np.unique(np.sort(score), return_index=True, return_inverse=True)
    order = np.argsort(score, kind="stable")
    tied = np.add.reduceat(weights[:, order], first, axis=1)
    below = np.cumsum(tied, axis=1) - tied / 2
    result = np.empty(weights.shape)
    result[:, order] = below[:, position]
    return result


def _described(outcome: _Outcome) -> str:
    competing = bool(np.any(outcome.status == COMPETING))
    return f"IPCW, {outcome.controls} controls" if competing else "IPCW"
