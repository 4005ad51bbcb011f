"""What the eligibility page of each study says of a SIMULATED patient."""

from collections.abc import Callable, Mapping

from ..patient import Patient
from .column import Value
from .practice import Practice, violated

Answers = dict[str, Value]


def eligibility(patient: Patient, practice: Practice) -> Answers:
    """Fields of the eligibility page; each reason for exclusion applies to a share `practice.violations`."""
    return _OF_STUDY[patient.study](patient, practice)


def _fusion(patient: Patient, practice: Practice) -> Answers:
    answers = violated(patient, practice, "biopsy_contraindicated", "liver_cancer_on_imaging")
    return {"arm": patient.liver.aetiology, **answers}


def _spectrum(patient: Patient, practice: Practice) -> Answers:
    exclusions = ("minor_intervention_within_14_d", "contrast_ultrasound_within_24_h", "major_intervention")
    answers = violated(patient, practice, "no consent", "not scheduled", *exclusions)
    return {
        "consent_signed": not answers["no consent"],
        "ultrasound_scheduled": not answers["not scheduled"],
        **{name: answers[name] for name in exclusions},
        "arm": "focal" if any(not lesion.mimic for lesion in patient.lesions) else "diffuse",
    }


def _events(patient: Patient, practice: Practice) -> Answers:
    return violated(patient, practice, "decompensated_before", "liver_cancer_before")


def _screening(patient: Patient, practice: Practice) -> Answers:
    good = ("image_quality_adequate", "arterial_phase", "portal_phase", "box_matches_lesion")
    treated = ("prior_resection", "prior_tace", "prior_ablation")
    answers = violated(patient, practice, *good, *treated)
    return {**{name: not answers[name] for name in good}, **{name: answers[name] for name in treated}}


def _colorectal(patient: Patient, practice: Practice) -> Answers:
    answers = violated(patient, practice, "synchronous_metastasis", "not curative")
    second = patient.stream("tables", "residual").random() < 0.3
    residual = (2.0 if second else 1.0) if answers["not curative"] else 0.0
    return {"synchronous_metastasis": answers["synchronous_metastasis"], "residual_tumour": residual}


_OF_STUDY: Mapping[str, Callable[[Patient, Practice], Answers]] = {
    "A": _fusion,
    "B": _spectrum,
    "C": _events,
    "D": _screening,
    "E": _colorectal,
}
