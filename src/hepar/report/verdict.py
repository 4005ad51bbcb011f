"""The verdict: what the findings say, in plain sentences made by fixed rules, never by taste."""

import math
from collections.abc import Iterator

import pandas as pd

from ..analyses.agreement import OF_LOGS
from ..study.result import ArmResult
from .blocks import Text
from .claims import CALLED, claims, one_difference, unsettled
from .closeness import closeness
from .numbers import count, number, plain, with_interval
from .primary import (
    Primary,
    alone,
    article,
    at,
    by_horizon,
    excludes,
    headline_role,
    in_words,
    index_of,
    label_of,
    primary_of,
    rows_of,
)

CHANCE = "chance"
BETTER = "better than chance"
WITHIN_PARTS = {
    "auc difference, within folds": "AUC",
    "harrell c difference, within folds": "Harrell's C",
    "pearson difference, within folds": "Pearson's correlation",
}
"""Differences over pairs of cases of one part, the one to be preferred first, and what they are differences in."""
LITTLE = 0.6
"""AUC below which a test is of little use."""


def headlines(arm: ArmResult) -> list[str]:
    """The verdict in plain sentences, the most important first."""
    return [text.text for text in verdict(arm)]


def verdict(arm: ArmResult) -> list[Text]:
    """Performance of each index test, how it compares, and whether anything was learnt at all."""
    role = headline_role(arm)
    if not role:
        return [Text("No case was predicted, so there is nothing to judge.", "warning")]
    said = [
        *_nothing_learnt(arm, role),
        *_performance(arm, role),
        *closeness(arm, role),
        *_differences(arm, role),
        *claims(arm, role),
        *_backward_comparators(arm, role),
        *_calibration(arm, role),
    ]
    others = [other for other in arm.predictions.roles() if other != role]
    said += [text for other in others for text in _performance(arm, other)]
    return said or [
        Text("The analyses of this arm give no primary estimate; see the tables below.", "caution")
    ]


def _nothing_learnt(arm: ArmResult, role: str) -> Iterator[Text]:
    """Say so when the permutation test finds no index test better than chance."""
    rows = rows_of(arm, role)
    asked = rows[
        (rows["analysis"] == CHANCE) & (rows["quantity"] == BETTER) & rows["test"].isin(index_of(arm))
    ]
    untested = asked[asked["value"].isna()]
    for _, row in untested.iterrows():
        yield Text(
            f"Whether {label_of(arm, row['test'])} does better than chance could not be tested.", "caution"
        )
    if len(asked) and (asked["value"] == 0).all():
        yield Text(
            "Nothing was learnt: no index test was shown to do better than chance in this cohort. Whatever else the"
            f" report shows, these tests must not be used on this evidence. {_power(rows)}",
            "warning",
        )
        return
    for _, row in asked[asked["value"] == 0].iterrows():
        yield Text(f"{label_of(arm, row['test'])} was not shown to do better than chance.", "warning")


def _power(rows: pd.DataFrame) -> str:
    """Whether a useful test could have been missed."""
    highest = rows.loc[(rows["analysis"] == CHANCE) & (rows["quantity"] == "auc"), "high"].max()
    if highest < LITTLE:
        return f"Every interval of an AUC ends below {LITTLE}, so little was missed."
    reach = f" (an interval reaches {number(highest)})" if math.isfinite(highest) else ""
    return f"A study of this size may lack the power to show a modest ability{reach}."


def _performance(arm: ArmResult, role: str) -> Iterator[Text]:
    primary = primary_of(arm.prepared.arm.outcome)
    rows = at(rows_of(arm, role), primary, analyses=("discrimination", "prognosis", "agreement"))
    for test in index_of(arm):
        row = alone(rows, primary.quantity, test)
        if row is not None:
            yield _one_performance(arm, row, primary, role=role)


def _one_performance(arm: ArmResult, row: pd.Series, primary: Primary, *, role: str) -> Text:
    label = label_of(arm, row["test"])
    if math.isnan(row["value"]):
        why = str(row["method"]).removeprefix("not defined: ")
        return Text(f"{label}: {primary.words} is not defined ({why}).", "caution")
    where = "held-out sites or periods (external validation)" if role == "external" else "cross-validation"
    whose = (
        f"{arm.prepared.arm.outcome.label}{by_horizon(primary)}" if primary.horizon_y > 0 else "the outcome"
    )
    size = count(int(row["n"]), "case") + (f", {row['events']:.0f} with {whose}" if row["events"] > 0 else "")
    scale = f" ({OF_LOGS})" if OF_LOGS in row["method"] else ""
    text = f"In {where} ({size}), {label} had {article(primary.words)} {primary.words}{scale} of {in_words(row)}."
    if row["high"] < primary.null:
        text += (
            f" All of the interval lies below {plain(primary.null)}: it ranks the wrong way. Models that learnt nothing"
            " often do so in cross-validation, because a part held out differs from what was learnt from; turning the"
            " score round would not make it a test."
        )
        return Text(text, "warning")
    if math.isfinite(row["low"]) and row["low"] <= primary.null <= row["high"]:
        text += f" The interval includes {plain(primary.null)}, the value of a test that knows nothing."
        return Text(text, "caution")
    return Text(text, "good" if role == "external" else "plain")


