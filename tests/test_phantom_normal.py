"""Bounds of jointly normal scores against simulation and against formulae of their own."""

import numpy as np
import pytest

from hepar.core.errors import SimulationError
from hepar.phantom.observers.normal import auc, auc_of_cells, auc_of_correlation, clustered_auc, concordance
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
    time, status = np.ceil(rng.exponential(20, 300)), rng.integers(0, 3, 300)
    assert concordance(time, status, score) == pytest.approx(
        stats_concordance.harrell_c(time, status, score).value
    )
    alone, error = clustered_auc(truth, score, np.arange(300))
    assert alone == pytest.approx(discrimination.auc(truth, score).value)
    assert error == pytest.approx(discrimination.auc(truth, score).se, rel=0.02)


def test_the_error_of_clustered_cases_is_what_repeated_samples_show() -> None:
    rng = np.random.default_rng(7)
    found = []
    for _ in range(400):
        patient = rng.integers(0, 80, 240)
        truth = (rng.standard_normal(80)[patient] + rng.standard_normal(240)) > 0
        score = truth + 1.5 * rng.standard_normal(80)[patient] + 0.5 * rng.standard_normal(240)
        found.append(clustered_auc(truth, score, patient))
    areas, errors = np.array(found).T
    assert errors.mean() == pytest.approx(areas.std(), rel=0.12)  # three SE of an SD from 400: 0.11
    alone = np.mean([clustered_auc(truth, score, np.arange(240))[1]])
    assert errors.mean() > 1.15 * alone, "240 independent cases would tell more"


def test_the_best_order_of_cells_is_that_of_the_likelihood_ratio() -> None:
    rng = np.random.default_rng(8)
    positive, negative = rng.random(50), rng.random(50)
    best = auc_of_cells(positive, negative)
    cell = np.repeat(np.arange(50), 2000)
    truth = np.tile(np.arange(2000) < 1000, 50)
    weight = np.where(truth, positive[cell], negative[cell])
    drawn = rng.choice(len(cell), 200_000, p=weight / weight.sum())
    ratio = (positive / negative)[cell[drawn]]
    assert best == pytest.approx(auc(truth[drawn], ratio), abs=0.005)
    assert auc_of_cells(positive, positive) == pytest.approx(0.5)


def test_what_cannot_be_scored_is_refused() -> None:
    with pytest.raises(SimulationError, match="with and without"):
        auc(np.ones(3, bool), np.arange(3.0))
    with pytest.raises(SimulationError, match="no pair"):
        concordance(np.ones(3), np.zeros(3, int), np.arange(3.0))
    with pytest.raises(SimulationError, match="between -1 and 1"):
        auc_of_correlation(1.0, positive=0.5)
