"""Analyses of binary and graded outcomes give the numbers of the statistics on the right rows (SIMULATED)."""

from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
import pytest

from analyses_fixtures import by_hand, found, simulated
from hepar.analyses.accuracy import Accuracy
from hepar.analyses.calibration import Calibration
from hepar.analyses.chance import Chance
from hepar.analyses.comparison import Comparison
from hepar.analyses.decision_curve import DecisionCurve
from hepar.analyses.discrimination import MOST_POINTS, Discrimination
from hepar.analyses.reclassification import Reclassification
from hepar.analyses.sample_size import SampleSizes
from hepar.analyses.staging import Staging
from hepar.core.errors import ProtocolError
from hepar.stats.calibration import calibration_slope
from hepar.stats.calibration_curve import calibration_curve, integrated_calibration_index
from hepar.stats.classification import accuracy_at
from hepar.stats.discrimination import auc, auc_clustered, auc_difference
from hepar.stats.estimate import Estimate
from hepar.stats.multiplicity import holm
from hepar.stats.ordinal import obuchowski, obuchowski_difference
from hepar.stats.planning import sample_size_binary
from hepar.stats.reclassification import idi, nri
from hepar.stats.utility import net_benefit, net_benefit_of_all

CROSS, EXTERNAL = "cross-validated", "external"
N = 160


@cache
def cases(role: str, *tests: str, kind: str = "binary") -> pd.DataFrame:
    return by_hand(simulated(kind, n=N), role, *tests)


def agrees(row: pd.Series, estimate: Estimate) -> bool:
    names = ("value", "low", "high", "n")
    return all(np.isclose(row[name], getattr(estimate, name), equal_nan=True) for name in names)


@pytest.mark.parametrize("role", [CROSS, EXTERNAL])
@pytest.mark.parametrize("test", ["model", "serum"])
def test_auc_is_that_of_the_cases_of_the_role_that_the_test_scored(role: str, test: str) -> None:
    rows = Discrimination(draws=100).run(simulated("binary", n=N)).rows
    hand = cases(role, test)
    expected = auc(hand["positive"].to_numpy(bool), hand[f"score {test}"].to_numpy())
    assert agrees(found(rows, quantity="auc", test=test, role=role), expected)


def test_the_roc_curve_runs_between_the_corners_and_has_the_area_of_the_auc() -> None:
    findings = Discrimination(draws=100).run(simulated("binary", n=N))
    for (test, role), curve in findings.curves.groupby(["test", "role"]):
        assert len(curve) <= MOST_POINTS
        assert curve[["x", "y"]].iloc[[0, -1]].to_numpy().tolist() == [[0, 0], [1, 1]]
        area = np.trapezoid(curve["y"], curve["x"])
        value = found(findings.rows, quantity="auc", test=test, role=role)["value"]
        assert area == pytest.approx(value, abs=1e-12 if len(curve) < MOST_POINTS - 1 else 0.01)
        assert ((curve["low"] <= curve["high"]) & (curve["y"] <= 1)).all()


def test_a_long_roc_curve_is_drawn_on_a_grid() -> None:
    predictions = simulated("binary", n=900)
    findings = Discrimination(draws=100).run(predictions)
    curve = findings.curves[(findings.curves["test"] == "noise") & (findings.curves["role"] == CROSS)]
    assert len(curve) == MOST_POINTS
    value = found(findings.rows, quantity="auc", test="noise", role=CROSS)["value"]
    assert np.trapezoid(curve["y"], curve["x"]) == pytest.approx(value, abs=0.01)


def test_clustered_units_get_the_clustered_interval_and_no_band() -> None:
    predictions = simulated("binary", n=N, units=2)
    findings = Discrimination(draws=100).run(predictions)
    hand = by_hand(predictions, CROSS, "model")
    columns = (
        hand["positive"].to_numpy(bool),
        hand["score model"].to_numpy(),
        hand["participant_id"].to_numpy(),
    )
    assert agrees(found(findings.rows, quantity="auc", test="model", role=CROSS), auc_clustered(*columns))
    assert findings.curves["low"].isna().all()


