"""Prediction error at a horizon: the Brier score with censoring and competing events, scaled and integrated.

Every interval is Wald with the infinitesimal jackknife, the censoring distribution counted as estimated.
"""

from dataclasses import dataclass

import numpy as np

from .arrays import Labels, Numbers, NumbersAtPoints, Points
from .estimate import Estimate, StatisticError, normal_quantile
from .followup import CENSORED, COMPETING, EVENT, as_probability, as_status, as_time
from .ipcw import censoring_influence, horizon_weights, require_horizon


def brier_at(
    time: Numbers, status: Labels, probability: Numbers, *, horizon_y: float, level: float = 0.95
) -> Estimate:
    """Mean squared error of the predicted probability of the event of interest by the horizon t.

    B(t) = 1/n sum w_i (1[T_i <= t, event] - p_i)^2 with inverse probability of censoring weights (Graf 1999; with
    competing events Schoop 2011): an event or competing event at T weighs 1 / G(T-), a longer follow-up 1 / G(t).
    """
    value, influence, events = _brier(time, status, probability, horizon_y=horizon_y)
    return _wald(value, influence, method=f"IPCW Brier score at {horizon_y:g}", events=events, level=level)


def null_brier_at(time: Numbers, status: Labels, *, horizon_y: float, level: float = 0.95) -> Estimate:
    """Brier score of predicting the cumulative incidence F(t) for everyone: F (1 - F)."""
    incidence = _incidence(time, status, horizon_y=horizon_y)
    value, influence, events = _brier(time, status, incidence, horizon_y=horizon_y)
    method = f"IPCW Brier score at {horizon_y:g} of the cumulative incidence"
    return _wald(value, influence, method=method, events=events, level=level)


def scaled_brier_at(
    time: Numbers, status: Labels, probability: Numbers, *, horizon_y: float, level: float = 0.95
) -> Estimate:
    """1 - B / B_null: 1 is perfect, 0 no better than the cumulative incidence for everyone (Steyerberg 2010)."""
    value, influence, events = _brier(time, status, probability, horizon_y=horizon_y)
    incidence = _incidence(time, status, horizon_y=horizon_y)
    # the incidence minimises the null score, so that its own estimation adds nothing at first order
    null, null_influence, _ = _brier(time, status, incidence, horizon_y=horizon_y)
    if null == 0:
        raise StatisticError(
            f"everyone has the event of interest by {horizon_y:g}; nothing is left to explain"
        )
    ratio = value / null
    combined = -(influence - ratio * null_influence) / null
    method = f"scaled IPCW Brier score at {horizon_y:g}"
    return _wald(1 - ratio, combined, method=method, events=events, level=level)


def integrated_brier(
    time: Numbers, status: Labels, probability: NumbersAtPoints, *, times: Points, level: float = 0.95
) -> Estimate:
    """Brier score averaged over `times` (k,) by the trapezoid rule; `probability` is (n, k), one column per time."""
    grid, table = np.asarray(times, dtype=float), np.asarray(probability, dtype=float)
    if grid.ndim != 1 or grid.size < 2 or np.any(np.diff(grid) <= 0):
        raise StatisticError(f"times are {grid}; give at least two, ascending")
    if table.shape != (np.asarray(time).size, grid.size):
        raise StatisticError(
            f"probability has shape {table.shape}; expected {(np.asarray(time).size, grid.size)}"
        )
    parts = [_brier(time, status, table[:, k], horizon_y=float(t)) for k, t in enumerate(grid)]
    step = np.diff(grid)
    share = np.concatenate([step, [0.0]]) + np.concatenate([[0.0], step])
    share /= 2 * (grid[-1] - grid[0])
    value = float(share @ np.array([part[0] for part in parts]))
    influence = share @ np.stack([part[1] for part in parts])
    method = f"integrated IPCW Brier score from {grid[0]:g} to {grid[-1]:g}"
    return _wald(value, influence, method=method, events=parts[-1][2], level=level)


@dataclass(frozen=True, slots=True)
class _State:
    time: np.ndarray
    status: np.ndarray
    event: np.ndarray
    other: np.ndarray


def _state(time: np.ndarray, status: np.ndarray, *, horizon_y: float) -> _State:
    times = as_time(time)
    codes = as_status(status, times.size, allowed=(CENSORED, EVENT, COMPETING))
    require_horizon(times, codes, horizon_y=horizon_y)
    weights = horizon_weights(times, codes, horizon_y=horizon_y)
    return _State(times, codes, weights.event[0], weights.competing[0] + weights.free[0])


def _incidence(time: np.ndarray, status: np.ndarray, *, horizon_y: float) -> np.ndarray:
    """The weighted share with the event, which equals the Aalen-Johansen estimate, for everyone."""
    state = _state(time, status, horizon_y=horizon_y)
    return np.full(state.time.size, state.event.sum() / (state.event.sum() + state.other.sum()))


def _brier(
    time: np.ndarray, status: np.ndarray, probability: np.ndarray, *, horizon_y: float
) -> tuple[float, np.ndarray, int]:
    state = _state(time, status, horizon_y=horizon_y)
    n = state.time.size
    p = as_probability(probability, n)
    loss = (state.event * (1 - p) ** 2 + state.other * p**2) / n
    value = float(loss.sum())
    added = censoring_influence(state.time, state.status, horizon_y=horizon_y, gradient=loss)
    events = int(np.sum((state.status == EVENT) & (state.time <= horizon_y)))
    return value, loss - value / n + added, events


def _wald(value: float, influence: np.ndarray, *, method: str, events: int, level: float) -> Estimate:
    se = float(np.linalg.norm(influence))
    width = normal_quantile(level) * se
    method = f"{method}, Wald {level:.0%} interval"
    return Estimate(value, value - width, value + width, influence.size, method, events=events, se=se)
