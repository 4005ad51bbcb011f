"""What must hold of discrimination within strata for any data, ties included."""

from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from hepar.stats.concordance import c_difference, harrell_c
from hepar.stats.discrimination import auc, auc_difference
from hepar.stats.estimate import Estimate, StatisticError
from hepar.stats.within import auc_difference_within, auc_within, c_difference_within, c_within

Data = tuple[np.ndarray, ...]
quick = settings(max_examples=50, deadline=None)


@st.composite
def cases(draw: Any) -> Data:
    """Truth, two scores with many ties, strata."""
    n, strata = draw(st.integers(8, 30)), draw(st.integers(1, 4))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    truth, stratum = rng.random(n) < 0.5, rng.integers(0, strata, n)
    assume(any(min(truth[stratum == s].sum(), (~truth[stratum == s]).sum()) > 1 for s in range(strata)))
    return truth, *(rng.integers(0, 6, n).astype(float) for _ in range(2)), stratum


@st.composite
def followed(draw: Any) -> Data:
    """Time with ties, status with competing events, two risks, strata; the first stratum has a pair."""
    n = draw(st.integers(4, 25))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    time, status = rng.integers(1, 9, n).astype(float), rng.integers(0, 3, n)
    stratum = rng.integers(0, draw(st.integers(1, 4)), n)
    time[:2], status[:2], stratum[:2] = (1, 9), (1, 0), 0
    return time, status, *(rng.integers(0, 6, n).astype(float) for _ in range(2)), stratum


def alike(one: Estimate, other: Estimate) -> None:
    for name in ("value", "low", "high", "p", "se", "n", "events"):
        assert getattr(one, name) == pytest.approx(getattr(other, name), abs=1e-12, nan_ok=True), name


@quick
@given(cases())
def test_each_stratum_may_have_a_scale_of_its_own(data: Data) -> None:
    truth, first, second, stratum = data
    moved = first * (1 + stratum) + 100.0 * stratum
    alike(auc_within(truth, moved, stratum), auc_within(truth, first, stratum))
    alike(
        auc_difference_within(truth, moved, second, stratum=stratum),
        auc_difference_within(truth, first, second, stratum=stratum),
    )


@quick
@given(cases())
def test_the_auc_lies_between_those_of_the_strata_and_turns_with_the_score(data: Data) -> None:
    truth, score, _, stratum = data
    found, turned = auc_within(truth, score, stratum), auc_within(truth, -score, stratum)
    assert found.value + turned.value == pytest.approx(1)
    strata = [stratum == s for s in np.unique(stratum)]
    each = [
        auc(truth[rows], score[rows]).value
        for rows in strata
        if min(truth[rows].sum(), (~truth[rows]).sum()) > 1
    ]
    assert min(each) - 1e-12 <= found.value <= max(each) + 1e-12
    assert not found.low > found.value + 1e-12
    assert not found.high < found.value - 1e-12


@quick
@given(cases())
def test_names_and_order_of_the_strata_change_nothing(data: Data) -> None:
    truth, first, second, stratum = data
    order = np.random.default_rng(0).permutation(truth.size)
    names = np.array(["z", "y", "x", "w"])[stratum]
    alike(auc_within(truth[order], first[order], names[order]), auc_within(truth, first, stratum))
    alike(
        auc_difference_within(truth[order], first[order], second[order], stratum=names[order]),
        auc_difference_within(truth, first, second, stratum=stratum),
    )


@quick
@given(cases())
def test_one_stratum_is_delong(data: Data) -> None:
    truth, first, second, stratum = data
    one = np.zeros_like(stratum)
    alike(auc_within(truth, first, one), auc(truth, first))
    alike(auc_difference_within(truth, first, second, stratum=one), auc_difference(truth, first, second))


@quick
@given(followed())
def test_c_within_strata_keeps_what_its_parts_say(data: Data) -> None:
    time, status, first, second, stratum = data
    moved = first * (1 + stratum) + 100.0 * stratum
    found = c_within(time, status, first, stratum=stratum)
    alike(c_within(time, status, moved, stratum=stratum), found)
    difference = c_difference_within(time, status, first=first, second=second, stratum=stratum)
    other = c_within(time, status, second, stratum=stratum)
    assert difference.value == pytest.approx(found.value - other.value)
    each = []
    for rows in (stratum == s for s in np.unique(stratum)):
        try:
            each.append(harrell_c(time[rows], status[rows], first[rows]).value)
        except StatisticError:
            continue
    assert min(each) - 1e-12 <= found.value <= max(each) + 1e-12


@quick
@given(followed())
def test_one_stratum_is_harrell(data: Data) -> None:
    time, status, first, second, stratum = data
    one = np.zeros_like(stratum)
    alike(c_within(time, status, first, stratum=one), harrell_c(time, status, first))
    alike(
        c_difference_within(time, status, first=first, second=second, stratum=one),
        c_difference(time, status, first=first, second=second),
    )
