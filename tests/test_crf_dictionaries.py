"""The bundled case record forms: bilingual, consistent with one another, complete for what their study asks."""

import datetime as dt
import re
from importlib.resources import files

import pytest

from hepar.comparators.base import Comparator
from hepar.data.crf.check import check
from hepar.data.crf.form import FormDictionary, FormField
from hepar.data.crf.record import Export, Record
from hepar.io.redcap import bundled_dictionaries, read_dictionary
from hepar.simulation.crf.plan import plan_of

STUDIES = ("crc-metastasis", "fibrosis-fusion", "lesion-screening", "radiomics", "rf-spectrum")
CHINESE = re.compile("[\u4e00-\u9fff]")
CRITERIA = {
    "fibrosis-fusion": (
        "age_in_range", "diagnosis_by_guideline", "liver_cancer_on_imaging", "biopsy_contraindicated",
        "pathology_inadequate",
    ),
    "rf-spectrum": (
        "adult", "ultrasound_scheduled", "consent_valid", "minor_intervention_within_14_d",
        "contrast_ultrasound_within_24_h", "major_intervention",
    ),
    "radiomics": (
        "adult", "chronic_liver_disease", "imaging_available", "decompensated_before", "liver_cancer_before",
        "image_quality_poor",
    ),
    "lesion-screening": (
        "adult", "reference_available", "prior_resection", "prior_tace", "prior_ablation", "prior_surgery",
        "image_quality_poor", "phase_missing", "box_mismatch",
    ),
    "crc-metastasis": (
        "age_18_to_75", "stage_i_to_iii", "curative_resection", "archive_data_only", "synchronous_metastasis",
        "no_input_available",
    ),
}  # fmt: skip
COMPARED = {
    "fibrosis-fusion": ("fib4", "apri", "gpr", "nfs", "bard", "fli", "stiffness", "child_pugh"),
    "rf-spectrum": ("stiffness", "fib4"),
    "radiomics": ("fib4", "apri", "gpr", "albi", "meld_na", "child_pugh"),
    "lesion-screening": ("albi", "child_pugh"),
    "crc-metastasis": ("cea", "tnm_stage"),
}


@pytest.fixture(scope="module")
def forms() -> dict[str, FormDictionary]:
    return {name: read_dictionary(name) for name in STUDIES}


def test_there_is_a_form_and_an_instruction_for_each_of_the_five_studies() -> None:
    assert set(bundled_dictionaries()) == set(STUDIES)
    for name in STUDIES:
        text = (files("hepar") / "studies" / "crf" / f"{name}.md").read_text(encoding="utf-8")
        english, chinese = text.split("\n---\n")
        assert len(CHINESE.findall(chinese)) > 300
        for form in read_dictionary(name).forms:
            assert f"| `{form}`: " in english
            assert f"| `{form}`：" in chinese


@pytest.mark.parametrize("name", STUDIES)
def test_every_annotation_and_calculation_can_be_read(forms: dict[str, FormDictionary], name: str) -> None:
    steps = plan_of(forms[name]).steps
    assert len(steps) == len(forms[name].fields)
    assert all(step.calculation is not None for step in steps if step.field.type == "calc")


@pytest.mark.parametrize("name", STUDIES)
def test_labels_choices_and_notes_stand_in_both_languages(
    forms: dict[str, FormDictionary], name: str
) -> None:
    for field in forms[name].fields:
        for text in (field.label, field.note):
            english, _, chinese = text.partition(" / ")
            assert english, field.name
            assert not CHINESE.search(english), (field.name, text)
            assert CHINESE.search(chinese), (field.name, text)


def meaning(field: FormField) -> tuple[object, ...]:
    return (
        field.type, field.choices, field.calculation, field.validation, field.least, field.most, field.identifier,
        field.label,
    )  # fmt: skip


def test_a_name_means_the_same_in_every_form(forms: dict[str, FormDictionary]) -> None:
    seen: dict[str, tuple[str, tuple[object, ...]]] = {}
    shared = 0
    for name, form in forms.items():
        for field in form.fields:
            first, known = seen.setdefault(field.name, (name, meaning(field)))
            assert known == meaning(field), (field.name, first, name)
            shared += first != name
    assert shared > 250  # else the test compares next to nothing


