"""Discrimination within the folds of a cross-validation, whose models score on scales of their own."""

import numpy as np
import pandas as pd

from ..data.predictions import Predictions
from ..stats.estimate import Estimate
from ..stats.training_sets import over_training_sets
from ..stats.within import auc_difference_within, auc_within, c_difference_within, c_within
from ..stats.within_correlation import correlation_difference_within, pearson_within
from .units import follow_up, numbers, on_units, positives

WITHIN = ", within folds"
OVER = ", over training sets"
"""End the names of quantities that compare cases of one fold only, and that count the models' own variance."""


def in_folds(cases: pd.DataFrame, *, role: str) -> bool:
    """Whether the cases were scored by the models of several folds."""
    return role == "cross-validated" and cases["fold"].nunique() > 1


def with_folds(
    cases: pd.DataFrame, predictions: Predictions, *, tests: tuple[str, str], role: str
) -> pd.DataFrame:
    """Paired cases with a column `fold`: a number for each fold, or pair of folds where the tests differ in them.

    All are of one fold where neither test was learnt: the same rule judged every case.
    """
    if not any(predictions.test(name).learnt for name in tests):
        return cases.assign(fold=0)
    key = ["case_id", "unit"]
    names = []
    for number, test in enumerate(tests):
        names.append(f"fold_{number}")
        own = predictions.of(test, role=role)[[*key, "fold"]].rename(columns={"fold": names[-1]})
        cases = cases.merge(own, on=key, how="left", validate="one_to_one")
    return cases.assign(fold=cases.groupby(names, sort=True).ngroup()).drop(columns=names)


def over_folds(difference: Estimate, cases: pd.DataFrame) -> Estimate:
    """`difference` of two tests by all of `cases`, as one over training sets; as it is where it has no interval."""
    if difference.low != difference.low:
        return difference
    return over_training_sets(difference, parts=int(cases["fold"].nunique()))


def auc_within_folds(cases: pd.DataFrame, *, draws: int, seed: int) -> Estimate:
    """AUC over pairs of cases of one fold; where participants have several rows, with a bootstrap interval."""
    columns = (positives(cases), numbers(cases, "score"), _codes(cases))
    return on_units(auc_within, *columns, rows=cases, draws=draws, seed=seed, null=0.5)


def auc_difference_within_folds(
    cases: pd.DataFrame, *, first: str, second: str, draws: int, seed: int
) -> Estimate:
    """AUC of column `first` minus that of `second`, both within folds."""

    def difference(positive: np.ndarray, *columns: np.ndarray) -> Estimate:
        return auc_difference_within(positive, columns[0], columns[1], stratum=columns[2])

    columns = (positives(cases), numbers(cases, first), numbers(cases, second), _codes(cases))
    return on_units(difference, *columns, rows=cases, draws=draws, seed=seed, null=0.0)


def c_within_folds(cases: pd.DataFrame, *, draws: int, seed: int) -> Estimate:
    """Harrell's C over pairs of cases of one fold."""

    def concordance(*columns: np.ndarray) -> Estimate:
        return c_within(*columns[:3], stratum=columns[3])

    columns = (*follow_up(cases), numbers(cases, "score"), _codes(cases))
    return on_units(concordance, *columns, rows=cases, draws=draws, seed=seed)


def c_difference_within_folds(
    cases: pd.DataFrame, *, first: str, second: str, draws: int, seed: int
) -> Estimate:
    """Harrell's C of column `first` minus that of `second`, both within folds."""

    def difference(*columns: np.ndarray) -> Estimate:
        return c_difference_within(*columns[:2], first=columns[2], second=columns[3], stratum=columns[4])

    columns = (*follow_up(cases), numbers(cases, first), numbers(cases, second), _codes(cases))
    return on_units(difference, *columns, rows=cases, draws=draws, seed=seed, null=0.0)


def pearson_within_folds(
    cases: pd.DataFrame, reference: np.ndarray, score: np.ndarray, *, draws: int, seed: int
) -> Estimate:
    """Pearson's correlation of two columns of `cases`, both taken from their means in each fold."""
    columns = (reference, score, _codes(cases))
    return on_units(pearson_within, *columns, rows=cases, draws=draws, seed=seed, null=0.0)


def pearson_difference_within_folds(
    cases: pd.DataFrame, *columns: np.ndarray, draws: int, seed: int
) -> Estimate:
    """r(reference, first) - r(reference, second) within folds; `columns` are reference, first and second."""

    def difference(*found: np.ndarray) -> Estimate:
        return correlation_difference_within(*found[:3], stratum=found[3])

    return on_units(difference, *columns, _codes(cases), rows=cases, draws=draws, seed=seed, null=0.0)


def _codes(cases: pd.DataFrame) -> np.ndarray:
    return np.unique(cases["fold"].to_numpy(), return_inverse=True)[1]
