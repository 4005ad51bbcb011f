"""AUC at a horizon against riskRegression 2022.11.28 `Score(cens.method = "ipcw", conservative = FALSE)`, R 4.2.2."""

from typing import Any

import numpy as np
import pytest

from hepar.stats.estimate import StatisticError
from hepar.stats.horizon import Controls, auc_at, auc_at_difference, auc_at_weighted
from hepar.stats.ipcw import censoring_survival
from survival_data import pbc

FIVE_YEARS = 1826.25
# riskRegression divides the sum of squared influences by n - 1, the infinitesimal jackknife by n; the two influence
# functions agree to first order in 1 / n, which leaves the sixth digit
R_SE = np.sqrt(415 / 416)
R_SE_DIGITS = 5e-5


@pytest.mark.parametrize(
    ("outcome", "score", "value", "se"),
    [
        ("death", "risk", 0.908066835385, 0.0178447549806),
        ("death", "bili", 0.860772581756, 0.0216756196157),
        ("status", "risk", 0.903837325307, 0.0180618831710),
        ("status", "bili", 0.847989308284, 0.0221603333149),
    ],
)
def test_auc_and_its_error_equal_r_with_and_without_competing_events(
    outcome: str, score: str, value: float, se: float
) -> None:
    data = pbc()
    found = auc_at(data["time"], data[outcome], data[score], horizon_y=FIVE_YEARS)
    assert found.value == pytest.approx(value, abs=1e-11)
    assert found.se == pytest.approx(se * R_SE, rel=R_SE_DIGITS)
    assert (found.low, found.high) == pytest.approx(
        (value - 1.959964 * found.se, value + 1.959964 * found.se)
    )
    assert (found.n, found.events) == (416, 114)


@pytest.mark.parametrize(
    ("outcome", "value", "se", "p"),
    [
        ("death", -0.0472942536286, 0.0167806988229, 0.00482678345855),
        ("status", -0.0558480170234, 0.0169456444458, 0.000981715019764),
    ],
)
def test_paired_difference_equals_r(outcome: str, value: float, se: float, p: float) -> None:
    data = pbc()
    found = auc_at_difference(
        data["time"], data[outcome], first=data["bili"], second=data["risk"], horizon_y=FIVE_YEARS
    )
    assert found.value == pytest.approx(value, abs=1e-11)
    assert found.se == pytest.approx(se * R_SE, rel=R_SE_DIGITS)
    assert found.p == pytest.approx(p, rel=0.02)


@pytest.mark.parametrize("controls", ["event-free", "no-event"])
def test_auc_is_the_weighted_share_of_ordered_pairs(controls: Controls) -> None:
    data = pbc()
    time, status, risk = data["time"], data["status"], np.round(data["risk"], 1)
    censoring = censoring_survival(time, status)
    weight = np.where(
        time <= FIVE_YEARS, 1 / censoring.before(time)[0], 1 / censoring.at(np.array([FIVE_YEARS]))[0]
    )
    case = (status == 1) & (time <= FIVE_YEARS)
    control = (time > FIVE_YEARS) | ((status == 2) & (controls == "no-event"))
    pairs = np.outer(weight * case, weight * control)
    order = (risk[:, None] > risk) + 0.5 * (risk[:, None] == risk)
    found = auc_at(time, status, risk, horizon_y=FIVE_YEARS, controls=controls)
    assert found.value == pytest.approx(np.sum(pairs * order) / pairs.sum(), abs=1e-12)


def test_censoring_distribution_puts_events_before_censorings_at_the_same_time() -> None:
    time, status = np.array([1.0, 1, 2, 2, 3]), np.array([1, 0, 2, 0, 0])
    curve = censoring_survival(time, status)
    # at 1 four are at risk of censoring, at 2 two (the competing event is not)
    assert curve.value[0] == pytest.approx([3 / 4, 3 / 8, 0])
    assert curve.before(np.array([1.0, 2.0, 3.0]))[0] == pytest.approx([1, 3 / 4, 3 / 8])
    assert curve.at(np.array([0.5, 2.0]))[0] == pytest.approx([1, 3 / 8])


@pytest.mark.parametrize("controls", ["event-free", "no-event"])
def test_standard_error_is_the_derivative_in_the_case_weights(controls: Controls) -> None:
    data = {name: values[-90:] for name, values in pbc().items()}
    # many events and censorings share a time, one of them the horizon
    data["time"] = np.ceil(data["time"] / 250) * 250
    n, step = 90, 1e-5
    shifted = [1 + sign * step * np.eye(n) for sign in (1, -1)]
    high, low = (
        auc_at_weighted(
            data["time"], data["status"], data["bili"], horizon_y=1500, weights=weights, controls=controls
        )
        for weights in shifted
    )
    found = auc_at(data["time"], data["status"], data["bili"], horizon_y=1500, controls=controls)
    assert found.se == pytest.approx(np.linalg.norm((high - low) / (2 * step)), rel=1e-6)


def test_standard_error_agrees_with_the_bootstrap() -> None:
    data = pbc()
    draws = np.random.default_rng(3).multinomial(416, np.full(416, 1 / 416), size=800)
    spread = auc_at_weighted(
        data["time"], data["status"], data["risk"], horizon_y=FIVE_YEARS, weights=draws
    ).std()
    found = auc_at(data["time"], data["status"], data["risk"], horizon_y=FIVE_YEARS)
    assert found.se == pytest.approx(spread, rel=0.08)


def test_weights_are_repetitions_of_participants() -> None:
    data = pbc()
    counts = np.random.default_rng(5).multinomial(416, np.full(416, 1 / 416), size=3)
    found = auc_at_weighted(data["time"], data["status"], data["risk"], horizon_y=3000, weights=counts)
    columns = [[np.repeat(data[name], row) for name in ("time", "status", "risk")] for row in counts]
    assert found == pytest.approx(
        [auc_at(*repeated, horizon_y=3000).value for repeated in columns], abs=1e-12
    )


@pytest.mark.parametrize(
    ("status", "horizon", "message"),
    [
        ([1, 1, 0, 0], 5.0, r"horizon is 5, the longest follow-up 4"),
        ([0, 0, 0, 1], 3.0, r"no event of interest up to the horizon 3: the first is at 4"),
        ([0, 2, 0, 0], 3.0, r"there is none at all"),
        ([1, 1, 0, 1], 4.0, r"no control at the horizon 4"),
        ([1, 4, 0, 1], 2.0, r"status is 4 at position 1"),
    ],
)
def test_horizons_that_the_data_cannot_answer_are_refused(
    status: list[int], horizon: float, message: str
) -> None:
    with pytest.raises(StatisticError, match=message):
        auc_at(np.arange(1.0, 5), np.array(status), np.arange(4.0), horizon_y=horizon)


def test_malformed_arguments_are_refused() -> None:
    time, status, risk = np.arange(1.0, 5), np.array([1, 0, 1, 0]), np.arange(4.0)
    unknown: Any = "healthy"
    with pytest.raises(StatisticError, match="controls is 'healthy'"):
        auc_at(time, status, risk, horizon_y=2, controls=unknown)
    with pytest.raises(StatisticError, match="non-negative weights"):
        auc_at_weighted(time, status, risk, horizon_y=2, weights=-np.ones((1, 4)))
