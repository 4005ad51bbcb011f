"""Discrimination within strata: against its definition over pairs, R survival 3.5-3 with strata, and the bootstrap."""

from itertools import product

import numpy as np
import pytest

from asah_data import asah, near
from hepar.stats.concordance import c_difference, harrell_c
from hepar.stats.discrimination import auc, auc_difference
from hepar.stats.estimate import Estimate, StatisticError
from hepar.stats.resampling import auc_weighted, bootstrap_weights
from hepar.stats.within import auc_difference_within, auc_within, c_difference_within, c_within
from survival_data import column, pbc

__all__ = ["asah"]

FIELDS = ("value", "low", "high", "n", "p", "events", "se")


def same(one: Estimate, other: Estimate) -> bool:
    return all(np.isclose(getattr(one, f), getattr(other, f), atol=1e-13, equal_nan=True) for f in FIELDS)


def simulated(n: int = 90, strata: int = 3, seed: int = 0) -> tuple[np.ndarray, ...]:
    """SIMULATED classes, two tied scores on a scale of their own in each stratum, strata of unequal size."""
    rng = np.random.default_rng(seed)
    stratum = rng.choice(strata, n, p=np.arange(1, strata + 1) / np.arange(1, strata + 1).sum())
    positive = rng.random(n) < 0.25 + 0.15 * stratum
    shift = 5.0 * stratum
    first, second = (np.round(positive + rng.normal(0, sd, n), 1) + shift for sd in (0.8, 1.3))
    return positive, first, second, stratum


def pairs_by_hand(positive: np.ndarray, score: np.ndarray, stratum: np.ndarray) -> float:
    won = [
        (score[i] > score[j]) + 0.5 * (score[i] == score[j])
        for i, j in product(np.flatnonzero(positive), np.flatnonzero(~positive))
        if stratum[i] == stratum[j]
    ]
    return float(np.mean(won))


def concordance_by_hand(time: np.ndarray, status: np.ndarray, risk: np.ndarray, stratum: np.ndarray) -> float:
    def later(i: int, j: int) -> bool:
        if status[j] == 2:
            return True
        return bool(time[j] > time[i] or (time[j] == time[i] and status[j] == 0))

    won = [
        (risk[i] > risk[j]) + 0.5 * (risk[i] == risk[j])
        for i, j in product(np.flatnonzero(status == 1), range(time.size))
        if i != j and stratum[i] == stratum[j] and later(int(i), j)
    ]
    return float(np.mean(won))


def followed(n: int = 60, seed: int = 1) -> tuple[np.ndarray, ...]:
    """SIMULATED follow-up with ties and competing events, a risk on a scale of its own in each stratum."""
    rng = np.random.default_rng(seed)
    time, status = rng.integers(1, 15, n).astype(float), rng.integers(0, 3, n)
    stratum = rng.integers(0, 4, n)
    first, second = (np.round(-time / 5 + rng.normal(0, 1, n), 1) + 3 * stratum for _ in range(2))
    return time, status, first, second, stratum


def test_auc_is_the_share_of_pairs_within_strata_that_are_in_order() -> None:
    positive, first, second, stratum = simulated()
    one, two = (pairs_by_hand(positive, score, stratum) for score in (first, second))
    assert auc_within(positive, first, stratum).value == near(one)
    assert auc_difference_within(positive, first, second, stratum=stratum).value == near(one - two)
    # the scales of the strata hide it in the pooled one
    assert abs(auc(positive, first).value - one) > 0.05


def test_c_is_the_share_of_comparable_pairs_within_strata_that_are_in_order() -> None:
    time, status, first, second, stratum = followed()
    one, two = (concordance_by_hand(time, status, risk, stratum) for risk in (first, second))
    assert c_within(time, status, first, stratum=stratum).value == near(one)
    found = c_difference_within(time, status, first=first, second=second, stratum=stratum)
    assert found.value == near(one - two)
    assert "competing" in c_within(time, status, first, stratum=stratum).method


