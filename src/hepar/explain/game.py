"""The game behind a Shapley value: predictions for cases mixed from an explained case and a background case."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
import pandas as pd

Predict = Callable[[pd.DataFrame], np.ndarray]
"""A model as a function: one number for each row of a feature table."""

CELLS = 4_000_000
"""Cells of the largest table that is handed to a model at once: bounds the memory of an explanation."""

ROWS = 20_000
"""Rows of that table at most: a model may need far more memory for a row than its features take."""

TINY = 1e-10
"""Changes of a prediction below this share of the spread of all predictions are rounding."""

TRIALS = 64
"""Trials by which a player is seen to matter, at least."""


@dataclass(frozen=True, slots=True)
class Game:
    """A model, the `rows` to explain and the `background` that stands for a feature nobody knows.

    `players` holds the columns of each player; a column of no player stays as it is in the row explained.
    """

    predict: Predict
    rows: pd.DataFrame
    background: pd.DataFrame
    players: tuple[tuple[str, ...], ...]

    def __len__(self) -> int:
        return len(self.players)

    @property
    def batch(self) -> int:
        """Rows that may be predicted at once."""
        return max(1, min(ROWS, CELLS // max(1, self.rows.shape[1])))

    def play(self, row: np.ndarray, back: np.ndarray, inside: np.ndarray) -> np.ndarray:
        """Predictions (m,): the players `inside` (m, players) as in row `row` (m,), the others as in `back` (m,)."""
        size = self.batch
        parts = [slice(start, start + size) for start in range(0, len(row), size)]
        return np.concatenate([self._play(row[p], back[p], inside[p]) for p in parts])

    def only(self, kept: np.ndarray) -> Self:
        """The same game without the players that `kept` (players,) leaves out."""
        return replace(self, players=tuple(p for p, keep in zip(self.players, kept, strict=True) if keep))

    def _play(self, row: np.ndarray, back: np.ndarray, inside: np.ndarray) -> np.ndarray:
        owner = {column: at for at, columns in enumerate(self.players) for column in columns}
        own = np.column_stack([inside, np.ones(len(row), dtype=bool)])  # the last column: of no player
        texts = [name for name in self.rows.columns if self.rows[name].dtype == object]
        numbers = self.rows.columns.difference(texts, sort=False).tolist()
        told = []
        for columns in filter(None, (numbers, texts)):
            mine = own[:, [owner.get(column, -1) for column in columns]]
            case, other = (t[columns].to_numpy() for t in (self.rows, self.background))
            told.append(pd.DataFrame(np.where(mine, case[row], other[back]), columns=columns))
        table = told[0] if len(told) == 1 else pd.concat(told, axis=1)
        return np.asarray(self.predict(table[list(self.rows.columns)]), dtype=float)


def matters(game: Game, spread: float, *, rng: np.random.Generator) -> np.ndarray:
    """Which players (players,) change a prediction, tried in random coalitions: all together, then by halves.

    One that never does is a dummy, whose Shapley value is 0, and need not be played: a model that selected ten
    features of a thousand is then explained as one of ten. That the dummies together change nothing is tried again, in
    other coalitions; if they do, every player counts.
    """
    n, b = len(game.rows), len(game.background)
    trials = max(TRIALS, n)
    found = np.zeros(len(game), dtype=bool)
    waiting = [np.arange(len(game))]
    while waiting:
        some = waiting.pop()
        if _changes(game, some, trials, rng=rng) <= TINY * spread:
            continue
        if len(some) == 1:
            found[some] = True
        else:
            waiting += [some[len(some) // 2 :], some[: len(some) // 2]]
    dummies = np.flatnonzero(~found)
    if len(dummies) and _changes(game, dummies, max(trials, n * b), rng=rng) > TINY * spread:
        return np.ones(len(game), dtype=bool)
    return found


def _changes(game: Game, players: np.ndarray, trials: int, *, rng: np.random.Generator) -> float:
    """The largest change of a prediction when `players` go in and out of random coalitions of the others."""
    row = np.arange(trials) % len(game.rows)
    back = rng.integers(0, len(game.background), trials)
    inside = rng.random((trials, len(game))) < 0.5
    out, into = inside.copy(), inside.copy()
    out[:, players], into[:, players] = False, True
    both = game.play(np.tile(row, 2), np.tile(back, 2), np.concatenate([out, into]))
    return float(np.max(np.abs(both[trials:] - both[:trials])))
