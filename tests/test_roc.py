"""ROC curve, band, partial area and Youden point against pROC 1.18.0 (R 4.2.2) on aSAH."""

import numpy as np
import pytest

from asah_data import EXACT, asah, near
from hepar.stats import roc as r
from hepar.stats.estimate import StatisticError

__all__ = ["asah"]


def test_the_curve_has_procs_points(asah: dict[str, np.ndarray]) -> None:
    # roc(outcome, as.numeric(wfns))$thresholds, $sensitivities, $specificities
    curve = r.roc_curve(asah["poor"], asah["wfns"])
    assert list(curve.threshold) == [-np.inf, 1.5, 2.5, 3.5, 4.5, np.inf]
    sensitivity = [1, 0.951219512195, 0.658536585366, 0.634146341463, 0.439024390244, 0]
    assert curve.sensitivity == pytest.approx(sensitivity, rel=EXACT)
    specificity = [0, 0.513888888889, 0.791666666667, 0.833333333333, 0.944444444444, 1]
    assert curve.specificity == pytest.approx(specificity, rel=EXACT)


def test_every_threshold_attains_its_point(asah: dict[str, np.ndarray]) -> None:
    curve = r.roc_curve(asah["poor"], asah["ndka"])
    called = asah["ndka"] >= curve.threshold[:, None]
    assert curve.sensitivity == pytest.approx(called[:, asah["poor"]].mean(axis=1))
    assert curve.specificity == pytest.approx(1 - called[:, ~asah["poor"]].mean(axis=1))


def test_neighbouring_floats_are_separated() -> None:
    one = 1.0
    score = np.array([one, np.nextafter(one, 2)])
    curve = r.roc_curve(np.array([False, True]), score)
    assert list(score >= curve.threshold[1]) == [False, True]


@pytest.mark.parametrize(
    ("score", "point"),
    [
        # coords(roc, "best", best.method = "youden", ret = c("threshold", "sensitivity", "specificity"))
        ("s100b", (0.205, 0.634146341463, 0.805555555556)),
        ("wfns", (3.5, 0.634146341463, 0.833333333333)),
        ("ndka", (11.08, 0.707317073171, 0.513888888889)),
    ],
)
def test_the_youden_point_is_procs(
    asah: dict[str, np.ndarray], score: str, point: tuple[float, float, float]
) -> None:
    found = r.youden(asah["poor"], asah[score])
    assert (found.threshold, found.sensitivity, found.specificity) == near(*point)


def test_of_equal_youden_points_the_lowest_threshold_is_taken() -> None:
    found = r.youden(np.array([True, False, True, False]), np.array([4.0, 3, 2, 1]))
    assert (found.threshold, found.sensitivity, found.specificity) == (1.5, 1.0, 0.5)


@pytest.mark.parametrize(
    ("score", "corrected", "areas"),
    [
        # auc(roc, partial.auc = c(1, .9)), c(.8, .5); the same with partial.auc.focus = "se": c(1, .9), c(.8, .65)
        ("s100b", False, (0.0327574525745, 0.202650745257, 0.0137635501355, 0.083185552168)),
        ("s100b", True, (0.646091855655, 0.750386526301, 0.546123948082, 0.692807136405)),
        ("wfns", False, (0.0334417344173, 0.242265253058, 0.0400999322493, 0.109315859304)),
        ("wfns", True, (0.649693339039, 0.851962187328, 0.684736485523, 0.812946479561)),
    ],
)
def test_partial_areas_equal_proc(
    asah: dict[str, np.ndarray], score: str, corrected: bool, areas: tuple[float, ...]
) -> None:
    y, x = asah["poor"], asah[score]
    found = [
        r.partial_auc(y, x, corrected=corrected),
        r.partial_auc(y, x, specificity=(0.5, 0.8), corrected=corrected),
        r.partial_auc(y, x, sensitivity=(0.9, 1.0), corrected=corrected),
        r.partial_auc(y, x, sensitivity=(0.8, 0.65), corrected=corrected),
    ]
    assert [f.value for f in found] == pytest.approx(areas, rel=EXACT)
    assert all(np.isnan([f.low, f.high, f.se]).all() and (f.n, f.events) == (113, 41) for f in found)
    assert found[1].method.startswith("partial AUC, specificity 0.5 to 0.8")
    assert ("McClish" in found[0].method) is corrected


