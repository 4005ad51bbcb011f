"""Published scores against worked examples made without this package, and what each of them promises.

`golden/comparators.json` holds, for each kind and version, cases with the score that hand calculation, R or
another package gives; `from` says which.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml
from pydantic import ValidationError

from hepar.comparators.base import Comparator, Cutoff
from hepar.core.errors import DataError, ProtocolError

EXAMPLES: dict[str, dict[str, list[dict[str, Any]]]] = json.loads(
    (Path(__file__).parent / "golden" / "comparators.json").read_text(encoding="utf-8")
)
KINDS = sorted(Comparator.places())
WORKED = [
    pytest.param(kind, version, example, id=f"{kind}-{number}")
    for kind, versions in EXAMPLES.items()
    for version, examples in versions.items()
    for number, example in enumerate(examples)
]
FROM_LABORATORY = [
    pytest.param(kind, name, id=f"{kind}-{name}")
    for kind in KINDS
    for name in EXAMPLES[kind]["1"][0]["clinical"]
    if name
    not in {"diabetes", "edema", "ascites", "encephalopathy", "stage", "clinical_risk_score", "cea_ng_ml"}
    and kind != "field"
]


def member(kind: str, example: dict[str, Any] | None = None) -> Comparator:
    parameters = (example or EXAMPLES[kind]["1"][0]).get("parameters", {})
    return Comparator.parse({"kind": kind, **parameters})


def table(kind: str, *, rows: int = 3) -> pd.DataFrame:
    """The first worked example of `kind`, written `rows` times."""
    row = EXAMPLES[kind]["1"][0]["clinical"]
    return pd.DataFrame([row] * rows, index=pd.Index([f"c{i}" for i in range(rows)], name="case_id"))


@pytest.mark.parametrize(("kind", "version", "example"), WORKED)
def test_score_equals_the_worked_example(kind: str, version: str, example: dict[str, Any]) -> None:
    comparator = member(kind, example)
    assert str(comparator.version) == version, f"{kind} has a new version: add its worked examples"
    score = comparator.score(pd.DataFrame([example["clinical"]]))
    assert score.iloc[0] == pytest.approx(example["score"], abs=1e-9), example["from"]


@pytest.mark.parametrize("kind", KINDS)
class TestEveryComparator:
    def test_has_at_least_two_worked_examples(self, kind: str) -> None:
        assert len(EXAMPLES[kind]["1"]) >= 2

    def test_survives_a_round_trip_through_yaml(self, kind: str) -> None:
        comparator = member(kind, EXAMPLES[kind]["1"][-1])
        again = Comparator.parse(yaml.safe_load(yaml.safe_dump(comparator.model_dump(mode="json"))))
        assert again == comparator
        assert again.fingerprint == comparator.fingerprint

    def test_cannot_be_changed(self, kind: str) -> None:
        comparator: Any = member(kind)
        with pytest.raises(ValidationError):
            comparator.kind = "other"

    def test_refuses_an_unknown_parameter(self, kind: str) -> None:
        with pytest.raises(ProtocolError, match="unknown key 'weight'"):
            Comparator.parse({**member(kind).model_dump(), "weight": 2})

    def test_says_what_it_is_in_which_unit_and_who_published_it(self, kind: str) -> None:
        comparator = member(kind)
        assert comparator.__doc__
        assert len(comparator.__doc__.strip().splitlines()) > 1
        assert all((comparator.display, comparator.unit, comparator.citation, comparator.needs))

    def test_reads_only_what_it_needs(self, kind: str) -> None:
        comparator = member(kind)
        clinical = table(kind)
        more = clinical.assign(other=1.0, sex="f")
        pd.testing.assert_series_equal(
            comparator.score(clinical[list(comparator.needs)]), comparator.score(more)
        )

    def test_needs_each_field_that_it_names(self, kind: str) -> None:
        comparator = member(kind)
        clinical = table(kind)
        for name in comparator.needs:
            with pytest.raises(DataError, match=f"has no field '{name}'"):
                comparator.score(clinical.drop(columns=name))

    def test_a_missing_value_makes_that_case_missing_and_no_other(self, kind: str) -> None:
        comparator = member(kind)
        whole = comparator.score(table(kind))
        for name in comparator.needs:
            holed = table(kind).astype(object)
            holed.loc["c1", name] = None
            score = comparator.score(holed)
            assert np.isnan(score["c1"])
            pd.testing.assert_series_equal(
                score.drop("c1"), whole.drop("c1"), check_names=False, check_exact=True
            )

    def test_leaves_the_table_as_it_was_and_keeps_its_index(self, kind: str) -> None:
        clinical = table(kind)
        before = clinical.copy(deep=True)
        score = member(kind).score(clinical)
        pd.testing.assert_frame_equal(clinical, before)
        assert score.index.equals(clinical.index)
        assert score.dtype == float

    def test_scores_an_empty_table(self, kind: str) -> None:
        assert member(kind).score(table(kind).iloc[:0]).empty

    def test_cutoffs_name_their_source_and_can_be_looked_up_by_meaning(self, kind: str) -> None:
        cutoffs = member(kind).cutoffs
        assert all(cutoff.source and cutoff.meaning for cutoff in cutoffs)
        assert len({(cutoff.meaning, cutoff.source) for cutoff in cutoffs}) == len(cutoffs)


@pytest.mark.parametrize(("kind", "name"), FROM_LABORATORY)
@pytest.mark.parametrize("value", [0.0, -3.0, np.inf])
def test_an_impossible_measurement_is_missing_and_never_infinite(kind: str, name: str, value: float) -> None:
    clinical = table(kind).astype(float)
    clinical.loc["c1", name] = value
    assert member(kind).score(clinical).isna().tolist() == [False, True, False]


def test_a_missing_column_is_named_with_the_nearest_spelling() -> None:
    clinical = table("apri").rename(columns={"platelets_10e9_l": "platelets_10e9l"})
    with pytest.raises(
        DataError, match=r"no field 'platelets_10e9_l'; did you mean 'platelets_10e9l'\? Allowed: ast"
    ):
        member("apri").score(clinical)


def test_text_where_a_number_belongs_is_named_with_its_case() -> None:
    clinical = table("apri").astype(object)
    clinical.loc["c2", "ast_u_l"] = "<10"
    with pytest.raises(DataError, match="case c2: ast_u_l is '<10', which is no number"):
        member("apri").score(clinical)


@pytest.mark.parametrize(
    ("kind", "name", "value"),
    [("nfs", "diabetes", 2), ("bard", "diabetes", 9), ("mayo_pbc", "edema", 2), ("child_pugh", "ascites", 3)],
)
def test_a_code_outside_the_published_ones_is_refused(kind: str, name: str, value: float) -> None:
    clinical = table(kind).astype(float)
    clinical.loc["c1", name] = value
    with pytest.raises(DataError, match=f"case c1: {name} is {value}; allowed: 0"):
        member(kind).score(clinical)


def test_a_sentinel_in_the_clinical_risk_score_is_refused() -> None:
    with pytest.raises(DataError, match="clinical_risk_score is -999; allowed: 0, 1, 2, 3, 4, 5"):
        member("clinical_risk_score").score(pd.DataFrame({"clinical_risk_score": [1.0, -999.0]}))


def test_true_and_false_count_as_one_and_zero() -> None:
    clinical = table("nfs", rows=2)
    flags = clinical.assign(diabetes=pd.Series([True, False], index=clinical.index))
    scores = member("nfs").score(flags)
    assert scores.iloc[0] - scores.iloc[1] == pytest.approx(1.13)
    nullable = flags.assign(diabetes=pd.array([True, pd.NA], dtype="boolean"))
    assert member("nfs").score(nullable).isna().tolist() == [False, True]


@pytest.mark.parametrize("limit", [0, -40, float("inf"), float("nan")])
@pytest.mark.parametrize(("kind", "name"), [("apri", "ast_uln_u_l"), ("gpr", "ggt_uln_u_l")])
def test_an_upper_limit_of_normal_is_a_positive_number(kind: str, name: str, limit: float) -> None:
    with pytest.raises(ProtocolError, match=name):
        Comparator.parse({"kind": kind, name: limit})


def test_an_upper_limit_twice_as_high_halves_the_score() -> None:
    clinical = table("apri")
    at = {limit: Comparator.parse({"kind": "apri", "ast_uln_u_l": limit}) for limit in (30, 60)}
    assert at[30].score(clinical).iloc[0] == pytest.approx(2 * at[60].score(clinical).iloc[0])
    assert at[30].fingerprint != at[60].fingerprint


def test_stiffness_cutoffs_follow_the_aetiology() -> None:
    published = {"hbv": (7.2, 8.1, 11.0), "hcv": (7.1, 9.5, 12.5), "masld": (8.2, 9.7, 13.6)}
    for aetiology, values in published.items():
        cutoffs = Comparator.parse({"kind": "stiffness", "aetiology": aetiology}).cutoffs
        assert tuple(cutoff.value for cutoff in cutoffs) == values
    with pytest.raises(ProtocolError, match="aetiology"):
        Comparator.parse({"kind": "stiffness", "aetiology": "alcohol"})


def test_fib4_offers_both_published_pairs_of_cutoffs() -> None:
    assert [cutoff.value for cutoff in member("fib4").cutoffs] == [1.45, 3.25, 1.30, 2.67]
    assert member("fib4").cutoffs[-1] == Cutoff(
        2.67, "advanced fibrosis (F >= 3) in MASLD", "at least", "Shah et al., 2009"
    )


@pytest.mark.parametrize("stage", ["V", "Stage X", "T3N0M0", "IIII", "5", "3.5", "unknown", ""])
def test_a_stage_that_is_none_is_refused_with_its_case(stage: str) -> None:
    with pytest.raises(DataError, match=f"case p7: stage is '{stage}'; allowed: 0, I, II"):
        member("tnm_stage").score(pd.DataFrame({"stage": [stage]}, index=["p7"]))


def test_substages_only_refine_the_order_of_the_stages() -> None:
    stages = ["I", "II", "IIA", "IIB", "IIC", "IIIA", "IIIC", "IVA", "IVB"]
    clinical = pd.DataFrame({"stage": stages})
    assert Comparator.parse({"kind": "tnm_stage", "substages": True}).score(clinical).is_monotonic_increasing
    assert Comparator.parse("tnm_stage").score(clinical).tolist() == [1, 2, 2, 2, 2, 3, 3, 4, 4]


def test_albi_grades_begin_above_their_limits() -> None:
    assert [(cut.value, cut.rule) for cut in member("albi").cutoffs] == [(-2.60, "above"), (-1.39, "above")]


def test_a_reversed_field_says_so_in_its_name() -> None:
    low = Comparator.parse({"kind": "field", "field": "albumin_g_dl", "higher": False, "label": "Albumin"})
    assert low.display == "Albumin (reversed)"
    assert low.needs == ("albumin_g_dl",)
    assert Comparator.parse({"kind": "field", "field": "afp_ng_ml"}).display == "afp_ng_ml"


def test_a_field_may_be_negative_or_zero() -> None:
    score = Comparator.parse({"kind": "field", "field": "z"}).score(pd.DataFrame({"z": [-1.5, 0.0]}))
    assert score.tolist() == [-1.5, 0.0]


def test_extreme_values_neither_overflow_nor_warn() -> None:
    extreme = {"triglycerides_mg_dl": [1e-300, 1e300], "bmi_kg_m2": [1e-9, 1e6]}
    clinical = pd.DataFrame({**extreme, "ggt_u_l": [1e-300, 1e300], "waist_cm": [1e-9, 1e6]})
    assert member("fli").score(clinical).tolist() == pytest.approx([0, 100])


def test_an_unknown_comparator_is_named_with_the_nearest() -> None:
    with pytest.raises(ProtocolError, match=r"hepar\.comparators has no 'fib-4'; did you mean 'fib4'"):
        Comparator.parse("fib-4")
