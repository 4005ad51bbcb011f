"""The texture matrices as PyRadiomics defines them, from the counts of `imaging.texture_matrices` where these serve."""

from collections.abc import Collection
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...imaging.texture_matrices import TextureFamily, TextureMatrices, texture_matrices
from .names import FeatureClass
from .settings import Settings

Counts = NDArray[np.int64]
Floats = NDArray[np.float64]
_NEEDS: dict[FeatureClass, TextureFamily] = {
    "glcm": "glcm",
    "glrlm": "glrlm",
    "glszm": "glszm",
    "gldm": "ngldm",
    "ngtdm": "ngtdm",
}


@dataclass(frozen=True, slots=True, eq=False)
class Texture:
    """What the texture classes count in one image.

    levels: (z, y, x) from 1, 0 outside; with `force2D` the axis not looked along comes first.
    spacing_mm: of the same axes.
    matrices: counts among the nearest neighbours, of the families asked for.
    pair_steps, pairs: (directions, 3) and (directions, N, N), levels of a voxel and of that a step on.
    dependences: (N, neighbours + 1), voxels by the number of neighbours within `gldm_a` levels.
    differences: (N,), summed distances from the mean level of the neighbours.
    """

    levels: NDArray[np.uint16]
    spacing_mm: Floats
    matrices: TextureMatrices
    pair_steps: Counts
    pairs: Counts
    dependences: Counts
    differences: Floats


def count_texture(
    levels: NDArray[np.uint16],
    *,
    spacing_mm: tuple[float, float, float],
    settings: Settings,
    classes: Collection[FeatureClass],
) -> Texture:
    """Counts of `levels` (z, y, x) for the texture `classes`."""
    plane = settings.plane_axis
    spacing = np.array(spacing_mm)
    if plane is not None:
        levels = np.ascontiguousarray(np.moveaxis(levels, plane, 0))
        spacing = np.append(spacing[plane], np.delete(spacing, plane))
    found = texture_matrices(
        levels,
        extent="3d" if plane is None else "2.5d",
        families=[_NEEDS[name] for name in classes if name in _NEEDS],
    )
    near = settings.distances == (1,)
    wide = _Wide(levels, settings.distances, plane is not None)
    pairs, steps = found.glcm.sum(axis=0), found.directions
    dependences = found.ngldm.sum(axis=0)
    differences = found.ngtdm_differences.sum(axis=0)
    if not near and "glcm" in classes:
        steps, pairs = wide.pairs()
    if "gldm" in classes and not (near and settings.gldm_a == 0):
        dependences = wide.dependences(settings.gldm_a)
    if not near and "ngtdm" in classes:
        differences = wide.differences()
    return Texture(levels, spacing, found, steps, pairs, dependences, differences)


@dataclass(frozen=True, slots=True, eq=False)
class _Wide:
    """Counts among neighbours at other distances (Chebyshev), one shifted image after another."""

    levels: NDArray[np.uint16]
    distances: tuple[int, ...]
    in_plane: bool

    def steps(self) -> Counts:
        """Half of the steps, each the first of two opposite ones; none reaches across the image."""
        far = range(-max(self.distances), max(self.distances) + 1)
        every = (step for step in product(far, far, far) if max(map(abs, step)) in self.distances)
        kept = [
            step
            for step in every
            if step > (0, 0, 0)
            and not (self.in_plane and step[0])
            and all(abs(s) < n for s, n in zip(step, self.levels.shape, strict=True))
        ]
        return np.array(kept, np.int64).reshape(-1, 3)

    def pairs(self) -> tuple[Counts, Counts]:
        """The steps and, for each, the counts of level pairs."""
        steps, n = self.steps(), int(self.levels.max())
        found = np.zeros((len(steps), n, n), np.int64)
        for d, step in enumerate(steps):
            here, there = self._both(step)
            a, b = self.levels[here].astype(np.int64), self.levels[there]
            both = (a > 0) & (b > 0)
            found[d] = np.bincount((a[both] - 1) * n + b[both] - 1, minlength=n * n).reshape(n, n)
        return steps, found

    def dependences(self, most_apart: int) -> Counts:
        steps, n = self.steps(), int(self.levels.max())
        like = np.zeros(self.levels.shape, np.int64)
        for step in steps:
            here, there = self._both(step)
            a, b = self.levels[here].astype(np.int64), self.levels[there].astype(np.int64)
            same = (a > 0) & (b > 0) & (abs(a - b) <= most_apart)
            like[here] += same
            like[there] += same
        inside = self.levels > 0
        around = 2 * len(steps) + 1
        place = (self.levels[inside].astype(np.int64) - 1) * around + like[inside]
        return np.bincount(place, minlength=n * around).reshape(n, around)

    def differences(self) -> Floats:
        total, count = np.zeros(self.levels.shape), np.zeros(self.levels.shape)
        for step in self.steps():
            here, there = self._both(step)
            for one, other in ((here, there), (there, here)):
                total[one] += self.levels[other]
                count[one] += self.levels[other] > 0
        inside = (self.levels > 0) & (count > 0)
        level = self.levels[inside].astype(np.int64)
        apart = abs(level - total[inside] / count[inside])
        return np.bincount(level - 1, apart, minlength=int(self.levels.max())).astype(float)

    def _both(self, step: NDArray[Any]) -> tuple[tuple[slice, ...], tuple[slice, ...]]:
        """Where voxels have a neighbour a step on, and where these neighbours are."""
        here = tuple(slice(max(-s, 0), n - max(s, 0)) for s, n in zip(step, self.levels.shape, strict=True))
        there = tuple(slice(max(s, 0), n - max(-s, 0)) for s, n in zip(step, self.levels.shape, strict=True))
        return here, there
