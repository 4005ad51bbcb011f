"""Scatter and Bland-Altman plots name their units, and draw the identity only where it means something. SIMULATED."""

from typing import Any

import numpy as np
import pandas as pd

from hepar.analyses.base import Findings, curve, row
from hepar.report.plots import Plot, plots
from hepar.stats.estimate import Estimate

PLACE: dict[str, Any] = {"analysis": "agreement", "test": "model", "role": "cross-validated"}
X = np.linspace(1, 9, 9)


def captions(name: str, *quantities: str, y: np.ndarray = X) -> str:
    found = Findings.of(
        [row(Estimate(1.0, 0.9, 1.1, 9, "made up"), quantity=quantity, **PLACE) for quantity in quantities],
        [curve(name, X, y, n=9, **PLACE)],
    )
    drawn = plots(_plot(found.curves, found.rows))
    return " ".join(f"{figure.caption} {figure}" for figure in drawn)


def _plot(curves: pd.DataFrame, rows: pd.DataFrame) -> Plot:
    return Plot(
        curves, rows, {"model": "Model"}, frozenset({"model"}), "stiffness", grades=(), key="k", unit="kPa"
    )


def test_predictions_in_the_unit_of_the_outcome_stand_beside_the_identity() -> None:
    text = captions("scatter", "pearson", "bias")
    assert "dashed: identity" in text
    assert "a unit of its own" not in text


def test_a_score_in_a_unit_of_its_own_has_no_identity() -> None:
    text = captions("scatter", "pearson")
    assert "identity" not in text
    assert "the score is in a unit of its own" in text


def test_the_limits_drawn_are_those_of_everyone_and_ratios_are_called_so() -> None:
    linear = captions("bland-altman", "bias", "lower limit", "upper limit")
    assert "dashed: mean difference and 95% limits of agreement" in linear
    ratio = captions("bland-altman, ratio", "geometric mean ratio", "lower limit of the ratio")
    assert "dashed: geometric mean ratio and 95% limits of agreement" in ratio
