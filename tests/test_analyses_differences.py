"""Cut-offs of a reference, margins, what could be detected, noise of the reference, on SIMULATED predictions."""

from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest

from analyses_fixtures import by_hand, found, simulated
from hepar.analyses.agreement import Agreement
from hepar.analyses.base import Analysis
from hepar.analyses.chance import Chance
from hepar.analyses.cutoffs import AtCutoffs
from hepar.analyses.detectable import Detectable
from hepar.analyses.noninferiority import NonInferiority
from hepar.analyses.reference_noise import ReferenceNoise
from hepar.core.errors import ProtocolError
from hepar.data.predictions import Predictions
from hepar.data.reference import Reference
from hepar.stats.dependent_correlation import spearman_difference
from hepar.stats.detectable import noninferiority_power, size_needed
from hepar.stats.discrimination import auc, auc_difference
from hepar.stats.multiplicity import holm

CROSS = "cross-validated"
CUTS = {"F2": 11.0, "F3": 14.0}
SOURCES = {"F2": "Nobody 2000", "F3": "Nobody 2001"}
PAIR = {"test": "model", "versus": "serum", "role": CROSS}


@cache
def at_cutoffs() -> pd.DataFrame:
    analysis = AtCutoffs(cutoffs=CUTS, sources=SOURCES, draws=100)
    return analysis.run(simulated("continuous")).rows


def worse_by(shift: float) -> Predictions:
    """`serum` ranks perfectly, `model` is it with noise of size `shift`; binary outcome."""
    predictions = simulated("binary", n=400)
    table, truth = predictions.table, predictions.reference.table["positive"]
    rng = np.random.default_rng(8)
    score = table["case_id"].map(truth).to_numpy() * 2 + np.random.default_rng(9).normal(0, 0.9, len(table))
    first = table["test"] == "model"
    base = pd.Series(score[first], index=table.loc[first, "case_id"])
    mine = table["case_id"].map(base).to_numpy() + np.where(first, rng.normal(0, shift, len(table)), 0)
    return replace(predictions, table=table.assign(score=mine))


def test_the_area_at_a_cutoff_is_that_of_the_classes_it_makes() -> None:
    hand = by_hand(simulated("continuous"), CROSS, "model", "serum")
    alone = by_hand(simulated("continuous"), CROSS, "model")
    for name, cut in CUTS.items():
        where = {"group": f"reference>={name}", "threshold": cut}
        expected = auc(alone["value"].to_numpy() >= cut, alone["score model"].to_numpy())
        row = found(at_cutoffs(), quantity="auc", test="model", role=CROSS, **where)
        assert (row["value"], row["low"]) == pytest.approx((expected.value, expected.low))
        assert row["method"].endswith(f"{name} from {SOURCES[name]}")
        paired = auc_difference(
            hand["value"].to_numpy() >= cut, hand["score model"].to_numpy(), hand["score serum"].to_numpy()
        )
        difference = found(at_cutoffs(), quantity="auc difference", **PAIR, **where)
        assert (difference["value"], difference["p"]) == pytest.approx((paired.value, paired.p))


def test_holm_covers_all_pairs_at_all_cutoffs_of_a_role() -> None:
    rows = at_cutoffs()[at_cutoffs()["role"] == CROSS]
    raw = rows.loc[rows["quantity"] == "auc difference", "p"].to_numpy()
    adjusted = rows.loc[rows["quantity"] == "auc difference, Holm", "p"].to_numpy()
    assert raw.size == 4  # two pairs, two cut-offs
    assert adjusted == pytest.approx(holm(raw))


def test_areas_at_cutoffs_within_folds_stand_beside_the_pooled_ones() -> None:
    quantities = set(at_cutoffs()["quantity"])
    assert {"auc, within folds", "auc difference, within folds", "auc, paired cases"} <= quantities


