"""Predictions of mixed cases, and which players matter to them."""

import numpy as np
import pandas as pd
import pytest

from hepar.explain import game as subject
from hepar.explain.game import Game, matters

ROWS = pd.DataFrame({"x": [1.0, np.nan], "sex": ["female", None]})
BACKGROUND = pd.DataFrame({"x": [10.0, 20.0, 30.0], "sex": ["male", "male", None]})


def spell(table: pd.DataFrame) -> np.ndarray:
    """A number that tells every cell of a row."""
    return (
        table["x"].fillna(500.0) + table["sex"].map({"female": 1000.0, "male": 2000.0}).fillna(4000.0)
    ).to_numpy()


@pytest.mark.parametrize("cells", [1, 4, 4_000_000])
def test_the_players_inside_are_the_row_s_and_the_others_the_background_s(
    cells: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(subject, "CELLS", cells)
    game = Game(spell, ROWS, BACKGROUND, (("x",), ("sex",)))
    inside = np.array([[True, True], [True, False], [False, True], [False, False]])
    told = game.play(np.array([0, 0, 1, 1]), np.array([0, 1, 0, 2]), inside)
    assert told.tolist() == [1001.0, 2001.0, 4010.0, 4030.0]


def test_a_column_of_no_player_stays_as_in_the_row() -> None:
    game = Game(spell, ROWS, BACKGROUND, (("x",), ("sex",))).only(np.array([False, True]))
    assert len(game) == 1
    assert game.play(np.array([0]), np.array([1]), np.array([[False]])).tolist() == [2001.0]


def test_a_player_that_changes_no_prediction_does_not_matter() -> None:
    rng = np.random.default_rng(0)
    table = pd.DataFrame(rng.normal(size=(40, 5)), columns=list("abcde"))
    game = Game(
        lambda t: t["a"].to_numpy() * t["c"].to_numpy(),
        table[:20],
        table[20:],
        tuple((name,) for name in "abcde"),
    )
    assert matters(game, 1.0, rng=rng).tolist() == [True, False, True, False, False]


def test_every_player_counts_when_those_left_out_matter_together() -> None:
    """A switch that one player in thirty turns is missed by its own trials and seen by those of all together."""
    table = pd.DataFrame(np.zeros((30, 2)), columns=["plain", "rare"])
    table.loc[:, "plain"] = np.arange(30.0)
    table.loc[7, "rare"] = 1.0

    calls = []

    def switch(t: pd.DataFrame) -> np.ndarray:
        calls.append(len(t))
        late = len(calls) > 2
        return np.asarray(t["plain"] + (t["rare"] if late else 0.0), dtype=float)

    game = Game(switch, table, table, (("plain",), ("rare",)))
    assert matters(game, 1.0, rng=np.random.default_rng(1)).tolist() == [True, True]
