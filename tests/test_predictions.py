from typing import Any

import numpy as np
import pytest

from hepar.stats.calibration import (
    brier,
    calibration_intercept,
    calibration_slope,
    observed_expected_ratio,
    scaled_brier,
    spiegelhalter_z,
)
from hepar.stats.calibration_curve import (
    calibration_curve,
    expected_calibration_error,
    integrated_calibration_index,
    smooth_calibration,
)
from hepar.stats.estimate import StatisticError


@pytest.mark.parametrize(
    ("positive", "probability", "message"),
    [
        ([0, 1, 1], [0.2, 1.5, -0.1], r"probability is 1\.5 at position 1 \(2 such in all\)"),
        ([0, 1, 1], [0.2, np.nan, 0.4], "probability holds nan at position 1"),
        ([0, 1, 1], [0.2, 0.4], "positive holds 3 values and probability 2"),
        ([1, 1, 1], [0.2, 0.4, 0.5], "3 of 3 are positive"),
        ([0, 0, 0], [0.2, 0.4, 0.5], "0 of 3 are positive"),
        ([0, 2, 1], [0.2, 0.4, 0.5], "positive holds 2 at position 1"),
    ],
)
@pytest.mark.parametrize(
    "statistic",
    [
        *(brier, scaled_brier, spiegelhalter_z, observed_expected_ratio, calibration_slope),
        *(calibration_intercept, calibration_curve, expected_calibration_error, smooth_calibration),
        integrated_calibration_index,
    ],
)
def test_unusable_predictions_are_refused(
    statistic: Any, positive: Any, probability: Any, message: str
) -> None:
    with pytest.raises(StatisticError, match=message):
        statistic(np.array(positive), np.array(probability))
