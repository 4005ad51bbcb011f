"""Oracles: R 4.2.2 stats, psych 2.2.9 r.test, epiR 2.0.57 epi.ccc, and the published formulas in R.

agreement_simulated.csv: set.seed(31), 40 true values t = rnorm(10, 3), reference = t + rnorm(1),
first = .9 t + .5 + rnorm(1.5), second = .5 t + rnorm(2.5) to one decimal (ties).
agreement_repeated.csv: set.seed(7), 15 participants with 1 to 5 pairs, difference = rnorm(.4, 1) + rnorm(.7).
"""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hepar.stats.agreement import (
    bland_altman,
    bland_altman_repeated,
    concordance_correlation,
    pearson,
    spearman,
)
from hepar.stats.estimate import Estimate, StatisticError

GOLDEN = Path(__file__).parent / "golden" / "statistics"
TABLE = np.genfromtxt(GOLDEN / "agreement_simulated.csv", delimiter=",", names=True)
REFERENCE, FIRST, SECOND = TABLE["reference"], TABLE["first"], TABLE["second"]
REPEATED = np.genfromtxt(GOLDEN / "agreement_repeated.csv", delimiter=",", names=True)


def interval(estimate: Estimate) -> tuple[float, float, float]:
    return estimate.value, estimate.low, estimate.high


def test_pearson_equals_cor_test() -> None:
    close, loose = pearson(REFERENCE, FIRST), pearson(REFERENCE, SECOND)
    assert interval(close) == pytest.approx((0.837739544136, 0.712049185086, 0.911405215795), abs=1e-11)
    assert close.p == pytest.approx(1.57404068386e-11, rel=1e-9)
    assert interval(loose) == pytest.approx((0.642504760327, 0.413819910262, 0.794914884388), abs=1e-11)
    assert loose.p == pytest.approx(7.82993610007e-06, rel=1e-9)
    assert loose.se == pytest.approx((1 - 0.642504760327**2) / np.sqrt(37))
    assert loose.n == 40


def test_spearman_with_ties_equals_r() -> None:
    # cor.test(method = "spearman", exact = FALSE); tanh(atanh(r) -+ qnorm(.975) sqrt((1 + r^2 / 2) / (n - 3)))
    rank = spearman(REFERENCE, SECOND)
    assert interval(rank) == pytest.approx((0.648083055987, 0.394862661504, 0.809792178463), abs=1e-11)
    assert rank.p == pytest.approx(6.14608987205e-06, rel=1e-9)


def test_perfect_correlation_has_no_width() -> None:
    assert interval(pearson(FIRST, -2 * FIRST)) == pytest.approx((-1, -1, -1))
    rank = spearman(FIRST, np.exp(FIRST))
    assert interval(rank) == pytest.approx((1, 1, 1), abs=1e-12)
    assert rank.p < 1e-100


def test_concordance_equals_epi_ccc() -> None:
    # epiR::epi.ccc(reference, first), (reference, second): rho.c
    close, loose = concordance_correlation(REFERENCE, FIRST), concordance_correlation(REFERENCE, SECOND)
    assert interval(close) == pytest.approx((0.830120735747, 0.706175065369, 0.904702114222), abs=1e-11)
    assert interval(loose) == pytest.approx((0.227746170849, 0.110386464596, 0.338842191676), abs=1e-11)
    assert np.isnan(close.p)


def test_concordance_of_equal_measurements_is_one_and_of_unrelated_ones_zero() -> None:
    assert interval(concordance_correlation(FIRST, FIRST)) == pytest.approx((1, 1, 1))
    unrelated = concordance_correlation(np.array([1.0, 1, 2, 2]), np.array([3.0, 4, 3, 4]))
    assert unrelated.value == pytest.approx(0)
    assert unrelated.low == pytest.approx(-unrelated.high)
    assert unrelated.high > 0


def test_bias_and_limits_of_agreement_equal_r() -> None:
    # t.test(d); mean(d) -+ qnorm(.975) sd(d); limit -+ qt(.975, 39) sd sqrt(1/n + z^2 / (2 (n - 1)))
    result = bland_altman(REFERENCE, FIRST, interval="approximate")
    assert interval(result.bias) == pytest.approx((0.0915, -0.413740804759, 0.596740804759), abs=1e-11)
    assert result.bias.p == pytest.approx(0.716111409682, rel=1e-9)
    assert (result.bias.se, result.sd) == pytest.approx((0.249786460083, 1.579788285069), rel=1e-10)
    assert interval(result.lower) == pytest.approx(
        (-3.00482814193, -3.87554128276, -2.13411500111), abs=1e-10
    )
    assert interval(result.upper) == pytest.approx((3.18782814193, 2.31711500111, 4.05854128276), abs=1e-10)
    assert result.upper.se == pytest.approx(0.430472660059, rel=1e-10)


