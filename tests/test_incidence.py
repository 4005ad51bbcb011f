"""Cumulative incidence against cmprsk 2.2-11 `cuminc`, liver waiting list (golden/statistics/oracle_R_output.txt)."""

import numpy as np
import pytest

from hepar.stats.estimate import StatisticError
from hepar.stats.incidence import aalen_johansen
from hepar.stats.survival import value_at
from survival_data import waiting_list


@pytest.mark.parametrize(
    ("cause", "incidence", "variance"),
    [
        ("death", [0.044386938, 0.072921777, 0.078296535], [5.2368145e-05, 8.3736299e-05, 9.0008856e-05]),
        ("ltx", [0.318243114, 0.711255201, 0.793279690], [2.6804576e-04, 2.5530020e-04, 2.2009919e-04]),
        ("withdraw", [0.011101999, 0.037134196, 0.049659280], [1.3562785e-05, 4.4370997e-05, 6.5969219e-05]),
    ],
)
def test_incidence_and_variance_of_the_waiting_list_equal_cmprsk(
    cause: str, incidence: list[float], variance: list[float]
) -> None:
    curve = aalen_johansen(*waiting_list(cause))
    found = [value_at(curve, day) for day in (90, 365, 730)]
    assert [e.value for e in found] == pytest.approx(incidence, abs=5e-10)
    assert [e.se**2 for e in found] == pytest.approx(variance, rel=1e-7)


def test_variance_until_the_last_participant_has_an_event_equals_cmprsk() -> None:
    curve = aalen_johansen(np.array([1.0, 2, 3, 3, 4, 5, 5, 6]), np.array([1, 2, 1, 1, 0, 2, 1, 1]))
    found = [value_at(curve, time) for time in (1, 3, 5, 6)]
    assert [e.value for e in found] == pytest.approx([0.125, 0.375, 0.541666666667, 0.708333333333])
    assert [e.se**2 for e in found] == pytest.approx(
        [0.015625, 0.0347080498866, 0.0479985512724, 0.0695216049383], abs=1e-12
    )


def test_interval_is_symmetric_on_the_log_minus_log_scale() -> None:
    found = value_at(aalen_johansen(*waiting_list("ltx")), 90)
    centre, low, high = (np.log(-np.log(v)) for v in (found.value, found.low, found.high))
    half = 1.959963985 * found.se / abs(found.value * np.log(found.value))
    assert (low - centre, centre - high) == pytest.approx((half, half))


def test_the_competing_cause_can_be_asked_for() -> None:
    time, status = waiting_list("ltx")
    swapped = np.choose(status, [0, 2, 1])
    assert aalen_johansen(time, status, cause=2).value == pytest.approx(aalen_johansen(time, swapped).value)


@pytest.mark.parametrize("cause", [0, 3])
def test_a_cause_that_is_no_event_is_refused(cause: int) -> None:
    with pytest.raises(StatisticError, match=f"status is {cause}"):
        aalen_johansen(np.array([1.0, 2.0]), np.array([1, 2]), cause=cause)
