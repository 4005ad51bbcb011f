"""Whether acting on a prediction does more good than harm: net benefit and decision curves.

A threshold t is the probability at which a patient would accept the intervention, so one needless intervention
weighs t / (1 - t) of a needed one. Intervention follows where probability >= t. Net benefit is a mean over
patients of a gain that is 1 for a true positive, -t / (1 - t) for a false positive and 0 otherwise; that makes
every bootstrap here one matrix product.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from .arrays import BoolArray, FloatArray, Labels, Numbers, PointFloats, Points, TestPoints
from .estimate import Estimate, StatisticError, as_finite, normal_quantile
from .predictions import checked_outcome, checked_predictions
from .resampling import bootstrap_difference, bootstrap_weight_blocks


@dataclass(frozen=True, slots=True)
class DecisionCurve:
    """Net benefit of each test at each threshold, beside intervening in all; intervening in none gives 0.

    `net_benefit`, `low` and `high` are (tests, thresholds), `treat_all` and `thresholds` (thresholds,). The
    limits are NaN where no bootstrap was asked for.
    """

    thresholds: PointFloats
    names: tuple[str, ...]
    net_benefit: TestPoints
    low: TestPoints
    high: TestPoints
    treat_all: PointFloats
    n: int
    events: int
    method: str


def net_benefit(positive: Labels, probability: Numbers, thresholds: Points) -> PointFloats:
    """TP / n - FP / n * t / (1 - t), positive where probability >= t (Vickers & Elkin 2006), (thresholds,).

    >>> net_benefit(np.array([1, 0, 0, 1]), np.array([0.9, 0.6, 0.1, 0.2]), np.array([0.2, 0.5]))
    array([0.4375, 0.    ])
    """
    truth, values = checked_predictions(positive, probability)
    return _mean_gain(truth, values[:, None] >= _checked(thresholds), thresholds)


def net_benefit_of_all(positive: Labels, thresholds: Points) -> PointFloats:
    """Net benefit of intervening in everyone, m - (1 - m) t / (1 - t) with m the observed share."""
    truth = checked_outcome(positive)
    return _mean_gain(truth, np.ones((truth.size, 1), dtype=bool), thresholds)


def net_benefit_of_rule(positive: Labels, test_positive: Labels, thresholds: Points) -> PointFloats:
    """Net benefit of a test with one published cut-off, the same decisions at every threshold."""
    return _mean_gain(*_checked_rule(positive, test_positive), thresholds)


def interventions_avoided(
    positive: Labels, probability: Numbers, thresholds: Points, *, per: int = 100
) -> PointFloats:
    """Interventions saved per `per` patients against intervening in all, no case of disease missed more.

    (net benefit - net benefit of all) / (t / (1 - t)) * per (Vickers & Elkin 2006); thresholds above 0.
    """
    limits = _checked(thresholds)
    if np.any(limits == 0):
        raise StatisticError("thresholds hold 0, where a needless intervention costs nothing; give t > 0")
    gain = net_benefit(positive, probability, limits) - net_benefit_of_all(positive, limits)
    return np.asarray(per * gain * (1 - limits) / limits, dtype=float)


def net_benefit_difference(
    positive: Labels,
    first: Labels,
    second: Labels,
    *,
    threshold: float,
    seed: int,
    draws: int = 2000,
    level: float = 0.95,
    cluster: Labels | None = None,
) -> Estimate:
    """Net benefit of `first` minus that of `second` at one threshold, in the same patients.

    Percentile bootstrap of patients (or of whole clusters), with its two-sided p; see `bootstrap_difference`.

    Args:
        positive: (n,) outcome.
        first: (n,) probabilities, or bool for the decisions of a rule with a published cut-off.
        second: likewise.
        threshold: probability at which one would intervene.
        seed: of the draws.
        draws: bootstrap samples.
        level: confidence level.
        cluster: (n,) participant of each row, where one participant has several.
    """
    limits = _checked(np.array([threshold]))
    truth = checked_outcome(positive)
    left, right = (_gain(truth, _decisions(truth, test, limits), limits)[:, 0] for test in (first, second))
    sample = bootstrap_difference(
        _mean_under(left),
        _mean_under(right),
        np.arange(truth.size) if cluster is None else cluster,
        seed=seed,
        draws=draws,
        level=level,
    )
    method = f"difference of net benefit at {threshold:g}, {sample.method}"
    return Estimate(
        sample.value, sample.low, sample.high, truth.size, method, sample.p, int(truth.sum()), sample.se
    )


def decision_curve(
    positive: Labels,
    tests: Mapping[str, Labels],
    *,
    thresholds: Points,
    draws: int = 0,
    seed: int = 0,
    level: float = 0.95,
    cluster: Labels | None = None,
) -> DecisionCurve:
    """Net benefit over a range of thresholds, with pointwise percentile bootstrap limits if `draws` > 0.

    Args:
        positive: (n,) outcome.
        tests: name -> (n,) probabilities, or bool for the decisions of a rule with a published cut-off.
        thresholds: (m,) in [0, 1).
        draws: bootstrap samples; the tests share them.
        seed: of the draws.
        level: of the limits.
        cluster: (n,) participant of each row, where one participant has several.
    """
    truth, limits = checked_outcome(positive), _checked(thresholds)
    if not tests:
        raise StatisticError("tests is empty; give at least one name with its probabilities")
    gain = np.stack([_gain(truth, _decisions(truth, test, limits), limits) for test in tests.values()])
    low, high = np.full((2, *gain.shape[::2]), np.nan)
    method = "net benefit"
    if draws:
        group = np.arange(truth.size) if cluster is None else cluster
        low, high = _limits(gain, group, draws=draws, seed=seed, level=level)
        method += f", percentile bootstrap, {draws} draws of {np.unique(group).size} clusters"
    return DecisionCurve(
        thresholds=limits,
        names=tuple(tests),
        net_benefit=gain.mean(axis=1),
        low=low,
        high=high,
        treat_all=net_benefit_of_all(truth, limits),
        n=truth.size,
        events=int(truth.sum()),
        method=method,
    )


def _limits(gain: FloatArray, cluster: np.ndarray, *, draws: int, seed: int, level: float) -> FloatArray:
    """Percentile limits of the mean gain, (2, tests, thresholds), from (tests, n, thresholds)."""
    normal_quantile(level)
    columns = gain.transpose(1, 0, 2).reshape(gain.shape[1], -1)
    blocks = bootstrap_weight_blocks(cluster, draws=draws, seed=seed)
    means = np.concatenate([(rows @ columns) / rows.sum(axis=1, keepdims=True) for rows in blocks])
    ends = np.quantile(means, [(1 - level) / 2, (1 + level) / 2], axis=0)
    return np.asarray(ends.reshape(2, gain.shape[0], -1), dtype=float)


def _decisions(truth: BoolArray, test: np.ndarray, limits: FloatArray) -> BoolArray:
    """Whether to intervene, (n, thresholds)."""
    if np.asarray(test).dtype == np.bool_:
        return np.broadcast_to(_checked_rule(truth, test)[1], (truth.size, limits.size))
    return np.asarray(checked_predictions(truth, test)[1][:, None] >= limits)


def _mean_gain(truth: BoolArray, decisions: BoolArray, thresholds: np.ndarray) -> FloatArray:
    return np.asarray(_gain(truth, decisions, _checked(thresholds)).mean(axis=0), dtype=float)


def _gain(truth: BoolArray, decisions: BoolArray, limits: FloatArray) -> FloatArray:
    return np.where(decisions, np.where(truth[:, None], 1.0, -limits / (1 - limits)), 0.0)


def _mean_under(gain: FloatArray) -> Callable[[np.ndarray], FloatArray]:
    return lambda weights: np.asarray(weights @ gain / weights.sum(axis=1), dtype=float)


def _checked(thresholds: np.ndarray) -> FloatArray:
    limits = as_finite(thresholds, name="thresholds")
    outside = np.flatnonzero((limits < 0) | (limits >= 1))
    if outside.size or not limits.size:
        shown = f"{limits[outside[0]]:g} at position {outside[0]}" if outside.size else "nothing"
        raise StatisticError(f"thresholds hold {shown}; they are probabilities from 0 to below 1")
    return limits


def _checked_rule(positive: np.ndarray, test_positive: np.ndarray) -> tuple[BoolArray, BoolArray]:
    truth, values = checked_outcome(positive), as_finite(test_positive, name="test_positive")
    if values.shape != truth.shape:
        raise StatisticError(
            f"positive holds {truth.size} values and test_positive {values.size}; they must pair"
        )
    other = np.flatnonzero((values != 0) & (values != 1))
    if other.size:
        raise StatisticError(
            f"test_positive holds {values[other[0]]:g} at position {other[0]}; "
            "give decisions (0 or 1), and probabilities to net_benefit"
        )
    return truth, values.astype(bool)[:, None]
