"""Mean HU of every organ of a SIMULATED patient in a phase: native density, and iodine by the curves."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ..anatomy import Organ
from ..patient import Patient
from .acquisition import Acquisition, Phase, Protocol, scanner_of
from .enhancement import LIVER_SPACE, Circulation, Curves, Injection, curves, iodine_hu

Uptake = tuple[tuple[str, float], ...]

LEAN_HU, LEAN_SD = 63.0, 4.0
"""A liver without fat or iron, and its spread between people; typical values."""
FAT_HU: Mapping[float, float] = {80: -118.0, 100: -110.0, 120: -105.0, 140: -101.0}
"""Fat by kVp; typical values. Mixed into a liver it takes 1.7 HU per percent at 120 kVp, as Pickhardt et al. (2018)
found against the proton-density fat fraction."""
IRON_HU = 1.3
"""HU per mg iron per g dry liver at 120 kVp, from mass attenuation at 70 keV (about 4.5 HU per mg/mL); rises as iodine
does when kVp falls."""
BONE: Mapping[float, float] = {80: 1.35, 100: 1.15, 120: 1.0, 140: 0.92}
"""HU of bone over that at 120 kVp; typical values."""
VEIN_LAG_S = 8.0
"""Hepatic veins are read this much later than the model's outflow of a well-mixed liver, so that they stay dark in the
arterial and half filled in an early portal phase; typical value."""

NATIVE_HU: Mapping[Organ, float] = {
    Organ.AIR: -1000,
    Organ.MUSCLE: 54,
    Organ.SPLEEN: 48,
    Organ.KIDNEY: 32,
    Organ.KIDNEY_MEDULLA: 28,
    Organ.GALLBLADDER: 8,
    Organ.BOWEL_GAS: -920,
    Organ.BONE_CORTEX: 780,
    Organ.LUNG: -840,
    Organ.SKIN: 40,
    Organ.PANCREAS: 40,
    Organ.DISC: 85,
    Organ.CANAL: 25,
    Organ.ADRENAL: 25,
    Organ.STOMACH_WALL: 38,
    Organ.BOWEL_WALL: 36,
    Organ.BOWEL_CONTENT: 25,
    Organ.OESOPHAGUS: 38,
    Organ.CARTILAGE: 115,
    Organ.ASCITES: 8,
}
"""At 120 kVp; typical values. Organs that depend on the patient are not listed."""
UPTAKE: Mapping[Organ, Uptake] = {
    Organ.MUSCLE: (("body", 0.10), ("tissue", 0.15)),
    Organ.SPLEEN: (("spleen", 0.42),),
    Organ.KIDNEY: (("kidney", 0.62), ("tubules", 0.42)),
    Organ.KIDNEY_MEDULLA: (("kidney", 0.10), ("tubules", 0.85)),
    Organ.AORTA: (("aorta", 1.0),),
    Organ.HEPATIC_ARTERY: (("aorta", 1.0),),
    Organ.SPLENIC_ARTERY: (("aorta", 1.0),),
    Organ.PORTAL_VEIN: (("portal_vein", 1.0),),
    Organ.SPLENIC_VEIN: (("spleen", 0.6), ("portal_vein", 0.4)),
    Organ.HEPATIC_VEIN: (("hepatic_vein", 1.0),),
    Organ.CAVA: (("kidney", 0.45), ("lower_cava", 0.55)),
    Organ.HEART: (("left_heart", 0.45), ("right_heart", 0.35)),
    Organ.SKIN: (("body", 0.08), ("tissue", 0.10)),
    Organ.PANCREAS: (("gut", 0.34), ("gut_tissue", 0.10)),
    Organ.ADRENAL: (("kidney", 0.28),),
    Organ.STOMACH_WALL: (("gut", 0.25), ("gut_tissue", 0.10)),
    Organ.BOWEL_WALL: (("gut", 0.30), ("gut_tissue", 0.10)),
    Organ.OESOPHAGUS: (("body", 0.22),),
    Organ.BONE_MARROW: (("body", 0.07), ("tissue", 0.07)),
}
"""Compartment of the circulation, and the part of the organ that its blood or interstitium fills; typical values."""
BLOOD = frozenset(
    {
        Organ.AORTA,
        Organ.CAVA,
        Organ.PORTAL_VEIN,
        Organ.HEPATIC_VEIN,
        Organ.HEPATIC_ARTERY,
        Organ.SPLENIC_VEIN,
        Organ.SPLENIC_ARTERY,
        Organ.HEART,
    }
)


@dataclass(frozen=True, slots=True)
class Tissues:
    """Mean HU of every organ without the scanner's calibration error, and what the textures need to know.

    `enhancement_hu` is what the liver gained over its native value, `streaming_hu` the difference between the streams
    that meet in the cava, `moire_hu` the SD of the bands of an early spleen, `blood_hu` the vessel that lesions are
    scaled by (aorta in the arterial phase, portal vein later), `timing` how well an early phase hit its moment (1).
    """

    hu: Mapping[Organ, float]
    delay_s: float | None
    enhancement_hu: float
    streaming_hu: float
    moire_hu: float
    blood_hu: float
    timing: float


def tissues_of(patient: Patient, phase: Phase, acquisition: Acquisition) -> Tissues:
    """The organs of `patient` in `phase` at the kVp of `acquisition`."""
    native = _native(patient, acquisition.kvp)
    if phase == "native":
        return Tissues(native, None, 0.0, 0.0, 0.0, native[Organ.AORTA], 1.0)
    found = patient_curves(patient)
    delay = delay_s(patient, phase, arrival_s=found.arrival_s())
    iodine, per_mg = found.at(delay), iodine_hu(acquisition.kvp)
    lag = VEIN_LAG_S * float(np.exp(patient.stream("ct", "veins").normal(0, 0.4)))
    late = found.at(delay - lag)["hepatic_vein"]
    gained = {
        organ: per_mg * sum(share * iodine[name] for name, share in UPTAKE.get(organ, ())) for organ in Organ
    }
    gained[Organ.HEPATIC_VEIN] = per_mg * late
    gained[Organ.LIVER] = per_mg * found.circulation.liver_space * iodine["liver"]
    hu = {organ: native[organ] + gained[organ] for organ in Organ}
    early = iodine["aorta"] / max(iodine["spleen"], 1e-6)
    return Tissues(
        hu=hu,
        delay_s=delay,
        enhancement_hu=gained[Organ.LIVER],
        streaming_hu=per_mg * abs(iodine["kidney"] - iodine["lower_cava"]),
        moire_hu=float(np.clip(0.35 * (early - 1.6), 0, 0.6)) * gained[Organ.SPLEEN],
        blood_hu=hu[Organ.AORTA if phase == "arterial" else Organ.PORTAL_VEIN],
        timing=_timing(phase, delay, found.arrival_s()),
    )


def patient_curves(patient: Patient) -> Curves:
    """The iodine of the patient's one injection, which all phases read."""
    protocol, person = scanner_of(patient).protocol, patient.person
    rng = patient.stream("ct", "circulation")
    surface_m2 = np.sqrt(person.height_m * 100 * person.weight_kg / 3600)
    index = 3.1 * np.exp(rng.normal(0, 0.2)) * (1 - 0.004 * (person.age_y - 50))
    risk = float(np.clip(patient.shown.get("ct_risk", 0.0), -3, 3))
    fibrotic = float(np.clip(patient.shown.get("ct", 0.0), -3, 3))
    artery, space = rng.normal(0, (0.2, 0.07))
    circulation = Circulation(
        weight_kg=float(np.clip(person.weight_kg, 20, 300)),
        cardiac_output_l_min=float(np.clip(index * surface_m2, 2, 15)),
        arterial_share=float(np.clip(0.24 * np.exp(0.10 * risk + 0.08 * fibrotic + artery), 0.05, 0.9)),
        liver_space=float(np.clip(LIVER_SPACE * np.exp(0.03 * fibrotic + space), 0.15, 0.8)),
    )
    return curves(_injection(patient, protocol), circulation)


