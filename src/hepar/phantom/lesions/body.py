"""A SIMULATED lesion on the voxels of a grid: how much of each it fills, and with what."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...core.errors import SimulationError
from ..grid import Grid
from ..patient import Lesion
from .kinds import checked_diameter, kind_called
from .outline import Outline, part, reach_mm

Array = NDArray[np.float32]
Box = tuple[slice, slice, slice]
Place = tuple[float, float, float]

FINEST = 8
"""Samples along an axis of a voxel, at most."""
STEP = 0.1
"""Samples lie apart by at most this share of the diameter, where `FINEST` allows."""
SOFT = 0.08
"""Width over which a rim or a scar begins, over the radius."""
GROWTH = (0.0, 0.7, 1.6)
"""How much wider a nodular rim is in the arterial, portal and delayed phase: a haemangioma fills from its edge."""


@dataclass(frozen=True, slots=True)
class LesionBody:
    """A lesion on the voxels of `box`, all arrays (z, y, x) of the box.

    `coverage` is the share of each voxel that the lesion fills: blend with it. `depth` is 0 at the centre and 1 at the
    margin. `rim` holds, for the arterial, portal and delayed phase, how much of what is covered is rim, `scar` how
    much is scar. `texture` is a field of mean 0 and SD 1. Vessels run on through it unless it `displaces` them.
    """

    box: Box
    coverage: Array
    depth: Array
    rim: tuple[Array, Array, Array]
    scar: Array
    texture: Array
    displaces: bool


def extent(lesion: Lesion, centre_mm: Place, grid: Grid) -> Box:
    """The voxels that a lesion about `centre_mm` (z, y, x) can touch; empty where it lies outside of the grid."""
    _checked(lesion, centre_mm)
    found = []
    for axis, (centre, reach) in enumerate(zip(centre_mm, reach_mm(lesion), strict=True)):
        n, mm = grid.shape[axis], grid.spacing_mm[axis]
        middle = centre / mm + (n - 1) / 2
        first, last = np.floor(middle - reach / mm - 0.5), np.ceil(middle + reach / mm + 0.5)
        found.append(slice(int(np.clip(first, 0, n)), int(np.clip(last + 1, 0, n))))
    z, y, x = found
    return z, y, x


def body_of(lesion: Lesion, centre_mm: Place, grid: Grid, *, rng: np.random.Generator) -> LesionBody:
    """The lesion about `centre_mm` (z, y, x) on `grid`.

    Its outline and texture are functions of millimetres drawn from `rng` alone: with a generator in the same state,
    every grid and every phase shows the same lesion. Voxels are sampled finely enough for partial volume.
    """
    box = extent(lesion, centre_mm, grid)
    outline = Outline.draw(lesion, rng, centre_mm=centre_mm)
    shape = tuple(part_.stop - part_.start for part_ in box)
    fine = [_samples(mm, lesion.diameter_mm) for mm in grid.spacing_mm]
    place = _places(box, centre_mm, grid, fine=fine)
    step = float(np.mean([mm / n for mm, n in zip(grid.spacing_mm, fine, strict=True)]))
    if 0 in shape:
        empty = np.zeros(shape, np.float32)
        return LesionBody(box, empty, empty, (empty, empty, empty), empty, empty, not lesion.mimic)
    return _body(outline, box, place, step_mm=step, fine=fine)


def _checked(lesion: Lesion, centre_mm: Place) -> None:
    kind_called(lesion.kind)
    checked_diameter(lesion.diameter_mm)
    if not all(np.isfinite(axis) and 0.05 <= axis <= 1 for axis in lesion.axes):
        raise SimulationError(
            f"axes {lesion.axes!r} of a lesion: give three shares of the longest, 0.05 to 1"
        )
    if not np.isfinite(lesion.infiltration) or not 0 <= lesion.infiltration <= 1:
        raise SimulationError(f"infiltration {lesion.infiltration!r} of a lesion: give 0 (sharp) to 1")
    if not np.isfinite(centre_mm).all():
        raise SimulationError(f"a lesion about {centre_mm!r} mm cannot be placed; give three finite numbers")


def _samples(spacing_mm: float, diameter_mm: float) -> int:
    return int(np.clip(np.ceil(spacing_mm / (STEP * diameter_mm)), 1, FINEST))


def _places(box: Box, centre_mm: Place, grid: Grid, *, fine: list[int]) -> tuple[Array, Array, Array]:
    """Coordinates of the samples from the centre of the lesion, ready to broadcast over (z, y, x)."""
    found = []
    for axis, (part_, n) in enumerate(zip(box, fine, strict=True)):
        inside = ((np.arange(n) + 0.5) / n - 0.5) * grid.spacing_mm[axis]
        along = (grid.axis_mm(axis)[part_, None] + inside).ravel() - centre_mm[axis]
        shape = [1, 1, 1]
        shape[axis] = -1
        found.append(along.astype(np.float32).reshape(shape))
    z, y, x = found
    return z, y, x


def _body(
    outline: Outline, box: Box, place: tuple[Array, Array, Array], *, step_mm: float, fine: list[int]
) -> LesionBody:
    lesion = outline.lesion
    distance = np.sqrt(sum(axis**2 for axis in place))
    z, y, x = (np.asarray(axis / np.maximum(distance, np.float32(1e-3)), np.float32) for axis in place)
    toward = (z, y, x)
    depth = outline.depth(place, toward)
    texture = outline.texture.at(place)
    covered = _covered(lesion, depth, distance, texture=texture, step_mm=step_mm)
    coverage = _mean(covered, fine)
    over = np.where(coverage > 0, 1 / np.maximum(coverage, 1e-6), 0).astype(np.float32)

    def share(field: Array) -> Array:
        return _mean(covered * field, fine) * over

    nodules = outline.nodules.at(toward)
    arterial, portal, delayed = (share(_rim(lesion, depth, nodules, growth=growth)) for growth in GROWTH)
    return LesionBody(
        box=box,
        coverage=coverage,
        depth=np.clip(_mean(depth, fine), 0, 1),
        rim=(arterial, portal, delayed),
        scar=share(_scar(lesion, depth, outline.arms.at(toward))),
        texture=share(texture),
        displaces=not lesion.mimic,
    )


def _covered(lesion: Lesion, depth: Array, distance: Array, *, texture: Array, step_mm: float) -> Array:
    """Share of each sample that the lesion fills: by its distance from a margin that may be wide and ragged."""
    radius = distance / np.maximum(depth, np.float32(1e-3))
    width = lesion.infiltration * radius
    inward = (1 - depth) * radius + np.float32(0.3) * width * texture
    return np.asarray(np.clip(0.5 + inward / np.maximum(width, np.float32(step_mm)), 0, 1), np.float32)


def _rim(lesion: Lesion, depth: Array, nodules: Array, *, growth: float) -> Array:
    """1 in the rim: a ring, nodules that come and go with the direction, or something between."""
    nodular = part(lesion, "nodularity")
    width = part(lesion, "rim_width") * (1 + growth * nodular)
    thickness = width * (1 - nodular + nodular * np.clip(0.6 + 1.1 * nodules, 0, 2))
    return np.asarray(
        np.clip((depth - 1 + thickness) / SOFT + 0.5, 0, 1) * np.minimum(thickness / 0.03, 1), np.float32
    )


def _scar(lesion: Lesion, depth: Array, arms: Array) -> Array:
    """1 in a scar about the centre, which has arms."""
    scar = part(lesion, "scar")
    if scar < 0.03:
        return np.zeros_like(depth)
    return np.asarray(np.clip((scar * (1 + 0.5 * arms) - depth) / SOFT + 0.5, 0, 1), np.float32)


def _mean(field: Array, fine: list[int]) -> Array:
    """The mean of the samples of each voxel."""
    z, y, x = (n // k for n, k in zip(field.shape, fine, strict=True))
    kz, ky, kx = fine
    if kz == ky == kx == 1:
        return field
    return np.asarray(field.reshape(z, kz, y, ky, x, kx).mean((1, 3, 5)), np.float32)
