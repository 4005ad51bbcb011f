"""One fold of one index test: fitted on its training part, told of its held-out part. This is what the store keeps."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from .._version import __version__
from ..core.errors import HeparError
from ..core.fingerprint import fingerprint
from ..data.reference import Reference
from ..engine.store import Artefacts
from ..models.base import Fitted, Model, Scores
from .explanation import explain
from .partition import Fold
from .protocol import Explain
from .provenance import package_versions
from .scoring import scores_by_horizon
from .steps import told_of_steps

TOLD = ("score", "risk_group", "probability", "terms", "steps", "explanations")
"""What the store keeps of a fold, by name."""


@dataclass(frozen=True, slots=True)
class Task:
    """All that a worker needs."""

    test: str
    fold: Fold
    model: Model
    features: pd.DataFrame
    reference: Reference
    risk_groups: int
    seed: int
    explain: Explain | None = None

    @property
    def key(self) -> str:
        """Names what is computed from what: software, model, design, and every row that is read."""
        rows = np.concatenate([self.fold.train, self.fold.held_out])
        tables = (self.features.iloc[rows], self.reference.table.iloc[rows])
        content = [pd.util.hash_pandas_object(table).to_numpy() for table in tables]
        outcome = [self.reference.outcome.kind, self.reference.horizons_y, self.reference.whole]
        asked = self.explain.model_dump() if self.explain else None
        design = [len(self.fold.train), self.risk_groups, self.seed, outcome, list(self.features), asked]
        return fingerprint(__version__, package_versions(), self.model.fingerprint, TOLD, design, *content)


def run_task(store: Artefacts, task: Task) -> Mapping[str, Any]:
    """What the fold's model says: all of `TOLD`; `score` and `probability` by horizon."""
    return store.get_or_make(task.key, partial(_fit_and_predict, task))


def index_rows(task: Task, result: Mapping[str, Any]) -> pd.DataFrame:
    """Rows of the predictions table for the held-out cases."""
    base = identity(task.reference, task.fold).assign(
        test=task.test, risk_group=np.asarray(result["risk_group"], dtype=float)
    )
    horizons = task.reference.horizons_y or (float("nan"),)
    told = zip(horizons, result["score"], result["probability"], strict=True)
    return pd.concat(base.assign(score=s, probability=p, horizon_y=t) for t, s, p in told)


def identity(known: Reference, fold: Fold) -> pd.DataFrame:
    """Who is held out by `fold`, and in which role."""
    rows = known.table.iloc[fold.held_out].reset_index()
    return rows[["case_id", "participant_id", "site", "unit"]].assign(role=fold.role, fold=fold.name)


def _fit_and_predict(task: Task) -> Mapping[str, Any]:
    """Fit on the training part; limits of the risk groups come from its scores alone."""
    train, held = task.fold.train, task.fold.held_out
    try:
        fitted: Fitted = task.model.fit(task.features.iloc[train], task.reference.take(train), seed=task.seed)
        inside, scores = fitted.predict(task.features.iloc[train]), fitted.predict(task.features.iloc[held])
        steps = told_of_steps(fitted, task.features.iloc[held])
        explanations = _explanations(task, fitted)
    except HeparError as error:
        raise type(error)(f"index test {task.test!r}, {task.fold.name}: {error}") from None
    horizons_y = task.reference.horizons_y
    by_horizon = scores_by_horizon(scores, horizons_y)
    return {
        "score": [score.tolist() for score in by_horizon],
        "risk_group": _risk_groups(
            scores_by_horizon(inside, horizons_y)[0], by_horizon[0], groups=task.risk_groups
        ),
        "probability": _probabilities(scores, horizons_y),
        "terms": {name: float(value) for name, value in fitted.describe().items()},
        "steps": steps,
        "explanations": explanations,
    }


def _risk_groups(inside: np.ndarray, scores: np.ndarray, *, groups: int) -> list[float]:
    """Group of each of `scores` by the quantiles of those `inside` training; NaN where there is no score."""
    known = inside[~np.isnan(inside)]
    if not known.size:
        return [float("nan")] * len(scores)
    limits = np.quantile(known, np.linspace(0, 1, groups + 1)[1:-1])
    group = np.searchsorted(limits, scores, side="right").astype(float)
    return [float(value) for value in np.where(np.isnan(scores), np.nan, group)]


def _explanations(task: Task, fitted: Fitted) -> list[Mapping[str, Any]]:
    """Shapley values of some held-out cases, if the protocol asks for them."""
    if task.explain is None:
        return []
    horizons_y = task.reference.horizons_y
    return explain(
        fitted, task.features, fold=task.fold, settings=task.explain, seed=task.seed, horizons_y=horizons_y
    )


def _probabilities(scores: Scores, horizons_y: tuple[float, ...]) -> list[list[float]]:
    """One list for each horizon (one in all where there is none); NaN where the model gives no probability."""
    nothing = np.full(len(scores.score), np.nan)
    return [scores.probability.get(key, nothing).tolist() for key in horizons_y or (None,)]
