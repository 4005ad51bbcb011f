"""Whether predicted probabilities happen as often as they say.

`positive` is always the (n,) outcome (bool or 0/1), `probability` the (n,) predictions in [0, 1]. What works on
the log-odds (slope, intercept, recalibration, the spline curve) refuses a probability of exactly 0 or 1, whose
log-odds are infinite; nothing is clipped silently.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog
from scipy.special import expit, logit, ndtr

from hepar.stats.estimate import Estimate, StatisticError, as_finite, normal_quantile

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Labels = NDArray[Any]
Binning = Literal["quantile", "uniform"]
Smoother = Literal["spline", "loess"]

MOST_STEPS = 100
"""Newton steps of a logistic fit before it is given up."""

DEVIANCE_TOLERANCE = 1e-12
"""Relative change of the deviance at which a logistic fit has converged (R's glm: 1e-8)."""

SUSPECT_LOG_ODDS = 15.0
"""Fitted log-odds beyond which separation is looked for; a separated fit always goes past it."""

KNOT_QUANTILES = (0.05, 0.35, 0.65, 0.95)
"""Knots of the spline curve on the log-odds (Harrell 2015, Regression Modeling Strategies, table 2.3)."""

LOESS_SPAN = 0.75
"""Share of the observations in each local line of the loess curve (Austin & Steyerberg 2014)."""

CELLS_PER_BLOCK = 1_000_000
"""Kernel weights held at once by the loess curve."""


@dataclass(frozen=True, slots=True)
class LogisticFit:
    """Maximum-likelihood coefficients (k,), their covariance (k, k) and -2 log likelihood."""

    coefficients: Floats
    covariance: Floats
    deviance: float


@dataclass(frozen=True, slots=True)
class CalibrationCurve:
    """Groups of like prediction, all (groups,): mean prediction, observed share with interval, counts."""

    predicted: Floats
    observed: Floats
    low: Floats
    high: Floats
    n: NDArray[np.int64]
    events: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class SmoothCurve:
    """Observed probability `y` as a smooth function of the predicted one, `x`, with pointwise limits."""

    x: Floats
    y: Floats
    low: Floats
    high: Floats


@dataclass(frozen=True, slots=True)
class CalibrationError:
    """Mean (ICI), median (E50) and 90th percentile (E90) of |observed - predicted| on a smooth curve."""

    ici: Estimate
    e50: Estimate
    e90: Estimate


def checked_outcome(positive: Labels) -> Bools:
    """`positive` as booleans; refuses other values than 0 and 1, and fewer than one of each class."""
    values = as_finite(positive, name="positive")
    other = np.flatnonzero((values != 0) & (values != 1))
    if other.size:
        raise StatisticError(
            f"positive holds {values[other[0]]:g} at position {other[0]}; only 0 and 1 may occur"
        )
    events = int(values.sum())
    if events in (0, values.size):
        raise StatisticError(f"{events} of {values.size} are positive; both classes are needed")
    return values.astype(bool)


def checked_predictions(positive: Labels, probability: Labels) -> tuple[Bools, Floats]:
    """Outcome and predictions as arrays of one length, the predictions within [0, 1]."""
    truth, values = checked_outcome(positive), as_finite(probability, name="probability")
    if truth.shape != values.shape:
        raise StatisticError(
            f"positive holds {truth.size} values and probability {values.size}; they must pair"
        )
    outside = np.flatnonzero((values < 0) | (values > 1))
    if outside.size:
        raise StatisticError(
            f"probability is {values[outside[0]]:g} at position {outside[0]} ({outside.size} such in all); "
            "it must lie in [0, 1]: give calibrated probabilities, not scores"
        )
    return truth, values


def logistic_irls(
    design: Labels, positive: Labels, *, offset: Labels | None = None, weights: Labels | None = None
) -> LogisticFit:
    """Logistic regression by iteratively reweighted least squares (Newton-Raphson with step halving).

    Args:
        design: (n, k) columns, the column of ones included where an intercept is wanted.
        positive: (n,) outcome.
        offset: (n,) log-odds added with coefficient one.
        weights: (n,) non-negative case weights.

    Raises:
        StatisticError: columns linearly dependent, or outcomes separated so that no finite maximum exists.
    """
    truth, columns = checked_outcome(positive), np.asarray(design, dtype=float)
    start = np.zeros(truth.size) if offset is None else as_finite(offset, name="offset")
    share = np.ones(truth.size) if weights is None else as_finite(weights, name="weights")
    _check_design(columns, truth, start=start, share=share)
    sign = np.where(truth, 1.0, -1.0)
    coefficients, deviance = np.zeros(columns.shape[1]), _deviance(sign * start, share)
    for _ in range(MOST_STEPS):
        fitted = expit(start + columns @ coefficients)
        information = (columns.T * (share * fitted * (1 - fitted))) @ columns
        step = np.linalg.lstsq(information, columns.T @ (share * (truth - fitted)), rcond=None)[0]
        while (after := _deviance(sign * (start + columns @ (coefficients + step)), share)) > deviance * (
            1 + 1e-9
        ):
            step = step / 2
        coefficients, change, deviance = coefficients + step, deviance - after, after
        if abs(change) <= DEVIANCE_TOLERANCE * (deviance + 0.1):
            break
    linear = columns @ coefficients
    if np.max(np.abs(linear)) > SUSPECT_LOG_ODDS:
        _refuse_separation(columns[share > 0] * sign[share > 0, None])
    fitted = expit(start + linear)
    information = (columns.T * (share * fitted * (1 - fitted))) @ columns
    return LogisticFit(coefficients, np.linalg.inv(information), deviance)


def _deviance(margin: Floats, share: Floats) -> float:
    return 2 * float(share @ np.logaddexp(0, -margin))


def _check_design(columns: Floats, truth: Bools, *, start: Floats, share: Floats) -> None:
    if columns.ndim != 2 or not (columns.shape[0] == truth.size == start.size == share.size):
        raise StatisticError(
            f"design {columns.shape}, positive {truth.shape}, offset {start.shape} and weights {share.shape} "
            "must have shapes (n, k), (n,), (n,) and (n,)"
        )
    if not np.all(np.isfinite(columns)):
        row, column = np.argwhere(~np.isfinite(columns))[0]
        raise StatisticError(
            f"design holds {columns[row, column]} in row {row}, column {column}; impute or drop it"
        )
    if np.any(share < 0):
        raise StatisticError(f"weights hold {share.min():g}; they must not be negative")
    checked_outcome(truth[share > 0])
    rank = int(np.linalg.matrix_rank(columns[share > 0]))
    if rank < columns.shape[1]:
        raise StatisticError(
            f"design has {columns.shape[1]} columns but rank {rank}; drop constant or duplicated columns"
        )


def _refuse_separation(signed: Floats) -> None:
    """Refuses where some direction puts no case on the wrong side and one on the right (Konis 2007)."""
    signed = signed / np.abs(signed).max(axis=0)
    best = linprog(-signed.sum(axis=0), A_ub=-signed, b_ub=np.zeros(len(signed)), bounds=(-1, 1))
    if best.fun is None or best.fun < -1e-6 * len(signed):
        raise StatisticError(
            "the outcomes are separated: some combination of the columns tells positives from negatives without "
            "error, so a coefficient is infinite; gather more data or use fewer columns"
        )


def logistic_recalibration(positive: Labels, probability: Labels) -> LogisticFit:
    """Intercept and slope of logit P(positive) = a + b logit(probability), together (Cox 1958)."""
    truth, log_odds = _log_odds(positive, probability)
    if np.ptp(log_odds) == 0:
        raise StatisticError(
            f"every probability is {float(expit(log_odds[0])):.4g}: the calibration slope of a constant is "
            "undefined; report the intercept alone"
        )
    return logistic_irls(np.column_stack([np.ones_like(log_odds), log_odds]), truth)


def _log_odds(positive: Labels, probability: Labels) -> tuple[Bools, Floats]:
    truth, values = checked_predictions(positive, probability)
    edge = int(np.sum((values == 0) | (values == 1)))
    if edge:
        raise StatisticError(
            f"{edge} of {values.size} probabilities are exactly 0 or 1, so their log-odds are infinite; "
            "clip them deliberately (and say so) or use the Brier score or a grouped curve"
        )
    return truth, logit(values)


def _wald(value: float, se: float, truth: Bools, *, null: float, level: float, method: str) -> Estimate:
    half = normal_quantile(level) * se
    p = 2 * float(ndtr(-abs(value - null) / se))
    return Estimate(value, value - half, value + half, truth.size, method, p, int(truth.sum()), se)


def calibration_slope(positive: Labels, probability: Labels, *, level: float = 0.95) -> Estimate:
    """Slope of the outcome on the predicted log-odds; 1 is ideal, below 1 the predictions are too extreme.

    Wald interval; `p` tests slope = 1 (Cox 1958; Steyerberg 2019, Clinical Prediction Models, 15.3).
    """
    fit = logistic_recalibration(positive, probability)
    return _wald(
        float(fit.coefficients[1]),
        float(np.sqrt(fit.covariance[1, 1])),
        checked_outcome(positive),
        null=1.0,
        level=level,
        method="logistic calibration slope, Wald",
    )


def calibration_intercept(positive: Labels, probability: Labels, *, level: float = 0.95) -> Estimate:
    """Calibration in the large: log-odds by which all predictions are too low (slope held at 1); 0 is ideal.

    Wald interval; `p` tests intercept = 0 (Steyerberg 2019, 15.3).
    """
    truth, log_odds = _log_odds(positive, probability)
    fit = logistic_irls(np.ones((truth.size, 1)), truth, offset=log_odds)
    se = float(np.sqrt(fit.covariance[0, 0]))
    method = "calibration in the large, logistic offset, Wald"
    return _wald(float(fit.coefficients[0]), se, truth, null=0.0, level=level, method=method)


def recalibrate(probability: Labels, *, intercept: float, slope: float = 1.0) -> Floats:
    """New probabilities expit(intercept + slope logit(probability)) (Steyerberg 2019, 20.2).

    Take both from `logistic_recalibration`, or the intercept alone from `calibration_intercept`; 0 and 1 stay.

    >>> recalibrate(np.array([0.2, 0.5]), intercept=0.0, slope=2.0).round(4)
    array([0.0588, 0.5   ])
    """
    values = as_finite(probability, name="probability")
    if np.any((values < 0) | (values > 1)) or slope <= 0:
        raise StatisticError(f"probability must lie in [0, 1] and slope above 0 (here {slope:g})")
    return np.asarray(expit(intercept + slope * logit(values)), dtype=float)


def brier(positive: Labels, probability: Labels, *, level: float = 0.95) -> Estimate:
    """Mean squared error of the predictions (Brier 1950), with the normal interval of a mean."""
    truth, values = checked_predictions(positive, probability)
    loss = (values - truth) ** 2
    return _normal(float(loss.mean()), loss, truth, level=level, method="Brier score, normal")


def scaled_brier(positive: Labels, probability: Labels, *, level: float = 0.95) -> Estimate:
    """1 - Brier / (m (1 - m)), m the observed share: 1 is perfect, 0 as good as predicting m for all.

    Also called index of prediction accuracy (Kattan & Gerds 2018); interval by the delta method, with the
    influence of each observation on the loss and on m.
    """
    truth, values = checked_predictions(positive, probability)
    loss, mean = (values - truth) ** 2, truth.mean()
    spread = mean * (1 - mean)
    influence = (loss.mean() * (1 - 2 * mean) * (truth - mean) / spread - loss) / spread
    value = float(1 - loss.mean() / spread)
    return _normal(value, influence, truth, level=level, method="scaled Brier score, delta method")


def _normal(value: float, influence: Floats, truth: Bools, *, level: float, method: str) -> Estimate:
    se = float(influence.std(ddof=1) / np.sqrt(truth.size))
    half = normal_quantile(level) * se
    return Estimate(value, value - half, value + half, truth.size, method, events=int(truth.sum()), se=se)


def spiegelhalter_z(positive: Labels, probability: Labels) -> Estimate:
    """Standard normal test that the predictions are calibrated (Spiegelhalter 1986); no interval.

    z = sum (y - p)(1 - 2p) / sqrt(sum (1 - 2p)^2 p (1 - p)).
    """
    truth, values = checked_predictions(positive, probability)
    lean = 1 - 2 * values
    variance = float(np.sum(lean**2 * values * (1 - values)))
    if variance == 0:
        raise StatisticError("every probability is 0, 0.5 or 1: Spiegelhalter's z has no variance")
    value = float(np.sum((truth - values) * lean) / np.sqrt(variance))
    p = 2 * float(ndtr(-abs(value)))
    return Estimate(value, np.nan, np.nan, truth.size, "Spiegelhalter z", p, int(truth.sum()), se=1.0)


def observed_expected_ratio(positive: Labels, probability: Labels, *, level: float = 0.95) -> Estimate:
    """Events observed over events expected; above 1 the predictions are too low.

    Interval and `p` (ratio = 1) on the log scale with Var log O = (1 - O/n) / O and E taken as fixed (Debray
    et al. 2017, BMJ 356:i6460); `se` is that of the log ratio.
    """
    truth, values = checked_predictions(positive, probability)
    observed, expected = int(truth.sum()), float(values.sum())
    if expected == 0:
        raise StatisticError("every probability is 0: no event is expected and the ratio is infinite")
    ratio, se = observed / expected, float(np.sqrt((1 - truth.mean()) / observed))
    low, high = ratio * np.exp(np.array([-1, 1]) * normal_quantile(level) * se)
    p = 2 * float(ndtr(-abs(np.log(ratio)) / se))
    return Estimate(
        ratio, float(low), float(high), truth.size, "observed/expected, log normal", p, observed, se
    )


def calibration_curve(
    positive: Labels,
    probability: Labels,
    *,
    bins: int = 10,
    strategy: Binning = "quantile",
    level: float = 0.95,
) -> CalibrationCurve:
    """Observed share against mean prediction in groups, with Wilson intervals (Wilson 1927).

    A group holds edge <= probability < next edge, the last one its upper edge too. Quantile edges put about
    n / bins in a group, ties staying together; empty groups are left out, so there may be fewer than `bins`.
    """
    truth, values = checked_predictions(positive, probability)
    if not 1 <= bins <= values.size:
        raise StatisticError(f"bins is {bins}; it must lie between 1 and the {values.size} observations")
    shares = np.linspace(0, 1, bins + 1)[1:-1]
    edges = shares if strategy == "uniform" else np.quantile(values, shares)
    group = np.unique(np.searchsorted(edges, values, side="right"), return_inverse=True)[1]
    n, events = np.bincount(group), np.bincount(group, weights=truth).astype(np.int64)
    low, high = _wilson(events / n, n, normal_quantile(level) ** 2)
    return CalibrationCurve(np.bincount(group, weights=values) / n, events / n, low, high, n, events)


def _wilson(share: Floats, n: NDArray[np.int64], z2: float) -> tuple[Floats, Floats]:
    centre = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = np.sqrt(z2 * share * (1 - share) / n + (z2 / (2 * n)) ** 2) / (1 + z2 / n)
    return np.maximum(centre - half, 0), np.minimum(centre + half, 1)


def expected_calibration_error(
    positive: Labels, probability: Labels, *, bins: int = 10, strategy: Binning = "quantile"
) -> Estimate:
    """Mean over observations of |observed - predicted| of their group (Naeini et al. 2015); no interval.

    It depends on the bins and is biased upwards in small samples: prefer `integrated_calibration_index`.
    """
    curve = calibration_curve(positive, probability, bins=bins, strategy=strategy)
    value = float(np.average(np.abs(curve.observed - curve.predicted), weights=curve.n))
    method = f"expected calibration error, {curve.n.size} {strategy} groups"
    return Estimate(value, np.nan, np.nan, int(curve.n.sum()), method, events=int(curve.events.sum()))


def integrated_calibration_index(
    positive: Labels, probability: Labels, *, smoother: Smoother = "spline"
) -> CalibrationError:
    """Mean, median and 90th percentile distance of the smooth curve from the diagonal, over the observations.

    Austin & Steyerberg 2019, Stat Med 38:4051; no interval (bootstrap it). See `smooth_calibration`.
    """
    curve = smooth_calibration(positive, probability, at=probability, smoother=smoother)
    distance, events = np.abs(curve.y - curve.x), int(np.sum(positive))
    values = {
        "ICI": distance.mean(),
        "E50": np.median(distance),
        "E90": np.quantile(distance, 0.9),
    }
    return CalibrationError(
        *(
            Estimate(float(value), np.nan, np.nan, distance.size, f"{name}, {smoother} curve", events=events)
            for name, value in values.items()
        )
    )


def smooth_calibration(
    positive: Labels,
    probability: Labels,
    *,
    at: Labels | None = None,
    smoother: Smoother = "spline",
    level: float = 0.95,
) -> SmoothCurve:
    """Observed probability as a smooth function of the predicted one.

    "spline": logistic regression on a restricted cubic spline of the log-odds with four knots, limits on the
    log-odds (Harrell 2015, 2.4.5). "loess": local lines with tricube weights on the nearest 75 %, cut to
    [0, 1] (Cleveland 1979; Austin & Steyerberg 2014); with y = sum_i l_i y_i the limits come from
    sum_i l_i^2 f_i (1 - f_i), f the fitted curve.

    Args:
        positive: (n,) outcome.
        probability: (n,) predictions.
        at: (m,) predictions at which the curve is wanted; 101 equal steps over the observed range if None.
        smoother: which curve.
        level: of the pointwise limits.
    """
    truth, values = checked_predictions(positive, probability)
    x = np.linspace(values.min(), values.max(), 101) if at is None else as_finite(at, name="at")
    beyond = np.flatnonzero((x < values.min()) | (x > values.max()))
    if beyond.size:
        raise StatisticError(
            f"at holds {x[beyond[0]]:g}, outside the predictions {values.min():g} to {values.max():g}; "
            "the curve is not extrapolated"
        )
    z = normal_quantile(level)
    return (
        _spline_curve(truth, values, x=x, z=z)
        if smoother == "spline"
        else _loess_curve(truth, values, x=x, z=z)
    )


def _spline_curve(truth: Bools, values: Floats, *, x: Floats, z: float) -> SmoothCurve:
    log_odds = _log_odds(truth, values)[1]
    knots = np.quantile(log_odds, KNOT_QUANTILES)
    if np.any(np.diff(knots) <= 0):
        raise StatisticError(
            f"too few distinct probabilities ({np.unique(values).size}) for a spline: its knots coincide; "
            "use calibration_curve or smoother='loess'"
        )
    fit = logistic_irls(_spline_basis(log_odds, knots), truth)
    basis = _spline_basis(logit(x), knots)
    line = basis @ fit.coefficients
    half = z * np.sqrt(np.einsum("ij,jk,ik->i", basis, fit.covariance, basis))
    return SmoothCurve(x, expit(line), expit(line - half), expit(line + half))


def _spline_basis(x: Floats, knots: Floats) -> Floats:
    """Intercept, x and the restricted cubic terms of Harrell 2015, eq. 2.25, (n, knots)."""
    cubes = np.maximum(x[:, None] - knots, 0) ** 3 / (knots[-1] - knots[0]) ** 2
    gap = knots[-1] - knots[-2]
    last = (knots[-1] - knots[:-2]) / gap * cubes[:, -2:-1] - (knots[-2] - knots[:-2]) / gap * cubes[:, -1:]
    return np.column_stack([np.ones_like(x), x, cubes[:, :-2] - last])


def _loess_curve(truth: Bools, values: Floats, *, x: Floats, z: float) -> SmoothCurve:
    fitted = np.concatenate([rows @ truth for rows in _local_lines(values, values)])
    fitted = np.clip(fitted, 0, 1)
    blocks = [(rows @ truth, rows**2 @ (fitted * (1 - fitted))) for rows in _local_lines(values, x)]
    y, variance = (np.concatenate(part) for part in zip(*blocks, strict=True))
    half = z * np.sqrt(variance)
    return SmoothCurve(x, np.clip(y, 0, 1), np.clip(y - half, 0, 1), np.clip(y + half, 0, 1))


def _local_lines(values: Floats, x: Floats) -> Iterator[Floats]:
    """Rows l of the loess operator, y(x) = l @ y, in blocks of (rows, n)."""
    nearest = max(2, int(values.size * LOESS_SPAN + 1e-5)) - 1
    height = max(1, CELLS_PER_BLOCK // values.size)
    for start in range(0, x.size, height):
        offset = values - x[start : start + height, None]
        distance = np.abs(offset)
        reach = np.partition(distance, nearest, axis=1)[:, nearest, None]
        ratio = np.divide(np.minimum(distance, reach), reach, out=np.sign(distance), where=reach > 0)
        kernel = (1 - ratio**3) ** 3
        kernel /= kernel.sum(axis=1, keepdims=True)
        mean = np.sum(kernel * offset, axis=1, keepdims=True)
        spread = np.sum(kernel * (offset - mean) ** 2, axis=1, keepdims=True)
        tilt = np.divide(mean, spread, out=np.zeros_like(mean), where=spread > 1e-12 * reach**2)
        yield kernel * (1 - tilt * (offset - mean))
