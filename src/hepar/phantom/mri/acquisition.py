"""What differs from one SIMULATED MR scan to the next on the same scanner: drawn once, recorded, then applied."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ...core.errors import SimulationError, choices
from ..grid import Grid
from ..patient import Patient
from .scanners import SCANNERS, Protocol, Scanner
from .weighting import nominal_signal

SERIES: Mapping[str, str] = {
    "t1": "t1", "t2": "t2", "dwi": "dwi", "dwi_low": "dwi", "adc": "dwi", "hepatobiliary": "hepatobiliary",
    "in_phase": "dixon", "opposed_phase": "dixon", "fat_fraction": "dixon",
}  # fmt: skip
"""The scan that a sequence belongs to: those of one scan share what is drawn for it."""
FIRST: Mapping[str, str] = {"dixon": "in_phase"}
"""The sequence by which the scanner sets the scale of a scan, where it is not called as the scan."""
SLICE_MM = 4.0
"""Slice thickness for which `Protocol.snr` holds."""


@dataclass(frozen=True, slots=True)
class Acquisition:
    """One scan.

    `gain`: arbitrary units per full magnetisation; `noise`: SD of either channel, in full magnetisations. `shift_mm`
    (z, y, x): where the organs lie beside the anatomy, for they breathe; `second_shift_mm`: the same for the higher b
    beside the lower. `breath_mm`, `breath_cycle`: amplitude and start of the breathing that makes ghosts. `pulse`:
    strength of the ghosts of the aorta; `nyquist`: that of the ghost at half the field of view (echo-planar only).
    `shim_ppm`: gradients of the field from the middle to the edge of the body, (z, y, x). `fat_left`: share of fat that
    suppression leaves. `dip`: loss of signal in the middle by dielectric shading. `coil_mm` (y, x): where the coil
    lies off the middle. `heart`: loss of signal beside the beating heart at the higher b.
    """

    gain: float
    noise: float
    shift_mm: tuple[float, float, float]
    second_shift_mm: tuple[float, float, float]
    breath_mm: float
    breath_cycle: float
    pulse: float
    nyquist: float
    shim_ppm: tuple[float, float, float]
    fat_left: float
    dip: float
    coil_mm: tuple[float, float]
    heart: float


def series_of(sequence: str) -> str:
    """The scan that `sequence` belongs to; fails with SimulationError for one that does not exist."""
    if sequence not in SERIES:
        raise SimulationError(f"there is no MR sequence {sequence!r}; {choices(sequence, SERIES)}")
    return SERIES[sequence]


def scanner_of(patient: Patient) -> tuple[str, Scanner]:
    """The scanner of the patient, "A" when none is named; fails with SimulationError for one that does not exist."""
    name = patient.scanners.get("mri", "A")
    if name not in SCANNERS:
        raise SimulationError(f"there is no MR scanner {name!r}; {choices(name, SCANNERS)}")
    return name, SCANNERS[name]


def protocol_of(scanner: Scanner, sequence: str) -> Protocol:
    """How `scanner` makes `sequence`; the maps are made from "dwi" and from "in_phase"."""
    made = {"dwi_low": "dwi", "adc": "dwi", "fat_fraction": "in_phase"}
    return scanner.protocols[made.get(sequence, sequence)]


def draw_acquisition(patient: Patient, sequence: str, *, grid: Grid) -> Acquisition:
    """Everything random about the scan of `patient` that `sequence` belongs to.

    Spreads are typical values: gain varies by 30 % (log SD) over scans, livers shift by some 2.5 mm along z between
    breath-holds, one breath-hold in six fails.
    """
    series = series_of(sequence)
    _, scanner = scanner_of(patient)
    protocol = protocol_of(scanner, FIRST.get(series, series))
    rng = patient.stream("mri", "scan", series)
    n = rng.standard_normal(16).tolist()
    failed = protocol.kind != "diffusion" and rng.random() < 1 / 6
    high_field = scanner.field_t > 2
    return Acquisition(
        gain=scanner.level
        / nominal_signal(protocol, field_t=scanner.field_t, b_s_mm2=protocol.b_s_mm2[0])
        * float(np.exp(0.3 * n[0])),
        noise=_noise(protocol, grid) * float(np.exp(0.12 * n[1])),
        shift_mm=(2.5 * n[2], 0.8 * n[3], 0.5 * n[4]),
        second_shift_mm=(0.0, 0.6 * n[5], 0.4 * n[6]),
        breath_mm=protocol.breath_mm * float(np.exp(0.4 * n[7])) * (3.0 if failed else 1.0),
        breath_cycle=float(rng.random()),
        pulse=0.05 * float(np.exp(0.5 * n[8])),
        nyquist=0.02 * float(np.exp(0.5 * n[9])) if protocol.kind == "diffusion" else 0.0,
        shim_ppm=(scanner.shim_ppm * n[10], scanner.shim_ppm * n[11], scanner.shim_ppm * n[12]),
        fat_left=float(np.clip(protocol.fat * np.exp(0.3 * n[13]), 0, 1)) if protocol.fat < 1 else 1.0,
        dip=_dip(patient, n[14], high_field=high_field),
        coil_mm=(12 * n[15], float(15 * rng.standard_normal())),
        heart=float(rng.uniform(0, 0.45)),
    )


def _noise(protocol: Protocol, grid: Grid) -> float:
    """SD of either channel, in full magnetisations: signal grows with the volume of what is read as one voxel."""
    z, *plane = grid.spacing_mm
    larger = np.prod([max(mm / pixel, 1.0) for mm, pixel in zip(plane, protocol.pixel_mm, strict=True)])
    return float(SLICE_MM / (protocol.snr * z * larger))


def _dip(patient: Patient, normal: float, *, high_field: bool) -> float:
    """Dielectric shading, worse in large abdomens at 3 T (typical values)."""
    if not high_field:
        return 0.02
    return float(np.clip(0.16 + 0.012 * (patient.person.bmi - 25) + 0.06 * normal, 0.02, 0.5))
