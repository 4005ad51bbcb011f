"""Calibration curves, grouped or smooth, and how far they run from the diagonal.

`positive` is always the (n,) outcome (bool or 0/1), `probability` the (n,) predictions in [0, 1]. The spline
works on the log-odds and refuses a probability of exactly 0 or 1; nothing is clipped silently.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.special import expit, logit

from .arrays import BoolArray, CountArray, FloatArray, Labels, Numbers, PointCounts, PointFloats, Points
from .estimate import Estimate, StatisticError, as_finite, normal_quantile
from .logistic import logistic_irls
from .predictions import checked_log_odds, checked_predictions

Binning = Literal["quantile", "uniform"]
Smoother = Literal["spline", "loess"]

KNOT_QUANTILES = (0.05, 0.35, 0.65, 0.95)
"""Knots of the spline curve on the log-odds (Harrell 2015, Regression Modeling Strategies, table 2.3)."""

LOESS_SPAN = 0.75
"""Share of the observations in each local line of the loess curve (Austin & Steyerberg 2014)."""

CELLS_PER_BLOCK = 1_000_000
"""Kernel weights held at once by the loess curve."""


@dataclass(frozen=True, slots=True)
class CalibrationCurve:
    """Groups of like prediction, all (groups,): mean prediction, observed share with interval, counts."""

    predicted: PointFloats
    observed: PointFloats
    low: PointFloats
    high: PointFloats
    n: PointCounts
    events: PointCounts


@dataclass(frozen=True, slots=True)
class SmoothCurve:
    """Observed probability `y` as a smooth function of the predicted one, `x`, with pointwise limits."""

    x: PointFloats
    y: PointFloats
    low: PointFloats
    high: PointFloats


@dataclass(frozen=True, slots=True)
class CalibrationError:
    """Mean (ICI), median (E50) and 90th percentile (E90) of |observed - predicted| on a smooth curve."""

    ici: Estimate
    e50: Estimate
    e90: Estimate


def calibration_curve(
    positive: Labels,
    probability: Numbers,
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


def _wilson(share: FloatArray, n: CountArray, z2: float) -> tuple[FloatArray, FloatArray]:
    centre = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = np.sqrt(z2 * share * (1 - share) / n + (z2 / (2 * n)) ** 2) / (1 + z2 / n)
    return np.maximum(centre - half, 0), np.minimum(centre + half, 1)


def expected_calibration_error(
    positive: Labels, probability: Numbers, *, bins: int = 10, strategy: Binning = "quantile"
) -> Estimate:
    """Mean over observations of |observed - predicted| of their group (Naeini et al. 2015); no interval.

    It depends on the bins and is biased upwards in small samples: prefer `integrated_calibration_index`.
    """
    curve = calibration_curve(positive, probability, bins=bins, strategy=strategy)
    value = float(np.average(np.abs(curve.observed - curve.predicted), weights=curve.n))
    method = f"expected calibration error, {curve.n.size} {strategy} groups"
    return Estimate(value, np.nan, np.nan, int(curve.n.sum()), method, events=int(curve.events.sum()))


def integrated_calibration_index(
    positive: Labels, probability: Numbers, *, smoother: Smoother = "spline"
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
    probability: Numbers,
    *,
    at: Points | None = None,
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


def _spline_curve(truth: BoolArray, values: FloatArray, *, x: FloatArray, z: float) -> SmoothCurve:
    log_odds = checked_log_odds(truth, values)[1]
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


def _spline_basis(x: FloatArray, knots: FloatArray) -> FloatArray:
    """Intercept, x and the restricted cubic terms of Harrell 2015, eq. 2.25, (n, knots)."""
    cubes = np.maximum(x[:, None] - knots, 0) ** 3 / (knots[-1] - knots[0]) ** 2
    gap = knots[-1] - knots[-2]
    last = (knots[-1] - knots[:-2]) / gap * cubes[:, -2:-1] - (knots[-2] - knots[:-2]) / gap * cubes[:, -1:]
    return np.column_stack([np.ones_like(x), x, cubes[:, :-2] - last])


def _loess_curve(truth: BoolArray, values: FloatArray, *, x: FloatArray, z: float) -> SmoothCurve:
    fitted = np.concatenate([rows @ truth for rows in _local_lines(values, values)])
    fitted = np.clip(fitted, 0, 1)
    blocks = [(rows @ truth, rows**2 @ (fitted * (1 - fitted))) for rows in _local_lines(values, x)]
    y, variance = (np.concatenate(part) for part in zip(*blocks, strict=True))
    half = z * np.sqrt(variance)
    return SmoothCurve(x, np.clip(y, 0, 1), np.clip(y - half, 0, 1), np.clip(y + half, 0, 1))


def _local_lines(values: FloatArray, x: FloatArray) -> Iterator[FloatArray]:
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
