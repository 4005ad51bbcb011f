"""The row that a SIMULATED patient has in a study's table: clean values in the units that the fields' names say."""

from ...core.errors import SimulationError, choices
from ..patient import Patient
from .calendar import date_fields, follow_up_fields
from .column import Value
from .columns import COLUMNS, ELASTOGRAPHY
from .entry import eligibility
from .findings import (
    Elastogram,
    biopsy_fields,
    elastography_fields,
    function_fields,
    lesion_fields,
    tumour_fields,
)
from .laboratory import laboratory, shown_by_serum
from .practice import Practice, lacking, without_elastography

USUAL = Practice()
EXAMINED = tuple(study for study, columns in COLUMNS.items() if ELASTOGRAPHY[0] in columns)
"""Studies that ask for elastography."""


def clinical_row(
    patient: Patient, *, practice: Practice = USUAL, elastography: Elastogram | None = None
) -> dict[str, Value]:
    """Every field of the patient's study, and `case_id` and `site`; None where there is no value.

    `elastography` is what was measured, where the caller has it already; else `hepar.phantom.ultrasound.elastography`
    measures. The page of who lacks it is empty. The row depends on the disease through `patient.shown`, the biopsy, the
    tumour, the lesions and the course only.

    Raises:
        SimulationError: the study is unknown, or the patient's state is impossible.
    """
    if patient.study not in COLUMNS:
        raise SimulationError(f"there is no study {patient.study!r}; {choices(patient.study, COLUMNS)}")
    examined = patient.study in EXAMINED and not without_elastography(patient, practice)
    entry, dates = eligibility(patient, practice), date_fields(patient)
    found: dict[str, Value] = {
        **_demography(patient),
        **laboratory(patient),
        **entry,
        **dates,
        **(elastography_fields(patient, elastography) if examined else {}),
        **biopsy_fields(patient),
        **lesion_fields(patient),
        **tumour_fields(patient, metastatic=bool(entry.get("synchronous_metastasis"))),
        **function_fields(patient, shown_by_serum(patient)),
        **follow_up_fields(patient, dates),
    }
    gone = lacking(patient, practice)
    fields = (column.name for column in COLUMNS[patient.study])
    values = {name: None if name in gone else found.get(name) for name in fields}
    identity = {"case_id": patient.case_id, "site": patient.person.site}
    return {**identity, **values, "bmi_kg_m2": round(patient.person.bmi, 1)}


def _demography(patient: Patient) -> dict[str, Value]:
    """Age in full years; the waist is a regression (ours) on adults of NHANES 2017-March 2020, of spread 5.9 cm."""
    person = patient.person
    body = 86.6 + 2.17 * (person.bmi - 25) + 5.3 * (person.sex == "m") + 1.63 * (person.age_y - 45) / 10
    waist = body + 5.9 * patient.stream("tables", "waist").standard_normal()
    return {
        "age_y": float(int(person.age_y)),
        "sex": "male" if person.sex == "m" else "female",
        "height_cm": float(round(100 * person.height_m)),
        "weight_kg": round(person.weight_kg, 1),
        "waist_cm": float(max(50, round(waist))),
        "aetiology": patient.liver.aetiology,
    }
