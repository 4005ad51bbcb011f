"""Accuracy for an ordered reference (stages F0-F4) and agreement between two gradings."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import permutations
from typing import Any, Literal

import numpy as np
from scipy.special import ndtr

from .arrays import Labels, Numbers, PenaltyMatrix
from .discrimination import NO_VARIANCE, contrast_estimate
from .estimate import Estimate, StatisticError, normal_quantile
from .roc import as_scores

Penalty = Literal["linear", "unit"]
Weights = Literal["linear", "quadratic"]
NAN = float("nan")


@dataclass(frozen=True, slots=True)
class _Design:
    """Stage number of every case, and the loss (stages, stages) of misordering a case of either stage."""

    stage: np.ndarray
    loss: np.ndarray


def obuchowski(
    grade: Labels,
    score: Numbers,
    *,
    grades: Sequence[Any] | None = None,
    reference: Sequence[float] | None = None,
    penalty: Penalty | PenaltyMatrix = "linear",
    level: float = 0.95,
) -> Estimate:
    """Obuchowski measure: probability that the score orders two patients of different stages, with penalties.

    1 - sum over stages s < t of w_st L_st (1 - AUC_st), where w_st = p_s p_t / sum p_u p_v for the stage
    distribution p (`reference`; by default that of the sample) and L_st is the `penalty`: linear
    |t - s|/(T - 1), unit 1, or a (T, T) array in [0, 1] (Obuchowski 2005, 2006; Lambert et al. 2008). A stated
    reference makes studies with different spectra comparable. `grades` lists the stages in order.

    The variance sums over stages the variance of each case's penalised placement values (DeLong's, for pairs
    that share a stage); it takes the stage distribution as given. `p` tests the value of a useless score,
    1 - sum w L / 2. With every pair in order the lower bound is that of `auc`, pair by pair.
    Fails when a stage with weight has fewer than two cases.
    """
    design = _design(grade, grades=grades, reference=reference, penalty=penalty)
    values = as_scores(score, like=design.stage)
    auc, placed = _placed(design, values)
    value, variance = 1 - float(np.sum(np.triu(design.loss) * (1 - auc))), _variance(design, placed)
    chance = _of_chance(design)
    z, n = normal_quantile(level), values.size
    if variance < NO_VARIANCE:
        return _without_variance(design, auc, level=level)
    se = variance**0.5
    p = float(2 * ndtr(-abs(value - chance) / se))
    return Estimate(value, max(0.0, value - z * se), min(1.0, value + z * se), n, "Obuchowski", p=p, se=se)


def obuchowski_of_chance(
    grade: Labels,
    *,
    grades: Sequence[Any] | None = None,
    reference: Sequence[float] | None = None,
    penalty: Penalty | PenaltyMatrix = "linear",
) -> float:
    """Obuchowski measure of a useless score, every AUC_st 0.5: 1 - sum w_st L_st / 2; parameters as in `obuchowski`.

    It depends on the stage distribution, and with the linear penalty lies above 0.5.

    >>> round(obuchowski_of_chance(np.repeat([0, 1, 2], 10)), 4)
    0.6667
    """
    return _of_chance(_design(grade, grades=grades, reference=reference, penalty=penalty))


def obuchowski_difference(
    grade: Labels,
    first: Numbers,
    second: Numbers,
    *,
    grades: Sequence[Any] | None = None,
    reference: Sequence[float] | None = None,
    penalty: Penalty | PenaltyMatrix = "linear",
    level: float = 0.95,
) -> Estimate:
    """Obuchowski measure of `first` minus that of `second` on the same cases; parameters as in `obuchowski`."""
    design = _design(grade, grades=grades, reference=reference, penalty=penalty)
    names = (("first", first), ("second", second))
    aucs, placed = zip(
        *(_placed(design, as_scores(s, like=design.stage, name=k)) for k, s in names), strict=True
    )
    value = float(np.sum(np.triu(design.loss) * (aucs[0] - aucs[1])))
    variance = _variance(design, placed[0] - placed[1])
    size = (design.stage.size, 0)
    return contrast_estimate(value, variance, size, level=level, method="paired Obuchowski")


def kappa(
    first: Labels,
    second: Labels,
    *,
    weights: Weights | None = None,
    categories: Sequence[Any] | None = None,
    level: float = 0.95,
) -> Estimate:
    """Cohen's kappa of two gradings of the same cases (Cohen 1960, 1968), unweighted or weighted.

    The interval uses the large-sample variance of Fleiss, Cohen & Everitt (1969). `categories` lists the
    grades in order; by default they are sorted. NaN when both gradings use one single category.
    """
    joint = _cross_table(first, second, categories)
    n, k = int(joint.sum()), len(joint)
    share = joint / n
    agreement = _agreement(k, weights)
    rows, columns = share.sum(axis=1), share.sum(axis=0)
    expected = float(rows @ agreement @ columns)
    z, method = normal_quantile(level), f"{weights or 'unweighted'} kappa"
    if expected > 1 - 1e-12:
        return Estimate(NAN, NAN, NAN, n, f"{method} not defined: a single category is used")
    value = (float((agreement * share).sum()) - expected) / (1 - expected)
    average = (agreement @ columns)[:, None] + (rows @ agreement)[None, :]
    spread = float((share * (agreement - average * (1 - value)) ** 2).sum())
    variance = (spread - (value - expected * (1 - value)) ** 2) / (n * (1 - expected) ** 2)
    if variance < NO_VARIANCE:
        return Estimate(value, NAN, NAN, n, f"{method}; no interval, variance is 0", se=0.0)
    se = variance**0.5
    return Estimate(value, max(-1.0, value - z * se), min(1.0, value + z * se), n, method, se=se)


def _design(
    grade: np.ndarray,
    *,
    grades: Sequence[Any] | None,
    reference: Sequence[float] | None,
    penalty: Penalty | np.ndarray,
) -> _Design:
    stage, order = _numbered(np.asarray(grade), grades, name="grade")
    stages = len(order)
    if stages < 2:
        raise StatisticError(f"there are {stages} stages; the Obuchowski measure needs at least 2")
    counts = np.bincount(stage, minlength=stages)
    share = _distribution(counts if reference is None else reference, stages)
    few = np.flatnonzero((share > 0) & (counts < 2))
    if few.size:
        name, k = order[few[0]], counts[few[0]]
        raise StatisticError(
            f"stage {name} has {k} cases but has weight; pool stages or change the reference"
        )
    pairs = np.outer(share, share) * (1 - np.eye(stages))
    loss = pairs * _penalties(penalty, stages)
    if not loss.any():
        raise StatisticError("no pair of stages has weight and penalty; at least two stages must be compared")
    return _Design(stage, loss / np.triu(pairs).sum())


def _of_chance(design: _Design) -> float:
    return 1 - float(np.triu(design.loss).sum()) / 2


def _distribution(reference: Sequence[float] | np.ndarray, stages: int) -> np.ndarray:
    share = np.asarray(reference, dtype=float)
    if share.shape != (stages,) or not np.isfinite(share).all() or (share < 0).any() or not share.any():
        raise StatisticError(f"reference is {reference}; give {stages} shares, none negative, one per stage")
    return share


def _penalties(penalty: Penalty | np.ndarray, stages: int) -> np.ndarray:
    apart = np.abs(np.subtract.outer(np.arange(stages), np.arange(stages)))
    if isinstance(penalty, str):
        if penalty not in ("linear", "unit"):
            raise StatisticError(
                f"penalty is {penalty!r}; give 'linear', 'unit' or a ({stages}, {stages}) array"
            )
        return np.asarray(apart / (stages - 1) if penalty == "linear" else np.minimum(apart, 1), dtype=float)
    table = np.asarray(penalty, dtype=float)
    inside = table.shape == apart.shape and bool(((table >= 0) & (table <= 1)).all())
    if not inside or not np.array_equal(table, table.T):
        raise StatisticError(f"penalty must be a symmetric ({stages}, {stages}) array of values in [0, 1]")
    return table


def _placed(design: _Design, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """AUC of every pair of stages (upper triangle) and each case's penalised placement value."""
    stages = len(design.loss)
    of_stage = [np.sort(values[design.stage == s]) for s in range(stages)]
    auc, placed = np.zeros((stages, stages)), np.zeros(values.size)
    for own, other in permutations(np.flatnonzero(design.loss.any(axis=0)), 2):
        cases = design.stage == own
        below = np.searchsorted(of_stage[other], values[cases], side="left")
        not_above = np.searchsorted(of_stage[other], values[cases], side="right")
        share_below = (below + not_above) / 2 / of_stage[other].size
        ordered = share_below if own > other else 1 - share_below
        auc[own, other] = ordered.mean()
        placed[cases] += design.loss[own, other] * ordered
    return auc, placed


