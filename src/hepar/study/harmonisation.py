"""What harmonisation does to the features of an arm: whether the batches can be told apart before it and after it."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from functools import partial
from typing import Any, Literal

import numpy as np
import pandas as pd
from pydantic import SerializeAsAny

from .._version import __version__
from ..core.errors import HeparError
from ..core.fingerprint import fingerprint
from ..data.reference import Reference
from ..engine.parallel import Progress, ordered_map, silent
from ..engine.store import NOTHING, Artefacts
from ..stats.estimate import Estimate
from ..transforms.base import FittedTransform, Transform
from ..transforms.columns import numbers
from ..transforms.combat import Harmonised, labels_of
from ..transforms.predictability import FEWEST, parts, site_predictability
from ..transforms.projection import Projection, project
from .protocol import Arm
from .provenance import package_versions
from .steps import steps_of

DIGITS = 4
"""Decimals of the places that are kept: a drawing needs no more."""


@dataclass(frozen=True, slots=True, eq=False)
class Harmonisation:
    """One `combat` step of one index test, judged on all cases of the arm; nothing of a single feature is kept.

    Before and after are the features that the step harmonises, without it and with it. After is that of cases whose
    effects were learnt from others: in five parts, stratified by batch, with the steps before it learnt there too.
    """

    test: str
    step: str
    column: str
    """Feature that tells the batch."""
    unseen: str
    """What the step does with a batch that it had not learnt."""
    batch: tuple[str, ...]
    """Batch of each case that is judged: it is known, and has five cases or more."""
    left_out: int
    """Cases that are not."""
    predictability: tuple[Estimate, Estimate] | None = None
    """AUC of telling the batch, before and after; None where that is not possible."""
    places: Projection | None = None
    trouble: str = ""
    """Why it is not possible."""


@dataclass(frozen=True, slots=True)
class Question:
    """All that a worker needs to judge one step."""

    test: str
    step: str
    earlier: tuple[Transform, ...]
    combat: Harmonised
    features: pd.DataFrame
    reference: Reference
    seed: int

    @property
    def key(self) -> str:
        """Names what is computed from what."""
        content = [pd.util.hash_pandas_object(t).to_numpy() for t in (self.features, self.reference.table)]
        steps = [step.fingerprint for step in (*self.earlier, self.combat)]
        outcome = [self.reference.outcome.kind, self.reference.horizons_y]
        return fingerprint(
            "harmonisation",
            __version__,
            package_versions(),
            steps,
            self.seed,
            list(self.features),
            outcome,
            *content,
        )


def harmonised(
    name: str,
    arm: Arm,
    *,
    features: Mapping[str, pd.DataFrame],
    reference: Reference,
    store: Artefacts = NOTHING,
    jobs: int = 1,
    progress: Progress = silent,
) -> tuple[Harmonisation, ...]:
    """Every `combat` step of the arm's index tests, judged; `features` holds the table of each test."""
    asked = [
        question
        for test in arm.index_tests
        for question in _questions(arm, test, features=features[test], reference=reference)
    ]
    if not asked:
        return ()
    what = f"{name}: judging harmonisation"
    told = ordered_map(partial(_kept, store), asked, jobs=jobs, what=what, progress=progress)
    return tuple(_restored(question, one) for question, one in zip(asked, told, strict=True))


def _questions(arm: Arm, test: str, *, features: pd.DataFrame, reference: Reference) -> list[Question]:
    steps = steps_of(arm.index_tests[test].model)
    return [
        Question(
            test=test,
            step=name,
            earlier=tuple(one for _, one in steps[:at]),
            combat=step,
            features=features,
            reference=reference,
            seed=int(fingerprint(arm.design.seed, test, name, "harmonisation")[:7], 16),
        )
        for at, (name, step) in enumerate(steps)
        if isinstance(step, Harmonised)
    ]


def _kept(store: Artefacts, question: Question) -> Mapping[str, Any]:
    return store.get_or_make(question.key, partial(judge, question))


def judge(question: Question) -> Mapping[str, Any]:
    """AUCs and places as plain values; `trouble` says why there are none."""
    rows, labels = _judged_rows(question)
    features, known = question.features.iloc[rows], question.reference.take(rows)
    steps = [
        _Judged(earlier=question.earlier, combat=question.combat, after=after) for after in (False, True)
    ]
    try:
        told = [
            site_predictability(features, labels, seed=question.seed, step=step, reference=known)
            for step in steps
        ]
        tables = [_held_out(step, features, known, labels=labels, seed=question.seed) for step in steps]
        places = project(*tables)
    except HeparError as error:
        return {"trouble": str(error)}
    return {
        "trouble": "",
        "predictability": [asdict(one) for one in told],
        "places": [np.round(one, DIGITS).tolist() for one in (places.before, places.after, places.shares)],
    }


def _judged_rows(question: Question) -> tuple[np.ndarray, np.ndarray]:
    """Positions and batches of the cases whose batch is known and has enough participants to stand in every part."""
    labels = labels_of(question.features[question.combat.batch])
    people = pd.Series(question.reference.participants).groupby(pd.Series(labels)).nunique()
    rows = np.flatnonzero([label is not None and people[label] >= FEWEST for label in labels])
    return rows, labels[rows].astype(str)


def _held_out(
    step: Transform, features: pd.DataFrame, reference: Reference, *, labels: np.ndarray, seed: int
) -> pd.DataFrame:
    """Features of each case by the step learnt without it, in the parts of `site_predictability`."""
    people = np.unique(reference.participants, return_inverse=True)[1]
    applied = []
    for train, held in parts(labels, people, seed=seed):
        fitted = step.fit(features.iloc[train], reference.take(train), seed=seed)
        applied.append(fitted.apply(features.iloc[held]))
    return pd.concat(applied, join="inner").loc[features.index]


def _restored(question: Question, told: Mapping[str, Any]) -> Harmonisation:
    rows, labels = _judged_rows(question)
    judged = Harmonisation(
        test=question.test,
        step=question.step,
        column=question.combat.batch,
        unseen=question.combat.unseen,
        batch=tuple(labels.tolist()),
        left_out=len(question.features) - len(rows),
        trouble=told["trouble"],
    )
    if judged.trouble:
        return judged
    before, after = (Estimate(**one) for one in told["predictability"])
    places = Projection(*(np.asarray(one, dtype=float) for one in told["places"]))
    return replace(judged, predictability=(before, after), places=places)


@dataclass(frozen=True, slots=True)
class _FittedJudged:
    """The steps as learnt, and the features that are looked at."""

    steps: tuple[FittedTransform, ...]
    names: tuple[str, ...]

    def apply(self, features: pd.DataFrame) -> pd.DataFrame:
        for step in self.steps:
            features = step.apply(features)
        return features[list(self.names)]

    def describe(self) -> Mapping[str, float]:
        return {}


class _Judged(Transform):
    """The features that `combat` harmonises, before or after it, with the steps before it learnt on the same rows."""

    kind: Literal["judged"] = "judged"
    earlier: tuple[SerializeAsAny[Transform], ...]
    combat: Harmonised
    after: bool

    def fit(self, features: pd.DataFrame, reference: Reference, *, seed: int) -> FittedTransform:
        learnt: list[FittedTransform] = []
        for step in self.earlier:
            learnt.append(step.fit(features, reference, seed=seed))
            features = learnt[-1].apply(features)
        names = numbers(features, (*self.combat.spare, *self.combat.covariates, self.combat.batch))
        if self.after:
            learnt.append(self.combat.fit(features, reference, seed=seed))
        return _FittedJudged(tuple(learnt), tuple(names))