def test_the_whole_range_gives_the_whole_area(asah: dict[str, np.ndarray]) -> None:
    for name in ("s100b", "wfns"):
        found = r.partial_auc(asah["poor"], asah[name], specificity=(0, 1))
        positives, negatives = asah[name][asah["poor"]], asah[name][~asah["poor"]]
        pairs = np.sign(positives[:, None] - negatives)
        assert found.value == pytest.approx((1 + pairs.mean()) / 2)


def test_the_bootstrap_interval_of_a_partial_area_agrees_with_procs(asah: dict[str, np.ndarray]) -> None:
    # set.seed(1); ci.auc(roc(.., partial.auc = c(1, .9)), method = "bootstrap", boot.n = 20000)
    # gave 0.019647696 to 0.049225017; 4000 draws of ours scatter by about 0.0003.
    found = r.partial_auc(asah["poor"], asah["s100b"], replicates=4000, seed=3)
    assert (found.low, found.high) == pytest.approx((0.019647696, 0.049225017), abs=0.0012)
    assert repr(found) == repr(r.partial_auc(asah["poor"], asah["s100b"], replicates=4000, seed=3))
    assert "4000 stratified bootstrap replicates, seed 3" in found.method


def test_the_band_agrees_with_procs(asah: dict[str, np.ndarray]) -> None:
    # set.seed(1); ci.se(roc, specificities = .., boot.n = 20000); coords(roc, .., input = "specificity")
    at = np.array([1, 0.95, 0.9, 0.8, 0.5, 0.2])
    band = r.roc_band(asah["poor"], asah["s100b"], specificity=at, replicates=4000, seed=5)
    sensitivity = [
        0.292682926829,
        0.341463414634,
        0.390243902439,
        0.634146341463,
        0.774390243902,
        0.921951219512,
    ]
    assert [b.value for b in band] == pytest.approx(sensitivity, rel=EXACT)
    low = [0.17073171, 0.19512195, 0.21951220, 0.34146341, 0.59512195, 0.81158028]
    high = [0.43902439, 0.48780488, 0.61463415, 0.75609756, 0.90243902, 1.0]
    assert [b.low for b in band] == pytest.approx(low, abs=0.026)  # one of 41 positives is 0.0244
    assert [b.high for b in band] == pytest.approx(high, abs=0.026)
    assert {(b.n, b.events) for b in band} == {(41, 41)}


def test_the_band_spreads_as_resampled_cases_do(asah: dict[str, np.ndarray]) -> None:
    (found,) = r.roc_band(asah["poor"], asah["s100b"], specificity=np.array([1.0]), replicates=4000, seed=5)
    rng = np.random.default_rng(8)
    positives, negatives = asah["s100b"][asah["poor"]], asah["s100b"][~asah["poor"]]
    highest = rng.choice(negatives, (4000, negatives.size)).max(axis=1)
    brute = (rng.choice(positives, (4000, positives.size)) > highest[:, None]).mean(axis=1)
    assert found.se == pytest.approx(brute.std(), rel=0.05)


def test_a_specificity_on_a_vertical_step_takes_its_upper_end() -> None:
    positive = np.array([True] * 10 + [False] * 10)
    score = np.concatenate([np.full(5, 8.5), np.full(5, 7.5), [8.0], np.arange(9) / 2])
    (found,) = r.roc_band(positive, score, specificity=np.array([0.9]), replicates=20)
    assert found.value == 1.0


def test_impossible_ranges_are_refused() -> None:
    y, x = np.arange(8) > 3, np.arange(8.0)
    with pytest.raises(StatisticError, match="both a specificity and a sensitivity"):
        r.partial_auc(y, x, specificity=(0.9, 1), sensitivity=(0.9, 1))
    with pytest.raises(StatisticError, match=r"the range \(0.9, 0.9\) is empty"):
        r.partial_auc(y, x, specificity=(0.9, 0.9))
    with pytest.raises(StatisticError, match="range holds 90"):
        r.partial_auc(y, x, specificity=(90, 100))
    with pytest.raises(StatisticError, match=r"specificity holds 1\.1"):
        r.roc_band(y, x, specificity=np.array([1.1]))
    with pytest.raises(StatisticError, match="replicates is 1"):
        r.roc_band(y, x, specificity=np.array([0.9]), replicates=1)
    with pytest.raises(StatisticError, match="level is 95"):
        r.partial_auc(y, x, level=95)
    with pytest.raises(StatisticError, match="8 positive and 0 negative cases; at least 1"):
        r.roc_curve(x >= 0, x)
    with pytest.raises(StatisticError, match="score has 7 values for 8 cases"):
        r.roc_curve(y, x[1:])