@pytest.mark.parametrize("label", ["one", 7])
def test_one_stratum_is_no_stratum(asah: dict[str, np.ndarray], label: object) -> None:
    poor, one, two = asah["poor"], asah["s100b"], asah["wfns"]
    stratum = np.full(poor.size, label)
    assert same(auc_within(poor, one, stratum), auc(poor, one))
    assert same(auc_difference_within(poor, one, two, stratum=stratum), auc_difference(poor, one, two))
    time, status, first, second, _ = followed()
    stratum = np.full(time.size, label)
    assert same(c_within(time, status, first, stratum=stratum), harrell_c(time, status, first))
    assert same(
        c_difference_within(time, status, first=first, second=second, stratum=stratum),
        c_difference(time, status, first=first, second=second),
    )


def test_the_variance_of_the_auc_adds_those_of_the_strata(asah: dict[str, np.ndarray]) -> None:
    poor, score, stratum = asah["poor"], asah["s100b"], asah["male"]
    parts = [auc(poor[stratum == s], score[stratum == s]) for s in np.unique(stratum)]
    pairs = np.array([e.events * (e.n - e.events) for e in parts])
    weights = pairs / pairs.sum()
    found = auc_within(poor, score, stratum)
    assert found.value == near(weights @ [e.value for e in parts])
    assert found.se == near(np.sqrt(weights**2 @ [e.se**2 for e in parts]))
    assert found.low == near(found.value - 1.959963984540054 * found.se)
    assert found.method == "DeLong within 2 strata"


def test_standard_errors_of_the_auc_agree_with_the_bootstrap_within_strata_and_classes() -> None:
    positive, first, second, stratum = simulated(400, seed=3)
    draws = bootstrap_weights(np.arange(400), draws=600, seed=0, strata=stratum * 2 + positive)
    pairs = [positive[stratum == s].sum() * (~positive[stratum == s]).sum() for s in range(3)]

    def values(score: np.ndarray) -> np.ndarray:
        of = [auc_weighted(positive[s], score[s], draws[:, s]) for s in (stratum == k for k in range(3))]
        return np.asarray(np.average(of, axis=0, weights=pairs))

    assert auc_within(positive, first, stratum).se == pytest.approx(values(first).std(), rel=0.1)
    found = auc_difference_within(positive, first, second, stratum=stratum)
    assert found.se == pytest.approx((values(first) - values(second)).std(), rel=0.1)


def pbc_by_edema() -> tuple[dict[str, np.ndarray], np.ndarray]:
    kept = np.isfinite(column("pbc_survival", "protime"))
    return pbc(), column("pbc_survival", "edema")[kept]


def test_c_and_its_standard_error_equal_r_with_strata() -> None:
    """survival 3.5-3, `concordance(Surv(time, death) ~ bili + strata(edema), reverse = TRUE)`."""
    data, edema = pbc_by_edema()
    found = c_within(data["time"], data["death"], data["bili"], stratum=edema)
    assert (found.value, found.se) == pytest.approx((0.7775408400289, 0.02092248505715), abs=1e-12)
    assert (found.n, found.events) == (416, 160)
    found = c_within(data["time"], data["death"], data["risk"], stratum=edema)
    assert (found.value, found.se) == pytest.approx((0.8123453029207, 0.02184042332201), abs=1e-9)


def test_the_difference_of_c_equals_that_of_the_influences_of_r() -> None:
    """survival 3.5-3, `dfbeta` of both `concordance(..., influence = 1)` with strata, subtracted."""
    data, edema = pbc_by_edema()
    found = c_difference_within(
        data["time"], data["death"], first=data["risk"], second=data["bili"], stratum=edema
    )
    assert (found.value, found.se) == pytest.approx((0.03480446289174, 0.01461779317502), abs=1e-9)


