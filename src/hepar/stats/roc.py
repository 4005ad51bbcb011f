"""The ROC curve: its points, its band, the area under a part of it and its Youden point."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from .arrays import Bools, Floats, Labels, Numbers, PointCounts, PointDraws, PointFloats, Points, PointSteps
from .estimate import Estimate, StatisticError, as_finite, normal_quantile


@dataclass(frozen=True, slots=True)
class RocCurve:
    """Operating points of the rule "positive when score >= threshold", thresholds ascending.

    The first point calls everybody positive (threshold -inf, sensitivity 1, specificity 0), the last nobody
    (+inf, 0, 1); between them one threshold lies midway between every two neighbouring distinct scores.
    """

    threshold: PointFloats
    sensitivity: PointFloats
    specificity: PointFloats


@dataclass(frozen=True, slots=True)
class OperatingPoint:
    """One threshold (positive when score >= threshold) with what it attains."""

    threshold: float
    sensitivity: float
    specificity: float


def as_classes(positive: Labels, *, minimum: int = 1) -> Bools:
    """`positive` as a bool vector with at least `minimum` cases of either class, else StatisticError."""
    given = np.asarray(positive)
    if given.ndim != 1:
        raise StatisticError(f"positive has shape {given.shape}; it must be one-dimensional")
    if given.dtype != bool and not np.isin(given, (0, 1)).all():
        bad = given[~np.isin(given, (0, 1))][0]
        raise StatisticError(f"positive holds {bad!r}; it must be True or False (or 1 and 0) for every case")
    truth = given.astype(bool)
    m, n = int(truth.sum()), int((~truth).sum())
    if min(m, n) < minimum:
        raise StatisticError(
            f"there are {m} positive and {n} negative cases; at least {minimum} of each are needed"
        )
    return truth


def as_scores(score: Numbers, *, like: Labels, name: str = "score") -> Floats:
    """`score` as a finite float vector as long as `like`, else StatisticError."""
    values = as_finite(score, name=name)
    if values.size != like.size:
        raise StatisticError(f"{name} has {values.size} values for {like.size} cases; give one per case")
    return values


def roc_curve(positive: Labels, score: Numbers) -> RocCurve:
    """Empirical ROC curve at every distinct threshold (thresholds midway between scores, as pROC does)."""
    truth = as_classes(positive)
    values = as_scores(score, like=truth)
    distinct, at_pos, at_neg = class_histogram(truth, values)
    middle = distinct[:-1] / 2 + distinct[1:] / 2
    # Neighbouring floats have no float between them: the upper one separates them as well.
    middle = np.where(middle > distinct[:-1], middle, distinct[1:])
    sensitivity, one_minus = call_rates(at_pos), call_rates(at_neg)
    return RocCurve(np.concatenate([[-np.inf], middle, [np.inf]]), sensitivity[::-1], 1 - one_minus[::-1])


def youden(positive: Labels, score: Numbers) -> OperatingPoint:
    """The point of largest sensitivity + specificity - 1 (Youden 1950); of equals, the lowest threshold."""
    curve = roc_curve(positive, score)
    index = curve.sensitivity + curve.specificity
    best = int(np.flatnonzero(index >= index.max() - 1e-12)[0])
    return OperatingPoint(
        float(curve.threshold[best]), float(curve.sensitivity[best]), float(curve.specificity[best])
    )


def partial_auc(
    positive: Labels,
    score: Numbers,
    *,
    specificity: tuple[float, float] | None = None,
    sensitivity: tuple[float, float] | None = None,
    corrected: bool = False,
    level: float = 0.95,
    replicates: int = 0,
    seed: int = 0,
) -> Estimate:
    """Area under the ROC curve within a range of specificity (default 0.9 to 1) or of sensitivity.

    `corrected` rescales it so that chance is 0.5 and perfection 1: (1 + (A - min)/(max - min))/2
    (McClish 1989). With `replicates` > 0 the interval is the percentile one of a bootstrap stratified by
    class; otherwise it is NaN. A range of sensitivity is the specificity range of the mirrored test.
    """
    truth = as_classes(positive)
    values = as_scores(score, like=truth)
    if specificity is not None and sensitivity is not None:
        raise StatisticError("both a specificity and a sensitivity range are given; give one of them")
    if sensitivity is not None:
        events, truth, values = int(truth.sum()), ~truth, -values
    else:
        events = int(truth.sum())
    start, stop = _false_positive_range(sensitivity or specificity or (0.9, 1.0))
    _, at_pos, at_neg = class_histogram(truth, values)

    def area(at_pos: np.ndarray, at_neg: np.ndarray) -> float:
        raw = _area_between(call_rates(at_neg), call_rates(at_pos), bounds=(start, stop))
        return _mcclish(raw, start, stop) if corrected else raw

    drawn = [area(*counts) for counts in resampled_counts(at_pos, at_neg, replicates=replicates, seed=seed)]
    low, high, se = percentiles(np.array(drawn)[:, None], level)
    kind = "sensitivity" if sensitivity is not None else "specificity"
    how = f"{replicates} stratified bootstrap replicates, seed {seed}" if replicates else "no interval"
    method = f"partial AUC, {kind} {1 - stop:g} to {1 - start:g}{', McClish-corrected' * corrected}; {how}"
    return Estimate(
        area(at_pos, at_neg),
        float(low[0]),
        float(high[0]),
        truth.size,
        method,
        events=events,
        se=float(se[0]),
    )


def roc_band(
    positive: Labels,
    score: Numbers,
    *,
    specificity: Points,
    level: float = 0.95,
    replicates: int = 2000,
    seed: int = 0,
) -> tuple[Estimate, ...]:
    """Sensitivity with a pointwise interval at each given `specificity`.

    Between its points the curve is a straight line; on a vertical step the upper end counts. Intervals are
    percentiles of a bootstrap stratified by class (as in pROC; Robin et al. 2011), `n` counts the positives.
    """
    truth = as_classes(positive, minimum=2)
    values = as_scores(score, like=truth)
    wanted = _within_unit(specificity, name="specificity")
    if replicates < 2:
        raise StatisticError(f"replicates is {replicates}; a band needs at least 2, better 2000")
    _, at_pos, at_neg = class_histogram(truth, values)
    observed = _sensitivity_at(wanted, at_pos, at_neg)
    redrawn = resampled_counts(at_pos, at_neg, replicates=replicates, seed=seed)
    low, high, se = percentiles(np.array([_sensitivity_at(wanted, p, n) for p, n in redrawn]), level)
    method = f"pointwise percentile of {replicates} stratified bootstrap replicates, seed {seed}"
    n = int(truth.sum())
    return tuple(
        Estimate(float(v), float(a), float(b), n, method, events=n, se=float(s))
        for v, a, b, s in zip(observed, low, high, se, strict=True)
    )


def _sensitivity_at(specificity: np.ndarray, at_pos: np.ndarray, at_neg: np.ndarray) -> np.ndarray:
    """Sensitivity on the ROC curve of the class counts per distinct score (ascending), by linear interpolation."""
    # interp takes the last of equal abscissae, that is the upper end of a vertical step.
    # Rounded, because 1 - 0.9 is not quite 0.1.
    wanted, across = np.round(1 - specificity, 12), np.round(call_rates(at_neg), 12)
    found: np.ndarray = np.interp(wanted, across, call_rates(at_pos))
    return found


def class_histogram(truth: Bools, values: Floats) -> tuple[PointFloats, PointCounts, PointCounts]:
    """Distinct scores ascending, and how many positives and negatives have each."""
    distinct, place = np.unique(values, return_inverse=True)
    at_pos = np.bincount(place[truth], minlength=distinct.size)
    return distinct, at_pos, np.bincount(place[~truth], minlength=distinct.size)


def call_rates(counts: PointCounts) -> PointSteps:
    """Share called positive, from nobody (0) to everybody (1): thresholds descending."""
    called: np.ndarray = np.concatenate([[0], np.cumsum(counts[::-1])]) / counts.sum()
    return called


def resampled_counts(
    at_pos: PointCounts, at_neg: PointCounts, *, replicates: int, seed: int
) -> Iterator[tuple[PointCounts, PointCounts]]:
    """Class counts per distinct score in bootstrap samples that keep the size of either class."""
    rng = np.random.default_rng(seed)
    m, n = int(at_pos.sum()), int(at_neg.sum())
    for _ in range(replicates):
        yield rng.multinomial(m, at_pos / m), rng.multinomial(n, at_neg / n)


def percentiles(drawn: PointDraws, level: float) -> tuple[PointFloats, PointFloats, PointFloats]:
    """Lower and upper percentile and standard deviation of every column; NaN with fewer than two rows."""
    normal_quantile(level)  # refuses an impossible level
    if len(drawn) < 2:
        nothing = np.full(drawn.shape[1], np.nan)
        return nothing, nothing, nothing
    low, high = np.quantile(drawn, [(1 - level) / 2, (1 + level) / 2], axis=0)
    return low, high, drawn.std(axis=0, ddof=1)


def _area_between(x: np.ndarray, y: np.ndarray, *, bounds: tuple[float, float]) -> float:
    start, stop = bounds
    inside = (x > start) & (x <= stop)
    ends = np.interp(bounds, x, y)
    across = np.concatenate([[start], x[inside], [stop]])
    return float(np.trapezoid(np.concatenate([ends[:1], y[inside], ends[1:]]), across))


def _mcclish(area: float, start: float, stop: float) -> float:
    chance, best = (stop**2 - start**2) / 2, stop - start
    return (1 + (area - chance) / (best - chance)) / 2


def _false_positive_range(wanted: tuple[float, float]) -> tuple[float, float]:
    low, high = sorted(_within_unit(np.array(wanted), name="range"))
    if low == high:
        raise StatisticError(f"the range {wanted} is empty; give two different bounds, e.g. (0.9, 1.0)")
    return float(1 - high), float(1 - low)


def _within_unit(values: np.ndarray, *, name: str) -> np.ndarray:
    array = as_finite(np.atleast_1d(values), name=name)
    outside = array[(array < 0) | (array > 1)]
    if outside.size:
        raise StatisticError(f"{name} holds {outside[0]}; it must lie between 0 and 1")
    return array
