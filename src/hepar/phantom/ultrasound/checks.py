"""Does a SIMULATED recording contain what was put in? The plainest estimators of attenuation, diameter and statistics.

They are for self-checks on simple recordings; they have no noise mask and no confidence interval.
"""

import numpy as np
from numpy.typing import NDArray

from ...core.errors import SimulationError
from .bmode import envelope
from .medium import INSANA
from .probe import SPEED_MM_US
from .recording import RfRecording

Floats = NDArray[np.float64]
Depth = tuple[float, float]
BAND_DB = 10.0
"""Frequencies are used where the reference is at most so far below its peak."""


def spectra(
    recording: RfRecording, *, depth_mm: Depth, window_mm: float = 4.0
) -> tuple[Floats, Floats, Floats]:
    """Frequency (n,) MHz, depth (windows,) cm, and mean power (windows, n) of Hann windows that overlap by half."""
    probe = recording.probe
    size = round(window_mm / probe.sample_mm)
    first, last = (round((mm - probe.start_mm) / probe.sample_mm) for mm in depth_mm)
    starts = np.arange(max(first, 0), min(last, probe.samples) - size + 1, size // 2)
    if not starts.size:
        raise SimulationError(f"no window of {window_mm:g} mm fits into depths {depth_mm} of {probe.name!r}")
    rf, taper = recording.without_gain(), np.hanning(size).astype(np.float32)
    power = [np.abs(np.fft.rfft(rf[..., at : at + size] * taper, 1024)) ** 2 for at in starts]
    found = np.array([one.mean(axis=(0, 1)) for one in power], dtype=np.float64)
    frequency: Floats = np.fft.rfftfreq(1024, 1 / probe.fs_mhz).astype(np.float64)
    return frequency, (probe.depth_mm[starts].astype(np.float64) + window_mm / 2) / 10, found


def attenuation(sample: RfRecording, reference: RfRecording, *, depth_mm: Depth) -> float:
    """Attenuation slope of `sample`, dB/cm/MHz, by the reference phantom method (Yao, Zagzebski and Madsen 1990).

    The ratio of the spectra in dB falls by 2 (a_sample - a_reference) f for every cm.
    """
    frequency, depth, ratio_db = _ratio(sample, reference, depth_mm=depth_mm)
    slope = np.polyfit(depth, ratio_db, 1)[0]
    change = float((slope * frequency).sum() / (frequency**2).sum())
    return reference.truth["attenuation_db_cm_mhz"] - change / 2


def diameter(sample: RfRecording, reference: RfRecording, *, depth_mm: Depth, attenuation: float) -> float:
    """Effective scatterer diameter of `sample`, um: slope of the logarithmic spectrum over k squared.

    `attenuation` is that of all of the path. Gaussian form factor (Insana, Wagner, Brown and Hall 1990). Windows are
    long, because a short one widens the spectrum and so flattens its slope.
    """
    frequency, depth, ratio_db = _ratio(sample, reference, depth_mm=depth_mm, window_mm=10.0)
    path = 2 * (attenuation - reference.truth["attenuation_db_cm_mhz"]) * depth[:, None] * frequency
    level = (ratio_db + path).mean(axis=0) * np.log(10) / 10
    wave = 2 * np.pi * frequency / SPEED_MM_US
    slope = np.polyfit(wave**2, level, 1)[0]
    squared = reference.truth["diameter_um"] ** 2 - slope / INSANA * 4e6
    return float(np.sqrt(max(squared, 0.0)))


def nakagami(recording: RfRecording, *, depth_mm: Depth) -> float:
    """Nakagami parameter of the envelope: squared mean over variance of the intensity, detrended over depth.

    N point scatterers to a resolution cell give N / (1 + N), many give 1.
    """
    depth = recording.depth_mm
    inside = (depth >= depth_mm[0]) & (depth < depth_mm[1])
    intensity = envelope(recording.without_gain())[..., inside].astype(np.float64) ** 2
    trend = np.polyfit(depth[inside], np.log(intensity.mean(axis=(0, 1))), 2)
    intensity /= np.exp(np.polyval(trend, depth[inside]))
    return float(intensity.mean() ** 2 / intensity.var())


def _ratio(
    sample: RfRecording, reference: RfRecording, *, depth_mm: Depth, window_mm: float = 4.0
) -> tuple[Floats, Floats, Floats]:
    """Frequency (n,) in band, depth (windows,) cm, and power of sample over reference (windows, n) in dB."""
    if sample.probe != reference.probe:
        raise SimulationError(
            f"the reference was recorded with {reference.probe.name!r}, the sample with {sample.probe.name!r}; "
            "record both with one preset"
        )
    frequency, depth, power = spectra(sample, depth_mm=depth_mm, window_mm=window_mm)
    _, _, known = spectra(reference, depth_mm=depth_mm, window_mm=window_mm)
    mean = known[-1]
    band = mean > mean.max() * 10 ** (-BAND_DB / 10)
    return frequency[band], depth, 10 * np.log10(power[:, band] / known[:, band])
