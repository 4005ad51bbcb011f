"""Of features that say the same, the first is kept."""

from typing import Literal

import numpy as np
import pandas as pd
from pydantic import Field

from ..data.reference import Reference
from .base import FittedTransform, Transform
from .columns import chosen, numbers
from .ranks import Float, standard_ranks


class Uncorrelated(Transform):
    """Drops a feature whose Spearman correlation with an earlier one that was kept exceeds `above`, either sign.

    The outcome is not looked at. Earlier means further left in the table, so the simpler extractor, and within
    radiomics the order of the IBSI manual (shape, intensity, then texture), decides which of two is kept.
    """

    kind: Literal["uncorrelated"] = "uncorrelated"
    above: float = Field(default=0.9, gt=0, lt=1)

    def fit(self, features: pd.DataFrame, reference: Reference, *, seed: int) -> FittedTransform:
        """Judge every number on the training rows."""
        judged = numbers(features, self.spare)
        table = standard_ranks(features[judged].to_numpy(dtype=float))
        return chosen(features, judged, [judged[at] for at in _unlike(table, self.above)])


def _unlike(table: Float, above: float) -> list[int]:
    """Columns, from left to right, that no column taken before resembles."""
    taken: list[int] = []
    held = np.empty(table.shape[::-1])
    for at, column in enumerate(table.T):
        if not np.any(np.abs(held[: len(taken)] @ column) > above):
            held[len(taken)] = column
            taken.append(at)
    return taken
