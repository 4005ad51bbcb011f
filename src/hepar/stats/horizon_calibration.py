"""Calibration at a horizon: are predicted probabilities of the event borne out, with censoring and competing events."""

from dataclasses import dataclass

import numpy as np
from scipy.special import expit, logit

from .arrays import Labels, Numbers, PointFloats
from .estimate import Estimate, StatisticError, normal_quantile
from .followup import CENSORED, COMPETING, EVENT, as_probability, as_status, as_time
from .incidence import aalen_johansen
from .ipcw import censoring_influence, horizon_weights, require_horizon
from .survival import value_at

LOGIT_EDGE = 1e-6
"""Predictions of exactly 0 or 1 have no logit: for slope and intercept they are moved this far inside."""

_STEPS = 50


@dataclass(frozen=True, slots=True)
class HorizonCalibration:
    """Calibration of predicted probabilities at a horizon.

    `predicted` (groups,) is the mean prediction of each quantile group, ascending, `observed` its Aalen-Johansen
    incidence (NaN where the group's follow-up ends before the horizon). `ratio` is observed / expected over all,
    `intercept` the shift on the logit scale at slope 1 (0 is ideal), `slope` the logit-scale slope (1 is ideal).
    """

    predicted: PointFloats
    observed: tuple[Estimate, ...]
    ratio: Estimate
    intercept: Estimate
    slope: Estimate


def calibration_at(
    time: Numbers,
    status: Labels,
    probability: Numbers,
    *,
    horizon_y: float,
    groups: int = 10,
    level: float = 0.95,
) -> HorizonCalibration:
    """Predicted against observed incidence by quantile group, observed / expected, intercept and slope.

    Observed incidence is Aalen-Johansen, which without competing events is 1 - Kaplan-Meier (van Geloven 2022; Austin
    2020). Intercept and slope come from logistic regression of the event by t on the logit of the prediction with
    inverse probability of censoring weights (Blanche, Holt and Scheike 2023). Standard errors of ratio, intercept and
    slope are infinitesimal jackknives: participants, with their predictions, are sampled and the censoring
    distribution is estimated. The ratio's interval is symmetric in its logarithm, the others are Wald.
    """
    data = _prepared(time, status, probability, horizon_y=horizon_y)
    if not 2 <= groups <= data.time.size:
        raise StatisticError(
            f"groups is {groups}; it must lie between 2 and the {data.time.size} participants"
        )
    edges = np.unique(np.quantile(data.probability, np.linspace(0, 1, groups + 1)[1:-1]))
    member = np.searchsorted(edges, data.probability, side="left")
    filled = [member == g for g in np.unique(member)]
    return HorizonCalibration(
        predicted=np.array([data.probability[rows].mean() for rows in filled]),
        observed=tuple(_observed(data, rows, level=level) for rows in filled),
        ratio=_ratio(data, level=level),
        intercept=_regression(data, slope=False, level=level),
        slope=_regression(data, slope=True, level=level),
    )


@dataclass(frozen=True, slots=True)
class _Data:
    time: np.ndarray
    status: np.ndarray
    probability: np.ndarray
    horizon_y: float


def _prepared(time: np.ndarray, status: np.ndarray, probability: np.ndarray, *, horizon_y: float) -> _Data:
    times = as_time(time)
    codes = as_status(status, times.size, allowed=(CENSORED, EVENT, COMPETING))
    require_horizon(times, codes, horizon_y=horizon_y)
    return _Data(times, codes, as_probability(probability, times.size), horizon_y)


def _observed(data: _Data, rows: np.ndarray, *, level: float) -> Estimate:
    time, status = data.time[rows], data.status[rows]
    if time.max() < data.horizon_y:
        nan = float("nan")
        return Estimate(nan, nan, nan, time.size, f"follow-up of the group ends at {time.max():g}")
    return value_at(aalen_johansen(time, status, level=level), data.horizon_y)


def _ratio(data: _Data, *, level: float) -> Estimate:
    weights = horizon_weights(data.time, data.status, horizon_y=data.horizon_y)
    n, expected = data.time.size, float(data.probability.mean())
    if expected == 0:
        raise StatisticError("every predicted probability is 0; observed / expected is not defined")
    # the weighted share with the event equals the Aalen-Johansen incidence
    share = weights.event[0] / n
    ratio = float(share.sum()) / expected
    added = censoring_influence(data.time, data.status, horizon_y=data.horizon_y, gradient=share)
    se = float(np.linalg.norm(share + added - ratio * data.probability / n)) / expected
    width = float(np.exp(normal_quantile(level) * se / ratio))
    return Estimate(
        value=ratio,
        low=ratio / width,
        high=ratio * width,
        n=n,
        method=f"observed / expected at {data.horizon_y:g}, log {level:.0%} interval",
        events=_events(data),
        se=se,
    )


def _events(data: _Data) -> int:
    return int(np.sum((data.status == EVENT) & (data.time <= data.horizon_y)))


def _regression(data: _Data, *, slope: bool, level: float) -> Estimate:
    """Last coefficient of the weighted logistic model: the slope, or the intercept with the slope held at 1."""
    weights = horizon_weights(data.time, data.status, horizon_y=data.horizon_y)
    event = weights.event[0]
    known = event + weights.competing[0] + weights.free[0]
    score = logit(np.clip(data.probability, LOGIT_EDGE, 1 - LOGIT_EDGE))
    if slope and np.ptp(score) == 0:
        raise StatisticError("all predicted probabilities are equal; a calibration slope needs variation")
    constant = np.ones_like(score)
    # standardised, so that nearly equal predictions do not make the equations singular
    scale = float(score.std()) if slope else 1.0
    design = np.stack([constant, (score - score.mean()) / scale], axis=1) if slope else constant[:, None]
    offset = np.zeros_like(score) if slope else score
    coefficient, inverse_information = _fit(design, event, known=known, offset=offset)
    residual = event - known * expit(design @ coefficient + offset)
    direct = (inverse_information @ (design * residual[:, None]).T)[-1] / scale
    influence = direct + censoring_influence(
        data.time, data.status, horizon_y=data.horizon_y, gradient=direct
    )
    value, se = float(coefficient[-1]) / scale, float(np.linalg.norm(influence))
    width = normal_quantile(level) * se
    name = "calibration slope" if slope else "calibration intercept"
    method = f"{name} at {data.horizon_y:g}, IPCW logistic regression, Wald {level:.0%} interval"
    return Estimate(value, value - width, value + width, score.size, method, events=_events(data), se=se)


def _fit(
    design: np.ndarray, event: np.ndarray, *, known: np.ndarray, offset: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Newton's method for the weighted logistic likelihood: coefficients and inverse information."""
    coefficient = np.zeros(design.shape[1])
    for _ in range(_STEPS):
        fitted = expit(design @ coefficient + offset)
        information = (design * (known * fitted * (1 - fitted))[:, None]).T @ design
        if np.linalg.cond(information) > 1e14:
            break
        inverse = np.linalg.inv(information)
        step = inverse @ (design.T @ (event - known * fitted))
        coefficient = coefficient + np.clip(step, -2, 2)
        if np.max(np.abs(step)) < 1e-10:
            return coefficient, inverse
    raise StatisticError(
        "the recalibration model has no finite fit: the predictions separate those with the event from those without"
    )
