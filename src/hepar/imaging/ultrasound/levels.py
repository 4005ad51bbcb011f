"""Logarithms of the spectra of a sample and of a reference phantom, freed of what the window did to them.

A window multiplies a line and so convolves its spectrum. The narrower the transducer's band, the more that widens the
spectrum, flattens the ratio to the reference over frequency and pulls attenuation and scatterer size towards those of
the reference: by 2 % for a band of 70 % and windows of 4 mm, by a quarter for a band of 25 %. `levels` undoes it.
"""

from dataclasses import dataclass

import numpy as np
import scipy.ndimage
from numpy.typing import NDArray

from .resampling import Draws
from .spectra import Spectra

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
DB = 10 / float(np.log(10))
"""Decibel of power in one neper of power."""
BAND_DB = 15.0
LEAST_WINDOWS, LEAST_FREQUENCIES = 4, 5
SMOOTH = (5, 5)
"""Windows and frequencies over which a spectrum is averaged before it decides what is in band."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Levels:
    """Natural logarithms of power, the first of `d` that of all lines and the others those of draws of lines.

    `frequency_mhz` (n,), `depth_mm` (w,), `use` (w, n) where both stand above noise and in band, `sample` and
    `reference` (d, w, n); `reference` is zero where there is none.
    """

    frequency_mhz: Floats
    depth_mm: Floats
    use: Bools
    sample: Floats
    reference: Floats

    @property
    def ratio_db(self) -> Floats:
        """Sample over reference (d, w, n), dB."""
        return DB * (self.sample - self.reference)

    @property
    def reason(self) -> str:
        """Why too little is left to measure anything; empty where enough is."""
        if min(self.use.shape) and self.use.any():
            return ""
        return f"fewer than {LEAST_WINDOWS} windows with {LEAST_FREQUENCIES} frequencies each stand above the noise"


def in_band(*found: Spectra, band_db: float = BAND_DB) -> Bools:
    """Where (w, n) all the spectra stand above their noise and within `band_db` of the peak of their window.

    Depths with fewer than 5 such frequencies are left out, as are frequencies at fewer than 4 depths.
    """
    return _enough(np.logical_and.reduce([_near_peak(one, band_db=band_db) for one in found]))


def levels(
    sample: Spectra,
    reference: Spectra | None,
    *,
    use: Bools,
    draws: Draws,
    reference_draws: Draws | None = None,
) -> Levels:
    """Levels where `use` (see `in_band`) holds something; a reference needs draws of its own lines."""
    windows, bins = np.count_nonzero(use, axis=1) > 0, np.count_nonzero(use, axis=0) > 0
    place = np.ix_(windows, bins)
    use, frequency, depth = use[place], sample.frequency_mhz[bins], sample.depth_mm[windows]

    def logs(found: Spectra, drawn: Draws) -> Floats:
        level = np.log(found.part(windows, bins).signal(drawn.weights))
        level += _lost(level, use=use, drawn=drawn)
        return sharpened(level, frequency, depth_mm=depth, use=use, smear_mhz=found.smear_mhz)

    ours = logs(sample, draws)
    theirs = np.zeros_like(ours)
    if reference is not None and reference_draws is not None:
        theirs = logs(reference, reference_draws)
    return Levels(frequency, depth, use, ours, theirs)


def _lost(level: Floats, *, use: Bools, drawn: Draws) -> float:
    """How far the logarithm of a mean of few lines lies below that of the mean of many: half of its variance.

    Six independent lines lose 0.4 dB, a phantom of hundreds next to nothing, so that the loss would stay in the ratio.
    It is taken as the same at all depths and frequencies, and no slope changes.
    """
    if len(level) < 3 or not use.any():
        return 0.0
    freedom = max(drawn.independent - 1, 1)
    variance = float(level[1:].var(axis=0, ddof=1)[use].mean()) * drawn.missed**2
    return variance * (freedom + 1) / freedom / 2


def sharpened(
    level: Floats, frequency_mhz: Floats, *, depth_mm: Floats, use: Bools, smear_mhz: float
) -> Floats:
    """Logarithmic spectra `level` (d, w, n) without the smear of a window of standard deviation `smear_mhz`.

    The spectrum convolved with a Gaussian of variance s is undone for the parabola g(f, z) = a(z) + b f + d f^2
    + e f z that fits its logarithm: with q = 1 / (1 + 2 d s), the level becomes g - s q g'^2 / 2 + ln(q) / 2, exact
    where the spectrum is Gaussian. Only the difference is applied, so that detail stays.
    """
    if not use.any():
        return level
    at = frequency_mhz - frequency_mhz.mean()
    along = (depth_mm - depth_mm.mean()) / 10
    shapes = np.stack(
        [np.broadcast_to(one, use.shape) for one in (at, at**2, at * along[:, None])]
    )  # slope, curve, how the slope changes over depth
    slope, curve, change = fit_within_depth(level, shapes, use=use)
    curve = np.maximum(curve, -0.4 / smear_mhz**2)  # no spectrum can be narrower than its smear
    share = 1 / (1 + 2 * curve * smear_mhz**2)
    steep = (slope[:, None] + change[:, None] * along)[..., None] + 2 * curve[:, None, None] * at
    made: Floats = level - (smear_mhz**2 / 2) * share[:, None, None] * steep**2
    made += (np.log(share) / 2)[:, None, None]
    return made


def fit_within_depth(level: Floats, shapes: Floats, *, use: Bools) -> Floats:
    """Coefficients (k, d) of `shapes` (k, w, n) in `level` (d, w, n) by least squares, a constant for each depth."""
    count = np.maximum(use.sum(axis=1, keepdims=True), 1)
    inner = np.where(use, shapes - (shapes * use).sum(axis=2, keepdims=True) / count, 0.0)
    flat = inner.reshape(len(inner), -1)
    weights = np.linalg.solve(flat @ flat.T, flat)
    made: Floats = weights @ level.reshape(len(level), -1).T
    return made


def _near_peak(found: Spectra, *, band_db: float) -> Bools:
    """Where power, averaged over its neighbours, is within `band_db` of the window's peak, and power above noise.

    Frequencies at the edge that count where chance raised them, and not where it lowered them, flatten the fall over
    depth: by their own power, attenuation of few lines came out 0.01 dB/cm/MHz too low, free of gain 0.03.
    """
    level = np.where(found.usable, found.signal(), 0.0)
    most = level.max(axis=1, keepdims=True)
    known = scipy.ndimage.uniform_filter(found.usable.astype(np.float64), SMOOTH, mode="nearest")
    tiny = np.finfo(np.float32).tiny
    smooth = scipy.ndimage.uniform_filter(level / np.maximum(most, tiny), SMOOTH, mode="nearest")
    smooth = np.where(found.usable, smooth / np.maximum(known, tiny), 0.0)
    near: Bools = smooth > smooth.max(axis=1, keepdims=True) * 10 ** (-band_db / 10)
    made: Bools = near & found.usable & (most > 0)
    return made


def _enough(use: Bools) -> Bools:
    """Only depths and frequencies with company, dropped until all have it."""
    while True:
        kept: Bools = use & (use.sum(axis=1, keepdims=True) >= LEAST_FREQUENCIES)
        kept &= kept.sum(axis=0) >= LEAST_WINDOWS
        if (kept == use).all():
            return kept
        use = kept
