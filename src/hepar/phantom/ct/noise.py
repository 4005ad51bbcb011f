"""Noise of SIMULATED CT: correlated in the slice as the kernel makes it, between slices as their overlap makes it."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import scipy.fft
from numpy.typing import NDArray
from scipy.ndimage import correlate1d

from ..fields import Field
from ..grid import Grid
from .acquisition import KERNELS, Acquisition

Floats = NDArray[np.float64]

REFERENCE_HU = 14.0
"""SD of noise at the middle of 30 cm of water: 120 kVp, 200 mAs, 3 mm, medium kernel; typical value."""
REFERENCE_CM, REFERENCE_MAS, REFERENCE_MM = 30.0, 200.0, 3.0
ARMS = 1.25
"""How much noisier a scan is with the arms beside the body; typical value."""
TUBE_POWER = 2.6
"""Output of the tube goes with this power of kVp; typical value."""
ITERATIVE_CUT = 0.15
"""Cycles/mm above which iterative reconstruction takes noise away; set on a real liver, at strength 0.62."""
PROFILE = 0.43
"""SD of the Gaussian sensitivity profile over the nominal thickness of the slice, a little above a box of that width;
set on the correlation of noise between slices of 3 mm, 2 mm apart (0.64)."""


PIXEL = 0.35
"""SD, in pixels, of the Gaussian that stands for the averaging of a pixel."""


def noise_power(acquisition: Acquisition) -> Callable[[Floats], Floats]:
    """Noise power (HU2 mm2) in the slice by frequency (cycles/mm), at the reference dose, thickness and body."""
    unit = REFERENCE_HU**2 / _variance("medium", 0.0)
    return lambda f: unit * _shape(f, acquisition.kernel, acquisition.iterative)


def relative_noise(acquisition: Acquisition, water_cm: Floats) -> Floats:
    """How noise grows with the water-equivalent diameter (cm) and falls with dose and thickness; 1 at the reference.

    Variance goes with exp(mu d) over the quanta. Tube current follows the body by `modulation`, between 0.3 and 4
    times its usual value; it does not see arms beside the body.
    """
    attenuation = _mu_cm(acquisition.kvp) * (water_cm - REFERENCE_CM)
    followed = np.clip(np.exp(acquisition.modulation * attenuation), 0.3, 4.0)
    quanta = acquisition.mas / REFERENCE_MAS * (acquisition.kvp / 120) ** TUBE_POWER * followed
    arms = ARMS if acquisition.arms_down else 1.0
    return np.asarray(arms * np.sqrt(np.exp(attenuation) / quanta * REFERENCE_MM / acquisition.slice_mm))


def slice_weights(acquisition: Acquisition, interval_mm: float) -> Floats:
    """Weights (2 k + 1,), sum 1, of neighbouring slices in a slice of the thickness that was asked for."""
    width = PROFILE * acquisition.slice_mm / interval_mm
    reach = int(np.ceil(2.5 * width)) if width > 0.25 else 0
    weights = np.exp(-0.5 * (np.arange(-reach, reach + 1) / width) ** 2)
    return np.asarray(weights / weights.sum())


@dataclass(frozen=True, slots=True)
class NoiseFilter:
    """What white noise goes through: `gain` on `rfft2` of a slice of `size` (y, x), `weights` between slices."""

    gain: Field
    weights: Floats
    size: tuple[int, int]

    @property
    def sd_hu(self) -> float:
        """SD of the noise in the reference body."""
        twice = np.full(self.gain.shape[1], 2.0)
        twice[0] = 1.0
        if self.size[1] % 2 == 0:
            twice[-1] = 1.0
        total = (self.gain.astype(np.float64) ** 2 * twice).sum()
        return float(np.sqrt(total / (self.size[0] * self.size[1])))


def noise_filter(acquisition: Acquisition, grid: Grid, *, oblong: float = 0.0) -> NoiseFilter:
    """The filter of a scan on `grid`; `oblong` above 0 makes noise streaky along x, the longer way through a body.

    Frequencies beyond the pixels of the grid are left out: coarse pixels are as quiet as averages of fine ones.
    """
    weights = slice_weights(acquisition, grid.spacing_mm[0])
    weights /= np.sqrt((weights**2).sum())
    f_y, f_x = _frequencies(grid)
    f = np.hypot(f_y, f_x)
    turned = np.exp(oblong * (f_y**2 - f_x**2) / np.maximum(f, 1e-9) ** 2) / np.i0(oblong)
    power = noise_power(acquisition)(f) * turned
    gain = np.sqrt(power / (grid.spacing_mm[1] * grid.spacing_mm[2])).astype(np.float32)
    return NoiseFilter(gain, weights, (grid.shape[1], grid.shape[2]))


def noise_slabs(rng: np.random.Generator, passed: NoiseFilter, counts: Iterable[int]) -> Iterator[Field]:
    """Noise (n, y, x) in HU of the reference body, `counts` slices at a time: the same slices however they are cut."""
    reach = len(passed.weights) // 2
    white = rng.standard_normal((2 * reach, *passed.size), dtype=np.float32)
    for n in counts:
        fresh = rng.standard_normal((n, *passed.size), dtype=np.float32)
        white = np.concatenate([white, fresh])
        yield _coloured(white, passed, reach=reach)
        white = white[len(white) - 2 * reach :]


def _coloured(white: Field, passed: NoiseFilter, *, reach: int) -> Field:
    mixed = correlate1d(white, passed.weights, axis=0)[reach : len(white) - reach] if reach else white
    waves = scipy.fft.rfft2(mixed)
    waves *= passed.gain
    found: Field = scipy.fft.irfft2(waves, s=passed.size, overwrite_x=True)
    return found


def transfer(acquisition: Acquisition, grid: Grid) -> Field:
    """What the kernel leaves of each frequency of `rfft2` of a slice, with the averaging of a pixel."""
    kernel = KERNELS[acquisition.kernel]
    f_y, f_x = _frequencies(grid)
    f2 = f_y**2 + f_x**2
    blur = np.exp(-2 * np.pi**2 * kernel.blur_mm**2 * f2)
    across = (grid.spacing_mm[1] * f_y) ** 2 + (grid.spacing_mm[2] * f_x) ** 2
    pixel = np.exp(-2 * np.pi**2 * PIXEL**2 * across)
    bump = (f2 / 0.35**2) * np.exp(1 - f2 / 0.35**2)
    return (blur * pixel * (1 + kernel.edge * bump)).astype(np.float32)


def _frequencies(grid: Grid) -> tuple[Floats, Floats]:
    """Cycles/mm along y and x of the coefficients of `rfft2`, to be broadcast."""
    f_y = scipy.fft.fftfreq(grid.shape[1], grid.spacing_mm[1])[:, None]
    f_x = scipy.fft.rfftfreq(grid.shape[2], grid.spacing_mm[2])[None, :]
    return f_y, f_x


def _shape(f: Floats, kernel: str, iterative: float) -> Floats:
    found = KERNELS[kernel]
    filtered = (f + found.floor) * np.exp(-((f / found.cut) ** found.order))
    return np.asarray(filtered / (1 + (f / ITERATIVE_CUT) ** 2) ** iterative)


@lru_cache
def _variance(kernel: str, iterative: float) -> float:
    """Integral of the shape over the plane of frequencies."""
    f = np.linspace(0, 4, 8001)
    return float(np.trapezoid(2 * np.pi * f * _shape(f, kernel, iterative), f))


def _mu_cm(kvp: float) -> float:
    """Attenuation of water (1/cm) at the mean energy of the beam; from tables of NIST, rounded."""
    return float(np.interp(kvp, [80, 100, 120, 140], [0.219, 0.205, 0.195, 0.188]))
