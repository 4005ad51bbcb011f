"""IDI and NRI against Hmisc 4.8.0 `improveProb` (R 4.2.2).

golden/statistics/reclassification.csv was made in R: set.seed(20240611); n <- 120; x <- rnorm(n); z <- rnorm(n);
y <- rbinom(n, 1, plogis(-0.7 + x + 0.8 z)); old <- round(plogis(-0.6 + 0.9 x), 4);
new <- round(plogis(-0.7 + x + 0.7 z), 4); new[1:6] <- old[1:6].
"""

from pathlib import Path

import numpy as np
import pytest

from asah_data import near
from hepar.stats import reclassification as r
from hepar.stats.estimate import Estimate, StatisticError

GOLDEN = Path(__file__).parent / "golden" / "statistics" / "reclassification.csv"


@pytest.fixture(scope="module")
def models() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    table = np.genfromtxt(GOLDEN, delimiter=",", skip_header=1)
    return table[:, 0] == 1, table[:, 1], table[:, 2]


def summary(estimate: Estimate) -> tuple[float, float, float]:
    return estimate.value, estimate.se, estimate.value / estimate.se


def test_idi_equals_hmisc(models: tuple[np.ndarray, np.ndarray, np.ndarray]) -> None:
    found = r.idi(*models)  # improveProb(old, new, y)$idi, $se.idi, $z.idi
    assert summary(found) == near(0.0911472400513, 0.0243866279613, 3.7375909533676)
    assert (found.n, found.events) == (120, 38)
    assert found.p == pytest.approx(0.00018579, abs=1e-8)  # 2 * pnorm(-3.7375909533676)
    assert found.high - found.value == near(1.959963984540054 * found.se)


def test_category_free_nri_equals_hmisc(models: tuple[np.ndarray, np.ndarray, np.ndarray]) -> None:
    found = r.nri(*models)
    assert summary(found.total) == near(0.6290115532734, 0.1818687964723, 3.4586007356640)
    assert summary(found.events) == near(0.2631578947368, 0.1520142257445, 1.7311399209387)
    assert summary(found.nonevents) == near(0.3658536585366, 0.0998395427754, 3.6644164062308)
    sizes = [(e.n, e.events) for e in (found.total, found.events, found.nonevents)]
    assert sizes == [(120, 38), (38, 38), (82, 0)]
    assert found.total.low == near(found.total.value - 1.959963984540054 * found.total.se)


def test_nri_with_cutoffs_equals_hmisc_on_category_numbers(
    models: tuple[np.ndarray, np.ndarray, np.ndarray],
) -> None:
    # g <- function(p) findInterval(p, c(.2, .5)) / 2; improveProb(g(old), g(new), y)
    found = r.nri(*models, cutoffs=(0.2, 0.5))
    assert summary(found.total) == near(0.1238767650834, 0.0942206678781, 1.3147515070011)
    assert summary(found.events) == near(0.0263157894737, 0.0694940371429, 0.3786769420167)
    assert summary(found.nonevents) == near(0.0975609756098, 0.0636247833551, 1.5333800834388)
    assert found.total.method == "NRI, cut-offs 0.2, 0.5"


def test_a_probability_at_the_cutoff_is_in_the_upper_category() -> None:
    y = np.array([True, True, False, False])
    found = r.nri(y, np.array([0.4, 0.4, 0.4, 0.4]), np.array([0.5, 0.4, 0.49, 0.4]), cutoffs=[0.5])
    assert (found.events.value, found.nonevents.value) == (0.5, 0.0)


def test_an_unchanged_model_adds_nothing_without_doubt() -> None:
    y, p = np.arange(10) > 4, np.linspace(0.1, 0.9, 10)
    for found in (r.idi(y, p, p), r.nri(y, p, p).total, r.nri(y, p, p, cutoffs=[0.5]).events):
        assert (found.value, found.low, found.high, found.p) == (0.0, 0.0, 0.0, 1.0)


def test_when_every_case_moves_rightly_the_test_is_not_defined() -> None:
    y = np.arange(10) > 4
    found = r.nri(y, np.full(10, 0.5), np.where(y, 0.8, 0.2)).total
    assert found.value == 2.0
    assert np.isnan([found.low, found.high, found.p]).all()


def test_intervals_stay_within_the_range_of_the_measure() -> None:
    y = np.arange(10) > 4
    new = np.where(y, 0.8, 0.2)
    new[[0, 9]] = 0.5, 0.4
    found = r.nri(y, np.full(10, 0.5), new)
    assert found.total.high <= 2.0
    assert found.nonevents.high == 1.0


def test_impossible_probabilities_and_cutoffs_are_refused() -> None:
    y, p = np.arange(4) > 1, np.full(4, 0.3)
    with pytest.raises(StatisticError, match=r"new holds 1\.2; it must be a probability"):
        r.idi(y, p, p * 4)
    with pytest.raises(StatisticError, match=r"old holds -0\.3"):
        r.nri(y, -p, p)
    with pytest.raises(StatisticError, match="old has 3 values for 4 cases"):
        r.nri(y, p[1:], p)
    for cutoffs in ((0.5, 0.2), (), (20.0,), (0.2, 0.2)):
        with pytest.raises(StatisticError, match="cutoffs are"):
            r.nri(y, p, p, cutoffs=cutoffs)