def test_comparison_subtracts_on_the_same_cases_in_the_stated_direction() -> None:
    rows = Comparison().run(simulated("binary", n=N)).rows
    hand = cases(CROSS, "model", "serum")
    assert len(hand) < len(cases(CROSS, "model"))
    truth, model, serum = (hand[c].to_numpy() for c in ("positive", "score model", "score serum"))
    expected = auc_difference(truth, model, serum)
    row = found(rows, quantity="auc difference", test="model", versus="serum", role=CROSS)
    assert agrees(row, expected)
    assert row["p"] == pytest.approx(expected.p)
    one = found(rows, quantity="auc, paired cases", test="model", versus="serum", role=CROSS)
    other = found(rows, quantity="auc, paired cases", test="serum", versus="model", role=CROSS)
    assert agrees(one, auc(truth, model))
    assert agrees(other, auc(truth, serum))
    assert one["value"] - other["value"] == pytest.approx(row["value"])


def test_holm_adjusts_over_the_pairs_of_one_role() -> None:
    rows = Comparison().run(simulated("binary", n=N)).rows
    for role in (CROSS, EXTERNAL):
        alone = rows[(rows["quantity"] == "auc difference") & (rows["role"] == role)]
        adjusted = rows[(rows["quantity"] == "auc difference, Holm") & (rows["role"] == role)]
        assert list(zip(alone["test"], alone["versus"], strict=True)) == [
            ("model", "noise"),
            ("model", "serum"),
        ]
        np.testing.assert_allclose(adjusted["p"], holm(alone["p"].to_numpy()))
        assert adjusted[["low", "high"]].isna().all(axis=None)


def test_comparison_judges_the_pairs_that_it_is_given() -> None:
    rows = Comparison(pairs=(("serum", "noise"),)).run(simulated("binary", n=N)).rows
    assert set(zip(rows["test"], rows["versus"], strict=True)) == {("serum", "noise"), ("noise", "serum")}


@pytest.mark.parametrize("pairs", [(("model", "model"),), (("model", "serum"), ("model", "serum"))])
def test_comparison_refuses_pairs_that_compare_nothing(pairs: tuple[tuple[str, str], ...]) -> None:
    with pytest.raises(ProtocolError, match=r"comparison\.pairs|comparison: "):
        Comparison.parse({"kind": "comparison", "pairs": pairs})


@pytest.mark.parametrize(
    ("test", "meaning", "column", "at_or_above"),
    [
        ("model", "treat", "probability model", True),
        ("model", "rule in", "score model", True),
        ("serum", "rule out", "score serum", True),
        ("serum", "rule in", "score serum", False),
    ],
)
def test_accuracy_applies_each_cut_off_on_its_scale_and_side(
    test: str, meaning: str, column: str, at_or_above: bool
) -> None:
    predictions = simulated("binary", n=N)
    cut = next(c for c in predictions.test(test).thresholds if c.meaning == meaning)
    sign = "≥" if at_or_above else ">"
    rows = Accuracy().run(predictions).rows
    hand = cases(CROSS, test)
    truth, score = hand["positive"].to_numpy(bool), hand[column].to_numpy()
    expected = accuracy_at(truth, score, threshold=cut.value, at_or_above=at_or_above)
    where = {
        "test": test,
        "role": CROSS,
        "group": f"cut-off={sign} {cut.value:g}: {meaning}",
        "threshold": cut.value,
    }
    for quantity, name in {
        "sensitivity": "sensitivity",
        "npv": "npv",
        "lr+": "likelihood_ratio_positive",
    }.items():
        assert agrees(found(rows, quantity=quantity, **where), expected[name])
    called = score >= cut.value if at_or_above else score > cut.value
    assert found(rows, quantity="tp", **where)["value"] == (called & truth).sum()
    assert found(rows, quantity="fp", **where)["value"] == (called & ~truth).sum()


def test_a_score_that_equals_an_above_cut_off_is_negative() -> None:
    predictions = simulated("binary", n=N)
    table = predictions.table.assign(
        score=predictions.table["score"].where(predictions.table["test"] != "serum", 2.5)
    )
    rows = Accuracy().run(replace(predictions, table=table)).rows
    row = found(
        rows, quantity="sensitivity", test="serum", role=CROSS, group="cut-off=> 2.5: rule in", threshold=2.5
    )
    assert row["value"] == 0


def test_a_test_without_probability_is_left_out_of_what_needs_one() -> None:
    predictions = simulated("binary", n=N)
    assert set(Calibration().run(predictions).rows["test"]) == {"model", "noise"}
    assert set(Reclassification().run(predictions).rows["versus"]) == {"noise"}


