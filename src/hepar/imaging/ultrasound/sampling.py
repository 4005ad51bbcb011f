"""What the windows, band and noise of an acquisition make of chance: spread of linear combinations of log spectra."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import scipy.fft
from numpy.typing import NDArray

from ...core.errors import ProtocolError
from .levels import BAND_DB, LEAST_FREQUENCIES, LEAST_WINDOWS

Floats = NDArray[np.float64]
HALF = float(np.sqrt(8 * np.log(2)))
"""Full width at half maximum over standard deviation of a Gaussian."""
USABLE_DB = 10.0
"""Frequencies are used so much above the noise, as `spectra` has it unless told otherwise."""
FINE = 1.5
"""Length of the transform over that of the window, as in `spectra`."""


@dataclass(frozen=True, slots=True)
class Sampling:
    """Windows of `window_mm` over `depth_mm`, and a Gaussian band; see `precision.expected_precision`."""

    fc_mhz: float
    bandwidth: float
    fs_mhz: float
    lines: int
    depth_mm: tuple[float, float]
    window_mm: float
    overlap: float
    snr_db: float
    c_mm_us: float

    def __post_init__(self) -> None:
        for name, high in (
            ("fc_mhz", 100),
            ("bandwidth", 2),
            ("fs_mhz", 1000),
            ("c_mm_us", 10),
            ("lines", 1e5),
        ):
            if not 0 < getattr(self, name) <= high:
                raise ProtocolError(
                    f"{name} is {getattr(self, name)!r}; give a number above 0, of {high:g} at most"
                )
        if not 0 <= self.overlap <= 0.95:
            raise ProtocolError(f"overlap is {self.overlap!r}; give a share from 0 to 0.95")
        if not self.snr_db > USABLE_DB:
            raise ProtocolError(
                f"snr_db is {self.snr_db!r}; no frequency is used that is not over {USABLE_DB:g} dB above the noise:"
                " take a shallower region"
            )
        top, bottom = self.depth_mm
        if not (
            0 <= top < bottom < np.inf
            and 0 < self.window_mm < np.inf
            and self.size >= 8
            and self.middle_cm.size >= LEAST_WINDOWS
        ):
            raise ProtocolError(
                f"fewer than {LEAST_WINDOWS} windows of {self.window_mm:g} mm fit into {self.depth_mm[0]:g} to"
                f" {self.depth_mm[1]:g} mm, or a window has fewer than 8 samples; give a taller region"
            )

    @property
    def size(self) -> int:
        """Samples of a window."""
        return round(self.window_mm * 2 * self.fs_mhz / self.c_mm_us)

    @property
    def hop(self) -> int:
        """Samples from one window to the next."""
        return max(round(self.size * (1 - self.overlap)), 1)

    @property
    def middle_cm(self) -> Floats:
        """Depths (w,) of the windows."""
        sample_mm = self.c_mm_us / (2 * self.fs_mhz)
        count = round((self.depth_mm[1] - self.depth_mm[0]) / sample_mm) + 1
        starts = np.arange(0, count - self.size + 1, self.hop)
        made: Floats = (self.depth_mm[0] + (starts + (self.size - 1) / 2) * sample_mm) / 10
        return made

    @property
    def variance_mhz2(self) -> tuple[float, float]:
        """Of the transducer's power spectrum, and of the window's, which widens it."""
        own = (self.fc_mhz * self.bandwidth / HALF) ** 2 / 2
        return own, (self.fs_mhz / self.size) ** 2 / 3

    @property
    def dilution(self) -> float:
        """By how much the window flattens change over frequency, and its undoing amplifies chance."""
        own, window = self.variance_mhz2
        return (own + window) / own

    @property
    def frequency_mhz(self) -> Floats:
        """Frequencies (n,) in use.

        Attenuation lowers them and scattering raises them; at usual depths the two about cancel, so both are left out.
        """
        within_db = min(BAND_DB, self.snr_db - USABLE_DB)
        reach = float(np.sqrt(2 * within_db * np.log(10) / 10 * sum(self.variance_mhz2)))
        low, high = max(self.fc_mhz - reach, 0.05 * self.fc_mhz), min(self.fc_mhz + reach, self.fs_mhz / 2)
        step = self.fs_mhz / scipy.fft.next_fast_len(round(FINE * self.size), real=True)
        made: Floats = np.arange(np.ceil(low / step), np.floor(high / step) + 1) * step
        return made

    def spread(self, weights: Callable[[Floats, Floats], Floats]) -> float:
        """Standard deviation of sum(weights * ln power) of one spectrum whose logarithms have variance 1.

        `weights` makes (w, n) of depths (w,) cm and frequencies (n,) MHz.
        """
        frequency = self.frequency_mhz
        if frequency.size < LEAST_FREQUENCIES:
            raise ProtocolError(
                f"a band of {self.bandwidth:g} around {self.fc_mhz:g} MHz holds {frequency.size} of the frequencies"
                f" that windows of {self.window_mm:g} mm tell apart; needed are {LEAST_FREQUENCIES}: give longer ones"
            )
        below_db = 10 / np.log(10) * (frequency - self.fc_mhz) ** 2 / (2 * sum(self.variance_mhz2))
        noisy = 1 + 10 ** ((below_db - self.snr_db) / 10)
        made = weights(self.middle_cm, frequency) * noisy
        apart = frequency[1] - frequency[0]
        shared = _ambiguity(self.size, hop=self.hop, turns=apart / self.fs_mhz, shape=made.shape)
        return float(np.sqrt((_products(made) * shared).sum()))


def _ambiguity(size: int, *, hop: int, turns: float, shape: tuple[int, int]) -> Floats:
    """Correlation (2 w - 1, 2 n - 1) of powers of Hann windows some hops and some frequencies apart, from - to +.

    `turns` per sample is the difference of neighbouring frequencies.
    """
    window = np.sin(np.pi * (np.arange(size) + 0.5) / size) ** 2
    windows, places = shape
    made = np.zeros(shape)
    for k in range(min(windows, -(-size // hop))):
        both = window[k * hop :] * window[: size - k * hop]
        wave = np.exp(-2j * np.pi * turns * np.outer(np.arange(places), np.arange(both.size)))
        made[k] = np.abs(wave @ both) ** 2
    made /= made[0, 0]
    half = np.concatenate((made[:, :0:-1], made), axis=1)
    return np.concatenate((half[:0:-1], half))


def _products(weights: Floats) -> Floats:
    """Sum of the products of all weights (w, n) so far apart (2 w - 1, 2 n - 1), from - to +."""
    windows, places = weights.shape
    size = (2 * windows - 1, 2 * places - 1)
    found = scipy.fft.irfft2(np.abs(scipy.fft.rfft2(weights, s=size)) ** 2, s=size)
    made: Floats = scipy.fft.fftshift(found)
    return made