def test_a_cutoff_that_nobody_reaches_says_so() -> None:
    rows = AtCutoffs(cutoffs={"F4": 900}, sources={"F4": "Nobody"}).run(simulated("continuous")).rows
    assert rows["value"].isna().all()
    assert rows["method"].str.startswith("not defined: ").all()


def test_a_cutoff_without_a_source_is_refused() -> None:
    with pytest.raises(ProtocolError, match="say of each cut-off where it comes from"):
        Analysis.parse({"kind": "cutoffs", "cutoffs": CUTS, "sources": {"F2": "Nobody 2000"}})


@pytest.mark.parametrize(
    ("noise", "margin", "verdict"), [(0.05, 0.05, 1.0), (0.9, 0.05, 0.0), (4.0, 0.05, -1.0)]
)
def test_the_verdict_on_the_margin_follows_the_interval(noise: float, margin: float, verdict: float) -> None:
    rows = NonInferiority(pairs=(("model", "serum"),), margin=margin).run(worse_by(noise)).rows
    row = found(rows, quantity="auc difference", **PAIR)
    expected = 1.0 if row["low"] > -margin else -1.0 if row["high"] < -margin else 0.0
    assert found(rows, quantity="non-inferiority at 0.05", **PAIR)["value"] == expected == verdict
    assert (row["p"] < 0.025) == (verdict == 1.0)


def test_a_margin_in_correlation_or_at_a_cutoff() -> None:
    predictions = simulated("continuous")
    ranked = NonInferiority(pairs=(("model", "serum"),), margin=0.1, measure="spearman").run(predictions).rows
    hand = by_hand(predictions, CROSS, "model", "serum")
    expected = spearman_difference(
        *(hand[c].to_numpy(dtype=float) for c in ("value", "score model", "score serum"))
    )
    assert found(ranked, quantity="spearman difference", **PAIR)["low"] == pytest.approx(expected.low)
    cut = NonInferiority(pairs=(("model", "serum"),), margin=0.1, cutoffs=CUTS).run(predictions).rows
    groups = cut.loc[cut["quantity"] == "non-inferiority at 0.1", "group"]
    assert set(groups) == {"reference>=F2", "reference>=F3"}


def test_cutoffs_of_an_outcome_with_classes_are_refused() -> None:
    analysis = NonInferiority(pairs=(("model", "serum"),), margin=0.1, cutoffs=CUTS)
    with pytest.raises(ProtocolError, match="cutoffs are for a continuous outcome"):
        analysis.run(simulated("binary"))


@pytest.mark.parametrize("more", [{}, {"pairs": [["model", "serum"]]}, {"margin": 0.05}])
def test_a_margin_and_a_pair_have_to_be_stated(more: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="is required and missing"):
        Analysis.parse({"kind": "noninferiority", **more})


def test_what_could_be_detected_follows_from_the_standard_error() -> None:
    predictions = simulated("binary")
    rows = Detectable().run(predictions).rows
    hand = by_hand(predictions, CROSS, "model", "serum")
    seen = auc_difference(
        hand["positive"].to_numpy() > 0.5, hand["score model"].to_numpy(), hand["score serum"].to_numpy()
    )
    assert found(rows, quantity="standard error", **PAIR)["value"] == pytest.approx(seen.se)
    power = found(rows, quantity="power, non-inferior at 0.05", **PAIR)["value"]
    assert power == pytest.approx(noninferiority_power(seen.se, margin=0.05))
    needed = found(rows, quantity="n needed, non-inferior at 0.05", **PAIR)["value"]
    assert needed == size_needed(seen.se, n=len(hand), effect=0.05)
    assert (power < 0.8) == (needed > len(hand))
    table = hand[["score model", "score serum"]].astype(float)
    centred = table - table.groupby(hand["positive"]).transform("mean")
    assert found(rows, quantity="correlation of scores", **PAIR)["value"] == pytest.approx(
        centred.corr().iloc[0, 1]
    )


