"""Sentences of the verdict about how close predictions of a quantity come to it: bias or ratio, limits, shrinkage."""

from collections.abc import Iterator

import pandas as pd

from ..analyses.agreement import LIMITS, RATIOS
from ..study.result import ArmResult
from .blocks import Text
from .numbers import number
from .primary import alone, excludes, in_words, label_of, rows_of


def closeness(arm: ArmResult, role: str) -> Iterator[Text]:
    """Bias and limits of agreement of every test in the unit of the outcome."""
    rows = rows_of(arm, role)
    rows = rows[rows["analysis"] == "agreement"]
    for test in arm.predictions.tests:
        for names, as_ratio in ((tuple(LIMITS), False), (tuple(RATIOS), True)):
            found = [alone(rows, name, test.name) for name in names]
            told = [row for row in found if row is not None and row["value"] == row["value"]]
            if len(told) == len(names):
                yield Text(_one(arm, told, as_ratio=as_ratio))


def _one(arm: ArmResult, told: list[pd.Series], *, as_ratio: bool) -> str:
    bias, lower, upper, slope = told
    label, unit = label_of(arm, bias["test"]), getattr(arm.prepared.arm.outcome, "unit", "")
    limits = f"{number(lower['value'])} to {number(upper['value'])}"
    if as_ratio:
        text = (
            f"{label} gave {in_words(bias)} times the reference in the geometric mean of {bias['n']:.0f} cases; 95% of"
            f" single cases are expected between {limits.replace(' to ', ' and ')} times"
        )
    else:
        text = (
            f"{label} differed from the reference by {in_words(bias)} {unit} on average of {bias['n']:.0f} cases; 95%"
            f" of single cases are expected to differ by {limits} {unit}"
        )
    return f"{text.rstrip()}.{_shrinkage(slope)}"


def _shrinkage(slope: pd.Series) -> str:
    """What a difference that changes with the size of the quantity means."""
    if not excludes(slope, 0.0):
        return ""
    if slope["value"] < 0:
        return (
            " Low values are given too high and high ones too low, so the average hides errors at both ends."
        )
    return " The difference grows with the quantity, so the average hides errors at both ends."
