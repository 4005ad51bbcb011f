"""What lies in the scanner: signal of water and of fat of a SIMULATED patient in every voxel, without any artefact."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ...core.errors import SimulationError
from ..anatomy import Anatomy, Organ
from ..lesions import LesionBody, body_of, mr_look
from ..patient import Lesion, Patient
from .parenchyma import liver_matter, stroma
from .scanners import Protocol
from .tissue import TISSUES, Matter, Values, matter_of, organ_table
from .weighting import nominal_signal, weighed

FAT_OF = {"focal_fat": 0.18, "focal_sparing": -0.10}
"""Fat fraction that these have more than the liver around (typical values)."""


STROMA = 0.07
"""Spread of the signal within an organ that is not the liver (typical value); strands of fat are poor in water."""


@dataclass(frozen=True, slots=True)
class Painted:
    """A lesion and its body on the voxels of its box."""

    lesion: Lesion
    body: LesionBody


@dataclass(frozen=True, slots=True)
class Scene:
    """One patient in a scanner of `field_t`: organs by label, parenchyma at the voxels `inside`, lesions."""

    patient: Patient
    anatomy: Anatomy
    field_t: float
    organs: Matter
    inside: NDArray[np.bool_]
    liver: Matter
    lesions: tuple[Painted, ...]


def scene_of(patient: Patient, anatomy: Anatomy, *, field_t: float) -> Scene:
    """Everything that all sequences of `patient` share.

    Fails with SimulationError where the anatomy has places for another number of lesions.
    """
    if len(anatomy.places) != len(patient.lesions):
        raise SimulationError(
            f"{patient.case_id} has {len(patient.lesions)} lesions and an anatomy with {len(anatomy.places)} places; "
            "make the anatomy of this patient with abdomen()"
        )
    inside = anatomy.labels == Organ.LIVER
    blood = matter_of(TISSUES[Organ.HEPATIC_VEIN], field_t)
    pairs = zip(patient.lesions, anatomy.places, strict=True)
    lesions = tuple(
        Painted(
            one, body_of(one, place.centre_mm, anatomy.grid, rng=patient.stream("lesion", "body", str(k)))
        )
        for k, (one, place) in enumerate(pairs)
    )
    liver = liver_matter(patient, inside, grid=anatomy.grid, field_t=field_t, blood=blood)
    fattened = _fattened(liver, inside, lesions)
    return Scene(patient, anatomy, field_t, organ_table(patient, field_t), inside, fattened, lesions)


def painted(scene: Scene, sequence: str, *, protocol: Protocol) -> tuple[Values, Values]:
    """Signal (z, y, x) of water and of fat, in full magnetisations, as `sequence` weighs them."""
    organs, liver = scene.organs, scene.liver
    if sequence == "hepatobiliary":
        organs, liver = organs.enhanced(), liver.enhanced()
    b_s_mm2 = protocol.b_s_mm2[0 if sequence == "dwi_low" else 1]
    water, fat = (
        table[scene.anatomy.labels]
        for table in weighed(organs, protocol, field_t=scene.field_t, b_s_mm2=b_s_mm2)
    )
    for k, texture in enumerate(stroma(scene.patient, scene.anatomy.grid)):
        water[k] *= 1 + np.float32(STROMA) * texture
        fat[k] *= 1 - np.float32(STROMA) * texture
    water[scene.inside], fat[scene.inside] = weighed(liver, protocol, field_t=scene.field_t, b_s_mm2=b_s_mm2)
    average = nominal_signal(
        protocol, field_t=scene.field_t, b_s_mm2=b_s_mm2, enhanced=sequence == "hepatobiliary"
    )
    for one in scene.lesions:
        ratio = _ratio(one, sequence, protocol=protocol)
        _paint(one, scene, water, fat=fat, ratio=ratio, average=average)
    return water, fat


def _fattened(liver: Matter, inside: NDArray[np.bool_], lesions: tuple[Painted, ...]) -> Matter:
    """`liver` with more fat where fat is focal, and less where it is spared."""
    changes = [(one.body, FAT_OF[one.lesion.kind]) for one in lesions if one.lesion.kind in FAT_OF]
    if not changes:
        return liver
    fat = np.zeros(inside.shape, np.float32)
    fat[inside] = liver.fat
    for body, change in changes:
        fat[body.box] += np.float32(change) * body.coverage
    return replace(liver, fat=np.clip(fat[inside], 0, 0.6))


def _paint(one: Painted, scene: Scene, water: Values, *, fat: Values, ratio: Values, average: float) -> None:
    """Writes a lesion into `water` and `fat`, arrays that nobody else has yet.

    What displaces the liver is `ratio` times as bright as an `average` liver, whatever the liver around holds; a mimic
    is this liver, `ratio` times as bright, its vessels untouched.
    """
    box = one.body.box
    if one.body.displaces:
        coverage = one.body.coverage * scene.anatomy.liver[box]
        water[box] += coverage * (np.float32(average) * ratio - water[box])
        fat[box] *= 1 - coverage
    else:
        water[box] *= 1 + one.body.coverage * scene.inside[box] * (ratio - 1)


def _ratio(one: Painted, sequence: str, *, protocol: Protocol) -> Values:
    """Signal of a lesion over that of an average liver in its box.

    At the lower b it is what the look at the higher b was before its diffusion and the liver's had worked.
    """
    if sequence in {"t1", "in_phase", "opposed_phase"}:
        return mr_look(one.lesion, one.body, "t1")
    if sequence != "dwi_low":
        return mr_look(one.lesion, one.body, sequence)
    low, high = protocol.b_s_mm2
    change = mr_look(one.lesion, one.body, "adc") - 1
    liver = TISSUES[Organ.LIVER].adc_um2_s * 1e-6
    grown: Values = mr_look(one.lesion, one.body, "dwi") * np.exp((high - low) * liver * change)
    return grown.astype(np.float32)
