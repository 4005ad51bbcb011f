"""The null by refits: outcomes dealt anew among the participants, and the whole fit of an index test repeated.

A permutation of held-out scores tests the predictions; this tests the procedure, with everything in it that learns from
labels. One shuffle is no null: the AUC of a single one strays far from 0.5 where one direction rules the features.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from ..analyses.base import Findings, row
from ..core.errors import RunError
from ..core.fingerprint import fingerprint
from ..data.predictions import Predictions
from ..data.reference import Reference
from ..engine.parallel import Progress, ordered_map, silent
from ..engine.store import NOTHING, Artefacts
from ..stats.agreement import spearman
from ..stats.concordance import harrell_c
from ..stats.estimate import Estimate, StatisticError
from ..stats.permutation import permutation_p
from ..stats.resampling import auc_weighted
from .fold_task import Task, run_task
from .partition import Fold
from .predict import tasks_of
from .result import Prepared

KIND = "null_refits"
"""What its rows are called among the analyses."""
MOST_ATTEMPTS = 200
"""Dealings tried for each draw until every part has what its measure needs, e.g. both classes."""
NAN = float("nan")
MEASURES: Mapping[str, str] = {
    "binary": "auc",
    "graded": "auc",
    "continuous": "spearman",
    "time_to_event": "harrell c",
}
"""Kind of outcome -> the measure by which refits are judged."""

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Asked:
    """The parts of one role in which one index test is refitted."""

    test: str
    role: str
    tasks: tuple[Task, ...]
    draws: int


def null_by_refits(
    prepared: Prepared,
    predictions: Predictions,
    *,
    store: Artefacts = NOTHING,
    jobs: int = 1,
    progress: Progress = silent,
) -> Findings:
    """For each index test that asks for `refits`: its measure, mean over parts, against those of the refits.

    The measure is the AUC, Spearman's rho or Harrell's C within each part; p = (1 + refits at least as high) /
    (1 + draws), one-sided (Phipson & Smyth 2010). Rows `auc` (or `spearman`, `harrell c`), `mean over refits`,
    `sd over refits` and `highest over refits`. All index tests see the same dealings.

    Raises:
        RunError: where labels cannot be dealt so that every part holds what its measure needs.
    """
    asked = list(_asked(prepared))
    dealings = _dealings(prepared, asked)
    work = [
        replace(task, reference=dealings[draw], fold=_named(task.fold, draw), explain=None)
        for one in asked
        for draw in range(one.draws)
        for task in one.tasks
    ]
    if not work:
        return Findings.of([])
    what = f"{prepared.name}: refitting on dealt labels"
    told = ordered_map(partial(run_task, store), work, jobs=jobs, what=what, progress=progress)
    values = iter([_measure(task, result["score"][0]) for task, result in zip(work, told, strict=True)])
    rows: list[Row] = []
    for one in asked:
        null = [[next(values) for _ in one.tasks] for _ in range(one.draws)]
        rows += _rows(one, _observed(one, predictions), np.mean(null, axis=1))
    return Findings.of(rows)


def _asked(prepared: Prepared) -> Iterator[_Asked]:
    for name, test in prepared.arm.index_tests.items():
        if test.refits is None:
            continue
        tasks = tasks_of(prepared, name, test)
        tasks = tasks[:1] if test.refits.parts == "first" else tasks
        for role in dict.fromkeys(task.fold.role for task in tasks):
            mine = tuple(task for task in tasks if task.fold.role == role)
            yield _Asked(name, role, mine, test.refits.draws)


def _dealings(prepared: Prepared, asked: Sequence[_Asked]) -> list[Reference]:
    """One dealing a draw; the same for every index test."""
    folds = [task.fold for one in asked for task in one.tasks]
    most = max((one.draws for one in asked), default=0)
    return [_usable(prepared, folds, draw) for draw in range(most)]


def _usable(prepared: Prepared, folds: Sequence[Fold], draw: int) -> Reference:
    seed = int(fingerprint(prepared.arm.design.seed, KIND, draw)[:12], 16)
    rng = np.random.default_rng(seed)
    for _ in range(MOST_ATTEMPTS):
        dealt = deal(prepared.reference, rng)
        if all(_defined(dealt.take(part)) for fold in folds for part in (fold.train, fold.held_out)):
            return dealt
    raise RunError(
        f"refits: {MOST_ATTEMPTS} dealings of the outcome ({prepared.reference.outcome.label}) left some part without"
        " cases of both kinds; take fewer folds, or leave refits out"
    )


def deal(known: Reference, rng: np.random.Generator) -> Reference:
    """`known` with its outcomes dealt anew among participants, each as a whole; within sites if these are kept whole.

    Where all rows of a participant have one outcome it is dealt to any other; else the rows of a participant go
    together to one with as many rows.

    Raises:
        RunError: where most participants have nobody to exchange with.
    """
    order = _order(known, rng)
    dealt = {name: known.table[name].to_numpy()[order] for name in known.outcome.columns}
    return replace(known, table=known.table.assign(**dealt))


def _order(known: Reference, rng: np.random.Generator) -> np.ndarray:
    """For each row the row whose outcome it is given."""
    person = np.unique(known.participants, return_inverse=True)[1]
    rows = [np.flatnonzero(person == one) for one in range(person.max() + 1)]
    columns = known.table[list(known.outcome.columns)]
    alike = int(columns.groupby(person, dropna=False).nunique(dropna=False).to_numpy().max()) == 1
    layer = known.groups if known.whole == "site" else np.zeros(len(known))
    layers = pd.DataFrame(
        {"layer": [layer[at[0]] for at in rows], "size": [1 if alike else at.size for at in rows]}
    )
    order = np.arange(person.size)
    alone = 0
    for _, exchangeable in layers.groupby(["layer", "size"], sort=True):
        mine = exchangeable.index.to_numpy()
        alone += mine.size == 1
        for one, other in zip(mine, rng.permutation(mine), strict=True):
            order[rows[one]] = rows[other][0] if alike else rows[other]
    if 2 * alone > len(rows):
        raise RunError(
            f"refits: {alone} of {len(rows)} participants have nobody to exchange outcomes with (as many rows"
            f"{', at one site' if known.whole == 'site' else ''}); leave refits out"
        )
    return order


def _defined(known: Reference) -> bool:
    """Whether the outcomes of a part allow its measure."""
    try:
        value = _of_scores(known, np.arange(len(known), dtype=float))
    except StatisticError:
        return False
    return value == value


def _measure(task: Task, score: Sequence[float]) -> float:
    """The measure in the held-out part, by the labels that were dealt; 0 for a constant score's correlation."""
    scores = np.array(score, dtype=float)
    if task.reference.outcome.kind == "continuous" and np.unique(scores[~np.isnan(scores)]).size < 2:
        return 0.0
    return _of_scores(task.reference.take(task.fold.held_out), scores)


