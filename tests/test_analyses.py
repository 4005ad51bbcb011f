"""What every analysis keeps, on SIMULATED predictions."""

from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest

from analyses_fixtures import OUTCOMES, shuffled, simulated
from hepar.analyses import MEMBERS
from hepar.analyses.base import CURVE, ROW, Analysis, Findings
from hepar.analyses.standard import STANDARD, standard
from hepar.core.errors import ProtocolError
from hepar.data.predictions import Predictions
from hepar.data.reference import Reference

PARAMETERS: dict[str, dict[str, Any]] = {
    "sample_size": {"parameters": 5, "c_statistic": 0.8},
    "discrimination": {"partial_specificity": (0.8, 1.0), "draws": 100},
    "comparison": {"pairs": (("model", "serum"), ("noise", "serum"))},
    "staging": {"pairs": (("model", "serum"),)},
    "calibration": {"groups": 5},
    "decision_curve": {"between": (0.1, 0.5), "at": (0.2,), "draws": 100},
    "agreement": {"same_unit": ("serum",)},
    "cutoffs": {
        "cutoffs": {"F2": 11.0, "F3": 14.0},
        "sources": {"F2": "Nobody 2000", "F3": "Nobody 2000"},
        "draws": 100,
    },
    "noninferiority": {"pairs": (("model", "serum"),), "margin": 0.05, "draws": 100},
    "reference_noise": {"reliability": 0.9, "draws": 100},
    "reclassification": {"pairs": (("model", "noise"),), "cutoffs": (0.3, 0.6)},
    "chance": {"draws": 200, "seed": 3},
    "sites": {"fewest": 3},
}
CASES = [
    (kind, outcome) for kind in MEMBERS for outcome in sorted(Analysis.member(kind).accepts & set(OUTCOMES))
]


@cache
def made(kind: str) -> Analysis:
    return Analysis.parse({"kind": kind, **PARAMETERS.get(kind, {})})


@cache
def found_of(kind: str, outcome: str) -> Findings:
    return made(kind).run(simulated(outcome, n=160))


@pytest.mark.parametrize(("kind", "outcome"), CASES)
def test_findings_have_the_columns_and_fill_what_identifies_a_row(kind: str, outcome: str) -> None:
    found = found_of(kind, outcome)
    assert tuple(found.rows.columns) == ROW
    assert tuple(found.curves.columns) == CURVE
    assert len(found.rows) > 0
    assert set(found.rows["analysis"]) == {kind}
    assert (found.rows[["quantity", "role", "method"]] != "").all(axis=None)
    about_the_cohort = found.rows["quantity"].isin(["median follow-up", "status known"])
    assert ((found.rows["test"] == "") == about_the_cohort).all()
    assert not found.rows.duplicated(
        ["quantity", "test", "versus", "role", "group", "threshold", "horizon_y"]
    ).any()
    inside = found.rows.dropna(subset=["value", "low", "high"])
    assert ((inside["low"] <= inside["value"]) & (inside["value"] <= inside["high"])).all()


@pytest.mark.parametrize(("kind", "outcome"), CASES)
def test_the_order_of_the_rows_changes_nothing(kind: str, outcome: str) -> None:
    predictions = simulated(outcome, n=160)
    first, second = found_of(kind, outcome), made(kind).run(shuffled(predictions))
    pd.testing.assert_frame_equal(first.rows, second.rows, rtol=1e-9)
    pd.testing.assert_frame_equal(first.curves, second.curves, rtol=1e-9)


@pytest.mark.parametrize(("kind", "outcome"), CASES)
def test_a_role_with_a_single_class_or_case_gives_reasons_and_no_crash(kind: str, outcome: str) -> None:
    found = made(kind).run(one_external_case(simulated(outcome, n=160)))
    external = found.rows[(found.rows["role"] == "external") & found.rows["value"].isna()]
    assert len(external) > 0 or kind in ("sample_size", "risk_groups")
    assert external["method"].str.startswith("not defined: ").all()
    assert (external["method"].str.len() > len("not defined: ")).all()


