"""Sites, subgroups, agreement and the helpers they share, on SIMULATED predictions."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from analyses_fixtures import at_one_site, by_hand, found, simulated
from hepar.analyses.agreement import MOST_POINTS, Agreement
from hepar.analyses.risk_groups import RiskGroups
from hepar.analyses.sites import Sites
from hepar.analyses.subgroups import Subgroups
from hepar.analyses.units import attempt, on_units
from hepar.data.predictions import Predictions
from hepar.stats.agreement import bland_altman, concordance_correlation, pearson
from hepar.stats.classification import proportion
from hepar.stats.concordance import harrell_c
from hepar.stats.discrimination import auc
from hepar.stats.estimate import Estimate, StatisticError
from hepar.stats.intraclass import icc
from hepar.stats.multiplicity import holm
from hepar.stats.pooling import pool_random_effects

CROSS = "cross-validated"
N = 240
NAN = float("nan")


def agrees(row: pd.Series, estimate: Estimate) -> bool:
    names = ("value", "low", "high", "n")
    return all(np.isclose(row[name], getattr(estimate, name), equal_nan=True) for name in names)


def at_sites(predictions: Predictions, sites: int) -> Predictions:
    """The same with the cases spread anew over that many sites."""
    number = predictions.table["case_id"].str[1:].astype(int)
    return replace(predictions, table=predictions.table.assign(site=[f"S{i % sites}" for i in number]))


def of_sites(predictions: Predictions, test: str) -> dict[str, Estimate]:
    hand = by_hand(predictions, CROSS, test)
    scored = predictions.table[predictions.table["test"] == test].set_index("case_id")
    return {
        str(site): auc(part["positive"].to_numpy(bool), part[f"score {test}"].to_numpy())
        for site, part in hand.groupby(scored["site"].reindex(hand["case_id"]).to_numpy())
    }


def test_each_site_is_judged_alone_and_all_are_pooled_on_the_logit_scale() -> None:
    predictions = at_sites(simulated("binary", n=N), 5)
    rows = Sites().run(predictions).rows
    alone = of_sites(predictions, "serum")
    for site, estimate in alone.items():
        assert agrees(found(rows, quantity="auc", test="serum", role=CROSS, group=f"site={site}"), estimate)
    values, ses = np.array([(e.value, e.se) for e in alone.values()]).T
    expected = pool_random_effects(values, ses, scale="logit")
    where = {"test": "serum", "role": CROSS, "group": ""}
    pooled = found(rows, quantity="auc, pooled", **where)
    assert (pooled["value"], pooled["low"], pooled["high"]) == pytest.approx(
        (expected.estimate.value, expected.estimate.low, expected.estimate.high)
    )
    assert (pooled["n"], pooled["events"]) == (
        sum(e.n for e in alone.values()),
        sum(e.events for e in alone.values()),
    )
    ahead = found(rows, quantity="auc, prediction interval", **where)
    assert (ahead["low"], ahead["high"]) == pytest.approx((expected.prediction_low, expected.prediction_high))
    assert found(rows, quantity="i2", **where)["value"] == pytest.approx(expected.i2)
    assert found(rows, quantity="i2", **where)["p"] == pytest.approx(expected.q_p)
    assert found(rows, quantity="tau2", **where)["value"] == pytest.approx(expected.tau2)


def test_a_site_with_one_class_has_a_reason_and_is_counted_out_of_the_pool() -> None:
    rows = Sites().run(at_one_site(simulated("binary", n=N), positive=0.0)).rows
    lone = found(rows, quantity="auc", test="model", role=CROSS, group="site=S3")
    assert np.isnan(lone["value"])
    assert lone["method"] == "not defined: 0 with the event and 45 without; at least 5 of each are needed"
    where = {"test": "model", "role": CROSS, "group": ""}
    pooled, left = (found(rows, quantity=f"sites {which}", **where) for which in ("pooled", "left out"))
    assert (pooled["value"], left["value"]) == (3, 1)
    assert np.isfinite(found(rows, quantity="auc, pooled", **where)["value"])
    alone = rows[
        (rows["test"] == "model")
        & (rows["role"] == CROSS)
        & rows["group"].isin(["site=S0", "site=S1", "site=S2"])
    ]
    for quantity in ("auc, pooled", "auc, prediction interval", "i2", "tau2", "sites pooled"):
        row = found(rows, quantity=quantity, **where)
        assert (row["n"], row["events"]) == (alone["n"].sum(), alone["events"].sum())
    assert (left["n"], left["events"]) == (45, 0)


@pytest.mark.parametrize("sites", [1, 2])
def test_fewer_than_three_sites_are_not_pooled_and_the_rows_say_so(sites: int) -> None:
    predictions = at_sites(simulated("binary", n=N), sites)
    rows = Sites().run(predictions).rows
    hand = by_hand(predictions, CROSS, "model")
    where = {"test": "model", "role": CROSS, "group": ""}
    for quantity in ("auc, pooled", "auc, prediction interval", "i2", "tau2"):
        row = found(rows, quantity=quantity, **where)
        assert np.isnan(row["value"])
        assert row["method"].startswith(f"not defined: {sites} of {sites} sites have an estimate")
        assert row["method"].endswith("at least 3 are needed")
        assert (row["n"], row["events"]) == (len(hand), hand["positive"].sum())
    assert found(rows, quantity="sites pooled", **where)["value"] == 0
    assert found(rows, quantity="sites left out", **where)["value"] == sites


@pytest.mark.parametrize("sites", [3, 4])
def test_fewer_than_five_sites_foretell_no_new_one(sites: int) -> None:
    rows = Sites().run(at_sites(simulated("binary", n=N), sites)).rows
    where = {"test": "model", "role": CROSS, "group": ""}
    assert np.isfinite(found(rows, quantity="auc, pooled", **where)["low"])
    ahead = found(rows, quantity="auc, prediction interval", **where)
    assert ahead[["value", "low", "high"]].isna().all()
    assert ahead["method"] == f"not defined: {sites} sites are pooled; a prediction interval needs at least 5"


def test_sites_of_a_time_to_event_are_judged_by_c() -> None:
    predictions = simulated("time_to_event", n=N)
    rows = Sites().run(predictions).rows
    hand = by_hand(predictions, CROSS, "model", horizon_y=2.0)
    part = hand[hand["site"] == "S2"]
    columns = (part["time_y"].to_numpy(), part["status"].to_numpy(int), part["score model"].to_numpy())
    row = found(rows, quantity="harrell c", test="model", role=CROSS, group="site=S2")
    assert agrees(row, harrell_c(*columns))


def test_subgroups_judge_each_level_and_test_their_difference() -> None:
    predictions = simulated("binary", n=N)
    rows = Subgroups().run(predictions).rows
    hand = by_hand(predictions, CROSS, "model").set_index("case_id")
    sex = predictions.groups["sex"].reindex(hand.index)
    levels = {
        level: auc(
            hand["positive"].to_numpy(bool)[sex == level], hand["score model"].to_numpy()[sex == level]
        )
        for level in ("female", "male")
    }
    for level, estimate in levels.items():
        assert agrees(found(rows, quantity="auc", test="model", role=CROSS, group=f"sex={level}"), estimate)
    # Cochran's Q of two levels is the squared z of the difference of their logits
    logit = [np.log(e.value / (1 - e.value)) for e in levels.values()]
    variance = [(e.se / (e.value * (1 - e.value))) ** 2 for e in levels.values()]
    q = (logit[0] - logit[1]) ** 2 / sum(variance)
    row = found(rows, quantity="heterogeneity", test="model", role=CROSS)
    assert row["value"] == pytest.approx(q)
    assert (row["n"], row["events"]) == (len(hand), hand["positive"].sum())


def test_heterogeneity_counts_the_cases_whose_levels_are_compared_and_is_adjusted_over_the_fields() -> None:
    predictions = simulated("binary", n=N)
    number = np.arange(N)
    centre = np.array([f"C{i}" for i in number % 3], dtype=object)
    centre[:8] = "rare"
    groups = predictions.groups.assign(centre=centre, half=number % 2, lone="all")
    rows = Subgroups().run(replace(predictions, groups=groups)).rows
    where = {"test": "model", "role": CROSS}
    mine = rows[(rows["test"] == "model") & (rows["role"] == CROSS)]
    levels = mine[mine["group"].isin(["centre=C0", "centre=C1", "centre=C2"])]
    row = found(rows, quantity="heterogeneity", group="centre", **where)
    assert (row["n"], row["events"]) == (levels["n"].sum(), levels["events"].sum()) != (180, 0)
    assert row["n"] == 172
    lone = found(rows, quantity="heterogeneity", group="lone", **where)
    assert np.isnan(lone["p"])
    assert lone["n"] == 180
    alone, adjusted = (mine[mine["quantity"] == f"heterogeneity{how}"] for how in ("", ", Holm"))
    assert adjusted["group"].tolist() == ["sex", "centre", "half", "lone"]
    np.testing.assert_allclose(adjusted["p"], holm(alone["p"].to_numpy()))
    np.testing.assert_allclose(adjusted["value"], alone["value"])
    assert (adjusted["method"].iloc[:3] == "p adjusted by Holm over 3 subgroup fields").all()
    assert adjusted["method"].iloc[3].startswith("not defined: 1 of 1 levels have")


def test_an_effect_in_one_level_only_is_found_heterogeneous() -> None:
    predictions = simulated("binary", n=N)
    female = predictions.groups.index[predictions.groups["sex"] == "female"]
    score = predictions.table["score"].where(
        ~predictions.table["case_id"].isin(female), -predictions.table["score"]
    )
    rows = Subgroups().run(replace(predictions, table=predictions.table.assign(score=score))).rows
    assert found(rows, quantity="heterogeneity", test="model", role=CROSS)["p"] < 0.001
    assert found(rows, quantity="heterogeneity", test="noise", role=CROSS)["p"] > 0.001


def test_cases_without_a_level_are_counted() -> None:
    predictions = simulated("binary", n=N)
    groups = predictions.groups.assign(sex=predictions.groups["sex"].where(np.arange(N) >= 10))
    rows = Subgroups().run(replace(predictions, groups=groups)).rows
    assert found(rows, quantity="level unknown", test="model", role=CROSS)["value"] == 10


def test_risk_groups_of_a_binary_outcome_give_observed_shares() -> None:
    predictions = simulated("binary", n=N)
    rows = RiskGroups().run(predictions).rows
    hand = by_hand(predictions, CROSS, "model")
    part = hand[hand["risk_group model"] == 1]
    expected = proportion(int(part["positive"].sum()), len(part))
    row = found(rows, quantity="observed proportion", test="model", role=CROSS, group="risk_group=1")
    assert agrees(row, expected)


def test_agreement_is_prediction_minus_reference_in_the_outcomes_unit() -> None:
    predictions = simulated("continuous", n=N)
    shifted = replace(predictions, table=predictions.table.assign(score=predictions.table["score"] + 4))
    findings = Agreement().run(shifted)
    hand = by_hand(shifted, CROSS, "model")
    prediction, measured = hand["score model"].to_numpy(), hand["value"].to_numpy()
    where = {"test": "model", "role": CROSS, "group": ""}
    limits = bland_altman(prediction, measured)
    assert limits.bias.value == pytest.approx(4, abs=0.5)
    for quantity, expected in {
        "pearson": pearson(prediction, measured),
        "ccc": concordance_correlation(prediction, measured),
        "icc": icc(np.stack([prediction, measured], axis=1)),
        "bias": limits.bias,
        "lower limit": limits.lower,
        "upper limit": limits.upper,
    }.items():
        assert agrees(found(findings.rows, quantity=quantity, **where), expected)
    points = findings.curves[(findings.curves["test"] == "model") & (findings.curves["role"] == CROSS)]
    plot = points[points["curve"] == "bland-altman"]
    assert plot["y"].mean() == pytest.approx(limits.bias.value)
    scatter = points[points["curve"] == "scatter"]
    assert sorted(scatter["x"]) == pytest.approx(sorted(measured))


def test_comparators_in_another_unit_are_correlated_only() -> None:
    predictions = simulated("continuous", n=N)
    mine = Agreement().run(predictions)
    assert "pearson" in set(mine.rows.loc[mine.rows["test"] == "serum", "quantity"])
    assert "bias" not in set(mine.rows.loc[mine.rows["test"] == "serum", "quantity"])
    named = Agreement(same_unit=("serum",)).run(predictions).rows
    assert "bias" in set(named.loc[named["test"] == "serum", "quantity"])


def test_a_scatter_of_many_cases_is_thinned_evenly() -> None:
    predictions = simulated("continuous", n=900)
    curves = Agreement().run(predictions).curves
    mine = curves[(curves["curve"] == "scatter") & (curves["test"] == "model") & (curves["role"] == CROSS)]
    assert len(mine) == MOST_POINTS
    assert (mine["n"] == 840).all()
    truth = predictions.reference.table["value"].to_numpy()[:840]
    assert (mine["x"].min(), mine["x"].max()) == (truth.min(), truth.max())
    assert np.median(mine["x"]) == pytest.approx(np.median(truth), abs=0.1)


def test_a_refusal_becomes_a_row_with_its_reason() -> None:
    def refuses() -> Estimate:
        raise StatisticError("nothing to count")

    row = attempt(refuses, n=7)
    assert np.isnan([row.value, row.low, row.high, row.p]).all()
    assert (row.n, row.method) == (7, "not defined: nothing to count")


def test_other_errors_are_not_swallowed() -> None:
    def broken() -> Estimate:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        attempt(broken, n=1)


def test_the_bootstrap_of_participants_tests_the_null_that_it_is_given() -> None:
    rng = np.random.default_rng(0)
    values = 1 + rng.normal(0, 0.2, 60)
    rows = pd.DataFrame({"participant_id": np.repeat(np.arange(30), 2)})

    def mean(sample: np.ndarray) -> Estimate:
        return Estimate(float(sample.mean()), NAN, NAN, sample.size, "mean")

    one, zero, none = (
        on_units(mean, values, rows=rows, draws=400, seed=0, null=null) for null in (1.0, 0.0, None)
    )
    assert one.p > 0.05 > zero.p
    assert np.isnan(none.p)
    assert (one.low, one.high) == pytest.approx((zero.low, zero.high))
    assert one.low < one.value == values.mean() < one.high
