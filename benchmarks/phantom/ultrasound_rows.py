"""Plain features of SIMULATED ultrasound: what a reader of spectra, envelopes and grey levels would measure."""

from collections.abc import Collection
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import uniform_filter

from hepar.phantom.patient import Patient
from hepar.phantom.ultrasound import (
    SCANNERS,
    BMode,
    RfRecording,
    b_mode,
    envelope,
    reference_phantom,
    rf_frames,
)

Floats = NDArray[np.float64]

DEPTH_MM = (35.0, 95.0)
"""Depths that are read."""
WINDOW_MM, LINES = 8.0, 8
"""Length of a window of a spectrum, and lines whose power is averaged; the median over groups passes vessels by."""
BAND = 10**-1.2
"""Frequencies are used where the reference is above this share of its peak in every depth."""
MM_PER_PX, RANGE_DB = 0.25, 60.0
SCALES_MM = (1.2, 2.4, 4.8, 9.6)


def ultrasound_rows(patient: Patient, wanted: Collection[str] = ("rf", "b_mode")) -> dict[str, list[float]]:
    """Features of one raw recording and of the B-mode image made of it."""
    made = rf_frames(patient, frames=1)
    found = {}
    if "rf" in wanted:
        found["rf"] = [*spectrum_row(made, patient.scanners["ultrasound"]), *envelope_row(made)]
    if "b_mode" in wanted:
        found["b_mode"] = b_mode_row(b_mode(made, dynamic_range_db=RANGE_DB, mm_per_px=MM_PER_PX))
    return found


def spectrum_row(made: RfRecording, scanner: str) -> list[float]:
    """Coefficients in depth and frequency of the power over that of a reference phantom, without gain and time gain."""
    depth, frequency, power = _windows(made)
    known = _reference(scanner)
    band = known[-1] > known[-1].max() * BAND
    groups = power[:, : power.shape[1] // LINES * LINES, band]
    groups = groups.reshape(len(depth), -1, LINES, int(band.sum())).mean(axis=2)
    ratio = np.median(np.log(groups + 1e-12), axis=1) - np.log(known[:, band])
    f, z = np.meshgrid(frequency[band] - frequency[band].mean(), (depth - np.mean(DEPTH_MM)) / 30)
    terms = np.stack([np.ones_like(f), z, z**2, f, f * z, f**2], axis=-1).reshape(-1, 6)
    found = np.linalg.lstsq(terms, ratio.ravel(), rcond=None)[0]
    left = ratio.ravel() - terms @ found
    return [*found.tolist(), float(np.log(left.std()))]


def _windows(made: RfRecording) -> tuple[Floats, Floats, Floats]:
    """Depth (window,) mm, frequency (n,) MHz and power (window, line, n), mean over frames."""
    probe, rf = made.probe, made.without_gain()
    size = round(WINDOW_MM / probe.sample_mm)
    first, last = (round((mm - probe.start_mm) / probe.sample_mm) for mm in DEPTH_MM)
    starts = np.arange(first, min(last, rf.shape[2]) - size + 1, size // 2)
    taper = np.hanning(size).astype(np.float32)
    power = [(np.abs(np.fft.rfft(rf[..., at : at + size] * taper, 1024)) ** 2).mean(axis=0) for at in starts]
    middle: Floats = probe.depth_mm[starts].astype(np.float64) + WINDOW_MM / 2
    frequency: Floats = np.fft.rfftfreq(1024, 1 / probe.fs_mhz).astype(np.float64)
    return middle, frequency, np.array(power, np.float64)


@cache
def _reference(name: str) -> Floats:
    """Power (window, n) of the reference phantom on a scanner."""
    return np.asarray(_windows(reference_phantom(SCANNERS[name], frames=4))[2].mean(axis=1))


def envelope_row(made: RfRecording) -> list[float]:
    """Nakagami parameters, strength of texture by scale, likeness along and across, level and its fall with depth."""
    depth = made.depth_mm
    inside = (depth > DEPTH_MM[0]) & (depth < DEPTH_MM[1])
    power = envelope(made.without_gain())[0][:, inside].astype(float) ** 2
    pooled = max(1, round(0.3 / made.probe.sample_mm))
    power = power[:, : power.shape[1] // pooled * pooled].reshape(len(power), -1, pooled).mean(axis=2)
    step_mm = pooled * made.probe.sample_mm
    level = np.log(uniform_filter(power, (25, round(12 / step_mm))) + 1e-12)
    relative = np.clip(power / np.exp(level), 0, 12)
    logs = np.log(relative + 1e-3)
    return [
        *(_nakagami(relative, (lines, round(mm / step_mm))) for lines, mm in ((5, 4.0), (9, 8.0))),
        *_strengths(relative, [(max(1, round(mm)), max(1, round(mm / step_mm))) for mm in SCALES_MM]),
        *(_alike(logs, 1, step) for step in (1, 2, 3, 5)),
        *(_alike(logs, 0, step) for step in (1, 2, 4)),
        float(np.median(level[:, :20]) - np.median(level[:, -20:])),
        float(np.median(level)),
    ]


def _nakagami(power: Floats, size: tuple[int, int]) -> float:
    """Middle over places of the logarithm of squared mean over variance."""
    mean = uniform_filter(power, size)
    return float(np.median(np.log(mean**2 / (uniform_filter(power**2, size) - mean**2 + 1e-9))))


def _strengths(power: Floats, sizes: list[tuple[int, int]]) -> list[float]:
    """Logarithm of the quartile range of the logarithm of the power that is left after averages of these sizes."""
    logs = [np.log(uniform_filter(power, size) + 1e-6) for size in sizes]
    return [float(np.log(np.subtract(*np.percentile(one, (75, 25))))) for one in logs]


def _alike(level: NDArray[Any], axis: int, step: int) -> float:
    """Autocorrelation at `step`."""
    level = level - level.mean()
    n = level.shape[axis]
    ahead, behind = np.take(level, range(step, n), axis), np.take(level, range(n - step), axis)
    return float((ahead * behind).mean() / level.var())


def b_mode_row(made: BMode) -> list[float]:
    """What the envelope tells, of the grey levels in the middle of the image, taken back to power; and their depths."""
    first, last = (round(mm / MM_PER_PX) for mm in DEPTH_MM)
    width = made.pixels.shape[2]
    grey = made.pixels[0, first:last, round(0.3 * width) : round(0.7 * width)].astype(float)
    power = 10 ** (grey * RANGE_DB / 255 / 10)
    level = np.log(uniform_filter(power, round(12 / MM_PER_PX)))
    relative = np.clip(power / np.exp(level), 0, 12)
    logs, by_depth = np.log(relative + 1e-3), np.median(level, axis=1)
    return [
        *(_nakagami(relative, (round(mm / MM_PER_PX),) * 2) for mm in (4.0, 8.0)),
        *_strengths(relative, [(round(mm / MM_PER_PX),) * 2 for mm in (0.6, *SCALES_MM)]),
        *(_alike(logs, axis, step) for axis in (0, 1) for step in (1, 2, 3, 5)),
        *np.polyfit(np.linspace(-1, 1, len(by_depth)), by_depth, 2).tolist(),
        float((grey <= 2).mean()),
        float((grey >= 250).mean()),
        float(np.median(np.abs(np.diff(by_depth)))),
    ]
