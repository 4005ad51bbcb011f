"""Pulse, beam and attenuation of a SIMULATED probe, in the frequency domain."""

from dataclasses import dataclass

import numpy as np
import scipy.fft

from .medium import form
from .probe import HALF, SPEED_MM_US, Array, Probe
from .scene import Lattice

BLOCK = 128
"""Samples of a block within which pulse, beam and attenuation are taken as constant; blocks overlap by half."""
REFERENCE_UM = 40.0
"""Effective scatterer diameter of the reference tissue, whose echo in focus has root mean square 1."""
DB = float(np.log(10) / 20)
FAINT = 1e-4
"""Share of the peak below which a frequency is left out."""


@dataclass(frozen=True, slots=True)
class Pulse:
    """The two-way pulse: `reach` samples to each side, `size` of the transform, its bins `first` to `last`.

    `frequency_mhz` and `amplitude`, both (bins,).
    """

    reach: int
    size: int
    first: int
    last: int
    frequency_mhz: Array
    amplitude: Array


def pulse(probe: Probe) -> Pulse:
    """A Gaussian of the probe's centre frequency and -6 dB bandwidth, of unit energy on the reference tissue."""
    reach = int(np.ceil(4.5 * probe.pulse_sd_us * probe.fs_mhz))
    size = int(scipy.fft.next_fast_len(BLOCK + 2 * reach, real=True))
    frequency = scipy.fft.rfftfreq(size, 1 / probe.fs_mhz).astype(np.float32)
    sd_mhz = np.float32(probe.fc_mhz * probe.bandwidth / HALF)
    amplitude = np.exp(-(((frequency - np.float32(probe.fc_mhz)) / sd_mhz) ** 2) / 2)
    echo = amplitude * form(frequency, REFERENCE_UM)
    seen = np.flatnonzero(echo > FAINT * echo.max())
    first, last = int(seen[0]), int(seen[-1]) + 1
    energy = probe.sample_mm * 2 / size * float((echo[first:last] ** 2).sum())
    scaled = (amplitude[first:last] / np.sqrt(energy)).astype(np.float32)
    return Pulse(reach, size, first, last, frequency[first:last], scaled)


def beam(lattice: Lattice, *, frequency_mhz: Array, depth_mm: Array, blur: float) -> Array:
    """Transfer (depths, frequencies, columns) from the columns to the lines: Gaussian beams.

    Receive focus is everywhere, at the f-number until the aperture is whole; transmit focus is fixed. Widths at half
    amplitude combine as 1/w^2 = 1/w_receive^2 + 1/w_transmit^2. The receive beam has unit energy; out of the transmit
    focus the amplitude falls as the square root of the transmit width grows.
    """
    probe = lattice.probe
    wave = np.float32(SPEED_MM_US) / frequency_mhz[None, :]
    depth = np.maximum(depth_mm, 1)[:, None]
    aperture = np.clip(depth / probe.f_number, probe.aperture_mm / 4, probe.aperture_mm)
    receive = wave * depth / aperture
    sent = probe.focus_mm / probe.transmit_f_number
    transmit = np.hypot(wave * depth / sent, sent * np.abs(1 - depth / probe.focus_mm))
    sd_mm = np.float32(blur / HALF) / np.sqrt(receive**-2 + transmit**-2)
    column_mm = (probe.pitch_mm(depth_mm) / np.float32(lattice.over))[:, None]
    gain = np.sqrt(2 * np.sqrt(np.pi) * sd_mm) / column_mm
    gain *= np.sqrt(wave * np.float32(probe.transmit_f_number) / np.maximum(transmit, wave))
    turn = (2 * np.pi * scipy.fft.fftfreq(lattice.columns)).astype(np.float32)
    made: Array = np.exp((sd_mm / column_mm)[..., None] ** 2 * (-(turn**2) / 2))
    made *= gain.astype(np.float32)[..., None]
    return made.astype(np.float32, copy=False)


def loss(one_way_db_mhz: Array, frequency_mhz: Array) -> Array:
    """Amplitude left (blocks, frequencies, lines) after the way there and back; `one_way_db_mhz` (blocks, lines)."""
    made: Array = np.exp(frequency_mhz[None, :, None] * (np.float32(-2 * DB) * one_way_db_mhz[:, None, :]))
    return made
