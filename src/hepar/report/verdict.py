"""The verdict: what the findings say, in plain sentences made by fixed rules, never by taste."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pandas as pd

from ..data.outcome import Outcome, TimeToEvent
from ..study.result import ArmResult
from .blocks import Text
from .numbers import count, p_value, plain, with_interval

ALPHA = 0.05
CHANCE = "chance"
BETTER = "better than chance"


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


def headlines(arm: ArmResult) -> list[str]:
    """The verdict in plain sentences, the most important first."""
    return [text.text for text in verdict(arm)]


def verdict(arm: ArmResult) -> list[Text]:
    """Performance of each index test, how it compares, and whether anything was learnt at all."""
    roles = arm.predictions.roles()
    if not roles:
        return [Text("No case was predicted, so there is nothing to judge.", "warning")]
    role = "external" if "external" in roles else roles[0]
    said = [
        *_nothing_learnt(arm, role),
        *_performance(arm, role),
        *_differences(arm, role),
        *_calibration(arm, role),
    ]
    others = [r for r in roles if r != role]
    said += [text for other in others for text in _performance(arm, other)]
    return said or [
        Text("The analyses of this arm give no primary estimate; see the tables below.", "caution")
    ]


def _nothing_learnt(arm: ArmResult, role: str) -> Iterator[Text]:
    """Say so when the permutation test finds no index test better than chance."""
    rows = _rows(arm, role)
    asked = rows[(rows["analysis"] == CHANCE) & (rows["quantity"] == BETTER) & rows["test"].isin(_index(arm))]
    if len(asked) and not (asked["value"] == 1).any():
        yield Text(
            "Nothing was learnt: no index test did better than chance in this cohort. Whatever else the report shows,"
            " these tests must not be used or developed further on this evidence.",
            "warning",
        )
        return
    for _, row in asked[asked["value"] != 1].iterrows():
        yield Text(f"{_label(arm, row['test'])} did not do better than chance.", "warning")


def _performance(arm: ArmResult, role: str) -> Iterator[Text]:
    primary = primary_of(arm.prepared.arm.outcome)
    rows = _at(_rows(arm, role), primary, analyses=("discrimination", "prognosis", "agreement"))
    for test in _index(arm):
        found = rows[(rows["quantity"] == primary.quantity) & (rows["test"] == test) & (rows["versus"] == "")]
        found = found[found["group"] == ""]
        if found.empty:
            continue
        row = found.iloc[0]
        yield _one_performance(arm, row, primary, role=role)


def _one_performance(arm: ArmResult, row: pd.Series, primary: Primary, *, role: str) -> Text:
    label = _label(arm, row["test"])
    if math.isnan(row["value"]):
        why = str(row["method"]).removeprefix("not defined: ")
        return Text(f"{label}: {primary.words} is not defined ({why}).", "caution")
    where = "held-out sites or periods (external validation)" if role == "external" else "cross-validation"
    size = count(int(row["n"]), "case") + (
        f", {row['events']:.0f} with the outcome" if row["events"] > 0 else ""
    )
    interval = _interval(row)
    text = f"In {where} ({size}), {label} had {_article(primary.words)} {primary.words} of {interval}."
    if math.isfinite(row["low"]) and row["low"] <= primary.null <= row["high"]:
        text += f" The interval includes {plain(primary.null)}, the value of a test that knows nothing."
        return Text(text, "caution")
    return Text(text, "good" if role == "external" else "plain")


def _differences(arm: ArmResult, role: str) -> Iterator[Text]:
    primary = primary_of(arm.prepared.arm.outcome)
    quantity = f"{primary.quantity} difference"
    rows = _at(_rows(arm, role), primary, analyses=("comparison", "agreement"))
    for _, row in rows[(rows["quantity"] == quantity) & (rows["group"] == "")].iterrows():
        adjusted = rows[
            (rows["quantity"] == f"{quantity}, Holm")
            & (rows["test"] == row["test"])
            & (rows["versus"] == row["versus"])
        ]
        holm = float(adjusted["p"].iloc[0]) if len(adjusted) else float("nan")
        yield _one_difference(arm, row, holm)


def _one_difference(arm: ArmResult, row: pd.Series, holm: float) -> Text:
    first, second = _label(arm, row["test"]), _label(arm, row["versus"])
    p = row["p"] if math.isnan(holm) else holm
    how = "" if math.isnan(holm) else " after Holm's adjustment"
    if math.isnan(p):
        return Text(
            f"Whether {first} differs from {second} could not be tested ({row['method']}).", "caution"
        )
    said = f"p < {p_value(p)[1:]}" if p < 0.001 else f"p = {p_value(p)}"
    size = count(int(row["n"]), "case")
    tested = f"(difference {_interval(row)}, {said}{how}, {size} with both)"
    if p >= ALPHA:
        return Text(
            f"There was no evidence of a difference between {first} and {second} {tested}.", "caution"
        )
    if row["value"] > 0:
        return Text(f"{first} did better than {second} {tested}.", "good")
    return Text(f"{first} did worse than {second} {tested}.", "warning")


def _calibration(arm: ArmResult, role: str) -> Iterator[Text]:
    primary = primary_of(arm.prepared.arm.outcome)
    rows = _at(_rows(arm, role), primary, analyses=("calibration",))
    for test in _not_refuted(arm, role):
        own = rows[(rows["test"] == test) & (rows["group"] == "")]
        wrong = [
            f"{name} {with_interval(row['value'], row['low'], row['high'])}, ideal {ideal:g}"
            for name, ideal in (("slope", 1.0), ("intercept", 0.0))
            for _, row in own[own["quantity"] == name].iterrows()
            if _excludes(row, ideal)
        ]
        if wrong:
            yield Text(
                f"The probabilities of {_label(arm, test)} are miscalibrated ({'; '.join(wrong)}): they must be"
                " recalibrated before anyone reads them as risks.",
                "caution",
            )


def _not_refuted(arm: ArmResult, role: str) -> list[str]:
    """Index tests that did not fail the test against chance: only theirs are probabilities worth mending."""
    rows = _rows(arm, role)
    failed = rows[(rows["analysis"] == CHANCE) & (rows["quantity"] == BETTER) & (rows["value"] != 1)]
    return [test for test in _index(arm) if test not in set(failed["test"])]


def found_limits(arm: ArmResult) -> list[str]:
    """Limits that the data themselves show: few events, few sites, tests that often could not be had."""
    return [*_size_limits(arm), *_design_limits(arm), *_availability_limits(arm)]


def _size_limits(arm: ArmResult) -> Iterator[str]:
    known = arm.prepared.reference
    counts = known.counts()
    events = counts.get("events")
    if events is None:
        return
    fewest = min(events, counts["cases"] - events) if "positive" in known.table else events
    if fewest < 100:
        what = "events" if events == fewest else "cases without the outcome"
        yield f"Small sample: {fewest} {what}; below 100, estimates of performance are imprecise (Collins 2016)."
    for name, test in arm.prepared.arm.index_tests.items():
        fields = {field for extractor in test.features for field in extractor.reads}
        learnt = [known.take(fold.train).counts()["events"] for fold in arm.prepared.folds]
        if fields and learnt and min(learnt) < 10 * len(fields):
            yield (
                f"{_label(arm, name)} was learnt from as few as {min(learnt)} events for {len(fields)} candidate fields"
                f" ({min(learnt) / len(fields):.1f} a field); below 10, overfitting is likely."
            )


def _design_limits(arm: ArmResult) -> Iterator[str]:
    if "external" not in arm.predictions.roles():
        yield "No external validation: every case was predicted by cross-validation within the same data set."
    sites = arm.prepared.reference.table["site"].nunique()
    if sites < 5:
        yield f"Few sites: the cases come from {count(sites, 'site')}, so differences between sites are hardly known."
    counts = arm.prepared.reference.counts()
    if counts["participants"] < counts["cases"]:
        yield f"{counts['cases']} cases come from {counts['participants']} participants; they are not independent."


def _availability_limits(arm: ArmResult) -> Iterator[str]:
    table = arm.predictions.table
    for test in arm.predictions.tests:
        rows = table[table["test"] == test.name].drop_duplicates(["case_id", "unit", "role"])
        lost = float(rows["score"].isna().mean()) if len(rows) else 1.0
        if lost >= 0.05:
            share = f"{100 * lost:.0f}% of the cases"
            yield f"{test.label} could not be had for {share}; comparisons with it leave them out."


def _rows(arm: ArmResult, role: str) -> pd.DataFrame:
    rows = arm.findings.rows
    return rows[rows["role"].isin([role, ""])]


def _at(rows: pd.DataFrame, primary: Primary, *, analyses: tuple[str, ...]) -> pd.DataFrame:
    rows = rows[rows["analysis"].isin(analyses)]
    if math.isnan(primary.horizon_y):
        return rows
    return rows[rows["horizon_y"] == primary.horizon_y]


def _excludes(row: pd.Series, ideal: float) -> bool:
    return math.isfinite(row["low"]) and math.isfinite(row["high"]) and not row["low"] <= ideal <= row["high"]


def _index(arm: ArmResult) -> list[str]:
    return [test.name for test in arm.predictions.index_tests()]


def _label(arm: ArmResult, name: str) -> str:
    labels: Mapping[str, str] = {test.name: test.label for test in arm.predictions.tests}
    return labels.get(name, name)


def _interval(row: pd.Series) -> str:
    text = with_interval(row["value"], row["low"], row["high"])
    return text.replace("(", "(95% CI ", 1)


def _article(words: str) -> str:
    return "an" if words[0] in "AEIOU" else "a"