@pytest.mark.parametrize("kind", MEMBERS)
def test_an_outcome_that_the_analysis_does_not_accept_is_refused(kind: str) -> None:
    analysis = made(kind)
    for outcome in set(OUTCOMES) - analysis.accepts:
        with pytest.raises(ProtocolError, match=rf"{kind}.*does not fit outcome '{outcome}'"):
            analysis.run(simulated(outcome, n=160))


@pytest.mark.parametrize("kind", MEMBERS)
def test_parameters_survive_a_round_trip_and_are_frozen(kind: str) -> None:
    analysis: Any = made(kind)
    assert Analysis.parse(analysis.model_dump(mode="json")) == analysis
    assert Analysis.parse(analysis.model_dump(mode="json")).fingerprint == analysis.fingerprint
    with pytest.raises(ValueError, match="frozen"):
        analysis.kind = "other"


@pytest.mark.parametrize("kind", MEMBERS)
def test_parameters_name_the_tests_that_the_protocol_must_have(kind: str) -> None:
    named = {str(name) for name in made(kind).names_tests}
    expected = {
        "comparison": {"model", "serum", "noise"},
        "staging": {"model", "serum"},
        "agreement": {"serum"},
        "noninferiority": {"model", "serum"},
        "reclassification": {"model", "noise"},
    }
    assert named == expected.get(kind, set())


@pytest.mark.parametrize("kind", STANDARD)
def test_standard_analyses_accept_their_outcome(kind: str) -> None:
    assert all(kind in analysis.accepts for analysis in standard(kind))


def test_standard_refuses_an_outcome_that_it_does_not_know() -> None:
    with pytest.raises(ProtocolError, match="did you mean 'graded'"):
        standard("grade")


@pytest.mark.parametrize(
    ("kind", "outcome"), [("comparison", "binary"), ("staging", "graded"), ("accuracy", "binary")]
)
def test_a_copy_of_every_case_as_a_second_unit_narrows_no_interval(kind: str, outcome: str) -> None:
    analysis = Analysis.parse({"kind": kind, "draws": 100})
    predictions = simulated(outcome, n=160)
    alone, both = analysis.run(predictions).rows, analysis.run(twice(predictions)).rows
    pd.testing.assert_series_equal(
        alone["value"], both["value"].where(both["method"] != "count", both["value"] / 2)
    )
    keep = alone["low"].notna() & both["low"].notna() & (alone["quantity"] != "median score")
    width, same = (t.loc[keep, "high"] - t.loc[keep, "low"] for t in (alone, both))
    assert np.median(same / width) == pytest.approx(1, abs=0.15)


def twice(predictions: Predictions) -> Predictions:
    """Every case twice, as two units of one participant."""
    truth, table = predictions.reference.table, predictions.table

    def copy(frame: pd.DataFrame) -> pd.DataFrame:
        return pd.concat([frame, frame.assign(unit="again")])

    both = copy(table).reset_index(drop=True)
    return replace(predictions, table=both, reference=Reference(predictions.outcome, copy(truth)))


def one_external_case(predictions: Predictions) -> Predictions:
    """Only one external case is left."""
    table = predictions.table
    first = table.loc[table["role"] == "external", "case_id"].min()
    kept = table[(table["role"] != "external") | (table["case_id"] == first)].reset_index(drop=True)
    return replace(predictions, table=kept)


def test_findings_together_keep_order_and_columns() -> None:
    predictions = simulated("binary", n=80)
    parts = [made(kind).run(predictions) for kind in ("discrimination", "chance")]
    both = Findings.together(parts)
    assert len(both.rows) == sum(len(part.rows) for part in parts)
    assert both.rows["analysis"].drop_duplicates().tolist() == ["discrimination", "chance"]
    assert both.rows.dtypes.equals(parts[0].rows.dtypes)