def test_calibration_judges_the_probabilities() -> None:
    findings = Calibration(groups=5).run(simulated("binary", n=N))
    hand = cases(CROSS, "model")
    truth, p = hand["positive"].to_numpy(bool), hand["probability model"].to_numpy()
    where = {"test": "model", "role": CROSS}
    assert agrees(found(findings.rows, quantity="slope", **where), calibration_slope(truth, p))
    assert agrees(found(findings.rows, quantity="ici", **where), integrated_calibration_index(truth, p).ici)
    curves = findings.curves[(findings.curves["test"] == "model") & (findings.curves["role"] == CROSS)]
    points = curves[curves["curve"] == "calibration"]
    expected = calibration_curve(truth, p, bins=5)
    np.testing.assert_allclose(points["x"], expected.predicted)
    np.testing.assert_allclose(points["y"], expected.observed)
    np.testing.assert_allclose(points["n"], expected.n)


def test_clustered_calibration_tests_the_slope_against_one() -> None:
    predictions = simulated("binary", n=N, units=2)
    rows = Calibration(draws=200).run(predictions).rows
    noise = found(rows, quantity="slope", test="noise", role=CROSS)
    assert noise["high"] < 1
    assert noise["p"] < 0.05
    assert "clusters" in noise["method"]


def test_staging_dichotomises_at_every_grade_and_names_it() -> None:
    predictions = simulated("graded", n=N)
    rows = Staging().run(predictions).rows
    hand = cases(CROSS, "model", kind="graded")
    for grade, name in ((1, "F1"), (2, "F2"), (3, "F3")):
        expected = auc(hand["grade"].to_numpy() >= grade, hand["score model"].to_numpy())
        row = found(rows, quantity="auc", test="model", role=CROSS, group=f"grade>={name}")
        assert agrees(row, expected)
    grades = (0, 1, 2, 3)
    whole = obuchowski(hand["grade"].to_numpy(), hand["score model"].to_numpy(), grades=grades)
    measure = found(rows, quantity="obuchowski", test="model", role=CROSS)
    assert agrees(measure, whole)
    chance = obuchowski(hand["grade"].to_numpy(), np.zeros(len(hand)), grades=grades).value
    assert 0.5 < chance < 1
    assert measure["method"] == f"Obuchowski; a useless score has {chance:.3f}"
    both = cases(CROSS, "model", "serum", kind="graded")
    columns = (both[name].to_numpy() for name in ("grade", "score model", "score serum"))
    difference = found(rows, quantity="obuchowski difference", test="model", versus="serum", role=CROSS)
    assert agrees(difference, obuchowski_difference(*columns, grades=grades))


def test_scores_by_grade_keep_every_case_of_a_small_grade_beside_its_quartiles() -> None:
    findings = Staging().run(simulated("graded", n=N))
    hand = cases(CROSS, "model", kind="graded")
    curves = findings.curves
    points = curves[(curves["test"] == "model") & (curves["role"] == CROSS) & (curves["x"] == 2)]
    scores = hand.loc[hand["grade"] == 2, "score model"]
    np.testing.assert_allclose(points["y"], np.sort(scores))
    np.testing.assert_allclose(points["low"], np.quantile(scores, 0.25))
    median = found(findings.rows, quantity="median score", test="model", role=CROSS, group="grade=F2")
    assert median["value"] == pytest.approx(np.median(scores))


def test_reclassification_takes_the_index_test_as_new_and_calls_itself_secondary() -> None:
    rows = Reclassification().run(simulated("binary", n=N)).rows
    hand = cases(CROSS, "model", "noise")
    columns = [hand[name].to_numpy() for name in ("positive", "probability noise", "probability model")]
    where = {"test": "model", "versus": "noise", "role": CROSS}
    assert agrees(found(rows, quantity="idi", **where), idi(*columns))
    assert agrees(found(rows, quantity="nri, events", **where), nri(*columns).events)
    assert found(rows, quantity="idi", **where)["value"] > 0
    assert rows["method"].str.startswith("secondary: ").all()


