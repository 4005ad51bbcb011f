"""Blood tests of a SIMULATED patient, which know of the disease only what `shown["serum"]` says."""

from functools import cache

import numpy as np

from ...core.errors import SimulationError
from .. import seeds
from ..patient import Patient
from .analytes import ANALYTES, Floats, mixing, of_each

NORMAL_SERUM = -1.0
"""What the serum of healthy livers shows on average: severity is counted from here, and this is taken where the patient
does not say."""
DIGITS = {"albumin_g_dl": 1, "bilirubin_mg_dl": 2, "inr": 2, "creatinine_mg_dl": 2, "hba1c_percent": 1}
"""Decimals that a laboratory reports; none of the tests not named."""
HBV_DNA_LIMIT_LOG10 = 1.3
"""Log10 of the detection limit of HBV DNA, 20 IU/mL: what usual real-time assays state."""
UNDER_TREATMENT = 0.25
"""Share of the patients with hepatitis B under a nucleoside analogue; a choice."""

AFP_LOG_SD, AFP_SECRETED = 0.6, 0.65
"""SD of the logarithm of alpha-fetoprotein in people alike, and the share of liver cell carcinomas that secrete it."""

_NAMES = tuple(analyte.name for analyte in ANALYTES)
_TYPICAL = np.log(of_each("typical"))
_MALE, _AGE, _BMI, _FAT, _INFLAMMATION = (of_each(n) for n in ("male", "age", "bmi", "fat", "inflammation"))
_SERUM, _FAILURE, _DIABETES = of_each("serum"), of_each("failure"), of_each("diabetes")
_AETIOLOGY = {"HBV": of_each("hbv"), "MASLD": of_each("masld"), "healthy": np.zeros(len(ANALYTES))}
_REMAINDER = of_each("spread")[:, None] * mixing()


def laboratory(patient: Patient) -> dict[str, float | None]:
    """Blood tests of `patient` by name, in the unit that the name says; None where a test makes no sense.

    The logarithm of each test is a sum of effects (`analytes.ANALYTES`) and a remainder correlated between tests.
    The severity is a softplus of `shown["serum"]` (clipped to 3 either way), so that a liver that is nearly normal
    changes little and a cirrhotic one much. HBV DNA is None without hepatitis B, CEA without a tumour; an undetected
    HBV DNA stands at the detection limit. Yes and no are True and False.

    Raises:
        SimulationError: the patient's state is not finite or impossible.
    """
    _refuse_impossible(patient)
    diabetes, uncontrolled = _diabetes(patient)
    logs = _expected(patient, uncontrolled) + _site(patient.seed, patient.person.site)
    z = patient.stream("tables", "laboratory").standard_normal(len(ANALYTES))
    values = np.exp(logs + (_REMAINDER * z).sum(axis=1))  # no BLAS: the same sum on every machine
    tests: dict[str, float | None] = {
        name: round(float(value), DIGITS.get(name, 0)) for name, value in zip(_NAMES, values, strict=True)
    }
    tests["diabetes"] = diabetes
    tests |= _virology(patient)
    tests["afp_ng_ml"] = _afp(patient)
    tests["cea_ng_ml"] = None if patient.tumour is None else round(patient.tumour.cea_ug_l, 1)
    return tests


def shown_by_serum(patient: Patient) -> float:
    """`shown["serum"]` within 3 of zero; that of a normal liver where there is none."""
    return float(np.clip(patient.shown.get("serum", NORMAL_SERUM), -3, 3))


def severity(serum: float) -> float:
    """How far the tests have moved from those of a normal liver: ln(1 + exp(serum + 1.2)), 0 at `NORMAL_SERUM`."""
    return float(np.logaddexp(0, serum + 1.2) - np.logaddexp(0, NORMAL_SERUM + 1.2))


def failure(serum: float) -> float:
    """How far the function of the liver has gone: ln(1 + exp(2 (serum - 1))) / 2, about 0 below 0."""
    return float(np.logaddexp(0, 2 * (serum - 1)) - np.logaddexp(0, 2 * (NORMAL_SERUM - 1))) / 2


def steatosis(fat: float) -> float:
    """How fat acts on the blood: fat / (fat + 0.1), 0 at a fat fraction of 0.03; a shape of ours, saturating."""
    return fat / (fat + 0.1) - 0.03 / 0.13


def _expected(patient: Patient, uncontrolled: float) -> Floats:
    person, liver, serum = patient.person, patient.liver, shown_by_serum(patient)
    body = _TYPICAL + _MALE * (person.sex == "m") + _AGE * _decades(patient) + _BMI * (person.bmi - 25) / 10
    disease = _SERUM * severity(serum) + _FAILURE * failure(serum) + _INFLAMMATION * liver.inflammation
    metabolism = _FAT * steatosis(liver.fat) + _DIABETES * uncontrolled
    return body + disease + metabolism + _AETIOLOGY[liver.aetiology]


