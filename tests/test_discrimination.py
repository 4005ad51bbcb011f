"""AUC inference against pROC 1.18.0 and survival 3.5.3 (R 4.2.2) on aSAH (Turck et al. 2010)."""

import numpy as np
import pytest

from asah_data import asah, near
from hepar.stats import discrimination as d
from hepar.stats.estimate import Estimate, StatisticError

__all__ = ["asah"]


def interval(estimate: Estimate) -> tuple[float, float]:
    return estimate.low, estimate.high


def test_delong_areas_and_covariance_equal_proc(asah: dict[str, np.ndarray]) -> None:
    # pROC::auc, var, cov of roc(outcome, x, levels = c("Good", "Poor"), direction = "<")
    value, covariance = d.delong(asah["poor"], np.stack([asah["s100b"], asah["wfns"], asah["ndka"]]))
    assert value == pytest.approx([0.7313685637, 0.8236788618, 0.6119579946], abs=6e-11)
    assert np.diag(covariance) == pytest.approx([0.002668682457, 0.001469914709, 0.003190810549], abs=6e-13)
    assert covariance[0, 1:] == pytest.approx([0.001196156, -0.0007561649], abs=6e-10)
    assert np.array_equal(covariance, covariance.T)


def test_auc_interval_and_test_equal_proc(asah: dict[str, np.ndarray]) -> None:
    found = d.auc(asah["poor"], asah["s100b"])
    assert interval(found) == near(0.630118211762, 0.832618915610)
    assert found.p == near(7.50847432494e-06)  # 2 * pnorm(-|auc - 0.5| / sqrt(var(roc)))
    assert (found.n, found.events, found.method) == (113, 41, "DeLong")
    assert found.se == near(0.002668682457**0.5)
    assert interval(d.auc(asah["poor"], asah["s100b"], level=0.9)) == near(0.646396589759, 0.816340537613)


def test_auc_interval_stays_within_zero_and_one() -> None:
    positive = np.array([False, False, False, True, True, True])
    found = d.auc(positive, np.array([1.0, 2, 4, 3, 5, 6]))
    assert found.high == 1.0
    assert d.auc(~positive, np.array([1.0, 2, 4, 3, 5, 6])).low == 0.0


def test_paired_difference_equals_proc(asah: dict[str, np.ndarray]) -> None:
    # pROC 1.18.0, the roc.test of two paired curves by method delong
    found = d.auc_difference(asah["poor"], asah["s100b"], asah["wfns"])
    assert found.value == near(0.7313685636856369 - 0.8236788617886179)
    assert found.value / found.se == near(-2.20898359144)
    assert found.p == near(0.0271757822292)
    assert interval(found) == near(-0.1742144192495, -0.0104061769565)
    assert (found.n, found.events, found.method) == (113, 41, "paired DeLong")
    other = d.auc_difference(asah["poor"], asah["s100b"], asah["ndka"], level=0.9)
    assert (other.p, *interval(other)) == near(0.1642951752231, -0.0218154453002, 0.2606365835116)
    last = d.auc_difference(asah["poor"], asah["wfns"], asah["ndka"])
    assert last.p == pytest.approx(0.00514558, abs=6e-9)


def test_unpaired_difference_equals_proc(asah: dict[str, np.ndarray]) -> None:
    # roc.test(roc_male, roc_female): D = 0.501880774327, df = 106.462550029, p = 0.616787759258
    male = asah["male"]
    poor, score = asah["poor"], asah["s100b"]
    found = d.auc_difference_unpaired(
        poor[male], score[male], other_positive=poor[~male], other_score=score[~male]
    )
    assert found.value / found.se == near(0.501880774327)
    assert found.method == "unpaired DeLong, Welch t with 106.46255 degrees of freedom"
    assert found.p == near(0.616787759258)
    # R: d -+ qt(0.975, df) * d / D; roc.test itself prints no interval here
    assert interval(found) == pytest.approx((-0.1555526787, 0.2610072242), abs=6e-11)
    assert (found.n, found.events) == (113, 41)
    # roc.test(r1, r3, paired = FALSE): df = 222.235395951, p = 0.120192832431
    same = d.auc_difference_unpaired(poor, score, other_positive=poor, other_score=asah["ndka"])
    assert same.p == near(0.120192832431)


def clustered_by_three(asah: dict[str, np.ndarray]) -> np.ndarray:
    return np.arange(asah["poor"].size) // 3


def test_clustered_covariance_equals_obuchowski_from_survival_influences(asah: dict[str, np.ndarray]) -> None:
    # survival::concordance(y ~ x, influence = 1)$dfbeta summed within clusters, separately over positives (P)
    # and negatives (N): f(26) P'P + f(35) N'N + f(38) (P'N + N'P), f(k) = k / (k - 1)
    cluster = clustered_by_three(asah)
    value, covariance = d.delong_clustered(asah["poor"], np.stack([asah["s100b"], asah["wfns"]]), cluster)
    assert value == near(0.731368563686, 0.823678861789)
    assert covariance.ravel() == near(0.00361866748164, 0.00147963888923, 0.00147963888923, 0.00168136429344)
    found = d.auc_difference_clustered(asah["poor"], asah["s100b"], asah["wfns"], cluster=cluster)
    assert found.se**2 == near(0.00234075399661)
    assert found.method == "paired Obuchowski, 38 clusters"
    assert (found.n, found.events) == (113, 41)
    single = d.auc_clustered(asah["poor"], asah["s100b"], cluster)
    assert single.se**2 == near(0.00361866748164)
    assert single.high - single.value == near(1.959963984540054 * single.se)
    assert single.method == "Obuchowski, 38 clusters"


