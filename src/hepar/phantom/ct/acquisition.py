"""How a SIMULATED scanner takes an abdomen: tube, kernel, slice, contrast protocol, and four scanners that differ."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from ...core.errors import SimulationError, choices
from ..grid import Grid
from ..patient import Patient

Phase = Literal["native", "arterial", "portal", "delayed"]
PHASES: tuple[Phase, ...] = ("native", "arterial", "portal", "delayed")
KernelName = Literal["soft", "medium", "sharp"]


@dataclass(frozen=True, slots=True)
class Kernel:
    """A reconstruction kernel: `blur_mm` is the SD of its Gaussian point spread, `edge` how much it overshoots.

    The power of its noise at frequency f (cycles/mm) is (f + `floor`) exp(-(f / `cut`)^`order`): the ramp of filtered
    backprojection under the kernel's roll-off, with the power near zero that interpolation leaves (Kijewski and Judy,
    1987). `medium` was set on real livers, one reconstructed by filtered backprojection with a standard kernel, one
    iteratively with a medium one; `soft` and `sharp` are typical.
    """

    blur_mm: float
    edge: float
    cut: float
    order: float = 3.0
    floor: float = 0.14


KERNELS: Mapping[str, Kernel] = {
    "soft": Kernel(blur_mm=0.74, edge=0.0, cut=0.36),
    "medium": Kernel(blur_mm=0.62, edge=0.05, cut=0.435),
    "sharp": Kernel(blur_mm=0.42, edge=0.35, cut=0.60),
}


@dataclass(frozen=True, slots=True)
class Acquisition:
    """Settings of one scan.

    `mas` is the effective tube charge for a body of 30 cm of water, `modulation` the part of the attenuation of other
    bodies that tube current follows (0: none, 1: constant noise), `iterative` the strength of iterative
    reconstruction, `offset_hu` the calibration error at water, `hardening` the strength of streaks (1: usual),
    `circle` whether what lies outside the reconstructed circle is filled with the lowest value, `arms_down` that
    the arms lie beside the body, out of view, and make noise and streaks. The diameter of reconstruction is that of
    the grid.
    """

    kvp: float = 120.0
    mas: float = 200.0
    kernel: KernelName = "medium"
    slice_mm: float = 3.0
    iterative: float = 0.0
    modulation: float = 0.6
    offset_hu: float = 0.0
    hardening: float = 1.0
    circle: bool = False
    couch: bool = True
    arms_down: bool = False

    def __post_init__(self) -> None:
        if self.kernel not in KERNELS:
            raise SimulationError(f"there is no CT kernel {self.kernel!r}; {choices(self.kernel, KERNELS)}")
        for name, (low, high, unit) in LIMITS.items():
            value = getattr(self, name)
            if not low <= value <= high:
                raise SimulationError(f"CT: {name} is {value!r}; give {low:g} to {high:g}{unit}")


LIMITS: Mapping[str, tuple[float, float, str]] = {
    "kvp": (80, 140, " kV"),
    "mas": (5, 2000, " mAs"),
    "slice_mm": (0.3, 20, " mm"),
    "iterative": (0, 1, ""),
    "modulation": (0, 1, ""),
    "offset_hu": (-50, 50, " HU"),
    "hardening": (0, 20, ""),
}


@dataclass(frozen=True, slots=True)
class Protocol:
    """How a site gives contrast medium and when it scans; a `tracked` arterial phase follows the bolus.

    A site gives no more than `largest_g` of iodine, so that heavy patients enhance less. Delays are seconds from the
    start of the injection, of a tracked arterial phase from the arrival of the bolus.
    """

    iodine_mg_kg: float
    duration_s: float
    tracked: bool
    arterial_s: float
    portal_s: float = 70.0
    delayed_s: float = 180.0
    largest_g: float = 45.0


@dataclass(frozen=True, slots=True)
class Scanner:
    """A scanner with what its site usually sets; `low_kvp_bmi` is the body-mass index below which it takes 100 kVp."""

    usual: Acquisition
    protocol: Protocol
    low_kvp_bmi: float = 0.0


SCANNERS: Mapping[str, Scanner] = {
    "A": Scanner(
        Acquisition(mas=120, kernel="medium", slice_mm=3.0, iterative=0.62),
        Protocol(iodine_mg_kg=520, duration_s=30, tracked=True, arterial_s=17),
    ),
    "B": Scanner(
        Acquisition(mas=160, kernel="medium", slice_mm=2.5, offset_hu=4.0, circle=True, modulation=0.4),
        Protocol(iodine_mg_kg=450, duration_s=35, tracked=False, arterial_s=35, largest_g=36),
    ),
    "C": Scanner(
        Acquisition(mas=130, kernel="sharp", slice_mm=1.5, iterative=0.7, offset_hu=-4.0, modulation=0.8),
        Protocol(iodine_mg_kg=560, duration_s=28, tracked=True, arterial_s=20, portal_s=75),
        low_kvp_bmi=25.0,
    ),
    "D": Scanner(
        Acquisition(mas=100, kernel="soft", slice_mm=5.0, offset_hu=2.0, hardening=2.0, modulation=0.2),
        Protocol(iodine_mg_kg=420, duration_s=40, tracked=False, arterial_s=30, portal_s=60, largest_g=33),
    ),
}


ARMS_DOWN = 0.08
"""Share of patients who cannot raise their arms; typical value."""


def usual_acquisition(patient: Patient, grid: Grid) -> Acquisition:
    """What the patient's scanner would be set to, the same in all phases.

    Slices of a grid coarser than the scanner's are as thick as the grid is.
    """
    scanner = scanner_of(patient)
    rng = patient.stream("ct", "acquisition")
    usual = scanner.usual
    low = patient.person.bmi < scanner.low_kvp_bmi
    return replace(
        usual,
        kvp=100.0 if low else usual.kvp,
        mas=float(np.clip(usual.mas * (1.7 if low else 1.0) * np.exp(rng.normal(0, 0.15)), 5, 2000)),
        slice_mm=float(np.clip(grid.spacing_mm[0], usual.slice_mm, 20.0)),
        offset_hu=float(usual.offset_hu + rng.normal(0, 1.5)),
        arms_down=bool(rng.random() < ARMS_DOWN),
    )


def scanner_of(patient: Patient) -> Scanner:
    """The CT scanner that the patient was scanned on."""
    name = patient.scanners.get("ct", "A")
    if name not in SCANNERS:
        raise SimulationError(
            f"{patient.case_id}: there is no CT scanner {name!r}; {choices(str(name), SCANNERS)}"
        )
    return SCANNERS[name]


def checked_phase(phase: str) -> Phase:
    """`phase` when it is one of `PHASES`."""
    for known in PHASES:
        if phase == known:
            return known
    raise SimulationError(f"there is no CT phase {phase!r}; {choices(phase, PHASES)}")
