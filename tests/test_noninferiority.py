"""The verdict on a margin: three ways, by the interval alone."""

import numpy as np
import pytest
from scipy.stats import norm

from hepar.stats.detectable import binormal_power
from hepar.stats.discrimination import auc_difference
from hepar.stats.estimate import Estimate, StatisticError
from hepar.stats.noninferiority import noninferiority


def difference(value: float, half: float) -> Estimate:
    return Estimate(value, value - half, value + half, 100, "made up", se=half / norm.ppf(0.975))


@pytest.mark.parametrize(
    ("value", "half", "verdict"),
    [
        (0.0, 0.04, "non-inferior"),
        (-0.03, 0.01, "non-inferior"),
        (0.0, 0.06, "inconclusive"),
        (-0.10, 0.06, "inconclusive"),
        (-0.10, 0.04, "inferior"),
    ],
)
def test_the_interval_against_the_margin_decides(value: float, half: float, verdict: str) -> None:
    found = noninferiority(difference(value, half), margin=0.05)
    assert found.verdict == verdict
    assert (found.p < 0.025) == (verdict == "non-inferior")


def test_a_test_may_be_worse_and_yet_non_inferior() -> None:
    found = noninferiority(difference(-0.03, 0.01), margin=0.05)
    assert (found.verdict, found.worse, found.superior) == ("non-inferior", True, False)
    assert noninferiority(difference(0.03, 0.01), margin=0.05).superior


def test_a_lower_limit_at_the_margin_is_not_enough() -> None:
    assert noninferiority(Estimate(0, -0.05, 0.05, 9, ""), margin=0.05).verdict == "inconclusive"


def test_it_judges_a_paired_difference_of_areas() -> None:
    rng = np.random.default_rng(1)
    truth = np.arange(200) % 2 == 0
    score = truth + rng.standard_normal(200)
    found = noninferiority(auc_difference(truth, score + 0.1 * rng.standard_normal(200), score), margin=0.05)
    assert found.verdict == "non-inferior"


def test_a_test_worse_by_just_the_margin_is_called_non_inferior_no_more_often_than_it_may() -> None:
    # one-sided 2.5 %; three standard errors of a share over 2000 studies are .010
    study = binormal_power(0.80, 0.85, n=400, prevalence=0.4, correlation=0.5, margin=0.05, draws=2000)
    assert study.noninferior == pytest.approx(0.025, abs=0.0105)


def test_no_margin_and_no_interval_are_refused() -> None:
    with pytest.raises(StatisticError, match="margin is 0; it must be above 0"):
        noninferiority(difference(0, 0.1), margin=0)
    with pytest.raises(StatisticError, match="no interval"):
        noninferiority(Estimate(0.1, np.nan, np.nan, 9, "variance is 0"), margin=0.05)
