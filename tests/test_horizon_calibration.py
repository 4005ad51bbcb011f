"""Calibration at a horizon against R 4.2.2: `survfit` by group, `glm` with prodlim 2019.11.13 censoring weights."""

import numpy as np
import pytest

from hepar.stats.estimate import StatisticError
from hepar.stats.horizon_calibration import HorizonCalibration, calibration_at
from hepar.stats.incidence import aalen_johansen
from hepar.stats.survival import value_at
from survival_data import pbc

FIVE_YEARS = 1826.25


def bilirubin(outcome: str, *, groups: int = 5, rows: np.ndarray | None = None) -> HorizonCalibration:
    data = pbc()
    kept = np.arange(416) if rows is None else rows
    probability = data["bili"] / (data["bili"] + 6)
    return calibration_at(
        data["time"][kept], data[outcome][kept], probability[kept], horizon_y=FIVE_YEARS, groups=groups
    )


def test_groups_equal_r() -> None:
    found = bilirubin("death")
    assert [e.n for e in found.observed] == [100, 76, 79, 80, 81]
    assert found.predicted == pytest.approx(
        [0.088030309243, 0.135630853366, 0.200914375540, 0.332485218270, 0.596972825776], abs=1e-11
    )
    assert [e.value for e in found.observed] == pytest.approx(
        [0.0416867469880, 0.0931602723427, 0.2109640850284, 0.4989016404245, 0.7185817916878], abs=1e-12
    )


def test_groups_with_competing_events_are_aalen_johansen() -> None:
    data, found = pbc(), bilirubin("status", groups=2)
    high = data["bili"] > np.median(data["bili"])
    expected = value_at(aalen_johansen(data["time"][high], data["status"][high]), FIVE_YEARS)
    assert repr(found.observed[1]) == repr(expected)


def test_observed_over_expected_equals_r() -> None:
    found = bilirubin("death").ratio
    assert found.value == pytest.approx(0.296245170222 / 0.264271220666, rel=1e-11)
    assert found.low * found.high == pytest.approx(found.value**2)
    assert np.log(found.high / found.value) == pytest.approx(1.959963985 * found.se / found.value)


def test_ratio_of_one_constant_prediction_has_the_error_of_greenwood() -> None:
    data = pbc()
    found = calibration_at(
        data["time"], data["death"], np.where(np.arange(416) % 2, 0.2999, 0.3001), horizon_y=FIVE_YEARS
    ).ratio
    # R survfit's standard error of survival at five years, over the prediction
    assert found.se == pytest.approx(0.0236999055108 / 0.3, rel=1e-4)


@pytest.mark.parametrize(
    ("outcome", "intercept", "slope"),
    [("death", 0.257894499003, 1.587633023964), ("status", 0.190206737660, 1.508559643166)],
)
def test_intercept_and_slope_equal_weighted_glm(outcome: str, intercept: float, slope: float) -> None:
    found = bilirubin(outcome)
    # glm stops at a relative change of the deviance of 1e-8
    assert (found.intercept.value, found.slope.value) == pytest.approx((intercept, slope), rel=1e-7)


def test_standard_errors_agree_with_the_bootstrap() -> None:
    generator = np.random.default_rng(23)
    repeats = [bilirubin("status", groups=2, rows=generator.integers(0, 416, 416)) for _ in range(200)]
    found = bilirubin("status", groups=2)
    for name in ("ratio", "intercept", "slope"):
        spread = np.std([getattr(repeat, name).value for repeat in repeats])
        assert getattr(found, name).se == pytest.approx(spread, rel=0.15), name


def test_slope_and_its_error_shrink_as_the_logits_are_stretched() -> None:
    data = pbc()
    odds = data["bili"] / 6
    narrow, wide = (
        calibration_at(data["time"], data["status"], o / (1 + o), horizon_y=FIVE_YEARS).slope
        for o in (odds, odds**4)
    )
    assert (wide.value, wide.se) == pytest.approx((narrow.value / 4, narrow.se / 4))


def test_a_model_that_is_right_is_calibrated() -> None:
    generator = np.random.default_rng(2)
    n = 4000
    hazard = np.exp(generator.normal(-1, 0.8, n))
    event, lost = generator.exponential(1 / hazard), generator.exponential(5, n)
    time, status = np.minimum(event, lost), (event <= lost).astype(int)
    found = calibration_at(time, status, 1 - np.exp(-hazard * 2), horizon_y=2)
    assert len(found.observed) == 10
    assert found.slope.low < 1 < found.slope.high
    assert found.intercept.low < 0 < found.intercept.high
    assert found.ratio.low < 1 < found.ratio.high
    assert sum(e.low <= p <= e.high for e, p in zip(found.observed, found.predicted, strict=True)) >= 8


def test_a_group_whose_follow_up_is_too_short_has_no_observed_value() -> None:
    time, status = np.array([1.0, 2, 3, 1, 5, 6]), np.array([1, 0, 0, 1, 1, 0])
    found = calibration_at(time, status, np.array([0.1, 0.1, 0.1, 0.5, 0.6, 0.4]), horizon_y=4, groups=2)
    assert np.isnan(found.observed[0].value)
    assert "ends at 3" in found.observed[0].method
    assert found.observed[1].value == pytest.approx(1 / 3)


@pytest.mark.parametrize(
    ("probability", "groups", "message"),
    [
        ([0.2, 0.2, 0.2, 0.2], 2, "all predicted probabilities are equal"),
        ([0.0, 0.0, 0.0, 0.0], 2, "every predicted probability is 0"),
        ([0.9, 0.8, 0.1, 0.2], 2, "no finite fit"),
        ([0.2, 0.3, 0.1, 0.2], 5, "between 2 and the 4 participants"),
        ([0.2, 0.3, -0.1, 0.2], 2, "probability is -0.1 at position 2"),
    ],
)
def test_predictions_that_cannot_be_judged_are_refused(
    probability: list[float], groups: int, message: str
) -> None:
    time, status = np.array([1.0, 2, 3, 4]), np.array([1, 1, 0, 0])
    with pytest.raises(StatisticError, match=message):
        calibration_at(time, status, np.array(probability), horizon_y=2.5, groups=groups)
