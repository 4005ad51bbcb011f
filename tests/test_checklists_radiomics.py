"""The checklists on radiomics appear where radiomics is used, and are answered from what the run has."""

import json
from dataclasses import replace
from importlib.resources import files
from typing import Any

import numpy as np
import pandas as pd
import pytest

import report_fixtures as made
from hepar.analyses.base import row
from hepar.report.checklists import as_json, checklists, section
from hepar.report.document import render
from hepar.report.scores import Checklist, Item
from hepar.study.explanation import COLUMNS
from hepar.study.partition import Fold
from hepar.study.result import Result

RADIOMICS = {
    "kind": "radiomics", "image": "mr", "regions": {"liver": "liver"}, "repeats": 2,
    "settings": {"spacing_mm": [2, 2, 2], "families": ["statistics", "glcm"]},
}  # fmt: skip
STEPS = [{"kind": "stable"}, {"kind": "uncorrelated"}, {"kind": "best", "k": 5}]


def radiomics(*, test: dict[str, Any] | None = None, statements: dict[str, str] | None = None) -> Result:
    """The SIMULATED result with a radiomic index test beside the clinical one; nothing is extracted."""
    given = made.result(made.study(statements=statements or {}))
    document = given.study.model_dump(mode="json", by_alias=True)
    document["arms"]["main"]["index_tests"]["model"] |= {"features": [RADIOMICS], **(test or {})}
    study = type(given.study).model_validate(document)
    arm = given.arms["main"]
    features = {name: pd.DataFrame({"liver_original_stat_mean": [1.0]}) for name in ("model", "second")}
    prepared = replace(arm.prepared, arm=study.arms["main"], features=features)
    return replace(given, study=study, arms={"main": replace(arm, prepared=prepared)})


def lists(result: Result) -> dict[str, Checklist]:
    return {one.name.split()[0]: one for one in checklists(result)}


def item(result: Result, name: str, number: str) -> Item:
    return next(one for one in lists(result)[name].items if one.number == number)


def said(result: Result, name: str, number: str) -> str:
    answer = item(result, name, number).answer
    return answer.text if answer is not None else ""


def published() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(
        (files("hepar.report") / "templates" / "checklists.json").read_text(encoding="utf-8")
    )
    return found


def test_the_weights_and_points_are_those_published() -> None:
    """METRICS: weights sum to 1 (Kocak et al., 2024). RQS: 16 items, -8 to 36 points (Lambin et al., 2017)."""
    metrics, rqs = published()["METRICS 2024"]["items"], published()["RQS 1.0 (2017)"]["items"]
    assert sum(one["weight"] for one in metrics) == pytest.approx(1.0, abs=1e-9)
    assert sum(max(one["points"]) for one in rqs) == 36
    assert sum(min(0, *one["points"]) for one in rqs) == -8
    ibsi = {int(one["id"].rstrip("abcde")) for one in published()["IBSI reporting"]["items"]}
    assert ibsi == set(range(1, 77))


def test_a_study_of_tables_has_none_of_them() -> None:
    assert set(lists(made.result())) == {"TRIPOD+AI", "STARD-AI"}


def test_a_study_with_radiomics_has_all_of_them() -> None:
    assert set(lists(radiomics())) == {"TRIPOD+AI", "STARD-AI", "CLAIM", "METRICS", "CLEAR", "RQS", "IBSI"}


def test_only_the_arms_with_radiomics_are_asked() -> None:
    given = radiomics()
    plain = made.result()
    both = replace(given, arms={**given.arms, "tables": plain.arms["main"]})
    assert "Arm tables" not in said(both, "METRICS", "18")
    assert "Arm tables" in said(both, "TRIPOD+AI", "12a")


def test_the_settings_answer_what_they_decide() -> None:
    given = radiomics()
    assert "interpolation" in said(given, "IBSI", "50a")
    assert "2 mm" in said(given, "IBSI", "51")
    assert "statistics, glcm" in said(given, "CLEAR", "26")
    assert item(given, "METRICS", "12").share == pytest.approx(0.0311)


def test_voxels_as_acquired_earn_nothing_for_preprocessing_but_are_told() -> None:
    as_acquired = {**RADIOMICS, "settings": {"families": ["statistics"]}}
    given = radiomics(test={"features": [as_acquired]})
    assert item(given, "METRICS", "11").share == 0
    assert "not interpolated" in said(given, "CLEAR", "21")
    assert item(radiomics(), "METRICS", "11").share == pytest.approx(0.0622)


def test_steps_before_the_model_answer_robustness_redundancy_and_reduction() -> None:
    steps = {"model": {"kind": "piped", "steps": STEPS, "model": "logistic"}}
    given = radiomics(test=steps)
    for number in ("14", "15"):
        assert item(given, "METRICS", number).share == pytest.approx(0.02)
        assert item(radiomics(), "METRICS", number).answer is None
    assert item(given, "RQS", "5").earned == 3
    assert item(radiomics(), "RQS", "5").earned == 0


def test_features_that_recur_are_a_reduction_too() -> None:
    steps = {"kind": "piped", "steps": ["stable", "recurring"], "model": "logistic"}
    assert item(radiomics(test={"model": steps}), "RQS", "5").earned == 3


def test_harmonisation_claims_no_more_than_that_it_was_done() -> None:
    steps = {"kind": "piped", "steps": ["stable", {"kind": "combat", "batch": "age_y"}], "model": "logistic"}
    told = said(radiomics(test={"model": steps}), "METRICS", "19")
    assert told.startswith("Differences between batches are harmonised")
    assert "How far that went is shown there" in told
    assert said(radiomics(), "METRICS", "19") == ""


