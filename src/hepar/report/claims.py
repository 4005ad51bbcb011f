"""Sentences of the verdict about margins, cut-offs of a reference, and refits on dealt labels."""

from collections.abc import Iterator

import pandas as pd

from ..study.result import ArmResult
from .blocks import Text
from .names import level_name
from .numbers import count, number, p_value, words
from .primary import excludes, in_words, label_of, rows_of

MARGIN = "non-inferiority at "
"""Begins the name of a verdict on a margin."""
POWER = "power, non-inferior at "
SMALLEST = "smallest difference, power "
"""Begin the names of a power, and of the smallest difference found with one."""
CALLED = ("good", "warning")
"""Tones of a sentence that calls a difference."""
OVER = ", over training sets"
"""Ends the name of a difference that counts that models trained on other cases would differ."""
KEYS = ["test", "versus", "group"]


def claims(arm: ArmResult, role: str) -> Iterator[Text]:
    """What the analyses of margins, cut-offs and refits say, in the order of the protocol."""
    rows = rows_of(arm, role)
    yield from _margins(arm, rows)
    yield from _detectable(arm, rows)
    yield from _cutoffs(arm, rows)
    yield from _refits(arm, rows)


def reproduction_limits(arm: ArmResult) -> Iterator[str]:
    """What classes made of a measurement can never show."""
    if (arm.findings.rows["analysis"] == "cutoffs").any():
        yield (
            f"The classes at the cut-offs are made of the reference itself ({arm.prepared.arm.outcome.label}). Where it"
            " is a measurement such as elastography, an AUC tells how well a test reproduces it: no test can be shown"
            " to be better than it, and how either would do against histology is not known from this."
        )


def _margins(arm: ArmResult, rows: pd.DataFrame) -> Iterator[Text]:
    own = rows[rows["analysis"] == "noninferiority"]
    for _, verdict in own[own["quantity"].str.startswith(MARGIN)].iterrows():
        difference = _same(own[own["quantity"].str.endswith(" difference")], verdict).iloc[0]
        first, second = label_of(arm, verdict["test"]), label_of(arm, verdict["versus"])
        measure = f"{words(difference['quantity'].removesuffix(' difference'))}{_at(verdict)}"
        if verdict["value"] != verdict["value"]:
            why = str(verdict["method"]).removeprefix("not defined: ")
            what = f"Whether {first} is non-inferior to {second} in {measure}"
            yield Text(f"{what} could not be judged ({why}).", "caution")
            continue
        margin = verdict["quantity"].removeprefix(MARGIN)
        over = _same(own[own["quantity"] == f"{difference['quantity']}{OVER}"], verdict)
        size = count(int(verdict["n"]), "case")
        found = f"(difference {in_words(difference)}, margin {margin}, {size} with both)"
        yield _one_margin(
            verdict, pair=(first, second), found=f"in {measure} {found}", power=_power(rows, verdict, margin)
        )
        yield from _margin_over(verdict, over, margin=float(margin))


def _one_margin(verdict: pd.Series, *, pair: tuple[str, str], found: str, power: str) -> Text:
    first, second = pair
    if verdict["value"] > 0:
        worse = ", though worse by less than the margin" if "below 0" in verdict["method"] else ""
        return Text(f"{first} was non-inferior to {second} {found}{worse}.", "good")
    if verdict["value"] < 0:
        return Text(f"{first} was inferior to {second} by more than the margin {found}.", "warning")
    shown = f"That {first} is non-inferior to {second} was neither shown nor refuted {found}."
    return Text(f"{shown}{power}", "caution")


def _margin_over(verdict: pd.Series, over: pd.DataFrame, *, margin: float) -> Iterator[Text]:
    """A caution where a verdict on a margin does not stand over training sets."""
    if over.empty or verdict["value"] == 0:
        return
    row = over.iloc[0]
    if row["low"] > -margin if verdict["value"] > 0 else row["high"] < -margin:
        return
    yield Text(
        f"Caution: counting that models trained on other cases would differ, the difference was {in_words(row)}, and"
        " this verdict does not stand.",
        "caution",
    )


def unsettled(arm: ArmResult, rows: pd.DataFrame, called: pd.Series) -> Iterator[Text]:
    """Cautions about a difference that was called: over training sets, and where neither test is better than chance."""
    own = rows[(rows["analysis"] == called["analysis"]) & (rows["quantity"] == f"{called['quantity']}{OVER}")]
    over = _same(own, called)
    first, second = label_of(arm, called["test"]), label_of(arm, called["versus"])
    if len(over) and not excludes(over.iloc[0], 0.0):
        yield Text(
            f"Caution: counting that models trained on other cases would differ, the difference between {first} and"
            f" {second} was {in_words(over.iloc[0])}, which includes 0: that one way of training is better than the"
            " other is not shown.",
            "caution",
        )
    answers = rows[(rows["analysis"] == "chance") & (rows["quantity"] == "better than chance")]
    answers = answers[answers["test"].isin([called["test"], called["versus"]])]
    if len(answers) == 2 and (answers["value"] == 0).all():
        yield Text(
            f"Neither {first} nor {second} was shown to do better than chance, so the difference between them"
            " recommends neither.",
            "caution",
        )