def test_exact_limits_of_agreement_equal_the_noncentral_t_of_r() -> None:
    # mean(d) + sd(d) * qt(c(.025, .975), n - 1, ncp = qnorm(.975) sqrt(n)) / sqrt(n) (R: about 1e-8 accurate)
    result = bland_altman(REFERENCE, FIRST)
    assert interval(result.upper) == pytest.approx((3.18782814193, 2.47568657947, 4.23258161052), abs=1e-7)
    assert interval(result.lower) == pytest.approx((-3.00482814193, -4.04958161052, -2.29268657947), abs=1e-7)
    assert result.lower.method == "limit of agreement, exact interval"


def test_proportional_bias_equals_lm() -> None:
    # summary(lm(d ~ m)), confint
    slope = bland_altman(REFERENCE, FIRST).slope
    assert interval(slope) == pytest.approx((-0.142287230439, -0.336542296458, 0.0519678355788), abs=1e-11)
    assert (slope.se, slope.p) == pytest.approx((0.0959571359576, 0.146368840058), rel=1e-9)


def test_equal_measurements_have_limits_of_zero_width() -> None:
    result = bland_altman(FIRST, FIRST)
    for part in (result.bias, result.lower, result.upper, result.slope):
        assert interval(part) == (0, 0, 0)
    assert (result.bias.p, result.slope.p) == (1, 1)


def test_a_constant_shift_is_certain_bias() -> None:
    result = bland_altman(np.arange(8.0) + 2, np.arange(8.0))
    assert interval(result.bias) == (2, 2, 2)
    assert result.bias.p == 0


def test_slope_is_undefined_where_all_means_agree() -> None:
    assert np.isnan(bland_altman(np.arange(6.0), -np.arange(6.0)).slope.value)


def test_limits_of_repeated_pairs_equal_zou() -> None:
    # Zou 2013, section 2.2, by its formulas in R: k = 15, N = 46, harmonic mean 2.795031055901
    result = bland_altman_repeated(REPEATED["first"], REPEATED["second"], REPEATED["participant"])
    assert interval(result.bias) == pytest.approx(
        (0.578322222222222, 0.000967201823636, 1.155677242620808), abs=1e-11
    )
    assert result.bias.p == pytest.approx(0.049666654668125, rel=1e-9)
    assert interval(result.lower) == pytest.approx(
        (-1.610703946462, -2.858328080309, -0.881606647387), abs=1e-10
    )
    assert interval(result.upper) == pytest.approx((2.76734839091, 2.03825109183, 4.01497252475), abs=1e-10)
    assert result.sd**2 == pytest.approx(1.247399956853, rel=1e-10)
    assert result.bias.n == 15
    # lm(d ~ m) on the participants' means
    assert interval(result.slope) == pytest.approx(
        (0.519926324691, -0.0339156031403, 1.0737682525222), abs=1e-10
    )
    assert result.slope.p == pytest.approx(0.0635568462419, rel=1e-9)


def test_single_pairs_are_no_repeated_pairs() -> None:
    with pytest.raises(StatisticError, match="40 participants have 40 pairs"):
        bland_altman_repeated(REFERENCE, FIRST, np.arange(40))
    with pytest.raises(StatisticError, match="one label per pair"):
        bland_altman_repeated(REFERENCE, FIRST, np.arange(3))


@pytest.mark.parametrize("statistic", [pearson, spearman, concordance_correlation, bland_altman])
@pytest.mark.parametrize(
    ("first", "second", "message"),
    [
        ([1, 2, np.nan, 4], [1, 2, 3, 4], "first holds nan at position 2"),
        ([1, 2, 3, 4], [1, 2, 3], r"first, second hold \[4, 3\] values"),
        ([1, 2, 3], [1, 2, 4], "3 subjects are too few"),
        ([1, 2, 3, 4], [5, 5, 5, 5], "second is 5 in every subject"),
    ],
)
def test_unusable_pairs_are_refused(statistic: Any, first: Any, second: Any, message: str) -> None:
    with pytest.raises(StatisticError, match=message):
        statistic(np.array(first), np.array(second))


@pytest.mark.parametrize("statistic", [pearson, spearman, concordance_correlation])
def test_a_wider_level_gives_a_wider_interval(statistic: Any) -> None:
    narrow, wide = (statistic(REFERENCE, FIRST, level=level) for level in (0.8, 0.99))
    assert wide.low < narrow.low < narrow.value < narrow.high < wide.high


def test_level_reaches_every_limit_of_agreement() -> None:
    for narrow, wide in (
        (bland_altman(REFERENCE, FIRST, level=0.8), bland_altman(REFERENCE, FIRST, level=0.99)),
        tuple(
            bland_altman_repeated(REPEATED["first"], REPEATED["second"], REPEATED["participant"], level=level)
            for level in (0.8, 0.99)
        ),
    ):
        for part in ("bias", "lower", "upper", "slope"):
            inner, outer = getattr(narrow, part), getattr(wide, part)
            assert outer.low < inner.low < inner.value < inner.high < outer.high
