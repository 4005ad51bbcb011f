"""One SIMULATED MR scan of one patient: from the anatomy to the image that a scanner would store."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...core.errors import SimulationError
from ..anatomy import Anatomy, abdomen
from ..grid import Grid
from ..patient import Patient
from .acquisition import Acquisition, draw_acquisition, protocol_of, scanner_of, series_of
from .disturbance import disturbed
from .kspace import Reading, read_out
from .scanners import Protocol, Scanner
from .scene import Scene, scene_of
from .shading import coil_sensitivity, dielectric_shading, heart_shading, trunk_of
from .signal import apparent_diffusion, two_point_fat_fraction
from .tissue import Values

SEQUENCES = ("t1", "t2", "dwi", "adc", "hepatobiliary")
"""A protocol of the liver: fat-suppressed gradient echo, fast spin echo, b 800, its ADC map, 20 min gadoxetate."""
MORE_SEQUENCES = ("dwi_low", "in_phase", "opposed_phase", "fat_fraction")
"""What can be had beside it: b 50, gradient echoes in and out of phase, their fat fraction."""
LARGEST = 65535
LARGEST_ADC = 4000.0
"""Above free water (3,000 at body temperature); what noise makes of more is cut off."""
SEEN = 4.0
"""A map is left 0 where the first image is below so many standard deviations of noise."""


@dataclass(frozen=True, slots=True)
class MrScan:
    """A SIMULATED scan.

    `image` (z, y, x) is in `unit`: "arbitrary" (another scale in each scan), "1e-6 mm2/s" (adc) or "permille"
    (fat_fraction). `acquisition.shift_mm` tells by how much organs lie beside the anatomy.
    """

    image: NDArray[np.uint16]
    grid: Grid
    sequence: str
    unit: str
    scanner: str
    field_t: float
    protocol: Protocol
    acquisition: Acquisition

    def moved(self, labels: NDArray[Any]) -> NDArray[Any]:
        """A mask or labels (z, y, x) of the anatomy where organs lay, nearest voxel, but for the distortion of EPI."""
        shift = np.array(self.acquisition.shift_mm)
        if self.sequence == "dwi":
            shift += self.acquisition.second_shift_mm
        found = labels
        for axis, (mm, voxel) in enumerate(zip(shift.tolist(), self.grid.spacing_mm, strict=True)):
            n = labels.shape[axis]
            found = found.take(np.clip(np.arange(n) - round(mm / voxel), 0, n - 1), axis=axis)
        return found


def mr_scan(
    patient: Patient,
    sequence: str,
    *,
    grid: Grid,
    anatomy: Anatomy | None = None,
    acquisition: Acquisition | None = None,
) -> MrScan:
    """The SIMULATED `sequence` of `patient`, one of `SEQUENCES` or `MORE_SEQUENCES`, on `grid`.

    Pass the `anatomy` when several scans are made, an `acquisition` to choose what is drawn otherwise. The maps are
    computed from the very images that "dwi_low" and "dwi", or "in_phase" and "opposed_phase", give. Raises
    SimulationError for an unknown sequence or scanner, or an anatomy on another grid.
    """
    series_of(sequence)
    name, scanner = scanner_of(patient)
    where = abdomen(patient, grid) if anatomy is None else anatomy
    if where.grid != grid:
        raise SimulationError(
            f"the anatomy lies on {where.grid}, the scan on {grid}; give both the same grid"
        )
    how = acquisition or draw_acquisition(patient, sequence, grid=grid)
    room = _Room(scanner, scene_of(patient, where, field_t=scanner.field_t), how)
    values, unit = _image(room, sequence)
    image = np.clip(np.rint(values, out=values), 0, LARGEST, out=values).astype(np.uint16)
    return MrScan(image, grid, sequence, unit, name, scanner.field_t, protocol_of(scanner, sequence), how)


@dataclass(frozen=True, slots=True)
class _Room:
    scanner: Scanner
    scene: Scene
    how: Acquisition


def _image(room: _Room, sequence: str) -> tuple[Values, str]:
    """Values (z, y, x) of a sequence or a map, and their unit."""
    if sequence == "adc":
        low, high = _magnitude(room, "dwi_low"), _magnitude(room, "dwi")
        b_low, b_high = protocol_of(room.scanner, "dwi").b_s_mm2
        seen = low > SEEN * room.how.noise * room.how.gain
        least = np.float32(0.5)
        coefficient = apparent_diffusion(
            np.maximum(low, least), np.maximum(high, least), b_low=b_low, b_high=b_high
        )
        return np.where(seen, np.minimum(coefficient, LARGEST_ADC), 0), "1e-6 mm2/s"
    if sequence == "fat_fraction":
        in_phase, opposed = _magnitude(room, "in_phase"), _magnitude(room, "opposed_phase")
        seen = in_phase > SEEN * room.how.noise * room.how.gain
        return np.where(seen, 1000 * two_point_fat_fraction(in_phase, opposed), 0), "permille"
    return _magnitude(room, sequence), "arbitrary"


def _magnitude(room: _Room, sequence: str) -> Values:
    """What the scanner stores, in arbitrary units: signal, field and coil, k-space, correction of the coil."""
    scanner, scene, how = room.scanner, room.scene, room.how
    grid, protocol = scene.anatomy.grid, protocol_of(scanner, sequence)
    trunk = trunk_of(scene.anatomy)
    signal = disturbed(scene, sequence, protocol=protocol, how=how)
    if how.dip:
        power = 1.0 if protocol.kind == "gradient echo" else 2.0
        signal *= dielectric_shading(trunk, grid, dip=how.dip) ** np.float32(power)
    if sequence == "dwi" and how.heart:
        signal *= heart_shading(trunk, grid, loss=how.heart)
    coil = coil_sensitivity(trunk, grid, reach_mm=scanner.coil_mm, offset_mm=how.coil_mm)
    y, half = grid.axis_mm(1) - trunk.middle_mm[0], trunk.half_mm[0]
    front = np.clip(0.5 - 0.6 * y / half, 0, 1).astype(np.float32)
    rng = scene.patient.stream("mri", "noise", sequence)
    found = read_out(
        signal, _reading(grid, protocol, how, sequence=sequence), sensitivity=coil, front=front, rng=rng
    )
    found *= np.float32(how.gain)
    found /= np.power(coil, np.float32(scanner.corrected), out=coil)
    return found


def _reading(grid: Grid, protocol: Protocol, how: Acquisition, *, sequence: str) -> Reading:
    """How k-space is read; at the higher b the organs lie elsewhere again."""
    second = how.second_shift_mm if sequence == "dwi" else (0.0, 0.0, 0.0)
    free = protocol.kind == "diffusion"
    blur = 0.5 * how.breath_mm if free else 0.25 * protocol.pixel_mm[0] * protocol.train_ms / 100
    return Reading(
        spacing_mm=grid.spacing_mm[1:],
        pixel_mm=protocol.pixel_mm,
        apodise=protocol.apodise,
        blur_mm=blur,
        shift_mm=(how.shift_mm[1] + second[1], how.shift_mm[2] + second[2]),
        breath_mm=0.0 if free else how.breath_mm,
        cycles=protocol.cycles,
        breath_cycle=how.breath_cycle,
        noise=how.noise,
    )
