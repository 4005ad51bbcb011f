"""What examinations of a SIMULATED patient found: elastography, biopsy, focal lesions, the resected tumour."""

from typing import Protocol

import numpy as np

from ..patient import Lesion, Patient
from .column import Value
from .columns import FOCAL

Found = dict[str, Value]


class Elastogram(Protocol):
    """What `hepar.phantom.ultrasound.elastography` measures; a failed examination has no stiffness."""

    @property
    def stiffness_kpa(self) -> float | None:
        """Median of the valid shots, kPa."""

    @property
    def iqr_over_median(self) -> float | None:
        """Interquartile range of the shots over their median."""

    @property
    def valid(self) -> int:
        """Number of valid shots."""

    @property
    def attempts(self) -> int:
        """Number of shots."""

    @property
    def failed(self) -> bool:
        """Whether no shot was valid."""

    @property
    def probe(self) -> str:
        """M or XL."""


def elastography_fields(patient: Patient, found: Elastogram | None = None) -> Found:
    """The elastography page of what was `found`, or is measured now; without stiffness where the examination failed."""
    if found is None:
        from ..ultrasound.elastography import elastography

        found = elastography(patient)
    kpa, spread = found.stiffness_kpa, found.iqr_over_median
    return {
        "stiffness_kpa": None if kpa is None else round(kpa, 1),
        "stiffness_iqr_over_median": None if spread is None else round(spread, 2),
        "valid_measurements": float(found.valid),
        "measurements": float(found.attempts),
        "probe": found.probe,
        "elastography_failed": found.failed,
    }


def biopsy_fields(patient: Patient) -> Found:
    """The biopsy page: what pathology reported, never the true stage; the grade is read with an error of its own."""
    biopsy = patient.liver.biopsy
    if biopsy is None:
        return {}
    read = patient.liver.inflammation + 0.4 * patient.stream("tables", "activity").standard_normal()
    return {
        "fibrosis_stage": float(biopsy.stage),
        "fibrosis_stage_second_reader": float(biopsy.second_reader_stage),
        "activity_grade": float(np.clip(np.rint(read), 0, 3)),
        "biopsy_length_mm": float(round(biopsy.length_mm)),
        "portal_tracts": float(biopsy.portal_tracts),
    }


def lesion_fields(patient: Patient) -> Found:
    """The page of focal lesions; what only looks like one is not counted."""
    lesions = [lesion for lesion in patient.lesions if not lesion.mimic]
    malignant = sum(lesion.malignant for lesion in lesions)
    counts: Found = {"lesion_count": float(len(lesions)), "malignant_count": float(malignant)}
    if not lesions:
        return counts
    largest = max(lesions, key=lambda lesion: lesion.diameter_mm)
    smallest = min(lesions, key=lambda lesion: lesion.diameter_mm)
    return {
        **counts,
        "largest_lesion_mm": float(max(1, round(largest.diameter_mm))),
        "smallest_lesion_mm": float(max(1, round(smallest.diameter_mm))),
        "index_lesion": largest.kind if largest.kind in _INDEX else "other",
        **_reference(patient, largest, any_malignant=malignant > 0),
    }


_INDEX = frozenset(next(column for column in FOCAL["D"] if column.name == "index_lesion").codes)


def _reference(patient: Patient, lesion: Lesion, *, any_malignant: bool) -> Found:
    """How the lesion is known: study B takes the first conclusive test, study D pathology for what is malignant."""
    u, v = patient.stream("tables", "reference").random(2)
    if patient.study == "B":
        usual = {"cyst": (0.9, 0.96, 0.99, 1.0), "haemangioma": (0.4, 0.85, 0.96, 0.99)}
        steps = usual.get(lesion.kind, (0.0, 0.3, 0.6, 0.7) if lesion.malignant else (0.15, 0.65, 0.9, 0.97))
        return {"reference_method": ("us", "ceus", "mri", "ct", "biopsy")[int(np.searchsorted(steps, u))]}
    if any_malignant:
        return {"reference_method": "pathology"}
    if u < 0.55:
        return {"reference_method": "readers"}
    return {
        "reference_method": "followup",
        "benign_follow_up_months": float(round(4 + 32 * v)),
        "benign_modalities": 2.0 if u < 0.9 else 1.0,
    }


def tumour_fields(patient: Patient, *, metastatic: bool) -> Found:
    """The page of the resected tumour; stage IV where a metastasis was there at diagnosis (AJCC, 8th edition)."""
    tumour = patient.tumour
    if tumour is None:
        return {}
    u, v, w = patient.stream("tables", "treatment").random(3)
    group = 3 if tumour.n_stage else 2 if tumour.t_stage > 2 else 1
    adjuvant = {1: 0.02, 2: 0.3, 3: 0.75}[group]
    return {
        "t_stage": float(tumour.t_stage),
        "n_stage": float(tumour.n_stage),
        "m_stage": float(metastatic),
        "stage": 4.0 if metastatic else float(group),
        "differentiation": float(tumour.differentiation),
        "primary_site": "rectum" if tumour.rectal else "colon",
        "nodes_examined": float(tumour.nodes_examined),
        "nodes_positive": float(tumour.nodes_positive),
        "neoadjuvant": bool(tumour.rectal and u < 0.4),
        "adjuvant": bool(v < adjuvant),
        "mismatch_repair_loss": bool(w < 0.13),
    }


def function_fields(patient: Patient, serum: float) -> Found:
    """Ascites and encephalopathy at inclusion, which only those have whose blood shows failing function."""
    u, v = patient.stream("tables", "function").random(2)
    ill = float(np.clip((serum - 1.8) / 4, 0, 1))
    return {
        "ascites": 2.0 if u < 0.3 * ill else 1.0 if u < ill else 0.0,
        "encephalopathy": 2.0 if v < 0.1 * ill else 1.0 if v < 0.4 * ill else 0.0,
    }
