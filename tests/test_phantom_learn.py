"""The benchmark of what can be learnt: null patients keep only images that are theirs, scores are those of other cohorts."""

from dataclasses import replace

import numpy as np
import pytest
from benchmarks.phantom import learn
from benchmarks.phantom.learn import GROUPS, TASKS, Cohort, Features, Group, Kept, cohort_of, imaged, scored

from hepar.phantom.patient import Patient
from hepar.phantom.population import draw_patient
from hepar.phantom.scenario import Scenario


def shown(patient: Patient, _wanted: object) -> Features:
    return {"slide": [[patient.shown["slide"], patient.shown["cea"]]]}


GROUP = Group("E", shown, learn._at_risk, {"slide": lambda: 0.739})


def test_what_is_learnt_from_a_source_itself_comes_near_its_bound_and_is_chance_in_null_mode() -> None:
    kept: Kept = {}
    pairs = [
        [cohort_of(GROUP, ["slide"], seed=seed, null=null, n=600, kept=kept) for seed in (1, 2)]
        for null in (False, True)
    ]
    learnt, chance = (scored(*pair, task="slide", boosted=False) for pair in pairs)
    joint = Scenario.of("E").shown.best("course", ["slide", "cea"])
    assert joint > 0.5
    assert learnt[0] == pytest.approx(0.75, abs=4 * learnt[1])
    assert learnt[0] > 0.5 + 8 * learnt[1]
    assert abs(chance[0] - 0.5) < 4 * chance[1]
    assert 500 < len(pairs[1][0].label) < 600, "some sites and so scanners differ in null mode"


def test_images_are_kept_only_where_they_are_the_same() -> None:
    patient = draw_patient(Scenario.of("E"), seed=1, number=1)
    assert patient.tumour is not None
    alike = replace(patient, tumour=replace(patient.tumour, risk=9.0), course=None, has=frozenset({"ct"}))
    assert imaged(alike) == imaged(patient)
    for other in (
        replace(patient, shown={**patient.shown, "slide": 0.1}),
        replace(patient, scanners={**patient.scanners, "slide": "Z"}),
        replace(patient, person=replace(patient.person, weight_kg=99.0)),
    ):
        assert imaged(other) != imaged(patient)


def test_lesions_of_one_patient_count_as_one_witness() -> None:
    rng = np.random.default_rng(1)
    owner = np.repeat(np.arange(100), 3)
    cohorts = []
    for _ in range(2):
        label = np.repeat(rng.random(100) < 0.5, 3)
        feature = np.repeat(rng.standard_normal(100), 3) + label
        cohorts.append(Cohort({"lesions": feature[:, None]}, label, owner))
    apart = [replace(one, patient=np.arange(300)) for one in cohorts]
    together = scored(*cohorts, task="lesions", boosted=False)
    assert together[0] == pytest.approx(scored(*apart, task="lesions", boosted=False)[0])
    assert together[1] > 1.5 * scored(*apart, task="lesions", boosted=False)[1]


def test_the_error_covers_what_the_two_ways_have_in_common_where_nothing_is_learnt() -> None:
    rng, found = np.random.default_rng(2), []
    for _ in range(60):
        cohorts = [
            Cohort({"ct": rng.standard_normal((60, 6))}, np.arange(60) % 2 > 0, np.arange(60))
            for _ in range(2)
        ]
        found.append(scored(*cohorts, task="ct", boosted=False))
    areas, errors = np.array(found).T
    assert areas.mean() == pytest.approx(0.5, abs=4 * areas.std() / np.sqrt(60))
    assert areas.std() == pytest.approx(errors.mean(), rel=0.37)  # four standard errors of an SD of 60


def test_every_task_has_a_bound_above_chance(capsys: pytest.CaptureFixture[str]) -> None:
    assert len(set(TASKS)) == len(TASKS)
    assert all(0.6 < bound() < 1 for group in GROUPS if group.study != "D" for bound in group.bounds.values())
    with pytest.raises(SystemExit):
        learn.main(["--tasks", "cts"])
    assert "there is no task 'cts'" in capsys.readouterr().err
