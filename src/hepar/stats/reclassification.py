"""What a new risk model adds to an old one: integrated discrimination and net reclassification."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .arrays import Labels, Numbers
from .discrimination import contrast_estimate
from .estimate import Estimate, StatisticError
from .roc import as_classes, as_scores


@dataclass(frozen=True, slots=True)
class Reclassification:
    """Net reclassification improvement, `total` = `events` + `nonevents` (each positive when better)."""

    total: Estimate
    events: Estimate
    nonevents: Estimate


def idi(positive: Labels, old: Numbers, new: Numbers, *, level: float = 0.95) -> Estimate:
    """Integrated discrimination improvement of `new` over `old` probabilities (Pencina et al. 2008).

    Mean change among events minus mean change among non-events; the variance is the sum of both means' (as in
    R's Hmisc::improveProb). Report it beside calibration: a miscalibrated model can have a good one.
    """
    truth, before, after = _checked(positive, old, new)
    change = after - before
    up, down = change[truth], change[~truth]
    variance = float(up.var(ddof=1) / up.size + down.var(ddof=1) / down.size)
    size = (truth.size, int(truth.sum()))
    return contrast_estimate(float(up.mean() - down.mean()), variance, size, level=level, method="IDI")


def nri(
    positive: Labels,
    old: Numbers,
    new: Numbers,
    *,
    cutoffs: Sequence[float] | None = None,
    level: float = 0.95,
) -> Reclassification:
    """Net reclassification improvement of `new` over `old` probabilities (Pencina et al. 2008, 2011).

    Events: P(up) - P(down); non-events: P(down) - P(up). Without `cutoffs` any rise is "up" (category-free);
    with them a case moves when its category changes, a probability equal to a cut-off being in the upper one.
    Each variance is (up + down)/n^2 - (up - down)^2/n^3. NRI can reward a miscalibrated model (Hilden &
    Gerds 2014): never report it alone.
    """
    truth, before, after = _checked(positive, old, new)
    if cutoffs is None:
        moved, kind = np.sign(after - before), "category-free"
    else:
        edges = _edges(cutoffs)
        category = [np.searchsorted(edges, p, side="right") for p in (before, after)]
        moved, kind = np.sign(category[1] - category[0]), f"cut-offs {', '.join(f'{e:g}' for e in edges)}"
    method = f"NRI, {kind}"
    parts = [_net(moved[truth]), _net(-moved[~truth])]
    m = int(truth.sum())
    sizes = [(m, m), (truth.size - m, 0)]
    events, nonevents = (
        contrast_estimate(*part, size, level=level, method=f"{method}, {who}")
        for part, size, who in zip(parts, sizes, ("events", "non-events"), strict=True)
    )
    value, variance = (sum(part[i] for part in parts) for i in (0, 1))
    total = contrast_estimate(value, variance, (truth.size, m), level=level, method=method, limit=2)
    return Reclassification(total, events, nonevents)


def _net(moved: np.ndarray) -> tuple[float, float]:
    """Mean of moves (-1, 0, 1) and its multinomial variance."""
    mean = float(moved.mean())
    return mean, float(np.mean((moved - mean) ** 2) / moved.size)


def _checked(
    positive: np.ndarray, old: np.ndarray, new: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    truth = as_classes(positive, minimum=2)
    before, after = (as_scores(p, like=truth, name=name) for p, name in ((old, "old"), (new, "new")))
    for values, name in ((before, "old"), (after, "new")):
        outside = values[(values < 0) | (values > 1)]
        if outside.size:
            raise StatisticError(f"{name} holds {outside[0]}; it must be a probability, between 0 and 1")
    return truth, before, after


def _edges(cutoffs: Sequence[float]) -> np.ndarray:
    edges = np.asarray(cutoffs, dtype=float)
    if (
        edges.ndim != 1
        or not edges.size
        or not ((edges > 0) & (edges < 1)).all()
        or (np.diff(edges) <= 0).any()
    ):
        raise StatisticError(
            f"cutoffs are {cutoffs}; give probabilities between 0 and 1, rising, e.g. (0.2, 0.5)"
        )
    return edges
