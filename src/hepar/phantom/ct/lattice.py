"""Values on a coarse lattice in mm, read off at the voxels of a grid: what is smooth is not made per voxel."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..fields import Field, blob_spectrum, gaussian_field
from ..grid import Grid

Box = tuple[slice, slice, slice]
Triple = tuple[float, float, float]
Indices = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Lattice:
    """Values (z, y, x) at nodes `step_mm` apart, the first at `start_mm`; beyond its edges it repeats itself."""

    values: Field
    step_mm: Triple
    start_mm: Triple

    def at(self, grid: Grid, box: Box) -> Field:
        """The values (z, y, x) in the voxels `box` of `grid`, linear between the nodes."""
        found = self.values
        for axis in range(3):
            before, after, share = self._nodes(grid, axis, box[axis])
            found = between(found, axis, before=before, after=after, share=share)
        return found

    def _nodes(self, grid: Grid, axis: int, part: slice) -> tuple[Indices, Indices, Field]:
        """Nodes before and after each voxel, and how far on the way to the second it lies."""
        place = (grid.axis_mm(axis)[part].astype(np.float64) - self.start_mm[axis]) / self.step_mm[axis]
        before = np.floor(place).astype(np.intp)
        n = self.values.shape[axis]
        return before % n, (before + 1) % n, (place - before).astype(np.float32)


def random_lattice(rng: np.random.Generator, *, width_mm: float, step_mm: float, nodes: int) -> Lattice:
    """A Gaussian field of mean 0, SD 1 and Gaussian correlation of SD `width_mm` times root 2, the same on any grid."""
    shape, steps = (nodes,) * 3, (step_mm,) * 3
    values = gaussian_field(rng, shape, steps, spectrum=blob_spectrum(width_mm))
    start = -step_mm * (nodes - 1) / 2
    return Lattice(values, (step_mm, step_mm, step_mm), (start, start, start))


def covering(grid: Grid, step_mm: Triple) -> tuple[tuple[Field, Field, Field], Triple]:
    """Places (mm along each axis, shaped to broadcast) of the nodes of a lattice over all of `grid`, and the first."""
    counts = [int(np.ceil(size / step)) + 1 for size, step in zip(grid.extent_mm, step_mm, strict=True)]
    starts = [-(n - 1) / 2 * step for n, step in zip(counts, step_mm, strict=True)]
    axes = [
        (start + step * np.arange(n, dtype=np.float32)).astype(np.float32)
        for n, start, step in zip(counts, starts, step_mm, strict=True)
    ]
    places = (axes[0][:, None, None], axes[1][None, :, None], axes[2][None, None, :])
    return places, (starts[0], starts[1], starts[2])


def between(values: Field, axis: int, *, before: Indices, after: Indices, share: Field) -> Field:
    """Linear interpolation of `values` along `axis`: `share` (n,) of the way from `before` to `after`."""
    shape = [1, 1, 1]
    shape[axis] = -1
    first = values.take(before, axis)
    step = values.take(after, axis)
    step -= first
    step *= share.reshape(shape)
    first += step
    return first
