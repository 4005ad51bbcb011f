"""Naive observers and comparators, measured on SIMULATED cohorts whose signal is known."""

from functools import cache
from math import isnan

import numpy as np
import pandas as pd
import pytest

from hepar.phantom.observers import course
from hepar.phantom.observers.normal import auc_of_correlation
from hepar.phantom.population import draw_patient
from hepar.phantom.tables import clinical_row, laboratory
from hepar.simulation import attainable
from hepar.simulation.attainable import Row, bound_rows
from hepar.simulation.baselines import baseline_rows
from hepar.simulation.collected import Collected, truth_row
from hepar.simulation.job import BINS
from hepar.simulation.recipe import Recipe
from hepar.stats.discrimination import auc

PATIENTS = 400


@cache
def cohort(recipe: Recipe, n: int = PATIENTS) -> Collected:
    """Patients whose B-mode is as bright as it shows the disease, and whose lesions look alike."""
    patients = tuple(draw_patient(recipe.scenario, seed=1, number=k) for k in range(1, n + 1))
    flat = {"sd": 1.0, **{f"bin{k:02}": 1 / BINS for k in range(BINS)}}
    grey = [
        {
            "case_id": p.case_id,
            "bmode_liver_mean": p.shown.get("bmode", np.nan),
            **{f"bmode_liver_{name}": value for name, value in flat.items()},
        }
        for p in patients
    ]
    rng = np.random.default_rng(0)
    lesions = [
        {
            "case_id": p.case_id,
            "lesion": k,
            "malignant": lesion.malignant,
            "mimic": lesion.mimic,
            "diameter_mm": lesion.diameter_mm,
            "hu_portal": float(rng.normal()),
            **{f"hu_portal_bin{k:02}": float(share) for k, share in enumerate(rng.dirichlet(np.ones(BINS)))},
        }
        for p in patients
        for k, lesion in enumerate(p.lesions, start=1)
    ]
    return Collected(
        patients=patients,
        rows=tuple(clinical_row(p) for p in patients),
        truth=pd.DataFrame([truth_row(p) for p in patients]),
        summaries=pd.DataFrame(grey),
        lesions=pd.DataFrame(lesions, columns=None if lesions else ["case_id", "lesion"]),
    )


def scores(recipe: Recipe, *, n: int = PATIENTS) -> dict[str, Row]:
    """The first row of each test."""
    found: dict[str, Row] = {}
    for row in baseline_rows(cohort(recipe, n), study=recipe.study):
        found.setdefault(row.test, row)
    return found


def test_a_naive_observer_that_sees_all_that_a_source_shows_reaches_its_bound() -> None:
    recipe = Recipe("A")
    joint = recipe.scenario.shown
    bound = auc_of_correlation(joint.best("biopsy", ("bmode",)), positive=0.68)
    row = scores(recipe)["mean grey of the liver, B-mode"]
    assert row.kind == "naive"
    assert row.low < bound < row.high


def test_comparators_come_near_what_is_published_for_them() -> None:
    found = scores(Recipe("A"))
    assert 0.66 < found["FIB-4"].value < 0.80  # published 0.70 to 0.75; the SE of 300 biopsies is 0.03
    assert 0.80 < found["stiffness"].value < 0.91  # published 0.83 to 0.87
    assert found["FIB-4"].n < PATIENTS  # healthy volunteers have no biopsy


def test_nothing_scores_above_chance_in_null_mode() -> None:
    for row in scores(Recipe("A", null=True)).values():
        assert row.low < 0.5 < row.high or abs(row.value - 0.5) < 0.1, row


def test_the_course_of_the_colorectal_study_is_scored_by_the_c_index() -> None:
    found = scores(Recipe("E"), n=600)
    assert {row.measure for row in found.values()} == {"C-index"}
    assert 0.54 < found["TNM"].value < 0.72  # published 0.60 to 0.64; about 90 events
    assert found["TNM"].kind == found["CEA"].kind == "comparator"


def test_stiffness_is_scored_by_correlation() -> None:
    row = scores(Recipe("B"))["mean grey of the liver, B-mode"]
    assert row.measure == "correlation"
    assert row.low < 0.55 < row.high  # of the sources; elastography adds a little error


