"""A simulated outcome with predictions of it, made in R 4.2.2, for the tests of calibration.

calibration_simulated.csv: set.seed(20), n = 200, x1 = rnorm, x2 = rbinom(.4), y = rbinom(plogis(-.5 + .9 x1 + .6 x2)),
probability = plogis(.3 + 1.35 lp + rnorm(sd .3)), offset = rnorm(sd .5), weight = sample(0:3).
"""

from pathlib import Path

import numpy as np

from hepar.stats.estimate import Estimate

GOLDEN = Path(__file__).parent / "golden" / "statistics"
TABLE = np.genfromtxt(GOLDEN / "calibration_simulated.csv", delimiter=",", names=True)
POSITIVE, PROBABILITY = TABLE["positive"].astype(bool), TABLE["probability"]


def interval(estimate: Estimate) -> tuple[float, float, float]:
    return estimate.value, estimate.low, estimate.high
