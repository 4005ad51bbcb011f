"""What ComBat is given, checked: features, batches and covariates, and which features it can adjust."""

from collections.abc import Hashable

import numpy as np
from numpy.typing import NDArray

from .arrays import BoolArray, CountArray, FloatArray
from .estimate import StatisticError

NO_SPREAD = 1e-10
"""Standard deviation, relative to the largest value, below which a feature counts as constant."""


def as_features(features: NDArray[np.generic]) -> FloatArray:
    """`features` as a (cases, features) table of floats; NaN is a missing value, infinity is refused."""
    table = np.asarray(features, dtype=float)
    if table.ndim != 2:
        raise StatisticError(f"features have shape {table.shape}; give a table of cases by features")
    bad = np.argwhere(np.isinf(table))
    if bad.size:
        raise StatisticError(
            f"feature {bad[0][1]} of case {bad[0][0]} is infinite ({len(bad)} such in all); set it to NaN or drop it"
        )
    return table


def as_labels(batch: NDArray[np.generic], n: int) -> list[Hashable]:
    """One label a case; None where it is missing."""
    labels = np.asarray(batch)
    if labels.shape != (n,):
        raise StatisticError(f"batch has shape {labels.shape} for {n} cases; give one label a case")
    # Only NaN differs from itself.
    return [None if label is None or label != label else label for label in labels.tolist()]


def as_batches(batch: NDArray[np.generic], n: int, *, fewest: int) -> tuple[tuple[Hashable, ...], CountArray]:
    """The batches, sorted by name, and the number of each case's; refuses missing labels and small batches."""
    labels = as_labels(batch, n)
    if None in labels:
        raise StatisticError(
            f"batch is missing at position {labels.index(None)} ({labels.count(None)} such in all);"
            " leave those cases out"
        )
    names = tuple(sorted(set(labels), key=str))
    if len(names) < 2:
        raise StatisticError(f"{len(names)} batch; at least two are needed, there is nothing to harmonise")
    member = np.array([names.index(label) for label in labels])
    counts = np.bincount(member)
    if counts.min() < fewest:
        raise StatisticError(
            f"batch {names[int(counts.argmin())]!r} has {counts.min()} case, whose spread is unknown; pool it with"
            " another, leave it out, or adjust means alone (mean_only)"
        )
    return names, member


def as_covariates(covariates: NDArray[np.generic] | None, n: int) -> FloatArray:
    """`covariates` as a (cases, covariates) table of floats, with no column where there are none."""
    table = np.zeros((n, 0)) if covariates is None else np.asarray(covariates, dtype=float)
    if table.ndim != 2 or len(table) != n:
        raise StatisticError(f"covariates have shape {table.shape} for {n} cases; give one row a case")
    bad = np.argwhere(~np.isfinite(table))
    if bad.size:
        raise StatisticError(
            f"covariate {bad[0][1]} of case {bad[0][0]} is {table[tuple(bad[0])]} ({len(bad)} such in all);"
            " impute it or leave the case out"
        )
    return table


def refuse_collinear(indicators: FloatArray, covariates: FloatArray) -> None:
    """Refuse a covariate that the batches, or the covariates before it, determine: its effect cannot be kept."""
    spread = covariates.std(axis=0)
    scaled = (covariates - covariates.mean(axis=0)) / np.where(spread > 0, spread, 1)
    for column in range(covariates.shape[1]):
        design = np.hstack([indicators, scaled[:, : column + 1]])
        if np.linalg.matrix_rank(design) < design.shape[1]:
            raise StatisticError(
                f"covariate {column} is determined by the batches and the covariates before it (e.g. it is constant"
                " within every batch), so its effect and the batch's cannot be told apart; leave it out, or drop or"
                " pool batches"
            )


def adjustable(table: FloatArray, member: CountArray, *, mean_only: bool) -> BoolArray:
    """Features with two different values in every batch (with one value, for `mean_only`).

    A feature that is constant within a batch has no scale there, and one that is missing no shift.
    """
    enough = np.ones(table.shape[1], dtype=bool)
    largest = np.where(np.isfinite(table), np.abs(table), 0.0).max(axis=0, initial=0.0)
    for batch in range(member.max() + 1):
        rows = table[member == batch]
        seen = np.isfinite(rows)
        spread = np.where(seen, rows, -np.inf).max(axis=0) - np.where(seen, rows, np.inf).min(axis=0)
        enough &= seen.any(axis=0) if mean_only else spread > NO_SPREAD * largest
    return enough


def least_squares(design: FloatArray, table: FloatArray) -> FloatArray:
    """Coefficients (columns, features) of each feature on the rows where it is known; NaN where they do not exist."""
    found = np.full((design.shape[1], table.shape[1]), np.nan)
    patterns, which = np.unique(np.isfinite(table), axis=1, return_inverse=True)
    for number, rows in enumerate(patterns.T):
        columns = np.flatnonzero(which.ravel() == number)
        solved, _, rank, _ = np.linalg.lstsq(design[rows], table[np.ix_(rows, columns)])
        if rank == design.shape[1]:
            found[:, columns] = solved
    return found
