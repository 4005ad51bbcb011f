"""Patients drawn from a scenario: patient 7 of seed 1 is the same however many others are drawn."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

from ..core.errors import SimulationError
from . import seeds
from .lesions import draw_lesions
from .patient import Aetiology, Biopsy, Course, Lesion, Liver, Patient, Person, Sex, Tumour
from .scenario import STAGE_FROM, Scenario

Random = np.random.Generator
Drawn = Mapping[str, float]
Floats = NDArray[np.float64]

NEEDLE_MM = 15.0
"""Length under which a needle core stages unreliably (Bedossa 2003)."""
T_FROM, N_FROM = (-1.6, -0.85, 0.9), (0.25, 1.15)
"""Liabilities from which on a tumour is T2, T3, T4 and N1, N2: stage I 13, II 47, III 40 %, as TCGA's I to III."""
GRADE_SHOWS = 0.35
"""Correlation of the reported grade with what the slide shows of the risk (a choice)."""
AGEING_PER_Y = 0.06
"""By what the logarithm of the hazard of death rises with a year of age (typical value, after Gompertz)."""
SCANNERS_OF_SITE: Mapping[str, Mapping[str, str]] = {
    "A": {"ct": "AAB", "mri": "AAC", "ultrasound": "AAB", "slide": "A"},
    "B": {"ct": "BBC", "mri": "BBA", "ultrasound": "BBC", "slide": "B"},
    "C": {"ct": "CCA", "mri": "CCB", "ultrasound": "CCA", "slide": "C"},
    "D": {"ct": "D", "mri": "D", "ultrasound": "C", "slide": "C"},
}
"""Devices of each site, as often as they are named; site D has what no other has."""


def draw_patient(scenario: Scenario, *, seed: int, number: int) -> Patient:
    """Patient `number` (from 1) of the cohort with `seed`."""
    if number < 1 or seed < 0:
        raise SimulationError(f"patient {number}, seed {seed}: patients are numbered from 1, seeds from 0")
    rng = seeds.stream(seed, number, "population")
    aetiology = _aetiology(rng, scenario)
    drawn = _drawn(rng, scenario, aetiology)
    person = _person(rng, scenario, drawn, aetiology=aetiology)
    patient = Patient(
        study=scenario.study,
        seed=seed,
        number=number,
        person=person,
        liver=_liver(rng, drawn, aetiology),
        shown={name: drawn[name] for name in scenario.signals.sources if name not in _OWN},
        scanners={
            kind: str(rng.choice(list(names))) for kind, names in SCANNERS_OF_SITE[person.site].items()
        },
        has=_has(rng, scenario, drawn[TARGET[scenario.study]]),
        tumour=_tumour(rng, drawn) if scenario.study == "E" else None,
        course=_course(rng, scenario, liability=drawn["course"], age_y=person.age_y),
    )
    return replace(patient, lesions=_lesions(patient, scenario))


TARGET: Mapping[str, str] = {"A": "disease", "B": "disease", "C": "disease", "D": "disease", "E": "course"}
"""What a study is to tell; in study E the liability of metastasis, in the others that of fibrosis."""
_OWN = ("bmi", "fat", "inflammation")
"""Sources that are themselves part of the patient's state."""


def _drawn(rng: Random, scenario: Scenario, aetiology: Aetiology) -> Drawn:
    """Targets and sources; the liver of a healthy volunteer is one whose liability is below the first stage.

    In null mode it is any: who is seen to be healthy would otherwise be known to have no fibrosis.
    """
    joint = scenario.shown
    chosen = aetiology == "healthy" and scenario.study != "E" and not scenario.null
    while True:
        found = joint.draw(rng)
        if not chosen or found["disease"] < STAGE_FROM[0]:
            return found


def _aetiology(rng: Random, scenario: Scenario) -> Aetiology:
    if scenario.study == "E":
        return "MASLD" if rng.random() < 0.25 else "healthy"
    shares = {"healthy": scenario.healthy, "HBV": 0.65 * (1 - scenario.healthy)}
    at = rng.random()
    if at < shares["healthy"]:
        return "healthy"
    return "HBV" if at < shares["healthy"] + shares["HBV"] else "MASLD"


def _person(rng: Random, scenario: Scenario, drawn: Drawn, *, aetiology: Aetiology) -> Person:
    """Body size and age; the site is drawn by what is to be predicted, so that sites see other patients."""
    sex: Sex = "m" if rng.random() < 0.6 else "f"
    mean_age, spread = age_y_of(scenario)
    bmi = (29.0 if aetiology == "MASLD" else 23.8) * float(np.exp(0.14 * drawn["bmi"]))
    height = rng.normal(1.71 if sex == "m" else 1.59, 0.065)
    return Person(
        sex=sex,
        age_y=float(np.clip(mean_age + spread * drawn["age"], 18, 90)),
        height_m=float(np.clip(height, 1.4, 2.05)),
        weight_kg=float(np.clip(bmi, 15, 50) * np.clip(height, 1.4, 2.05) ** 2),
        site=_site(rng, scenario, drawn[TARGET[scenario.study]]),
    )


def age_y_of(scenario: Scenario) -> tuple[float, float]:
    """Mean and SD of age."""
    return (62.0, 9.5) if scenario.study == "E" else (46.0, 11.0)


def _site(rng: Random, scenario: Scenario, liability: float) -> str:
    return str(rng.choice(list(scenario.sites), p=site_shares(scenario, np.array([liability]))[0]))