def _variance(design: _Design, placed: np.ndarray) -> float:
    groups = [placed[design.stage == s] for s in np.flatnonzero(design.loss.any(axis=0))]
    return float(sum(group.var(ddof=1) / group.size for group in groups))


def _without_variance(design: _Design, auc: np.ndarray, *, level: float) -> Estimate:
    """All pairs in order, all reversed, or a constant score; else the interval is not defined."""
    loss, n = np.triu(design.loss), design.stage.size
    used = loss > 0
    value = 1 - float(np.sum(loss * (1 - auc)))
    counts = np.bincount(design.stage, minlength=len(loss))
    pairs = np.minimum.outer(counts, counts)
    # P(all pairs in order) <= AUC_st^min(n_s, n_t) for every pair of stages at once (see `auc`).
    bound = np.where(used, ((1 - level) / 2) ** (1 / np.maximum(pairs, 1)), 0.0)
    p = min(1.0, 2 * 0.5 ** float(pairs[used].min()))
    if (auc[used] == 1).all():
        low = 1 - float(np.sum(loss * (1 - bound)))
        return Estimate(value, low, 1.0, n, "Obuchowski; exact bound, all pairs in order", p=p, se=0.0)
    if (auc[used] == 0).all():
        high = 1 - float(np.sum(loss * bound))
        return Estimate(value, value, high, n, "Obuchowski; exact bound, all pairs reversed", p=p, se=0.0)
    if (auc[used] == 0.5).all():
        return Estimate(value, value, value, n, "Obuchowski; constant score", p=1.0, se=0.0)
    return Estimate(value, NAN, NAN, n, "Obuchowski; variance is 0, interval not defined", se=0.0)


