"""What the scanner makes of the light: sharpening, noise and eight bits."""

import numpy as np
from numpy.typing import NDArray

from .stain import Plane, Rgb, Scanner, Stain, transmitted


def photographed(
    concentrations: Plane,
    stain: Stain,
    *,
    scanner: Scanner,
    rng: np.random.Generator,
    gain: Plane | None = None,
) -> Rgb:
    """Colours (y, x, 3) of concentrations (3, y, x) under light of `gain` (y, x)."""
    light = transmitted(concentrations, stain)
    if gain is not None:
        light *= gain[..., None]
    if scanner.sharpening > 0:
        light = _sharpened(light, scanner.sharpening)
    light += _noise(light.shape, rng, scanner.noise)
    return finished(light)


def finished(light: NDArray[np.floating]) -> Rgb:
    """Light rounded to levels 0 to 255."""
    light = light + np.float32(0.5)
    np.clip(light, 0, 255, out=light)
    return light.astype(np.uint8)


def _sharpened(light: Plane, weight: float) -> Plane:
    """Unsharp mask over the four neighbours; the edge of the picture is left as it is."""
    found = light.copy()
    around = light[:-2, 1:-1] + light[2:, 1:-1]
    around += light[1:-1, :-2]
    around += light[1:-1, 2:]
    around *= np.float32(-0.25)
    around += light[1:-1, 1:-1]
    around *= np.float32(weight)
    found[1:-1, 1:-1] += around
    return found


def _noise(shape: tuple[int, ...], rng: np.random.Generator, level: float) -> Plane:
    """Noise of the camera, the same pattern repeated over large pictures."""
    side = 251
    table = (level * rng.standard_normal((side, side, 3), dtype=np.float32)).astype(np.float32)
    rows, columns = (-(-n // side) for n in shape[:2])
    return np.tile(table, (rows, columns, 1))[: shape[0], : shape[1]]
