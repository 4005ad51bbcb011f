"""From signal to a magnitude image by way of k-space: resolution, ringing, breathing, ghosts and Rician noise."""

from dataclasses import dataclass

import numpy as np
import scipy.fft
from numpy.typing import NDArray

from .tissue import Values

Waves = NDArray[np.complex64]
SLAB = 16
"""Slices transformed at a time; bounds memory."""


@dataclass(frozen=True, slots=True)
class Reading:
    """How k-space is read, in one plane.

    `spacing_mm` (y, x) of the image, `pixel_mm` (y, x) of the reading, `apodise` the share of k-space rolled off,
    `blur_mm` the SD of further blur along y, `shift_mm` (y, x) of everything, `breath_mm` the amplitude with which the
    front moves along y, `cycles` of it over the lines, `breath_cycle` its start, `noise` the SD of either channel.
    """

    spacing_mm: tuple[float, float]
    pixel_mm: tuple[float, float]
    apodise: float = 0.0
    blur_mm: float = 0.0
    shift_mm: tuple[float, float] = (0.0, 0.0)
    breath_mm: float = 0.0
    cycles: float = 0.0
    breath_cycle: float = 0.0
    noise: float = 0.0


def read_out(
    signal: Values, reading: Reading, *, sensitivity: Values, front: Values, rng: np.random.Generator
) -> Values:
    """Magnitude (z, y, x) of `signal` seen by a coil of `sensitivity` (z, y, x).

    `front` (y,) is how much each row takes part in breathing. Noise is complex, normal and white over the k-space that
    is read, so that a magnitude follows Rice's distribution, Rayleigh's in the background (Gudbjartsson and Patz 1995).
    """
    found = np.empty(signal.shape, np.float32)
    window = _window(signal.shape[1:], reading)
    ramp = _ramp(signal.shape[1:], reading)
    loud = _noise_scale(reading, window)
    for first in range(0, len(signal), SLAB):
        slab = slice(first, first + SLAB)
        waves = _breathing(signal[slab] * sensitivity[slab], reading, front=front, first=first)
        waves *= ramp
        if loud:
            waves += loud * _complex_normal(rng, waves.shape)
        waves *= window
        found[slab] = np.abs(scipy.fft.ifft2(waves, norm="ortho", overwrite_x=True))
    return found


def _breathing(seen: Values, reading: Reading, *, front: Values, first: int) -> Waves:
    """k-space of slices whose front moves while lines are read: line k has the phase of where the front then was."""
    waves = _transformed(seen)
    if not reading.breath_mm:
        return waves
    ky = scipy.fft.fftfreq(seen.shape[1], reading.spacing_mm[0])
    when = ky * reading.pixel_mm[0] + 0.5
    slices = np.arange(first, first + len(seen))[:, None]
    at_mm = reading.breath_mm * np.sin(
        2 * np.pi * (reading.cycles * when + reading.breath_cycle + 0.37 * slices)
    )
    change = (np.exp(-2j * np.pi * ky * at_mm) - 1).astype(np.complex64)
    moving = _transformed(seen * front[:, None])
    waves += np.multiply(moving, change[:, :, None], out=moving)
    return waves


def _transformed(images: Values) -> Waves:
    found = scipy.fft.fft2(images.astype(np.complex64), norm="ortho", overwrite_x=True)
    return found.astype(np.complex64, copy=False)


def _ramp(shape: tuple[int, ...], reading: Reading) -> Waves:
    """Phase that shifts the image, and the decay of a train of echoes, which blurs the signal but not the noise."""
    ky, kx = (scipy.fft.fftfreq(n, mm) for n, mm in zip(shape, reading.spacing_mm, strict=True))
    shift_y, shift_x = reading.shift_mm
    decay = np.exp(-0.5 * (2 * np.pi * reading.blur_mm * ky) ** 2)[:, None]
    phase: Waves = (decay * np.exp(-2j * np.pi * (ky[:, None] * shift_y + kx * shift_x))).astype(np.complex64)
    return phase


def _window(shape: tuple[int, ...], reading: Reading) -> Values:
    """Weight of every coefficient: 0 beyond what is read, rolled off before (Tukey 1967)."""
    sides = []
    for n, mm, pixel in zip(shape, reading.spacing_mm, reading.pixel_mm, strict=True):
        edge = 0.5 / max(pixel, mm)
        over = np.abs(scipy.fft.fftfreq(n, mm)) / edge
        roll = np.clip((over - (1 - reading.apodise)) / max(reading.apodise, 1e-6), 0, 1)
        sides.append(np.where(over <= 1 + 1e-6, 0.5 * (1 + np.cos(np.pi * roll)), 0))
    return (sides[0][:, None] * sides[1]).astype(np.float32)


def _noise_scale(reading: Reading, window: Values) -> float:
    """SD of the noise of a coefficient so that either channel of the image has `reading.noise`."""
    kept = float(np.mean(window.astype(np.float64) ** 2))
    return float(reading.noise / np.sqrt(kept)) if reading.noise else 0.0


def _complex_normal(rng: np.random.Generator, shape: tuple[int, ...]) -> Waves:
    """Real and imaginary parts of SD 1."""
    return rng.standard_normal((*shape, 2), dtype=np.float32).view(np.complex64)[..., 0]
