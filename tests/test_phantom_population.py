"""Drawn cohorts: reproducible, independent of their size, and with the composition that the scenario states."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from hepar.core.errors import SimulationError
from hepar.phantom.observers.bounds import fusion_gain, staging_bounds, stiffness_bounds
from hepar.phantom.observers.course import course_bounds
from hepar.phantom.observers.normal import auc, auc_of_correlation, clustered_auc, concordance
from hepar.phantom.patient import Biopsy, Course, Patient, Tumour
from hepar.phantom.population import draw_patient
from hepar.phantom.scenario import ARMS, STAGE_FROM, STUDIES, Absence, Scenario
from hepar.phantom.tables import laboratory


def cohort(scenario: Scenario, n: int, *, seed: int = 1) -> list[Patient]:
    return [draw_patient(scenario, seed=seed, number=number) for number in range(1, n + 1)]


def biopsied(patients: list[Patient], *, least_mm: float = 0.0) -> list[tuple[Patient, Biopsy]]:
    pairs = [(p, p.liver.biopsy) for p in patients]
    return [(p, biopsy) for p, biopsy in pairs if biopsy is not None and biopsy.length_mm >= least_mm]


def operated(patients: list[Patient]) -> list[tuple[Tumour, Course]]:
    pairs = [(p.tumour, p.course) for p in patients]
    return [(tumour, course) for tumour, course in pairs if tumour is not None and course is not None]


@pytest.fixture(scope="module")
def staged() -> list[Patient]:
    return cohort(replace(Scenario.of("A"), case_mix=0.3), 3000)


def test_a_patient_does_not_depend_on_how_many_others_are_drawn() -> None:
    scenario = Scenario.of("A")
    assert draw_patient(scenario, seed=3, number=7) == cohort(scenario, 9, seed=3)[6]


def test_another_seed_or_number_is_another_patient() -> None:
    scenario = Scenario.of("B")
    first = draw_patient(scenario, seed=3, number=7)
    assert draw_patient(scenario, seed=4, number=7).shown != first.shown
    assert draw_patient(scenario, seed=3, number=8).shown != first.shown


@pytest.mark.parametrize("study", STUDIES)
def test_every_study_has_patients_with_something_to_look_at(study: str) -> None:
    for patient in cohort(Scenario.of(study), 20):
        assert patient.has
        assert patient.has <= set(Scenario.of(study).modalities)
        assert patient.case_id == f"SIM-{study}-{patient.number:04}"


def test_stages_of_biopsied_patients_have_the_published_shares(staged: list[Patient]) -> None:
    stages = [biopsy.stage for _, biopsy in biopsied(staged)]
    counts = np.bincount(stages, minlength=5) / len(stages)
    # Ai 2024: 27, 49, 51, 49 and 61 of 237; three standard errors of 2,600 patients are 0.024
    assert np.allclose(counts, np.array([27, 49, 51, 49, 61]) / 237, atol=0.03)


def test_healthy_volunteers_have_no_biopsy_and_no_fibrosis(staged: list[Patient]) -> None:
    healthy = [p for p in staged if p.liver.aetiology == "healthy"]
    assert 0.10 < len(healthy) / len(staged) < 0.14
    assert all(p.liver.biopsy is None and p.liver.stage == 0 for p in healthy)


def test_a_biopsy_misses_the_stage_as_often_as_published(staged: list[Patient]) -> None:
    long = biopsied(staged, least_mm=15)
    wrong = np.mean([biopsy.stage != p.liver.stage for p, biopsy in long])
    assert 0.25 < wrong < 0.36  # Bedossa 2003: 25 to 35 %
    readers = np.mean([biopsy.stage != biopsy.second_reader_stage for _, biopsy in long])
    assert 0.05 < readers < 0.2


def test_collagen_follows_the_stage(staged: list[Patient]) -> None:
    medians = [np.median([p.liver.collagen for p in staged if p.liver.stage == stage]) for stage in range(5)]
    assert medians == sorted(medians)
    assert medians[0] < 0.04
    assert 0.1 < medians[4] < 0.3


@pytest.mark.parametrize("source", ["stiffness", "bmode", "serum", "ct"])
def test_each_source_scores_what_the_bound_says(staged: list[Patient], source: str) -> None:
    long = biopsied(staged, least_mm=15)
    positive = np.array([biopsy.stage >= 2 for _, biopsy in long])
    found = auc(positive, np.array([p.shown[source] for p, _ in long]))
    bound = auc_of_correlation(Scenario.of("A").shown.best("biopsy", [source]), positive=0.68)
    assert abs(found - bound) < 0.03  # three standard errors of 2,000 patients


def test_the_bounds_lie_where_published_figures_do() -> None:
    found = {b.test: b.value for b in staging_bounds(Scenario.of("A"))}
    assert 0.83 <= found["elastography"] <= 0.87
    assert 0.75 <= found["B-mode, its own signal"] <= 0.85
    assert 0.90 <= found["everything"] <= 0.93
    assert max(found.values()) == found["everything"]
    events = {(b.test, b.measure): b.value for b in course_bounds(Scenario.of("E"))}
    assert 0.60 <= events["TNM stage", "C-index"] <= 0.64
    assert 0.58 <= events["CEA", "C-index"] <= 0.62
    assert 0.74 <= events["everything", "C-index"] <= 0.78


def test_metastases_of_drawn_patients_are_ordered_as_well_as_the_bound_says() -> None:
    patients = cohort(Scenario.of("E"), 2500)
    time = np.array([course.time_y for _, course in operated(patients)])
    status = np.array([course.status for _, course in operated(patients)])
    stage = np.array([10.0 * tumour.n_stage + tumour.t_stage for tumour, _ in operated(patients)])
    cea = np.array([tumour.cea_ug_l for tumour, _ in operated(patients)])
    assert 0.10 < (status == 1).mean() < 0.22
    assert concordance(time, status, stage) == pytest.approx(0.622, abs=0.045)
    assert concordance(time, status, cea) == pytest.approx(0.604, abs=0.045)


def test_in_null_mode_no_source_shows_the_stage_and_sites_and_absence_do_not_either() -> None:
    patients = cohort(Scenario.of("A", null=True), 3000)
    with_core = biopsied(patients)
    positive = np.array([biopsy.stage >= 2 for _, biopsy in with_core])
    seen = [p for p, _ in with_core]
    for score in (
        *([p.shown[name] for p in seen] for name in seen[0].shown),
        [p.person.site == "D" for p in seen],
        [p.person.age_y for p in seen],
        ["elastography" in p.has for p in seen],
    ):
        assert abs(auc(positive, np.array(score, float)) - 0.5) < 0.035


@pytest.mark.parametrize("study", ["A", "B", "C", "E"])
def test_in_null_mode_every_bound_is_exactly_chance(study: str) -> None:
    scenario = Scenario.of(study, null=True)
    bounds = staging_bounds(scenario) if study in "ABC" else ()
    bounds += course_bounds(scenario) if study in "CE" else ()
    assert all(bound.value == pytest.approx(0.5, abs=1e-9) for bound in bounds)
    if study == "B":
        assert all(bound.value == 0 for bound in stiffness_bounds(scenario))


def test_in_null_mode_no_source_shows_stiffness_where_it_is_the_reference() -> None:
    patients = cohort(Scenario.of("B", null=True), 2000)
    stiffness = [p.shown["stiffness"] for p in patients]
    seen = {name: [p.shown[name] for p in patients] for name in ("rf", "bmode", "serum", "age")}
    seen |= {
        "body-mass index": [p.person.bmi for p in patients],
        "healthy": [p.liver.aetiology == "healthy" for p in patients],
        "site": [p.person.site == "D" for p in patients],
        "number of lesions": [len(p.lesions) for p in patients],
    }
    for name, values in seen.items():  # eight tests at four standard errors: 0.05 % false alarms
        assert abs(np.corrcoef(stiffness, np.array(values, float))[0, 1]) < 4 / np.sqrt(2000), name


def test_in_null_mode_age_tells_nobody_who_dies_before_the_event() -> None:
    patients = cohort(Scenario.of("E", null=True), 3000)
    age = np.array([p.person.age_y for p in patients])
    died = np.array([course.status == 2 for _, course in operated(patients)])
    assert abs(auc(died, age) - 0.5) < 4 * 0.013  # 600 deaths
    alive = cohort(Scenario.of("E"), 3000)
    died = np.array([course.status == 2 for _, course in operated(alive)])
    assert auc(died, np.array([p.person.age_y for p in alive])) > 0.6


def test_in_null_mode_nothing_tells_malignant_lesions_or_who_has_one() -> None:
    patients = [p for p in cohort(Scenario.of("D", null=True), 3000) if any(not x.mimic for x in p.lesions)]
    lesions = [(p, lesion) for p in patients for lesion in p.lesions if not lesion.mimic]
    number = {p.number: sum(not lesion.mimic for lesion in p.lesions) for p in patients}
    kinds = ("hcc", "metastasis", "cyst", "fnh", "haemangioma")
    of_lesion = {
        "number": [number[p.number] for p, _ in lesions],
        "size": [lesion.diameter_mm for _, lesion in lesions],
        "age": [p.person.age_y for p, _ in lesions],
        "male": [p.person.sex == "m" for p, _ in lesions],
        "hepatitis B": [p.liver.aetiology == "HBV" for p, _ in lesions],
        "liver": [p.shown["ct"] for p, _ in lesions],
        "site D": [p.person.site == "D" for p, _ in lesions],
        "AFP": [float(laboratory(p)["afp_ng_ml"] or 0) for p, _ in lesions],
        **{kind: [lesion.kind == kind for _, lesion in lesions] for kind in kinds},
        **{
            name: [(lesion.look or {})[name] for _, lesion in lesions]
            for name in ("core_arterial", "core_portal")
        },
    }
    malignant = np.array([lesion.malignant for _, lesion in lesions])
    who = np.array([p.number for p, _ in lesions])
    for name, values in of_lesion.items():  # 16 tests at four standard errors: 0.1 % false alarms
        found, error = clustered_auc(malignant, np.array(values, float), who)
        assert abs(found - 0.5) < 4 * error, name
    some = np.array([any(x.malignant for x in p.lesions if not x.mimic) for p in patients])
    assert abs(some.mean() - 0.5) < 4 * 0.5 / np.sqrt(len(some))
    counted = np.array([number[p.number] for p in patients], float)
    assert abs(auc(some, counted) - 0.5) < 4 * 0.29 / np.sqrt(len(some) / 4)


def test_missing_modalities_are_more_frequent_in_advanced_disease(staged: list[Patient]) -> None:
    lacking = [p.liver.fibrosis for p in staged if "elastography" not in p.has]
    having = [p.liver.fibrosis for p in staged if "elastography" in p.has]
    assert 0.05 < len(lacking) / len(staged) < 0.12
    assert np.mean(lacking) > np.mean(having) + 0.2


def test_sites_see_other_patients_on_other_devices(staged: list[Patient]) -> None:
    means = {site: np.mean([p.liver.fibrosis for p in staged if p.person.site == site]) for site in "AD"}
    assert means["D"] > means["A"] + 0.2
    assert Counter(p.scanners["ct"] for p in staged if p.person.site == "D").keys() == {"D"}


@pytest.mark.parametrize(
    ("arm", "winner", "loser"),
    [("spectrum", "spectrum alone", "envelope alone"), ("brightness", "envelope alone", "spectrum alone")],
)
def test_arms_of_the_ultrasound_study_have_the_winner_they_name(arm: str, winner: str, loser: str) -> None:
    found = {b.test: b.value for b in stiffness_bounds(Scenario.of("B", arm=arm))}
    assert found[winner] > 0.6
    assert found[loser] < 0.25


@pytest.mark.parametrize("arm", ["nothing", "shortcut"])
def test_arms_without_signal_show_nothing(arm: str) -> None:
    # body size moves the measured stiffness by 0.15 SD, and the older have more of it: the formula says 0.2136
    joint = Scenario.of("B", arm=arm).shown
    person = joint.best("stiffness", ("bmi", "age"))
    for bound in stiffness_bounds(Scenario.of("B", arm=arm)):
        assert bound.value == pytest.approx(person, abs=4 * max(bound.error, 0.003))


def test_fusion_has_a_known_gain_that_private_signal_raises() -> None:
    single, joint = fusion_gain(Scenario.of("E"), ["ct_risk", "slide", "n"])
    shared_single, shared_joint = fusion_gain(
        replace(Scenario.of("E"), private=0.0), ["ct_risk", "slide", "n"]
    )
    assert single == pytest.approx(shared_single)
    assert joint - single > shared_joint - shared_single + 0.02


def test_difficulty_lowers_every_bound() -> None:
    for easier, harder in zip(
        staging_bounds(Scenario.of("A")), staging_bounds(Scenario.of("A", difficulty=1.5)), strict=True
    ):
        assert harder.value < easier.value


@pytest.mark.parametrize(
    ("make", "what"),
    [
        (lambda: Scenario.of("F"), "no study 'F'"),
        (lambda: Scenario.of("A", arm="spectrum"), "no arm"),
        (lambda: Scenario.of("B", arm="spectral"), "did you mean 'spectrum'"),
        (lambda: Scenario.of("A", difficulty=0), "difficulty"),
        (lambda: replace(Scenario.of("A"), healthy=1.0), "healthy"),
        (lambda: replace(Scenario.of("A"), case_mix=-1), "case_mix"),
        (lambda: replace(Scenario.of("A"), absent={"mr": Absence(0.1)}), "did you mean 'mri'"),
        (lambda: replace(Scenario.of("A"), private=0.5), "at most"),
        (lambda: draw_patient(Scenario.of("A"), seed=1, number=0), "numbered from 1"),
        (lambda: draw_patient(Scenario.of("A"), seed=-1, number=1), "seeds from 0"),
    ],
)
def test_what_cannot_be_simulated_is_refused(make: Callable[[], object], what: str) -> None:
    with pytest.raises(SimulationError, match=what):
        make()


def test_stage_thresholds_are_those_of_the_published_shares() -> None:
    from scipy.stats import norm

    assert np.allclose(norm.cdf(STAGE_FROM), [0.11, 0.32, 0.53, 0.74], atol=0.001)
    assert set(ARMS) == {"natural", "spectrum", "brightness", "nothing", "shortcut"}
    assert auc_of_correlation(0.5, positive=0.5) > 0.7
