"""Rows of SIMULATED patients: complete, honest about what is missing, and about what may not be known."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np
import pytest

from hepar.core.errors import SimulationError
from hepar.phantom.patient import Course, Patient
from hepar.phantom.tables import COLUMNS, IDEAL, Practice, clinical_row
from hepar.phantom.tables.laboratory import NORMAL_SERUM
from hepar.phantom.ultrasound import elastography
from table_patients import cohort, patient

BLOOD_AND_SOUND = frozenset({"laboratory", "elastography"})


@dataclass(frozen=True, slots=True)
class Measured:
    """Stands for an elastogram."""

    stiffness_kpa: float | None = 9.44
    iqr_over_median: float = 0.178
    valid: int = 10
    attempts: int = 12
    failed: bool = False
    probe: str = "M"


def seen(number: int = 1, **more: Any) -> Patient:
    return replace(patient(number, **more), has=BLOOD_AND_SOUND)


@pytest.mark.parametrize("study", "ABCDE")
def test_a_row_has_every_field_of_its_study(study: str) -> None:
    row = clinical_row(seen(study=study))
    assert set(row) == {"case_id", "site", "bmi_kg_m2", *(column.name for column in COLUMNS[study])}
    assert row["case_id"] == f"SIM-{study}-0001"


@pytest.mark.parametrize("study", "ABCDE")
def test_clean_values_are_possible_ones(study: str) -> None:
    rows = [clinical_row(replace(one, has=BLOOD_AND_SOUND)) for one in cohort(100, study=study)]
    for column in COLUMNS[study]:
        values = [row[column.name] for row in rows if row[column.name] is not None]
        if column.limits is not None:
            assert all(column.limits[0] <= float(value) <= column.limits[1] for value in values if value), (
                column.name
            )
        if column.codes:
            assert set(values) <= set(column.codes.values()), column.name


def test_the_same_patient_has_the_same_row() -> None:
    assert clinical_row(seen(3)) == clinical_row(seen(3))


def test_fibrosis_moves_nothing_while_what_is_shown_and_reported_stays() -> None:
    one = seen(4)
    hidden = replace(one, liver=replace(one.liver, fibrosis=2.9, collagen=0.45, stage=4))
    assert clinical_row(hidden) == clinical_row(one)


def test_the_stage_is_what_pathology_reported() -> None:
    one = seen()
    assert one.liver.biopsy is not None
    misread = replace(one.liver, stage=4, biopsy=replace(one.liver.biopsy, stage=1))
    assert clinical_row(replace(one, liver=misread))["fibrosis_stage"] == 1
    assert clinical_row(replace(one, liver=replace(one.liver, biopsy=None)))["fibrosis_stage"] is None


def test_elastography_stands_as_measured() -> None:
    row = clinical_row(seen(), elastography=Measured())
    assert (row["stiffness_kpa"], row["stiffness_iqr_over_median"], row["valid_measurements"]) == (
        9.4,
        0.18,
        10,
    )


def test_who_was_not_measured_yet_is_measured() -> None:
    row = clinical_row(seen())
    found = elastography(seen())
    assert found.stiffness_kpa is not None
    assert (row["stiffness_kpa"], row["measurements"]) == (found.stiffness_kpa, found.attempts)


def test_a_failed_elastography_has_no_stiffness() -> None:
    row = clinical_row(seen(), elastography=Measured(stiffness_kpa=None, failed=True))
    assert row["elastography_failed"] is True
    assert row["stiffness_kpa"] is None


def test_who_lacks_elastography_or_blood_has_none() -> None:
    row = clinical_row(replace(seen(), has=frozenset({"ct"})), elastography=Measured())
    assert row["stiffness_kpa"] is row["probe"] is row["ast_u_l"] is row["hbsag"] is None
    assert row["age_y"] == 45


def test_those_who_look_ill_lack_elastography_more_often() -> None:
    practice = Practice(elastography_not_done=0.2, informative=0.8)
    missing = {
        serum: np.mean([_gone(seen(n, serum=serum), practice) for n in range(300)])
        for serum in (-1.5, 0.0, 1.5)
    }
    assert missing[-1.5] < missing[0.0] < missing[1.5]
    share = np.mean([_gone(replace(one, has=BLOOD_AND_SOUND), practice) for one in cohort(600)])
    assert share == pytest.approx(0.2, abs=0.05)  # standard error 0.016


def _gone(one: Patient, practice: Practice) -> bool:
    return clinical_row(one, practice=practice, elastography=Measured())["stiffness_kpa"] is None


def test_tests_are_missing_at_random_at_the_rate_asked_for() -> None:
    practice = replace(IDEAL, at_random=0.2)
    rows = [clinical_row(seen(n), practice=practice) for n in range(300)]
    share = np.mean([row[name] is None for row in rows for name in ("ast_u_l", "inr", "platelets_10e9_l")])
    assert share == pytest.approx(0.2, abs=0.05)  # standard error 0.013


def test_a_site_that_does_not_do_a_test_never_has_it() -> None:
    practice = replace(IDEAL, not_done={"B": ("ggt_u_l",)})
    there, elsewhere = (clinical_row(seen(n), practice=practice) for n in (1, 2))
    assert (there["site"], there["ggt_u_l"]) == ("B", None)
    assert elsewhere["ggt_u_l"] is not None


def test_ideal_practice_violates_nothing() -> None:
    row = clinical_row(seen(study="D"), practice=IDEAL)
    assert (row["prior_resection"], row["prior_tace"], row["prior_ablation"]) == (False, False, False)
    assert row["arterial_phase"] is row["portal_phase"] is row["image_quality_adequate"] is True


@pytest.mark.parametrize(
    ("study", "field", "wrong"),
    [
        ("A", "biopsy_contraindicated", True),
        ("B", "consent_signed", False),
        ("C", "decompensated_before", True),
        ("D", "prior_tace", True),
        ("E", "synchronous_metastasis", True),
    ],
)
def test_some_violate_eligibility(study: str, field: str, wrong: bool) -> None:
    practice = replace(IDEAL, violations=0.3)
    share = np.mean(
        [clinical_row(seen(n, study=study), practice=practice)[field] is wrong for n in range(300)]
    )
    assert share == pytest.approx(0.3, abs=0.08)  # three standard errors


def test_stage_groups_follow_from_t_and_n() -> None:
    one = seen(study="E")
    assert one.tumour is not None
    groups = {
        (t, n): clinical_row(replace(one, tumour=replace(one.tumour, t_stage=t, n_stage=n)), practice=IDEAL)[
            "stage"
        ]
        for t in (1, 2, 3, 4)
        for n in (0, 1)
    }
    assert [groups[t, 0] for t in (1, 2, 3, 4)] == [1, 1, 2, 2]
    assert {groups[t, 1] for t in (1, 2, 3, 4)} == {3}


def test_a_metastasis_at_diagnosis_is_stage_four() -> None:
    rows = [clinical_row(seen(n, study="E"), practice=replace(IDEAL, violations=0.5)) for n in range(40)]
    assert {row["stage"] for row in rows if row["synchronous_metastasis"]} == {4}
    assert all(row["m_stage"] == row["synchronous_metastasis"] for row in rows)


def test_what_only_looks_like_a_lesion_is_not_counted() -> None:
    one = seen(study="D")
    mimic = replace(one.lesions[0], kind="perfusion_anomaly", malignant=False, mimic=True, diameter_mm=60.0)
    row = clinical_row(replace(one, lesions=(*one.lesions, mimic)))
    assert (row["lesion_count"], row["malignant_count"], row["largest_lesion_mm"]) == (1, 1, 24)
    assert row["reference_method"] == "pathology"


@pytest.mark.parametrize("status", [0, 1, 2])
def test_days_of_follow_up_agree_with_time_and_status(status: int) -> None:
    row = clinical_row(replace(seen(study="E"), course=Course(2.5, status)))
    surgery, last = (date.fromisoformat(str(row[name])) for name in ("surgery_date", "last_contact_date"))
    assert (last - surgery).days == pytest.approx(2.5 * 365.25, abs=1)
    assert surgery.year >= 2099
    assert (row["event_date"] is not None, row["death_date"] is not None) == (status == 1, status == 2)


def test_a_liver_related_event_has_a_kind() -> None:
    kinds = {
        clinical_row(replace(seen(n, study="C"), course=Course(1.0, 1)))["event_kind"] for n in range(60)
    }
    assert {"ascites", "bleeding", "hcc"} <= kinds
    assert clinical_row(replace(seen(study="C"), course=Course(1.0, 0)))["event_kind"] is None


def test_only_failing_livers_have_ascites() -> None:
    well = [clinical_row(seen(n, study="C", serum=NORMAL_SERUM))["ascites"] for n in range(100)]
    ill = [clinical_row(seen(n, study="C", serum=3.0))["ascites"] for n in range(100)]
    assert set(well) == {0}
    assert sum(value != 0 for value in ill) > 15


@pytest.mark.parametrize(
    ("rates", "said"),
    [
        ({"violations": 1.0}, "violations is 1.0"),
        ({"at_random": float("nan")}, "at_random is nan"),
        ({"informative": float("inf")}, "informative is inf"),
        ({"not_done": {"A": ("got",)}}, "not_done names 'got'"),
    ],
)
def test_impossible_practice_is_refused(rates: dict[str, Any], said: str) -> None:
    with pytest.raises(SimulationError, match=said):
        Practice(**rates)


def test_an_unknown_study_or_course_is_refused() -> None:
    with pytest.raises(SimulationError, match="there is no study 'Z'"):
        clinical_row(replace(seen(), study="Z"))
    with pytest.raises(SimulationError, match="status 5"):
        clinical_row(replace(seen(study="E"), course=Course(1.0, 5)))
