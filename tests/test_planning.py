"""Sample sizes against R pmsampsize 1.1.3 (run, or the numbers of its own test suite) and base R 4.2.2."""

import re
from collections.abc import Callable

import pytest

from hepar.stats.estimate import StatisticError
from hepar.stats.planning import (
    SampleSize,
    expected_shrinkage,
    r2_of_c_statistic,
    sample_size_binary,
    sample_size_continuous,
    sample_size_survival,
)


def sizes(found: SampleSize) -> list[int]:
    return [n for _, n in found.criteria]


def test_a_binary_outcome_needs_what_pmsampsize_says() -> None:
    found = sample_size_binary(parameters=24, prevalence=0.174, r2_cs=0.288)
    assert sizes(found) == [623, 662, 221]
    assert (found.n, found.events) == (662, 116)
    assert found.events_per_parameter == pytest.approx(662 * 0.174 / 24)
    assert (found.r2, found.max_r2) == pytest.approx((0.288, 0.603209), abs=1e-6)


def test_a_c_statistic_stands_for_its_r2() -> None:
    # pmsampsize simulates a million participants: 1019 in R, 1016 in Python; the integral gives 1014.
    found = sample_size_binary(parameters=30, prevalence=0.174, c_statistic=0.85)
    assert found.n == 1014
    assert abs(found.n - 1019) < 10


@pytest.mark.parametrize(
    ("c", "r2"), [(0.7, 0.0730751275128), (0.85, 0.230539107818), (0.95, 0.405566768385)]
)
def test_the_r2_of_a_c_statistic_is_the_integral(c: float, r2: float) -> None:
    # R 4.2.2: integrate() of the binormal expected log-likelihood, rel.tol = 1e-12
    assert r2_of_c_statistic(c, prevalence=0.174) == pytest.approx(r2, rel=1e-9)


def test_a_binary_sample_is_smallest_for_each_criterion_at_other_settings() -> None:
    found = sample_size_binary(
        parameters=10, prevalence=0.5, r2_cs=0.3, shrinkage=0.95, optimism=0.1, margin=0.02
    )
    # The three closed forms, evaluated in R 4.2.2.
    assert sizes(found) == [528, 107, 2401]


def test_a_time_to_event_needs_what_pmsampsize_says() -> None:
    found = sample_size_survival(parameters=30, r2_cs=0.051, rate=0.065, horizon_y=2, mean_follow_up_y=2.07)
    assert (found.n, found.events) == (5143, 692)
    # R: uniroot of exp(-2 (rate - 1.96 sqrt(rate / T))) - exp(-2 rate) = 0.05 gives T / 2.07 = 157.33
    assert sizes(found)[2] == 158


@pytest.mark.parametrize(
    ("parameters", "r2", "events_of_10000", "expected"),
    [
        (25, 0.051, 1346, [4286, 866]),
        (25, 0.065, 1346, [3335, 859]),
        (50, 0.051, 1346, [8572, 1731]),
        (25, 0.051, 2070, [4286, 731]),
    ],
)
def test_the_optimism_of_a_survival_model_is_that_of_pmsampsize(
    parameters: int, r2: float, events_of_10000: int, expected: list[int]
) -> None:
    # pmsampsize rounds the events of 10 000 participants up; given that rounded rate the numbers agree.
    rate = events_of_10000 / 10_000 / 2.07
    found = sample_size_survival(
        parameters=parameters, r2_cs=r2, rate=rate, horizon_y=2, mean_follow_up_y=2.07
    )
    assert sizes(found)[:2] == expected


@pytest.mark.parametrize(
    ("parameters", "r2", "expected"),
    [(25, 0.2, [918, 401, 259]), (25, 0.3, [574, 351, 259]), (50, 0.2, [1924, 801, 284])],
)
def test_a_continuous_outcome_needs_what_pmsampsize_says(
    parameters: int, r2: float, expected: list[int]
) -> None:
    found = sample_size_continuous(parameters=parameters, r2=r2, mean=1.9, sd=0.6)
    assert sizes(found)[:3] == expected
    assert found.n == expected[0]


def test_the_mean_of_a_continuous_outcome_needs_the_sample_that_a_search_finds() -> None:
    # R: first n with qt(.975, n - 26) * sqrt(.36 * .8 / n) <= .19
    assert sizes(sample_size_continuous(parameters=25, r2=0.2, mean=-1.9, sd=0.6))[3] == 38


@pytest.mark.parametrize(
    ("n", "factor"), [(662, 0.905318343669), (1000, 0.934832215958), (5000, 0.986102836495)]
)
def test_the_expected_shrinkage_is_the_root_that_r_finds(n: int, factor: float) -> None:
    # R 4.2.2: uniroot over S in (0.6, 1)
    assert expected_shrinkage(n, parameters=24, r2_cs=0.288) == pytest.approx(factor, rel=1e-10)


def test_the_sample_for_a_shrinkage_factor_has_that_factor() -> None:
    n = sample_size_binary(parameters=24, prevalence=0.174, r2_cs=0.288).criteria[0][1]
    assert (
        expected_shrinkage(n, parameters=24, r2_cs=0.288)
        >= 0.9
        > expected_shrinkage(n - 1, parameters=24, r2_cs=0.288)
    )


CALLS: list[tuple[Callable[[], object], str]] = [
    (lambda: sample_size_binary(parameters=5, prevalence=0.2), "give exactly one of the two"),
    (
        lambda: sample_size_binary(parameters=5, prevalence=0.2, r2_cs=0.1, c_statistic=0.8),
        "give exactly one",
    ),
    (lambda: sample_size_binary(parameters=5, prevalence=20, r2_cs=0.1), "prevalence is 20"),
    (
        lambda: sample_size_binary(parameters=0, prevalence=0.2, r2_cs=0.1),
        "parameters is 0; it must be positive",
    ),
    (lambda: sample_size_binary(parameters=5, prevalence=0.2, r2_cs=0.7), "between 0 and 0.6324"),
    (lambda: sample_size_binary(parameters=5, prevalence=0.2, c_statistic=0.5), "c_statistic is 0.5"),
    (lambda: expected_shrinkage(0, parameters=24, r2_cs=0.288), "n is 0; it must be positive"),
    (lambda: sample_size_continuous(parameters=5, r2=0.2, mean=0, sd=1), "|mean| is 0"),
    (
        lambda: sample_size_survival(parameters=5, r2_cs=0.1, rate=0.1, horizon_y=0, mean_follow_up_y=2),
        "horizon_y is 0",
    ),
]


@pytest.mark.parametrize(("call", "says"), CALLS)
def test_plans_that_make_no_sense_say_why(call: Callable[[], object], says: str) -> None:
    with pytest.raises(StatisticError, match=re.escape(says)):
        call()


def test_a_risk_smaller_than_its_margin_is_bounded_from_above_only() -> None:
    # R: uniroot of exp(-0.02) - exp(-2 (0.01 + 1.96 sqrt(0.01 / T))) = 0.05 gives T / 2 = 28.03
    found = sample_size_survival(parameters=5, r2_cs=0.02, rate=0.01, horizon_y=2, mean_follow_up_y=2)
    assert sizes(found)[2] == 29
