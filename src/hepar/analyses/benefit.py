"""Net benefit of the tests of a study: which decisions each of them leads to, and what these are worth."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from ..data.predictions import Predictions, Test
from ..stats.horizon_benefit import net_benefit_at, net_benefit_weighted
from ..stats.resampling import StatisticOfWeights
from ..stats.utility import net_benefit, net_benefit_of_all
from .accuracy import called_positive, distinct, label_of
from .units import follow_up, numbers, positives, with_probability

ALL, NONE = "treat all", "treat none"
"""The two default policies; they stand where a test's name would."""


@dataclass(frozen=True, slots=True)
class Policy:
    """A test, or one published cut-off of it (`group`), and its cases with a column `decision`.

    The decision is to treat where it is at least the threshold probability: a probability, or 1 and 0 for a rule.
    """

    test: str
    group: str
    cases: pd.DataFrame


def policies_of(predictions: Predictions, *, role: str, horizon_y: float | None) -> list[Policy]:
    """Every test with probabilities, and every published cut-off of the comparators without."""
    return [
        policy
        for test in predictions.tests
        for policy in _policies(test, predictions.of(test.name, role=role, horizon_y=horizon_y))
    ]


def _policies(test: Test, cases: pd.DataFrame) -> Iterator[Policy]:
    known = with_probability(cases)
    if len(known):
        yield Policy(test.name, "", known.assign(decision=known["probability"]))
        return
    for cut in distinct(test.thresholds):
        if test.role == "comparator" and cut.scale == "score" and len(cases):
            decision = called_positive(numbers(cases, "score"), cut).astype(float)
            yield Policy(test.name, label_of(cut), cases.assign(decision=decision))


def on_common_cases(policies: Sequence[Policy]) -> list[Policy]:
    """The policies on the cases that all of them decide, in one order."""
    keys = [pd.MultiIndex.from_frame(policy.cases[["case_id", "unit"]]) for policy in policies]
    shared = keys[0]
    for key in keys[1:]:
        shared = shared.intersection(key)
    return [
        replace(policy, cases=policy.cases[key.isin(shared)])
        for policy, key in zip(policies, keys, strict=True)
    ]


def benefit(cases: pd.DataFrame, thresholds: np.ndarray, *, horizon_y: float | None) -> np.ndarray:
    """Net benefit of the decisions of `cases` at each threshold."""
    if horizon_y is None:
        return net_benefit(positives(cases), numbers(cases, "decision"), thresholds)
    found = net_benefit_at(
        *follow_up(cases), numbers(cases, "decision"), thresholds=thresholds, horizon_y=horizon_y
    )
    return found.net_benefit


def benefit_of_all(cases: pd.DataFrame, thresholds: np.ndarray, *, horizon_y: float | None) -> np.ndarray:
    """Net benefit of treating everyone at each threshold; at 0 it is the prevalence, or the risk at the horizon."""
    if horizon_y is None:
        return net_benefit_of_all(positives(cases), thresholds)
    everyone = np.ones(len(cases))
    found = net_benefit_at(*follow_up(cases), everyone, thresholds=thresholds, horizon_y=horizon_y)
    return found.treat_all


def benefit_under(cases: pd.DataFrame, *, threshold: float, horizon_y: float) -> StatisticOfWeights:
    """Net benefit at the horizon under rows of case weights, (draws, n) -> (draws,), for the bootstrap."""
    time, status = follow_up(cases)
    decision = numbers(cases, "decision")

    def values(weights: np.ndarray) -> np.ndarray:
        return net_benefit_weighted(
            time, status, decision, threshold=threshold, horizon_y=horizon_y, weights=weights
        )

    return values
