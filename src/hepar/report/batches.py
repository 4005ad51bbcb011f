"""The section on harmonisation: can the batches be told before and after, and what became of those never seen."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..data.reference import Reference
from ..stats.combat import FEWEST_TO_ESTIMATE
from ..study.harmonisation import Harmonisation
from ..study.result import ArmResult
from ..transforms.combat import labels_of
from ..transforms.predictability import FEWEST
from . import svg
from .blocks import Block, Figure, Section, Table, Text, table
from .harmonisation import harmonisation_figure
from .names import feature_label
from .numbers import count, number, share, with_interval
from .steps import over_parts

CAUTION = (
    "An AUC near 0.5 after harmonisation means that linear effects of the batch on these features are gone, not that"
    " the model transports to a batch that nobody has seen. Where batch and disease are confounded, harmonisation may"
    " remove disease with the batch; the tables say how the outcome is spread over the batches."
)

SHOWN = 8
"""Batches that a sentence names."""

MOST = 40
"""Batches of a table, the largest first."""

DONE = {
    "pass": "They were predicted with their features as they are (unseen: pass): for them nothing was harmonised.",
    "estimate": (
        "The effect was estimated from these cases themselves, without their outcomes (unseen: estimate): what is"
        " predicted for one of them depends on the others of its batch, and a new batch needs"
        f" {FEWEST_TO_ESTIMATE} cases before the first can be predicted."
    ),
}
"""What was done with cases of a batch that training had not seen, by policy; `refuse` stops the run."""


@dataclass(frozen=True, slots=True)
class _Told:
    """One step, and what it and its batch are called."""

    arm: ArmResult
    one: Harmonisation
    title: str
    batch: str


def harmonisation_section(name: str, arm: ArmResult) -> Section:
    """The section of an arm; empty where no model has a `combat` step."""
    blocks: list[Block] = []
    for at, one in enumerate(arm.harmonised):
        title = f"{arm.arm.index_tests[one.test].label}, step {one.step}"
        told = _Told(arm, one, title, feature_label(arm, one.column))
        blocks += [*_judged(told, key=f"{name}-harmonisation-{at}"), _by_batch(told), _unseen(told)]
    caution = [Text(CAUTION, "caution")] if blocks else []
    return Section(f"{name}-harmonisation", "Harmonisation", (*caution, *blocks))


def _judged(told: _Told, *, key: str) -> list[Block]:
    one, title, batch = told.one, told.title, told.batch
    if one.predictability is None or one.places is None:
        return [
            Text(
                f"{title}: whether {batch} can be told from the features could not be judged: {one.trouble}.",
                "caution",
            )
        ]
    with svg.style():
        figure = harmonisation_figure(
            one.places, np.array(one.batch), predictability=one.predictability, batch_name=batch
        )
        caption = (
            f"{title}: each case on the first two principal components of the features before harmonisation, by"
            f" {batch}; large markers: means, ellipses: one standard deviation."
        )
        drawn = Figure(svg.render(figure, key=key, label=caption), caption, wide=True)
    rows = [
        (when, with_interval(auc.value, auc.low, auc.high), f"{auc.n}")
        for when, auc in zip(("Before", "After"), one.predictability, strict=True)
    ]
    aucs = table(
        f"{title}: AUC of telling {batch} from the features",
        head=("Features", "AUC (95% CI)", "n"),
        rows=rows,
        notes=[f"AUC: {one.predictability[0].method}."],
    )
    return [Text(_method(told)), drawn, aucs]


def _method(told: _Told) -> str:
    n = told.one.left_out
    out = (
        f" {count(n, 'case')} of a batch with fewer than {FEWEST} cases, or of an unknown one,"
        f" {'is' if n == 1 else 'are'} left out here."
        if n
        else ""
    )
    return (
        f"{told.title}: how well {told.batch} can be told from the features that the step harmonises, before and after,"
        f" among {count(len(told.one.batch), 'case')}. After: each case is harmonised by effects that were learnt"
        f" without it, in {FEWEST} folds that all hold cases of every batch. This judges the step alone; no prediction"
        f" rests on it.{out}"
    )


def _by_batch(told: _Told) -> Table:
    labels = pd.Series(labels_of(told.arm.prepared.features[told.one.test][told.one.column]), dtype=object)
    known = told.arm.prepared.reference
    sizes = labels.value_counts()
    rows = [
        (
            str(name),
            f"{n}",
            _outcome(known.take(np.flatnonzero(labels == name))),
            over_parts(_effects(told, f"shift of {name}")),
            over_parts(_effects(told, f"spread of {name}")),
        )
        for name, n in sizes.head(MOST).items()
    ]
    missing, more = int(labels.isna().sum()), len(sizes) - len(rows)
    notes = [
        "Shift: root mean square over the features, in standard deviations; spread: median factor on the standard"
        " deviation; medians and ranges over the parts. –: no part learnt it.",
        *([f"{count(missing, 'case')} of an unknown batch."] if missing else []),
        *([f"{count(more, 'batch', 'batches')} with fewer cases left out."] if more > 0 else []),
    ]
    head = (told.batch, "Cases", _outcome_head(known), "Shift", "Spread")
    return table(f"{told.title}: what each batch does to the features", head=head, rows=rows, notes=notes)


def _outcome_head(known: Reference) -> str:
    if known.outcome.kind == "continuous":
        return "Mean outcome"
    return "With the event" if known.outcome.kind == "time_to_event" else "With the outcome"


def _outcome(known: Reference) -> str:
    counts = known.counts()
    if "events" in counts:
        return share(counts["events"], counts["cases"])
    return number(float(known.table["value"].mean())) if "value" in known.table else "–"


def _effects(told: _Told, what: str) -> pd.Series:
    rows = told.arm.models[told.arm.models["test"] == told.one.test]
    return rows.loc[rows["term"] == f"{told.one.step}: {what}", "value"]


def _unseen(told: _Told) -> Text:
    """What became of held-out cases of a batch that training had not seen, in plain words."""
    one, rows = told.one, told.arm.steps.unseen
    rows = rows[(rows["test"] == one.test) & (rows["step"] == one.step)]
    held = count(sum(len(fold.held_out) for fold in told.arm.prepared.folds), "held-out case")
    never = f"of a batch ({told.batch}) whose effect their training part had not learnt"
    if rows.empty:
        would = " One would have stopped the run (unseen: refuse)." if one.unseen == "refuse" else ""
        return Text(f"{told.title}: none of the {held} is {never}.{would}")
    by_batch = rows.groupby("batch", sort=False)["cases"].sum().sort_values(ascending=False, kind="stable")
    named = ", ".join(f"{name}: {n}" for name, n in by_batch.head(SHOWN).items())
    more = f" and {len(by_batch) - SHOWN} more" if len(by_batch) > SHOWN else ""
    n = int(by_batch.sum())
    return Text(
        f"{told.title}: {n} of the {held} {'is' if n == 1 else 'are'} {never} ({named}{more}). {DONE[one.unseen]}",
        "caution",
    )
