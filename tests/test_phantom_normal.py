"""Bounds of jointly normal scores against simulation and against formulae of their own."""

import numpy as np
import pytest

from hepar.core.errors import SimulationError
from hepar.phantom.observers.normal import auc, auc_of_correlation, concordance
from hepar.stats import concordance as stats_concordance
from hepar.stats import discrimination


@pytest.mark.parametrize(("correlation", "positive"), [(0.3, 0.5), (0.75, 0.68), (-0.6, 0.2), (0.95, 0.05)])
def test_the_area_of_a_correlation_is_that_of_many_patients(correlation: float, positive: float) -> None:
    rng = np.random.default_rng(5)
    score = rng.standard_normal(400_000)
    liability = correlation * score + np.sqrt(1 - correlation**2) * rng.standard_normal(len(score))
    truth = liability > np.quantile(liability, 1 - positive)
    assert auc_of_correlation(correlation, positive=positive) == pytest.approx(auc(truth, score), abs=0.004)


def test_nothing_known_gives_one_half_and_everything_gives_one() -> None:
    assert auc_of_correlation(0, positive=0.3) == pytest.approx(0.5, abs=1e-6)
    assert auc_of_correlation(0.9999, positive=0.5) == pytest.approx(1, abs=0.01)


def test_the_small_copies_of_statistics_agree_with_the_checked_ones() -> None:
    rng = np.random.default_rng(6)
    truth, score = rng.random(300) < 0.4, rng.integers(0, 12, 300).astype(float)
    assert auc(truth, score) == pytest.approx(discrimination.auc(truth, score).value)
    time, event = rng.exponential(2, 300), rng.random(300) < 0.5
    assert concordance(time, event, score) == pytest.approx(
        stats_concordance.harrell_c(time, event.astype(int), score).value
    )


def test_what_cannot_be_scored_is_refused() -> None:
    with pytest.raises(SimulationError, match="with and without"):
        auc(np.ones(3, bool), np.arange(3.0))
    with pytest.raises(SimulationError, match="no pair"):
        concordance(np.ones(3), np.zeros(3, bool), np.arange(3.0))
    with pytest.raises(SimulationError, match="between -1 and 1"):
        auc_of_correlation(1.0, positive=0.5)
