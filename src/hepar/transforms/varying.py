"""Features that hardly vary, or are hardly ever there, are dropped."""

from typing import Literal

import numpy as np
import pandas as pd
from pydantic import Field

from ..data.reference import Reference
from .base import FittedTransform, Transform
from .columns import chosen, numbers

NO_SPREAD = 1e-10
"""Range, relative to the largest value, below which a feature is constant but for rounding."""


class Varying(Transform):
    """Drops a feature when one value makes up more than `commonest` of those known, or too many are missing.

    Near-constant features carry the few cases that differ, and nothing else (Kuhn & Johnson, 2013); `missing` is the
    share of cases that may lack a feature. The usual first step.
    """

    kind: Literal["varying"] = "varying"
    commonest: float = Field(default=0.95, gt=0, le=1)
    missing: float = Field(default=0.5, ge=0, lt=1)

    def fit(self, features: pd.DataFrame, reference: Reference, *, seed: int) -> FittedTransform:
        """Judge every number on the training rows."""
        judged = numbers(features, self.spare)
        return chosen(features, judged, [name for name in judged if self._varies(features[name])])

    def _varies(self, values: pd.Series) -> bool:
        known = values.to_numpy(dtype=float)
        known = known[~np.isnan(known)]
        if known.size == 0 or known.size < (1 - self.missing) * len(values):
            return False
        counts = np.unique(known, return_counts=True)[1]
        spread = float(np.ptp(known)) > NO_SPREAD * float(np.abs(known).max())
        return spread and counts.max() <= self.commonest * known.size
