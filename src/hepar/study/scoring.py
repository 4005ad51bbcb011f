"""One score for each horizon: what ranks the risk by it, and what pools over the models of several parts."""

import numpy as np

from ..models.base import Scores

TINY = 1e-12
"""How near to 0 and 1 a probability may come when it is turned into a log cumulative hazard."""


def scores_by_horizon(scores: Scores, horizons_y: tuple[float, ...]) -> list[np.ndarray]:
    """One score for each horizon (one in all where there is none): what ranks the risk by that horizon."""
    if not scores.probability or not horizons_y:
        return [scores.score] * max(1, len(horizons_y))
    return [log_hazard(scores.probability[horizon_y]) for horizon_y in horizons_y]


def log_hazard(probability: np.ndarray) -> np.ndarray:
    """log(-log(1 - p)), the log cumulative hazard that gives p.

    It holds the baseline as a logistic score holds its intercept, so that the scores of several folds pool.
    """
    kept = np.clip(probability, TINY, 1 - TINY)
    return np.asarray(np.log(-np.log1p(-kept)))