def _power(rows: pd.DataFrame, verdict: pd.Series, margin: str) -> str:
    """How likely it was to be shown, where the protocol asks what could be."""
    asked = rows[(rows["analysis"] == "detectable") & (rows["quantity"] == f"{POWER}{margin}")]
    same = _same(asked, verdict)["value"].dropna()
    if same.empty:
        return ""
    return (
        f" With this precision the power to show it was {100 * same.iloc[0]:.0f}%, if both are equally good."
    )


def _same(rows: pd.DataFrame, row: pd.Series) -> pd.DataFrame:
    """The rows about the same pair and group."""
    return rows[(rows[KEYS] == row[KEYS]).all(axis=1)]


def _detectable(arm: ArmResult, rows: pd.DataFrame) -> Iterator[Text]:
    """What each comparison could have shown."""
    own = rows[(rows["analysis"] == "detectable") & rows["value"].notna()]
    for _, least in own[own["quantity"].str.startswith(SMALLEST)].iterrows():
        power = least["quantity"].removeprefix(SMALLEST)
        pair = f"{label_of(arm, least['test'])} against {label_of(arm, least['versus'])}{_at(least)}"
        text = f"{pair}: with this precision, a difference of {number(least['value'])} is found with a power of {power}"
        for _, chance in _same(own[own["quantity"].str.startswith(POWER)], least).iterrows():
            margin = chance["quantity"].removeprefix(POWER)
            text += f", and non-inferiority at {margin} between equals with {100 * chance['value']:.0f}%"
        yield Text(f"{text}.")


def _cutoffs(arm: ArmResult, rows: pd.DataFrame) -> Iterator[Text]:
    own = rows[rows["analysis"] == "cutoffs"]
    adjusted = own[own["quantity"] == "auc difference, Holm"]
    for _, row in own[own["quantity"] == "auc difference"].iterrows():
        holm = _same(adjusted, row)
        p = float(holm["p"].iloc[0]) if len(holm) else float("nan")
        said = one_difference(arm, row, p, where=f" in AUC{_at(row)}")
        yield said
        if said.tone in CALLED:
            yield from unsettled(arm, rows, row)


def _refits(arm: ArmResult, rows: pd.DataFrame) -> Iterator[Text]:
    own = rows[rows["analysis"] == "null_refits"]
    for _, row in own[own["p"].notna()].iterrows():
        null = own[(own["test"] == row["test"]) & (own["quantity"] == "mean over refits")]
        middle = f", {number(float(null['value'].iloc[0]))} on average with dealt labels" if len(null) else ""
        measure = words(row["quantity"])
        text = f"{label_of(arm, row['test'])}, fitted anew on dealt labels: {measure} {number(row['value'])}{middle}"
        if row["p"] <= 0.05:
            yield Text(f"{text}; p = {p_value(row['p'])}.", "plain")
        else:
            yield Text(
                f"{text}; p = {p_value(row['p'])}, so the whole procedure was not shown to learn anything.",
                "warning",
            )


def _at(row: pd.Series) -> str:
    return f" at {level_name(row['group'])}" if row["group"] else ""


def one_difference(arm: ArmResult, row: pd.Series, holm: float, *, where: str = "") -> Text:
    """A paired difference in words; `holm` is its adjusted p, NaN where there is none."""
    first, second = label_of(arm, row["test"]), label_of(arm, row["versus"])
    p = row["p"] if holm != holm else holm
    how = "" if holm != holm else " after Holm's adjustment"
    if p != p:
        return Text(
            f"Whether {first} differs from {second}{where} could not be tested ({row['method']}).", "caution"
        )
    said = f"p < {p_value(p)[1:]}" if p < 0.001 else f"p = {p_value(p)}"
    size = count(int(row["n"]), "case")
    tested = f"(difference {in_words(row)}, {said}{how}, {size} with both)"
    if p >= 0.05:
        return Text(
            f"There was no evidence of a difference between {first} and {second}{where} {tested}.", "caution"
        )
    if row["value"] > 0:
        return Text(f"{first} did better than {second}{where} {tested}.", "good")
    return Text(f"{first} did worse than {second}{where} {tested}.", "warning")
