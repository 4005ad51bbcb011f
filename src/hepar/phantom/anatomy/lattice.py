"""Smooth fields on coarse lattices that are fixed in the patient, and their values on the grid of any scan.

A signed distance is nearly linear over a few millimetres, so a lattice of 3 or 4 mm holds the shape of an organ for
any voxel size, and two scans of one patient see the same body.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..grid import Grid
from .organs import Box

Values = NDArray[np.float32]
Mesh = tuple[Values, Values, Values]
"""Coordinates (z, y, x) in mm that broadcast against each other."""

FAR_MM = 40.0


@dataclass(frozen=True, slots=True)
class Lattice:
    """Nodes at `low_mm` + i * `pitch_mm` along (z, y, x), mm from the middle of the grid of any scan."""

    low_mm: tuple[float, float, float]
    pitch_mm: tuple[float, float, float]
    shape: tuple[int, int, int]

    def axis_mm(self, axis: int) -> Values:
        """Places (n,) of the nodes along `axis`."""
        places = self.low_mm[axis] + np.arange(self.shape[axis]) * self.pitch_mm[axis]
        return places.astype(np.float32)

    @property
    def mesh(self) -> Mesh:
        """Open mesh of the nodes: (z, 1, 1), (1, y, 1), (1, 1, x)."""
        z, y, x = (self.axis_mm(axis) for axis in range(3))
        return z[:, None, None], y[None, :, None], x[None, None, :]


@dataclass(frozen=True, slots=True)
class Solid:
    """Signed distance in mm to the surface of something, negative inside, at the nodes of a lattice."""

    lattice: Lattice
    distance_mm: Values

    @property
    def volume_ml(self) -> float:
        """Volume inside, a node within half a pitch of the surface counting in part."""
        pitch = np.prod(self.lattice.pitch_mm)
        width = float(pitch) ** (1 / 3)
        share = np.clip(0.5 - self.distance_mm / width, 0, 1)
        return float(share.sum(dtype=np.float64) * pitch * 1e-3)


def around(
    low_mm: tuple[float, ...], high_mm: tuple[float, ...], pitch_mm: tuple[float, float, float]
) -> Lattice:
    """The lattice of this pitch that covers a box; its nodes are whole multiples of the pitch."""
    low = [int(np.floor(a / p)) for a, p in zip(low_mm, pitch_mm, strict=True)]
    high = [int(np.ceil(b / p)) for b, p in zip(high_mm, pitch_mm, strict=True)]
    z, y, x = (a * p for a, p in zip(low, pitch_mm, strict=True))
    shape = tuple(b - a + 1 for a, b in zip(low, high, strict=True))
    return Lattice((z, y, x), pitch_mm, (shape[0], shape[1], shape[2]))


def fitted(volume_ml: Callable[[float], float], target_ml: float, *, low: float, high: float) -> float:
    """The size between `low` and `high` that gives the volume, within 1 %, or the nearer end (regula falsi, Illinois).

    The volume is to rise or fall throughout.
    """
    ends = [low, high]
    misses = [np.log(max(volume_ml(end), 1e-3) / target_ml) for end in ends]
    if misses[0] * misses[1] >= 0:
        return ends[int(np.argmin(np.abs(misses)))]
    middle = low
    for _ in range(8):
        middle = float(ends[1] - misses[1] * (ends[1] - ends[0]) / (misses[1] - misses[0]))
        miss = np.log(max(volume_ml(middle), 1e-3) / target_ml)
        if abs(miss) < 0.01:
            break
        kept = 0 if miss * misses[1] < 0 else None
        if kept is None:
            misses[0] *= 0.5
        else:
            ends[0], misses[0] = ends[1], misses[1]
        ends[1], misses[1] = middle, miss
    return middle


def covered(lattice: Lattice, grid: Grid, planes: slice) -> Box | None:
    """The box of voxels of `grid`, with z within `planes`, that lies within the lattice; None when there is none."""
    found = []
    for axis in range(3):
        places = grid.axis_mm(axis)
        nodes = lattice.axis_mm(axis)
        start = int(np.searchsorted(places, nodes[0]))
        stop = int(np.searchsorted(places, nodes[-1], side="right"))
        if axis == 0:
            start, stop = max(start, planes.start), min(stop, planes.stop)
        if start >= stop:
            return None
        found.append(slice(start, stop))
    return found[0], found[1], found[2]


def sample(field: Solid, grid: Grid, box: Box) -> Values:
    """The field at the voxels of `box`, linear between nodes and constant beyond the outermost ones."""
    return _at(field, [grid.axis_mm(axis)[box[axis]] for axis in range(3)])


def _at(field: Solid, axes: list[Values]) -> Values:
    values = field.distance_mm
    for axis in range(3):
        nodes = field.lattice.shape[axis]
        index = np.clip(
            (axes[axis] - field.lattice.low_mm[axis]) / field.lattice.pitch_mm[axis], 0, nodes - 1
        )
        below = np.minimum(index.astype(np.intp), max(nodes - 2, 0))
        share = (index - below).astype(np.float32).reshape([-1 if a == axis else 1 for a in range(3)])
        low = values.take(below, axis=axis)
        high = values.take(np.minimum(below + 1, nodes - 1), axis=axis)
        high -= low
        high *= share
        high += low
        values = high
    return values


def regrid(field: Solid, lattice: Lattice) -> Values:
    """The field at the nodes of another lattice."""
    return _at(field, [lattice.axis_mm(axis) for axis in range(3)])


def nearest(lattice: Lattice, solids: Iterable[Solid | None]) -> Values:
    """Distance to the nearest of `solids` at the nodes of `lattice`; `FAR_MM` outside of their lattices."""
    found = np.full(lattice.shape, FAR_MM, np.float32)
    for one in solids:
        if one is not None:
            np.minimum(
                found, np.where(_inside(one.lattice, lattice), regrid(one, lattice), FAR_MM), out=found
            )
    return found


def _inside(inner: Lattice, lattice: Lattice) -> NDArray[np.bool_]:
    """Nodes of `lattice` in the box of `inner`."""
    found = np.ones(lattice.shape, bool)
    for axis in range(3):
        places, nodes = lattice.axis_mm(axis), inner.axis_mm(axis)
        within = (places >= nodes[0]) & (places <= nodes[-1])
        found &= within.reshape([-1 if a == axis else 1 for a in range(3)])
    return found
