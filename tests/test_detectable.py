"""Power, smallest difference and size, against simulation and against one another."""

from functools import partial

import numpy as np
import pytest
from scipy.stats import norm

from hepar.stats.detectable import (
    binormal_power,
    noninferiority_power,
    size_needed,
    smallest_difference,
    superiority_power,
)
from hepar.stats.estimate import StatisticError

DRAWS = 2000
SHARE = 3 * (0.25 / DRAWS + 0.25 / 1000) ** 0.5
"""Three standard errors, at most, between a share here and one of the 1000 draws that gave the expected ones."""


@pytest.mark.parametrize(
    ("n", "margin", "power", "superior"),
    [(200, 0.05, 0.52, 0.89), (200, 0.10, 0.96, 0.89), (400, 0.05, 0.81, 0.99)],
)
def test_two_tests_of_area_90_percent_need_more_than_200_at_a_margin_of_5(
    n: int, margin: float, power: float, superior: float
) -> None:
    study = partial(binormal_power, n=n, prevalence=0.3, correlation=0.5, margin=margin, draws=DRAWS)
    equal = study(0.9, 0.9, seed=1)
    assert equal.noninferior == pytest.approx(power, abs=SHARE)
    if n == 200:
        assert equal.se == pytest.approx(0.025, abs=0.001)
    # by formula from the standard error alone: the same within the spread of the standard error over studies
    assert noninferiority_power(equal.se, margin=margin) == pytest.approx(equal.noninferior, abs=0.06)
    apart = study(0.9, 0.8, seed=2)
    assert apart.superior == pytest.approx(superior, abs=SHARE)


def test_the_smallest_difference_is_found_with_the_power_asked_for() -> None:
    se = 0.031
    least = smallest_difference(se, power=0.9)
    assert superiority_power(se, true=least) == pytest.approx(0.9, abs=1e-6)
    assert superiority_power(se, true=-least) == pytest.approx(0.9, abs=1e-6)
    assert superiority_power(se, true=1e-12) == pytest.approx(0.05)


def test_the_size_needed_has_the_power_asked_for_and_one_fewer_has_not() -> None:
    se, n = 0.025, 200
    needed = size_needed(se, n=n, effect=0.05)
    at = [se * (n / size) ** 0.5 for size in (needed, needed - 1)]
    enough, fewer = (noninferiority_power(one, margin=0.05) for one in at)
    assert fewer < 0.8 <= enough
    assert needed == 393  # 200 (2.8016 0.025 / 0.05)^2 = 392.4


def test_power_agrees_with_simulated_estimates() -> None:
    rng = np.random.default_rng(3)
    estimate = rng.normal(0.01, 0.02, 20_000)
    low = estimate - norm.ppf(0.975) * 0.02
    assert np.mean(low > -0.05) == pytest.approx(noninferiority_power(0.02, margin=0.05, true=0.01), abs=0.01)


def test_what_cannot_be_planned_is_refused() -> None:
    with pytest.raises(StatisticError, match="se is 0; it must be above 0"):
        noninferiority_power(0, margin=0.05)
    with pytest.raises(StatisticError, match=r"power is 1; it must lie between 0.5 and 1"):
        smallest_difference(0.02, power=1)
    with pytest.raises(StatisticError, match="auc 1"):
        binormal_power(1, 0.9, n=100, prevalence=0.3, correlation=0.5, margin=0.05)
