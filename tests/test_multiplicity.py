from typing import Any

import numpy as np
import pytest

from hepar.stats.estimate import StatisticError
from hepar.stats.multiplicity import benjamini_hochberg, fixed_sequence, gatekeeping, holm

NAN = np.nan
P = np.array([0.01, 0.02, 0.03, 0.04, 0.05, NAN, 0.0001, 0.2, 0.2, 0.9])


def test_holm_is_that_of_r() -> None:
    # R 4.2.2, p.adjust(p, "holm")
    expected = [0.08, 0.14, 0.18, 0.2, 0.2, NAN, 0.0009, 0.6, 0.6, 0.9]
    assert holm(P) == pytest.approx(expected, rel=1e-12, nan_ok=True)


def test_benjamini_hochberg_is_that_of_r() -> None:
    # R 4.2.2, p.adjust(p, "BH")
    expected = [0.045, 0.06, 0.0675, 0.072, 0.075, NAN, 0.0009, 0.225, 0.225, 0.9]
    assert benjamini_hochberg(P) == pytest.approx(expected, rel=1e-12, nan_ok=True)


def test_adjusted_p_never_pass_one() -> None:
    assert holm(np.array([0.6, 0.7])).tolist() == [1.0, 1.0]


def test_a_fixed_sequence_stops_at_the_first_hypothesis_kept() -> None:
    assert fixed_sequence(np.array([0.01, 0.03, 0.2, 0.001])).tolist() == [0.01, 0.03, 0.2, 0.2]


def test_a_fixed_sequence_stops_at_a_test_that_could_not_be_done() -> None:
    assert np.array_equal(fixed_sequence(np.array([0.01, NAN, 0.001])), [0.01, NAN, 1.0], equal_nan=True)


def test_families_of_one_make_a_fixed_sequence() -> None:
    values = np.array([0.01, 0.03, NAN, 0.001])
    chained = np.concatenate(gatekeeping([values[i : i + 1] for i in range(4)]))
    assert np.array_equal(chained, fixed_sequence(values), equal_nan=True)


def test_a_later_family_waits_for_the_whole_of_an_earlier_one() -> None:
    primary, secondary = gatekeeping([np.array([0.01, 0.04]), np.array([0.001, 0.03, 0.2])])
    assert primary == pytest.approx([0.02, 0.04])
    assert secondary == pytest.approx([0.04, 0.06, 0.2])


def test_an_empty_family_opens_its_gate() -> None:
    assert gatekeeping([np.array([]), np.array([0.02])])[1].tolist() == [0.02]


@pytest.mark.parametrize("adjust", [holm, benjamini_hochberg, fixed_sequence])
def test_no_tests_give_no_p(adjust: Any) -> None:
    assert adjust(np.array([])).shape == (0,)
    assert np.isnan(adjust(np.array([NAN, NAN]))).all()


@pytest.mark.parametrize("adjust", [holm, benjamini_hochberg, fixed_sequence])
def test_numbers_that_are_no_p_are_refused(adjust: Any) -> None:
    with pytest.raises(StatisticError, match=r"p holds 1\.2 at position 1"):
        adjust(np.array([0.5, 1.2]))
    with pytest.raises(StatisticError, match="one-dimensional"):
        adjust(np.array([[0.5]]))
