"""Shapley values of a model's predictions: what each player (a feature, or a group of features) adds to one.

The value of a coalition is interventional: the mean prediction over the background when the coalition's features are
those of the case and all others are those of a background case (Janzing, Minorics & Bloebaum, 2020).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import comb

import numpy as np
import pandas as pd

from ..core.errors import RunError
from .game import TINY, Game, Predict, matters
from .players import Players

EXACT_UP_TO = 8
"""Players up to which every coalition is evaluated."""


@dataclass(frozen=True, slots=True)
class Attribution:
    """Shapley values of several predictions; each row of `shapley` sums to `predicted - base`.

    `shapley`, `error` (rows, players): the value and its Monte-Carlo standard error, which is 0 where every coalition
    was evaluated or the order of the players does not matter; it does not hold what another background would change.
    `base`: mean prediction over the background.
    """

    players: tuple[str, ...]
    shapley: np.ndarray
    error: np.ndarray
    predicted: np.ndarray
    base: float


def shapley(
    predict: Predict,
    rows: pd.DataFrame,
    *,
    background: pd.DataFrame,
    players: Players,
    draws: int = 4,
    seed: int = 0,
    exact_up_to: int = EXACT_UP_TO,
) -> Attribution:
    """Shapley values (Shapley, 1953) of `predict` for each of `rows`, against `background`.

    Up to `exact_up_to` players that matter: by enumeration of all coalitions. More: players enter one by one in random
    orders (Castro, Gomez & Tejada, 2009; Strumbelj & Kononenko, 2014), `draws` orders for each row and background
    case, each also walked backwards (Mitchell et al., 2022), which is exact for a model without interactions of three
    or more players. Either way the values of a row sum to its prediction less the mean over the background.

    The error is that of the mean over the background: variance between the `draws` of a background case, over draws,
    summed over the background cases and divided by their number squared.
    """
    _refuse(rows, background, draws)
    game = Game(predict, rows, background, tuple(players.values()))
    rng = np.random.default_rng(seed)
    ends = _ends(game)
    spread = float(np.ptp(np.concatenate(ends)))
    many = len(game) > exact_up_to
    kept = matters(game, spread, rng=rng) if many else np.ones(len(game), dtype=bool)
    played = game.only(kept)
    values, errors = (np.zeros((len(rows), len(game))) for _ in range(2))
    if len(played) > exact_up_to:
        values[:, kept], errors[:, kept] = _sampled(played, ends, draws=draws, rng=rng)
    elif len(played):
        values[:, kept] = _exact(played, ends)
    errors[errors <= TINY * spread] = 0.0
    return Attribution(tuple(players), values, errors, ends[0], float(ends[1].mean()))


def _refuse(rows: pd.DataFrame, background: pd.DataFrame, draws: int) -> None:
    if not len(rows) or not len(background):
        raise RunError(
            f"an explanation needs cases and a background; found {len(rows)} and {len(background)} rows"
        )
    if list(rows.columns) != list(background.columns):
        differ = sorted(set(rows.columns) ^ set(background.columns))
        raise RunError(f"the cases and the background have different columns: {differ or 'another order'}")
    if draws < 2:
        raise RunError(f"draws is {draws}; give 2 or more: one order alone tells no error")


def _ends(game: Game) -> tuple[np.ndarray, np.ndarray]:
    """Predictions of the rows and of the background: where every walk ends and starts."""
    found = tuple(np.asarray(game.predict(table), dtype=float) for table in (game.rows, game.background))
    for predicted in found:
        if not np.isfinite(predicted).all():
            raise RunError(
                f"{int((~np.isfinite(predicted)).sum())} of {len(predicted)} predictions are not finite; such a model"
                " cannot be explained"
            )
    return found[0], found[1]


def _exact(game: Game, ends: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
    """(rows, players), from the mean over the background of each of the 2^players coalitions."""
    n, b, p = len(game.rows), len(game.background), len(game)
    coalitions = (np.arange(2**p)[:, None] >> np.arange(p)) & 1 > 0
    inner = coalitions[1:-1]
    worth = np.empty((n, 2**p))
    worth[:, 0], worth[:, -1] = ends[1].mean(), ends[0]
    row, coalition, back = np.indices((1, len(inner), b)).reshape(3, -1)
    for at in range(n):
        if len(inner):
            told = game.play(row + at, back, inner[coalition])
            worth[at, 1:-1] = told.reshape(len(inner), b).mean(axis=1)
    return np.asarray(worth @ _weights(coalitions))


def _weights(coalitions: np.ndarray) -> np.ndarray:
    """(coalitions, players): the weight of each coalition's worth in each player's value."""
    p = coalitions.shape[1]
    size = coalitions.sum(axis=1)
    joined = np.array([1 / (p * comb(p - 1, k - 1)) if k else 0.0 for k in size])
    absent = np.array([1 / (p * comb(p - 1, k)) if k < p else 0.0 for k in size])
    return np.where(coalitions, joined[:, None], -absent[:, None])


def _sampled(
    game: Game, ends: tuple[np.ndarray, np.ndarray], *, draws: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Values and errors (rows, players) from random orders and their reverses."""
    n, b, p = len(game.rows), len(game.background), len(game)
    row, back, _ = np.indices((n, b, draws)).reshape(3, -1)
    ranks = rng.permuted(np.tile(np.arange(p, dtype=np.int32), (len(row), 1)), axis=1)
    gains = np.empty((len(row), p))
    for part in _parts(len(row), game.batch // p):
        there = _walk(game, row[part], back[part], ranks=ranks[part], ends=ends)
        again = _walk(game, row[part], back[part], ranks=p - 1 - ranks[part], ends=ends)
        gains[part] = (there + again) / 2
    shaped = gains.reshape(n, b, draws, p)
    error = np.sqrt(shaped.var(axis=2, ddof=1).sum(axis=1) / draws) / b
    return shaped.mean(axis=(1, 2)), error


def _walk(
    game: Game, row: np.ndarray, back: np.ndarray, *, ranks: np.ndarray, ends: tuple[np.ndarray, np.ndarray]
) -> np.ndarray:
    """What each player (walks, players) adds when players enter in the order of `ranks` (walks, players)."""
    walks, p = ranks.shape
    inside = ranks[:, None, :] < np.arange(1, p)[None, :, None]
    told = game.play(np.repeat(row, p - 1), np.repeat(back, p - 1), inside.reshape(-1, p))
    path = np.column_stack([ends[1][back], told.reshape(walks, p - 1), ends[0][row]])
    return np.take_along_axis(np.diff(path, axis=1), ranks, axis=1)


def _parts(total: int, size: int) -> Iterator[slice]:
    step = max(1, size)
    return (slice(start, start + step) for start in range(0, total, step))
