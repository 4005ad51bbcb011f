"""SIMULATED patients and phantoms for the tests of ultrasound."""

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from hepar.phantom.patient import Lesion, Liver, Patient, Person
from hepar.phantom.ultrasound import PROBES, REFERENCE, Medium, Probe, RfRecording, homogeneous

QUIET = replace(PROBES["convex"], noise_db=-110)


def patient(
    number: int = 1,
    *,
    bmi: float = 24.0,
    fat: float = 0.03,
    lesions: Iterable[Lesion] = (),
    scanner: str = "A",
    **shown: float,
) -> Patient:
    return Patient(
        study="B",
        seed=7,
        number=number,
        person=Person("m", 50.0, 1.7, bmi * 1.7**2, "A"),
        liver=Liver("HBV", 0.0, 0.05, 2, fat, 1.0, 1.0),
        shown=shown,
        scanners={"ultrasound": scanner},
        has=frozenset({"ultrasound"}),
        lesions=tuple(lesions),
    )


def made(medium: Medium, *, probe: Probe = QUIET, seed: int = 0, frames: int = 1) -> RfRecording:
    return homogeneous(probe, medium, rng=np.random.default_rng(seed), frames=frames)


def in_cell(number: float) -> Medium:
    return replace(REFERENCE, density_mm2=number / QUIET.cell_mm2)
