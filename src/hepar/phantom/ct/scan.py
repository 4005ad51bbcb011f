"""A SIMULATED CT scan of one phase: what a perfect scan would show, as a scanner and a breath-hold make it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.fft
from numpy.typing import NDArray
from scipy.ndimage import correlate1d

from ...core.errors import SimulationError
from ..anatomy import Anatomy, Organ, abdomen
from ..fields import Field
from ..grid import Grid
from ..patient import Patient
from .acquisition import Acquisition, Phase, checked_phase, scanner_of, usual_acquisition
from .artefacts import streaks
from .lattice import Lattice
from .motion import Motion, motion_of
from .noise import NoiseFilter, noise_filter, noise_slabs, relative_noise, slice_weights, transfer
from .paint import painted, slabs
from .tissues import Tissues, tissues_of

LOWEST, HIGHEST = -1024, 3071
"""HU that a scanner stores."""
CENTRE, EDGE = 1.2, 0.8
"""SD of noise in the middle and at the skin of the body over its mean; typical values."""


@dataclass(frozen=True, slots=True)
class CtScan:
    """One phase of a SIMULATED patient.

    `hu` (z, y, x) is what the scanner stores. `hu_truth` is the mean HU of each organ in this phase without the
    scanner's calibration error, `delay_s` the time from the start of the injection (None without contrast), `noise_hu`
    the SD of noise that was put into the liver (into the body where there is no liver in view), `shift_mm` the mean
    displacement of the liver along (z, y, x) from the anatomy; `motion` has all of it.
    """

    hu: NDArray[np.int16]
    grid: Grid
    phase: Phase
    scanner: str
    acquisition: Acquisition
    delay_s: float | None
    noise_hu: float
    shift_mm: tuple[float, float, float]
    motion: Motion
    hu_truth: Mapping[str, float]

    @property
    def kvp(self) -> float:
        """Tube voltage, kV."""
        return self.acquisition.kvp

    def moved(self, labels: NDArray[Any]) -> NDArray[Any]:
        """A mask or label volume (z, y, x) of the anatomy as this phase shows it."""
        return self.motion.moved(labels)


def ct_scan(
    patient: Patient,
    phase: str,
    *,
    grid: Grid,
    anatomy: Anatomy | None = None,
    acquisition: Acquisition | None = None,
) -> CtScan:
    """The CT of `patient` in `phase` ("native", "arterial", "portal" or "delayed") on `grid`.

    The portal phase lies as the anatomy does; the others are displaced by their breath-holds (`CtScan.moved`). Organs,
    texture and lesions are the same in all phases, noise and streaks are not. `anatomy` saves making it again; it has
    to be on `grid`. `acquisition` is by default what the patient's scanner is usually set to. Raises SimulationError
    for an unknown phase or scanner, and for an anatomy of another grid or patient.
    """
    known, taken = checked_phase(phase), acquisition or usual_acquisition(patient, grid)
    scanner_of(patient)
    body = anatomy or abdomen(patient, grid)
    if body.grid != grid:
        raise SimulationError(
            f"the anatomy is on {body.grid.shape} voxels of {body.grid.spacing_mm} mm, the CT is to be on {grid.shape} "
            f"of {grid.spacing_mm} mm; make the anatomy on the grid of the CT"
        )
    tissues = tissues_of(patient, known, taken)
    perfect = painted(patient, body, known, tissues=tissues, acquisition=taken)
    motion = motion_of(patient, known, grid)
    noise = _noise_of(patient, perfect, body, phase=known, acquisition=taken)
    lines = streaks(perfect, grid, taken, rng=patient.stream("ct", "streaks", known))
    return CtScan(
        hu=_scanned(perfect, grid, taken, motion=motion, noise=noise, lines=lines),
        grid=grid,
        phase=known,
        scanner=patient.scanners.get("ct", "A"),
        acquisition=taken,
        delay_s=tissues.delay_s,
        noise_hu=noise.mean_sd(body.liver if body.liver.any() else body.labels != Organ.AIR),
        shift_mm=_shift(motion, body),
        motion=motion,
        hu_truth=_truth(tissues),
    )


@dataclass(frozen=True, slots=True)
class _Noise:
    """Noise of a scan: what `rng` gives through `passed`, times `slices` (z) and `plane` (y, x)."""

    rng: np.random.Generator
    passed: NoiseFilter
    slices: Field
    plane: Field

    def mean_sd(self, mask: NDArray[np.bool_]) -> float:
        """Mean SD (HU) over the voxels of `mask`."""
        weights = np.array([float(self.plane[part].sum()) for part in mask])
        count = max(np.count_nonzero(mask), 1)
        return float(self.passed.sd_hu * (self.slices * weights).sum() / count)


def _noise_of(
    patient: Patient, perfect: Field, anatomy: Anatomy, *, phase: Phase, acquisition: Acquisition
) -> _Noise:
    """Noise by the water-equivalent diameter of each slice (AAPM report 220, 2014), higher in the middle."""
    grid = anatomy.grid
    pixel_cm2 = grid.spacing_mm[1] * grid.spacing_mm[2] / 100
    water = np.array([np.clip(part + np.float32(1000), 0, 2500).sum(dtype=np.float64) for part in perfect])
    diameter_cm = np.clip(2 * np.sqrt(water / 1000 * pixel_cm2 / np.pi), 10, 60)
    squared, oblong = _ellipse(anatomy)
    plane = np.where(squared < 1, CENTRE - (CENTRE - EDGE) * squared, EDGE * 0.8).astype(np.float32)
    passed = noise_filter(acquisition, grid, oblong=oblong + 0.35 * acquisition.arms_down)
    size = relative_noise(acquisition, diameter_cm).astype(np.float32)
    return _Noise(patient.stream("ct", "noise", phase), passed, size, plane)


def _ellipse(anatomy: Anatomy) -> tuple[Field, float]:
    """Squared distance (y, x) from the middle of the body, 1 at its skin, and how much longer than deep it is."""
    grid = anatomy.grid
    body = (anatomy.labels != Organ.AIR).any(axis=0)
    parts, halves = [], []
    for axis in (1, 2):
        inside = grid.axis_mm(axis)[body.any(axis=2 - axis)]
        low, high = (float(inside[0]), float(inside[-1])) if inside.size else (-100.0, 100.0)
        halves.append(max((high - low) / 2, 1.0))
        parts.append(((grid.axis_mm(axis) - (low + high) / 2) / halves[-1]) ** 2)
    squared = (parts[0][:, None] + parts[1][None, :]).astype(np.float32)
    return squared, float(np.clip((halves[1] - halves[0]) / 160, 0, 0.8))


def _scanned(
    perfect: Field, grid: Grid, acquisition: Acquisition, *, motion: Motion, noise: _Noise, lines: Lattice
) -> NDArray[np.int16]:
    """Slab by slab: the breath-hold, the slice profile, the kernel, streaks, noise, calibration and rounding."""
    found = np.empty(grid.shape, np.int16)
    weights = slice_weights(acquisition, grid.spacing_mm[0])
    passed = transfer(acquisition, grid)
    gain = np.float32(1 + acquisition.offset_hu / 1000)
    outside = _outside(grid) if acquisition.circle else None
    parts = slabs(grid.shape)
    randoms = noise_slabs(noise.rng, noise.passed, [part.stop - part.start for part in parts])
    for part, random in zip(parts, randoms, strict=True):
        hu = _filtered(_thick(perfect, part, weights, motion=motion), passed)
        hu += lines.at(grid, (part, slice(0, grid.shape[1]), slice(0, grid.shape[2])))
        random *= noise.plane
        random *= noise.slices[part, None, None]
        hu += random
        hu *= gain
        hu += (gain - 1) * 1000
        found[part] = np.clip(np.rint(hu, out=hu), LOWEST, HIGHEST)
        if outside is not None:
            found[part, outside] = LOWEST
    return found


def _thick(perfect: Field, part: slice, weights: NDArray[np.float64], *, motion: Motion) -> Field:
    """Slices `part`, displaced and as thick as they are taken; the outermost slices repeat themselves."""
    reach = len(weights) // 2
    low, high = max(0, part.start - reach), min(len(perfect), part.stop + reach)
    thin = motion.slices(perfect, slice(low, high))
    if not reach:
        return thin
    mixed = correlate1d(thin, weights, axis=0, mode="nearest")
    return mixed[part.start - low : part.stop - low]


def _filtered(hu: Field, passed: Field) -> Field:
    waves = scipy.fft.rfft2(hu)
    waves *= passed
    found: Field = scipy.fft.irfft2(waves, s=hu.shape[1:], overwrite_x=True)
    return found


def _outside(grid: Grid) -> NDArray[np.bool_]:
    """Pixels (y, x) beyond the reconstructed circle."""
    _, rows, columns = grid.extent_mm
    squared = (grid.axis_mm(1)[:, None] / rows) ** 2 + (grid.axis_mm(2)[None, :] / columns) ** 2
    return np.asarray(squared > 0.25)


def _shift(motion: Motion, anatomy: Anatomy) -> tuple[float, float, float]:
    """Mean displacement (mm) over the liver."""
    if motion.along is None:
        return 0.0, 0.0, 0.0
    box = anatomy.liver_box
    along = motion.along.at(anatomy.grid, box)
    inside = anatomy.liver[box]
    return float(along[inside].mean()) if inside.any() else float(along.mean()), *motion.in_plane_mm


def _truth(tissues: Tissues) -> dict[str, float]:
    return {organ.name.lower(): round(hu, 2) for organ, hu in tissues.hu.items()}
