"""Oracle: psych 2.2.9 ICC on the ratings of Shrout & Fleiss (1979) and on agreement_simulated.csv."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hepar.stats.estimate import Estimate, StatisticError
from hepar.stats.intraclass import icc

GOLDEN = Path(__file__).parent / "golden" / "statistics"
SHROUT_FLEISS = np.genfromtxt(GOLDEN / "shrout_fleiss_1979.csv", delimiter=",", skip_header=1)
TABLE = np.genfromtxt(GOLDEN / "agreement_simulated.csv", delimiter=",", names=True)
SIMULATED = np.column_stack([TABLE["reference"], TABLE["first"], TABLE["second"]])


def interval(estimate: Estimate) -> tuple[float, float, float]:
    return estimate.value, estimate.low, estimate.high


# psych::ICC(ratings, lmer = FALSE)$results
SHROUT_FLEISS_RESULTS = {
    "1": (0.165741768405, -0.1329323248748, 0.722560062328, 0.164768808344640),
    "A,1": (0.289763779528, 0.0187865133747, 0.761084369649, 0.000134566516484),
    "C,1": (0.714840714841, 0.3424647650339, 0.945858259955, 0.000134566516484),
    "1,k": (0.442797133679, -0.8844421552381, 0.912415420341, 0.164768808344640),
    "A,k": (0.620050547599, 0.0711368153025, 0.927232040168, 0.000134566516484),
    "C,k": (0.909315542377, 0.6756747138163, 0.985891678169, 0.000134566516484),
}
SIMULATED_RESULTS = {
    "1": (0.206213998383, 0.01834387837302, 0.418432654857, 1.51618353432e-02),
    "A,1": (0.343005522979, 0.00195318106050, 0.639531188714, 1.65766372971e-15),
    "C,1": (0.710132674339, 0.56778100703374, 0.821916577531, 1.65766372971e-15),
    "1,k": (0.437998961056, 0.05308409862176, 0.683391404875, 1.51618353432e-02),
    "A,k": (0.610326113464, 0.00583674275072, 0.841834600555, 1.65766372971e-15),
    "C,k": (0.880233245574, 0.79760878395517, 0.932641958844, 1.65766372971e-15),
}


@pytest.mark.parametrize("form", SHROUT_FLEISS_RESULTS)
def test_intraclass_correlation_equals_psych(form: Any) -> None:
    for ratings, expected in ((SHROUT_FLEISS, SHROUT_FLEISS_RESULTS), (SIMULATED, SIMULATED_RESULTS)):
        result = icc(ratings, form=form)
        assert (*interval(result), result.p) == pytest.approx(expected[form], rel=1e-10)
        assert result.n == len(ratings)


def test_the_level_of_an_intraclass_correlation_is_that_of_psych() -> None:
    # psych::ICC(shrout_fleiss, lmer = FALSE, alpha = .1)$results
    narrow = [icc(SHROUT_FLEISS, form=form, level=0.9) for form in ("1", "A,1", "C,k")]
    assert [(e.low, e.high) for e in narrow] == [
        pytest.approx((-0.0967222036577, 0.643398310704), rel=1e-10),
        pytest.approx((0.0429011915405, 0.691070606618), rel=1e-10),
        pytest.approx((0.7368976785771, 0.980366056047), rel=1e-10),
    ]


@pytest.mark.parametrize("form", ["1", "1,k", "A,1", "A,k", "C,1", "C,k"])
def test_raters_who_agree_exactly_have_an_intraclass_correlation_of_one(form: Any) -> None:
    result = icc(np.column_stack([TABLE["first"], TABLE["first"], TABLE["first"]]), form=form)
    assert interval(result) == pytest.approx((1, 1, 1), abs=1e-12)
    assert result.p == pytest.approx(0, abs=1e-100)
    whole = icc(np.column_stack([np.arange(4.0), np.arange(4.0)]), form=form)
    assert (*interval(whole), whole.p) == (1, 1, 1, 0)


def test_ratings_without_agreement_have_no_agreement_of_means() -> None:
    opposed = np.array([[1.0, 2], [2, 1], [1, 2], [2, 1]])
    assert icc(opposed, form="C,1").value == pytest.approx(-1)
    with pytest.raises(StatisticError, match="agreement of mean ratings is undefined"):
        icc(opposed, form="1,k")


@pytest.mark.parametrize(
    ("ratings", "message"),
    [
        (np.ones((5, 3)), "all subjects have the same ratings"),
        (np.tile([1.0, 2.0], (5, 1)), "all subjects have the same ratings"),
        (np.array([[1, 2], [np.nan, 3], [2, 2]]), "ratings hold nan for subject 1, rater 0"),
        (np.ones((2, 2)), r"shape \(2, 2\)"),
        (np.ones(9), r"shape \(9,\)"),
    ],
)
def test_unusable_ratings_are_refused(ratings: np.ndarray, message: str) -> None:
    with pytest.raises(StatisticError, match=message):
        icc(ratings)
