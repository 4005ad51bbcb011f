"""Brier score at a horizon against riskRegression 2022.11.28 `Score(cens.method = "ipcw", conservative = FALSE)`."""

from collections.abc import Callable

import numpy as np
import pytest

from hepar.stats.brier import brier_at, integrated_brier, null_brier_at, scaled_brier_at
from hepar.stats.estimate import Estimate, StatisticError
from hepar.stats.incidence import aalen_johansen
from hepar.stats.survival import value_at
from survival_data import pbc

FIVE_YEARS = 1826.25
# riskRegression divides the sum of squared influences by n - 1, the infinitesimal jackknife by n; the two influence
# functions agree to first order in 1 / n, which leaves the sixth digit
R_SE = np.sqrt(415 / 416)
R_SE_DIGITS = 5e-5


def predictions() -> dict[str, np.ndarray]:
    """The probabilities that the R run was given."""
    data = pbc()
    return {"cox": 1 - np.exp(-0.15 * np.exp(data["risk"] - 5)), "bili": data["bili"] / (data["bili"] + 6)}


@pytest.mark.parametrize(
    ("outcome", "model", "value", "se"),
    [
        ("death", "cox", 0.123738348762, 0.01195807882806),
        ("death", "bili", 0.142429766121, 0.01082234737535),
        ("status", "cox", 0.122164923350, 0.01161828945161),
        ("status", "bili", 0.143604951433, 0.01052115800177),
    ],
)
def test_brier_and_its_error_equal_r(outcome: str, model: str, value: float, se: float) -> None:
    data = pbc()
    found = brier_at(data["time"], data[outcome], predictions()[model], horizon_y=FIVE_YEARS)
    assert found.value == pytest.approx(value, abs=1e-11)
    assert found.se == pytest.approx(se * R_SE, rel=R_SE_DIGITS)
    assert found.high - found.low == pytest.approx(2 * 1.959963985 * found.se)
    assert (found.n, found.events) == (416, 114)


@pytest.mark.parametrize(
    ("outcome", "value", "se"),
    [("death", 0.208483969342, 0.00966920461677), ("status", 0.206226514557, 0.00973994397424)],
)
def test_null_brier_equals_r_and_the_variance_of_the_incidence(outcome: str, value: float, se: float) -> None:
    data = pbc()
    found = null_brier_at(data["time"], data[outcome], horizon_y=FIVE_YEARS)
    incidence = value_at(aalen_johansen(data["time"], data[outcome]), FIVE_YEARS).value
    assert found.value == pytest.approx(value, abs=1e-11)
    assert found.se == pytest.approx(se * R_SE, rel=R_SE_DIGITS)
    assert found.value == pytest.approx(incidence * (1 - incidence), abs=1e-12)


def test_scaled_brier_is_the_share_explained() -> None:
    data = pbc()
    found = scaled_brier_at(data["time"], data["status"], predictions()["cox"], horizon_y=FIVE_YEARS)
    assert found.value == pytest.approx(1 - 0.122164923350 / 0.206226514557, abs=1e-10)
    null = scaled_brier_at(data["time"], data["status"], np.full(416, 0.2909), horizon_y=FIVE_YEARS)
    assert null.value == pytest.approx(0, abs=1e-4)


def repeated_spread(statistic: Callable[[np.ndarray], Estimate], n: int) -> float:
    generator = np.random.default_rng(17)
    return float(np.std([statistic(generator.integers(0, n, n)).value for _ in range(300)]))


def test_standard_error_of_the_scaled_brier_agrees_with_the_bootstrap() -> None:
    data, p = pbc(), predictions()["cox"]
    spread = repeated_spread(
        lambda i: scaled_brier_at(data["time"][i], data["status"][i], p[i], horizon_y=FIVE_YEARS), 416
    )
    assert scaled_brier_at(data["time"], data["status"], p, horizon_y=FIVE_YEARS).se == pytest.approx(
        spread, rel=0.1
    )


def test_integrated_brier_is_the_trapezoid_mean() -> None:
    data, p = pbc(), predictions()["cox"]
    times = np.array([500.0, 1000, 2500])
    table = np.stack([p / 3, p / 2, p], axis=1)
    found = integrated_brier(data["time"], data["status"], table, times=times)
    parts = [
        brier_at(data["time"], data["status"], table[:, k], horizon_y=t).value for k, t in enumerate(times)
    ]
    assert found.value == pytest.approx(np.trapezoid(parts, times) / 2000)
    same = integrated_brier(data["time"], data["status"], table[:, [2, 2]], times=np.array([2500, 2500.0001]))
    single = brier_at(data["time"], data["status"], p, horizon_y=2500)
    assert (same.value, same.se) == pytest.approx((single.value, single.se))


def test_integrated_brier_equals_scikit_survival() -> None:
    """scikit-survival 0.28.0, ties in time broken in order of the rows (its weights are G(T), not G(T-))."""
    data, p = pbc(), predictions()["cox"]
    table = 1 - (1 - p[:, None]) ** np.array([0.2, 0.5, 0.8, 1.2])
    times = np.array([500.0, 1000, 1500, 2500])
    found = integrated_brier(data["time"] + 1e-4 * np.arange(416), data["death"], table, times=times)
    assert found.value == pytest.approx(0.116529200442, abs=1e-11)


def test_malformed_predictions_are_refused() -> None:
    time, status = np.arange(1.0, 5), np.array([1, 0, 1, 0])
    with pytest.raises(StatisticError, match=r"probability is 1\.2 at position 3"):
        brier_at(time, status, np.array([0.1, 0.2, 0.3, 1.2]), horizon_y=2)
    with pytest.raises(StatisticError, match="at least two, ascending"):
        integrated_brier(time, status, np.full((4, 2), 0.5), times=np.array([2.0, 1.0]))
    with pytest.raises(StatisticError, match=r"expected \(4, 2\)"):
        integrated_brier(time, status, np.full((4, 3), 0.5), times=np.array([1.0, 2.0]))
    with pytest.raises(StatisticError, match="everyone has the event"):
        scaled_brier_at(time, np.ones(4), np.full(4, 0.5), horizon_y=4)
