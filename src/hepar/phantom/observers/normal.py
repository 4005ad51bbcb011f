"""The best attainable discrimination where disease and sources are jointly normal."""

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

from ...core.errors import SimulationError

Floats = NDArray[np.float64]

_NODES = np.linspace(-8, 8, 4001)


def auc_of_correlation(correlation: float, *, positive: float) -> float:
    """Area under the ROC curve of a score for a condition that is met when a normal liability passes a threshold.

    `correlation` is that of the normal score with the liability, `positive` the share of patients above the threshold.
    No score made of the same information has a larger area, because the probability of the condition rises with it
    (Neyman and Pearson, 1933).
    """
    if not -1 < correlation < 1 or not 0 < positive < 1:
        raise SimulationError(
            f"correlation {correlation!r} and share {positive!r}; give one between -1 and 1, the other between 0 and 1"
        )
    threshold = norm.isf(positive)
    above = norm.sf((threshold - correlation * _NODES) / np.sqrt(1 - correlation**2))
    step = _NODES[1] - _NODES[0]
    of_positive = norm.pdf(_NODES) * above / positive * step
    of_negative = norm.pdf(_NODES) * (1 - above) / (1 - positive) * step
    below = np.cumsum(of_negative) - of_negative / 2
    return float((of_positive * below).sum())


def auc(positive: NDArray[np.bool_], score: Floats) -> float:
    """Area under the ROC curve of `score` (n,), ties counting half (Mann and Whitney, 1947)."""
    truth = np.asarray(positive, bool)
    if truth.all() or not truth.any():
        raise SimulationError("an area under the curve needs patients with and without the condition")
    _, inverse, counts = np.unique(score, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    rank = (last - (counts - 1) / 2)[inverse]
    n = int(truth.sum())
    return float((rank[truth].sum() - n * (n + 1) / 2) / (n * (len(truth) - n)))


def auc_of_cells(positive: Floats, negative: Floats) -> float:
    """Largest area under the ROC curve where cells (cell,) hold so many patients with and without the condition.

    Cells are ordered by the likelihood ratio, those of one ratio counting half.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(positive + negative > 0, positive / (positive + negative), 0.0)
    order = np.argsort(ratio, kind="stable")
    with_it, without = positive[order] / positive.sum(), negative[order] / negative.sum()
    return float((with_it * (np.cumsum(without) - without / 2)).sum())


def clustered_auc(
    positive: NDArray[np.bool_], score: Floats, cluster: NDArray[np.generic]
) -> tuple[float, float]:
    """Area under the ROC curve of cases (n,) and its standard error where several are of one patient `cluster`.

    Obuchowski (1997): the variance of patients' sums of placements, so that lesions of one patient are no independent
    witnesses. With one case a patient it is that of DeLong (1988).
    """
    truth = np.asarray(positive, bool)
    value = auc(truth, score)
    over = _placed(np.sort(score[~truth]), score)
    under = 1 - _placed(np.sort(score[truth]), score)
    _, of = np.unique(cluster, return_inverse=True)
    with_it = np.bincount(of, weights=np.where(truth, over - value, 0.0)) / truth.sum()
    without = np.bincount(of, weights=np.where(truth, 0.0, under - value)) / (~truth).sum()
    sums = with_it + without
    patients = len(sums)
    if patients < 2:
        raise SimulationError("a standard error needs two patients or more")
    return value, float(np.sqrt(patients / (patients - 1) * (sums**2).sum()))


def _placed(among: Floats, score: Floats) -> Floats:
    """Share of `among` (sorted) below each score, ties counting half."""
    left, right = np.searchsorted(among, score, "left"), np.searchsorted(among, score, "right")
    return np.asarray((left + right) / 2 / len(among))


def concordance(time: Floats, status: NDArray[np.integer], score: Floats) -> float:
    """Share of the comparable pairs that `score` orders rightly (Harrell, 1982), death competing (Wolbers, 2009).

    `status` is 1 for the event, 2 for a death before it, which never has the event, 0 for the end of follow-up. A pair
    is comparable if one has the event and the other is known to have it later or never.
    """
    usable = concordant = 0.0
    dead = status == 2
    for place in np.flatnonzero(status == 1):
        later = (time > time[place]) | dead | ((time == time[place]) & (status == 0))
        usable += later.sum()
        concordant += (score[place] > score[later]).sum() + (score[place] == score[later]).sum() / 2
    if not usable:
        raise SimulationError("no pair of patients in which one is known to have had its event first")
    return float(concordant / usable)
