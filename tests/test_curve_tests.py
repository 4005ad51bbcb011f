"""Tests between groups against R survival 3.5-3 `survdiff` and cmprsk 2.2-11 `cuminc`."""

import numpy as np
import pytest

from hepar.stats.curve_tests import gray_test, log_rank
from hepar.stats.estimate import StatisticError
from survival_data import column, waiting_list


@pytest.mark.parametrize(
    ("table", "statistic"), [("colon_recurrence", 23.0617381583), ("colon_death", 11.6830927106)]
)
def test_log_rank_of_three_arms_equals_r(table: str, statistic: float) -> None:
    found = log_rank(column(table, "time"), column(table, "status"), column(table, "rx"))
    assert found.statistic == pytest.approx(statistic, abs=1e-9)
    assert found.df == 2
    assert found.p == pytest.approx(np.exp(-statistic / 2), rel=1e-9)


def test_log_rank_of_two_arms_equals_r() -> None:
    arm = column("pbc_survival", "trt")
    known = np.isfinite(arm)
    death = column("pbc_survival", "status")[known] == 2
    found = log_rank(column("pbc_survival", "time")[known], death, arm[known])
    assert (found.statistic, found.p) == pytest.approx((0.101705474005, 0.749792518855), abs=1e-11)
    assert found.df == 1


@pytest.mark.parametrize(
    ("group", "message"),
    [
        (["a", "a", "a"], "single value"),
        (["a", "b"], r"shape \(2,\)"),
        ([1.0, np.nan, 2.0], "NaN for 1"),
    ],
)
def test_groups_that_cannot_be_compared_are_refused(group: list[object], message: str) -> None:
    with pytest.raises(StatisticError, match=message):
        log_rank(np.array([1.0, 2.0, 3.0]), np.array([1, 1, 0]), np.array(group))


def test_no_event_and_a_group_gone_before_the_first_event_are_refused() -> None:
    time, group = np.array([1.0, 2.0, 3.0, 4.0]), np.array([0, 1, 2, 2])
    with pytest.raises(StatisticError, match="no event of cause 1"):
        log_rank(time, np.zeros(4), group)
    with pytest.raises(StatisticError, match="never at risk"):
        log_rank(time, np.array([0, 1, 1, 0]), group)


@pytest.mark.parametrize(
    ("group", "cause", "statistic", "df", "p"),
    [
        ("sex", "death", 2.341083824194, 1, 0.126001860233),
        ("sex", "ltx", 0.595955283676, 1, 0.440125443238),
        ("sex", "withdraw", 1.105395141963, 1, 0.293085137491),
        ("abo", "death", 1.74728854739, 3, 6.26472144512e-01),
        ("abo", "ltx", 38.94364298715, 3, 1.78404047091e-08),
        ("abo", "withdraw", 5.75753910854, 3, 1.24021149750e-01),
    ],
)
def test_gray_equals_cmprsk(group: str, cause: str, statistic: float, df: int, p: float) -> None:
    found = gray_test(*waiting_list(cause), column("transplant", group))
    assert (found.statistic, found.p) == pytest.approx((statistic, p), rel=1e-9)
    assert found.df == df


@pytest.mark.parametrize(("dropped", "statistic"), [(0.5, 54.29656430608), (0.0, 20.15633924303)])
def test_gray_equals_cmprsk_where_one_group_dies_out(dropped: float, statistic: float) -> None:
    edema = column("pbc_survival", "edema")
    kept = edema != dropped
    status = np.array([0, 2, 1])[column("pbc_survival", "status")[kept].astype(int)]
    found = gray_test(column("pbc_survival", "time")[kept], status, edema[kept])
    assert found.statistic == pytest.approx(statistic, rel=1e-11)


def test_gray_equals_cmprsk_where_one_of_three_groups_dies_out() -> None:
    status = np.array([0, 2, 1])[column("pbc_survival", "status").astype(int)]
    found = gray_test(column("pbc_survival", "time"), status, column("pbc_survival", "edema"))
    assert found.statistic == pytest.approx(69.24712630802, rel=1e-11)
    assert found.df == 2


def test_gray_of_identical_groups_is_zero() -> None:
    time, status = waiting_list("death")
    twice = np.concatenate([time, time]), np.concatenate([status, status])
    assert gray_test(*twice, np.repeat([0, 1], time.size)).statistic == pytest.approx(0, abs=1e-12)
