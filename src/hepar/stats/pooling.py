"""Random-effects pooling of a statistic over sites (internal-external validation, several hospitals)."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from scipy.optimize import brentq
from scipy.special import expit, logit
from scipy.stats import chi2
from scipy.stats import t as student

from .arrays import FloatArray, Numbers
from .estimate import Estimate, StatisticError, as_finite, normal_quantile

Method = Literal["dl", "reml", "pm"]
Adjustment = Literal["hksj", "hksj-truncated", "normal"]
Scale = Literal["identity", "logit", "log"]

REML_TOLERANCE = 1e-13
"""Change of the between-site variance, relative to the mean sampling variance, at which REML stops."""

REML_STEPS = 1000
"""Fisher scoring converges linearly at worst; ordinary data need about ten steps."""


@dataclass(frozen=True, slots=True)
class Pooled:
    """A pooled statistic and how far the sites differ.

    `estimate` and the prediction interval (where a new site's true value is expected to lie) are on the natural
    scale; `tau2` is the between-site variance on the scale of pooling; `i2`, 0 to 1, is its share of the
    total; `q` and `q_p` are Cochran's test of homogeneity; `weights` sum to 1, in the order of the sites.
    Undefined values are NaN, among them the prediction interval of fewer than three sites.
    """

    estimate: Estimate
    tau2: float
    i2: float
    q: float
    q_p: float
    prediction_low: float
    prediction_high: float
    weights: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class _Link:
    """To the scale of pooling and back; `slope` is the derivative of `there` at a natural value."""

    there: Callable[[Any], Any]
    back: Callable[[Any], Any]
    slope: Callable[[Any], Any]
    low: float
    high: float


LINKS: dict[Scale, _Link] = {
    "identity": _Link(lambda x: x, lambda x: x, np.ones_like, -np.inf, np.inf),
    "log": _Link(np.log, np.exp, np.reciprocal, 0, np.inf),
    "logit": _Link(logit, expit, lambda x: 1 / (x * (1 - x)), 0, 1),
}


def pool_random_effects(
    values: Numbers,
    ses: Numbers,
    *,
    method: Method = "reml",
    adjustment: Adjustment = "hksj",
    scale: Scale = "identity",
    level: float = 0.95,
) -> Pooled:
    """Random-effects mean of site values with known standard errors.

    mu = sum w_i y_i / sum w_i, w_i = 1 / (se_i^2 + tau2). An AUC or C-index is best pooled on the logit
    scale, an O:E ratio on the log scale (Snell et al. 2018); standard errors follow by the delta method.

    Args:
        values: (k,) one value per site, on the natural scale.
        ses: (k,) their standard errors, on the natural scale.
        method: tau2 by "dl" (DerSimonian & Laird 1986), "reml", or "pm" (Paule & Mandel 1982).
        adjustment: "hksj" (Hartung & Knapp 2001; Sidik & Jonkman 2002: t with k - 1 degrees of freedom),
            "hksj-truncated" (the same, never narrower for lack of heterogeneity; Roever et al. 2015), "normal".
        scale: of pooling.
        level: of confidence and of prediction; the latter with k - 2 degrees of freedom (Higgins et al. 2009).

    Returns:
        `p` of the estimate tests a pooled value of 0 on the scale of pooling (logit: 0.5, log: 1). One
        site comes back unpooled, with its normal interval, and `method` says so.

    Raises:
        StatisticError: a standard error that is not positive, or a value outside the scale, by site.
    """
    normal_quantile(level)
    natural, errors = _checked(values, ses, scale)
    link = LINKS[scale]
    slopes = link.slope(natural)
    y, v = np.asarray(link.there(natural), dtype=float), np.square(errors * slopes)
    tau2 = _tau2(y, v, method)
    weights = 1 / (v + tau2)
    mean, se = float(weights @ y / weights.sum()), _standard_error(y, weights, adjustment)
    freedom = np.inf if adjustment == "normal" or y.size == 1 else y.size - 1
    reach = se * float(student.ppf((1 + level) / 2, freedom))
    centre = float(link.back(mean))
    name = f"random effects ({method}, {adjustment}, {scale} scale) over {y.size} sites"
    estimate = Estimate(
        centre,
        float(link.back(mean - reach)),
        float(link.back(mean + reach)),
        y.size,
        name if y.size > 1 else f"single site, not pooled ({scale} scale)",
        p=float(2 * student.sf(abs(mean / se), freedom)),
        se=se / float(link.slope(np.float64(centre))),
    )
    ahead = link.back(_prediction(mean, np.hypot(se, np.sqrt(tau2)), sites=y.size, level=level))
    q, i2 = _heterogeneity(y, v, tau2)
    q_p = float(chi2.sf(q, y.size - 1)) if y.size > 1 else np.nan
    shares = tuple((weights / weights.sum()).tolist())
    return Pooled(estimate, tau2, i2, q, q_p, float(ahead[0]), float(ahead[1]), shares)


def _checked(values: np.ndarray, ses: np.ndarray, scale: Scale) -> tuple[FloatArray, FloatArray]:
    natural, errors = as_finite(values, name="values"), as_finite(ses, name="ses")
    link = LINKS[scale]
    if natural.shape != errors.shape or natural.size == 0:
        raise StatisticError(f"{natural.size} values and {errors.size} standard errors; one of each per site")
    for site in np.flatnonzero(errors <= 0):
        raise StatisticError(
            f"site {site} has standard error {errors[site]:.6g}; it must be positive: leave the site out or "
            "get its error by bootstrap"
        )
    for site in np.flatnonzero((natural <= link.low) | (natural >= link.high)):
        raise StatisticError(
            f"site {site} has value {natural[site]:.6g}; the {scale} scale needs values strictly between "
            f"{link.low} and {link.high}: pool on another scale or leave the site out"
        )
    return natural, errors


def _tau2(y: FloatArray, v: FloatArray, method: Method) -> float:
    if y.size == 1:
        return 0.0
    return {"dl": _dersimonian_laird, "reml": _reml, "pm": _paule_mandel}[method](y, v)


def _q(y: FloatArray, v: FloatArray, tau2: float = 0.0) -> float:
    """Cochran's Q, generalised to weights that include tau2."""
    weights = 1 / (v + tau2)
    return float(weights @ np.square(y - weights @ y / weights.sum()))


def _dersimonian_laird(y: FloatArray, v: FloatArray) -> float:
    weights = 1 / v
    return max(0.0, (_q(y, v) - (y.size - 1)) / float(weights.sum() - (weights @ weights) / weights.sum()))


def _paule_mandel(y: FloatArray, v: FloatArray) -> float:
    """tau2 at which the generalised Q meets its expectation k - 1; Q falls with tau2."""
    excess = float(y.size - 1)
    if _q(y, v) <= excess:
        return 0.0
    top = float(np.ptp(y)) ** 2 + float(v.max())
    return float(brentq(lambda tau2: _q(y, v, tau2) - excess, 0, top, xtol=1e-15, rtol=1e-14))


def _reml(y: FloatArray, v: FloatArray) -> float:
    """Restricted maximum likelihood by Fisher scoring (Viechtbauer 2005, eq. 10), kept at or above 0."""
    tau2 = _dersimonian_laird(y, v)
    for _ in range(REML_STEPS):
        weights = 1 / (v + tau2)
        total, square, cube = weights.sum(), np.sum(weights**2), np.sum(weights**3)
        fit = np.sum(np.square(weights * (y - weights @ y / total)))
        information = square - 2 * cube / total + (square / total) ** 2
        new = max(0.0, float(tau2 + (fit - (total - square / total)) / information))
        if abs(new - tau2) <= REML_TOLERANCE * float(v.mean()):
            return new
        tau2 = new
    raise StatisticError(
        f"REML found no between-site variance in {REML_STEPS} steps; use method 'pm' or 'dl'"
    )


def _standard_error(y: FloatArray, weights: FloatArray, adjustment: Adjustment) -> float:
    plain = 1 / weights.sum()
    if adjustment == "normal" or y.size == 1:
        return float(np.sqrt(plain))
    factor = float(weights @ np.square(y - weights @ y / weights.sum())) / (y.size - 1)
    return float(np.sqrt(plain * (max(1.0, factor) if adjustment == "hksj-truncated" else factor)))


def _prediction(mean: float, spread: float, *, sites: int, level: float) -> FloatArray:
    if sites < 3:
        return np.full(2, np.nan)
    reach = spread * float(student.ppf((1 + level) / 2, sites - 2))
    return np.array([mean - reach, mean + reach])


def _heterogeneity(y: FloatArray, v: FloatArray, tau2: float) -> tuple[float, float]:
    """Q, and I2 = tau2 / (tau2 + typical sampling variance) (Higgins & Thompson 2002, eq. 9)."""
    if y.size == 1:
        return np.nan, np.nan
    weights = 1 / v
    typical = (y.size - 1) * weights.sum() / (weights.sum() ** 2 - weights @ weights)
    return _q(y, v), float(tau2 / (tau2 + typical))
