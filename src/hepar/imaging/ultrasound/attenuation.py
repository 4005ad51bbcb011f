"""Attenuation of tissue from the spectra of its echoes, with and without a reference phantom.

`d` is 1 + draws of lines throughout (see `Levels`). With S power, f frequency (MHz), z depth (cm) and a the slope of
attenuation (dB/cm/MHz) of sample and reference, the spectra obey 10 log10(S / S_reference) = A(z) + B(f)
- 2 (a - a_reference) f z: A is gain, B is backscatter.
"""

import numpy as np
from numpy.typing import NDArray

from .levels import DB, Floats, Levels
from .structure import depth_weights


def by_reference(levels: Levels, *, reference: float, level_ratio: float = 0.0) -> Floats:
    """Slope (d,) of attenuation, dB/cm/MHz, by the reference phantom method (Yao, Zagzebski and Madsen 1990).

    `reference` is that of the phantom. Time gain must have been undone on both sides: A(z) is a constant plus a random
    level of each depth, whose variance is `level_ratio` times that of a single frequency (see `structure`); 0 is the
    method as published, and the more it is the nearer this comes to `gain_free`.
    """
    product = levels.depth_mm[:, None] / 10 * levels.frequency_mhz
    weights = depth_weights(levels, product, ratio=level_ratio)
    made: Floats = reference - np.einsum("dwn,wn->d", levels.ratio_db, weights) / 2
    return made


def gain_free(levels: Levels, *, reference: float) -> Floats:
    """The same (d,) from the interaction of frequency and depth alone: any A(z) and any B(f).

    Needs no knowledge of gain or time gain, of the sample's or of the phantom's, and pays with a wider interval.
    """
    return reference - _explained(levels.ratio_db, _interaction(levels), use=levels.use) / 2


def by_shift(levels: Levels) -> Floats:
    """The same (d,) without a reference: how the slope of the sample's own spectrum changes over depth.

    The logarithm of power holds -4 a f z (a in neper) whatever the gain and the pulse; for a Gaussian pulse of variance
    s that is the downshift of its centre by 4 a s per cm (Kuc 1984). The frequency dependence of focus and beam tilts
    the spectrum as well and is taken for attenuation: an error that no interval here shows.
    """
    return -DB * _explained(levels.sample, _interaction(levels), use=levels.use) / 2


def log_difference(levels: Levels, *, reference: float) -> Floats:
    """The same (d,) by spectral log difference: upper against lower third of the windows, frequency by frequency."""
    third = max(levels.depth_mm.size // 3, 1)
    use = levels.use & (levels.use[:third].any(axis=0) & levels.use[-third:].any(axis=0))
    use[third : levels.depth_mm.size - third] = False
    ends = _mean_ends(levels.ratio_db, use=use, third=third)
    depth = np.broadcast_to(levels.depth_mm[:, None] / 10, levels.use.shape)
    apart = _mean_ends(depth[None], use=use, third=third)[0]
    weight = use.any(axis=0) * levels.frequency_mhz * apart
    made: Floats = reference - ends @ weight / max(float(weight @ weight), 1e-30) / 2
    return made


def by_frequency(levels: Levels, *, reference: float) -> Floats:
    """Attenuation (d, n), dB/cm, at every frequency: the phantom's less half the slope of the ratio over depth."""
    depth = np.broadcast_to(levels.depth_mm[:, None] / 10, levels.use.shape)
    centred = _less_mean(depth, use=levels.use, axis=0)
    slope = np.einsum("dwn,wn->dn", levels.ratio_db, centred) / (centred**2).sum(axis=0)
    made: Floats = reference * levels.frequency_mhz - slope / 2
    return made


def power_law(attenuation_db_cm: Floats, frequency_mhz: Floats) -> tuple[Floats, Floats]:
    """Factor (d,), dB/cm at 1 MHz, and exponent (d,) of attenuation (d, n) over frequency; least squares of logarithms.

    Attenuation of nothing or less at a frequency counts as a thousandth dB/cm.
    """
    at = np.log(frequency_mhz)
    level = np.log(np.maximum(attenuation_db_cm, 1e-3))
    centred = at - at.mean()
    exponent = level @ centred / float(centred @ centred)
    return np.exp(level.mean(axis=1) - exponent * at.mean()), exponent


def _explained(ratio_db: Floats, shape: Floats, *, use: NDArray[np.bool_]) -> Floats:
    """How much (d,) of `shape` (w, n), already free of what else varies, is in `ratio_db`."""
    inside = np.where(use, shape, 0.0)
    made: Floats = np.einsum("dwn,wn->d", ratio_db, inside) / (inside**2).sum()
    return made


def _interaction(levels: Levels) -> Floats:
    """Product f z (w, n) less what any function of f and any function of z explain of it where `use`."""
    window, place = np.nonzero(levels.use)
    windows, places = levels.use.shape
    known = np.zeros((window.size, windows + places))
    known[np.arange(window.size), window] = 1
    known[np.arange(window.size), windows + place] = 1
    product = (levels.depth_mm[:, None] / 10 * levels.frequency_mhz)[levels.use]
    made: Floats = np.zeros(levels.use.shape)
    made[levels.use] = product - known @ np.linalg.lstsq(known, product, rcond=None)[0]
    return made


def _less_mean(values: Floats, *, use: NDArray[np.bool_], axis: int) -> Floats:
    """`values` (w, n) less their mean along `axis` where `use`, 0 elsewhere."""
    mean = (values * use).sum(axis=axis, keepdims=True) / np.maximum(use.sum(axis=axis, keepdims=True), 1)
    made: Floats = np.where(use, values - mean, 0.0)
    return made


def _mean_ends(values: Floats, *, use: NDArray[np.bool_], third: int) -> Floats:
    """Mean (d, n) of the lower less that of the upper windows, 0 where either has none."""

    def mean(part: slice) -> Floats:
        inside = use[part]
        made: Floats = (values[:, part] * inside).sum(axis=1) / np.maximum(inside.sum(axis=0), 1)
        return made

    made: Floats = (mean(slice(-third, None)) - mean(slice(None, third))) * use.any(axis=0)
    return made