def _differences(arm: ArmResult, role: str) -> Iterator[Text]:
    primary = primary_of(arm.prepared.arm.outcome)
    quantity = f"{primary.quantity} difference"
    rows = at(rows_of(arm, role), primary, analyses=("comparison", "agreement"))
    for _, row in rows[(rows["quantity"] == quantity) & (rows["group"] == "")].iterrows():
        adjusted = rows[
            (rows["quantity"] == f"{quantity}, Holm")
            & (rows["test"] == row["test"])
            & (rows["versus"] == row["versus"])
        ]
        holm = float(adjusted["p"].iloc[0]) if len(adjusted) else float("nan")
        said = one_difference(arm, row, holm)
        yield said
        if said.tone in CALLED:
            yield from _within_parts(arm, row, role)
            yield from unsettled(arm, rows_of(arm, role), row)


def _within_parts(arm: ArmResult, pooled: pd.Series, role: str) -> Iterator[Text]:
    """A caution where a difference that was called does not stand among the cases of one part."""
    rows = rows_of(arm, role)
    same = (rows["test"] == pooled["test"]) & (rows["versus"] == pooled["versus"]) & (rows["group"] == "")
    for quantity, what in WITHIN_PARTS.items():
        found = rows[same & (rows["quantity"] == quantity) & rows["value"].notna()]
        found = found[found["horizon_y"].isna() | (found["horizon_y"] == pooled["horizon_y"])]
        if found.empty:
            continue
        row = found.iloc[0]
        if excludes(row, 0.0) and row["value"] * pooled["value"] > 0:
            return
        pair = f"{label_of(arm, row['test'])} and {label_of(arm, row['versus'])}"
        over_all, why = _over_all(rows[same], pooled, quantity)
        yield Text(
            f"Caution: among cases of one part, where no model's score meets another's, the difference in {what}"
            f" between {pair} was {in_words(row)}{over_all}. The difference called above may owe something to pooling"
            f" the scores of several models{why}.",
            "caution",
        )
        return


def _over_all(rows: pd.DataFrame, called: pd.Series, quantity: str) -> tuple[str, str]:
    """The twin over all parts where the figure within parts is of another measure than the difference called."""
    own = quantity.removesuffix(", within folds")
    if own == called["quantity"]:
        return "", ""
    found = rows[(rows["quantity"] == own) & rows["horizon_y"].isna() & rows["value"].notna()]
    twin = f", and over all parts {in_words(found.iloc[0])}" if len(found) else ""
    return twin, ", or to the measure"


def _backward_comparators(arm: ArmResult, role: str) -> Iterator[Text]:
    """A caution for every comparator that ranks the wrong way in this cohort."""
    primary = primary_of(arm.prepared.arm.outcome)
    if primary.null != 0.5:
        return
    rows = at(rows_of(arm, role), primary, analyses=("discrimination", "prognosis"))
    for test in arm.predictions.tests:
        row = alone(rows, primary.quantity, test.name)
        if test.role == "comparator" and row is not None and row["high"] < primary.null:
            yield Text(
                f"{test.label} had {article(primary.words)} {primary.words} of {in_words(row)}, entirely below 0.5: it"
                " ranks the wrong way here, so that beating it means little.",
                "caution",
            )


def _calibration(arm: ArmResult, role: str) -> Iterator[Text]:
    primary = primary_of(arm.prepared.arm.outcome)
    rows = at(rows_of(arm, role), primary, analyses=("calibration",))
    for test in _not_refuted(arm, role):
        own = rows[(rows["test"] == test) & (rows["group"] == "")]
        wrong = [
            f"{name} {with_interval(row['value'], row['low'], row['high'])}, ideal {ideal:g}"
            for name, ideal in (("slope", 1.0), ("intercept", 0.0))
            for _, row in own[own["quantity"] == name].iterrows()
            if excludes(row, ideal)
        ]
        if wrong:
            yield Text(
                f"The probabilities of {label_of(arm, test)} are miscalibrated ({'; '.join(wrong)}): {_until(arm)}",
                "caution",
            )


def _until(arm: ArmResult) -> str:
    """What must not be done with probabilities that are wrong."""
    if getattr(arm.prepared.arm.outcome, "competing", None) is None:
        return "they must be recalibrated before anyone reads them as risks."
    return (
        "the outcome has competing events, and no patient may be told them as the chance of the outcome before they are"
        " recalibrated with competing events counted."
    )


def _not_refuted(arm: ArmResult, role: str) -> list[str]:
    """Index tests that did not fail the test against chance: only theirs are probabilities worth mending."""
    rows = rows_of(arm, role)
    failed = rows[(rows["analysis"] == CHANCE) & (rows["quantity"] == BETTER) & (rows["value"] == 0)]
    return [test for test in index_of(arm) if test not in set(failed["test"])]
