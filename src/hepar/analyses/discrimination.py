"""How well each test tells positive from negative cases, whatever the cut-off."""

from functools import partial
from typing import Any, ClassVar, Literal

import numpy as np
import pandas as pd
from pydantic import Field

from ..data.predictions import Predictions
from ..stats.estimate import StatisticError
from ..stats.roc import partial_auc, roc_band, roc_curve
from .base import Analysis, Findings, curve, row
from .folds import auc_within_folds, in_folds
from .units import auc_on, numbers, on_units, positives, several_units

MOST_POINTS = 101
"""Points of one ROC curve: all its corners where there are no more than these, else a grid."""


class Discrimination(Analysis):
    """Area under the ROC curve (0 to 1) of every test, by DeLong; the curve with its pointwise 95 % band.

    Each fold of a cross-validation is scored by a model of its own: the AUC within folds compares no two cases of
    different folds.
    `partial_specificity` adds the area within that range of specificity, McClish-corrected (0.5 chance, 1 perfect).
    `draws` bootstrap samples make the band and the partial area's interval. Where participants have several units
    the AUC's interval is Obuchowski's clustered one and the curve has no band.
    """

    kind: Literal["discrimination"] = "discrimination"
    accepts: ClassVar = frozenset({"binary", "graded"})
    partial_specificity: tuple[float, float] | None = None
    draws: int = Field(default=1000, ge=100)
    seed: int = 0

    def run(self, predictions: Predictions) -> Findings:
        """Rows `auc`, `auc, within folds`, `partial auc`; curve `roc` (x 1 - specificity, y sensitivity)."""
        rows, curves = [], []
        for role, test in self.judged(predictions):
            cases = predictions.of(test.name, role=role)
            place = {"analysis": self.kind, "test": test.name, "role": role}
            rows.append(row(auc_on(cases), quantity="auc", **place))
            if in_folds(cases, role=role):
                within = auc_within_folds(cases, draws=self.draws, seed=self.seed)
                rows.append(row(within, quantity="auc, within folds", **place))
            if self.partial_specificity is not None:
                rows.append(self._partial(cases, place))
            curves.extend(self._curve(cases, place))
        return Findings.of(rows, curves)

    def _partial(self, cases: pd.DataFrame, place: dict[str, str]) -> dict[str, Any]:
        replicates = 0 if several_units(cases) else self.draws
        area = partial(
            partial_auc,
            specificity=self.partial_specificity,
            corrected=True,
            replicates=replicates,
            seed=self.seed,
        )
        columns = (positives(cases), numbers(cases, "score"))
        estimate = on_units(area, *columns, rows=cases, draws=self.draws, seed=self.seed)
        return row(estimate, quantity="partial auc", **place)

    def _curve(self, cases: pd.DataFrame, place: dict[str, str]) -> list[pd.DataFrame]:
        truth, score = positives(cases), numbers(cases, "score")
        try:
            x, y = _points(truth, score)
        except StatisticError:
            return []  # the row of the AUC gives the reason
        low, high = np.full((2, x.size), np.nan)
        if not several_units(cases) and min(truth.sum(), (~truth).sum()) > 1:
            band = roc_band(truth, score, specificity=1 - x, replicates=self.draws, seed=self.seed)
            low, high = np.array([(e.low, e.high) for e in band]).T
            low[0] = high[0] = 0.0  # the curve starts at the origin
        return [curve("roc", x, y, low=low, high=high, n=len(cases), **place)]


def _points(truth: np.ndarray, score: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """1 - specificity and sensitivity, from (0, 0) to (1, 1)."""
    found = roc_curve(truth, score)
    x, y = 1 - found.specificity[::-1], found.sensitivity[::-1]
    dx, dy = np.diff(x), np.diff(y)
    turns = np.abs(dx[:-1] * dy[1:] - dx[1:] * dy[:-1]) > 1e-12
    corner = np.concatenate([[True], turns, [True]])
    x, y = x[corner], y[corner]
    if x.size <= MOST_POINTS:
        return x, y
    grid = np.linspace(0, 1, MOST_POINTS - 1)
    # interp takes the last of equal abscissae: the upper end of a vertical step
    return np.concatenate([[0.0], grid]), np.concatenate([[0.0], np.interp(grid, x, y)])
