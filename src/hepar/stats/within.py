"""Discrimination within strata: AUC and Harrell's C from pairs of cases of one stratum only.

The scores of the folds of a cross-validation come from as many models, whose scales differ; a pair of cases of two
folds then compares models, not cases. Pairs within a fold do not (Parker et al. 2007; van Klaveren et al. 2014).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import erfc, sqrt

import numpy as np
from scipy.special import ndtr

from .arrays import Labels, Numbers
from .concordance import c_of_pairs, pairs_of_each
from .discrimination import NO_VARIANCE, auc, auc_difference, contrast_estimate
from .estimate import Estimate, StatisticError, normal_quantile
from .followup import CENSORED, COMPETING, EVENT, as_score, as_status, as_time
from .roc import as_classes, as_scores


@dataclass(frozen=True, slots=True)
class _Parts:
    """Estimates of the strata that have one, the positives and negatives of each, and how many were left out."""

    estimates: list[Estimate]
    positives: np.ndarray
    negatives: np.ndarray
    left_out: int

    @property
    def weights(self) -> np.ndarray:
        """Share of each stratum in the pairs of all."""
        pairs = self.positives * self.negatives
        return np.asarray(pairs / pairs.sum())

    @property
    def value(self) -> float:
        """Share of all pairs within strata."""
        return float(self.weights @ [part.value for part in self.estimates])

    @property
    def variance(self) -> float:
        """Of `value`, strata being independent."""
        return float(np.square(self.weights) @ np.square([part.se for part in self.estimates]))

    @property
    def size(self) -> tuple[int, int]:
        """Cases and positives."""
        return int((self.positives + self.negatives).sum()), int(self.positives.sum())


def auc_within(positive: Labels, score: Numbers, stratum: Labels, *, level: float = 0.95) -> Estimate:
    """AUC over pairs of a positive and a negative of one stratum.

    AUC = sum_f m_f n_f AUC_f / sum_f m_f n_f, with m_f positives and n_f negatives in stratum f. The variance is the
    sum of the strata's DeLong variances with the squares of these weights; it takes the numbers m_f and n_f as given,
    and a stratum in perfect order adds nothing to it.
    Strata with fewer than two cases of either class are left out, and counted in `method`; `n` counts the cases of
    the others. `p` tests 0.5. Where every stratum is in perfect order each has the exact bound of `auc`. With one
    stratum it is `auc`. Fails where no stratum has two of both.
    """
    truth = as_classes(positive)
    values = as_scores(score, like=truth)
    parts = _parts(truth, stratum, lambda rows: auc(truth[rows], values[rows], level=level))
    value, variance, method = parts.value, parts.variance, _method("DeLong", parts)
    if variance < NO_VARIANCE:
        return _without_variance(parts, method)
    n, events = parts.size
    half = normal_quantile(level) * (se := sqrt(variance))
    p = float(2 * ndtr(-abs(value - 0.5) / se))
    low, high = max(0.0, value - half), min(1.0, value + half)
    return Estimate(value, low, high, n, method, p=p, events=events, se=se)


def auc_difference_within(
    positive: Labels, first: Numbers, second: Numbers, *, stratum: Labels, level: float = 0.95
) -> Estimate:
    """AUC within strata of `first` minus that of `second` on the same cases, strata as in `auc_within`."""
    truth = as_classes(positive)
    one, two = (as_scores(s, like=truth, name=k) for s, k in ((first, "first"), (second, "second")))
    parts = _parts(
        truth, stratum, lambda rows: auc_difference(truth[rows], one[rows], two[rows], level=level)
    )
    method = _method("paired DeLong", parts)
    return contrast_estimate(parts.value, parts.variance, parts.size, level=level, method=method)


def c_within(
    time: Numbers, status: Labels, risk: Numbers, *, stratum: Labels, level: float = 0.95
) -> Estimate:
    """Harrell's C over comparable pairs of participants of one stratum, with competing events as in `harrell_c`.

    C = sum_f pairs_f C_f / sum_f pairs_f, with pairs_f comparable in stratum f. Standard error by the infinitesimal
    jackknife of that ratio, as R's `survival::concordance` with strata. Strata without a comparable pair are left
    out, and counted in `method`. With one stratum it is `harrell_c`.
    """
    used, pairs = _pairs(time, status, (risk,), stratum=stratum)
    value, influence = c_of_pairs(*pairs[0])
    se = float(np.linalg.norm(influence))
    half = normal_quantile(level) * se
    kind = ", competing events kept comparable" if used.competing else ""
    method = f"Harrell's C within {used.strata}{kind}, infinitesimal jackknife, Wald {level:.0%} interval"
    low, high = max(value - half, 0.0), min(value + half, 1.0)
    return Estimate(value, low, high, used.n, method, events=used.events, se=se)


def c_difference_within(
    time: Numbers,
    status: Labels,
    *,
    first: Numbers,
    second: Numbers,
    stratum: Labels,
    level: float = 0.95,
) -> Estimate:
    """C within strata of `first` minus that of `second` on the same participants, from their influences."""
    used, (one, two) = _pairs(time, status, (first, second), stratum=stratum)
    (value_one, influence_one), (value_two, influence_two) = c_of_pairs(*one), c_of_pairs(*two)
    value, se = value_one - value_two, float(np.linalg.norm(influence_one - influence_two))
    half = normal_quantile(level) * se
    how = f"paired infinitesimal jackknife, Wald {level:.0%} interval"
    method = f"difference in Harrell's C within {used.strata}, {how}"
    p = erfc(abs(value) / se / sqrt(2)) if se > 0 else float("nan")
    return Estimate(value, value - half, value + half, used.n, method, p=p, events=used.events, se=se)


def _strata(stratum: np.ndarray, n: int) -> Iterator[np.ndarray]:
    """Which cases lie in each stratum."""
    labels = np.asarray(stratum)
    if labels.shape != (n,):
        raise StatisticError(f"stratum has shape {labels.shape} for {n} cases; give one label per case")
    missing = [i for i, label in enumerate(labels.tolist()) if label is None or label != label]
    if missing:
        raise StatisticError(f"stratum is missing at position {missing[0]}; every case needs one")
    names, number = np.unique(labels, return_inverse=True)
    return (number == k for k in range(names.size))


def _parts(truth: np.ndarray, stratum: np.ndarray, statistic: Callable[[np.ndarray], Estimate]) -> _Parts:
    strata = list(_strata(stratum, truth.size))
    both = [rows for rows in strata if min(truth[rows].sum(), (~truth[rows]).sum()) > 1]
    if not both:
        raise StatisticError(f"none of {len(strata)} strata has two positive and two negative cases")
    positives = np.array([truth[rows].sum() for rows in both])
    negatives = np.array([(~truth[rows]).sum() for rows in both])
    return _Parts([statistic(rows) for rows in both], positives, negatives, len(strata) - len(both))


def _method(name: str, parts: _Parts) -> str:
    left = f", {parts.left_out} left out (fewer than two cases of a class)" if parts.left_out else ""
    return f"{name} within {_counted(len(parts.estimates))}{left}"


def _counted(strata: int) -> str:
    return f"{strata} {'stratum' if strata == 1 else 'strata'}"


def _without_variance(parts: _Parts, method: str) -> Estimate:
    """Every stratum in perfect order, all the same way; else scores that are constant in some strata."""
    value, (n, events) = parts.value, parts.size
    each = {part.value for part in parts.estimates}
    if each in ({0.0}, {1.0}):
        # if all pairs of all strata agree, so do those of each: every bound holds at once
        low, high = (
            float(parts.weights @ [getattr(e, end) for e in parts.estimates]) for end in ("low", "high")
        )
        p = max(part.p for part in parts.estimates)
        return Estimate(each.pop(), low, high, n, f"{method}; exact bounds", p=p, events=events, se=0.0)
    if each == {0.5}:
        return Estimate(value, value, value, n, f"{method}; constant score", p=1.0, events=events, se=0.0)
    nan = float("nan")
    return Estimate(
        value, nan, nan, n, f"{method}; variance is 0, interval not defined", events=events, se=0.0
    )


@dataclass(frozen=True, slots=True)
class _Used:
    """The participants of the strata with comparable pairs, and the strata in words."""

    n: int
    events: int
    competing: bool
    strata: str


def _pairs(
    time: np.ndarray, status: np.ndarray, risks: tuple[np.ndarray, ...], *, stratum: np.ndarray
) -> tuple[_Used, list[tuple[np.ndarray, np.ndarray]]]:
    """For every risk the concordant and comparable pairs of each participant, in the strata that have any."""
    times = as_time(time)
    codes = as_status(status, times.size, allowed=(CENSORED, EVENT, COMPETING))
    names = ("risk",) if len(risks) == 1 else ("first", "second")
    scores = [as_score(risk, times.size, name=name) for risk, name in zip(risks, names, strict=True)]
    strata = list(_strata(stratum, times.size))
    found = [[pairs_of_each(times[rows], codes[rows], score[rows]) for score in scores] for rows in strata]
    kept = [k for k, of_scores in enumerate(found) if of_scores[0][1].any()]
    if not kept:
        raise StatisticError(f"none of {len(strata)} strata has a comparable pair")
    left = f", {len(strata) - len(kept)} left out (no comparable pair)" if len(kept) < len(strata) else ""
    inside = codes[np.any([strata[k] for k in kept], axis=0)]
    used = _Used(
        n=inside.size,
        events=int(np.sum(inside == EVENT)),
        competing=bool(np.any(inside == COMPETING)),
        strata=f"{_counted(len(kept))}{left}",
    )
    joined = [
        (
            np.concatenate([found[k][s][0] for k in kept]),
            np.concatenate([found[k][s][1] for k in kept]),
        )
        for s in range(len(scores))
    ]
    return used, joined
