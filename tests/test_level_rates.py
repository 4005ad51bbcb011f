"""Rates of an outcome by level: learnt from others, nothing learnt where nothing can be."""

import numpy as np
import pytest

from hepar.stats.discrimination import auc
from hepar.stats.estimate import StatisticError
from hepar.stats.level_rates import dealt_parts, held_out_p, held_out_rates
from hepar.stats.within import auc_within


def within(level: np.ndarray, positive: np.ndarray, *, group: np.ndarray, seed: int = 0) -> float:
    part = dealt_parts(positive, group=group, seed=seed)
    return auc_within(positive, held_out_rates(level, positive, part=part), part).value


def test_a_level_for_each_participant_tells_nothing() -> None:
    positive = np.random.default_rng(0).random(200) < 0.4
    part = dealt_parts(positive, group=np.arange(200), seed=1)
    assert np.ptp(held_out_rates(np.arange(200), positive, part=part)) == 0


def test_many_cases_of_one_participant_do_not_shine_through_its_own_level() -> None:
    rng = np.random.default_rng(0)
    who = np.repeat(np.arange(60), 10)
    positive = (rng.random(60) < 0.5)[who]
    assert within(who, positive, group=who) == 0.5
    assert within(who, positive, group=np.arange(600)) > 0.99


def test_two_levels_have_the_auc_of_the_level_itself() -> None:
    rng = np.random.default_rng(2)
    png = rng.random(400) < 0.5
    positive = np.where(png, rng.random(400) < 0.9, rng.random(400) < 0.1)
    # parts of 40 cases differ a little in how many of either level they hold
    assert within(png, positive, group=np.arange(400)) == pytest.approx(
        auc(positive, png.astype(float)).value, abs=0.01
    )


def test_unrelated_levels_are_not_above_chance_on_average() -> None:
    values = []
    for seed in range(60):
        rng = np.random.default_rng(seed)
        positive = rng.random(150) < 0.4
        values.append(within(rng.integers(0, 8, 150), positive, group=np.arange(150), seed=seed))
    assert np.mean(values) < 0.52  # three standard errors of this mean


def test_rates_are_those_counted_by_hand() -> None:
    level, positive = np.array(["a", "a", "a", "b"]), np.array([1, 0, 1, 0])
    rates = held_out_rates(level, positive, part=np.arange(4))
    np.testing.assert_allclose(rates, [(1 + 0.5) / 3, (2 + 0.5) / 3, (1 + 0.5) / 3, 0.5])


def test_parts_hold_whole_groups_and_both_classes() -> None:
    who = np.repeat(np.arange(60), 3)
    positive = (np.arange(60) % 2 == 0)[who]
    part = dealt_parts(positive, group=who, seed=0)
    assert all(len(set(part[who == one].tolist())) == 1 for one in range(60))
    assert {part[positive].tolist().count(k) for k in range(10)} == {9}


def test_p_is_small_where_the_level_decides_and_uniform_where_it_does_not() -> None:
    positive = np.arange(40) % 2 == 0
    part = dealt_parts(positive, group=np.arange(40), seed=0)
    assert held_out_p(positive, positive, part=part, draws=499, seed=0) == pytest.approx(1 / 500)
    p = [
        held_out_p(np.random.default_rng(k).integers(0, 3, 40), positive, part=part, draws=99, seed=k)
        for k in range(100)
    ]
    assert np.mean(np.array(p) <= 0.1) == pytest.approx(0.1, abs=4 * np.sqrt(0.09 / 100))


def test_few_cases_of_a_class_or_other_lengths_are_refused() -> None:
    with pytest.raises(StatisticError, match="four cases"):
        dealt_parts(np.array([1, 1, 1, 0, 0, 0, 0]), group=np.arange(7), seed=0)
    with pytest.raises(StatisticError, match="must agree"):
        held_out_rates(np.arange(3), np.array([1, 0, 1]), part=np.arange(2))


def test_p_of_unrelated_levels_is_uniform_where_that_of_delong_is_far_too_small() -> None:
    by_deal, by_delong = [], []
    for seed in range(120):
        rng = np.random.default_rng(seed)
        positive, level = rng.random(400) < 0.4, rng.integers(0, 4, 400)
        part = dealt_parts(positive, group=np.arange(400), seed=seed)
        whole = auc_within(positive, held_out_rates(level, positive, part=part), part)
        by_delong.append(whole.p / 2 if whole.value > 0.5 else 1.0)
        by_deal.append(held_out_p(level, positive, part=part, draws=199, seed=seed))
    three_errors = 3 * np.sqrt(0.05 * 0.95 / 120)
    assert np.mean(np.array(by_deal) <= 0.05) < 0.05 + three_errors
    assert np.mean(np.array(by_delong) <= 0.05) > 0.05 + three_errors


def test_counts_that_are_drawn_at_once_are_those_of_outcomes_that_are_dealt() -> None:
    rng = np.random.default_rng(3)
    positive, level = rng.random(80) < 0.4, rng.integers(0, 6, 80)
    part = dealt_parts(positive, group=np.arange(80), seed=0)
    at_once = held_out_p(level, positive, part=part, draws=4000, seed=0)
    dealt = held_out_p(level, positive, part=part, draws=4000, seed=1, group=np.arange(80))
    assert at_once == pytest.approx(dealt, abs=4 * np.sqrt(2 * 0.25 / 4000))


def test_few_participants_of_many_cases_do_not_tell_by_chance() -> None:
    who = np.repeat(np.arange(16), 8)
    p = []
    for seed in range(100):
        rng = np.random.default_rng(seed)
        positive, level = (np.arange(16) % 2 == 0)[who], rng.integers(0, 3, 16)[who]
        part = dealt_parts(positive, group=who, seed=seed)
        p.append(held_out_p(level, positive, part=part, draws=199, seed=seed, group=who))
    assert np.mean(np.array(p) <= 0.05) < 0.05 + 3 * np.sqrt(0.05 * 0.95 / 100)
