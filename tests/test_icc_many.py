import numpy as np
import pytest

from hepar.stats.estimate import StatisticError
from hepar.stats.icc_many import SingleForm, icc_many
from hepar.stats.intraclass import icc

FORMS: tuple[SingleForm, ...] = ("1", "C,1", "A,1")


def simulated(quantities: int, subjects: int, raters: int) -> np.ndarray:
    """SIMULATED ratings whose reliability runs from nearly none to nearly all."""
    rng = np.random.default_rng(11)
    noise = np.linspace(0.05, 3, quantities)[:, None, None]
    rater = rng.normal(0, 0.5, (quantities, 1, raters))
    return np.asarray(
        rng.normal(0, 1, (quantities, subjects, 1))
        + rater
        + noise * rng.normal(0, 1, (quantities, subjects, raters))
    )


@pytest.mark.parametrize("form", FORMS)
def test_many_at_once_are_each_alone(form: SingleForm) -> None:
    tables = simulated(12, 20, 4)
    many = icc_many(tables, form=form, level=0.9)
    for at, table in enumerate(tables):
        one = icc(table, form=form, level=0.9)
        assert (many.value[at], many.low[at], many.high[at]) == pytest.approx((one.value, one.low, one.high))
        assert many.n[at] == one.n


@pytest.mark.parametrize("form", FORMS)
def test_subjects_with_a_missing_rating_are_left_out_of_that_quantity_alone(form: SingleForm) -> None:
    tables = simulated(3, 15, 3)
    tables[1, [2, 9], [0, 2]] = np.nan
    many = icc_many(tables, form=form)
    rest = icc(np.delete(tables[1], [2, 9], axis=0), form=form)
    assert (many.value[1], many.low[1], many.high[1]) == pytest.approx((rest.value, rest.low, rest.high))
    assert many.n.tolist() == [15, 13, 15]


@pytest.mark.parametrize("form", FORMS)
def test_without_spread_or_subjects_there_is_no_coefficient(form: SingleForm) -> None:
    tables = simulated(3, 6, 3)
    tables[0] = [1.0, 2.0, 3.0]
    tables[1, :4, 0] = np.nan
    many = icc_many(tables, form=form)
    assert np.isnan(many.value).tolist() == [True, True, False]
    assert np.isnan(many.low).tolist() == [True, True, False]


@pytest.mark.parametrize("form", FORMS)
def test_ratings_that_agree_exactly_have_a_coefficient_of_one(form: SingleForm) -> None:
    tables = np.repeat(simulated(2, 6, 2)[:, :, :1], 3, axis=2)
    many = icc_many(tables, form=form)
    for part in (many.value, many.low, many.high):
        assert part == pytest.approx([1, 1])


def test_ratings_must_be_tables_of_two_raters() -> None:
    with pytest.raises(StatisticError, match="quantities by subjects by two raters"):
        icc_many(np.ones((4, 5, 1)))
    with pytest.raises(StatisticError, match="confidence level"):
        icc_many(np.ones((4, 5, 2)), level=1)
