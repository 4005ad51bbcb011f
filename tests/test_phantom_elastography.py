"""SIMULATED elastography: stiffness, its spread, failures by body size."""

import numpy as np
import pytest

from hepar.phantom.ultrasound import elastography, stiffness_kpa
from ultrasound_cases import patient


def test_stiffness_is_log_linear_in_what_is_shown() -> None:
    ratio = [stiffness_kpa(s + 1) / stiffness_kpa(s) for s in (-2.0, 0.0, 1.0)]
    assert ratio == pytest.approx([ratio[0]] * 3)
    exams = [(s, elastography(patient(i + 1, stiffness=s))) for i, s in enumerate(np.linspace(-2, 2, 80))]
    read = [(s, np.log(e.stiffness_kpa)) for s, e in exams if e.stiffness_kpa is not None]
    assert np.corrcoef(np.array(read).T)[0, 1] > 0.97


def test_failures_and_unreliable_examinations_are_as_frequent_as_in_castera_2010() -> None:
    rng = np.random.default_rng(0)
    bmi = np.clip(rng.normal(25, 4.5, 2500), 16, 50)
    exams = [elastography(patient(i + 1, bmi=float(b)), probe="M") for i, b in enumerate(bmi)]
    failed = np.array([exam.failed for exam in exams])
    assert failed.mean() == pytest.approx(0.031, abs=0.011)  # 3 standard errors
    assert np.mean([exam.unreliable for exam in exams]) == pytest.approx(0.158, abs=0.025)
    assert failed[bmi > 30].mean() > 4 * failed[bmi <= 30].mean()
    spread = [exam.iqr_over_median for exam in exams if exam.iqr_over_median is not None]
    assert np.percentile(spread, (25, 50, 75)) == pytest.approx([0.09, 0.13, 0.18], abs=0.015)


def test_the_spread_of_shots_grows_with_body_size_and_the_large_probe_fails_less() -> None:
    lean = [elastography(patient(i, bmi=22), probe="M") for i in range(1, 400)]
    large = [elastography(patient(i, bmi=36), probe="XL") for i in range(1, 400)]
    medium = [elastography(patient(i, bmi=36), probe="M") for i in range(1, 400)]
    spread = [
        np.median([e.iqr_over_median for e in exams if e.iqr_over_median is not None])
        for exams in (lean, large)
    ]
    assert spread[1] > 1.1 * spread[0]
    assert sum(e.failed for e in large) < 0.3 * sum(e.failed for e in medium)
