"""Power spectra of raw ultrasound along depth, with what of them is noise and what stands above it."""

from dataclasses import dataclass

import numpy as np
import scipy.fft
from numpy.typing import NDArray

from ...core.errors import DataError, ProtocolError
from .frames import Box, RfFrames

Floats = NDArray[np.float32]
LEAST_WAVES = 5.0
"""Wavelengths of the centre frequency in a window, at least; a shorter one has no frequency resolution left."""
ABOVE, BELOW = 0.85, 0.1
"""Frequencies above 0.85 of half the sampling rate, and below 0.1 of the centre frequency, hold noise alone."""
ECHO = (0.25, 2.5)
"""Frequencies, over the centre frequency, outside of which nothing is an echo: an offset of the converter is not."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Spectra:
    """Power spectra of windows along the lines.

    `frequency_mhz` (n,), `depth_mm` (w,) the middles of the windows, `power` (w, lines, n) the mean over the frames
    with gain undone: white noise of variance v has v everywhere. `noise` (w, n) is how much of it is noise, and
    `usable` (w, n) where the mean over the lines stands above that by the signal-to-noise ratio asked for.
    `smear_mhz` is the standard deviation of the window's own power spectrum, by which every spectrum is widened.
    """

    frequency_mhz: NDArray[np.float64]
    depth_mm: NDArray[np.float64]
    power: Floats
    noise: Floats
    usable: NDArray[np.bool_]
    smear_mhz: float

    @property
    def cells(self) -> NDArray[np.bool_]:
        """Windows and lines (w, lines) with any power; those that were left out have none."""
        made: NDArray[np.bool_] = self.power.max(axis=2) > 0
        return made

    def signal(self, weights: NDArray[np.float64] | None = None) -> NDArray[np.float64]:
        """Mean over the lines (w, n) less the noise; with `weights` (draws, lines), one for each draw (draws, w, n).

        Where noise is more than all, a thousandth of the noise is left, so that a logarithm exists; such places are
        not `usable`.
        """
        mean = self.power.mean(axis=1, dtype=np.float64)
        if weights is not None:
            shares = (weights / weights.sum(axis=1, keepdims=True)).astype(np.float32)
            mean = np.einsum("dl,wln->dwn", shares, self.power, optimize=True).astype(np.float64)
        tiny = np.finfo(np.float32).tiny
        made: NDArray[np.float64] = np.maximum(mean - self.noise, np.maximum(1e-3 * self.noise, tiny))
        return made

    def part(self, windows: NDArray[np.bool_], bins: NDArray[np.bool_]) -> "Spectra":
        """Only these windows (w,) and frequencies (n,)."""
        place = np.ix_(windows, bins)
        return Spectra(
            self.frequency_mhz[bins],
            self.depth_mm[windows],
            self.power[windows][..., bins],
            self.noise[place],
            self.usable[place],
            self.smear_mhz,
        )


def spectra(
    frames: RfFrames,
    *,
    box: Box,
    window_mm: float = 4.0,
    overlap: float = 0.75,
    snr_db: float = 10.0,
    silence: RfFrames | None = None,
) -> Spectra:
    """Spectra of Hann windows of `window_mm` that overlap by the share `overlap`, over the lines and depths of `box`.

    Noise is that of `silence`, a recording of the same preset without an echo, where given. Otherwise it is taken as
    white and read, window by window, from frequencies without echo (near half the sampling rate or far below the
    transducer's band, whichever holds less); a receiver that filters before it samples has more noise in the band
    than that.

    Raises:
        DataError: the box is outside the frame or no window fits into it; `silence` has another sampling.
        ProtocolError: a window of less than 5 wavelengths, an overlap that is not from 0 to 0.95, a wrong `snr_db`.
    """
    size, hop = _window(frames, window_mm=window_mm, overlap=overlap)
    if not (np.isfinite(snr_db) and snr_db >= 0):
        raise ProtocolError(f"snr_db is {snr_db!r}; give 0 or more, 10 is usual")
    power, starts = _power(frames, box=box, size=size, hop=hop)
    frequency = scipy.fft.rfftfreq(_length(size), 1 / frames.fs_mhz)
    mean = power.mean(axis=1)
    noise = _silent(silence, like=frames, box=box, size=size, hop=hop)
    if noise is None:
        noise = _white(mean, frequency, frames=frames)
    last = (size - 1) / 2 * frames.sample_mm
    return Spectra(
        frequency_mhz=frequency,
        depth_mm=frames.depth_mm[starts] + last,
        power=power,
        noise=noise,
        usable=(mean > noise * (1 + 10 ** (snr_db / 10))) & _of_echoes(frequency / frames.fc_mhz),
        smear_mhz=float(frames.fs_mhz / size / np.sqrt(3)),
    )


def _of_echoes(over_centre: NDArray[np.float64]) -> NDArray[np.bool_]:
    made: NDArray[np.bool_] = (over_centre >= ECHO[0]) & (over_centre <= ECHO[1])
    return made


def _window(frames: RfFrames, *, window_mm: float, overlap: float) -> tuple[int, int]:
    """Samples of a window, and from one window to the next."""
    least = LEAST_WAVES * frames.wavelength_mm / 2
    if not (np.isfinite(window_mm) and window_mm >= least):
        raise ProtocolError(
            f"window_mm is {window_mm!r}; at {frames.fc_mhz:g} MHz give {least:.2g} mm or more, 4 is usual"
        )
    if not 0 <= overlap <= 0.95:
        raise ProtocolError(f"overlap is {overlap!r}; give a share from 0 to 0.95, 0.75 is usual")
    size = round(window_mm / frames.sample_mm)
    return size, max(round(size * (1 - overlap)), 1)


def _length(size: int) -> int:
    """Of the transform; longer than the window, since a power spectrum has twice the detail of a spectrum."""
    return int(scipy.fft.next_fast_len(round(1.5 * size), real=True))


def _power(frames: RfFrames, *, box: Box, size: int, hop: int) -> tuple[Floats, NDArray[np.intp]]:
    """Power (w, lines, n) averaged over the frames, and the first sample (w,) of every window."""
    lines, samples = frames.within(box)
    stop = min(samples.stop, frames.rf.shape[2])
    starts = np.arange(samples.start, stop - size + 1, hop)
    if not starts.size:
        raise DataError(
            f"a region from {box.depth_mm[0]:g} to {box.depth_mm[1]:g} mm has no room for a window of"
            f" {size * frames.sample_mm:.1f} mm; give a taller region or a shorter window"
        )
    taper = np.sin(np.pi * (np.arange(size) + 0.5) / size) ** 2
    taper = (taper / np.sqrt((taper**2).sum())).astype(np.float32)
    clean = frames.without_gain()[:, lines]
    total = np.zeros((starts.size, clean.shape[1], _length(size) // 2 + 1), dtype=np.float32)
    for frame in clean:
        seen = np.lib.stride_tricks.sliding_window_view(frame, size, axis=1)[:, starts]
        waves = scipy.fft.rfft(seen.swapaxes(0, 1) * taper, n=_length(size), axis=2, overwrite_x=True)
        total += waves.real**2
        total += waves.imag**2
    total /= np.float32(clean.shape[0])
    return total, starts


def _white(mean: Floats, frequency_mhz: NDArray[np.float64], *, frames: RfFrames) -> Floats:
    """Noise (w, n) that is the same at all frequencies: the least of what is far above and far below the band."""
    high = frequency_mhz >= ABOVE * frames.fs_mhz / 2
    level = mean[:, high].mean(axis=1)
    low = (frequency_mhz <= BELOW * frames.fc_mhz) & (frequency_mhz > 0)
    if low.any():
        level = np.minimum(level, mean[:, low].mean(axis=1))
    return np.repeat(level[:, None], mean.shape[1], axis=1).astype(np.float32, copy=False)


def _silent(silence: RfFrames | None, *, like: RfFrames, box: Box, size: int, hop: int) -> Floats | None:
    """Noise (w, n) as recorded."""
    if silence is None:
        return None
    for name in ("fs_mhz", "start_mm", "c_mm_us"):
        if getattr(silence, name) != getattr(like, name):
            raise DataError(
                f"the recording without echo has {name} {getattr(silence, name):g}, this one has"
                f" {getattr(like, name):g}; record both with one preset"
            )
    silence.refuse_outside(box, name="of the recording without echo")
    power, _ = _power(silence, box=box, size=size, hop=hop)
    mean: Floats = power.mean(axis=1)
    return mean
