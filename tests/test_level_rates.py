"""Rates of an outcome by level: learnt from others, nothing learnt where nothing can be."""

import numpy as np
import pytest

from hepar.stats.discrimination import auc
from hepar.stats.estimate import StatisticError
from hepar.stats.level_rates import held_out_rates


def test_a_level_for_each_participant_tells_nothing() -> None:
    positive = np.random.default_rng(0).random(200) < 0.4
    rates = held_out_rates(np.arange(200), positive, group=np.arange(200), seed=1)
    assert np.ptp(rates) == 0


def test_many_cases_of_one_participant_do_not_shine_through_its_own_level() -> None:
    rng = np.random.default_rng(0)
    who = np.repeat(np.arange(60), 10)
    positive = (rng.random(60) < 0.5)[who]
    rates = held_out_rates(who, positive, group=who, seed=1)
    assert auc(positive, rates).value == 0.5
    leaking = held_out_rates(who, positive, group=np.arange(600), seed=1)
    assert auc(positive, leaking).value > 0.99


def test_a_level_that_decides_is_found() -> None:
    rng = np.random.default_rng(2)
    level = rng.choice(["png", "jpg", "bmp"], 300)
    positive = np.where(level == "png", rng.random(300) < 0.9, rng.random(300) < 0.1)
    assert auc(positive, held_out_rates(level, positive, group=np.arange(300), seed=0)).value > 0.8


def test_unrelated_levels_are_not_above_chance_on_average() -> None:
    values = []
    for seed in range(60):
        rng = np.random.default_rng(seed)
        positive = rng.random(150) < 0.4
        rates = held_out_rates(rng.integers(0, 8, 150), positive, group=np.arange(150), seed=seed)
        values.append(auc(positive, rates).value)
    assert np.mean(values) < 0.505


def test_rates_are_those_counted_by_hand() -> None:
    level, positive = np.array(["a", "a", "a", "b"]), np.array([1, 0, 1, 0])
    rates = held_out_rates(level, positive, group=np.arange(4), seed=0, parts=4)
    np.testing.assert_allclose(rates, [(1 + 0.5) / 3, (2 + 0.5) / 3, (1 + 0.5) / 3, 0.5])


@pytest.mark.parametrize("positive", [np.ones(4), np.zeros(4), np.array([0, 1, 0])])
def test_one_class_alone_or_other_lengths_are_refused(positive: np.ndarray) -> None:
    with pytest.raises(StatisticError, match="both classes"):
        held_out_rates(np.arange(4), positive, group=np.arange(4), seed=0)
