"""Laws of correlation and agreement that hold for any measurements."""

from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hepar.stats.agreement import bland_altman, concordance_correlation, pearson, spearman
from hepar.stats.estimate import Estimate
from hepar.stats.intraclass import icc

Pair = tuple[np.ndarray, np.ndarray]
few = settings(max_examples=40, deadline=None)
FORMS = ("1", "1,k", "C,1", "C,k", "A,1", "A,k")


@st.composite
def pairs(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    """Two measurements of 5 to 15 subjects, in whole units with ties, neither constant."""
    size = draw(st.integers(5, 15))
    columns = [draw(st.lists(st.integers(-20, 20), min_size=size - 2, max_size=size - 2)) for _ in range(2)]
    first, second = (np.array([-21.0, 21.0, *column]) for column in columns)
    return first, np.roll(second, draw(st.integers(0, size - 1)))


def values(estimate: Estimate) -> tuple[float, ...]:
    return estimate.value, estimate.low, estimate.high, estimate.p


@few
@given(pairs(), st.floats(0.1, 10), st.floats(-50, 50))
def test_pearson_does_not_depend_on_unit_or_origin(pair: Pair, scale: float, shift: float) -> None:
    first, second = pair
    assert values(pearson(scale * first + shift, second)) == pytest.approx(
        values(pearson(first, second)), rel=1e-6, abs=1e-7
    )


@few
@given(pairs())
def test_spearman_sees_ranks_only(pair: Pair) -> None:
    first, second = pair
    assert values(spearman(np.exp(first / 5), second**3)) == pytest.approx(values(spearman(first, second)))


@few
@given(pairs())
def test_reversing_a_measurement_reverses_the_correlation(pair: Pair) -> None:
    first, second = pair
    for statistic in (pearson, spearman, concordance_correlation):
        ahead, back = statistic(first, second), statistic(first, -second)
        if statistic is not concordance_correlation:
            assert (back.value, back.low, back.high) == pytest.approx((-ahead.value, -ahead.high, -ahead.low))
        assert -1 <= ahead.low <= ahead.value <= ahead.high <= 1


@few
@given(pairs())
def test_agreement_is_symmetric_and_concordance_never_beyond_correlation(pair: Pair) -> None:
    first, second = pair
    for statistic in (pearson, spearman, concordance_correlation):
        assert values(statistic(first, second)) == pytest.approx(
            values(statistic(second, first)), nan_ok=True
        )
    assert abs(concordance_correlation(first, second).value) <= abs(pearson(first, second).value) + 1e-12


@few
@given(pairs(), st.sampled_from(["exact", "approximate"]))
def test_swapping_the_methods_mirrors_the_limits_of_agreement(pair: Pair, interval: Any) -> None:
    ahead, back = (bland_altman(*order, interval=interval) for order in (pair, pair[::-1]))
    for part, mirror in (("bias", "bias"), ("lower", "upper"), ("upper", "lower")):
        one, other = getattr(ahead, part), getattr(back, mirror)
        assert (one.value, one.low, one.high) == pytest.approx((-other.value, -other.high, -other.low))
    assert ahead.upper.value - ahead.lower.value == pytest.approx(2 * 1.959963984540054 * ahead.sd)


@few
@given(pairs(), st.sampled_from(FORMS), st.integers(2, 4))
def test_identical_raters_have_an_intraclass_correlation_of_one(pair: Pair, form: Any, raters: int) -> None:
    result = icc(np.tile(pair[0][:, None], raters), form=form)
    assert (result.value, result.low, result.high) == pytest.approx((1, 1, 1))


@few
@given(pairs(), st.floats(-9, 9), st.randoms(use_true_random=False))
def test_consistency_ignores_a_rater_offset_and_all_forms_the_order_of_subjects(
    pair: Pair, shift: float, random: Random
) -> None:
    first, second = pair
    table, moved = np.column_stack([first, second]), np.column_stack([first, second + shift])
    assert values(icc(moved, form="C,1")) == pytest.approx(values(icc(table, form="C,1")), rel=1e-7, abs=1e-9)
    order = random.sample(range(first.size), first.size)
    for form in ("1", "C,1", "A,1"):
        assert values(icc(table[order], form=form)) == pytest.approx(
            values(icc(table, form=form)), rel=1e-7, abs=1e-9
        )


@few
@given(pairs())
def test_an_intraclass_correlation_lies_within_its_interval(pair: Pair) -> None:
    for form in ("1", "C,1", "A,1"):
        result = icc(np.column_stack(pair), form=form)
        assert result.low - 1e-12 <= result.value <= result.high + 1e-12
