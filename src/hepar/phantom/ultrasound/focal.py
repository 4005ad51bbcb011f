"""What focal lesions of the liver look like to a SIMULATED probe, and where the scan plane cuts them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...core.errors import SimulationError
from ..lesions import KINDS, us_look
from ..patient import Lesion
from .medium import Medium
from .probe import Array

FLUID_DB = -20.0
"""Backscatter over the liver below which a lesion is fluid."""
LIVER_ATTENUATION, LIVER_UM = 0.55, 100.0
"""The liver that `us_look` has in mind; what is liver itself is shifted to the liver of the patient."""
FIELD_MM = 45.0
"""Half the thickness of liver through which an unaimed plane may be laid."""


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
    width_mm: float,
    depth: tuple[float, float],
) -> tuple[Cut, ...]:
    """The lesions that view number `view` meets: it is aimed at the view-th largest, others lie where they may.

    `width_mm` is the width of liver in view at the middle depth, `depth` its first and last depth on the axis, mm.
    A lesion too large for the depth in view is centred in it.
    """
    largest_first = np.argsort([-lesion.diameter_mm for lesion in lesions], kind="stable")
    found: list[Cut] = []
    for rank, number in enumerate(largest_first.tolist()):
        lesion = lesions[number]
        half = lesion.diameter_mm / 2
        off = rng.uniform(-0.3, 0.3) * half if rank == view else rng.uniform(-FIELD_MM, FIELD_MM)
        place = rng.random((20, 2))
        if abs(off) < half * lesion.axes[1]:
            shrink = float(np.sqrt(1 - (off / (half * lesion.axes[1])) ** 2))
            cut = _placed(
                lesion,
                number,
                half_mm=half * shrink,
                place=place,
                width_mm=width_mm,
                depth=depth,
                others=found,
            )
            found += [cut] if cut else []
    return tuple(found)


def _placed(
    lesion: Lesion,
    number: int,
    *,
    half_mm: float,
    place: NDArray[np.float64],
    width_mm: float,
    depth: tuple[float, float],
    others: list[Cut],
) -> Cut | None:
    """The cut at the first of the places (n, 2) where it touches no other; nowhere if there is none."""
    low, high = depth[0] + half_mm + 2, depth[1] - half_mm - 2
    if low > high:
        low = high = sum(depth) / 2
    for across, down in place.tolist():
        x, z = (across - 0.5) * 0.7 * width_mm, low + down * (high - low)
        if all(
            np.hypot(x - o.x_mm, z - o.z_mm) > half_mm + max(o.half_x_mm, o.half_z_mm) + 1 for o in others
        ):
            return Cut(number, lesion.kind, x, z, half_mm * lesion.axes[2], half_mm * lesion.axes[0])
    return None


def radius_of(cut: Cut, x_mm: Array, z_mm: Array, *, rng: np.random.Generator, infiltration: float) -> Array:
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
