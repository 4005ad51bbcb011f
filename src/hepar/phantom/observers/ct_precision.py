"""How well contrast can be known from a SIMULATED CT at best: the Fisher information of a lesion's core and rim."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from ...core.errors import SimulationError
from ..ct.acquisition import KERNELS, SCANNERS, Acquisition
from ..ct.noise import PIXEL, noise_power, relative_noise, slice_weights
from ..ct.parenchyma import FINE_MM, LIVER_HU, PATCH_MM

Floats = NDArray[np.float64]
Pair = tuple[float, float]

RIM_WIDTH = 0.2
"""Of the radius: the ring whose contrast is told from that of the core."""
STEP, ACROSS = 0.0025, 100
"""Steps in the plane (cycles/mm) and number of steps between slices in which power is summed."""
COARSE_MM, COARSE, PATCHES_HU = 4.0, 0.45, 2.0
"""Of the texture of a liver that is somewhat fibrotic: width and share of its coarse part, SD of uneven fat."""


@dataclass(frozen=True, slots=True)
class CtQuality:
    """What limits a CT: how it was taken, of a body of `water_cm` (water-equivalent diameter), in pixels of `pixel_mm`.

    `texture` are SD (HU) and width (SD of the Gaussian, mm) of the fields that the parenchyma is made of. Defaults are
    scanner A in its usual setting, a body and a liver of middle size and texture.
    """

    acquisition: Acquisition = SCANNERS["A"].usual
    water_cm: float = 26.0
    pixel_mm: float = 0.75
    texture: tuple[Pair, ...] = (
        (LIVER_HU * (1 - COARSE) ** 0.5, FINE_MM),
        (1.3 * LIVER_HU * COARSE**0.5, COARSE_MM),
        (PATCHES_HU, PATCH_MM),
    )

    def __post_init__(self) -> None:
        sizes = (self.water_cm, self.pixel_mm, *(part for pair in self.texture for part in pair))
        if not np.isfinite(sizes).all() or min(sizes) <= 0:
            raise SimulationError(
                f"a body of {self.water_cm!r} cm, pixels of {self.pixel_mm!r} mm, texture {self.texture!r}: "
                "give finite numbers above 0"
            )

    @property
    def dose(self) -> float:
        """Noise over that of the reference dose, body and slice."""
        return float(relative_noise(self.acquisition, np.array([self.water_cm]))[0])

    @property
    def noise_hu(self) -> float:
        """SD of the noise in a voxel."""
        plane = _plane(self)
        power = noise_power(self.acquisition)(plane)
        return float(self.dose * np.sqrt((power * 2 * np.pi * plane * STEP).sum()))

    @property
    def resolution_mm(self) -> float:
        """SD of the point spread, the mean of plane and slice."""
        plane = np.hypot(KERNELS[self.acquisition.kernel].blur_mm, PIXEL * self.pixel_mm)
        return float((2 * plane + self.acquisition.slice_mm / np.sqrt(12)) / 3)


def information(quality: CtQuality, diameter_mm: float) -> Floats:
    """Fisher information (2, 2) per HU2 of the contrast of a lesion, and of its rim over it, in one phase.

    For a ball of known place and size in stationary normal noise and texture this is the integral over frequencies of
    |S|2/N, S the transform of ball or shell through the system and N the power of noise and texture: what the ideal
    linear observer, which whitens first, reaches (Barrett and Myers, 2004).
    """
    if not np.isfinite(diameter_mm) or diameter_mm <= 0:
        raise SimulationError(f"a lesion of {diameter_mm!r} mm cannot be seen; give a diameter above 0")
    return np.array(_information(quality, round(float(diameter_mm), 3)))


@lru_cache(maxsize=1024)
def _information(quality: CtQuality, diameter_mm: float) -> tuple[Pair, Pair]:
    plane = _plane(quality)[:, None]
    step = 1 / (2 * quality.acquisition.slice_mm * ACROSS)
    across = np.asarray((np.arange(ACROSS) + 0.5)[None, :] * step, np.float64)
    whole, core = (
        _imaged(quality, plane, across, radius_mm=diameter_mm / 2 * share) for share in (1.0, 1 - RIM_WIDTH)
    )
    shapes = (whole, whole - core)
    weight = 2 * step * 2 * np.pi * plane * STEP / _power(quality, plane, across)
    core_core, core_rim, rim_rim = (
        float((shapes[i] * shapes[j] * weight).sum()) for i, j in ((0, 0), (0, 1), (1, 1))
    )
    return (core_core, core_rim), (core_rim, rim_rim)


def _plane(quality: CtQuality) -> Floats:
    """Frequencies in the plane up to what the pixels hold."""
    return np.arange(STEP / 2, min(0.8, 1 / (2 * quality.pixel_mm)), STEP)


def _folded(quality: CtQuality, across: Floats) -> list[Floats]:
    """Frequencies between slices that look like `across` once there are slices."""
    return [across + fold / quality.acquisition.slice_mm for fold in (-1, 0, 1)]


def _imaged(quality: CtQuality, plane: Floats, across: Floats, *, radius_mm: float) -> Floats:
    """Transform (mm3) of a ball in the middle of a slice: each slice holds the mean of its own thickness."""
    kernel = KERNELS[quality.acquisition.kernel]
    squared = kernel.blur_mm**2 + (PIXEL * quality.pixel_mm) ** 2
    found = np.zeros(np.broadcast_shapes(plane.shape, across.shape))
    for folded in _folded(quality, across):
        ball = _ball(np.hypot(plane, folded), radius_mm)
        found += ball * np.sinc(folded * quality.acquisition.slice_mm)
    return np.asarray(found * np.exp(-2 * np.pi**2 * squared * plane**2) * _mixed(quality, across))


def _power(quality: CtQuality, plane: Floats, across: Floats) -> Floats:
    """Power (HU2 mm3) of noise and parenchyma in the scan."""
    kernel, slice_mm = KERNELS[quality.acquisition.kernel], quality.acquisition.slice_mm
    mixed = _mixed(quality, across) ** 2
    noise = noise_power(quality.acquisition)(plane) * quality.dose**2 * slice_mm
    squared = kernel.blur_mm**2 + (PIXEL * quality.pixel_mm) ** 2
    tissue = np.zeros(np.broadcast_shapes(plane.shape, across.shape))
    for folded in _folded(quality, across):
        for hu, mm in quality.texture:
            power = hu**2 * (2 * np.sqrt(np.pi) * mm) ** 3
            tissue += power * np.exp(-((2 * np.pi * mm) ** 2) * (plane**2 + folded**2))
    tissue *= np.exp(-4 * np.pi**2 * squared * plane**2)
    weights = slice_weights(quality.acquisition, slice_mm)
    return np.asarray(mixed * (noise / (weights**2).sum() + tissue))


def _mixed(quality: CtQuality, across: Floats) -> Floats:
    """What the overlap of slices, a slice apart, leaves of each frequency between them."""
    slice_mm = quality.acquisition.slice_mm
    weights = slice_weights(quality.acquisition, slice_mm)
    places = np.arange(len(weights)) - len(weights) // 2
    return np.asarray(
        sum(
            weight * np.cos(2 * np.pi * across * place * slice_mm)
            for weight, place in zip(weights, places, strict=True)
        )
    )


def _ball(frequency: Floats, radius_mm: float) -> Floats:
    """Fourier transform (mm3) of a ball of height 1."""
    q = 2 * np.pi * radius_mm * frequency
    volume = 4 / 3 * np.pi * radius_mm**3
    near = q < 1e-3
    safe = np.where(near, 1.0, q)
    return np.asarray(volume * np.where(near, 1.0, 3 * (np.sin(safe) - safe * np.cos(safe)) / safe**3))
