"""Features that come out alike when the image is perturbed are kept."""

from typing import Literal

import pandas as pd
from pydantic import Field

from ..core.errors import RunError, choices
from ..data.reference import Reference
from .base import FittedTransform, Transform
from .columns import chosen, matches, without_repeats
from .combat import labels_of
from .stability import feature_stability


class Stable(Transform):
    """Keeps features whose intraclass correlation over perturbed repeats is at least `icc`, and drops all repeats.

    The repeats `f@1`, `f@2`, ... come from the extractor (`repeats`). The coefficient is ICC(1,1) over the training
    rows, because every case's perturbations are drawn for itself: there is no first repeat that all share (Zwanenburg
    et al., 2019). `within` names the column of the features that holds scanner or site, if there are several: the
    coefficient is then that within each, without the differences between them, which harmonisation takes away. 0.75 is
    "good" (Koo & Li, 2016). With `lower_limit` the lower end of the 95 % interval must reach `icc`. A feature without
    repeats is not judged and stays. First of the steps: the others refuse repeats.
    """

    kind: Literal["stable"] = "stable"
    icc: float = Field(default=0.75, gt=0, lt=1)
    lower_limit: bool = False
    within: str | None = None

    def fit(self, features: pd.DataFrame, reference: Reference, *, seed: int) -> FittedTransform:
        """Measure the stability of every repeated feature on the training rows."""
        found = feature_stability(features, batch=self._batch(features)).set_index("feature")
        judged = [name for name in found.index if not matches(name, self.spare)]
        merit = found.loc[judged, "low" if self.lower_limit else "icc"]
        kept = [name for name in judged if merit[name] >= self.icc]
        if judged and not kept:
            raise RunError(
                f"none of {len(judged)} features reaches an ICC of {self.icc:g} over {len(features)} training cases"
                f" (best {merit.max():.2f}); lower icc, or perturb less"
            )
        return chosen(
            features[without_repeats(features.columns)],
            judged,
            kept,
            facts={"median icc": float(found.loc[judged, "icc"].median())},
        )

    def _batch(self, features: pd.DataFrame) -> pd.Series | None:
        if self.within is None:
            return None
        if self.within not in features:
            raise RunError(
                f"stable needs the feature {self.within!r}; {choices(self.within, features.columns)}"
            )
        return pd.Series(labels_of(features[self.within]), index=features.index)