def _decades(patient: Patient) -> float:
    return (patient.person.age_y - 45) / 10


@cache
def _site(seed: int, site: str) -> Floats:
    """How the laboratory of `site` measures beside the others, on the logarithm."""
    z = seeds.stream(seed, 0, "tables", "laboratory of site", site).standard_normal(len(ANALYTES))
    apart = of_each("assay") * z
    apart.setflags(write=False)
    return apart


def _diabetes(patient: Patient) -> tuple[bool, float]:
    """Whether there is diabetes, and how far the sugar is out of control (0 without).

    The odds are a regression (ours) on NHANES 2017-March 2020; the gamma gives about the HbA1c of its diabetics
    (quantiles of 5, 50 and 95 %: 5.6, 7.0, 11.0 %).
    """
    rng = patient.stream("tables", "diabetes")
    fatty = 0.78 * (patient.liver.fat > 0.1)
    logit = -3.09 + 0.60 * _decades(patient) + 0.48 * (patient.person.bmi - 25) / 10 + fatty
    u, uncontrolled = rng.random(), float(rng.gamma(2.0, 0.13))
    ill = bool(u < 1 / (1 + np.exp(-logit)))
    return ill, uncontrolled if ill else 0.0


def _virology(patient: Patient) -> dict[str, float | None]:
    """Hepatitis B: HBeAg falls with age, HBV DNA with its loss and under treatment; typical values."""
    if patient.liver.aetiology != "HBV":
        unknown = dict.fromkeys(("hbeag", "antiviral", "hbv_dna_log10_iu_ml", "hbv_dna_detected"))
        return {"hbsag": False, **unknown}
    rng = patient.stream("tables", "virology")
    u, v, w = rng.random(3)
    z = rng.standard_normal()
    positive = bool(u < 1 / (1 + np.exp(0.3 + 0.6 * (patient.person.age_y - 38) / 10)))
    treated = bool(v < UNDER_TREATMENT)
    untreated = 7.0 + 1.1 * z if positive else 4.3 + 1.5 * z + 0.4 * (patient.liver.inflammation - 1)
    dna = untreated if not treated else (2.5 + 0.8 * z if w > 0.75 else 0.0)
    measured = round(float(np.clip(dna, HBV_DNA_LIMIT_LOG10, 9.0)), 2)
    return {
        "hbsag": True,
        "hbeag": positive,
        "antiviral": treated,
        "hbv_dna_log10_iu_ml": measured,
        "hbv_dna_detected": measured > HBV_DNA_LIMIT_LOG10,
    }


def _afp(patient: Patient) -> float:
    """Alpha-fetoprotein in ng/mL: about two thirds of hepatocellular carcinomas secrete it, larger ones more.

    Share and scale give about the quartiles of TCGA-LIHC (4, 15, 265 ng/mL); the dependence on size is a choice.
    """
    rng = patient.stream("tables", "afp")
    z, u, secreted = rng.standard_normal(), rng.random(), rng.exponential()
    log = (
        np.log(3.0)
        + AFP_LOG_SD * z
        + 0.15 * severity(shown_by_serum(patient))
        + 0.1 * patient.liver.inflammation
    )
    sizes = [lesion.diameter_mm for lesion in patient.lesions if lesion.kind == "hcc"]
    if sizes and u < AFP_SECRETED:
        log += secreted * afp_scale(max(sizes))
    return round(float(np.exp(min(log, 13.0))), 1)


def afp_scale(diameter_mm: float) -> float:
    """Mean rise of the logarithm of alpha-fetoprotein by a carcinoma that secretes it and is the largest."""
    return float(3.5 * (min(diameter_mm, 80.0) / 50) ** 0.4)


def _refuse_impossible(patient: Patient) -> None:
    """Refuse what no formula here may turn into a number that looks like one."""
    person, liver = patient.person, patient.liver
    allowed = {
        "person.age_y": (person.age_y, 0, 120),
        "person.height_m": (person.height_m, 0.5, 2.5),
        "person.weight_kg": (person.weight_kg, 10, 400),
        "liver.fat": (liver.fat, 0, 0.6),
        "liver.inflammation": (liver.inflammation, 0, 4),
        'shown["serum"]': (patient.shown.get("serum", 0.0), -20, 20),
    }
    if patient.tumour is not None:
        allowed["tumour.cea_ug_l"] = (patient.tumour.cea_ug_l, 0, 1e6)
    for what, (value, low, high) in allowed.items():
        if not low <= value <= high:
            raise SimulationError(
                f"{patient.case_id}: {what} is {value:g}; allowed is {low:g} to {high:g}. Correct the patient"
            )
    if liver.aetiology not in _AETIOLOGY:
        raise SimulationError(
            f"{patient.case_id}: there is no aetiology {liver.aetiology!r}; there are {', '.join(_AETIOLOGY)}"
        )