def test_what_could_be_detected_does_not_depend_on_how_units_are_copied() -> None:
    single = Detectable(draws=200).run(simulated("binary", n=240)).rows
    units = Detectable(draws=200).run(simulated("binary", n=240, units=2)).rows
    assert (
        found(units, quantity="standard error", **PAIR)["n"]
        < found(single, quantity="standard error", **PAIR)["n"]
    )


def test_a_reference_of_known_noise_lowers_what_can_be_attained() -> None:
    predictions = simulated("continuous")
    rows = ReferenceNoise(reliability=0.81, scale="linear").run(predictions).rows
    where = {"test": "model", "role": CROSS}
    seen, free = (found(rows, quantity=q, **where) for q in ("pearson", "pearson without noise"))
    assert found(rows, quantity="highest pearson", **where)["value"] == pytest.approx(0.9)
    assert (free["value"], free["low"]) == pytest.approx((seen["value"] / 0.9, seen["low"] / 0.9))
    hand = by_hand(predictions, CROSS, "model")
    spread = np.log(hand["value"].to_numpy(dtype=float)).var(ddof=1)
    logged = ReferenceNoise(within_sd_log=0.1, same_unit=("model",)).run(predictions).rows
    assert found(logged, quantity="reliability", **where)["value"] == pytest.approx(1 - 0.01 / spread)


def test_noise_has_one_source_and_one_scale() -> None:
    with pytest.raises(ProtocolError, match="exactly one of reliability, within_sd_log"):
        Analysis.parse("reference_noise")
    with pytest.raises(ProtocolError, match="leave scale at log"):
        Analysis.parse({"kind": "reference_noise", "within_sd_log": 0.1, "scale": "linear"})
    rows = ReferenceNoise(within_sd_log=9.0).run(simulated("continuous")).rows
    assert rows.loc[rows["quantity"] == "reliability", "method"].str.contains("all their spread").all()


def test_agreement_holds_the_named_pairs_against_one_another_by_both_correlations() -> None:
    predictions = simulated("continuous")
    rows = Agreement(pairs=(("noise", "serum"),), draws=100).run(predictions).rows
    for quantity in ("pearson difference", "spearman difference"):
        mine = rows[rows["quantity"] == quantity]
        assert set(zip(mine["test"], mine["versus"], strict=True)) == {("noise", "serum")}
        assert (mine["value"] < 0).all()


def test_a_copy_of_every_case_as_a_second_unit_narrows_no_difference_of_correlations() -> None:
    predictions = simulated("continuous", n=160)
    truth, table = predictions.reference.table, predictions.table
    both = replace(
        predictions,
        table=pd.concat([table, table.assign(unit="again")], ignore_index=True),
        reference=Reference(predictions.outcome, pd.concat([truth, truth.assign(unit="again")])),
    )
    analysis = NonInferiority(pairs=(("model", "serum"),), margin=0.1, draws=400)
    for measure in ("pearson", "spearman"):
        asked = analysis.model_copy(update={"measure": measure})
        one, two = (
            found(asked.run(p).rows, quantity=f"{measure} difference", **PAIR) for p in (predictions, both)
        )
        assert two["value"] == pytest.approx(one["value"])
        # without the participants the interval would be narrower by the root of two
        assert (two["high"] - two["low"]) / (one["high"] - one["low"]) == pytest.approx(1, abs=0.15)
        assert "bootstrap" in two["method"]


def test_a_continuous_outcome_is_tested_against_chance_by_dealt_scores() -> None:
    rows = Chance(draws=500).run(simulated("continuous")).rows
    verdict = {
        name: found(rows, quantity="better than chance", test=name, role=CROSS)["value"]
        for name in ("model", "noise")
    }
    assert verdict == {"model": 1.0, "noise": 0.0}
    assert found(rows, quantity="spearman", test="model", role=CROSS)["p"] == pytest.approx(2 / 501)
    several = Chance(draws=100).run(simulated("continuous", units=2)).rows
    method = found(several, quantity="spearman", test="model", role=CROSS)["method"]
    assert "bootstrap" in method
    assert "permutation" not in method
