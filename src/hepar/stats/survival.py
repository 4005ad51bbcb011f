"""Kaplan-Meier survival: the curve, its value at a time, its median (of follow-up too), its restricted mean."""

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from .arrays import Labels, Numbers, PointCounts, PointFloats, Points
from .estimate import Estimate, StatisticError, normal_quantile
from .followup import CENSORED, COMPETING, EVENT, as_status, as_time, event_table

Interval = Literal["log", "log-log", "plain"]
"""Scale on which a curve's confidence limits are symmetric (R survfit's `conf.type`)."""


@dataclass(frozen=True, slots=True)
class Curve:
    """A right-continuous step function with pointwise confidence limits, one entry per distinct follow-up time.

    `start` is the value before the first time. `at_risk` counts those under observation just before each time, and
    `events` those whose event of interest occurred at it. Limits are NaN where the interval is not defined.
    """

    time: PointFloats
    value: PointFloats
    low: PointFloats
    high: PointFloats
    at_risk: PointCounts
    se: PointFloats
    events: PointCounts
    start: float
    method: str

    @property
    def n(self) -> int:
        """Participants at the start."""
        return int(self.at_risk[0])


def kaplan_meier(time: Numbers, event: Labels, *, level: float = 0.95, interval: Interval = "log") -> Curve:
    """Product-limit estimate of survival S(t) with Greenwood's standard error.

    S(t) = prod over t_i <= t of (1 - d_i / n_i); var log S = sum d_i / (n_i (n_i - d_i)) (Kaplan and Meier 1958;
    Greenwood 1926). Limits as R's `survfit`: "log" exp(log S -+ z se), "log-log", "plain"; cut to [0, 1].
    """
    times = as_time(time)
    table = event_table(times, as_status(event, times.size))
    deaths, at_risk = table.count[1], table.at_risk
    survival = np.cumprod(1 - deaths / at_risk)
    with np.errstate(divide="ignore", invalid="ignore"):
        relative = np.sqrt(np.cumsum(deaths / (at_risk * (at_risk - deaths))))
        se = np.where(survival > 0, survival * relative, np.nan)
    low, high = confidence_limits(survival, se, level=level, interval=interval)
    method = f"Kaplan-Meier, Greenwood {interval} {level:.0%} limits"
    return Curve(table.time, survival, low, high, at_risk, se, deaths, 1.0, method)


def confidence_limits(
    value: PointFloats, se: PointFloats, *, level: float, interval: Interval
) -> tuple[PointFloats, PointFloats]:
    """Pointwise limits of a probability on the chosen scale, cut to [0, 1]; NaN where the scale has no value."""
    z = normal_quantile(level)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        if interval == "plain":
            low, high = value - z * se, value + z * se
        elif interval == "log":
            low, high = value * np.exp(-z * se / value), value * np.exp(z * se / value)
        elif interval == "log-log":
            inside = np.where((value > 0) & (value < 1 - 1e-12), value, np.nan)
            width = z * se / np.abs(inside * np.log(inside))
            low, high = inside ** np.exp(width), inside ** np.exp(-width)
        else:
            raise StatisticError(f"interval is {interval!r}; allowed are 'log', 'log-log' and 'plain'")
    return np.clip(low, 0, 1), np.clip(high, 0, 1)


def step_values(curve: Curve, at: Points) -> PointFloats:
    """The curve's values at the times `at`; refuses a time beyond the longest follow-up."""
    points = np.asarray(at, dtype=float)
    index = np.searchsorted(curve.time, points, side="right")
    _require_followed(curve, float(points.max(initial=0)))
    return np.concatenate([[curve.start], curve.value])[index]


def value_at(curve: Curve, time_y: float) -> Estimate:
    """The curve's value at `time_y` with its pointwise interval; `events` counts those until then."""
    _require_followed(curve, time_y)
    index = int(np.searchsorted(curve.time, time_y, side="right")) - 1
    if index < 0:
        return Estimate(curve.start, curve.start, curve.start, curve.n, curve.method, se=0.0)
    return Estimate(
        value=float(curve.value[index]),
        low=float(curve.low[index]),
        high=float(curve.high[index]),
        n=curve.n,
        method=curve.method,
        events=int(curve.events[: index + 1].sum()),
        se=float(curve.se[index]),
    )


