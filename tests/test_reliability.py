"""Attenuation by noise in the reference, against simulation and against SIMULATED elastography."""

import numpy as np
import pytest

from hepar.phantom.population import draw_patient
from hepar.phantom.scenario import Scenario
from hepar.phantom.ultrasound import elastography
from hepar.stats.agreement import pearson
from hepar.stats.estimate import Estimate, StatisticError
from hepar.stats.reliability import (
    attained_correlation,
    disattenuated,
    reliability_of,
    reliability_of_repeats,
    within_sd_log,
)


@pytest.mark.parametrize(("true_r", "reliability"), [(1.0, 0.64), (0.8, 0.9), (-0.6, 0.5)])
def test_noise_in_the_reference_lowers_a_correlation_as_spearman_says(
    true_r: float, reliability: float
) -> None:
    rng = np.random.default_rng(4)
    n = 40_000
    truth = rng.standard_normal(n)
    test = true_r * truth + (1 - true_r**2) ** 0.5 * rng.standard_normal(n)
    reference = truth + (1 / reliability - 1) ** 0.5 * rng.standard_normal(n)
    seen = pearson(reference, test)
    # the SE of r at this n is at most .005
    assert seen.value == pytest.approx(attained_correlation(true_r, reliability=reliability), abs=0.015)
    again = disattenuated(seen, reliability=reliability)
    assert again.value == pytest.approx(true_r, abs=0.02)
    noise_sd = (1 / reliability - 1) ** 0.5
    assert reliability_of(reference, within_sd=noise_sd) == pytest.approx(reliability, abs=0.01)


def test_simulated_elastography_attains_what_its_repeats_foretell() -> None:
    draw = [draw_patient(Scenario.of("B", arm="natural"), seed=5, number=i) for i in range(1, 301)]
    exams = [[elastography(patient, exam=exam) for exam in (0, 1)] for patient in draw]
    both = [pair for pair in exams if all(one.valid >= 10 for one in pair)]
    true, first, second = (
        np.log(np.array(column, dtype=float))
        for column in zip(*((a.true_kpa, a.stiffness_kpa, b.stiffness_kpa) for a, b in both), strict=True)
    )
    repeats = reliability_of_repeats(first, second)
    attained = attained_correlation(1.0, reliability=repeats.value)
    assert pearson(true, first).value == pytest.approx(attained, abs=0.004)
    assert attained < 0.999
    shots = within_sd_log(
        np.array([a.iqr_over_median for a, _ in both], dtype=float), np.array([a.valid for a, _ in both])
    )
    # Noise between examinations is not in the shots, so they promise more than the repeats show.
    assert reliability_of(first, within_sd=shots) > repeats.value


def test_the_noise_of_a_median_is_recovered_from_its_shots() -> None:
    rng = np.random.default_rng(6)
    shots = np.exp(np.log(8) + 0.15 * rng.standard_normal((20_000, 10)))
    low, median, high = np.percentile(shots, (25, 50, 75), axis=1)
    found = within_sd_log((high - low) / median, np.full(20_000, 10))
    # IQR of ten shots is some 5 % low and its variance adds; together within a tenth
    assert found == pytest.approx(np.log(median).std(), rel=0.1)


def test_a_correlation_beyond_one_is_kept_and_says_why() -> None:
    seen = Estimate(0.95, 0.9, 0.98, 50, "made up", se=0.02)
    again = disattenuated(seen, reliability=0.8)
    assert again.value > 1
    assert "the reliability is understated or the noise is shared" in again.method


def test_what_is_no_reliability_is_refused() -> None:
    with pytest.raises(StatisticError, match="reliability is 0; it must be above 0"):
        attained_correlation(0.5, reliability=0)
    with pytest.raises(StatisticError, match=r"true_r is 1\.2"):
        attained_correlation(1.2, reliability=0.9)
    with pytest.raises(StatisticError, match="all their spread would be noise"):
        reliability_of(np.array([1.0, 1.1, 0.9]), within_sd=5.0)
    with pytest.raises(StatisticError, match="give one each per participant"):
        reliability_of_repeats(np.ones(3), np.ones(4))
    with pytest.raises(StatisticError, match="needs 3 shots or more"):
        within_sd_log(np.array([0.1]), np.array([1]))