def test_the_standard_error_of_c_agrees_with_the_jackknife() -> None:
    time, status, first, second, stratum = followed(120)

    def without(i: int) -> tuple[float, float]:
        t, s, one, two, f = (np.delete(a, i) for a in (time, status, first, second, stratum))
        return (
            c_within(t, s, one, stratum=f).value,
            c_difference_within(t, s, first=one, second=two, stratum=f).value,
        )

    left_out = np.array([without(i) for i in range(time.size)])
    spread = np.sqrt(np.sum((left_out - left_out.mean(axis=0)) ** 2, axis=0) * (1 - 1 / time.size))
    found = c_difference_within(time, status, first=first, second=second, stratum=stratum)
    assert (c_within(time, status, first, stratum=stratum).se, found.se) == pytest.approx(spread, rel=0.03)


def test_strata_that_form_no_pair_are_left_out_and_counted() -> None:
    positive, first, _, stratum = simulated()
    more = (
        np.concatenate([positive, [True] * 4, [True, False, False]]),
        np.concatenate([first, np.arange(7.0)]),
        np.concatenate([stratum, [8] * 4, [9] * 3]),
    )
    whole, found = auc_within(positive, first, stratum), auc_within(*more)
    assert same(whole, found)
    assert found.method == "DeLong within 3 strata, 2 left out (fewer than two cases of a class)"
    time, status, risk, _, stratum = followed()
    longer = [np.concatenate([a, b]) for a, b in ((time, [1.0, 2]), (status, [0, 1]), (risk, [1, 2]))]
    alone, found = (
        c_within(time, status, risk, stratum=stratum),
        c_within(*longer, stratum=np.append(stratum, [9, 9])),
    )
    assert same(alone, found)
    assert "within 4 strata, 1 left out (no comparable pair)" in found.method


@pytest.mark.parametrize(("sign", "value"), [(1, 1.0), (-1, 0.0)])
def test_perfect_order_in_every_stratum_has_the_exact_bounds(sign: int, value: float) -> None:
    positive = np.array([False, False, True, True, False, False, False, True, True])
    stratum = np.array([0] * 4 + [1] * 5)
    score = sign * np.array([1.0, 2, 3, 4, 11, 12, 13, 14, 15])
    found = auc_within(positive, score, stratum)
    bound = (1 - 0.95) ** (1 / 2) / 2 ** (1 / 2)
    assert found.value == value
    assert (found.low, found.high) == pytest.approx((bound, 1) if value else (0, 1 - bound))
    assert found.p == pytest.approx(0.5)


def test_scores_that_are_constant_within_strata_are_worth_nothing() -> None:
    positive, _, _, stratum = simulated()
    found = auc_within(positive, stratum, stratum)
    assert (found.value, found.p, found.se) == (0.5, 1.0, 0.0)
    mixed = np.where(stratum == 0, positive, 0.0)
    found = auc_within(positive, mixed, stratum)
    assert 0.5 < found.value < 1
    assert np.isnan(found.low)
    assert found.method.endswith("interval not defined")


@pytest.mark.parametrize(
    ("stratum", "message"),
    [
        (np.arange(4), "none of 4 strata has two positive and two negative cases"),
        (np.zeros(3), "stratum has shape"),
        (np.array(["a", "a", None, "b"], dtype=object), "stratum is missing at position 2"),
    ],
)
def test_strata_that_allow_no_auc_are_refused(stratum: np.ndarray, message: str) -> None:
    with pytest.raises(StatisticError, match=message):
        auc_within(np.array([True, False, True, False]), np.arange(4.0), stratum)


def test_strata_that_allow_no_c_are_refused() -> None:
    with pytest.raises(StatisticError, match="none of 3 strata has a comparable pair"):
        c_within(np.arange(1.0, 4), np.array([1, 1, 0]), np.arange(3.0), stratum=np.arange(3))
    with pytest.raises(StatisticError, match="second has 2 values"):
        c_difference_within(
            np.arange(1.0, 4),
            np.array([1, 1, 0]),
            first=np.arange(3.0),
            second=np.arange(2.0),
            stratum=np.zeros(3),
        )