def _cross_table(first: np.ndarray, second: np.ndarray, categories: Sequence[Any] | None) -> np.ndarray:
    one, two = np.asarray(first), np.asarray(second)
    if one.shape != two.shape or one.ndim != 1 or not one.size:
        raise StatisticError(
            f"gradings have shapes {one.shape} and {two.shape}; give one grade per case in both"
        )
    number, order = _numbered(np.concatenate([one, two]), categories, name="grading")
    joint = np.zeros((len(order), len(order)))
    np.add.at(joint, (number[: one.size], number[one.size :]), 1)
    return joint


def _agreement(k: int, weights: str | None) -> np.ndarray:
    """1 for equal categories, down to 0 for the most distant (or for any other, unweighted)."""
    if weights not in (None, "linear", "quadratic"):
        raise StatisticError(f"weights is {weights!r}; give None, 'linear' or 'quadratic'")
    apart = np.abs(np.subtract.outer(np.arange(k), np.arange(k)))
    if weights is None:
        return np.asarray(apart == 0, dtype=float)
    return np.asarray(1 - (apart / max(k - 1, 1)) ** (2 if weights == "quadratic" else 1))


def _numbered(labels: np.ndarray, order: Sequence[Any] | None, *, name: str) -> tuple[np.ndarray, list[Any]]:
    """Position of every label in `order` (by default the labels sorted)."""
    given = labels.tolist()
    missing = [i for i, label in enumerate(given) if label is None or label != label]
    if labels.ndim != 1 or missing:
        where = f" at position {missing[0]}" if missing else f"; its shape is {labels.shape}"
        raise StatisticError(f"{name} must hold one grade per case, and it is missing{where}")
    ranked = sorted(set(given)) if order is None else list(order)
    position = {label: i for i, label in enumerate(ranked)}
    unknown = [label for label in given if label not in position]
    if unknown or len(position) < len(ranked):
        what = f"{name} holds {unknown[0]!r}" if unknown else "a category is listed twice"
        raise StatisticError(f"{what}; the categories are {ranked}, each once and in order")
    return np.array([position[label] for label in given], dtype=int), ranked
