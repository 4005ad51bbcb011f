"""Kaplan-Meier against R survival 3.5-3 (R 4.2.2), Mayo trial in primary biliary cholangitis."""

from typing import Any

import numpy as np
import pytest

from hepar.stats.estimate import StatisticError
from hepar.stats.survival import (
    Interval,
    at_risk_at,
    kaplan_meier,
    median_follow_up,
    median_survival,
    restricted_mean,
    step_values,
    value_at,
)
from survival_data import column, pbc


def pbc_deaths() -> tuple[np.ndarray, np.ndarray]:
    return column("pbc_survival", "time"), (column("pbc_survival", "status") == 2).astype(int)


@pytest.mark.parametrize(
    ("day", "survival", "se", "low", "high", "deaths"),
    [
        (365.25, 0.9282296651, 0.01262443840, 0.9038130976, 0.9533058477, 30),
        (1095.75, 0.8013302376, 0.01966266222, 0.7637041491, 0.8408100838, 82),
        (1826.25, 0.7028651746, 0.02364977071, 0.6580078620, 0.7507804728, 115),
        (4795.0, 0.3533956327, 0.04876495569, 0.2696523047, 0.4631463223, 161),
    ],
)
def test_survival_of_the_mayo_trial_equals_r(
    day: float, survival: float, se: float, low: float, high: float, deaths: int
) -> None:
    found = value_at(kaplan_meier(*pbc_deaths()), day)
    assert found.value == pytest.approx(survival, abs=1e-10)
    assert found.se == pytest.approx(se, abs=1e-10)
    assert (found.low, found.high) == pytest.approx((low, high), abs=1e-10)
    assert (found.n, found.events) == (418, deaths)


@pytest.mark.parametrize(
    ("interval", "low", "high"),
    [("log-log", 0.6536984993, 0.7464383548), ("plain", 0.6565124758, 0.7492178735)],
)
def test_other_interval_scales_equal_r(interval: Interval, low: float, high: float) -> None:
    found = value_at(kaplan_meier(*pbc_deaths(), interval=interval), 1826.25)
    assert (found.low, found.high) == pytest.approx((low, high), abs=1e-10)


def test_limits_are_undefined_only_where_r_leaves_them_undefined() -> None:
    time, event = np.arange(1.0, 7), np.array([0, 1, 1, 1, 0, 1])
    log, cloglog = kaplan_meier(time, event), kaplan_meier(time, event, interval="log-log")
    assert log.value == pytest.approx([1, 0.8, 0.6, 0.4, 0.4, 0])
    assert log.low[:5] == pytest.approx([1, 0.516125760342, 0.293316431638, 0.136721780389, 0.136721780389])
    assert log.high[:5] == pytest.approx([1.0] * 5)
    assert cloglog.low[1:5] == pytest.approx(
        [0.2038092632676, 0.1257301829944, 0.0519757503775, 0.0519757503775]
    )
    assert np.isnan([log.low[5], log.high[5], cloglog.low[0], cloglog.high[0], cloglog.low[5]]).all()


def test_median_and_restricted_mean_equal_r() -> None:
    median = median_survival(*pbc_deaths())
    assert (median.value, median.low, median.high) == (3395.0, 3090.0, 3853.0)
    mean = restricted_mean(*pbc_deaths(), horizon_y=3652.5)
    assert mean.value == pytest.approx(2616.40825794, abs=1e-8)
    assert mean.se == pytest.approx(66.27632436, abs=1e-8)


def test_median_is_the_middle_of_a_flat_piece_at_one_half() -> None:
    assert median_survival(np.array([1.0, 2, 3, 4]), np.ones(4)).value == 2.5


def test_median_never_reached_is_undefined() -> None:
    assert np.isnan(median_survival(np.array([1.0, 2, 3, 4]), np.array([1, 0, 0, 0])).value)


def test_median_follow_up_equals_r_with_events_of_either_kind_as_censored() -> None:
    """survival 3.5-3, `survfit(Surv(time, status == 0) ~ 1)`, the 416 with complete covariates."""
    found = median_follow_up(pbc()["time"], pbc()["status"])
    assert (found.value, found.low, found.high) == (2555, 2338, 2692)
    assert (found.n, found.events) == (416, 160)
    # without events it is the median of the times
    assert median_follow_up(np.arange(1.0, 8), np.zeros(7)).value == 4


def test_median_follow_up_is_refused_where_too_few_were_censored() -> None:
    with pytest.raises(StatisticError, match=r"1 of 4 are censored, by whom .* does not fall to one half"):
        median_follow_up(np.array([1.0, 2, 3, 4]), np.array([0, 1, 2, 1]))


def test_restricted_mean_without_censoring_is_the_mean_of_cut_times() -> None:
    time = np.array([0.5, 1.0, 1.0, 2.5, 4.0])
    found = restricted_mean(time, np.ones(5), horizon_y=2.0)
    assert found.value == pytest.approx(np.minimum(time, 2.0).mean())
    assert found.se == pytest.approx(np.minimum(time, 2.0).std() / np.sqrt(5))


def test_steps_and_numbers_at_risk_are_read_off_the_curve() -> None:
    curve = kaplan_meier(np.array([1.0, 2, 2, 3]), np.array([1, 1, 0, 0]))
    assert step_values(curve, np.array([0.5, 1, 1.5, 3])) == pytest.approx([1, 0.75, 0.75, 0.5])
    assert at_risk_at(curve, np.array([0, 2, 2.5, 9])).tolist() == [4, 3, 1, 0]
    before = value_at(curve, 0.5)
    assert (before.value, before.low, before.high, before.events) == (1.0, 1.0, 1.0, 0)


@pytest.mark.parametrize(
    ("time", "event", "message"),
    [
        ([1.0, 0.0], [1, 0], "time is 0.0 at position 1"),
        ([1.0, np.nan], [1, 0], "time holds nan at position 1"),
        ([1.0, 2.0], [1, 3], "status is 3 at position 1"),
        ([1.0, 2.0], [1], "status has 1 values, time has 2"),
        ([], [], "time is empty"),
    ],
)
def test_malformed_outcomes_are_refused_with_the_offending_value(
    time: list[float], event: list[int], message: str
) -> None:
    with pytest.raises(StatisticError, match=message):
        kaplan_meier(np.array(time), np.array(event))


def test_a_time_beyond_follow_up_is_refused_with_the_longest_time() -> None:
    time, event = np.array([1.0, 2.5]), np.array([1, 0])
    for refused in (
        lambda: value_at(kaplan_meier(time, event), 3.0),
        lambda: step_values(kaplan_meier(time, event), np.array([1.0, 3.0])),
        lambda: restricted_mean(time, event, horizon_y=3.0),
    ):
        with pytest.raises(StatisticError, match=r"longest is 2\.5"):
            refused()


def test_an_unknown_interval_is_refused() -> None:
    unknown: Any = "arcsin"
    with pytest.raises(StatisticError, match="'arcsin'"):
        kaplan_meier(np.array([1.0]), np.array([1]), interval=unknown)