def test_net_benefit_curves_share_their_cases_and_their_rules() -> None:
    findings = DecisionCurve(between=(0.1, 0.5), draws=100).run(simulated("binary", n=N))
    hand = cases(CROSS, "model", "noise", "serum")
    truth = hand["positive"].to_numpy(bool)
    curves = findings.curves[findings.curves["role"] == CROSS]
    model, everyone, nobody = (
        curves[curves["test"] == name] for name in ("model", "treat all", "treat none")
    )
    x = model["x"].to_numpy()
    np.testing.assert_allclose(model["y"], net_benefit(truth, hand["probability model"].to_numpy(), x))
    np.testing.assert_allclose(everyone["y"], net_benefit_of_all(truth, x))
    assert (nobody["y"] == 0).all()
    assert set(curves["n"]) == {len(hand)}
    rule = curves[(curves["test"] == "serum") & curves["group"].str.contains("rule in")]
    decision = (hand["score serum"] > 2.5).to_numpy(float)
    np.testing.assert_allclose(rule["y"], net_benefit(truth, decision, x))


def test_the_difference_from_the_better_default_uses_all_cases_of_the_test() -> None:
    findings = DecisionCurve(at=(0.2, 0.8), draws=100).run(simulated("binary", n=N))
    hand = cases(CROSS, "model")
    truth, p = hand["positive"].to_numpy(bool), hand["probability model"].to_numpy()
    for threshold, default in ((0.2, "treat all"), (0.8, "treat none")):
        at = np.array([threshold])
        gain = net_benefit(truth, p, at)[0]
        where = {"test": "model", "role": CROSS, "threshold": threshold}
        assert found(findings.rows, quantity="net benefit", **where)["value"] == pytest.approx(gain)
        row = found(findings.rows, quantity="net benefit difference", **where)
        assert row["versus"] == default
        assert row["value"] == pytest.approx(gain - max(0, net_benefit_of_all(truth, at)[0]))


def test_thresholds_follow_the_prevalence_within_bounds() -> None:
    curves = DecisionCurve(draws=100).run(simulated("binary", n=N)).curves
    assert curves["x"].min() == 0.02
    assert curves["x"].max() == pytest.approx(0.6)


def test_a_good_test_is_better_than_chance_and_a_null_one_is_not() -> None:
    rows = Chance(draws=500).run(simulated("binary", n=N)).rows
    verdict = {
        name: found(rows, quantity="better than chance", test=name, role=CROSS) for name in ("model", "noise")
    }
    assert verdict["model"]["value"] == 1
    assert verdict["noise"]["value"] == 0
    assert verdict["noise"]["method"].endswith("0: not shown to be better than chance")
    p = [found(rows, quantity="auc", test=name, role=CROSS)["p"] for name in ("model", "noise")]
    assert [verdict[name]["p"] for name in ("model", "noise")] == pytest.approx(holm(np.array(p)).tolist())


def test_null_scores_are_called_better_than_chance_no_more_often_than_alpha() -> None:
    verdicts = [
        found(
            Chance(draws=100).run(simulated("binary", n=80, seed=seed)).rows,
            quantity="better than chance",
            test="noise",
            role=CROSS,
        )
        for seed in range(40)
    ]
    # at a rate of 0.05, 8 or more of 40 have a probability of 0.0007
    assert sum(row["value"] for row in verdicts) <= 7


def test_a_reversed_test_is_not_better_than_chance() -> None:
    predictions = simulated("binary", n=N)
    rows = (
        Chance(draws=500)
        .run(replace(predictions, table=predictions.table.assign(score=-predictions.table["score"])))
        .rows
    )
    row = found(rows, quantity="better than chance", test="model", role=CROSS)
    assert row["p"] < 0.05
    assert row["value"] == 0


def test_sample_size_counts_the_development_cases_and_their_events() -> None:
    predictions = simulated("binary", n=N)
    rows = SampleSizes(parameters=5, c_statistic=0.8, prevalence=0.3).run(predictions).rows
    expected = sample_size_binary(parameters=5, prevalence=0.3, c_statistic=0.8)
    developed = cases(CROSS, "model")
    assert found(rows, quantity="minimum n")["value"] == expected.n
    assert found(rows, quantity="minimum n, shrinkage")["value"] == dict(expected.criteria)["shrinkage"]
    assert found(rows, quantity="available n")["value"] == len(developed) == N - 60
    assert found(rows, quantity="available events")["value"] == developed["positive"].sum()
    assert found(rows, quantity="enough participants")["value"] == float(len(developed) >= expected.n)
    assert "declared" in found(rows, quantity="minimum n")["method"]
