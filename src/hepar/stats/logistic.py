"""Logistic regression by maximum likelihood; where no finite maximum exists it says so."""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import linprog
from scipy.special import expit

from .arrays import BoolArray, Coefficients, Covariance, DesignMatrix, FloatArray, Labels, Numbers
from .estimate import StatisticError, as_finite
from .predictions import checked_outcome

MOST_STEPS = 100
"""Newton steps of a logistic fit before it is given up."""

DEVIANCE_TOLERANCE = 1e-12
"""Relative change of the deviance at which a logistic fit has converged (R's glm: 1e-8)."""

SUSPECT_LOG_ODDS = 15.0
"""Fitted log-odds beyond which separation is looked for; a separated fit always goes past it."""


@dataclass(frozen=True, slots=True)
class LogisticFit:
    """Maximum-likelihood coefficients (k,), their covariance (k, k) and -2 log likelihood."""

    coefficients: Coefficients
    covariance: Covariance
    deviance: float


def logistic_irls(
    design: DesignMatrix, positive: Labels, *, offset: Numbers | None = None, weights: Numbers | None = None
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


def _deviance(margin: FloatArray, share: FloatArray) -> float:
    return 2 * float(share @ np.logaddexp(0, -margin))


def _check_design(columns: FloatArray, truth: BoolArray, *, start: FloatArray, share: FloatArray) -> None:
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


def _refuse_separation(signed: FloatArray) -> None:
    """Refuses where some direction puts no case on the wrong side and one on the right (Konis 2007)."""
    signed = signed / np.abs(signed).max(axis=0)
    best = linprog(-signed.sum(axis=0), A_ub=-signed, b_ub=np.zeros(len(signed)), bounds=(-1, 1))
    if best.fun is None or best.fun < -1e-6 * len(signed):
        raise StatisticError(
            "the outcomes are separated: some combination of the columns tells positives from negatives without "
            "error, so a coefficient is infinite; gather more data or use fewer columns"
        )
