"""Biology of a SIMULATED colorectal cancer as its slide shows it: what risk shifts, and what differs anyway."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from ..patient import Patient

FIELD_MM2 = 0.785
"""Area of the field in which tumour buds are counted (Lugli 2017, ITBCC)."""
LOADINGS: Mapping[str, float] = MappingProxyType(
    {
        "buds": 0.6,
        "stroma": 0.55,
        "lymphocytes": -0.6,
        "solid": 0.4,
        "irregularity": 0.4,
        "necrosis": 0.4,
        "gland": -0.2,
        "nucleus": 0.3,
        "pleomorphism": 0.4,
    }
)
"""Correlation of each trait with what the slide shows of the risk.

Directions as published: budding (Lugli 2017), stroma (Mesker 2007) and necrosis (Pollheimer 2010) raise the risk,
lymphocytes lower it (Pages 2018); that of grade (solid growth, irregular glands, nuclei) is a typical finding. Their
sizes are assumptions: no trait says more than 36 % of its variance, so that patients differ more than the risk does.
"""
_GRADED: Mapping[str, float] = MappingProxyType(
    {"solid": 0.7, "irregularity": 0.5, "gland": -0.4, "nucleus": 0.3, "pleomorphism": 0.4}
)
"""How far a step of the reported grade moves a trait, in its standard deviations: a nuisance to the risk."""
_OTHERS = ("cribriform", "mucin", "plasma", "height", "slit", "tightness")
"""Traits that say nothing of the risk; the height of cells and how far tissue shrank change how much is white."""
_LIMIT = 3.0


@dataclass(frozen=True, slots=True)
class Biology:
    """Traits of one tumour; those of nuclei and glands in micrometres, densities per mm2, shares 0 to 1.

    `stroma` is the share of the tumour outside its glands; `solid` and `cribriform` are shares of its glands;
    `necrosis` that of glands with necrotic content and `mucin` that of glands filled with mucus; `buds_per_field` is
    the expected number of tumour buds in `FIELD_MM2` at the invasive front; `pleomorphism` the SD of the log size of
    tumour nuclei; `height_um` that of the epithelium; `slit_um` how far glands shrank from the stroma where they did;
    `tightness` how thin a fibre must be, in SDs of their texture, to gape.
    """

    gland_um: float
    irregularity: float
    solid: float
    cribriform: float
    stroma: float
    lymphocytes_mm2: float
    plasma_mm2: float
    necrosis: float
    mucin: float
    buds_per_field: float
    nucleus_um: float
    pleomorphism: float
    height_um: float
    slit_um: float
    tightness: float


def biology(patient: Patient) -> Biology:
    """The traits of the patient's tumour, which depend on the disease only through `patient.shown["slide"]`.

    Medians and spreads are typical values, except buds: fewer than 5 (Bd1), 5 to 9 (Bd2) and 10 or more (Bd3) in a
    field are each common (Lugli 2017). Solid growth follows the grade (over half of a poorly differentiated tumour).
    """
    trait = _traits(patient)
    return Biology(
        gland_um=_lognormal(150, 0.2, trait["gland"]),
        irregularity=_logistic(0.45, 0.8, trait["irregularity"]),
        solid=_logistic(0.12, 1.1, trait["solid"]),
        cribriform=_logistic(0.2, 0.9, trait["cribriform"]),
        stroma=_logistic(0.42, 0.6, trait["stroma"]),
        lymphocytes_mm2=_lognormal(650, 0.65, trait["lymphocytes"]),
        plasma_mm2=_lognormal(120, 0.6, trait["plasma"]),
        necrosis=_logistic(0.25, 0.8, trait["necrosis"]),
        mucin=_logistic(0.06, 1.0, trait["mucin"]),
        buds_per_field=_lognormal(5.5, 0.8, trait["buds"]),
        nucleus_um=_lognormal(10.0, 0.09, trait["nucleus"]),
        pleomorphism=_lognormal(0.16, 0.3, trait["pleomorphism"]),
        height_um=_lognormal(29, 0.25, trait["height"]),
        slit_um=_lognormal(5, 0.5, trait["slit"]),
        tightness=max(2.05 + 0.42 * trait["tightness"], 0.8),
    )


def best_correlation() -> float:
    """Correlation with `shown["slide"]` of the best estimate from all traits, each known without error.

    The traits are normal and independent given what is shown, so that their precisions add: R2 = S / (1 + S), S the
    sum of r2 / (1 - r2). No reader of the images does better.
    """
    total = sum(r**2 / (1 - r**2) for r in LOADINGS.values())
    return float(np.sqrt(total / (1 + total)))


def _traits(patient: Patient) -> dict[str, float]:
    """Standard normal scores by trait; the grade moves them by its step from the middle one."""
    rng = patient.stream("pathology", "biology")
    shown = float(np.clip(patient.shown.get("slide", 0.0), -_LIMIT, _LIMIT))
    grade = 0 if patient.tumour is None else patient.tumour.differentiation - 2
    found = {}
    for name in (*LOADINGS, *_OTHERS):
        r = LOADINGS.get(name, 0.0)
        score = r * shown + np.sqrt(1 - r**2) * rng.standard_normal() + _GRADED.get(name, 0.0) * grade
        found[name] = float(np.clip(score, -_LIMIT, _LIMIT))
    return found


def _lognormal(median: float, spread: float, score: float) -> float:
    return float(median * np.exp(spread * score))


def _logistic(middle: float, spread: float, score: float) -> float:
    return float(1 / (1 + np.exp(-(np.log(middle / (1 - middle)) + spread * score))))
