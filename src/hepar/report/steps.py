"""What the steps before the models did in each part: features counted, facts told, features chosen again and again."""

from collections.abc import Iterable, Sequence

import pandas as pd

from ..study.result import ArmResult
from ..study.steps import steps_of, tuned_parameters
from ..transforms.base import Transform
from ..transforms.best import Best
from ..transforms.columns import matches
from ..transforms.combat import Harmonised
from .blocks import Block, Section, Table, Text, table
from .names import feature_label
from .numbers import count, share

SHOWN = 30
"""Features of the table of those chosen most often, at most."""

COUNTED = ("features judged", "features kept")
"""What a step says of itself that the counts say too."""

METHOD = (
    "Each step was learnt in the training part of each part alone, in this order, then the model on what it left;"
    " held-out cases only pass through. Numbers are medians over the parts, with their range where they differ."
)


def steps_section(name: str, arm: ArmResult) -> Section:
    """The section of an arm; empty where no model has steps before it."""
    blocks: list[Block] = []
    for test, about in arm.arm.index_tests.items():
        steps = steps_of(about.model)
        if steps:
            blocks += [_steps(arm, test, steps), *_chosen(arm, test, [step for _, step in steps])]
    return Section(f"{name}-steps", "Steps before the models", (Text(METHOD), *blocks) if blocks else ())


def terms_of_steps(arm: ArmResult) -> pd.Series:
    """Which rows of `arm.models` are said by a step, not by the model after it."""
    mine = pd.Series(False, index=arm.models.index)
    for test, about in arm.arm.index_tests.items():
        starts = tuple(f"{step}: " for step, _ in steps_of(about.model))
        mine |= (arm.models["test"] == test) & arm.models["term"].str.startswith(starts)
    return mine


def over_parts(values: Iterable[float]) -> str:
    """Median and range of a number that every part tells.

    >>> over_parts([3.0, 1.0, 2.0]), over_parts([10.0, 10.0]), over_parts([])
    ('2 (1 to 3)', '10', '–')
    """
    found = pd.Series(list(values), dtype=float)
    if found.empty:
        return "–"
    middle, low, high = (f"{value:.3g}".replace("-", "−") for value in found.quantile([0.5, 0, 1]))
    return middle if low == high else f"{middle} ({low} to {high})"


def _steps(arm: ArmResult, test: str, steps: Sequence[tuple[str, Transform]]) -> Table:
    counts = arm.steps.counts[arm.steps.counts["test"] == test]
    tuned = tuned_parameters(arm.arm.index_tests[test].model)
    rows = []
    for name, step in steps:
        mine = counts[counts["step"] == name]
        rows.append(
            (
                name,
                _settings(name, step, tuned),
                over_parts(mine["entered"]),
                over_parts(mine["kept"]),
                _facts(arm, test, name),
            )
        )
    notes = ["Features that a step spares are counted, perturbed repeats are not."]
    if any(isinstance(step, Harmonised) and not step.keep_batch for _, step in steps):
        notes.append("The step combat drops no feature but the one that tells the batch.")
    if any(isinstance(step, Best) for _, step in steps):
        notes.append(
            "Smallest z: of those chosen as the best of many on the same cases, hence no test of a feature."
        )
    return table(
        f"Steps before the model of {arm.arm.index_tests[test].label}",
        head=("Step", "Settings", "Features entered", "Features left", "What it says of itself"),
        rows=rows,
        notes=[" ".join(notes)],
        stub=2,
    )


def _settings(name: str, step: Transform, tuned: frozenset[str]) -> str:
    values = step.model_dump(mode="json", exclude={"kind", "spare"}, exclude_none=True)
    told = {key: "tuned" if f"{name}.{key}" in tuned else _setting(value) for key, value in values.items()}
    return ", ".join(f"{key}: {value}" for key, value in told.items() if value)


def _setting(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return " ".join(map(str, value))
    return f"{value:g}" if isinstance(value, int | float) else str(value)


def _facts(arm: ArmResult, test: str, step: str) -> str:
    """What the step says beyond counts; of each batch the section on harmonisation tells."""
    start = f"{step}: "
    mine = arm.models[(arm.models["test"] == test) & arm.models["term"].str.startswith(start)]
    what = mine["term"].str.removeprefix(start)
    own = mine[~what.isin(COUNTED) & ~what.str.startswith(("shift of ", "spread of "))]
    return "\n".join(
        f"{str(term).removeprefix(start)} {over_parts(rows['value'])}"
        for term, rows in own.groupby("term", sort=False)
    )


def _chosen(arm: ArmResult, test: str, steps: Sequence[Transform]) -> list[Block]:
    """The features that reach the model most often, where the steps choose."""
    features = arm.prepared.features.get(test, pd.DataFrame()).columns
    spared = [str(name) for name in features if all(matches(str(name), step.spare) for step in steps)]
    rows = arm.steps.selected[arm.steps.selected["test"] == test]
    parts = arm.steps.counts.loc[arm.steps.counts["test"] == test, "fold"].nunique()
    often = rows.loc[~rows["feature"].isin(spared), "feature"].value_counts(sort=False)
    often = often.sort_values(ascending=False, kind="stable")
    if not any(not isinstance(step, Harmonised) for step in steps) or often.empty:
        return []
    every = int((often == parts).sum())
    told = (
        f"{count(every, 'feature')} of {arm.arm.index_tests[test].label} {'reaches' if every == 1 else 'reach'} the"
        f" model in every part, {len(often) - every} in some. What comes and goes with the cases is not to be"
        " interpreted one by one."
    )
    shown = [(feature_label(arm, str(name)), share(int(n), parts)) for name, n in often.head(SHOWN).items()]
    more = len(often) - len(shown)
    names = ", ".join(feature_label(arm, name) for name in spared)
    notes = [
        *([f"Not shown: {count(more, 'feature')} chosen as often or less."] if more > 0 else []),
        *([f"Spared by every step, hence always there: {names}."] if spared else []),
    ]
    caption = (
        f"Features that reach the model of {arm.arm.index_tests[test].label} most often, of {parts} parts"
    )
    return [Text(told), table(caption, head=("Feature", "Parts"), rows=shown, notes=notes)]
