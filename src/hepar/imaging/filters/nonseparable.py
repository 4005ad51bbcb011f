"""Non-separable wavelets: filters that pass a ring of frequencies, the same in all directions."""

import numpy as np
from numpy.typing import NDArray

from ...core.errors import ProtocolError
from .fourier import Frequencies, Transfer, fourier_filter
from .options import Boundary, Ring
from .separable import Image


def nonseparable_wavelet(
    image: Image,
    *,
    level: int = 1,
    ring: Ring = "simoncelli",
    dimensions: int = 3,
    boundary: Boundary = "mirror",
) -> Image:
    """Band-pass response of the undecimated transform at `level`: 1 holds the highest frequencies (IBSI LODD).

    With v the distance from the origin of the frequency domain and v_max = 2^(1 - level) of the Nyquist frequency, the
    transfer function is cos(pi/2 log2(2 v / v_max)) from v_max / 4 to v_max for "simoncelli" (Simoncelli & Freeman,
    1995), 1 from v_max / 2 to v_max for "shannon", and 0 elsewhere.
    """
    return fourier_filter(
        image, ring_transfer(ring, level), dimensions=dimensions, pad=pad_voxels(level), boundary=boundary
    )


def pad_voxels(level: int) -> int:
    """How far the image is continued beyond its border: 32 voxels at the first level, twice as far at each next."""
    return 16 << level


def ring_transfer(ring: Ring, level: int) -> Transfer:
    """The transfer function of `nonseparable_wavelet`."""
    if level < 1:
        raise ProtocolError(f"{ring} wavelet: level {level}; give 1 or more")
    highest = np.float32(2.0 ** (1 - level))

    def simoncelli(frequencies: Frequencies) -> NDArray[np.float32]:
        distance = radius(frequencies)
        inside = (distance >= highest / 4) & (distance <= highest)
        octave = np.log2(2 * np.where(inside, distance, highest) / highest)
        return np.where(inside, np.cos(np.float32(np.pi / 2) * octave), np.float32(0))

    def shannon(frequencies: Frequencies) -> NDArray[np.float32]:
        distance = radius(frequencies)
        return ((distance >= highest / 2) & (distance <= highest)).astype(np.float32)

    return simoncelli if ring == "simoncelli" else shannon


def radius(frequencies: Frequencies) -> NDArray[np.float32]:
    """Distance from the origin of the frequency domain."""
    total = sum((grid**2 for grid in frequencies[1:]), start=frequencies[0] ** 2)
    return np.sqrt(total, dtype=np.float32)
