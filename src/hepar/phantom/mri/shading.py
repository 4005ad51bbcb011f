"""Smooth fields over a SIMULATED body in a magnet: coil sensitivity, dielectric shading, the static field itself."""

from dataclasses import dataclass

import numpy as np
import scipy.fft
import scipy.interpolate
from numpy.typing import NDArray

from ..anatomy import Anatomy, Organ
from ..grid import Grid
from .tissue import Values

KNOT_MM = 18.0
"""Smooth fields are computed this coarsely and interpolated by cubic splines."""
FIELD_KNOT_MM = 9.0
SMOOTH_MM = 7.0
AIR_PPM = 9.4
"""Susceptibility of air less that of tissue, ppm (Schenck 1996)."""
GASES = (Organ.AIR, Organ.BOWEL_GAS, Organ.LUNG)


@dataclass(frozen=True, slots=True)
class Trunk:
    """The trunk as a box: its middle and its half-widths, mm (y, x)."""

    middle_mm: tuple[float, float]
    half_mm: tuple[float, float]


def trunk_of(anatomy: Anatomy) -> Trunk:
    """Where the trunk lies; the field of view when it holds no body."""
    inside = anatomy.labels[:: max(1, anatomy.grid.shape[0] // 8)] != Organ.AIR
    spans = []
    for axis, others in ((1, (0, 2)), (2, (0, 1))):
        places = anatomy.grid.axis_mm(axis)
        found = places[inside.any(axis=others)]
        spans.append(
            (float(found.min()), float(found.max())) if found.size else (float(places[0]), float(places[-1]))
        )
    (y0, y1), (x0, x1) = spans
    return Trunk(((y0 + y1) / 2, (x0 + x1) / 2), (max((y1 - y0) / 2, 20), max((x1 - x0) / 2, 20)))


def coil_sensitivity(trunk: Trunk, grid: Grid, *, reach_mm: float, offset_mm: tuple[float, float]) -> Values:
    """Root of the sum of squares over eight elements in front and behind, 1 on average over the trunk's box.

    Each falls off as that of a loop on its axis, (1 + (d/R)^2)^-1.5 at distance d, R being `reach_mm`.
    """
    z, y, x = _knots(grid, KNOT_MM)
    (cy, cx), (hy, hx) = trunk.middle_mm, trunk.half_mm
    total = np.zeros(np.broadcast_shapes(z.shape, y.shape, x.shape), np.float32)
    for side in (-1, 1):
        for across in (-0.75, -0.25, 0.25, 0.75):
            curve = 1.12 * hy * np.sqrt(1 - 0.6 * across**2)
            ey, ex = cy + side * curve + offset_mm[0], cx + across * 1.15 * hx + offset_mm[1]
            squared = (0.6 * z) ** 2 + (y - ey) ** 2 + (x - ex) ** 2
            total += (1 + squared / reach_mm**2) ** -3
    within = ((y - cy) / hy) ** 2 + ((x - cx) / hx) ** 2 < 1
    found = np.sqrt(total)
    mean = float(found[np.broadcast_to(within, found.shape)].mean()) if within.any() else float(found.mean())
    return _stretched(found / mean, grid)


def dielectric_shading(trunk: Trunk, grid: Grid, *, dip: float) -> Values:
    """Signal kept where waves of the transmitted field cancel: 1 - `dip` left of the middle in front, 1 far from it."""
    z, y, x = _knots(grid, KNOT_MM)
    (cy, cx), (hy, hx) = trunk.middle_mm, trunk.half_mm
    u, v = (y - cy + 0.25 * hy) / (0.55 * hy), (x - cx - 0.10 * hx) / (0.45 * hx)
    return _stretched(1 - dip * np.exp(-0.5 * (u**2 + v**2)) + 0 * z, grid)


def heart_shading(trunk: Trunk, grid: Grid, *, loss: float) -> Values:
    """Signal kept beside the beating heart at high b: 1 - `loss` under it, 1 far from it."""
    z, y, x = _knots(grid, KNOT_MM)
    (cy, cx), (hy, hx) = trunk.middle_mm, trunk.half_mm
    top = grid.extent_mm[0] / 2
    u, v = (y - cy + 0.45 * hy) / (0.4 * hy), (x - cx - 0.15 * hx) / (0.3 * hx)
    return _stretched(1 - loss * np.exp(-0.5 * (u**2 + v**2 + ((z - top) / 60) ** 2)), grid)


def field_ppm(anatomy: Anatomy, trunk: Trunk, *, shim_ppm: tuple[float, float, float]) -> Values:
    """Error of the static field, ppm: that of gas in and around the body after shimming, and what shimming left.

    A body of susceptibility X in a field along z shifts it by X (1/3 - kz^2 / k^2) in k-space (Salomir 2003). Shimming
    takes off the quadratic that fits best within the body.
    """
    grid = anatomy.grid
    z, y, x = _knots(grid, FIELD_KNOT_MM)
    gas = _averaged(anatomy.mask(*GASES), (z.size, y.size, x.size))
    step_mm = tuple(float(np.ptp(k)) / max(k.size - 1, 1) or 1.0 for k in (z, y, x))
    shift = AIR_PPM * _dipole(gas, step_mm)
    scale = (max(grid.extent_mm[0] / 2, 1), *trunk.half_mm)
    axes = [axis / np.float32(half) for axis, half in zip((z, y, x), scale, strict=True)]
    shift = shift - _quadratic(shift, axes, within=gas < 0.5)
    for gradient, axis in zip(shim_ppm, axes, strict=True):
        shift = shift + np.float32(gradient) * axis
    return _stretched(shift, grid)


def _quadratic(field: Values, axes: list[Values], *, within: NDArray[np.bool_]) -> Values:
    """The quadratic of the places `axes` that is nearest to `field` `within` the body."""
    if not within.any():
        return np.zeros_like(field)
    z, y, x = axes
    terms = (np.ones_like(z), z, y, x, z * z, y * y, x * x, z * y, y * x, z * x)
    columns = np.stack([np.broadcast_to(term, field.shape).ravel() for term in terms], axis=1)
    weights = np.linalg.lstsq(columns[within.ravel()], field[within], rcond=None)[0]
    found: Values = (columns @ weights).reshape(field.shape)
    return found.astype(np.float32)


def _dipole(source: Values, step_mm: tuple[float, ...]) -> Values:
    """`source` convolved with the field of a dipole along z, without detail below `SMOOTH_MM`.

    Edges go on, so that the trunk does not end there.
    """
    wide = [(min(n, 8), min(n, 8)) for n in source.shape]
    padded = np.pad(source, wide, mode="edge")
    kz, ky, kx = (
        scipy.fft.fftfreq(n, mm).astype(np.float32).reshape([-1 if a == axis else 1 for a in range(3)])
        for axis, (n, mm) in enumerate(zip(padded.shape, step_mm, strict=True))
    )
    squared = kz**2 + ky**2 + kx**2
    squared[0, 0, 0] = 1
    response = (1 / 3 - kz**2 / squared) * np.exp(-0.5 * (2 * np.pi * SMOOTH_MM) ** 2 * squared)
    response[0, 0, 0] = 0
    found = scipy.fft.ifftn(scipy.fft.fftn(padded) * response).real
    keep = tuple(slice(before, -after) for before, after in wide)
    return found[keep].astype(np.float32)


def _knots(grid: Grid, knot_mm: float) -> tuple[Values, Values, Values]:
    """Places of the knots along (z, y, x), mm, shaped to broadcast."""
    axes = []
    for axis in range(3):
        places = grid.axis_mm(axis)
        n = 1 if places.size == 1 else max(4, int(np.ceil(np.ptp(places) / knot_mm)) + 1)
        knots = np.linspace(places[0], places[-1], n, dtype=np.float32)
        axes.append(knots.reshape([-1 if a == axis else 1 for a in range(3)]))
    return axes[0], axes[1], axes[2]


def _averaged(mask: NDArray[np.bool_], shape: tuple[int, int, int]) -> Values:
    """Share of `mask` about each of evenly spaced knots, weighed by distance."""
    found = mask.astype(np.float32)
    for axis, (n, knots) in enumerate(zip(mask.shape, shape, strict=True)):
        away = np.abs(
            np.linspace(0, knots - 1, n, dtype=np.float32) - np.arange(knots, dtype=np.float32)[:, None]
        )
        reach = np.float32(max(1.0, (knots - 1) / max(n - 1, 1)))  # a knot between two voxels takes both
        weights = np.maximum(1 - away / reach, 0) if min(knots, n) > 1 else np.ones((knots, n), np.float32)
        weights /= weights.sum(axis=1, keepdims=True)
        found = np.moveaxis(np.tensordot(weights, found, axes=(1, axis)), 0, axis)
    return np.ascontiguousarray(found)


def _stretched(coarse: NDArray[np.floating], grid: Grid) -> Values:
    """`coarse`, given at evenly spaced knots, on every voxel."""
    found: Values = coarse.astype(np.float32)
    for axis, n in reversed(list(enumerate(grid.shape))):
        found = np.moveaxis(np.tensordot(_spline(coarse.shape[axis], n), found, axes=(1, axis)), 0, axis)
    return np.ascontiguousarray(found)


def _spline(knots: int, n: int) -> Values:
    """Matrix (n, knots) that takes values at knots to a cubic spline through them."""
    if knots == 1:
        return np.ones((n, 1), np.float32)
    spline = scipy.interpolate.CubicSpline(np.linspace(0, 1, knots), np.eye(knots), bc_type="natural")
    found: Values = spline(np.linspace(0, 1, n)).astype(np.float32)
    return found
