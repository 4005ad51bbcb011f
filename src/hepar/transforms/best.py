"""The features that go best with the outcome, chosen inside the fold."""

from typing import Literal

import numpy as np
import pandas as pd
from pydantic import Field

from ..data.reference import Reference
from .base import FittedTransform, Transform
from .columns import chosen, numbers
from .ranks import Float, standard_ranks
from .relevance import Relevance, relevance


class Best(Transform):
    """Keeps the `k` features most relevant to the outcome, one by one or so that they complement each other.

    Relevance is by ranks: the AUC for classes, Spearman's correlation for a quantity, the score test of Cox's model for
    a time to event. With `redundancy` above 0 features are taken in turn, each the one whose relevance (as a
    correlation) less `redundancy` times its mean absolute Spearman correlation with those taken is largest: at 1 this
    is mRMR, minimum redundancy and maximum relevance (Ding & Peng, 2005). Ties go to the earlier column.
    """

    kind: Literal["best"] = "best"
    k: int = Field(default=10, ge=1)
    redundancy: float = Field(default=0.0, ge=0)

    def fit(self, features: pd.DataFrame, reference: Reference, *, seed: int) -> FittedTransform:
        """Judge every number on the training rows and their outcomes."""
        judged = numbers(features, self.spare)
        values = features[judged].to_numpy(dtype=float)
        found = relevance(values, reference)
        wanted = min(self.k, len(judged))
        if self.redundancy:
            taken = _complementary(standard_ranks(values), found, k=wanted, redundancy=self.redundancy)
        else:
            taken = [int(at) for at in np.argsort(-found.z, kind="stable")[:wanted]]
        least = {"smallest z kept": float(found.z[taken].min())} if taken else {}
        return chosen(features, judged, [judged[at] for at in taken], facts=least)


def _complementary(table: Float, found: Relevance, *, k: int, redundancy: float) -> list[int]:
    taken: list[int] = []
    shared = np.zeros(found.r.size)
    for _ in range(k):
        worth = found.r - redundancy * shared / max(1, len(taken))
        worth[taken] = -np.inf
        taken.append(int(np.argmax(worth)))
        shared += np.abs(table[:, taken[-1]] @ table)
    return taken
