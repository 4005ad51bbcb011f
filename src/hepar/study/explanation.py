"""Shapley values of a fold's model for some of the cases that it never saw."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from ..core.errors import RunError
from ..explain.game import Predict
from ..explain.players import Players, grouped, single
from ..explain.shapley import Attribution, shapley
from ..models.base import Fitted, Scores
from .partition import Fold
from .protocol import Explain
from .scoring import scores_by_horizon
from .steps import unwrapped

COLUMNS = ("test", "role", "fold", "case_id", "level", "feature", "value", "shapley", "error", "base")
"""`level` is `feature` or `group`; the values of a case and level sum to its prediction less `base`."""

ROUNDING = 1e-12
"""A feature whose largest value is this small a share of the largest of all has none: that is rounding."""


def explain(
    fitted: Fitted,
    features: pd.DataFrame,
    *,
    fold: Fold,
    settings: Explain,
    seed: int,
    horizons_y: tuple[float, ...] = (),
) -> list[Mapping[str, Any]]:
    """By feature, then by group if there are groups; cases and background are drawn by `seed`, not by outcome.

    Explained is the model behind the steps, on the features as these leave them: all held-out rows pass the steps
    together, as when they are predicted, and all training rows by themselves. Mixed before the steps, a case would
    get the scanner of one patient with the features of another, and harmonisation would make of it what nobody has.
    Plain values, for the store. A feature on which no prediction depends is left out: its value is 0 throughout;
    where that is every feature, the first of them stays, so that the cases do.
    """
    rng = np.random.default_rng((seed, 1))
    model, held_out = unwrapped(fitted, features.iloc[fold.held_out])
    _, train = unwrapped(fitted, features.iloc[fold.train])
    rows, background = _some(held_out, settings.cases, rng), _some(train, settings.background, rng)
    sets: dict[str, Players] = {"feature": single(rows.columns)}
    if settings.groups:
        sets["group"] = _seen(grouped(features.columns, settings.groups), rows)
    predict = _reading(model, settings, horizons_y)
    found = {
        level: shapley(predict, rows, background=background, players=players, draws=settings.draws, seed=seed)
        for level, players in sets.items()
    }
    return [_plain(level, attribution, rows) for level, attribution in found.items()]


def explanation_rows(test: str, fold: Fold, told: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """What `explain` gave, as one row for each case and feature; columns `COLUMNS`."""
    tables = [_long(one).assign(test=test, role=fold.role, fold=fold.name) for one in told]
    return together(table[list(COLUMNS)] for table in tables)


def together(tables: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """Tables of explanations, one below the other; without any, an empty one."""
    found = [table for table in tables if len(table)]
    return pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=list(COLUMNS))


def _some(features: pd.DataFrame, n: int, rng: np.random.Generator) -> pd.DataFrame:
    """At most `n` of the rows, in their order."""
    return features.iloc[np.sort(rng.choice(len(features), min(n, len(features)), replace=False))]


def _seen(players: Players, features: pd.DataFrame) -> Players:
    """The groups, each with what the steps left of its features; one of which nothing is left adds nothing."""
    left = {
        name: tuple(column for column in columns if column in features) for name, columns in players.items()
    }
    return {name: columns for name, columns in left.items() if columns}


def _reading(fitted: Fitted, settings: Explain, horizons_y: tuple[float, ...]) -> Predict:
    """What is explained of a prediction: the score that ranks the cases, or the probability; by the first horizon."""

    def read(features: pd.DataFrame) -> np.ndarray:
        scores: Scores = fitted.predict(features)
        if settings.scale == "score":
            return scores_by_horizon(scores, horizons_y)[0]
        if not scores.probability:
            raise RunError("explain.scale is probability, but the model gives none; use scale: score")
        return scores.probability[horizons_y[0] if horizons_y else None]

    return read


def _plain(level: str, found: Attribution, rows: pd.DataFrame) -> Mapping[str, Any]:
    largest = np.abs(found.shapley).max(axis=0)
    kept = np.flatnonzero(largest > ROUNDING * largest.max())
    kept = kept if len(kept) else np.array([0])
    names = [found.players[at] for at in kept]
    return {
        "level": level,
        "case_id": [str(case) for case in rows.index],
        "feature": names,
        "value": [rows[name].tolist() if name in rows else [None] * len(rows) for name in names],
        "shapley": found.shapley[:, kept].T.tolist(),
        "error": found.error[:, kept].T.tolist(),
        "base": found.base,
    }


def _long(told: Mapping[str, Any]) -> pd.DataFrame:
    cases, features = told["case_id"], told["feature"]
    columns = {
        "case_id": cases * len(features),
        "feature": [name for name in features for _ in cases],
        "value": pd.Series([v for one in told["value"] for v in one], dtype=object),
        "shapley": [v for one in told["shapley"] for v in one],
        "error": [v for one in told["error"] for v in one],
    }
    return pd.DataFrame(columns).assign(level=told["level"], base=told["base"])
