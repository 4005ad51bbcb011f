"""Texture of SIMULATED organs: fields in mm of the patient, the same in all phases, scaled by what each phase shows."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..anatomy import Organ
from ..fields import Field
from ..grid import Grid
from ..patient import Patient
from .lattice import Box, Lattice, random_lattice
from .tissues import Tissues

FINE_MM, PATCH_MM = 2.0, 14.0
"""Width (SD of the Gaussian) of the finest field, below which noise hides everything, and of the patchy one."""
LIVER_HU = 2.5
"""SD of the texture of a healthy native liver; typical value, a fifth of the noise."""

FINE_HU: Mapping[Organ, float] = {
    Organ.FAT: 6,
    Organ.MUSCLE: 7,
    Organ.SPLEEN: 1.5,
    Organ.KIDNEY: 4,
    Organ.KIDNEY_MEDULLA: 5,
    Organ.BONE_MARROW: 35,
    Organ.BONE_CORTEX: 90,
    Organ.LUNG: 45,
    Organ.PANCREAS: 8,
    Organ.BOWEL_CONTENT: 12,
    Organ.BOWEL_WALL: 5,
    Organ.STOMACH_WALL: 5,
    Organ.DISC: 8,
}
COARSE_HU: Mapping[Organ, float] = {
    Organ.FAT: 5,
    Organ.MUSCLE: 7,
    Organ.SPLEEN: 1.5,
    Organ.KIDNEY: 4,
    Organ.KIDNEY_MEDULLA: 6,
    Organ.BONE_MARROW: 25,
    Organ.BONE_CORTEX: 60,
    Organ.LUNG: 20,
    Organ.PANCREAS: 6,
    Organ.BOWEL_CONTENT: 25,
    Organ.STOMACH: 6,
    Organ.HEART: 8,
    Organ.DISC: 10,
}
"""SD of fine and coarse texture of the other organs, HU; chosen by eye beside real images."""


@dataclass(frozen=True, slots=True)
class Grain:
    """How the liver's texture is made: `sd_hu` in a portal phase, the share of it that is coarse, and septa.

    `coarse_mm` is the width (SD of the Gaussian) of the coarse field, `septa` how strongly thin dark lines run where
    that field crosses zero, `patches_hu` the SD of uneven fat.
    """

    sd_hu: float
    coarse: float
    coarse_mm: float
    septa: float
    patches_hu: float


@dataclass(frozen=True, slots=True)
class Parenchyma:
    """The fields of one patient, and what each adds (HU) by label in one phase."""

    fine: Lattice
    coarse: Lattice
    patches: Lattice
    gain: tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]

    def at(self, grid: Grid, box: Box, labels: NDArray[np.uint8]) -> Field:
        """HU over the mean of the organ (z, y, x) in the voxels `box` of `grid`, whose labels are given."""
        fine, coarse, patches, septa = (gain[labels] for gain in self.gain)
        field = self.coarse.at(grid, box)
        septa *= np.float32(SEPTA_MEAN) - np.exp(field * field * np.float32(-1 / SEPTA_WIDTH**2))
        coarse *= field
        coarse += septa
        fine *= self.fine.at(grid, box)
        coarse += fine
        patches *= self.patches.at(grid, box)
        coarse += patches
        return coarse


SEPTA_WIDTH = 0.4
SEPTA_MEAN = float(1 / np.sqrt(1 + 2 / SEPTA_WIDTH**2))
"""Mean of exp(-(x / width)^2) of a standard normal x."""


def grain_of(patient: Patient) -> Grain:
    """The texture that CT shows of this liver: by `shown` of "ct" and "ct_risk", and as much by the person alone."""
    rng = patient.stream("ct", "grain")
    fibrotic = float(np.clip(patient.shown.get("ct", 0.0), -3, 3))
    risk = float(np.clip(patient.shown.get("ct_risk", 0.0), -3, 3))
    own_sd, own_coarse, own_mm, own_septa = rng.normal(0, (0.32, 0.10, 0.20, 0.35)).tolist()
    return Grain(
        sd_hu=float(LIVER_HU * np.exp(0.25 * fibrotic + 0.15 * risk + own_sd)),
        coarse=float(np.clip(0.4 + 0.08 * fibrotic + 0.05 * risk + own_coarse, 0.05, 0.95)),
        coarse_mm=float(np.clip(4.0 * np.exp(0.14 * fibrotic + own_mm), 2.5, 9.0)),
        septa=float(np.clip(0.4 + 0.35 * fibrotic + own_septa, 0.0, 2.0)),
        patches_hu=float(0.5 + 25 * patient.liver.fat * np.exp(rng.normal(0, 0.4))),
    )


def parenchyma_of(patient: Patient, tissues: Tissues) -> Parenchyma:
    """The texture of all organs of `patient` in the phase of `tissues`."""
    grain = grain_of(patient)
    return Parenchyma(
        fine=random_lattice(patient.stream("ct", "fine"), width_mm=FINE_MM, step_mm=2.0, nodes=128),
        coarse=random_lattice(
            patient.stream("ct", "coarse"), width_mm=grain.coarse_mm, step_mm=2.5, nodes=108
        ),
        patches=random_lattice(patient.stream("ct", "patches"), width_mm=PATCH_MM, step_mm=7.0, nodes=48),
        gain=_gains(grain, tissues),
    )


def _gains(
    grain: Grain, tissues: Tissues
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
    """HU by label of the fine, coarse and patchy field and of septa: perfusion makes texture stronger."""
    fine, coarse, patches, septa = (np.zeros(256, np.float32) for _ in range(4))
    for table, gain in ((FINE_HU, fine), (COARSE_HU, coarse)):
        for organ, hu in table.items():
            gain[organ] = hu
    strength = grain.sd_hu * (0.6 + 0.4 * float(np.clip(tissues.enhancement_hu / 50, 0, 1.5)))
    fine[Organ.LIVER] = strength * np.sqrt(1 - grain.coarse)
    coarse[Organ.LIVER] = strength * np.sqrt(grain.coarse)
    septa[Organ.LIVER] = strength * grain.septa
    patches[Organ.LIVER] = grain.patches_hu
    coarse[Organ.SPLEEN] += tissues.moire_hu
    coarse[Organ.CAVA] = 0.25 * tissues.streaming_hu
    return fine, coarse, patches, septa