@pytest.mark.parametrize("name", STUDIES)
def test_every_criterion_has_its_evidence_and_binds_the_decision(
    forms: dict[str, FormDictionary], name: str
) -> None:
    fields = {field.name: field for field in forms[name].fields}
    for criterion in CRITERIA[name]:
        assert {choice.code for choice in fields[criterion].choices} == {"0", "1"}
        for part in ("", "_evidence", "_by", "_date"):
            assert fields[criterion + part].required
        assert f"[{criterion}] = " in fields["eligible"].annotation


@pytest.mark.parametrize("name", STUDIES)
def test_the_comparators_of_the_study_find_their_fields(forms: dict[str, FormDictionary], name: str) -> None:
    fields = {field.name for field in forms[name].fields}
    for kind in COMPARED[name]:
        comparator = Comparator.member(kind).model_validate({"kind": kind})
        assert set(comparator.needs) <= fields, kind


@pytest.mark.parametrize("name", STUDIES)
def test_no_form_asks_for_what_names_a_person(forms: dict[str, FormDictionary], name: str) -> None:
    for field in forms[name].fields:
        assert not re.search(r"birth_date|initials|phone|address|hospital_number", field.name)
        if re.search(r"accession|pathology_number|slide_block", field.name):
            assert field.identifier, field.name


@pytest.mark.parametrize(
    ("name", "repeated"),
    [
        ("fibrosis-fusion", set()),
        ("rf-spectrum", {"rf_recording", "lesion"}),
        ("radiomics", {"segmentation"}),
        ("lesion-screening", {"lesion", "reading"}),
        ("crc-metastasis", {"slide", "visit"}),
    ],
)
def test_what_there_is_several_of_has_a_repeated_form(
    forms: dict[str, FormDictionary], name: str, repeated: set[str]
) -> None:
    assert plan_of(forms[name]).repeating == repeated


@pytest.mark.parametrize("name", STUDIES)
def test_numbers_have_limits_and_dates_end_today(forms: dict[str, FormDictionary], name: str) -> None:
    for field in forms[name].fields:
        if field.validation in ("integer", "number"):
            assert field.least, field.name
            assert field.most, field.name
        if field.validation == "date_ymd":
            assert field.most == "today", field.name


@pytest.mark.parametrize(
    ("field", "cells", "rule"),
    [
        ("lab_date", {"surgery_date": "2020-05-01", "lab_date": "2020-05-20"}, "date order"),
        ("lab_date", {"surgery_date": "2020-05-01", "lab_date": "2020-01-20"}, "days between"),
        ("tumour_deposits", {"n_stage": "1", "nodes_positive": "0", "tumour_deposits": "0"}, "rule"),
        ("tumour_deposits", {"n_stage": "0", "nodes_positive": "0", "tumour_deposits": "2"}, "rule"),
        ("tumour_deposits", {"n_stage": "1", "nodes_positive": "0", "tumour_deposits": "2"}, ""),
        ("tumour_deposits", {"n_stage": "2", "nodes_positive": "5", "tumour_deposits": "0"}, ""),
    ],
)
def test_cea_after_surgery_and_deposits_that_contradict_the_nodal_stage_are_found(
    forms: dict[str, FormDictionary], field: str, cells: dict[str, str], rule: str
) -> None:
    form = forms["crc-metastasis"]
    columns = tuple(dict.fromkeys(("record_id", *cells)))
    line = Record(2, "01-0001", {"record_id": "01-0001", **cells})
    queries = check(form, Export(columns, (line,)), today=dt.date(2026, 1, 31))
    assert [query.rule for query in queries if query.field == field] == ([rule] if rule else [])


@pytest.mark.parametrize("name", STUDIES)
@pytest.mark.parametrize(("site", "rules"), [("1", []), ("01", []), ("2", ["rule"]), ("10", ["rule"])])
def test_the_site_is_the_first_part_of_the_identifier(
    forms: dict[str, FormDictionary], name: str, site: str, rules: list[str]
) -> None:
    line = Record(2, "01-0001", {"record_id": "01-0001", "site_number": site})
    queries = check(forms[name], Export(("record_id", "site_number"), (line,)), today=dt.date(2026, 1, 31))
    assert [query.rule for query in queries if query.field == "site_number"] == rules
