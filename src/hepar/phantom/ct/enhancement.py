"""Where injected iodine is at each second: a linear circulation that SIMULATED contrast phases read off."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import scipy.linalg
from numpy.typing import NDArray

from ...core.errors import SimulationError

Floats = NDArray[np.float64]

STEP_S = 0.5
LONGEST_S = 600.0
REFERENCE_KG = 75.0

VOLUME_ML: Mapping[str, float] = {
    "arm": 80,
    "right_heart": 300,
    "lung": 220,
    "lung_veins": 220,
    "left_heart": 250,
    "aorta": 250,
    "spleen": 110,
    "gut": 220,
    "gut_veins": 230,
    "gut_tissue": 1200,
    "portal_vein": 110,
    "liver": 660,
    "hepatic_vein": 80,
    "kidney": 100,
    "tubules": 200,
    "body": 1300,
    "tissue": 10_000,
    "lower_cava": 1100,
}
"""Well-mixed compartments of an adult of 75 kg, mL of blood that would hold the same iodine at equilibrium.

After the whole-body model of Bae, Heiken and Brink (Radiology 1998), made smaller; the volumes are typical values, set
so that an injection of 520 mg iodine per kg raises the liver by about 50 HU (Heiken et al., Radiology 1995).
"""
LIVER_SPACE = 0.42
"""Typical value: an extracellular volume fraction of 0.25, which is of plasma, over 1 less a haematocrit of 0.40."""
SHARE: Mapping[str, float] = {"spleen": 0.04, "gut": 0.17, "kidney": 0.20}
"""Of the cardiac output; typical values."""
LIVER_SHARE = 0.275
"""Of the cardiac output, hepatic artery and portal vein together; typical value."""
ARM_S = 3.0
"""From the cannula to the first compartment, without mixing; typical value."""
ARM_ML_S = 10.0
"""Flow of the vein that takes the injection, with the saline that follows."""
LEAK_ML_S: tuple[tuple[str, str, float], ...] = (
    ("body", "tissue", 60.0),
    ("gut_veins", "gut_tissue", 20.0),
)
"""Exchange of iodine with the interstitium, mL of blood cleared each second; typical values."""
FILTERED_ML_S, URINE_ML_S = 3.0, 1.5
"""Blood cleared by the glomeruli, and what leaves the tubules; typical values."""

HU_PER_MG_ML: Mapping[float, float] = {80: 41.0, 100: 32.0, 120: 25.5, 140: 21.5}
"""HU that 1 mg iodine per mL adds, by kVp; typical values (about 25 at 120 kVp: Bae, Radiology 2010)."""


@dataclass(frozen=True, slots=True)
class Injection:
    """Contrast medium as given: mg iodine per kg of body weight, over `duration_s`."""

    iodine_mg_kg: float = 520.0
    duration_s: float = 30.0

    def __post_init__(self) -> None:
        _within("iodine dose", self.iodine_mg_kg, (0, 2000), unit=" mg/kg")
        _within("duration of the injection", self.duration_s, (1, 120), unit=" s")


@dataclass(frozen=True, slots=True)
class Circulation:
    """What distributes it; `arterial_share` is the part of the liver's inflow that comes from the hepatic artery.

    `liver_space` is the part of the liver that iodine reaches at equilibrium, blood and Disse's space together, as
    blood (larger where collagen is).
    """

    weight_kg: float = REFERENCE_KG
    cardiac_output_l_min: float = 6.5
    arterial_share: float = 0.24
    liver_space: float = LIVER_SPACE

    def __post_init__(self) -> None:
        _within("body weight", self.weight_kg, (20, 300), unit=" kg")
        _within("cardiac output", self.cardiac_output_l_min, (1, 20), unit=" L/min")
        _within("arterial share", self.arterial_share, (0.02, 0.98))
        _within("liver space", self.liver_space, (0.05, 0.9))


@dataclass(frozen=True, slots=True)
class Curves:
    """Iodine (mg per mL of blood) of every compartment in steps of `STEP_S` from the start of the injection."""

    names: tuple[str, ...]
    iodine_mg_ml: Floats
    circulation: Circulation

    def at(self, time_s: float) -> dict[str, float]:
        """Iodine (mg/mL) of each compartment at `time_s`; nothing before the injection."""
        _within("delay of the scan", time_s, (-np.inf, LONGEST_S), unit=" s")
        times = STEP_S * np.arange(len(self.iodine_mg_ml))
        return {
            name: float(np.interp(time_s - ARM_S, times, self.iodine_mg_ml[:, k], left=0.0))
            for k, name in enumerate(self.names)
        }

    def arrival_s(self, above_mg_ml: float = 4.0) -> float:
        """When iodine in the aorta first exceeds `above_mg_ml`, 100 HU at 120 kVp: what bolus tracking waits for."""
        aorta = self.iodine_mg_ml[:, self.names.index("aorta")]
        return float(ARM_S + STEP_S * np.argmax(aorta > min(above_mg_ml, 0.6 * aorta.max())))


@lru_cache(maxsize=64)
def curves(injection: Injection, circulation: Circulation) -> Curves:
    """Iodine after `injection` into `circulation`: dc/dt = A c + u, stepped by the exponential of the matrix A."""
    volumes = _volumes_ml(circulation)
    names = tuple(volumes)
    step = scipy.linalg.expm(STEP_S * _rates(volumes, circulation))
    given = injection.iodine_mg_kg * circulation.weight_kg / injection.duration_s / volumes["arm"]
    now, found = np.zeros(len(names)), []
    for k in range(int(LONGEST_S / STEP_S) + 1):
        found.append(now)
        now = (step * now).sum(axis=1)
        now[0] += given * np.clip(injection.duration_s - k * STEP_S, 0, STEP_S)
    return Curves(names, np.array(found), circulation)


def iodine_hu(kvp: float) -> float:
    """HU that 1 mg iodine per mL adds at `kvp`."""
    return float(np.interp(kvp, list(HU_PER_MG_ML), list(HU_PER_MG_ML.values())))


def _volumes_ml(circulation: Circulation) -> dict[str, float]:
    size = circulation.weight_kg / REFERENCE_KG
    volumes = {name: ml * size for name, ml in VOLUME_ML.items()}
    volumes["liver"] *= circulation.liver_space / LIVER_SPACE
    return volumes


def _rates(volumes: Mapping[str, float], circulation: Circulation) -> Floats:
    """The matrix A (1/s) of flows and leaks."""
    names = list(volumes)
    rates = np.zeros((len(names),) * 2)
    size = circulation.weight_kg / REFERENCE_KG
    moved = _flows_ml_s(circulation)
    for one, other, ml_s in LEAK_ML_S:
        moved += [(one, other, ml_s * size), (other, one, ml_s * size)]
    moved.append(("kidney", "tubules", FILTERED_ML_S * size))
    for source, target, ml_s in moved:
        rates[names.index(target), names.index(source)] += ml_s / volumes[target]
        rates[names.index(source), names.index(source)] -= ml_s / volumes[source]
    rates[names.index("tubules"), names.index("tubules")] -= URINE_ML_S * size / volumes["tubules"]
    return rates


def _flows_ml_s(circulation: Circulation) -> list[tuple[str, str, float]]:
    """Blood from one compartment to the next, mL/s."""
    total = circulation.cardiac_output_l_min * 1000 / 60
    artery = circulation.arterial_share * LIVER_SHARE * total
    portal = LIVER_SHARE * total - artery
    spleen = portal * SHARE["spleen"] / (SHARE["spleen"] + SHARE["gut"])
    kidney = SHARE["kidney"] * total
    body = total - artery - portal - kidney
    arm = min(ARM_ML_S, 0.5 * body)
    return [
        ("arm", "right_heart", arm),
        ("right_heart", "lung", total),
        ("lung", "lung_veins", total),
        ("lung_veins", "left_heart", total),
        ("left_heart", "aorta", total),
        ("aorta", "spleen", spleen),
        ("spleen", "portal_vein", spleen),
        ("aorta", "gut", portal - spleen),
        ("gut", "gut_veins", portal - spleen),
        ("gut_veins", "portal_vein", portal - spleen),
        ("portal_vein", "liver", portal),
        ("aorta", "liver", artery),
        ("liver", "hepatic_vein", artery + portal),
        ("hepatic_vein", "right_heart", artery + portal),
        ("aorta", "kidney", kidney),
        ("kidney", "right_heart", kidney),
        ("aorta", "body", body),
        ("body", "lower_cava", body),
        ("lower_cava", "right_heart", body - arm),
        ("lower_cava", "arm", arm),
    ]


def _within(what: str, value: float, between: tuple[float, float], *, unit: str = "") -> None:
    low, high = between
    if np.isnan(value) or not low <= value <= high:
        raise SimulationError(f"{what} is {value!r}; give {low:g} to {high:g}{unit}")
