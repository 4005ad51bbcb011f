"""Predictions of every test: index tests by models that never saw the case, comparators by their formula."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import pandas as pd

from ..comparators.base import Comparator, Cutoff
from ..core.errors import RunError
from ..core.fingerprint import fingerprint
from ..data.predictions import COLUMNS, Predictions, Test, Threshold
from ..engine.parallel import Progress, ordered_map, silent
from ..engine.store import NOTHING, Artefacts
from .explanation import explanation_rows, together
from .fold_task import Task, identity, index_rows, run_task
from .protocol import IndexTest, ProtocolThreshold
from .result import Prepared
from .steps import Steps, steps_together


@dataclass(frozen=True, slots=True)
class Predicted:
    """What the tests of an arm say."""

    predictions: Predictions
    models: pd.DataFrame
    """What each fold's model says of itself: columns `test, fold, term, value`."""
    steps: Steps
    explanations: pd.DataFrame


def predict(
    prepared: Prepared, *, store: Artefacts = NOTHING, jobs: int = 1, progress: Progress = silent
) -> Predicted:
    """Predictions of every test of the arm, and what each fold's model and its steps say."""
    arm = prepared.arm
    tasks = [task for name, test in arm.index_tests.items() for task in tasks_of(prepared, name, test)]
    what = f"{prepared.name}: fitting models"
    results = ordered_map(partial(run_task, store), tasks, jobs=jobs, what=what, progress=progress)
    told = list(zip(tasks, results, strict=True))
    comparator_rows = [
        _comparator_rows(prepared, name, comparator) for name, comparator in arm.comparators.items()
    ]
    rows = [*(index_rows(task, result) for task, result in told), *comparator_rows]
    table = pd.concat(rows, ignore_index=True)[list(COLUMNS)]
    _refuse_constant(table)
    return Predicted(
        predictions=Predictions(table, prepared.reference, _tests(prepared), _groups(prepared)),
        models=_terms(told),
        steps=steps_together((task.test, task.fold.name, result["steps"]) for task, result in told),
        explanations=together(explanation_rows(t.test, t.fold, result["explanations"]) for t, result in told),
    )


def _terms(told: Iterable[tuple[Task, Mapping[str, Any]]]) -> pd.DataFrame:
    rows = [
        (task.test, task.fold.name, term, value)
        for task, result in told
        for term, value in result["terms"].items()
    ]
    return pd.DataFrame(rows, columns=["test", "fold", "term", "value"])


def tasks_of(prepared: Prepared, name: str, test: IndexTest) -> list[Task]:
    """One task for each part of an index test."""
    design = prepared.arm.design
    return [
        Task(
            test=name,
            fold=fold,
            model=test.model,
            features=prepared.features[name],
            reference=prepared.reference,
            risk_groups=design.risk_groups,
            seed=int(fingerprint(design.seed, name, fold.name, fold.role)[:7], 16),
            explain=test.explain,
        )
        for fold in prepared.folds
    ]


def _comparator_rows(prepared: Prepared, name: str, comparator: Comparator) -> pd.DataFrame:
    score = comparator.score(prepared.clinical).to_numpy(dtype=float)
    horizons = prepared.reference.horizons_y or (float("nan"),)
    missing = float("nan")
    return pd.concat(
        identity(prepared.reference, fold).assign(
            test=name, score=score[fold.held_out], risk_group=missing, probability=missing, horizon_y=t
        )
        for fold in prepared.folds
        for t in horizons
    )


def _refuse_constant(table: pd.DataFrame) -> None:
    """Refuse a test without scores, or with one score a fold: intercepts alone would seem to discriminate."""
    for test, rows in table.groupby("test", sort=False):
        scored = rows[rows["score"].notna()]
        if scored.empty:
            raise RunError(
                f"test {test!r} has no score for any of the {len(rows)} cases; check the fields it needs"
            )
        if (scored.groupby(["role", "fold"])["score"].nunique() == 1).all():
            raise RunError(
                f"test {test!r} gives every case the score {scored['score'].iloc[0]:.6g} (one score a fold); it cannot"
                " discriminate: check the fields it reads (are they constant?), or remove the test"
            )


def _tests(prepared: Prepared) -> tuple[Test, ...]:
    arm = prepared.arm
    index = [
        Test(
            name,
            "index",
            test.label,
            tuple(_threshold(cut) for cut in test.thresholds),
            learnt=test.model.learns,
        )
        for name, test in arm.index_tests.items()
    ]
    comparators = [
        Test(name, "comparator", c.display, tuple(_published(cut) for cut in c.cutoffs), learnt=False)
        for name, c in arm.comparators.items()
    ]
    return (*index, *comparators)


def _threshold(cut: ProtocolThreshold) -> Threshold:
    return Threshold(cut.value, cut.meaning, cut.source, scale=cut.scale)


def _published(cut: Cutoff) -> Threshold:
    """A rule-out cut-off "below 1.45" calls a score of 1.45 positive; "above 5" does not call 5 positive."""
    return Threshold(cut.value, cut.meaning, cut.source, at_or_above=cut.rule in ("at least", "below"))


def _groups(prepared: Prepared) -> pd.DataFrame:
    """Subgroup fields under their labels, with their levels as the report prints them."""
    fields, clinical = prepared.cohort.fields, prepared.clinical
    named = {}
    for name in prepared.arm.subgroups:
        field = fields[name]
        named[field.label or name] = clinical[name].map(field.name_of, na_action="ignore")
    return pd.DataFrame(named, index=clinical.index)