def at_risk_at(curve: Curve, times: Points) -> PointCounts:
    """Participants still under observation just before each of `times` (the numbers below a plot)."""
    index = np.searchsorted(curve.time, np.asarray(times, dtype=float), side="left")
    return np.concatenate([curve.at_risk, [0]])[index]


def median_survival(time: Numbers, event: Labels, *, level: float = 0.95) -> Estimate:
    """First time at which Kaplan-Meier survival falls to one half; NaN (also as a limit) where it never does.

    The limits are the times at which the curve's own (log scale) limits cross one half (Brookmeyer and Crowley 1982);
    where a curve is flat at exactly one half the middle of the flat piece is taken, as in R's `quantile.survfit`.
    """
    curve = kaplan_meier(time, event, level=level)
    value, low, high = (_crossing(curve.time, y) for y in (curve.value, curve.low, curve.high))
    method = f"Kaplan-Meier median, Brookmeyer-Crowley {level:.0%} interval"
    return Estimate(value, low, high, curve.n, method, events=int(curve.events.sum()))


def median_follow_up(time: Numbers, status: Labels, *, level: float = 0.95) -> Estimate:
    """Median time of observation that nobody's event had cut short: the reverse Kaplan-Meier median.

    Censoring is the event; those with the event of interest or a competing one are censored (Schemper and Smith 1996),
    as R's `survfit(Surv(time, status == 0) ~ 1)`. Limits as `median_survival`; `events` counts those with the event of
    interest. Fails where the curve never falls to one half: too few were censored, or too early.
    """
    times = as_time(time)
    codes = as_status(status, times.size, allowed=(CENSORED, EVENT, COMPETING))
    found = median_survival(times, codes == CENSORED, level=level)
    if np.isnan(found.value):
        raise StatisticError(
            f"{int(np.sum(codes == CENSORED))} of {times.size} are censored, by whom the reverse Kaplan-Meier curve "
            "does not fall to one half"
        )
    method = f"reverse Kaplan-Meier median, Brookmeyer-Crowley {level:.0%} interval"
    return replace(found, method=method, events=int(np.sum(codes == EVENT)))


def restricted_mean(time: Numbers, event: Labels, *, horizon_y: float, level: float = 0.95) -> Estimate:
    """Mean survival time up to `horizon_y`: the area under Kaplan-Meier (Irwin 1949; Royston and Parmar 2013).

    Var = sum over event times t_i <= horizon of A_i^2 d_i / (n_i (n_i - d_i)), A_i the area from t_i to the horizon.
    """
    curve = kaplan_meier(time, event)
    _require_followed(curve, horizon_y)
    inside = curve.time < horizon_y
    edges = np.concatenate([[0.0], curve.time[inside], [horizon_y]])
    pieces = np.diff(edges) * np.concatenate([[1.0], curve.value[inside]])
    mean = float(pieces.sum())
    after = mean - np.cumsum(pieces)[:-1]
    deaths, at_risk = curve.events[inside], curve.at_risk[inside]
    alive = at_risk > deaths
    terms = after[alive] ** 2 * deaths[alive] / (at_risk[alive] * (at_risk[alive] - deaths[alive]))
    se = float(np.sqrt(terms.sum()))
    z = normal_quantile(level)
    method = f"restricted mean survival time to {horizon_y:g}, Wald {level:.0%} interval"
    events = int(deaths.sum())
    return Estimate(mean, mean - z * se, mean + z * se, curve.n, method, events=events, se=se)


def _crossing(time: np.ndarray, value: np.ndarray) -> float:
    defined = np.where(np.isnan(value), -1.0, value)
    # the same tolerance as R: products of fractions rarely give one half exactly
    flat = np.flatnonzero(np.abs(defined - 0.5) < 1e-8)
    below = np.flatnonzero((defined < 0.5 - 1e-8) & ~np.isnan(value))
    if flat.size:
        end = time[below[0]] if below.size else time[flat[0]]
        return float((time[flat[0]] + end) / 2)
    return float(time[below[0]]) if below.size else float("nan")


def _require_followed(curve: Curve, time_y: float) -> None:
    if not 0 <= time_y <= curve.time[-1]:
        raise StatisticError(
            f"time {time_y:g} is outside the follow-up, whose longest is {curve.time[-1]:g}; choose an earlier time"
        )