def test_lesions_that_show_nothing_are_scored_at_chance_and_mimics_not_at_all() -> None:
    recipe = Recipe("D")
    row = scores(recipe, n=200)["mean HU of the lesion, portal"]
    real = cohort(recipe, 200).lesions.query("not mimic")
    assert row.n == len(real)
    assert row.low < 0.5 < row.high


def test_too_few_cases_have_no_score_and_say_why() -> None:
    row = scores(Recipe("A"), n=12)["FIB-4"]
    assert isnan(row.value)
    assert "are too few, 10 of each are needed" in row.argument


def test_an_image_that_nobody_has_is_not_among_the_tests() -> None:
    assert not any("CT" in test for test in scores(Recipe("A")))


@pytest.mark.parametrize("study", ["A", "B", "C", "D", "E"])
def test_every_study_has_bounds_between_chance_and_certainty(
    study: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attainable, "BACKGROUNDS", 150)
    rows = bound_rows(Recipe(study))
    assert rows
    assert all(row.study == study and row.argument for row in rows)
    assert all(0.3 < row.value <= 1 for row in rows if row.kind == "bound")


def test_no_lesion_can_be_told_in_null_mode_but_all_are_there_to_be_found(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(attainable, "BACKGROUNDS", 150)
    rows = bound_rows(Recipe("D", null=True))
    assert {row.value for row in rows if row.measure == "AUC"} == {0.5}
    assert any(row.question.startswith("lesion found") and row.value > 0.9 for row in rows)


@pytest.mark.parametrize("study", ["A", "B", "C", "D", "E"])
def test_nothing_in_the_table_scores_off_chance_in_null_mode(study: str) -> None:
    rows = baseline_rows(cohort(Recipe(study, null=True)), study=study)
    scored = [row for row in rows if not isnan(row.value)]
    assert len(scored) >= 3
    for row in scored:  # about 40 tests over the studies at four standard errors: 0.3 % false alarms
        chance, error = 0.0 if row.measure == "correlation" else 0.5, (row.high - row.low) / 3.92
        assert abs(row.value - chance) < 4 * error, row


def test_only_patients_with_lesions_are_asked_for_a_malignant_one() -> None:
    drawn = cohort(Recipe("D"))
    rows = [r for r in baseline_rows(drawn, study="D") if r.question == attainable.WITH_MALIGNANT]
    with_any = sum(any(not lesion.mimic for lesion in p.lesions) for p in drawn.patients)
    assert rows[0].test == "age, sex, body-mass index"
    assert rows[0].n == with_any
    assert all(row.n <= with_any for row in rows)  # some blood tests have no result


def test_intervals_of_lesions_take_patients_as_what_was_drawn() -> None:
    rows = {row.test: row for row in baseline_rows(cohort(Recipe("D")), study="D")}
    lesions = cohort(Recipe("D")).lesions.query("not mimic")
    row = next(r for r in baseline_rows(cohort(Recipe("D")), study="D") if r.test == "alpha-fetoprotein")
    afp = {p.case_id: laboratory(p)["afp_ng_ml"] or 0.0 for p in cohort(Recipe("D")).patients}
    score = np.array([afp[case] for case in lesions["case_id"]])
    alone = auc(lesions["malignant"].to_numpy(bool), score)
    assert row.question == attainable.MALIGNANT
    assert row.value == pytest.approx(alone.value, abs=0.01)
    assert row.high - row.low > 1.15 * (alone.high - alone.low), "lesions of a patient have one blood test"
    assert rows["alpha-fetoprotein"].kind == "comparator"


@pytest.mark.parametrize("study", ["A", "B", "C", "D", "E"])
def test_one_knob_lowers_every_bound_of_every_study(study: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attainable, "BACKGROUNDS", 300)
    monkeypatch.setattr(course, "PATIENTS", 1000)
    easier, usual, harder = (
        {
            (row.question, row.measure, row.test): (row.value, 0.0 if isnan(row.low) else row.high - row.low)
            for row in bound_rows(Recipe(study, difficulty=by))
            if row.kind in ("bound", "ideal") and not row.test.startswith("ideal use of")
        }
        for by in (0.5, 1.0, 2.5)
    )
    for key in set(easier) & set(usual) & set(harder):
        # what is bound by simulation may miss by as much as its intervals are wide
        assert easier[key][0] > usual[key][0] - max(easier[key][1], usual[key][1]), key
        assert usual[key][0] > harder[key][0] - max(usual[key][1], harder[key][1]), key
        assert easier[key][0] > harder[key][0] - 0.01, key
