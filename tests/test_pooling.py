"""Pooling against R metafor 3.8.1.

Oracle: rma(y, v, method, test = "knha", "z" or "adhoc", control = list(threshold = 1e-13)).
Data: pooling_bcg.csv is metafor's dat.bcg through escalc(measure = "RR") (Colditz 1994, 13 trials of BCG vaccine);
pooling_auc.csv is made up: six sites' AUC with standard errors.
"""

import csv
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from hepar.stats.estimate import StatisticError
from hepar.stats.pooling import Adjustment, Method, Pooled, pool_random_effects

GOLDEN = Path(__file__).parent / "golden" / "statistics"

# Standard error, low, high, p of the mean on the scale of pooling.
BCG: dict[tuple[Method, Adjustment], tuple[float, float, float, float]] = {
    ("dl", "hksj"): (0.180696628336, -1.10782135417, -0.320413089978, 0.00192076676705),
    ("dl", "normal"): (0.178742089535, -1.06444528008, -0.363789164062, 6.4629243047e-05),
    ("reml", "hksj"): (0.180791744093, -1.10844371369, -0.320620970631, 0.00192001509606),
    ("reml", "normal"): (0.179781516105, -1.06689763881, -0.362167045506, 7.05425810164e-05),
    ("pm", "hksj"): (0.180892191538, -1.1090983812, -0.320837925785, 0.00191927183128),
    ("pm", "normal"): (0.180892191538, -1.06951033399, -0.360425972995, 7.7353646079e-05),
}
AUC: dict[tuple[Method, Adjustment], tuple[float, float, float, float]] = {
    ("dl", "hksj"): (0.186284570711, 1.21172816783, 2.16944763529, 0.000271706154134),
    ("dl", "normal"): (0.183958605283, 1.33003566056, 2.05114014256, 3.92676244636e-20),
    ("reml", "hksj"): (0.186304423141, 1.21149970749, 2.16932123954, 0.000271979522663),
    ("reml", "normal"): (0.185441074773, 1.3269526457, 2.05386830132, 7.82215193854e-20),
    ("pm", "hksj"): (0.186315902489, 1.21136751509, 2.16924806435, 0.000272137784344),
    ("pm", "normal"): (0.186315902489, 1.32513533109, 2.05548024834, 1.16565036302e-19),
}
# Mean, tau2, I2 in per cent.
BCG_SPREAD: dict[Method, tuple[float, float, float]] = {
    "dl": (-0.714117222073, 0.308760262862, 92.1173468546),
    "reml": (-0.714532342158, 0.313243258136, 92.2213845213),
    "pm": (-0.714968153493, 0.318068452205, 92.3303379542),
}
AUC_SPREAD: dict[Method, tuple[float, float, float]] = {
    "dl": (1.69058790156, 0.144465315632, 71.5837585411),
    "reml": (1.69041047351, 0.147740071433, 72.0374972868),
    "pm": (1.69030778972, 0.149685048712, 72.3001921618),
}
# Per cent, DerSimonian-Laird.
BCG_WEIGHTS = [
    5.03649168323,
    6.34732918264,
    4.41202722473,
    9.71764635681,
    8.87537738166,
    10.1210604193,
    6.00791382572,
    10.2163425333,
    8.74841677656,
    8.36825172426,
    9.94753189514,
    3.79769662242,
    8.40391437418,
]
ALIKE = np.array([0.50, 0.52, 0.49]), np.array([0.10, 0.12, 0.09])


def logit(p: float) -> float:
    return float(np.log(p / (1 - p)))


def columns(name: str) -> tuple[np.ndarray, np.ndarray]:
    with (GOLDEN / name).open(newline="") as file:
        rows = [(float(row[1]), float(row[2])) for row in list(csv.reader(file))[1:]]
    return np.array(rows)[:, 0], np.array(rows)[:, 1]


def bcg(method: Method, adjustment: Adjustment = "hksj") -> Pooled:
    return pool_random_effects(*columns("pooling_bcg.csv"), method=method, adjustment=adjustment)


def auc(method: Method, adjustment: Adjustment = "hksj") -> Pooled:
    return pool_random_effects(
        *columns("pooling_auc.csv"), method=method, adjustment=adjustment, scale="logit"
    )


@pytest.mark.parametrize(("method", "adjustment"), BCG)
def test_the_bcg_trials_pool_as_in_metafor(method: Method, adjustment: Adjustment) -> None:
    found, (mean, tau2, i2) = bcg(method, adjustment), BCG_SPREAD[method]
    estimate = found.estimate
    seen = estimate.se, estimate.low, estimate.high, estimate.p
    assert seen == pytest.approx(BCG[method, adjustment], rel=1e-9)
    assert (estimate.value, found.tau2, 100 * found.i2) == pytest.approx((mean, tau2, i2), rel=1e-9)
    assert (found.q, found.q_p) == pytest.approx((152.233008082, 1.99676459085e-26), rel=1e-9)


@pytest.mark.parametrize(("method", "adjustment"), AUC)
def test_aucs_pool_on_the_logit_scale_as_in_metafor(method: Method, adjustment: Adjustment) -> None:
    found, (mean, tau2, i2) = auc(method, adjustment), AUC_SPREAD[method]
    estimate, (se, low, high, p) = found.estimate, AUC[method, adjustment]
    assert (logit(estimate.value), logit(estimate.low), logit(estimate.high)) == pytest.approx(
        (mean, low, high), rel=1e-9
    )
    assert estimate.se == pytest.approx(se * estimate.value * (1 - estimate.value), rel=1e-9)
    assert estimate.p == pytest.approx(p, rel=1e-8)
    assert (found.tau2, 100 * found.i2) == pytest.approx((tau2, i2), rel=1e-9)
    assert (found.q, found.q_p) == pytest.approx((17.5955712061, 0.00349840214676), rel=1e-9)