def test_clustered_variance_is_the_grouped_jackknife_when_clusters_hold_both(
    asah: dict[str, np.ndarray],
) -> None:
    # survival::concordance(y ~ x, cluster = id)$var, without the small-sample factor 20 / 19
    poor = asah["poor"]
    cluster = np.empty(poor.size, dtype=int)
    for part in (poor, ~poor):
        cluster[part] = np.arange(part.sum()) % 20
    for score, variance in (("s100b", 0.00218889939214), ("wfns", 0.000964640826724)):
        found = d.auc_clustered(poor, asah[score], cluster)
        assert found.se**2 * 19 / 20 == near(variance)


def test_cluster_labels_may_be_words(asah: dict[str, np.ndarray]) -> None:
    cluster = clustered_by_three(asah)
    words = np.array([f"patient {c}" for c in cluster], dtype=object)
    found = d.auc_clustered(asah["poor"], asah["s100b"], words)
    same = d.auc_clustered(asah["poor"], asah["s100b"], cluster)
    assert (found.low, found.p) == near(same.low, same.p)


TWENTY = np.arange(20) >= 8
"""Eight negative cases, then twelve positive ones."""


def test_a_perfect_score_has_the_exact_bound_of_independent_pairs() -> None:
    found = d.auc(TWENTY, np.arange(20.0))
    # R 4.2.2: binom.test(8, 8)$conf.int is 0.6305834 to 1
    assert (found.value, found.high, found.se) == (1.0, 1.0, 0.0)
    assert found.low == pytest.approx(0.6305834, abs=6e-8)
    assert found.p == 2 * 0.5**8
    assert found.method == "exact bound from 8 independent pairs (DeLong variance is 0)"


def test_a_perfectly_wrong_score_has_the_mirrored_bound() -> None:
    right, wrong = d.auc(TWENTY, np.arange(20.0)), d.auc(TWENTY, -np.arange(20.0))
    assert (wrong.value, wrong.low, wrong.p) == (0.0, 0.0, right.p)
    assert wrong.high == pytest.approx(1 - right.low)


def test_the_exact_bound_of_clusters_counts_pairs_of_different_clusters() -> None:
    cluster = np.array([0, 0, 1, 1, 2, 2, 3, 3, 0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 4])
    found = d.auc_clustered(TWENTY, np.arange(20.0), cluster)
    assert found.low == pytest.approx(0.025**0.5)
    assert found.method == "exact bound from 2 independent pairs (Obuchowski, 5 clusters variance is 0)"


def test_a_constant_score_has_an_area_of_one_half_without_doubt() -> None:
    found = d.auc(TWENTY, np.full(20, 3.3))
    assert (found.value, found.low, found.high, found.p) == (0.5, 0.5, 0.5, 1.0)
    assert found.method == "constant score"


def test_equal_rankings_do_not_differ(asah: dict[str, np.ndarray]) -> None:
    found = d.auc_difference(asah["poor"], asah["s100b"], np.exp(asah["s100b"]))
    assert (found.value, found.low, found.high, found.p, found.se) == (0.0, 0.0, 0.0, 1.0, 0.0)
    assert "no difference" in found.method


def test_a_difference_without_variance_is_not_tested() -> None:
    perfect = np.arange(20.0)
    pairs = d.auc_difference_unpaired(TWENTY, perfect, other_positive=TWENTY, other_score=-perfect)
    for found in (d.auc_difference(TWENTY, perfect, -perfect), pairs):
        assert found.value == 1.0
        assert np.isnan([found.low, found.high, found.p]).all()
        assert "not defined" in found.method


def test_unusable_input_is_refused_with_the_reason() -> None:
    score = np.arange(20.0)
    holed = np.where(score == 3, np.nan, score)
    with pytest.raises(StatisticError, match="score holds nan at position 3"):
        d.auc(TWENTY, holed)
    with pytest.raises(StatisticError, match="score 2 of 2 has 19 values for 20 cases"):
        d.auc_difference(TWENTY, score, score[1:])
    with pytest.raises(StatisticError, match="there are 20 positive and 0 negative cases; at least 2"):
        d.auc(np.ones(20, dtype=bool), score)
    with pytest.raises(StatisticError, match="there are 1 positive"):
        d.auc(score == 4, score)
    with pytest.raises(StatisticError, match=r"positive holds .*2.*True or False"):
        d.auc(np.arange(20) % 3, score)
    with pytest.raises(StatisticError, match=r"positive has shape \(2, 10\)"):
        d.auc(TWENTY.reshape(2, 10), score)
    with pytest.raises(StatisticError, match=r"level is 95"):
        d.auc(TWENTY, score, level=95)
    with pytest.raises(StatisticError, match=r"level is 95"):
        d.auc_difference_unpaired(TWENTY, score % 7, other_positive=TWENTY, other_score=score % 5, level=95)


def test_unusable_clusters_are_refused_with_the_reason() -> None:
    score = np.arange(20.0) % 7
    with pytest.raises(StatisticError, match=r"cluster has shape \(19,\) for 20 units"):
        d.auc_clustered(TWENTY, score, np.arange(19))
    with pytest.raises(StatisticError, match="cluster is missing at position 5"):
        d.auc_clustered(TWENTY, score, np.array(["a"] * 5 + [None] + ["b"] * 14, dtype=object))
    with pytest.raises(StatisticError, match="1 clusters hold positive units and 8 negative"):
        d.auc_clustered(TWENTY, score, np.minimum(np.arange(20), 8))
