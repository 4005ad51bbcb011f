"""Whether predicted probabilities happen as often as they say.

`positive` is always the (n,) outcome (bool or 0/1), `probability` the (n,) predictions in [0, 1]. What works on
the log-odds (slope, intercept, recalibration) refuses a probability of exactly 0 or 1, whose log-odds are
infinite; nothing is clipped silently.
"""

import numpy as np
from scipy.special import expit, logit, ndtr

from .arrays import BoolArray, FloatArray, Floats, Labels, Numbers
from .estimate import Estimate, StatisticError, as_finite, normal_quantile
from .logistic import LogisticFit, logistic_irls
from .predictions import checked_log_odds, checked_outcome, checked_predictions


def logistic_recalibration(positive: Labels, probability: Numbers) -> LogisticFit:
    """Intercept and slope of logit P(positive) = a + b logit(probability), together (Cox 1958)."""
    truth, log_odds = checked_log_odds(positive, probability)
    if np.ptp(log_odds) == 0:
        raise StatisticError(
            f"every probability is {float(expit(log_odds[0])):.4g}: the calibration slope of a constant is "
            "undefined; report the intercept alone"
        )
    return logistic_irls(np.column_stack([np.ones_like(log_odds), log_odds]), truth)


def _wald(value: float, se: float, truth: BoolArray, *, null: float, level: float, method: str) -> Estimate:
    half = normal_quantile(level) * se
    p = 2 * float(ndtr(-abs(value - null) / se))
    return Estimate(value, value - half, value + half, truth.size, method, p, int(truth.sum()), se)


def calibration_slope(positive: Labels, probability: Numbers, *, level: float = 0.95) -> Estimate:
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


def calibration_intercept(positive: Labels, probability: Numbers, *, level: float = 0.95) -> Estimate:
    """Calibration in the large: log-odds by which all predictions are too low (slope held at 1); 0 is ideal.

    Wald interval; `p` tests intercept = 0 (Steyerberg 2019, 15.3).
    """
    truth, log_odds = checked_log_odds(positive, probability)
    fit = logistic_irls(np.ones((truth.size, 1)), truth, offset=log_odds)
    se = float(np.sqrt(fit.covariance[0, 0]))
    method = "calibration in the large, logistic offset, Wald"
    return _wald(float(fit.coefficients[0]), se, truth, null=0.0, level=level, method=method)


def recalibrate(probability: Numbers, *, intercept: float, slope: float = 1.0) -> Floats:
    """New probabilities expit(intercept + slope logit(probability)) (Steyerberg 2019, 20.2).

    Take both from `logistic_recalibration`, or the intercept alone from `calibration_intercept`; 0 and 1 stay.

    >>> recalibrate(np.array([0.2, 0.5]), intercept=0.0, slope=2.0).round(4)
    array([0.0588, 0.5   ])
    """
    values = as_finite(probability, name="probability")
    if np.any((values < 0) | (values > 1)) or slope <= 0:
        raise StatisticError(f"probability must lie in [0, 1] and slope above 0 (here {slope:g})")
    return np.asarray(expit(intercept + slope * logit(values)), dtype=float)


def brier(positive: Labels, probability: Numbers, *, level: float = 0.95) -> Estimate:
    """Mean squared error of the predictions (Brier 1950), with the normal interval of a mean."""
    truth, values = checked_predictions(positive, probability)
    loss = (values - truth) ** 2
    return _normal(float(loss.mean()), loss, truth, level=level, method="Brier score, normal")


def scaled_brier(positive: Labels, probability: Numbers, *, level: float = 0.95) -> Estimate:
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


def _normal(value: float, influence: FloatArray, truth: BoolArray, *, level: float, method: str) -> Estimate:
    se = float(influence.std(ddof=1) / np.sqrt(truth.size))
    half = normal_quantile(level) * se
    return Estimate(value, value - half, value + half, truth.size, method, events=int(truth.sum()), se=se)


def spiegelhalter_z(positive: Labels, probability: Numbers) -> Estimate:
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


def observed_expected_ratio(positive: Labels, probability: Numbers, *, level: float = 0.95) -> Estimate:
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
