"""How well the contrast of a lesion can be known from a CT at best: the Fisher information of its core and rim."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from ...core.errors import SimulationError

Floats = NDArray[np.float64]

RIM_WIDTH = 0.2
"""Of the radius: the ring whose contrast is told from that of the core."""
STEP, HIGHEST = 0.0025, 0.75
"""Frequencies in the plane at which power is summed, cycles/mm."""


@dataclass(frozen=True, slots=True)
class CtQuality:
    """What limits a CT: defaults are a routine abdominal scan in slices of 3 mm (typical values).

    `noise_hu` is the SD in a voxel, with power in the plane that rises as a ramp from `noise_floor` cycles/mm and falls
    with the kernel, and none in common between slices of `slice_mm`; `blur_mm` the SD of the point spread in the plane.
    Parenchyma varies by `texture_hu` with a Gaussian of SD `texture_mm`, unopacified small vessels included.
    """

    noise_hu: float = 13.0
    slice_mm: float = 3.0
    blur_mm: float = 0.75
    noise_floor: float = 0.05
    texture_hu: float = 5.5
    texture_mm: float = 1.8

    def __post_init__(self) -> None:
        sizes = (
            self.noise_hu,
            self.slice_mm,
            self.blur_mm,
            self.noise_floor,
            self.texture_hu,
            self.texture_mm,
        )
        if not (np.isfinite(sizes).all() and min(sizes) > 0):
            raise SimulationError(f"{self} cannot be: every number must be finite and above 0")

    @property
    def resolution_mm(self) -> float:
        """SD of the point spread, the mean of plane and slice."""
        return float((2 * self.blur_mm + self.slice_mm / np.sqrt(12)) / 3)


@lru_cache(maxsize=1024)
def _information(quality: CtQuality, diameter_mm: float) -> tuple[tuple[float, float], tuple[float, float]]:
    plane = np.arange(STEP / 2, HIGHEST, STEP)[:, None]
    across = (np.arange(120) + 0.5)[None, :] / 120 / (2 * quality.slice_mm)
    frequency = np.hypot(plane, across)
    blur = np.exp(-2 * (np.pi * quality.blur_mm * plane) ** 2) * np.sinc(across * quality.slice_mm)
    power = _noise(quality, plane) + blur**2 * _texture(quality, frequency)
    whole, core = _ball(frequency, diameter_mm / 2), _ball(frequency, diameter_mm / 2 * (1 - RIM_WIDTH))
    shapes = (whole * blur, (whole - core) * blur)
    weight = 2 * 2 * np.pi * plane * STEP / (240 * quality.slice_mm) / power
    core_core, core_rim, rim_rim = (
        float((shapes[i] * shapes[j] * weight).sum()) for i, j in ((0, 0), (0, 1), (1, 1))
    )
    return (core_core, core_rim), (core_rim, rim_rim)


def information(quality: CtQuality, diameter_mm: float) -> Floats:
    """Fisher information (2, 2) per HU2 of the contrast of a lesion, and of its rim over it, in one phase.

    For a ball of known place and size in stationary normal noise and texture this is the integral over frequencies of
    |S|2/N, S the transform of ball or shell through the system and N the power of noise and texture: what the ideal
    linear observer, which whitens first, reaches (Barrett and Myers, 2004).
    """
    if not np.isfinite(diameter_mm) or diameter_mm <= 0:
        raise SimulationError(f"a lesion of {diameter_mm!r} mm cannot be seen; give a diameter above 0")
    return np.array(_information(quality, round(float(diameter_mm), 3)))


def _noise(quality: CtQuality, plane: Floats) -> Floats:
    """Power (HU2 mm3) of the noise: a ramp under the kernel, alike in every slice."""
    shape = (plane + quality.noise_floor) * np.exp(-4 * (np.pi * quality.blur_mm * plane) ** 2)
    total = float((shape * 2 * np.pi * plane * STEP).sum())
    return np.asarray(quality.noise_hu**2 * quality.slice_mm * shape / total)


def _texture(quality: CtQuality, frequency: Floats) -> Floats:
    """Power (HU2 mm3) of the parenchyma before it is imaged."""
    width = quality.texture_mm
    return np.asarray(
        quality.texture_hu**2
        * (2 * np.sqrt(np.pi) * width) ** 3
        * np.exp(-((2 * np.pi * width * frequency) ** 2))
    )


def _ball(frequency: Floats, radius_mm: float) -> Floats:
    """Fourier transform (mm3) of a ball of height 1."""
    q = 2 * np.pi * radius_mm * frequency
    volume = 4 / 3 * np.pi * radius_mm**3
    near = q < 1e-3
    safe = np.where(near, 1.0, q)
    return np.asarray(volume * np.where(near, 1.0, 3 * (np.sin(safe) - safe * np.cos(safe)) / safe**3))
