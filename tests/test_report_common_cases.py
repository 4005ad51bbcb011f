"""A decision curve says how many cases and events it was drawn from."""

import numpy as np
import pandas as pd

import report_fixtures as made
from hepar.analyses.base import curve
from hepar.report.common_cases import common_cases
from hepar.report.document import render

PREDICTIONS = made.result(drawn=False).arms["main"].predictions
X = np.linspace(0.1, 0.5, 3)


def points(n: float) -> pd.DataFrame:
    place = {"analysis": "decision_curve", "test": "model", "role": "cross-validated"}
    return curve("net benefit", X, X, n=n, **place)


def test_cases_and_events_are_those_that_all_tests_judged() -> None:
    both = PREDICTIONS.paired(["model", "field"], role="cross-validated")
    events = int(both["positive"].sum())
    assert len(both) < len(PREDICTIONS.reference)
    assert (
        common_cases(PREDICTIONS, points(len(both)), tests=["model", "field"])
        == f"{len(both)} cases ({events} events)"
    )


def test_events_are_not_guessed_where_the_curve_was_drawn_from_other_cases() -> None:
    assert common_cases(PREDICTIONS, points(7), tests=["model", "field"]) == "7 cases"
    assert common_cases(None, points(7), tests=["model"]) == "7 cases"
    assert common_cases(PREDICTIONS, points(float("nan")), tests=["model"]) == "cases"


def test_the_caption_of_a_decision_curve_gives_them() -> None:
    result = made.result()
    scored = PREDICTIONS.of("model", role="cross-validated")
    curves = result.arms["main"].findings.curves
    curves.loc[curves["curve"] == "net benefit", "n"] = len(scored)
    text = render(result, estimates=result.estimates)
    assert f"{len(scored)} cases ({int(scored['positive'].sum())} events) that all tests judged" in text
