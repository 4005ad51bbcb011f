"""Concordance against R survival 3.5-3 `concordance` (R 4.2.2): estimates, standard errors, ties, case weights."""

import numpy as np
import pytest

from hepar.stats.concordance import c_difference, c_weighted, harrell_c, uno_c
from hepar.stats.estimate import StatisticError
from survival_data import column, pbc


def colon_nodes() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    time, status, nodes = (column("colon_recurrence", name) for name in ("time", "status", "nodes"))
    known = np.isfinite(nodes)
    return time[known], status[known], nodes[known]


def test_concordance_of_the_published_cox_model_equals_r() -> None:
    data = pbc()
    found = harrell_c(data["time"], data["death"], data["risk"])
    assert found.value == pytest.approx(0.835045093084, abs=1e-11)
    assert found.se == pytest.approx(0.0168309633536, abs=1e-10)
    assert (found.low, found.high) == pytest.approx((0.802057011, 0.868033175), abs=1e-9)
    assert (found.n, found.events) == (416, 160)


def test_many_tied_risks_count_as_in_r() -> None:
    found = harrell_c(*colon_nodes())
    assert (found.value, found.se) == pytest.approx((0.626254254701, 0.0128885148989), abs=1e-12)


@pytest.mark.parametrize(
    ("tau", "value", "se"),
    [(3652.5, 0.757912908248, 0.0200483718267), (5000, 0.759825970588, 0.0198226783643)],
)
def test_uno_equals_r(tau: float, value: float, se: float) -> None:
    data = pbc()
    found = uno_c(data["time"], data["death"], data["bili"], tau=tau)
    assert (found.value, found.se) == pytest.approx((value, se), abs=1e-11)


def test_uno_with_tied_risks_and_truncation_equals_r() -> None:
    found = uno_c(*colon_nodes(), tau=1826.25)
    assert (found.value, found.se) == pytest.approx((0.627316491104, 0.0130641987372), abs=1e-12)
    assert found.events == 439


def test_paired_difference_equals_r() -> None:
    data = pbc()
    found = c_difference(data["time"], data["death"], first=data["risk"], second=data["bili"])
    assert (found.value, found.se) == pytest.approx((0.0540305566504, 0.0130776532026), abs=1e-10)
    assert found.p == pytest.approx(3.6037582e-05, rel=1e-7)
    assert (found.low, found.high) == pytest.approx(
        (found.value - 1.959963985 * found.se, found.value + 1.959963985 * found.se)
    )


def test_case_weights_equal_r() -> None:
    data = pbc()
    weights = np.stack([np.resize([1, 2, 3], 416), np.ones(416)])
    harrell = c_weighted(data["time"], data["death"], data["bili"], weights=weights)
    uno = c_weighted(data["time"], data["death"], data["bili"], weights=weights, tau=3652.5)
    assert harrell == pytest.approx([0.792618084158, 0.781014536434], abs=1e-11)
    assert uno == pytest.approx([0.757613035013, 0.757912908248], abs=1e-11)


def test_weights_are_repetitions_of_participants() -> None:
    data = pbc()
    counts = np.random.default_rng(5).multinomial(416, np.full(416, 1 / 416), size=3)
    found = c_weighted(data["time"], data["status"], data["risk"], weights=counts, tau=3000)
    repeated = [
        uno_c(*(np.repeat(data[name], row) for name in ("time", "status", "risk")), tau=3000).value
        for row in counts
    ]
    assert found == pytest.approx(repeated, abs=1e-12)


def test_standard_error_agrees_with_the_bootstrap() -> None:
    data = pbc()
    draws = np.random.default_rng(11).multinomial(416, np.full(416, 1 / 416), size=400)
    spread = c_weighted(data["time"], data["status"], data["risk"], weights=draws).std()
    assert harrell_c(data["time"], data["status"], data["risk"]).se == pytest.approx(spread, rel=0.1)


def test_a_participant_with_a_competing_event_stays_comparable() -> None:
    time, status = np.array([1.0, 2.0, 3.0]), np.array([2, 1, 0])
    risk = np.array([0.9, 0.5, 0.1])
    # the event at 2 is compared with the competing event at 1 (discordant) and the censoring at 3 (concordant)
    assert harrell_c(time, status, risk).value == 0.5
    assert harrell_c(time, np.array([0, 1, 0]), risk).value == 1.0


def test_event_competing_event_and_censoring_at_one_time_are_compared_with_the_event() -> None:
    time, risk = np.array([2.0, 2.0, 3.0]), np.array([0.5, 0.1, 0.9])
    for status in ([1, 2, 0], [1, 0, 0]):
        assert harrell_c(time, np.array(status), risk).value == 0.5
        # the event at tau itself counts
        assert uno_c(time, np.array(status), risk, tau=2).value == 0.5
    assert harrell_c(time, np.array([1, 1, 0]), risk).value == 0.0


def test_competing_pairs_weigh_by_censoring_at_both_times() -> None:
    time = np.array([1.0, 2.0, 3.0, 4.0, 5.0])
    status = np.array([0, 2, 0, 1, 0])
    risk = np.array([0.0, 0.9, 0.0, 0.5, 0.1])
    # G(2-) = 4/5, G(4-) = 4/5 * 2/3 = 8/15: pair with the competing event 1 / (8/15 * 4/5), later pair (15/8)^2
    later, competing = (15 / 8) ** 2, 15 / 8 * 5 / 4
    assert uno_c(time, status, risk, tau=5).value == pytest.approx(later / (later + competing))


@pytest.mark.parametrize(("tau", "value"), [(3652.5, 0.741286298725), (1826.25, 0.795246170765)])
def test_uno_with_competing_events_equals_pec(tau: float, value: float) -> None:
    """pec 2022.5.4 `cindex(cens.model = "marginal")`, ties in time broken in order of the rows."""
    data = pbc()
    found = uno_c(data["time"] + 1e-4 * np.arange(416), data["status"], data["bili"], tau=tau)
    assert found.value == pytest.approx(value, abs=1e-11)


@pytest.mark.parametrize(
    ("status", "tau", "message"),
    [
        ([0, 0, 2], 9.0, "no event of cause 1"),
        ([0, 1, 0], 1.5, "no event of interest up to tau = 1.5; the first is at 2"),
    ],
)
def test_outcomes_without_an_event_are_refused(status: list[int], tau: float, message: str) -> None:
    with pytest.raises(StatisticError, match=message):
        uno_c(np.array([1.0, 2.0, 3.0]), np.array(status), np.arange(3.0), tau=tau)


def test_no_comparable_pair_and_malformed_weights_are_refused() -> None:
    time, risk = np.array([1.0, 2.0]), np.arange(2.0)
    with pytest.raises(StatisticError, match="no comparable pair"):
        harrell_c(time, np.array([0, 1]), risk)
    with pytest.raises(StatisticError, match="non-negative weights"):
        c_weighted(time, np.array([1, 0]), risk, weights=np.ones(2))
    with pytest.raises(StatisticError, match="risk has 3 values"):
        harrell_c(time, np.array([1, 0]), np.arange(3.0))
