"""What ultrasound meets in one SIMULATED patient: the latent state as acoustic properties.

Disease enters only through `shown["rf"]` (attenuation, effective diameter, spacing) and `shown["bmode"]` (scatterer
density, brightness, texture, surface), of which fibrosis itself is only a part. Every property also differs from
person to person, and fat changes attenuation and brightness more than fibrosis does, so that over a cohort more of each
is nuisance than disease. Numbers without a source are typical values: nothing here is fitted to a model.
"""

from dataclasses import dataclass

import numpy as np

from ..patient import Patient
from .medium import Medium

CLIP = 3.0
"""Standard deviations of `shown` beyond which nothing changes any more."""


@dataclass(frozen=True, slots=True)
class Effect:
    """How a property depends on disease: `base`, then per standard deviation of disease and of the person.

    `log` properties multiply by exp, others add.
    """

    base: float
    disease: float
    person: float
    log: bool = True


ATTENUATION = Effect(0.50, disease=0.03, person=0.03, log=False)
"""dB/cm/MHz. A healthy liver attenuates about 0.5; fibrosis without fat changes it little (typical values)."""
ATTENUATION_OF_FAT = 1.0
"""dB/cm/MHz for a fat fraction of 1: from about 0.55 at 3 % to 0.8 at 30 % (typical of attenuation imaging)."""
DIAMETER = Effect(100.0, disease=0.20, person=0.16)
"""Effective scatterer diameter, um (typical value)."""
SPACING = Effect(1.1, disease=0.10, person=0.09)
"""Mean distance of regular scatterers, mm: about 1 in the normal liver, more in cirrhosis (Fellingham, Sommer 1984)."""
REGULARITY = Effect(0.12, disease=-0.20, person=0.30)
"""Energy of the regular over the diffuse scatterers."""
BACKSCATTER = Effect(0.0, disease=0.9, person=1.8, log=False)
"""dB over the reference phantom at 3 MHz."""
BACKSCATTER_OF_FAT = 25.0
"""dB for a fat fraction of 1; backscatter rises about tenfold with severe steatosis (Lin 2015)."""
DENSITY = Effect(12.0, disease=-0.22, person=0.18)
"""Scatterers per mm2. Fibrosis makes envelopes less Rayleigh (Yamaguchi, Hachiya 2010), fat more (Tsui 2016)."""
DENSITY_OF_FAT = 2.0
"""Logarithm of the density for a fat fraction of 1 (typical value)."""
TEXTURE_DB = Effect(1.1, disease=0.22, person=0.18)
"""Standard deviation of the backscatter within one liver, dB."""
TEXTURE_MM = Effect(1.6, disease=0.15, person=0.14)
"""Width (standard deviation of the Gaussian) of that texture."""
SURFACE_MM = Effect(0.25, disease=0.35, person=0.32)
"""Root mean square of the unevenness of the capsule."""
JITTER = 0.15
"""Standard deviation of the distance of regular scatterers over its mean (typical value)."""

SKIN = Medium(1.0, 6.0, 60.0, 60.0)
FAT = Medium(0.6, -5.0, 60.0, 10.0)
MUSCLE = Medium(1.0, -3.0, 60.0, 20.0)
"""Layers of the body wall (typical values)."""
BLOOD = Medium(0.15, -38.0, 10.0, 100.0)
BILE = Medium(0.03, -60.0, 10.0, 100.0)


@dataclass(frozen=True, slots=True)
class Wall:
    """Thickness of the layers between probe and liver, mm, and how much they spread the beam."""

    skin_mm: float
    fat_mm: float
    muscle_mm: float
    blur: float

    @property
    def total_mm(self) -> float:
        """Distance from the skin to the liver."""
        return self.skin_mm + self.fat_mm + self.muscle_mm


@dataclass(frozen=True, slots=True)
class Tissue:
    """The liver and the wall of one patient; the same in every view."""

    liver: Medium
    spacing_mm: float
    regularity: float
    texture_db: float
    texture_mm: float
    surface_mm: float
    wall: Wall
    wall_attenuation: float


def tissue_of(patient: Patient) -> Tissue:
    """The acoustic properties of `patient`; independent of the scanner and of the view."""
    rng = patient.stream("ultrasound", "tissue")
    spectral, look = (float(np.clip(patient.shown.get(key, 0.0), -CLIP, CLIP)) for key in ("rf", "bmode"))

    def of(effect: Effect, shown: float) -> float:
        change = effect.disease * shown + effect.person * float(rng.standard_normal())
        return float(effect.base * np.exp(change)) if effect.log else effect.base + change

    fat = patient.liver.fat
    attenuation = of(ATTENUATION, spectral) + ATTENUATION_OF_FAT * fat
    diameter, spacing, regularity = of(DIAMETER, spectral), of(SPACING, spectral), of(REGULARITY, spectral)
    backscatter = of(BACKSCATTER, look) + BACKSCATTER_OF_FAT * fat
    density = of(DENSITY, look) * float(np.exp(DENSITY_OF_FAT * fat))
    texture_db, texture_mm, surface = of(TEXTURE_DB, look), of(TEXTURE_MM, look), of(SURFACE_MM, look)
    return Tissue(
        Medium(max(attenuation, 0.25), backscatter, diameter, density),
        spacing,
        min(regularity, 1.0),
        texture_db,
        texture_mm,
        surface,
        _wall(patient, rng),
        float(np.exp(0.15 * rng.standard_normal())),
    )


def _wall(patient: Patient, rng: np.random.Generator) -> Wall:
    """About 15 mm from skin to liver at a body-mass index of 22 and over 25 mm beyond 32 (typical values)."""
    bmi, woman = patient.person.bmi, patient.person.sex == "f"
    skin, fat, muscle, spread = rng.standard_normal(4)
    fat_mm = 5.5 + 0.95 * (bmi - 22) + (1.5 if woman else 0.0) + 2.5 * fat
    fat_mm = float(np.clip(fat_mm, 1.5, 60))
    muscle_mm = float(np.clip((7.0 if woman else 8.5) + 1.5 * muscle, 3, 15))
    blur = 1 + 0.012 * fat_mm * float(np.exp(0.4 * spread))
    return Wall(float(np.clip(2 + 0.3 * skin, 1, 3)), fat_mm, muscle_mm, blur)
