"""Hounsfield values of a SIMULATED lesion in each phase of contrast, by what its look says."""

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from ...core.errors import SimulationError, choices
from ..patient import Lesion
from .body import LesionBody
from .kinds import kind_called
from .look import PHASES, shown

Array = NDArray[np.float32]

LIVER_HU: Mapping[str, float] = MappingProxyType(
    {"native": 57.0, "arterial": 74.0, "portal": 110.0, "delayed": 93.0}
)
"""The liver of reference, without fat, that looks are differences from: the median of SIMULATED lean livers."""
VESSEL_HU: Mapping[str, float] = MappingProxyType(
    {"native": 42.0, "arterial": 325.0, "portal": 171.0, "delayed": 119.0}
)
"""Vessels of reference, medians as well: the aorta in the arterial phase, the portal vein in the later ones."""
SCAR_HU: Mapping[str, float] = MappingProxyType(
    {"native": -3.0, "arterial": -34.0, "portal": -18.0, "delayed": 8.0}
)
"""A central scar over the tissue about it: enhances late (Brancatelli, 2001; values typical)."""
TEXTURE: Mapping[str, float] = MappingProxyType(
    {"native": 0.4, "arterial": 1.0, "portal": 0.85, "delayed": 0.7}
)
"""Texture inside by phase, over the look's."""
GAIN = (0.2, 3.0)


def ct_change(
    lesion: Lesion,
    body: LesionBody,
    phase: str,
    *,
    liver_hu: float,
    vessel_hu: float,
    timing: float = 1.0,
) -> Array:
    """HU (z, y, x) of the lesion's own tissue in each voxel of the box; blend by `body.coverage`.

    `liver_hu` is the liver beside it in this phase; `vessel_hu` the aorta in the arterial phase, the portal vein
    later: it says how much iodine there is (dose over weight, kVp), and enhancement is in proportion. `timing` is how
    much of the difference in enhancement from liver has developed (1 in a well timed phase). A lesion has no fat
    of the liver's: in a fatty liver it looks brighter beside it. What is parenchyma itself (perfusion anomaly,
    regenerative nodule) has. Among lesions the values depend on the kind only through the look.
    """
    look, gain = _checked(lesion, phase, hu=(liver_hu, vessel_hu)), _gain(phase, vessel_hu)
    core = shown(look, f"core_{phase}") * (timing if phase != "native" else 1.0)
    if kind_called(lesion.kind).parenchymal:
        tissue = liver_hu + gain * core
    else:
        native = LIVER_HU["native"] + look["core_native"]
        tissue = native + gain * (LIVER_HU[phase] + core - native)
    found = np.full(body.coverage.shape, tissue, np.float32)
    if phase != "native":
        rim = body.rim[PHASES.index(phase) - 1]
        found += np.float32(gain * timing * look[f"rim_{phase}"]) * rim
    found += np.float32(gain * SCAR_HU[phase]) * body.scar
    found += np.float32(TEXTURE[phase] * shown(look, "texture")) * body.texture
    return found


def _gain(phase: str, vessel_hu: float) -> float:
    """Iodine over that of reference."""
    if phase == "native":
        return 1.0
    blood = VESSEL_HU["native"]
    return float(np.clip((vessel_hu - blood) / (VESSEL_HU[phase] - blood), *GAIN))


def _checked(lesion: Lesion, phase: str, *, hu: tuple[float, float]) -> Mapping[str, float]:
    if phase not in PHASES:
        raise SimulationError(f"there is no phase {phase!r}; {choices(phase, PHASES)}")
    if not np.isfinite(hu).all():
        raise SimulationError(f"liver and vessels of {hu!r} HU: give finite numbers")
    if lesion.look is None or f"core_{phase}" not in lesion.look:
        raise SimulationError(f"this {lesion.kind} has no look on CT; make lesions with draw_lesion")
    return lesion.look
