"""The HU that a SIMULATED scan would show were it perfect: organs, texture and lesions where the anatomy has them."""

import numpy as np
from numpy.typing import NDArray

from ...core.errors import SimulationError
from ..anatomy import Anatomy, Organ
from ..fields import Field
from ..lesions import body_of, ct_change
from ..patient import Patient
from .acquisition import Acquisition, Phase
from .artefacts import CLIP_HU, COUCH_HU, clip_of, couch_of
from .parenchyma import parenchyma_of
from .tissues import Tissues

SLAB = 1 << 22
"""Voxels that are worked on at a time."""
VESSELS = (Organ.PORTAL_VEIN, Organ.HEPATIC_VEIN, Organ.HEPATIC_ARTERY)


def painted(
    patient: Patient, anatomy: Anatomy, phase: Phase, *, tissues: Tissues, acquisition: Acquisition
) -> Field:
    """HU (z, y, x) on the anatomy's grid, sharp, without motion and noise."""
    hu = _organs(patient, anatomy, tissues)
    _add_lesions(hu, patient, anatomy, phase=phase, tissues=tissues)
    hu[clip_of(patient, anatomy)] = CLIP_HU
    if acquisition.couch:
        couch = couch_of(anatomy)
        outside = anatomy.labels[:, couch] == Organ.AIR
        hu[:, couch] = np.where(outside, np.float32(COUCH_HU), hu[:, couch])
    return hu


def slabs(shape: tuple[int, int, int]) -> list[slice]:
    """Slices of a volume in groups of about `SLAB` voxels."""
    step = max(1, SLAB // (shape[1] * shape[2]))
    return [slice(first, min(first + step, shape[0])) for first in range(0, shape[0], step)]


def _organs(patient: Patient, anatomy: Anatomy, tissues: Tissues) -> Field:
    mean = np.full(256, np.nan, np.float32)
    for organ, hu in tissues.hu.items():
        mean[organ] = hu
    parenchyma = parenchyma_of(patient, tissues)
    found = np.full(anatomy.labels.shape, mean[Organ.AIR], np.float32)
    rows, columns = _body(anatomy)
    for part in slabs(anatomy.labels.shape):
        box = (part, rows, columns)
        labels = anatomy.labels[box]
        field = parenchyma.at(anatomy.grid, box, labels)
        field += mean[labels]
        found[box] = field
    return found


def _body(anatomy: Anatomy) -> tuple[slice, slice]:
    """Rows and columns that hold any of the body."""
    body = (anatomy.labels != Organ.AIR).any(axis=0)
    spans = []
    for axis in (1, 0):
        index = np.flatnonzero(body.any(axis=axis))
        spans.append(slice(int(index[0]), int(index[-1]) + 1) if index.size else slice(0, 0))
    return spans[0], spans[1]


def _add_lesions(hu: Field, patient: Patient, anatomy: Anatomy, *, phase: Phase, tissues: Tissues) -> None:
    if len(anatomy.places) != len(patient.lesions):
        raise SimulationError(
            f"{patient.case_id} has {len(patient.lesions)} lesions and an anatomy with {len(anatomy.places)} places; "
            "make the anatomy of this patient with abdomen()"
        )
    for number, (lesion, place) in enumerate(zip(patient.lesions, anatomy.places, strict=True)):
        body = body_of(
            lesion, place.centre_mm, anatomy.grid, rng=patient.stream("lesion", "body", str(number))
        )
        own = ct_change(
            lesion,
            body,
            phase,
            liver_hu=tissues.hu[Organ.LIVER],
            vessel_hu=tissues.blood_hu,
            timing=tissues.timing,
        )
        covered = body.coverage * _room(anatomy, body.box, displaces=body.displaces)
        hu[body.box] += covered * (own - hu[body.box])


def _room(anatomy: Anatomy, box: tuple[slice, slice, slice], *, displaces: bool) -> NDArray[np.bool_]:
    """Voxels that a lesion may fill: the liver, with its vessels when the lesion displaces them."""
    inside = anatomy.liver[box]
    return inside if displaces else inside & ~np.isin(anatomy.labels[box], VESSELS)