def site_shares(scenario: Scenario, liability: Floats) -> Floats:
    """Share (n, site) of each site at each liability (n,); the later ones see the more advanced patients."""
    lean = 0.0 if scenario.null else scenario.case_mix
    ranks = np.linspace(-1, 1, len(scenario.sites)) if len(scenario.sites) > 1 else np.zeros(1)
    weights = np.array(list(scenario.sites.values())) * np.exp(lean * ranks * liability[:, None])
    return np.asarray(weights / weights.sum(axis=1, keepdims=True))


def _liver(rng: Random, drawn: Drawn, aetiology: Aetiology) -> Liver:
    """The liver; collagen by stage as in Calvaruso 2009 (about 3 % at F0-1, above 15 % in cirrhosis)."""
    liability = drawn.get("disease", -1.5)
    fat_median = {"HBV": 0.035, "MASLD": 0.14, "healthy": 0.025}[aetiology]
    inflamed = 3 * norm.cdf(drawn["inflammation"] - (1.2 if aetiology == "healthy" else 0.0))
    return Liver(
        aetiology=aetiology,
        fibrosis=liability,
        collagen=float(np.clip(0.02 * np.exp(0.77 * (liability + 1.5)), 0.005, 0.5)),
        stage=int(np.digitize(liability, STAGE_FROM)),
        fat=float(np.clip(fat_median * np.exp(0.55 * drawn["fat"]), 0.005, 0.45)),
        inflammation=float(inflamed),
        iron_mg_g=float(np.clip(np.exp(rng.normal(-0.1, 0.5)), 0.2, 15)),
        biopsy=_biopsy(rng, drawn) if "biopsy" in drawn and aetiology != "healthy" else None,
    )


def _biopsy(rng: Random, drawn: Drawn) -> Biopsy:
    """A needle core, read twice: sampling error is in the drawn liability, more comes with a short core."""
    length = float(np.clip(rng.lognormal(np.log(19), 0.28), 5, 45))
    liability = drawn["biopsy"] + (rng.normal(0, 0.5) if length < NEEDLE_MM else 0.0)
    first, second = np.digitize(liability + rng.normal(0, 0.12, 2) * (0, 1), STAGE_FROM)
    return Biopsy(
        stage=int(first),
        second_reader_stage=int(second),
        length_mm=round(length, 1),
        portal_tracts=int(rng.poisson(0.62 * length)),
    )


def _has(rng: Random, scenario: Scenario, liability: float) -> frozenset[str]:
    """Modalities that the patient has, at least one of them."""
    found = {name for name in scenario.modalities if not _lacks(rng, scenario, name, liability=liability)}
    return frozenset(found or {scenario.modalities[0]})


def _lacks(rng: Random, scenario: Scenario, name: str, *, liability: float) -> bool:
    at = rng.random()
    return name in scenario.absent and bool(at < absent_share(scenario, name, np.array([liability]))[0])


def absent_share(scenario: Scenario, name: str, liability: Floats) -> Floats:
    """Share (n,) of the patients at each liability (n,) who lack the modality `name`."""
    absence = scenario.absent[name]
    informative = 0.0 if scenario.null else absence.informative
    return np.asarray(norm.cdf(norm.ppf(absence.share) + informative * liability))


def _tumour(rng: Random, drawn: Drawn) -> Tumour:
    examined = int(np.clip(rng.normal(17, 6), 4, 45))
    n_stage = int(np.digitize(drawn["n"], N_FROM))
    positive = {0: 0, 1: int(rng.integers(1, 4)), 2: int(4 + rng.poisson(3))}[n_stage]
    return Tumour(
        risk=drawn["course"],
        t_stage=int(np.digitize(drawn["t"], T_FROM)) + 1,
        n_stage=n_stage,
        nodes_positive=min(positive, examined),
        nodes_examined=examined,
        differentiation=int(np.digitize(GRADE_SHOWS * drawn["slide"] + 0.94 * rng.normal(), (-1.2, 1.0))) + 1,
        cea_ug_l=round(float(np.exp(1.25 + 1.1 * drawn["cea"])), 1),
        rectal=bool(rng.random() < 0.4),
    )


def deaths_per_y(scenario: Scenario, age_y: Floats) -> Floats:
    """Hazard of death (n,) by age; in null mode the same at any age, which would tell who dies before the event."""
    ageing = 0.0 if scenario.null else AGEING_PER_Y
    return np.asarray(scenario.hazard.deaths_per_y * np.exp(ageing * (age_y - 55)))


def _course(rng: Random, scenario: Scenario, *, liability: float, age_y: float) -> Course:
    """The first of event, death and end of follow-up, by constant hazards (Bender 2005)."""
    hazard = scenario.hazard
    event_y = rng.exponential(1 / (hazard.events_per_y * np.exp(hazard.log_ratio * liability)))
    death_y = rng.exponential(1 / float(deaths_per_y(scenario, np.array(age_y))))
    end_y = rng.uniform(*hazard.follow_up_y)
    time_y = min(event_y, death_y, end_y)
    status = 1 if time_y == event_y else 2 if time_y == death_y else 0
    return Course(time_y=max(round(float(time_y), 3), 0.01), status=status)


def _lesions(patient: Patient, scenario: Scenario) -> tuple[Lesion, ...]:
    """Focal lesions.

    In null mode a coin thrown for each patient decides whether all of the lesions are malignant:
    one for each lesion would let their number tell who has a malignant one.
    """
    rng = patient.stream("lesions")
    if rng.random() >= scenario.focal:
        return ()
    found = draw_lesions(
        rng,
        person=patient.person,
        liver=patient.liver,
        advanced=patient.shown[scenario.focal_shown],
        difficulty=scenario.difficulty,
    )
    if not scenario.null:
        return found
    malignant = bool(patient.stream("coin").random() < 0.5)
    return tuple(lesion if lesion.mimic else replace(lesion, malignant=malignant) for lesion in found)
