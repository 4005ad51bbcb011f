"""Streaks of SIMULATED CT: beam hardening between dense parts, starved rays, a surgical clip; and the couch."""

import numpy as np
from numpy.typing import NDArray

from ..anatomy import Anatomy, Organ
from ..fields import Field
from ..grid import Grid
from ..patient import Patient
from .acquisition import Acquisition
from .lattice import Lattice, covering

STEP_MM = (8.0, 4.0, 4.0)
ANGLES = 40
DENSE_HU = 200.0
HARDENING = 2.0
"""Error of a ray, HU mm per (mm of excess over water)^2: 15 mm of excess make 3 % of that; typical value."""
STARVED = 40.0
"""SD of the error of a ray through 30 cm of water, HU mm, at 200 mAs, 120 kVp and strength 1; makes streaks of about
1 HU."""
CLIP_HU, CLIP_MM, CLIP_SHARE = 3000.0, 1.6, 0.05
"""A clip near the gallbladder, its half-size, and the share of patients who have one; typical values."""
ARM_MM, ARM_BONE_MM = 160.0, 15.0
"""Water and dense excess of both arms; typical values."""
COUCH_HU = 250.0


def streaks(painted: Field, grid: Grid, acquisition: Acquisition, *, rng: np.random.Generator) -> Lattice:
    """Streaks (HU) over all of `grid`, from the HU (z, y, x) that are to be imaged.

    At a few angles the paths through what is dense are squared (so grows the error of a water-corrected beam; Brooks
    and Di Chiro, 1976), noise is added that grows with the attenuation of the path, and both are filtered and
    projected back, as the image is.
    """
    (z, y, x), start = covering(grid, STEP_MM)
    dense, water = _coarse(painted, grid, z=z.ravel(), y=y.ravel(), x=x.ravel())
    found = np.zeros(dense.shape, np.float32)
    angles = (np.arange(ANGLES) + rng.random()) * np.pi / ANGLES
    for angle in angles:
        ray = np.rint((y[0] * np.sin(angle) + x[0] * np.cos(angle)) / STEP_MM[1]).astype(np.intp)
        ray -= ray.min()
        count = int(ray.max()) + 1
        lateral = float(np.sin(angle) ** 16) if acquisition.arms_down else 0.0
        bone, arms = _paths(dense, ray, count), lateral * ARM_BONE_MM
        error = -HARDENING * acquisition.hardening * (bone**2 + 2 * arms * bone)
        path = _paths(water, ray, count) + lateral * ARM_MM
        error += _starved(path, acquisition) * rng.standard_normal(error.shape)
        found += _ramp(error).astype(np.float32)[:, ray]
    return Lattice(found * np.float32(np.pi / ANGLES), STEP_MM, start)


def clip_of(patient: Patient, anatomy: Anatomy) -> NDArray[np.bool_]:
    """Voxels (z, y, x) of a surgical clip beside the gallbladder; none in most patients."""
    found = np.zeros(anatomy.grid.shape, bool)
    rng = patient.stream("ct", "clip")
    if rng.random() >= CLIP_SHARE:
        return found
    inside = np.argwhere(anatomy.labels == Organ.GALLBLADDER)
    if not len(inside):
        return found
    centre = inside[int(len(inside) * rng.uniform(0.8, 1.0))]
    reach = [max(1, round(CLIP_MM / mm)) for mm in anatomy.grid.spacing_mm]
    found[tuple(slice(max(0, c - r + 1), c + r) for c, r in zip(centre, reach, strict=True))] = True
    return found


def couch_of(anatomy: Anatomy) -> NDArray[np.bool_]:
    """Voxels (y, x) of the couch, the same in all slices: two curved sheets under the back."""
    grid = anatomy.grid
    y, x = grid.axis_mm(1)[:, None], grid.axis_mm(2)[None, :]
    rows = np.flatnonzero((anatomy.labels != Organ.AIR).any(axis=(0, 2)))
    under = float(grid.axis_mm(1)[rows[-1]]) if rows.size else np.inf
    found = np.zeros(grid.shape[1:], bool)
    for below_mm, half_mm in ((14.0, 205.0), (48.0, 160.0)):
        surface = under + below_mm - 26 * (x / 200) ** 2
        found |= (np.abs(y - surface) < max(1.6, 0.8 * grid.spacing_mm[1])) & (np.abs(x) < half_mm)
    return found


def _coarse(
    painted: Field, grid: Grid, *, z: Field, y: Field, x: Field
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Mean excess of what is dense, and water, in each cell (z, y, x) of the lattice; 1 is water's attenuation."""
    n, mm = grid.shape[0], grid.spacing_mm[0]
    picked = painted[np.clip(np.rint(z / mm + (n - 1) / 2), 0, n - 1).astype(np.intp)]
    dense = np.clip((picked - np.float32(DENSE_HU)) / 1000, 0, None)
    water = np.clip((picked + 1000) / 1000, 0, 2)
    dense, water = (_binned(part, grid, axis=1, nodes=y) for part in (dense, water))
    return _binned(dense, grid, axis=2, nodes=x), _binned(water, grid, axis=2, nodes=x)


def _binned(values: NDArray[np.floating], grid: Grid, *, axis: int, nodes: Field) -> NDArray[np.float64]:
    """Mean along `axis` over the voxels nearest to each node; the nearest voxel where there is none."""
    middles = (nodes[1:] + nodes[:-1]) / 2 if len(nodes) > 1 else np.zeros(0)
    first = np.concatenate([[0], np.searchsorted(grid.axis_mm(axis), middles)])
    first = np.minimum(first, grid.shape[axis] - 1)
    counts = np.maximum(np.diff(np.append(first, grid.shape[axis])), 1)
    shape = [1, 1, 1]
    shape[axis] = -1
    sums = np.add.reduceat(values.astype(np.float64), first, axis=axis)
    return np.asarray(sums / counts.reshape(shape))


def _paths(cells: NDArray[np.float64], ray: NDArray[np.intp], count: int) -> NDArray[np.float64]:
    """Sums (z, ray) over cells (z, y, x) along the rays that each cell belongs to, in mm."""
    slices = len(cells)
    index = ray[None] + count * np.arange(slices)[:, None, None]
    sums = np.bincount(index.ravel(), weights=cells.ravel(), minlength=slices * count)
    return np.asarray(sums.reshape(slices, count) * STEP_MM[1])


def _starved(water_mm: NDArray[np.float64], acquisition: Acquisition) -> NDArray[np.float64]:
    """SD of the noise of each ray: what tube current does not make up for, at most eightfold."""
    excess_cm = np.clip((water_mm - 300) / 10, -20, 20) * (1 - 0.5 * acquisition.modulation)
    quanta = acquisition.mas / 200 * (acquisition.kvp / 120) ** 3
    return np.asarray(
        STARVED * acquisition.hardening * np.minimum(np.exp(0.1 * excess_cm) / np.sqrt(quanta), 8.0)
    )


def _ramp(error: NDArray[np.float64]) -> NDArray[np.float64]:
    """The ramp filter along the last axis, padded against wrapping."""
    n = error.shape[1]
    f = np.fft.rfftfreq(2 * n, STEP_MM[1])
    return np.asarray(np.fft.irfft(np.fft.rfft(error, 2 * n) * f, 2 * n)[:, :n])
