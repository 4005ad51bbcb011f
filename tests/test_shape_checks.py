import numpy as np
import pytest
from jaxtyping import TypeCheckError

from hepar.stats.discrimination import auc
from hepar.stats.estimate import StatisticError
from hepar.stats.followup import EventTable
from hepar.stats.roc import call_rates, class_histogram


def test_an_argument_that_is_taken_against_its_declared_shape_fails() -> None:
    with pytest.raises(TypeCheckError, match="call_rates"):
        call_rates(np.ones((2, 3), dtype=int))


def test_numbers_of_another_type_than_declared_fail() -> None:
    with pytest.raises(TypeCheckError, match="class_histogram"):
        class_histogram(np.array([True, False]), np.array([1, 2]))


def test_fields_that_are_not_equally_long_fail() -> None:
    with pytest.raises(TypeCheckError, match="at_risk"):
        EventTable(np.array([1.0, 2.0]), np.array([3, 2, 1]), np.ones((3, 2), dtype=int))


def test_a_refusal_reaches_the_caller_as_it_is() -> None:
    with pytest.raises(StatisticError, match="give one per case"):
        auc(np.array([True, True, False, False]), np.arange(3.0))
