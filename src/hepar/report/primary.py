"""What the verdict is about: the primary quantity of an outcome, and the estimates that bear on it."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from ..data.outcome import Outcome, TimeToEvent
from ..study.result import ArmResult
from .numbers import plain, with_interval


@dataclass(frozen=True, slots=True)
class Primary:
    """The quantity that the verdict is about."""

    quantity: str
    words: str
    null: float
    """Its value for a test that knows nothing."""
    horizon_y: float = float("nan")


def primary_of(outcome: Outcome) -> Primary:
    """The primary quantity of an outcome: AUC (at the first horizon of a time to event), or Pearson's correlation."""
    if isinstance(outcome, TimeToEvent):
        horizon_y = outcome.horizons_y[0]
        unit = "year" if horizon_y == 1 else "years"
        return Primary("auc", f"AUC at {plain(horizon_y)} {unit}", 0.5, horizon_y)
    if outcome.kind == "continuous":
        return Primary("pearson", "Pearson's correlation with the reference standard", 0.0)
    return Primary("auc", "AUC", 0.5)


def by_horizon(primary: Primary) -> str:
    """`` by 3 years``; empty where the outcome has no horizon."""
    if math.isnan(primary.horizon_y):
        return ""
    return f" by {plain(primary.horizon_y)} {'year' if primary.horizon_y == 1 else 'years'}"


def rows_of(arm: ArmResult, role: str) -> pd.DataFrame:
    """Estimates of one role, and those about the cohort."""
    rows = arm.findings.rows
    return rows[rows["role"].isin([role, ""])]


def at(rows: pd.DataFrame, primary: Primary, *, analyses: tuple[str, ...]) -> pd.DataFrame:
    """Rows of some analyses at the primary horizon."""
    rows = rows[rows["analysis"].isin(analyses)]
    if math.isnan(primary.horizon_y):
        return rows
    return rows[rows["horizon_y"] == primary.horizon_y]


def headline_role(arm: ArmResult) -> str:
    """The role that the verdict is about: external validation where there is one; empty where nobody was predicted."""
    roles = arm.predictions.roles()
    return "" if not roles else "external" if "external" in roles else roles[0]


def alone(rows: pd.DataFrame, quantity: str, test: str) -> pd.Series | None:
    """The estimate of one test over all cases; None where there is none."""
    same = rows[(rows["quantity"] == quantity) & (rows["test"] == test)]
    same = same[(same["versus"] == "") & (same["group"] == "")]
    return None if same.empty else same.iloc[0]


def excludes(row: pd.Series, ideal: float) -> bool:
    """Whether an estimate has an interval, and `ideal` lies outside it."""
    return math.isfinite(row["low"]) and math.isfinite(row["high"]) and not row["low"] <= ideal <= row["high"]


def index_of(arm: ArmResult) -> list[str]:
    """Names of the index tests."""
    return [test.name for test in arm.predictions.index_tests()]


def label_of(arm: ArmResult, name: str) -> str:
    """What print calls a test."""
    labels: Mapping[str, str] = {test.name: test.label for test in arm.predictions.tests}
    return labels.get(name, name)


def in_words(row: pd.Series) -> str:
    """An estimate with its interval, in a sentence."""
    text = with_interval(row["value"], row["low"], row["high"])
    return text.replace("(", "(95% CI ", 1)


def article(words: str) -> str:
    """The article before `words`."""
    return "an" if words[0] in "AEIOU" else "a"
