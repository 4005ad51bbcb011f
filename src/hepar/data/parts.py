"""Stratified parts of whole groups: what partitions and inner tuning folds are both made of."""

import warnings

import numpy as np
from sklearn.model_selection import StratifiedGroupKFold

from ..core.errors import RunError
from .reference import Reference


def stratified_parts(
    reference: Reference, group: np.ndarray, *, n: int, seed: int, what: str
) -> list[tuple[np.ndarray, np.ndarray]]:
    """`n` times (positions to learn from, positions held out): whole groups, the outcome's classes in like proportion.

    `what` names the groups and whose folds these are, for the error: fewer groups than folds, or no class as frequent.
    """
    groups, strata = _codes(group), _codes(reference.strata)
    for count, whose in (
        (len(np.unique(groups)), what),
        (int(np.bincount(strata).max()), "cases of one class"),
    ):
        if count < n:
            raise RunError(f"{n} folds need {n} {whose} or more; there are {count}: use fewer folds")
    splitter = StratifiedGroupKFold(n_splits=n, shuffle=True, random_state=seed)
    with warnings.catch_warnings():
        # a class rarer than the folds is spread as far as it goes; the report's table of folds shows how far
        warnings.filterwarnings("ignore", message="The least populated class")
        return [
            (np.asarray(train), np.asarray(held)) for train, held in splitter.split(groups, strata, groups)
        ]


def _codes(values: np.ndarray) -> np.ndarray:
    return np.unique(values, return_inverse=True)[1]
