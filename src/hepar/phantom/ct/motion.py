"""Breath-holds that differ between SIMULATED phases: a smooth displacement, mostly along the body, and its truth."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..anatomy.habitus import Habitus, habitus
from ..fields import Field
from ..grid import Grid
from ..patient import Patient
from .acquisition import Phase
from .lattice import Indices, Lattice, between, covering, random_lattice

REFERENCE: Phase = "portal"
"""The phase that lies as the anatomy does."""
MEDIAN_MM, SPREAD, LARGEST_MM = 4.0, 0.7, 15.0
"""Craniocaudal displacement of the liver between breath-holds: a log-normal, cut off; typical values."""

HALF_SPINE_MM, SPINE_MM, SLIDING_MM = 14.0, 20.0, 14.0
"""The spine as organs slide past it: half its depth less the radius, the radius, and over how much they start."""


@dataclass(frozen=True, slots=True)
class Motion:
    """Where a phase shows what: at place p it shows the anatomy at p + displacement(p).

    `along` is the displacement (mm) along z, `in_plane_mm` that of the whole slice along (y, x).
    """

    grid: Grid
    along: Lattice | None
    in_plane_mm: tuple[float, float]

    def displacement_mm(self) -> NDArray[np.float32]:
        """Displacement (3, z, y, x) in mm, along (z, y, x), in every voxel."""
        found = np.zeros((3, *self.grid.shape), np.float32)
        if self.along is not None:
            found[0] = self._in_plane(self.along.at(self.grid, _whole(self.grid)))
        found[1], found[2] = self.in_plane_mm
        return found

    def slices(self, volume: Field, part: slice) -> Field:
        """Slices `part` of `volume` (z, y, x) as the phase shows them, linear between voxels."""
        if self.along is None:
            return volume[part]
        flat, share = self._levels(self.along, part)
        plane = self.grid.shape[1] * self.grid.shape[2]
        values = volume.reshape(-1)
        found = values.take(flat)
        flat += np.intp(plane)
        step = values.take(flat, mode="clip")
        step -= found
        step *= share
        found += step
        return self._in_plane(found)

    def moved(self, labels: NDArray[Any]) -> NDArray[Any]:
        """A mask or label volume (z, y, x) of the anatomy as the phase shows it, nearest voxel."""
        if self.along is None:
            return labels
        found = np.empty_like(labels)
        rows, columns = (self._nearest(axis) for axis in (1, 2))
        for k in range(len(labels)):
            flat, share = self._levels(self.along, slice(k, k + 1))
            flat += np.where(share > 0.5, np.intp(labels[0].size), np.intp(0))
            found[k] = labels.reshape(-1).take(flat, mode="clip")[0][np.ix_(rows, columns)]
        return found

    def _levels(self, along: Lattice, part: slice) -> tuple[Indices, Field]:
        """Flat index of the voxel below each place, and how far it is to the next above."""
        n, rows, columns = self.grid.shape
        place = along.at(self.grid, (part, slice(None), slice(None)))
        place /= np.float32(self.grid.spacing_mm[0])
        place += np.arange(*part.indices(n), dtype=np.float32)[:, None, None]
        np.clip(place, 0, n - 1, out=place)
        below = place.astype(np.intp)
        place -= below
        below *= rows * columns
        below += np.arange(rows * columns, dtype=np.intp).reshape(rows, columns)
        return below, place

    def _in_plane(self, values: Field) -> Field:
        for axis, mm in zip((1, 2), self.in_plane_mm, strict=True):
            n = self.grid.shape[axis]
            place = np.clip(np.arange(n) + mm / self.grid.spacing_mm[axis], 0, n - 1)
            before = place.astype(np.intp)
            after = np.minimum(before + 1, n - 1)
            values = between(
                values, axis, before=before, after=after, share=(place - before).astype(np.float32)
            )
        return values

    def _nearest(self, axis: int) -> Indices:
        n = self.grid.shape[axis]
        mm = self.in_plane_mm[axis - 1]
        place = np.rint(np.arange(n) + mm / self.grid.spacing_mm[axis])
        return np.asarray(np.clip(place, 0, n - 1).astype(np.intp))


def motion_of(patient: Patient, phase: Phase, grid: Grid) -> Motion:
    """How the breath-hold of `phase` differs from that of the portal phase."""
    if phase == REFERENCE:
        return Motion(grid, None, (0.0, 0.0))
    rng = patient.stream("ct", "breath-hold", phase)
    size = min(LARGEST_MM, MEDIAN_MM * float(np.exp(rng.normal(0, SPREAD))))
    shift = float(rng.choice([-1.0, 1.0])) * size
    back, left = rng.normal(0, 1.0 + 0.1 * size, 2).clip(-5, 5).tolist()
    return Motion(grid, _along(rng, grid, shift, body=habitus(patient)), (back, left))


def _along(rng: np.random.Generator, grid: Grid, shift_mm: float, *, body: Habitus) -> Lattice:
    """Displacement along z: full where organs follow the diaphragm, none in spine and back; 15 % uneven."""
    steps = (8.0, 8.0, 8.0)
    (_, y, x), start = covering(grid, steps)
    uneven = random_lattice(rng, width_mm=25.0, step_mm=10.0, nodes=40)
    counts = [int(np.ceil(size / 8.0)) + 1 for size in grid.extent_mm]
    nodes = Grid((counts[0], counts[1], counts[2]), steps)
    values = 1 + uneven.at(nodes, _whole(nodes)) * np.float32(0.15)
    values *= np.float32(shift_mm) * _mobile(y - body.shift[1], x - body.shift[2], body=body)
    return Lattice(values, steps, start)


def _mobile(y_mm: NDArray[Any], x_mm: NDArray[Any], *, body: Habitus) -> Field:
    """Share (1, y, x) of a breath that is followed: 0 in the spine and behind the ribs, 1 from some 15 mm before."""
    middle = body.spine_y + HALF_SPINE_MM
    spine = np.hypot(x_mm, np.maximum(np.abs(y_mm - middle) - HALF_SPINE_MM, 0)) - SPINE_MM
    before = np.minimum(spine, body.cavity_y[2] - y_mm)
    found: Field = (np.clip(before / SLIDING_MM, 0, 1) ** 2).astype(np.float32)
    return found


def _whole(grid: Grid) -> tuple[slice, slice, slice]:
    z, y, x = grid.shape
    return slice(0, z), slice(0, y), slice(0, x)