def test_the_weights_are_those_of_metafor() -> None:
    assert 100 * np.array(bcg("dl").weights) == pytest.approx(BCG_WEIGHTS, rel=1e-10)


@pytest.mark.parametrize(("method", "adjustment"), BCG)
def test_the_prediction_interval_has_two_degrees_of_freedom_less(
    method: Method, adjustment: Adjustment
) -> None:
    # metafor 3.8.1 has no such interval: built here from its mean, standard error and tau2 (Higgins 2009, eq. 12).
    found, (mean, tau2, _) = bcg(method, adjustment), BCG_SPREAD[method]
    reach = stats.t.ppf(0.975, 11) * np.sqrt(tau2 + BCG[method, adjustment][0] ** 2)
    assert (found.prediction_low, found.prediction_high) == pytest.approx(
        (mean - reach, mean + reach), rel=1e-9
    )


def test_the_prediction_interval_of_an_auc_stays_below_one() -> None:
    found = auc("reml")
    reach = stats.t.ppf(0.975, 4) * np.sqrt(0.147740071433 + 0.186304423141**2)
    ends = logit(found.prediction_low), logit(found.prediction_high)
    assert ends == pytest.approx((1.69041047351 - reach, 1.69041047351 + reach), rel=1e-9)


@pytest.mark.parametrize("method", ["dl", "reml", "pm"])
def test_sites_more_alike_than_chance_have_no_variance_between_them(method: Method) -> None:
    found = pool_random_effects(*ALIKE, method=method)
    assert (found.tau2, found.i2) == (0, 0)
    assert found.q == pytest.approx(0.0400421496312, rel=1e-9)
    assert (found.estimate.value, found.estimate.se) == pytest.approx(
        (0.50052687039, 0.00826766922906), rel=1e-9
    )


def test_the_truncated_adjustment_is_never_surer_than_the_sites_allow() -> None:
    found = pool_random_effects(*ALIKE, method="dl", adjustment="hksj-truncated").estimate
    expected = (0.0584304725845, 0.249120838024, 0.751932902756, 0.0133553519186)
    assert (found.se, found.low, found.high, found.p) == pytest.approx(expected, rel=1e-9)
    wide, plain = bcg("dl", "hksj-truncated").estimate, bcg("dl", "hksj").estimate
    assert wide.se == plain.se


def test_ratios_pooled_on_the_log_scale_are_exponentials_of_their_logarithms() -> None:
    log_ratio, se = columns("pooling_bcg.csv")
    ratio = np.exp(log_ratio)
    found, plain = pool_random_effects(ratio, se * ratio, scale="log"), bcg("reml")
    value = float(np.exp(plain.estimate.value))
    assert found.estimate.value == pytest.approx(value)
    assert found.estimate.high == pytest.approx(np.exp(plain.estimate.high))
    assert found.prediction_low == pytest.approx(np.exp(plain.prediction_low))
    assert found.estimate.se == pytest.approx(plain.estimate.se * value)


def test_a_single_site_comes_back_unpooled() -> None:
    found = pool_random_effects(np.array([0.3]), np.array([0.1]))
    assert found.estimate.method == "single site, not pooled (identity scale)"
    assert (found.estimate.value, found.estimate.se, found.weights) == (0.3, 0.1, (1.0,))
    assert (found.estimate.low, found.estimate.high) == pytest.approx(
        (0.3 - 0.1959963984540054, 0.3 + 0.1959963984540054), rel=1e-12
    )
    assert found.estimate.p == pytest.approx(2 * stats.norm.sf(3))
    assert found.tau2 == 0
    assert np.isnan([found.q, found.q_p, found.i2, found.prediction_low, found.prediction_high]).all()


def test_two_sites_have_a_mean_but_no_prediction_interval() -> None:
    found = pool_random_effects(np.array([0.3, 0.5]), np.array([0.1, 0.1]))
    assert found.estimate.value == pytest.approx(0.4)
    assert np.isnan(found.prediction_low)
    assert found.estimate.method == "random effects (reml, hksj, identity scale) over 2 sites"
    assert found.estimate.n == 2


@pytest.mark.parametrize(
    ("values", "ses", "says"),
    [
        ([0.8, 0.7], [0.1, 0.0], "site 1 has standard error 0"),
        ([0.8, 0.7], [-0.1, 0.1], "site 0 has standard error -0.1"),
        ([0.8, 1.0], [0.1, 0.1], "site 1 has value 1; the logit scale needs values strictly between 0 and 1"),
        ([0.8, np.nan], [0.1, 0.1], "values holds nan at position 1"),
        ([0.8], [0.1, 0.1], "1 values and 2 standard errors"),
        ([], [], "0 values"),
    ],
)
def test_sites_that_cannot_be_pooled_are_named(values: list[float], ses: list[float], says: str) -> None:
    with pytest.raises(StatisticError, match=says):
        pool_random_effects(np.array(values), np.array(ses), scale="logit")


def test_a_level_of_95_is_refused() -> None:
    with pytest.raises(StatisticError, match="confidence level is 95"):
        pool_random_effects(*ALIKE, level=95)


def test_reml_that_does_not_settle_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hepar.stats.pooling.REML_STEPS", 1)
    with pytest.raises(StatisticError, match="in 1 steps; use method 'pm' or 'dl'"):
        bcg("reml")
