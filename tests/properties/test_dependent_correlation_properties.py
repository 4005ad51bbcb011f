"""Laws of dependent correlations, margins and attenuation that hold for any values."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from hepar.stats.dependent_correlation import Overlapping, meng, steiger, williams, zou_interval
from hepar.stats.detectable import noninferiority_power, size_needed
from hepar.stats.estimate import Estimate, StatisticError
from hepar.stats.noninferiority import noninferiority
from hepar.stats.reliability import attained_correlation, disattenuated

few = settings(max_examples=60, deadline=None)
correlations = st.floats(-0.95, 0.95)


@st.composite
def overlapping(draw: st.DrawFn) -> Overlapping:
    """Three correlations that some data have."""
    a, b, c = draw(correlations), draw(correlations), draw(correlations)
    try:
        found = Overlapping(a, b, c, draw(st.integers(5, 500)))
    except StatisticError:
        assume(False)
        raise
    assume(found.determinant > 1e-3)
    return found


@few
@given(overlapping())
def test_swapping_the_two_swaps_the_sign_and_nothing_else(found: Overlapping) -> None:
    swapped = Overlapping(found.second, found.first, found.between, found.n)
    for one, two in (
        (williams(found), williams(swapped)),
        (steiger(found), steiger(swapped)),
        (meng(found)[0], meng(swapped)[0]),
    ):
        assert one.statistic == pytest.approx(-two.statistic, rel=1e-9, abs=1e-12)
        assert one.p == pytest.approx(two.p, rel=1e-9)
    low, high = zou_interval(found)
    assert zou_interval(swapped) == pytest.approx((-high, -low), rel=1e-9, abs=1e-12)
    assert low <= found.first - found.second <= high


@few
@given(st.floats(-0.3, 0.3), st.floats(0.001, 0.2), st.floats(0.01, 0.2), st.floats(0.001, 0.1))
def test_a_wider_margin_never_makes_a_test_less_non_inferior(
    value: float, half: float, margin: float, more: float
) -> None:
    order = ("inferior", "inconclusive", "non-inferior")
    difference = Estimate(value, value - half, value + half, 10, "")
    narrow, wide = (noninferiority(difference, margin=m).verdict for m in (margin, margin + more))
    assert order.index(narrow) <= order.index(wide)


@few
@given(st.floats(0.005, 0.1), st.floats(0.01, 0.2), st.integers(20, 500))
def test_more_participants_never_have_less_power(se: float, margin: float, n: int) -> None:
    needed = size_needed(se, n=n, effect=margin)
    enough = noninferiority_power(se * float(np.sqrt(n / needed)), margin=margin)
    assert enough >= 0.8 - 1e-9
    assert (needed <= n) == (noninferiority_power(se, margin=margin) >= 0.8 - 1e-12)


@few
@given(correlations, st.floats(0.05, 1.0))
def test_disattenuating_undoes_attenuation(r: float, reliability: float) -> None:
    seen = attained_correlation(r, reliability=reliability)
    assert abs(seen) <= abs(r)
    back = disattenuated(Estimate(seen, seen, seen, 10, ""), reliability=reliability)
    assert back.value == pytest.approx(r, abs=1e-12)
