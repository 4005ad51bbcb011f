"""Cramér's V and its p, against SciPy and against exact probabilities."""

import numpy as np
import pytest
from scipy.stats import chi2_contingency

from hepar.stats.association import cramers_v
from hepar.stats.estimate import StatisticError


def test_large_tables_have_the_p_of_the_distribution() -> None:
    rng = np.random.default_rng(0)
    one, other = rng.integers(0, 3, 400), rng.integers(0, 4, 400)
    table = np.zeros((3, 4))
    np.add.at(table, (one, other), 1)
    expected = chi2_contingency(table, correction=False)
    found = cramers_v(one, other, seed=0)
    assert found.p == pytest.approx(expected.pvalue, rel=1e-9)
    assert found.value == pytest.approx(np.sqrt(expected.statistic / 800), rel=1e-9)


def test_small_tables_have_the_exact_p_to_the_error_of_the_draws() -> None:
    one, other = np.repeat([0, 1], 4), np.array([0, 0, 0, 0, 1, 1, 1, 1])
    found = cramers_v(one, other, seed=0)
    assert found.value == pytest.approx(1.0)
    exact = 2 / 70  # of the 70 ways to deal four of eight, two are as extreme
    assert found.p == pytest.approx(exact, abs=4 * np.sqrt(exact / 9999))


def test_names_are_as_good_as_numbers() -> None:
    one = np.array(["x", "y"] * 20)
    assert cramers_v(one, one == "x", seed=0).value == pytest.approx(1.0)


@pytest.mark.parametrize(("one", "other"), [([0, 0], [0, 1]), ([0, 1], [0, 1, 1]), ([], [])])
def test_a_single_level_or_other_lengths_are_refused(one: list[int], other: list[int]) -> None:
    with pytest.raises(StatisticError, match="two or more levels"):
        cramers_v(np.array(one), np.array(other), seed=0)
