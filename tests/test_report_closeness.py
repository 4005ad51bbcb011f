"""The verdict says bias and limits of agreement with their unit, or as ratios, on SIMULATED results."""

from typing import Any

import report_fixtures as made
from hepar.analyses.base import row
from hepar.report.closeness import closeness
from hepar.stats.estimate import Estimate

NAN = float("nan")
LINEAR = ("bias", "lower limit", "upper limit", "slope of difference")
RATIO = ("geometric mean ratio", "lower limit of the ratio", "upper limit of the ratio", "slope of log ratio")


def said(names: tuple[str, ...], values: tuple[float, ...], **more: Any) -> str:
    place: dict[str, Any] = {"analysis": "agreement", "test": "model", "role": "cross-validated", **more}
    rows = [
        row(Estimate(value, value - 0.1, value + 0.1, 50, "made up"), quantity=name, **place)
        for name, value in zip(names, values, strict=True)
    ]
    arm = made.result(rows=rows).arms["main"]
    return " ".join(text.text for text in closeness(arm, "cross-validated"))


def test_bias_and_limits_are_told_with_what_shrinkage_hides() -> None:
    text = said(LINEAR, (-0.5, -2.0, 1.0, -0.4))
    assert "differed from the reference by −0.500 (95% CI −0.600 to −0.400)" in text
    assert "expected to differ by −2.000 to 1.000" in text
    assert "Low values are given too high" in text
    assert "average hides" not in said(LINEAR, (-0.5, -2.0, 1.0, 0.05))
    assert "grows with the quantity" in said(LINEAR, (-0.5, -2.0, 1.0, 0.4))


def test_ratios_are_told_as_times_the_reference() -> None:
    text = said(RATIO, (0.9, 0.4, 2.0, -0.5))
    assert "gave 0.900 (95% CI 0.800 to 1.000) times the reference" in text
    assert "between 0.400 and 2.000 times" in text


def test_a_subgroup_and_what_is_not_defined_are_left_to_the_tables() -> None:
    assert said(LINEAR, (-0.5, -2.0, 1.0, 0.4), group="sex=female") == ""
    assert said(LINEAR, (-0.5, NAN, 1.0, 0.4)) == ""
