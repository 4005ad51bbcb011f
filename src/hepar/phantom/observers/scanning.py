"""A plain searcher of SIMULATED or other CT for focal lesions: matched filters at several sizes, no learning."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from ...core.errors import SimulationError
from ..grid import Grid

Array = NDArray[np.float32]
Mask = NDArray[np.bool_]
Box = tuple[slice, slice, slice]

DIAMETERS_MM = (5.0, 8.0, 12.0, 18.0, 27.0, 40.0, 60.0)
BALL = 3.0
"""Diameter of a ball over the SD of the Gaussian that stands for it."""
SURROUND = 2.2
"""SD of the surround, with which a place is compared, over that of the filter."""
EDGE_MM, VESSEL_MM = 5.0, 2.0
"""What lies nearer to the edge of the liver or to a vessel is left out: there a phase shows something else."""
LARGEST_HU = 80.0
"""Differences from the parenchyma beyond this count as this."""
BACKGROUND_MM = 25.0
"""SD of what counts as the slow variation of the liver."""
LEAST_SUPPORT = 0.5
"""Share of the filter's weight that must lie in parenchyma."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A place that looks unlike the liver about it, mm (z, y, x) from the middle of the grid."""

    centre_mm: tuple[float, float, float]
    diameter_mm: float
    score: float


def scan_for_lesions(
    volumes: Mapping[str, NDArray[np.generic]],
    liver: Mask,
    vessels: Mask,
    *,
    grid: Grid,
    most: int = 50,
) -> tuple[Candidate, ...]:
    """The `most` conspicuous places of the liver, best first.

    `volumes` are phases (z, y, x) in HU; `liver` includes its vessels, which are left out where `vessels` is true. In
    each phase and at each size a Gaussian is compared with its surround, both over parenchyma only, and divided by the
    SD (by the median) of that comparison over the liver; squares of phases add, and the best size counts.
    """
    box = _checked(volumes, liver & ~vessels, grid)
    inside = _searched(liver[box], vessels[box], grid)
    best = np.zeros(inside.shape, np.float32)
    size = np.zeros(inside.shape, np.float32)
    flat = [
        _without_background(np.asarray(volume[box], np.float32), inside, grid) for volume in volumes.values()
    ]
    for diameter in DIAMETERS_MM:
        score = np.sqrt(sum(_response(one, inside, grid, diameter_mm=diameter) ** 2 for one in flat))
        better = score > best
        best[better], size[better] = score[better], diameter
    return _peaks(best, size, box, grid=grid, most=most)


def _checked(volumes: Mapping[str, NDArray[np.generic]], valid: Mask, grid: Grid) -> Box:
    """The box of the liver, if everything fits together."""
    for name, volume in volumes.items():
        if volume.shape != grid.shape or valid.shape != grid.shape:
            raise SimulationError(
                f"{name} has {volume.shape} voxels, the masks {valid.shape}, the grid {grid.shape}: give the same"
            )
    if not volumes or not valid.any():
        raise SimulationError(
            "nothing to search: give at least one phase and a liver that is not all vessels"
        )
    z, y, x = ndimage.find_objects(valid.astype(np.uint8))[0]
    return z, y, x


def _searched(liver: Mask, vessels: Mask, grid: Grid) -> Array:
    """1 in the parenchyma that is searched, else 0; `liver` is padded, so that its box is no part of it."""
    deep = ndimage.distance_transform_edt(np.pad(liver, 1), sampling=grid.spacing_mm)[1:-1, 1:-1, 1:-1]
    apart = ndimage.distance_transform_edt(~vessels, sampling=grid.spacing_mm) if vessels.any() else deep
    return np.asarray((deep > EDGE_MM) & ~vessels & (apart > VESSEL_MM), np.float32)


def _smooth(field: Array, sd_mm: float, grid: Grid) -> Array:
    return np.asarray(
        ndimage.gaussian_filter(field, [sd_mm / mm for mm in grid.spacing_mm], truncate=3, mode="constant"),
        np.float32,
    )


def _without_background(volume: Array, inside: Array, grid: Grid) -> Array:
    """HU over the slow variation of the parenchyma, extremes cut so that one bright thing does not spoil its region."""
    found = volume[inside > 0]
    low, high = np.percentile(found, [10, 90])
    middle = np.clip(volume, low, high) * inside
    slow = _smooth(middle, BACKGROUND_MM, grid) / np.maximum(_smooth(inside, BACKGROUND_MM, grid), 1e-3)
    return np.asarray(np.clip(volume - slow, -LARGEST_HU, LARGEST_HU) * inside, np.float32)


def _response(flat: Array, inside: Array, grid: Grid, *, diameter_mm: float) -> Array:
    """Contrast of every place with its surround, in SD of what the liver shows by chance."""
    sd = diameter_mm / BALL
    here, around = _smooth(inside, sd, grid), _smooth(inside, sd * SURROUND, grid)
    contrast = _smooth(flat, sd, grid) / np.maximum(here, 1e-3)
    contrast -= _smooth(flat, sd * SURROUND, grid) / np.maximum(around, 1e-3)
    usable = (here > LEAST_SUPPORT) & (inside > 0)
    if not usable.any():
        return np.zeros_like(flat)
    spread = float(np.median(np.abs(contrast[usable]))) / 0.6745
    return np.asarray(np.where(usable, contrast / max(spread, 1e-3), 0), np.float32)


def _peaks(best: Array, size: Array, box: Box, *, grid: Grid, most: int) -> tuple[Candidate, ...]:
    """Maxima, the best first, none within another's radius."""
    around = [max(3, 2 * round(DIAMETERS_MM[0] / 2 / mm) + 1) for mm in grid.spacing_mm]
    places = np.argwhere((best == ndimage.maximum_filter(best, around)) & (best > 0))
    order = np.argsort(-best[tuple(places.T)], kind="stable")
    axes = [grid.axis_mm(axis)[part] for axis, part in enumerate(box)]
    kept: list[Candidate] = []
    for place in places[order]:
        z, y, x = (float(axis[at]) for axis, at in zip(axes, place, strict=True))
        at = tuple(place)
        new = Candidate((z, y, x), float(size[at]), float(best[at]))
        if all(
            np.linalg.norm(np.subtract(new.centre_mm, old.centre_mm)) > old.diameter_mm / 2 for old in kept
        ):
            kept.append(new)
        if len(kept) == most:
            break
    return tuple(kept)
