"""The Obuchowski measure against pROC pair by pair and the jackknife; kappa against vcd and psych."""

from typing import Any

import numpy as np
import pytest

from asah_data import asah, near
from hepar.stats import ordinal as o
from hepar.stats.discrimination import auc, auc_difference
from hepar.stats.estimate import Estimate, StatisticError

__all__ = ["asah"]

TABLE = np.array([[11, 3, 1, 0], [2, 9, 4, 1], [1, 5, 12, 3], [0, 1, 2, 10]])
"""A table of two gradings in four categories, first by row."""


def gradings(table: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    rows, columns = np.indices(table.shape)
    return np.repeat(rows.ravel(), table.ravel()), np.repeat(columns.ravel(), table.ravel())


@pytest.fixture(scope="module")
def staged() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Stages F0-F4 of 120 patients with two tied scores."""
    rng = np.random.default_rng(11)
    stage = rng.choice(5, 120, p=[0.2, 0.3, 0.2, 0.15, 0.15])
    first, second = (np.round(stage + rng.normal(0, sd, 120), 1) for sd in (1.0, 1.6))
    return stage, first, second


@pytest.mark.parametrize(
    ("score", "sample", "uniform", "unit"),
    [
        # R: 1 - sum(W / sum(W) * L * (1 - A)), A from pROC 1.18.0 for every pair of the four gos6 grades present;
        # unit penalty also equals survival 3.5.3 concordance(grade ~ score)
        ("s100b", 0.781429597701, 0.823607334024, 0.684671336207),
        ("wfns", 0.856276939655, 0.861570528237, 0.778556034483),
    ],
)
def test_the_measure_equals_proc_areas_pair_by_pair(
    asah: dict[str, np.ndarray], score: str, sample: float, uniform: float, unit: float
) -> None:
    grade, value = asah["gos6"], -asah[score]
    assert o.obuchowski(grade, value).value == near(sample)
    assert o.obuchowski(grade, value, reference=[1, 1, 1, 1]).value == near(uniform)
    assert o.obuchowski(grade, value, penalty="unit").value == near(unit)
    # The same penalties as an array.
    linear = np.abs(np.subtract.outer(np.arange(4), np.arange(4))) / 3
    assert o.obuchowski(grade, value, penalty=linear).value == near(sample)


@pytest.mark.parametrize("reference", [None, [1, 1, 1, 1, 1], [5, 1, 0, 1, 2]])
@pytest.mark.parametrize("penalty", ["linear", "unit"])
def test_a_useless_score_has_the_value_of_chance(
    staged: tuple[np.ndarray, ...], reference: list[float] | None, penalty: o.Penalty
) -> None:
    stage = staged[0]
    chance = o.obuchowski_of_chance(stage, reference=reference, penalty=penalty)
    assert chance == near(o.obuchowski(stage, np.zeros(120), reference=reference, penalty=penalty).value)
    assert chance == 0.5 if penalty == "unit" else chance > 0.5


def test_scores_dealt_at_random_have_the_value_of_chance_on_average(
    staged: tuple[np.ndarray, ...],
) -> None:
    stage, score, _ = staged
    rng = np.random.default_rng(0)
    dealt = [o.obuchowski(stage, rng.permutation(score)).value for _ in range(200)]
    spread = np.std(dealt) / np.sqrt(200)
    assert np.mean(dealt) == pytest.approx(o.obuchowski_of_chance(stage), abs=4 * spread)


def test_two_stages_give_the_auc_with_all_its_inference(asah: dict[str, np.ndarray]) -> None:
    found, area = o.obuchowski(asah["poor"], asah["s100b"]), auc(asah["poor"], asah["s100b"])
    for name in ("value", "low", "high", "se", "p", "n"):
        assert getattr(found, name) == near(getattr(area, name)), name
    paired = o.obuchowski_difference(asah["poor"], asah["s100b"], asah["wfns"])
    area = auc_difference(asah["poor"], asah["s100b"], asah["wfns"])
    for name in ("value", "low", "high", "se", "p", "n"):
        assert getattr(paired, name) == near(getattr(area, name)), name


def jackknife_variance(stage: np.ndarray, statistic: np.ndarray) -> float:
    """Delete-one jackknife within every stage from the leave-one-out values of all cases."""
    total = 0.0
    for s in np.unique(stage):
        left_out = statistic[stage == s]
        total += (left_out.size - 1) * left_out.var()
    return total


def leave_one_out(stage: np.ndarray, score: np.ndarray, reference: list[float]) -> np.ndarray:
    keep = ~np.eye(stage.size, dtype=bool)
    return np.array([o.obuchowski(stage[k], score[k], reference=reference).value for k in keep])


def test_variances_equal_the_jackknife_within_stages(
    staged: tuple[np.ndarray, np.ndarray, np.ndarray],
) -> None:
    stage, first, second = staged
    reference = [0.1, 0.3, 0.3, 0.2, 0.1]
    one, two = (leave_one_out(stage, score, reference) for score in (first, second))
    found = o.obuchowski(stage, first, reference=reference)
    assert found.se**2 == near(jackknife_variance(stage, one))
    assert found.low == near(found.value - 1.959963984540054 * found.se)
    paired = o.obuchowski_difference(stage, first, second, reference=reference)
    assert paired.se**2 == near(jackknife_variance(stage, one - two))
    assert paired.value == near(found.value - o.obuchowski(stage, second, reference=reference).value)


def test_p_tests_the_value_of_a_useless_score(staged: tuple[np.ndarray, np.ndarray, np.ndarray]) -> None:
    stage, first, _ = staged
    useless = o.obuchowski(stage, np.zeros(120))
    share = np.bincount(stage) / 120
    pairs = [(share[i] * share[j], (j - i) / 4) for j in range(5) for i in range(j)]
    expected = 1 - sum(w * loss for w, loss in pairs) / sum(w for w, _ in pairs) / 2
    assert useless.value == near(expected)
    assert (useless.low, useless.high, useless.p) == (useless.value, useless.value, 1.0)
    rng = np.random.default_rng(4)
    noise = rng.normal(size=(300, 120))
    p = np.array([o.obuchowski(stage, row).p for row in noise])
    assert 0.02 < (p < 0.05).mean() < 0.09
    assert o.obuchowski(stage, first).p < 1e-6


def test_an_unobserved_grade_stretches_the_penalty_but_has_no_weight() -> None:
    grade, score = np.repeat([0, 2], 10), np.arange(20.0) % 7
    area = o.obuchowski(grade, score)
    found = o.obuchowski(grade, score, grades=[0, 1, 2, 3, 4])
    assert 1 - found.value == near((1 - area.value) * 2 / 4)


def test_a_stated_reference_removes_the_spectrum_of_the_sample() -> None:
    rng = np.random.default_rng(6)
    stage = np.repeat([0, 1, 2], [40, 40, 40])
    score = stage + rng.normal(size=120)
    double = np.concatenate([np.arange(120), np.arange(40)])
    for reference, same in (([1, 1, 1], True), (None, False)):
        one = o.obuchowski(stage, score, reference=reference).value
        two = o.obuchowski(stage[double], score[double], reference=reference).value
        assert (abs(one - two) < 1e-12) is same


def test_perfect_order_has_the_exact_bound_pair_by_pair() -> None:
    stage = np.repeat([0, 1, 2], [4, 5, 6])
    found = o.obuchowski(stage, np.arange(15.0))
    # Weights 4*5, 4*6, 5*6 of 74; penalties 1/2, 1, 1/2; pairs 4, 4, 5.
    expected = 1 - (10 * (1 - 0.025**0.25) + 24 * (1 - 0.025**0.25) + 15 * (1 - 0.025**0.2)) / 74
    assert (found.value, found.high, found.low) == (1.0, 1.0, near(expected))
    assert found.p == 2 * 0.5**4
    wrong = o.obuchowski(stage, -np.arange(15.0))
    assert wrong.low == wrong.value == near(1 - (10 + 24 + 15) / 74)
    assert wrong.high == near(1 - (10 * 0.025**0.25 + 24 * 0.025**0.25 + 15 * 0.025**0.2) / 74)
    two = o.obuchowski(stage > 0, np.arange(15.0))
    assert two.low == near(auc(stage > 0, np.arange(15.0)).low)


def test_partly_perfect_order_without_variance_has_no_interval() -> None:
    stage = np.repeat([0, 1, 2], 4)
    found = o.obuchowski(stage, np.repeat([0.0, 2.0, 1.0], 4))
    # Only the pair (1, 2), one third of the pairs, penalty 1/2, is reversed.
    assert found.value == near(1 - 1 / 6)
    assert np.isnan([found.low, found.high, found.p]).all()


def test_equal_rankings_do_not_differ(staged: tuple[np.ndarray, np.ndarray, np.ndarray]) -> None:
    stage, first, _ = staged
    found = o.obuchowski_difference(stage, first, np.exp(first))
    assert (found.value, found.low, found.high, found.p) == (0.0, 0.0, 0.0, 1.0)


def test_unusable_stages_are_refused_with_the_reason() -> None:
    stage, score = np.repeat([0, 1, 2], 4), np.arange(12.0)
    with pytest.raises(StatisticError, match="stage 3 has 0 cases but has weight"):
        o.obuchowski(stage, score, grades=[0, 1, 2, 3], reference=[1, 1, 1, 1])
    with pytest.raises(StatisticError, match="stage 2 has 1 cases"):
        o.obuchowski(stage[:9], score[:9])
    with pytest.raises(StatisticError, match="there are 1 stages"):
        o.obuchowski(stage * 0, score)
    with pytest.raises(StatisticError, match="grade holds 2; the categories are"):
        o.obuchowski(stage, score, grades=[0, 1])
    with pytest.raises(
        StatisticError, match="grade must hold one grade per case, and it is missing at position 0"
    ):
        o.obuchowski(np.where(stage == 0, np.nan, stage), score)
    with pytest.raises(StatisticError, match="give 3 shares"):
        o.obuchowski(stage, score, reference=[0.5, 0.5])
    with pytest.raises(StatisticError, match="no pair of stages has weight"):
        o.obuchowski(stage, score, reference=[1, 0, 0])
    with pytest.raises(StatisticError, match="symmetric"):
        o.obuchowski(stage, score, penalty=np.ones((2, 2)))
    unknown: Any = "cubic"
    with pytest.raises(StatisticError, match="penalty is 'cubic'"):
        o.obuchowski(stage, score, penalty=unknown)
    with pytest.raises(StatisticError, match="second has 11 values for 12 cases"):
        o.obuchowski_difference(stage, score, score[1:])


def kappa_numbers(estimate: Estimate) -> tuple[float, float, float, float]:
    return estimate.value, estimate.se, estimate.low, estimate.high


def test_kappa_equals_vcd() -> None:
    # vcd 1.4.11: Kappa(TABLE, weights = "Equal-Spacing" and "Fleiss-Cohen") with confint.
    # psych 2.2.9 cohen.kappa gives the same three values and the same unweighted interval, but weighted
    # variances of 0.00488 and 0.00355: its averages over rows use only the row's own share (delta method below).
    first, second = gradings(TABLE)
    assert kappa_numbers(o.kappa(first, second)) == near(
        0.5247933884298, 0.0805980521968, 0.366824108900, 0.682762667960
    )
    assert kappa_numbers(o.kappa(first, second, weights="linear")) == near(
        0.646668008858, 0.069099335763, 0.511235799407, 0.78210021831
    )
    assert kappa_numbers(o.kappa(first, second, weights="quadratic")) == near(
        0.7577983604812, 0.0618382151113, 0.636597685995, 0.878999034968
    )
    assert o.kappa(first, second).n == 65


def test_kappa_of_cohens_table_equals_psych() -> None:
    # psych 2.2.9: cohen.kappa(x, n.obs = 200), Cohen's (1968) proportions; value and unweighted interval
    first, second = gradings(np.array([[88, 14, 18], [10, 40, 10], [2, 6, 12]]))
    found = o.kappa(first, second)
    assert (found.value, found.low, found.high) == near(0.491525423729, 0.391563702054, 0.591487145404)
    assert o.kappa(first, second, weights="quadratic").value == near(0.454545454545)


@pytest.mark.parametrize("weights", [None, "linear", "quadratic"])
def test_the_variance_of_kappa_is_that_of_the_delta_method(weights: o.Weights | None) -> None:
    first, second = gradings(TABLE)
    share, step = TABLE / TABLE.sum(), 1e-6
    apart = np.abs(np.subtract.outer(np.arange(4), np.arange(4))) / 3
    power = {None: 0.0, "linear": 1.0, "quadratic": 2.0}[weights]
    agreement = 1 - np.where(apart > 0, apart**power, 0)

    def value(p: np.ndarray) -> float:
        p = p / p.sum()
        expected = p.sum(axis=1) @ agreement @ p.sum(axis=0)
        return float(((agreement * p).sum() - expected) / (1 - expected))

    cells = np.eye(16).reshape(16, 4, 4)
    slope = np.array([(value(share + step * c) - value(share - step * c)) / (2 * step) for c in cells])
    variance = (slope**2 @ share.ravel() - (slope @ share.ravel()) ** 2) / TABLE.sum()
    assert o.kappa(first, second, weights=weights).se ** 2 == pytest.approx(variance, rel=1e-7)


def test_named_categories_keep_their_given_order() -> None:
    first, second = gradings(TABLE)
    names = np.array(["none", "mild", "marked", "severe"])
    found = o.kappa(names[first], names[second], weights="linear", categories=list(names))
    assert repr(found) == repr(o.kappa(first, second, weights="linear"))
    assert o.kappa(names[first], names[second], weights="linear") != found


def test_kappa_without_variation_has_no_interval_or_no_value() -> None:
    same = np.array([0, 0, 1, 1])
    perfect = o.kappa(same, same)
    assert perfect.value == 1.0
    assert np.isnan([perfect.low, perfect.high]).all()
    single = o.kappa(same * 0, same * 0)
    assert np.isnan(single.value)
    assert "not defined" in single.method


def test_unusable_gradings_are_refused_with_the_reason() -> None:
    same = np.array([0, 0, 1, 1])
    with pytest.raises(StatisticError, match=r"shapes \(4,\) and \(3,\)"):
        o.kappa(same, same[1:])
    with pytest.raises(StatisticError, match="grading holds 1; the categories are"):
        o.kappa(same, same, categories=[0, 2])
    with pytest.raises(StatisticError, match="listed twice"):
        o.kappa(same, same, categories=[0, 1, 1])
    unknown: Any = "cubic"
    with pytest.raises(StatisticError, match="weights is 'cubic'"):
        o.kappa(same, same, weights=unknown)
