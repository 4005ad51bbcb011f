"""Identities that every time-to-event statistic satisfies, on small random cohorts with ties."""

from collections.abc import Callable
from functools import partial

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from hepar.stats.brier import brier_at
from hepar.stats.concordance import c_weighted, harrell_c, uno_c
from hepar.stats.curve_tests import gray_test, log_rank
from hepar.stats.estimate import Estimate
from hepar.stats.horizon import auc_at
from hepar.stats.horizon_benefit import net_benefit_at
from hepar.stats.incidence import aalen_johansen
from hepar.stats.ipcw import horizon_weights
from hepar.stats.survival import kaplan_meier, step_values

Cohort = tuple[np.ndarray, np.ndarray, np.ndarray]
SMALL = settings(max_examples=40, deadline=None)


@st.composite
def cohorts(draw: st.DrawFn, codes: tuple[int, ...] = (0, 1, 2)) -> Cohort:
    """Times in quarters of a year, a status out of `codes` and a risk in tenths; an event is the first of them."""
    n = draw(st.integers(6, 30))
    quarter = draw(st.lists(st.integers(1, 12), min_size=n, max_size=n))
    status = draw(st.lists(st.sampled_from(codes), min_size=n, max_size=n))
    risk = draw(st.lists(st.integers(0, 10), min_size=n, max_size=n))
    time = np.array(quarter) / 4
    time[0], time[1] = 0.25, 3.0
    return time, np.array([1, 0 if 0 in codes else 1, *status[2:]]), np.array(risk) / 10


@given(cohorts())
@SMALL
def test_incidences_and_survival_add_up_to_one(cohort: Cohort) -> None:
    time, status, _ = cohort
    total = (
        sum(aalen_johansen(time, status, cause=c).value for c in (1, 2))
        + kaplan_meier(time, status > 0).value
    )
    assert total == pytest.approx(np.ones_like(total))


@given(cohorts(codes=(0, 1)))
@SMALL
def test_incidence_without_competing_events_is_one_minus_kaplan_meier(cohort: Cohort) -> None:
    time, status, _ = cohort
    assert aalen_johansen(time, status).value == pytest.approx(1 - kaplan_meier(time, status).value)


@given(cohorts(codes=(1,)))
@SMALL
def test_kaplan_meier_without_censoring_is_the_share_still_alive(cohort: Cohort) -> None:
    time, status, _ = cohort
    points = np.array([0.1, 0.5, 1.3, 3.0])
    alive = (time > points[:, None]).mean(axis=1)
    assert step_values(kaplan_meier(time, status), points) == pytest.approx(alive)


@given(cohorts())
@SMALL
def test_concordance_ignores_monotone_transforms_and_order_and_reverses_with_the_risk(cohort: Cohort) -> None:
    time, status, risk = cohort
    shuffled = np.random.default_rng(0).permutation(time.size)
    statistics: tuple[Callable[..., Estimate], ...] = (
        harrell_c,
        partial(uno_c, tau=2.5),
        partial(auc_at, horizon_y=1.5),
        partial(auc_at, horizon_y=1.5, controls="event-free"),
    )
    for statistic in statistics:
        found = statistic(time, status, risk)
        for same in (statistic(time, status, np.exp(3 * risk)), statistic(*(v[shuffled] for v in cohort))):
            assert (same.value, same.se) == pytest.approx((found.value, found.se))
        assert statistic(time, status, -risk).value == pytest.approx(1 - found.value)


@given(cohorts(codes=(1, 2)))
@SMALL
def test_uno_is_harrell_without_censoring(cohort: Cohort) -> None:
    time, status, risk = cohort
    status = np.where(status == 0, 1, status)
    assume(np.ptp(time[status == 1]) > 0 or np.any(status == 2))
    assert uno_c(time, status, risk, tau=9).value == pytest.approx(harrell_c(time, status, risk).value)


@given(cohorts())
@SMALL
def test_case_weights_of_one_change_nothing(cohort: Cohort) -> None:
    time, status, risk = cohort
    ones = np.ones((2, time.size))
    assert c_weighted(time, status, risk, weights=ones) == pytest.approx(
        [harrell_c(time, status, risk).value] * 2
    )


@given(cohorts(codes=(1, 2)))
@SMALL
def test_horizon_statistics_without_censoring_are_the_plain_ones(cohort: Cohort) -> None:
    time, status, risk = cohort
    case = (status == 1) & (time <= 1.5)
    assert brier_at(time, status, risk, horizon_y=1.5).value == pytest.approx(np.mean((case - risk) ** 2))
    order = (risk[:, None] > risk) + 0.5 * (risk[:, None] == risk)
    assert auc_at(time, status, risk, horizon_y=1.5).value == pytest.approx(order[case][:, ~case].mean())
    benefit = net_benefit_at(time, status, risk, thresholds=np.array([0.3]), horizon_y=1.5)
    treated = risk >= 0.3
    assert benefit.net_benefit[0] == pytest.approx(np.mean(treated & case) - np.mean(treated & ~case) * 3 / 7)


@given(cohorts())
@SMALL
def test_horizon_weights_stand_for_everyone_and_give_the_incidence(cohort: Cohort) -> None:
    time, status, _ = cohort
    weights = horizon_weights(time, status, horizon_y=1.5)
    total = weights.event + weights.competing + weights.free
    assert total.sum() == pytest.approx(time.size)
    incidence = step_values(aalen_johansen(time, status), np.array([1.5]))[0]
    assert weights.event.sum() / time.size == pytest.approx(incidence)


@given(cohorts())
@SMALL
def test_group_tests_ignore_labels_and_order(cohort: Cohort) -> None:
    time, status, _ = cohort
    group = np.resize([0, 1], time.size)
    assume(np.unique(group[status == 1]).size == 2)
    shuffled = np.random.default_rng(1).permutation(time.size)
    for statistic in (lambda t, s, g: log_rank(t, s == 1, g), gray_test):
        found = statistic(time, status, group)
        names = np.array(["treated", "control"])[group]
        assert statistic(time, status, names).statistic == pytest.approx(found.statistic)
        assert statistic(time[shuffled], status[shuffled], group[shuffled]).p == pytest.approx(found.p)