def _of_scores(part: Reference, scores: np.ndarray) -> float:
    """The measure of the cases that have a score."""
    scored = np.flatnonzero(~np.isnan(scores))
    known, score = part.take(scored), scores[scored]
    if known.outcome.kind == "continuous":
        return spearman(known.table["value"].to_numpy(dtype=float), score).value
    if known.outcome.kind == "time_to_event":
        return harrell_c(known.time_y, known.status, score).value
    return float(auc_weighted(known.positive, score, np.ones((1, score.size)))[0])


def _observed(one: _Asked, predictions: Predictions) -> tuple[float, int]:
    """The mean over the parts as they were predicted, and the cases in them."""
    cases = predictions.of(one.test, role=one.role).set_index(["case_id", "unit"])
    values, n = [], 0
    for task in one.tasks:
        held = task.reference.take(task.fold.held_out)
        keys = pd.MultiIndex.from_arrays([held.table.index, held.table["unit"]])
        score = cases["score"].reindex(keys).to_numpy(dtype=float)
        values.append(_of_scores(held, score))
        n += int(np.count_nonzero(~np.isnan(score)))
    return float(np.mean(values)), n


def _rows(one: _Asked, observed: tuple[float, int], null: np.ndarray) -> Iterator[Row]:
    value, n = observed
    measure = MEASURES[one.tasks[0].reference.outcome.kind]
    parts = ", ".join(task.fold.name for task in one.tasks)
    method = f"mean of {parts}; p one-sided, of {one.draws} refits on outcomes dealt among participants"
    place = {"analysis": KIND, "test": one.test, "role": one.role}
    p = permutation_p(value, null, alternative="greater")
    yield row(Estimate(value, NAN, NAN, n, method, p=p), quantity=measure, **place)
    told = {"mean": null.mean(), "sd": null.std(ddof=1), "highest": null.max()}
    for name, found in told.items():
        how = f"{measure} of {one.draws} refits on dealt outcomes"
        yield row(Estimate(float(found), NAN, NAN, n, how), quantity=f"{name} over refits", **place)


def _named(fold: Fold, draw: int) -> Fold:
    return replace(fold, name=f"{fold.name}, refit {draw + 1} on dealt labels")