def delay_s(patient: Patient, phase: Phase, *, arrival_s: float) -> float:
    """Seconds from the start of the injection; in one patient of twelve the moment is missed by 8 s and more."""
    protocol = scanner_of(patient).protocol
    rng = patient.stream("ct", "timing", phase)
    usual, spread = {
        "arterial": (protocol.arterial_s + (arrival_s if protocol.tracked else 0.0), 2.0),
        "portal": (protocol.portal_s, 4.0),
        "delayed": (protocol.delayed_s, 15.0),
    }[phase]
    missed = (rng.random() < 1 / 12) * rng.choice([-1.0, 1.0]) * rng.uniform(8, 14)
    return float(max(usual + rng.normal(0, spread) + missed, 12.0))


def _injection(patient: Patient, protocol: Protocol) -> Injection:
    rng = patient.stream("ct", "injection")
    kg = patient.person.weight_kg
    dose = min(protocol.iodine_mg_kg, protocol.largest_g * 1000 / kg) * np.exp(rng.normal(0, 0.04))
    return Injection(float(dose), float(np.clip(protocol.duration_s + rng.normal(0, 1.5), 10, 90)))


def _timing(phase: Phase, delay: float, arrival: float) -> float:
    """How much of the difference between a lesion and the liver has developed: a bell about the best moment."""
    best, width = {"arterial": (arrival + 18, 16.0), "portal": (72.0, 40.0), "delayed": (190.0, 150.0)}[phase]
    return float(max(np.exp(-0.5 * ((delay - best) / width) ** 2), 0.3))


def _native(patient: Patient, kvp: float) -> dict[Organ, float]:
    """HU before contrast."""
    rng = patient.stream("ct", "density")
    lean, blood, muscle, spleen, marrow = rng.normal(0, (LEAN_SD, 4.0, 5.0, 3.0, 22.0)).tolist()
    fat_hu, bone = _by_kvp(FAT_HU, kvp), _by_kvp(BONE, kvp)
    found = dict.fromkeys(Organ, 40.0 + blood) | {organ: float(hu) for organ, hu in NATIVE_HU.items()}
    iron = IRON_HU * patient.liver.iron_mg_g * iodine_hu(kvp) / iodine_hu(120)
    found[Organ.FAT] = fat_hu
    found[Organ.LIVER] = (1 - patient.liver.fat) * (LEAN_HU + lean + iron) + patient.liver.fat * fat_hu
    found[Organ.MUSCLE] += muscle - 0.15 * (patient.person.age_y - 50)
    found[Organ.SPLEEN] += spleen
    trabecular = max(190.0 - 1.9 * (patient.person.age_y - 45) + marrow, 40.0)
    found[Organ.BONE_MARROW] = bone * trabecular
    found[Organ.BONE_CORTEX] *= bone
    found[Organ.STOMACH] = _stomach(patient)
    return found


def _stomach(patient: Patient) -> float:
    """Water, food or positive contrast in the stomach."""
    rng = patient.stream("ct", "stomach")
    return float(rng.choice([5.0, 30.0, 220.0], p=[0.5, 0.4, 0.1]) + rng.normal(0, 5))


def _by_kvp(table: Mapping[float, float], kvp: float) -> float:
    return float(np.interp(kvp, list(table), list(table.values())))
