"""What is known of a whole SIMULATED cohort, collected from its patients' folders into tables."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from ..core.errors import RunError
from ..phantom.patient import Patient
from ..phantom.population import draw_patient
from ..phantom.tables import clinical_row
from .describe import flat, plain
from .patient_files import LESIONS, PATIENTS, SUMMARIES
from .recipe import Recipe

KEY = "case_id"


@dataclass(frozen=True, slots=True)
class Collected:
    """A cohort in tables, each with a column `case_id`.

    `rows` are the clean clinical rows, `truth` the latent state, `summaries` what was measured in images, `lesions` a
    line for each lesion and mimic.
    """

    patients: tuple[Patient, ...]
    rows: tuple[dict[str, Any], ...]
    truth: pd.DataFrame
    summaries: pd.DataFrame
    lesions: pd.DataFrame

    @property
    def clinical(self) -> pd.DataFrame:
        """The clean clinical rows as a table."""
        return pd.DataFrame(list(self.rows))


def collect(recipe: Recipe, numbers: Sequence[int], folder: Path) -> Collected:
    """The tables of the patients `numbers`, whose folders lie in `folder`."""
    scenario = recipe.scenario
    patients = tuple(draw_patient(scenario, seed=recipe.seed, number=k) for k in numbers)
    measured, lesions = [], []
    for patient in patients:
        own = folder / PATIENTS / patient.case_id
        found = _read(own / SUMMARIES, absent={}, each=str)
        measured.append({KEY: patient.case_id, **found})
        rows = _read(own / LESIONS, absent=_untouched(patient), each=dict)
        lesions += [{KEY: patient.case_id, **row} for row in rows]
    return Collected(
        patients=patients,
        rows=tuple(clinical_row(patient) for patient in patients),
        truth=pd.DataFrame([truth_row(patient) for patient in patients]),
        summaries=pd.DataFrame(measured),
        lesions=pd.DataFrame(lesions, columns=None if lesions else [KEY, "lesion"]),
    )


def truth_row(patient: Patient) -> dict[str, Any]:
    """The latent state of a patient in one row; lesions are counted, modalities listed."""
    state = plain(patient)
    real = [lesion for lesion in patient.lesions if not lesion.mimic]
    return {
        KEY: patient.case_id,
        **flat(state),
        "has": " ".join(sorted(patient.has)),
        "lesions": len(real),
        "malignant_lesions": sum(lesion.malignant for lesion in real),
        "mimics": len(patient.lesions) - len(real),
    }


def _untouched(patient: Patient) -> list[dict[str, Any]]:
    """Lesions of a patient without volumes: what they are, not where."""
    return [
        {
            "lesion": k,
            **{name: value for name, value in plain(lesion).items() if name not in ("look", "axes")},
        }
        for k, lesion in enumerate(patient.lesions, start=1)
    ]


def _read(path: Path, *, absent: Any, each: type) -> Any:
    """A JSON file of a patient, whose parts are `each`; `absent` where the patient has none."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return absent
    except (OSError, ValueError):
        found = None
    if not isinstance(found, type(absent)) or not all(isinstance(part, each) for part in found):
        raise RunError(f"{path}: is damaged; remove the patient's folder and run again")
    return found
