"""The table of the SIMULATED data set simulated_rf: `python -m benchmarks.simulated_rf [--write]`.

Nobody stands behind a row. The patients are those of study B of the software's own simulator; their recordings are made
from the columns `number` and `lesion_view` when they are read. The columns `true_...` are the truth behind them.
"""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd

from hepar.phantom.patient import Patient
from hepar.phantom.population import draw_patient
from hepar.phantom.scenario import Scenario
from hepar.phantom.tables.clinical import clinical_row
from hepar.phantom.ultrasound import rf_frames, stiffness_kpa, tissue_of

TABLE = Path(__file__).parent.parent / "src/hepar/studies/data/simulated_rf/simulated_rf.csv"
COHORT, PATIENTS = 2026, 200
"""As many as the trial that the protocol follows (NCT06317181)."""
CLINICAL = (
    "age_y", "sex", "bmi_kg_m2", "aetiology", "consent_signed", "ultrasound_scheduled",
    "minor_intervention_within_14_d", "contrast_ultrasound_within_24_h", "major_intervention", "arm", "ast_u_l",
    "alt_u_l", "platelets_10e9_l", "stiffness_kpa", "stiffness_iqr_over_median", "valid_measurements", "measurements",
)  # fmt: skip
SOURCES = {"us": 0, "ceus": 30, "mri": 60, "ct": 60, "biopsy": 90}
"""Reference tests in the protocol's order, and within how many days of the recording each is usually made."""
LATE_SHARE, LATE_DAYS = 0.06, 300
BIOPSIED = 0.6
"""Share of the patients with liver disease who also had the liver itself biopsied."""
LEAST_MM, LEAST_TRACTS = 15.0, 6
"""Of a core that stages reliably."""


def table() -> pd.DataFrame:
    """The table as it should be."""
    patients = (draw_patient(Scenario.of("B"), seed=COHORT, number=k) for k in range(1, PATIENTS + 1))
    return pd.DataFrame([_row(patient) for patient in patients])


def _row(patient: Patient) -> Mapping[str, object]:
    clinical = clinical_row(patient)
    recorded = date.fromisoformat(str(clinical["inclusion_date"]))
    view, seen = _view(patient)
    liver = tissue_of(patient).liver
    return {
        "id": patient.case_id,
        "number": patient.number,
        "site": patient.person.site,
        "scanner": patient.scanners["ultrasound"],
        "recording_date": recorded.isoformat(),
        **{name: clinical[name] for name in CLINICAL},
        "biopsy_stage": _stage(patient),
        "lesion_view": view,
        "lesion_in_view": seen,
        **dict(_reference(patient, clinical, recorded)),
        "true_attenuation_db_cm_mhz": round(liver.attenuation_db_cm_mhz, 4),
        "true_diameter_um": round(liver.diameter_um, 2),
        "true_stiffness_kpa": round(stiffness_kpa(patient.shown["stiffness"]), 3),
    }


def _view(patient: Patient) -> tuple[int, bool]:
    """Number of the view that is aimed at the largest lesion, and whether it shows there; view 0 without lesion."""
    largest_first = np.argsort([-lesion.diameter_mm for lesion in patient.lesions], kind="stable").tolist()
    index = [rank for rank, k in enumerate(largest_first) if not patient.lesions[k].mimic]
    if not index:
        return 0, False
    cuts = rf_frames(patient, view=index[0]).cuts
    return index[0], any(cut.number == largest_first[index[0]] for cut in cuts)


def _stage(patient: Patient) -> int | None:
    """Stage of those who had a biopsy of the liver that was long enough."""
    core = patient.liver.biopsy
    chosen = patient.stream("data set", "biopsy").random() < BIOPSIED
    if core is None or not chosen or core.length_mm < LEAST_MM or core.portal_tracts < LEAST_TRACTS:
        return None
    return core.stage


def _reference(
    patient: Patient, clinical: Mapping[str, object], recorded: date
) -> Iterator[tuple[str, object]]:
    """Result and day of every reference test: inconclusive before the one that decided, not made after it."""
    rng = patient.stream("data set", "reference")
    decided = clinical["reference_method"]
    order = list(SOURCES)
    for source, days in SOURCES.items():
        late = rng.random() < LATE_SHARE
        at = recorded + timedelta(days=int(rng.integers(0, days + 1)) + LATE_DAYS * (late and days > 0))
        made = decided is not None and order.index(source) <= order.index(str(decided))
        result = clinical["index_lesion"] if source == decided else "inconclusive"
        yield f"{source}_result", result if made else None
        yield f"{source}_date", at.isoformat() if made else None


def as_text() -> str:
    """The table as its file holds it."""
    return table().to_csv(index=False, lineterminator="\n")


if __name__ == "__main__":
    import sys

    if "--write" in sys.argv:
        TABLE.write_text(as_text(), encoding="utf-8")
    else:
        print(as_text(), end="")
