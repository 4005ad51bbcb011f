"""What the scanner makes of the light: sharpening, noise and eight bits."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .stain import Plane, Rgb, Scanner, Stain, transmitted

HALO = 1
"""Rows above and below a strip that sharpening looks at."""
_PATTERN_PX = 251


@dataclass(frozen=True, slots=True)
class Camera:
    """The scanner at work on one slide: gain of the light by `rows` and `columns`, and its `noise` (a pattern)."""

    scanner: Scanner
    stain: Stain
    rows: Plane
    columns: Plane
    noise: Plane


def camera(
    rng: np.random.Generator,
    *,
    scanner: Scanner,
    stain: Stain,
    size_px: tuple[int, int],
    gain: tuple[Plane, Plane] | None = None,
) -> Camera:
    """The camera for a picture of `size_px` (rows, columns); without `gain`, its light is even."""
    rows, columns = gain or (np.ones(size_px[0], np.float32), np.ones(size_px[1], np.float32))
    side = min(_PATTERN_PX, max(size_px))
    noise = np.float32(scanner.noise) * rng.standard_normal((side, side, 3), dtype=np.float32)
    return Camera(scanner, stain, rows, columns, noise + np.float32(0.5))


def pictured(strips: Iterable[tuple[int, Plane]], taken: Camera) -> Rgb:
    """Colours (y, x, 3) of the strips: first row, and concentrations (3, rows + 2 `HALO`, columns) of each."""
    rgb = np.empty((len(taken.rows), len(taken.columns), 3), np.uint8)
    repeats = -(-len(taken.columns) // taken.noise.shape[1])
    for first, canvas in strips:
        light = transmitted(canvas, taken.stain)
        if taken.scanner.sharpening > 0:
            _sharpen(light, taken.scanner.sharpening)
        light = light[HALO:-HALO]
        rows = slice(first, first + len(light))
        light *= (taken.rows[rows, None] * taken.columns)[..., None]
        pattern = taken.noise[np.arange(rows.start, rows.stop) % len(taken.noise)]
        light += np.tile(pattern, (1, repeats, 1))[:, : light.shape[1]]
        np.clip(light, 0, 255, out=light)
        rgb[rows] = light
    return rgb


def finished(light: NDArray[np.floating]) -> Rgb:
    """Light rounded to levels 0 to 255."""
    light = light + np.float32(0.5)
    np.clip(light, 0, 255, out=light)
    return light.astype(np.uint8)


def _sharpen(light: Plane, weight: float) -> None:
    """Unsharp mask over the four neighbours, in place; the outermost pixels are left as they are."""
    middle = light[1:-1, 1:-1]
    edges = light[:-2, 1:-1] + light[2:, 1:-1]
    edges += light[1:-1, :-2]
    edges += light[1:-1, 2:]
    edges *= np.float32(-0.25 * weight)
    middle *= np.float32(1 + weight)
    middle += edges
