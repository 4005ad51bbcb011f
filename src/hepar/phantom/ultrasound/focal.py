"""What focal lesions of the liver look like to a SIMULATED probe, and where the scan plane cuts them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...core.errors import SimulationError
from ..lesions import KINDS, us_look
from ..patient import Lesion
from .medium import Medium
from .probe import Array
from .scene import Lattice

FLUID_DB = -20.0
"""Backscatter over the liver below which a lesion is fluid."""
LIVER_ATTENUATION, LIVER_UM = 0.55, 100.0
"""The liver that `us_look` has in mind; what is liver itself is shifted to the liver of the patient."""
FIELD_MM = 45.0
"""Half the thickness of liver through which an unaimed plane may be laid."""
LARGEST_MM = 200.0
"""Diameter beyond which nothing fits into a liver."""
AIMED = 0.5
"""Share of the width in view in which the operator holds the lesion that is aimed at."""
TRIES = 30
"""Places that are tried for a lesion."""


@dataclass(frozen=True, slots=True)
class Cut:
    """Where the plane cuts lesion `number` of the patient: centre and half-axes across (x) and along (z), mm."""

    number: int
    kind: str
    x_mm: float
    z_mm: float
    half_x_mm: float
    half_z_mm: float


@dataclass(frozen=True, slots=True)
class Look:
    """The medium of a lesion and of its rim (halo)."""

    body: Medium
    rim: Medium


def look_of(lesion: Lesion, liver: Medium) -> Look:
    """How `lesion` looks in a `liver`; backscatter is relative to the liver, the rest is the lesion's own."""
    if lesion.kind not in KINDS:
        raise SimulationError(f"no ultrasound look for a lesion of kind {lesion.kind!r}; see lesions.KINDS")
    found = us_look(lesion)
    slope, diameter = found["attenuation_db_cm_mhz"], found["scatterer_um"]
    if lesion.mimic or lesion.kind == "focal_fat":
        slope += liver.attenuation_db_cm_mhz - LIVER_ATTENUATION
        diameter *= liver.diameter_um / LIVER_UM
    level = liver.backscatter_db + found["backscatter_db"]
    rim = liver.backscatter_db if found["backscatter_db"] < FLUID_DB else level + found["halo_db"]
    slope, diameter = max(slope, 0.02), max(diameter, 10.0)
    return Look(
        Medium(slope, level, diameter, liver.density_mm2), Medium(slope, rim, diameter, liver.density_mm2)
    )


def cuts(
    lesions: tuple[Lesion, ...],
    rng: np.random.Generator,
    *,
    view: int,
    lattice: Lattice,
    capsule_mm: Array,
    diaphragm_mm: Array,
) -> tuple[Cut, ...]:
    """The lesions that view number `view` meets: it is aimed at the view-th largest, others lie where they may.

    `capsule_mm` and `diaphragm_mm` (columns,) are the depths between which the liver is.
    """
    largest_first = np.argsort([-lesion.diameter_mm for lesion in lesions], kind="stable")
    found: list[Cut] = []
    for rank, number in enumerate(largest_first.tolist()):
        lesion = lesions[number]
        half, aimed = _half_mm(lesion), rank == view
        off = rng.uniform(-0.3, 0.3) * half if aimed else rng.uniform(-FIELD_MM, FIELD_MM)
        place = rng.random((TRIES, 2))
        place[:, 0] = 0.5 + (place[:, 0] - 0.5) * (AIMED if aimed else 1.0)
        if abs(off) >= half * lesion.axes[1]:
            continue
        shrunk = half * float(np.sqrt(1 - (off / (half * lesion.axes[1])) ** 2))
        free = _free(
            place, lattice, capsule_mm=capsule_mm, diaphragm_mm=diaphragm_mm, half_mm=shrunk, others=found
        )
        at = free or (_middle(lattice, capsule_mm=capsule_mm, diaphragm_mm=diaphragm_mm) if aimed else None)
        if at is not None:
            found.append(Cut(number, lesion.kind, *at, shrunk * lesion.axes[2], shrunk * lesion.axes[0]))
    return tuple(found)


def _half_mm(lesion: Lesion) -> float:
    if not (np.isfinite(lesion.diameter_mm) and 0 < lesion.diameter_mm <= LARGEST_MM):
        raise SimulationError(
            f"a {lesion.kind} of {lesion.diameter_mm!r} mm does not fit into a liver; give up to {LARGEST_MM:g} mm"
        )
    return lesion.diameter_mm / 2


def _free(
    place: NDArray[np.float64],
    lattice: Lattice,
    *,
    capsule_mm: Array,
    diaphragm_mm: Array,
    half_mm: float,
    others: list[Cut],
) -> tuple[float, float] | None:
    """The first of the places (n, 2), across and down in the liver in view, where a disc fits and touches no other."""
    probe, seen = lattice.probe, np.isfinite(diaphragm_mm)
    edge_x, edge_z = probe.place_mm(lattice.line[seen], diaphragm_mm[seen])
    for across, down in place.tolist():
        column = int(lattice.columns * (0.5 + 0.7 * (across - 0.5)))
        low = float(capsule_mm[column]) + half_mm + 2
        high = min(float(diaphragm_mm[column]), probe.end_mm) - half_mm - 2
        depth = np.array(low + down * (high - low), dtype=np.float32)
        x, z = (float(mm) for mm in probe.place_mm(lattice.line[column], depth))
        room = np.hypot(edge_x - x, edge_z - z).min(initial=np.inf)
        apart = all(
            np.hypot(x - o.x_mm, z - o.z_mm) > half_mm + max(o.half_x_mm, o.half_z_mm) + 1 for o in others
        )
        if low <= high and room > half_mm + 1 and apart:
            return x, z
    return None


def _middle(lattice: Lattice, *, capsule_mm: Array, diaphragm_mm: Array) -> tuple[float, float]:
    """Half-way between capsule and diaphragm on the axis, for what fits nowhere."""
    column = lattice.columns // 2
    bottom = min(float(diaphragm_mm[column]), lattice.probe.end_mm)
    return 0.0, (float(capsule_mm[column]) + bottom) / 2


def radius_of(cut: Cut, *, x_mm: Array, z_mm: Array, rng: np.random.Generator, infiltration: float) -> Array:
    """Distance from the centre of `cut` over its uneven outline at that angle: 1 on the margin; `rng` shapes it."""
    across, down = (x_mm - cut.x_mm) / cut.half_x_mm, (z_mm - cut.z_mm) / cut.half_z_mm
    angle = np.arctan2(down, across)
    outline = np.ones_like(angle)
    for wave in range(2, 6):
        strength = (0.03 + 0.3 * infiltration) / wave
        outline += np.float32(strength * rng.standard_normal()) * np.cos(
            wave * angle + np.float32(rng.uniform(0, 6.28))
        )
    made: Array = np.hypot(across, down) / np.maximum(outline, np.float32(0.5))
    return made
