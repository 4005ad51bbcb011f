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


def concordance(time: Floats, event: NDArray[np.bool_], score: Floats) -> float:
    """Share of the pairs of which one is known to have come first that `score` orders rightly (Harrell, 1982)."""
    usable = concordant = 0.0
    for place in np.flatnonzero(event):
        later = time > time[place]
        usable += later.sum()
        concordant += (score[place] > score[later]).sum() + (score[place] == score[later]).sum() / 2
    if not usable:
        raise SimulationError("no pair of patients in which one is known to have had its event first")
    return float(concordant / usable)
