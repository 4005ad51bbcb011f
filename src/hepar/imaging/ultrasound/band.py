"""The band in which a recording holds echoes, how deep they stand above noise, and how noise changes over depth."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .frames import RfFrames
from .spectra import Spectra

Floats = NDArray[np.float64]
ROUNDING = 1 / 12
"""Variance of rounding to whole counts."""
ABOVE_ROUNDING = 4.0
FLOOR_DB = 60.0
"""Noise further below the echo than this may be what windows leak of the echo."""
LEAST_DEPTHS, LEAST_MM = 6, 15.0
"""Depths, and from the first to the last, that a slope of the noise needs."""
TINY = 1e-30


@dataclass(frozen=True, slots=True)
class Band:
    """Peak and -6 dB limits, MHz, of echoes; the widening by the window is taken off the limits."""

    peak_mhz: float
    low_mhz: float
    high_mhz: float

    @property
    def bandwidth(self) -> float:
        """Width over the middle of the band."""
        return 2 * (self.high_mhz - self.low_mhz) / (self.high_mhz + self.low_mhz)


def snr_db(found: Spectra) -> Floats:
    """Echo over noise (w, n), dB; -300 where there is no echo, +300 where there is no noise."""
    signal, noise = found.signal(), found.noise.astype(np.float64)
    ratio = np.where(found.power.mean(axis=1) > noise, signal, 0.0) / np.maximum(noise, TINY)
    made: Floats = np.clip(10 * np.log10(np.maximum(ratio, TINY)), -300, 300)
    return made


def measured_band(found: Spectra, *, use: NDArray[np.bool_]) -> Band | None:
    """Of the windows `use` (w,), each divided by its peak so that all depths count alike; none without an echo."""
    signal = found.signal()[use & found.usable.any(axis=1)]
    if not signal.size:
        return None
    mean = (signal / signal.max(axis=1, keepdims=True)).mean(axis=0)
    top = int(mean.argmax())
    peak = _vertex(found.frequency_mhz, mean, at=top)
    low, high = (_crossing(found.frequency_mhz, mean, at=top, step=step) for step in (-1, 1))
    sd = (high - low) / (2 * np.sqrt(2 * np.log(4)))
    kept = float(np.sqrt(max(1 - (found.smear_mhz / max(sd, TINY)) ** 2, 0.01)))
    return Band(peak, peak - (peak - low) * kept, peak + (high - peak) * kept)


def standing(found: Spectra, *, band: Band | None) -> NDArray[np.bool_]:
    """Depths (w,) at which half of the band or more stands above the noise."""
    if band is None:
        return np.zeros(found.depth_mm.size, dtype=bool)
    inside = (found.frequency_mhz >= band.low_mhz) & (found.frequency_mhz <= band.high_mhz)
    inside[int(np.abs(found.frequency_mhz - band.peak_mhz).argmin())] = True
    made: NDArray[np.bool_] = found.usable[:, inside].mean(axis=1) >= 0.5
    return made


def noise_slope(found: Spectra, frames: RfFrames) -> float | None:
    """How the noise changes over depth, dB/cm, with gain undone; a receiver's is the same at all depths.

    None where noise is too little to be told from rounding or from what windows leak of the echo at most depths.
    """
    level = found.noise.mean(axis=1, dtype=np.float64)
    peak = found.power.mean(axis=1).max(axis=1)
    rounding = np.zeros(level.size)
    if frames.rf.dtype == np.int16:
        rounding = ROUNDING * np.interp(found.depth_mm, frames.depth_mm, undone(frames)) ** 2
    use = (level > ABOVE_ROUNDING * rounding) & (level > peak * 10 ** (-FLOOR_DB / 10)) & (level > 0)
    depth = found.depth_mm[use]
    if depth.size < LEAST_DEPTHS or np.ptp(depth) < LEAST_MM:
        return None
    return float(np.polyfit(depth / 10, 10 * np.log10(level[use]), 1)[0])


def undone(frames: RfFrames) -> Floats:
    """Factor (samples,) by which `without_gain` multiplies."""
    down = np.zeros(frames.rf.shape[2]) if frames.tgc_db is None else np.asarray(frames.tgc_db, dtype=float)
    made: Floats = frames.scale * 10 ** (-(down + (frames.gain_db or 0.0)) / 20)
    return made


def _vertex(frequency: Floats, mean: Floats, *, at: int) -> float:
    """Of the parabola through the logarithms around the largest."""
    if not 0 < at < mean.size - 1:
        return float(frequency[at])
    left, middle, right = np.log(np.maximum(mean[at - 1 : at + 2], TINY))
    bend = left - 2 * middle + right
    shift = 0.0 if bend >= 0 else float(np.clip(0.5 * (left - right) / bend, -0.5, 0.5))
    return float(frequency[at] + shift * (frequency[1] - frequency[0]))


def _crossing(frequency: Floats, mean: Floats, *, at: int, step: int) -> float:
    """Where it falls to a quarter of the peak, going `step` from it."""
    limit = mean[at] / 4
    place = at
    while 0 <= place + step < mean.size and mean[place] > limit:
        place += step
    if mean[place] > limit:
        return float(frequency[place])
    part = (mean[place - step] - limit) / max(float(mean[place - step] - mean[place]), TINY)
    return float(frequency[place - step] + part * (frequency[place] - frequency[place - step]))
