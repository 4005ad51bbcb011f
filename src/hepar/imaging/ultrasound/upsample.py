"""Echoes between samples: channels interpolated within the band that they were sampled in."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from .channels import ChannelData

PADDING = 32
"""Zeros after the record, so that its end does not run into its beginning."""


def upsampled(data: ChannelData, *, frames: slice, transmission: int, factor: int) -> NDArray[np.float32]:
    """Radio frequency (frames, channels, samples) of one transmission at `factor` times the sampling rate.

    The spectrum is put where the band is: real samples are those of the frequencies between two multiples of half the
    sampling rate that enclose the centre frequency, demodulated ones are moved back by what they were demodulated at.
    It is divided by sinc^2(f / rate), which is what straight lines between the new samples take away in the mean.
    """
    rf = _without_gain(data, data.rf[frames, transmission])
    samples = rf.shape[2]
    length = fft.next_fast_len((samples + PADDING + 1) // 2) * 2
    if data.demodulated_mhz is None:
        made = _real(rf, data, length=length, factor=factor)
    else:
        made = _modulated(rf, data, length=length, factor=factor, t0_us=float(data.t0_us[transmission]))
    kept = made[..., : (samples - 1) * factor + 1]
    return np.ascontiguousarray(kept, dtype=np.float32)


def _without_gain(data: ChannelData, rf: NDArray[Any]) -> NDArray[Any]:
    kind = np.complex64 if data.demodulated_mhz is not None else np.float32
    if data.tgc_db is None:
        return rf.astype(kind)
    return np.asarray(rf * 10 ** (-data.tgc_db / 20), dtype=kind)


def _real(rf: NDArray[Any], data: ChannelData, *, length: int, factor: int) -> NDArray[Any]:
    found = np.asarray(fft.rfft(rf, n=length, axis=-1), dtype=np.complex64)
    half = length // 2
    zone = data.zone
    if zone:
        # what lies on an edge of the band belongs to two of them
        found[..., [0, half]] = 0
    else:
        found[..., half] /= 2
    spectrum = np.zeros((*found.shape[:-1], factor * half + 1), dtype=np.complex64)
    place = slice(zone * half, (zone + 1) * half + 1)
    spectrum[..., place] = found[..., ::-1].conj() if zone % 2 else found
    frequency = np.arange(zone * half, (zone + 1) * half + 1) * (data.fs_mhz / length)
    spectrum[..., place] = spectrum[..., place] * _restoring(frequency, rate_mhz=factor * data.fs_mhz)
    return np.asarray(fft.irfft(spectrum, n=factor * length, axis=-1) * np.float32(factor))


def _modulated(
    rf: NDArray[Any], data: ChannelData, *, length: int, factor: int, t0_us: float
) -> NDArray[Any]:
    carrier = data.demodulated_mhz or 0.0
    rate, half = factor * data.fs_mhz, length // 2
    frequency = np.fft.fftfreq(length, 1 / data.fs_mhz) + carrier
    found = np.asarray(fft.fft(rf, n=length, axis=-1)) * _restoring(frequency, rate_mhz=rate)
    spectrum = np.zeros((*found.shape[:-1], factor * length), dtype=np.complex64)
    spectrum[..., :half], spectrum[..., -half:] = found[..., :half], found[..., half:]
    time_us = t0_us + np.arange(factor * length) / rate
    turn = (np.exp(2j * np.pi * carrier * time_us) * factor).astype(np.complex64)
    return np.asarray((fft.ifft(spectrum, axis=-1, overwrite_x=True) * turn).real)


def _restoring(frequency_mhz: NDArray[Any], *, rate_mhz: float) -> NDArray[np.float32]:
    return (1 / np.sinc(frequency_mhz / rate_mhz) ** 2).astype(np.float32)
