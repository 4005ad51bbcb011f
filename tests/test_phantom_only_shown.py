"""Disease reaches SIMULATED data through `patient.shown` only, and each kind of data by the sources that bounds count."""

import pickle
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from hashlib import sha256
from typing import Any

import pytest

from hepar.phantom.anatomy import abdomen
from hepar.phantom.ct import PHASES, ct_scan
from hepar.phantom.grid import Grid
from hepar.phantom.lesions import draw_lesions
from hepar.phantom.mri import SEQUENCES, mr_scan
from hepar.phantom.observers.bounds import OF_MODALITY
from hepar.phantom.pathology import slide, tile
from hepar.phantom.patient import Biopsy, Course, Patient
from hepar.phantom.population import draw_patient
from hepar.phantom.scenario import Scenario
from hepar.phantom.tables import COLUMNS, clinical_row, laboratory
from hepar.phantom.tables.columns import BIOPSY, EVENT_KIND, FOLLOW_UP
from hepar.phantom.ultrasound import SCANNERS, b_mode, elastography, rf_frames

GRID = Grid((18, 30, 36), (10.0, 11.0, 11.0))
PROBE = replace(SCANNERS["A"], lines=24, samples=900)
REFERENCE = {column.name for column in (*BIOPSY, *EVENT_KIND, *FOLLOW_UP)}
"""Fields that are what is to be told."""


def row(patient: Patient) -> dict[str, Any]:
    found = clinical_row(patient)
    return {name: value for name, value in found.items() if name not in REFERENCE}


def lesions(patient: Patient) -> Any:
    """Number, kinds, sizes and looks, as they are drawn for this person and liver."""
    shown = patient.shown.get("ct", 0.0)
    return draw_lesions(patient.stream("lesions"), person=patient.person, liver=patient.liver, advanced=shown)


@dataclass(frozen=True)
class Made:
    """Data of patients of `study`, and the sources that they show."""

    study: str
    of: Callable[[Patient], Any]
    sources: tuple[str, ...]


def ct(patient: Patient) -> Any:
    anatomy = abdomen(patient, GRID)
    scans = [ct_scan(patient, phase, grid=GRID, anatomy=anatomy).hu for phase in PHASES]
    return anatomy.labels, anatomy.places, scans


def mr(patient: Patient) -> Any:
    anatomy = abdomen(patient, GRID)
    return [mr_scan(patient, name, grid=GRID, anatomy=anatomy).image for name in SEQUENCES]


def ultrasound(patient: Patient) -> Any:
    recording = rf_frames(patient, probe=PROBE)
    return recording.rf, b_mode(recording, mm_per_px=2.0).pixels


GENERATORS: Mapping[str, Made] = {
    "CT": Made("D", ct, ("ct", "ct_risk")),
    "MR": Made("C", mr, ("ct", "mri")),
    "ultrasound": Made("B", ultrasound, ("bmode", "rf", "gain")),
    "elastography": Made("A", elastography, ("stiffness",)),
    "tile": Made("E", lambda p: tile(p, size_px=64, um_per_px=1.0).rgb, ("slide",)),
    "slide": Made("E", lambda p: slide(p, size_px=(512, 512), um_per_px=2.0).rgb, ("slide",)),
    "lesions": Made("D", lesions, ("ct",)),
    **{f"laboratory {study}": Made(study, laboratory, ("serum",)) for study in COLUMNS},
    **{
        f"row {study}": Made(study, row, ("serum", *(("stiffness",) if study in "AB" else ())))
        for study in COLUMNS
    },
}  # fmt: skip


@cache
def patient_of(study: str) -> Patient:
    """A patient with lesions, where the study has them, and a middling value of every source."""
    scenario = Scenario.of(study)
    found = (draw_patient(scenario, seed=4, number=number) for number in range(1, 200))
    wanted = 1 if scenario.focal else 0
    patient = next(
        p for p in found if wanted <= len(p.lesions) < 4 and (study == "E" or p.liver.aetiology == "HBV")
    )
    every = ("bmode", "ct", "ct_risk", "gain", "mri", "rf", "serum", "slide", "stiffness")
    # ill enough for the blood tests and the ascites of a severe liver
    return replace(
        patient,
        shown={**patient.shown, **dict.fromkeys(every, 0.4), "serum": 1.0},
        has=frozenset(scenario.modalities),
    )


def data(made: Made, patient: Patient) -> str:
    return sha256(pickle.dumps(made.of(patient), protocol=4)).hexdigest()


@cache
def usual(name: str) -> str:
    made = GENERATORS[name]
    return data(made, patient_of(made.study))


def ill(patient: Patient) -> Patient:
    """The same with another liver disease, biopsy, risk and course, and other lesions malignant, but nothing shown."""
    liver = replace(
        patient.liver,
        fibrosis=-patient.liver.fibrosis + 2.2,
        collagen=0.41,
        stage=4 - patient.liver.stage,
        biopsy=Biopsy(stage=4, second_reader_stage=3, length_mm=31.0, portal_tracts=25),
    )
    tumour = None if patient.tumour is None else replace(patient.tumour, risk=2.5)
    flipped = tuple(replace(lesion, malignant=not lesion.malignant) for lesion in patient.lesions)
    return replace(patient, liver=liver, tumour=tumour, course=Course(0.7, 1), lesions=flipped)


@pytest.mark.parametrize("name", GENERATORS)
def test_what_is_not_shown_changes_no_byte(name: str) -> None:
    made = GENERATORS[name]
    patient = ill(patient_of(made.study))
    if name.startswith("row"):  # the page of lesions holds their reference
        patient = replace(patient, lesions=patient_of(made.study).lesions)
    assert data(made, patient) == usual(name)


@pytest.mark.parametrize("name", GENERATORS)
def test_data_show_the_sources_that_are_counted_and_no_other(name: str) -> None:
    made = GENERATORS[name]
    patient = patient_of(made.study)
    others = {source: -1.3 for source in patient.shown if source not in made.sources}
    assert data(made, replace(patient, shown={**patient.shown, **others})) == usual(name)
    for source in made.sources:
        moved = replace(patient, shown={**patient.shown, source: 2.0})
        assert data(made, moved) != usual(name), source


@pytest.mark.parametrize(("what", "name"), [("ct", "CT"), ("mri", "MR"), ("ultrasound", "ultrasound"),
                                            ("elastography", "elastography"), ("laboratory", "laboratory A")])  # fmt: skip
def test_bounds_count_every_source_that_data_show(what: str, name: str) -> None:
    apart = {"gain", "ct_risk"}  # an arm of its own, and a source that only patients of study E have
    assert set(GENERATORS[name].sources) - apart <= set(OF_MODALITY[what])


def test_tumour_markers_show_carcinomas_and_nothing_else_of_lesions() -> None:
    patient = patient_of("D")
    benign = replace(patient, lesions=tuple(replace(lesion, kind="cyst") for lesion in patient.lesions))
    first, second = laboratory(replace(patient, lesions=())), laboratory(benign)
    assert first == second