def test_models_of_tables_make_the_item_on_networks_not_applicable() -> None:
    found = item(radiomics(), "METRICS", "17")
    assert found.dropped
    assert lists(radiomics())["METRICS"].gaps > 0


def test_a_statement_leaves_out_a_conditional_item_with_its_reason() -> None:
    key = {"segmentation.evaluation": "Not applicable: drawn by hand"}
    before, after = lists(radiomics())["METRICS"], lists(radiomics(statements=key))["METRICS"]
    assert before.score is not None
    assert after.score is not None
    assert after.score == pytest.approx(before.score * (1 - 0.02) / (1 - 0.02 - 0.0225))
    assert "drawn by hand" in said(radiomics(statements=key), "METRICS", "9")


@pytest.mark.parametrize(
    ("sites", "trained", "points"),
    [
        ((), (), -5),
        (("S0",), ("S0", "S1"), 2),
        (("S0",), ("S1",), 3),
        (("S0", "S1"), ("S2",), 4),
        (("S0", "S1", "S2"), ("S3",), 5),
    ],
)
def test_validation_is_worth_the_institutes_that_did_not_train(
    sites: tuple[str, ...], trained: tuple[str, ...], points: int
) -> None:
    given = radiomics()
    arm = given.arms["main"]
    site = arm.prepared.reference.table["site"].to_numpy()
    held = [np.flatnonzero(np.isin(site, one)) for one in (trained, sites)]
    folds = (*arm.prepared.folds, *((Fold("outside", "external", *held),) if sites else ()))
    given = replace(given, arms={"main": replace(arm, prepared=replace(arm.prepared, folds=folds))})
    assert item(given, "RQS", "12").earned == points
    assert (item(given, "METRICS", "27").answer is None) == (not sites)


def test_resampled_discrimination_earns_two_points_only_under_cross_validation() -> None:
    given = radiomics()
    assert item(given, "RQS", "9").earned == 2
    arm = given.arms["main"]
    folds = tuple(replace(fold, role="external") for fold in arm.prepared.folds)
    given = replace(given, arms={"main": replace(arm, prepared=replace(arm.prepared, folds=folds))})
    assert item(given, "RQS", "9").earned == 1


def test_a_comparison_that_was_not_run_answers_nothing() -> None:
    given = radiomics()
    assert "Second" in said(given, "METRICS", "24")
    assert "Age alone" in said(given, "RQS", "13")
    arm = given.arms["main"]
    findings = replace(
        arm.findings,
        rows=pd.DataFrame(
            [
                row(
                    made.made_up(0.7, 0.1),
                    analysis="discrimination",
                    quantity="auc",
                    test="model",
                    role="cross-validated",
                )
            ]
        ),
    )
    given = replace(given, arms={"main": replace(arm, findings=findings)})
    assert item(given, "METRICS", "24").answer is None
    assert item(given, "RQS", "13").answer is None


def test_as_many_terms_as_the_events_allow_are_apt_and_more_are_not() -> None:
    given = radiomics()
    arm = given.arms["main"]
    few = pd.DataFrame(
        {
            "test": ["model"] * 3,
            "fold": ["part 1"] * 3,
            "term": ["a", "b", "best: kept"],
            "value": [0.5, 0.0, 9.0],
        }
    )
    many = pd.DataFrame(
        {"test": ["model"] * 9, "fold": ["part 1"] * 9, "term": list("abcdefghi"), "value": [1.0] * 9}
    )
    for models, share in ((few, 0.03), (many, 0.0)):
        found = item(replace(given, arms={"main": replace(arm, models=models)}), "METRICS", "16")
        assert found.share == share
        assert found.answer is not None


def test_headers_answer_the_items_on_acquisition() -> None:
    given = radiomics()
    told = {
        "modality": "MR", "manufacturer": "A (40), B (20)", "field_strength_t": "1.5 to 3", "repetition_time_ms": "3.4", "echo_time_ms": "1.2",
        "flip_angle_deg": "9",
    }  # fmt: skip
    given = replace(given, arms={"main": replace(given.arms["main"], acquired={"mr": told})})
    assert said(given, "IBSI", "27") == "mr: field strength, T 1.5 to 3."
    assert "A (40), B (20)" in said(given, "IBSI", "7")
    assert item(given, "RQS", "1").earned == 1
    assert item(given, "METRICS", "6").share == pytest.approx(0.0438)
    assert "How the images were acquired" in render(given, estimates=given.estimates)
    fewer = {"mr": {"modality": "MR", "echo_time_ms": "1.2"}}
    given = replace(given, arms={"main": replace(given.arms["main"], acquired=fewer)})
    assert item(given, "METRICS", "6").answer is None


def test_explanations_answer_the_item_on_interpretability() -> None:
    given = radiomics()
    assert item(given, "CLEAR", "43").answer is None
    told = pd.DataFrame(
        [["model", "cross-validated", "part 1", "x", "feature", "a", 1.0, 0.1, 0.0, 0.0]],
        columns=list(COLUMNS),
    )
    given = replace(given, arms={"main": replace(given.arms["main"], explanations=told)})
    assert "1 held-out case" in said(given, "CLEAR", "43")


def test_the_page_marks_gaps_and_prints_scores_and_the_json_holds_them() -> None:
    filled = checklists(radiomics())
    titles = [part.title for part in section(filled).parts]
    assert titles == [one.name for one in filled]
    page = render(radiomics(), estimates=radiomics().estimates)
    assert "Self-assessed by the software" in page
    assert "GAP: state &#39;ibsi.48a&#39; in the protocol." in page
    scores = {one["name"]: one.get("score") for one in as_json(filled)}
    assert scores["CLEAR 2023"] is None
    assert isinstance(scores["METRICS 2024"], float)
