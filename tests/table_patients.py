"""SIMULATED patients for the tests of tables: drawn here, so that no scenario decides what the tests see."""

from dataclasses import replace

import numpy as np

from hepar.phantom.patient import Aetiology, Biopsy, Course, Lesion, Liver, Patient, Person, Sex, Tumour

CUTS = (-1.2, -0.47, 0.35, 1.0)
"""Liabilities of fibrosis above which the stage is 1, 2, 3 and 4."""


def patient(
    number: int = 1, *, study: str = "A", serum: float = 0.0, aetiology: Aetiology = "HBV"
) -> Patient:
    """One patient in the middle of everything."""
    return Patient(
        study=study,
        seed=1,
        number=number,
        person=Person(sex="m", age_y=45.4, height_m=1.72, weight_kg=74.0, site="ABC"[number % 3]),
        liver=Liver(
            aetiology=aetiology,
            fibrosis=0.0,
            collagen=0.08,
            stage=2,
            fat=0.05,
            inflammation=1.2,
            iron_mg_g=1.0,
            biopsy=Biopsy(stage=2, second_reader_stage=2, length_mm=21.0, portal_tracts=14),
        ),
        shown={"serum": serum},
        scanners={},
        has=frozenset({"ct", "ultrasound"}),
        lesions=(Lesion("hcc", malignant=True, mimic=False, diameter_mm=24.0),) if study in "BD" else (),
        tumour=_tumour() if study == "E" else None,
        course=Course(time_y=3.2, status=number % 3) if study in "CE" else None,
    )


def _tumour() -> Tumour:
    return Tumour(
        risk=0.0, t_stage=3, n_stage=1, nodes_positive=2, nodes_examined=17, differentiation=2, cea_ug_l=4.2, rectal=False
    )  # fmt: skip


def cohort(n: int, *, r: float = 0.52, study: str = "A", seed: int = 1) -> list[Patient]:
    """`n` patients with hepatitis B; the serum correlates by `r`, age by 0.2 with the liability of fibrosis."""
    return [_drawn(number, r=r, study=study, seed=seed) for number in range(n)]


def _drawn(number: int, *, r: float, study: str, seed: int) -> Patient:
    rng = np.random.default_rng([seed, number])
    d, n, a, i = rng.standard_normal(4)
    age = float(np.clip(42 + 10.5 * (0.2 * d + 0.98 * a), 18, 70))
    sex: Sex = "m" if rng.random() < 0.6 else "f"
    tall, bmi = rng.normal(1.72 if sex == "m" else 1.60, 0.06), rng.normal(24, 3.2)
    stage = int(np.searchsorted(CUTS, d))
    usual = patient(number, study=study, serum=float(r * d + np.sqrt(1 - r * r) * n))
    grade = float(np.clip(1.3 + 0.75 * i, 0, 3))
    liver = replace(
        usual.liver, fibrosis=float(d), stage=stage, inflammation=grade,
        biopsy=Biopsy(stage, stage, float(rng.uniform(12, 30)), int(rng.integers(6, 20))),
    )  # fmt: skip
    person = replace(usual.person, sex=sex, age_y=age, height_m=float(tall), weight_kg=float(bmi * tall**2))
    return replace(usual, person=person, liver=liver, seed=seed)
