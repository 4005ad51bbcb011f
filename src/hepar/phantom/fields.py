"""Gaussian random fields by FFT: texture of tissue and noise of scanners, with the spectrum that is asked for."""

from collections.abc import Callable

import numpy as np
import scipy.fft
from numpy.typing import NDArray

Field = NDArray[np.float32]
Spectrum = Callable[[Field], Field]
"""Power density by spatial frequency in cycles per mm; its scale does not matter."""


def gaussian_field(
    rng: np.random.Generator, shape: tuple[int, ...], spacing_mm: tuple[float, ...], *, spectrum: Spectrum
) -> Field:
    """A field of mean 0 and SD 1 (both expected) with isotropic power `spectrum`, periodic at the edges."""
    waves = scipy.fft.rfftn(rng.standard_normal(shape, dtype=np.float32))
    gain = np.sqrt(np.maximum(spectrum(_frequency(shape, spacing_mm)), 0))
    waves *= gain
    found: Field = scipy.fft.irfftn(waves, s=shape, overwrite_x=True)
    found /= np.float32(np.sqrt(_mean_square(gain, shape[-1])))
    return found


def blob_spectrum(width_mm: float) -> Spectrum:
    """White noise under a Gaussian of standard deviation `width_mm`."""
    return lambda f: np.exp(-((2 * np.pi * width_mm * f) ** 2))


def _frequency(shape: tuple[int, ...], spacing_mm: tuple[float, ...]) -> Field:
    """Spatial frequency (cycles/mm) of every coefficient of `rfftn`."""
    *whole, last = [
        (scipy.fft.fftfreq if axis < len(shape) - 1 else scipy.fft.rfftfreq)(n, mm).astype(np.float32)
        for axis, (n, mm) in enumerate(zip(shape, spacing_mm, strict=True))
    ]
    squares = [axis**2 for axis in (*whole, last)]
    total = squares[0]
    for square in squares[1:]:
        total = total[..., None] + square
    return np.sqrt(total)


def _mean_square(gain: Field, last: int) -> float:
    """Mean of the squared gain over the full spectrum, of which `rfftn` keeps half."""
    twice = np.full(gain.shape[-1], 2.0)
    twice[0] = 1.0
    if last % 2 == 0:
        twice[-1] = 1.0
    return float((gain.astype(np.float64) ** 2 * twice).sum() / (np.prod(gain.shape[:-1]) * last))
