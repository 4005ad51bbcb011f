"""An export becomes the table and data dictionary that a protocol reads."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from hepar.core.errors import DataError, ProtocolError, RunError
from hepar.data.crf.as_fields import english
from hepar.data.crf.form import Choice, FormDictionary, FormField
from hepar.data.crf.record import Export, Record
from hepar.io.redcap import bundled_dictionaries, read_dictionary, read_export
from hepar.io.redcap.study_table import study_table, write_study_table
from hepar.io.redcap_export import write_redcap
from hepar.io.tables import read_cohort
from hepar.phantom.tables import COLUMNS, FaultRates, clinical_row, hospital_table
from hepar.phantom.tables.practice import Practice
from hepar.phantom.tables.units import unit_at
from hepar.simulation.crf import example_export
from table_patients import cohort

YES_NO = (Choice("1", "Yes 是"), Choice("0", "No 否"))
FORMS = FormDictionary(
    "forms",
    (
        FormField("record_id", "baseline", "text", "Participant"),
        FormField("initials", "baseline", "text", "Initials", identifier=True),
        FormField("age_y", "baseline", "text", "Age (years) / 年龄（岁）", validation="integer", least="18", most="75"),
        FormField("sex", "baseline", "radio", "Sex / 性别", (Choice("1", "Male 男"), Choice("2", "Female 女"))),
        FormField("hbv", "baseline", "radio", "Hepatitis B", YES_NO),
        FormField("stage", "baseline", "dropdown", "Stage", tuple(Choice(str(n), f"F{n}") for n in range(5))),
        FormField("cause", "baseline", "checkbox", "Cause", (Choice("1", "HBV"), Choice("2", "HCV"))),
        FormField("scan_date", "baseline", "text", "Scan", validation="date_ymd"),
        FormField("weight_kg", "laboratory", "text", "Weight", validation="number_1dp_comma_decimal"),
        FormField("died", "outcome", "yesno", "Died", (Choice("1", "Yes"), Choice("0", "No"))),
        FormField("size_mm", "lesion", "text", "Size", validation="number", least="1", most="300"),
    ),
)  # fmt: skip
BASE = {
    "age_y": "45", "sex": "2", "hbv": "1", "stage": "3", "cause___1": "1", "cause___2": "0", "initials": "AB",
    "scan_date": "2024-05-02", "weight_kg": "70,5", "died": "0", "baseline_complete": "2",
}  # fmt: skip


def a_record(line: int, participant: str, values: Mapping[str, str], **more: str) -> Record:
    return Record(line, participant, {**dict.fromkeys((*BASE, "size_mm"), ""), **values}, **more)


def an_export(*records: Record) -> Export:
    return Export((*BASE, "size_mm"), records)


WHOLE = an_export(
    a_record(2, "S1", BASE, group="north"),
    a_record(3, "S1", {"size_mm": "12"}, instrument="lesion", instance="1", group="north"),
    a_record(4, "S1", {"size_mm": "31.5"}, instrument="lesion", instance="2", group="north"),
    a_record(5, "S2", {**dict.fromkeys(BASE, ""), "cause___1": "0", "cause___2": "0"}, group="south"),
)


def test_a_protocol_s_reader_reads_every_kind_of_field(tmp_path: Path) -> None:
    made = write_study_table(FORMS, WHOLE, tmp_path / "study")
    cohort = read_cohort(tmp_path / "study" / "dictionary.yaml")
    first, second = list(cohort)
    assert (first.case_id, first.participant_id, first.site, second.site) == ("S1", "S1", "north", "south")
    assert dict(first.clinical) == {
        "age_y": 45.0,
        "sex": "female",
        "hbv": True,
        "stage": 3.0,
        "cause___1": True,
        "cause___2": False,
        "scan_date": dt.date(2024, 5, 2),
        "weight_kg": 70.5,
        "died": False,
    }
    assert made.rows == 2
    assert made.left_out["initials"] == "it identifies somebody"
    assert "--rows lesion" in made.left_out["size_mm"]


def test_a_checkbox_of_a_form_that_nobody_opened_is_missing_and_not_no(tmp_path: Path) -> None:
    write_study_table(FORMS, WHOLE, tmp_path / "study")
    _, second = list(read_cohort(tmp_path / "study" / "dictionary.yaml"))
    assert second.clinical["cause___1"] is None


def test_a_row_for_each_lesion_keeps_the_participant_together(tmp_path: Path) -> None:
    write_study_table(FORMS, WHOLE, tmp_path / "study", rows="lesion")
    cases = list(read_cohort(tmp_path / "study" / "dictionary.yaml"))
    assert [(c.case_id, c.participant_id, c.clinical["size_mm"], c.clinical["age_y"]) for c in cases] == [
        ("S1-1", "S1", 12.0, 45.0),
        ("S1-2", "S1", 31.5, 45.0),
    ]


def test_what_is_filled_in_at_two_events_gives_two_columns() -> None:
    made = study_table(
        FORMS,
        an_export(
            a_record(2, "S1", {"age_y": "45", "weight_kg": "70,5"}, event="first_arm_1"),
            a_record(3, "S1", {"weight_kg": "69,0"}, event="later_arm_1"),
        ),
    )
    assert made.text.splitlines()[:2] == [
        "case,participant,site,age_y,weight_kg_first,weight_kg_later",
        "S1,S1,one site,45,70.5,69.0",
    ]


def test_what_is_known_only_after_baseline_is_marked_so_that_no_test_reads_it() -> None:
    fields = study_table(FORMS, WHOLE).document["fields"]
    assert [name for name, entry in fields.items() if entry.get("follow_up")] == ["died"]


@pytest.mark.parametrize("study", ["A", "C", "D", "E"])
def test_a_hospital_s_project_with_units_by_site_is_read_as_its_table_is(tmp_path: Path, study: str) -> None:
    patients = [
        replace(one, has=frozenset({"laboratory"}), person=replace(one.person, site="ABCD"[k % 4]))
        for k, one in enumerate(cohort(24, study=study))
    ]
    rows = [clinical_row(one, practice=Practice(violations=0.3)) for one in patients]
    table = hospital_table(rows, COLUMNS[study], seed=1, rates=FaultRates.only())
    forms, records = write_redcap(table, tmp_path / "redcap", longitudinal=True, missing_code="UNK")
    dictionary = read_dictionary(forms, missing_codes=("UNK",))
    export = read_export(records, dictionary, missing_codes=("UNK",))
    made = write_study_table(dictionary, export, tmp_path / "study")
    read = {case.case_id: case for case in read_cohort(tmp_path / "study" / "dictionary.yaml")}
    assert made.document["simulated"]
    mixed = {n for n, entry in made.document["fields"].items() if "source_unit" in entry}
    assert mixed
    columns = [column for column in COLUMNS[study] if column.entry in mixed]
    for row in rows:
        for column in columns:
            known, found = row[column.name], read[str(row["case_id"])].clinical[column.entry]
            assert (known is None) == (found is None)
            if isinstance(known, float) and isinstance(found, float):
                back = column.read(found, unit=str(made.document["fields"][column.entry]["unit"]))
                rounded = column.resolution(unit_at(str(row["site"]), column))
                assert back == pytest.approx(known, rel=1e-3, abs=1.001 * rounded)


def test_a_form_that_is_not_there_and_an_export_of_nothing_are_refused() -> None:
    with pytest.raises(ProtocolError, match="no form 'lesoin'"):
        study_table(FORMS, WHOLE, rows="lesoin")
    with pytest.raises(DataError, match="nothing can be read"):
        study_table(FORMS, an_export(a_record(2, "S1", {})))


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / "study").mkdir()
    with pytest.raises(RunError, match="is there already"):
        write_study_table(FORMS, WHOLE, tmp_path / "study")


def test_words_are_english_where_a_label_has_both() -> None:
    assert english("Peripheral nodular 周边结节状 (x)") == "Peripheral nodular"
    assert english("CT") == "CT"
    assert english("肝脏") == ""


@pytest.mark.parametrize("study", bundled_dictionaries())
def test_every_bundled_form_becomes_data_that_a_protocol_reads(tmp_path: Path, study: str) -> None:
    dictionary = read_dictionary(study)
    made = write_study_table(
        dictionary, example_export(dictionary, participants=8, seed=2), tmp_path / "study"
    )
    cases = list(read_cohort(tmp_path / "study" / "dictionary.yaml"))
    assert len(cases) == made.rows == 8
    assert {"age_y", "sex"} <= set(cases[0].clinical)
    identifiers = {field.name for field in dictionary.fields if field.identifier}
    assert not identifiers & set(made.document["fields"])


def test_arms_share_a_column_and_an_event_that_repeats_is_left_out_and_told() -> None:
    forms = FormDictionary(
        "m", (FormField("id", "a", "text", "Id"), FormField("dose", "a", "text", "Dose", validation="number"))
    )

    def entered(line: int, who: str, dose: str, event: str, instance: str = "") -> Record:
        return Record(line, who, {"id": who, "dose": dose}, event, "", instance)

    base = (entered(2, "A", "1", "base_arm_1"), entered(3, "B", "2", "base_arm_2"))
    made = study_table(forms, Export(("id", "dose"), (*base, entered(4, "A", "3", "m6_arm_1"))))
    assert made.text.splitlines() == [
        "case,participant,site,dose_base,dose_m6",
        "A,A,one site,1,3",
        "B,B,one site,2,",
    ]

    visits = (entered(4, "A", "5", "visit_arm_1", "1"), entered(5, "A", "6", "visit_arm_1", "2"))
    made = study_table(forms, Export(("id", "dose"), (*base, *visits)))
    assert made.text.splitlines() == ["case,participant,site,dose_base", "A,A,one site,1", "B,B,one site,2"]
    assert made.left_out == {"dose_visit": "of the event visit, which participants have several times"}

    once = study_table(forms, Export(("id", "dose"), (*base, visits[0])))
    assert once.text.splitlines()[1] == "A,A,one site,1,5"


def test_two_events_of_one_name_keep_their_columns() -> None:
    forms = FormDictionary("m", (FormField("id", "a", "text", "Id"), FormField("dose", "a", "text", "Dose")))
    lines = (
        Record(2, "A", {"id": "A", "dose": "1"}, "visit_arm_1"),
        Record(3, "A", {"id": "A", "dose": "2"}, "visit_arm_1b"),
    )
    made = study_table(forms, Export(("id", "dose"), lines))
    assert made.text.splitlines() == ["case,participant,site,dose_visit,dose_visit_b", "A,A,one site,1,2"]
