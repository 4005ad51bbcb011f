"""Statistics of the envelope of ultrasound echoes, after what changes with depth and across the lines is divided out.

Without that they measure attenuation and gain: 60 mm of tissue pooled give a Nakagami parameter of 0.64 where speckle
has 1. They speak of scatterers to a resolution cell: N of them in a homogeneous medium give m = N / (1 + N).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Intensity = NDArray[np.float32]
Inside = NDArray[np.bool_]
TREND = 3
"""Degree of the polynomial over depth, and 2 across the lines, that is divided out of the intensity."""
BINS, MOST = 100, 5.0
"""Bins of the histogram behind the entropy, up to 5 times the root mean square of the envelope."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Moments:
    """Of the intensity I, whose mean is 1: sums line by line of I, I^2, ln I, I ln I and sqrt(I), each (lines,).

    `count` (lines,) is the number of values, `histogram` (lines, bins) counts the envelope, `noise` is the share of I
    that is noise.
    """

    count: Floats
    mean: Floats
    square: Floats
    logarithm: Floats
    product: Floats
    root: Floats
    histogram: Floats
    noise: float = 0.0


def detrended(intensity: Intensity, *, inside: Inside | None = None) -> Intensity:
    """Intensity (frames, lines, samples) over the smooth surface that fits its logarithm, mean 1.

    The surface is a polynomial over depth (attenuation, time gain, focus) plus one across the lines (contact of the
    probe), of the logarithm of the mean over the other axis; with `inside` (lines, samples), of what lies there.
    """
    mean = intensity.mean(axis=0, dtype=np.float64)
    weight = np.ones(mean.shape) if inside is None else inside.astype(np.float64)
    along = _smooth(mean, weight=weight, axis=0, degree=TREND)
    across = _smooth(mean / np.exp(along), weight=weight, axis=1, degree=TREND - 1)
    surface = np.exp(along + across[:, None]).astype(np.float32)
    made: Intensity = intensity / surface
    made /= np.float32((made.mean(axis=0, dtype=np.float64) * weight).sum() / weight.sum())
    return made


def moments(intensity: Intensity, *, inside: Inside | None = None, noise: float = 0.0) -> Moments:
    """What the statistics need of a detrended intensity (frames, lines, samples), `inside` (lines, samples) alone."""
    frames, lines, samples = intensity.shape
    where = np.ones((lines, samples), dtype=bool) if inside is None else inside
    logarithm = np.log(np.maximum(intensity, np.float32(1e-12)))
    root = np.sqrt(intensity)
    place = np.minimum((root * np.float32(BINS / MOST)).astype(np.intp), BINS - 1)
    place += np.arange(lines)[:, None] * BINS
    counts = np.bincount(place[:, where].ravel(), minlength=lines * BINS)

    def by_line(values: Intensity) -> Floats:
        return np.asarray((values.sum(axis=0) * where).sum(axis=1, dtype=np.float64))

    return Moments(
        count=frames * where.sum(axis=1).astype(np.float64),
        mean=by_line(intensity),
        square=by_line(intensity**2),
        logarithm=by_line(logarithm),
        product=by_line(intensity * logarithm),
        root=by_line(root),
        histogram=counts.reshape(lines, BINS).astype(np.float64),
        noise=noise,
    )


def nakagami(found: Moments, *, weights: Floats) -> Floats:
    """Nakagami parameter m (d,) = E[I]^2 / Var(I) of the echoes for `weights` (d, lines); noise is taken out.

    I is the sum of an echo and of complex noise of share s, whence E[I^2] = (1 - s)^2 E[echo^2] + 4 s (1 - s)
    + 2 s^2. m is below 1 for few scatterers and 1 for fully developed speckle (Shankar 2000).
    """
    mean, square = _mean(found, found.mean, weights), _mean(found, found.square, weights)
    share = found.noise
    ratio = (square / mean**2 - 4 * share * (1 - share) - 2 * share**2) / (1 - share) ** 2
    made: Floats = 1 / np.maximum(ratio - 1, 1e-3)
    return made


def log_ratios(found: Moments, *, weights: Floats) -> tuple[Floats, Floats]:
    """X and U (d,) of Destrempes and others (2013), from which `homodyned_k` takes its parameters."""
    mean = _mean(found, found.mean, weights)
    logarithm = _mean(found, found.logarithm, weights)
    x = _mean(found, found.product, weights) / mean - logarithm
    return x, logarithm - np.log(mean)


def entropy(found: Moments, *, weights: Floats) -> Floats:
    """Shannon entropy (d,), bits, of the envelope over its root mean square, in 100 bins from 0 to 5.

    It depends on the bins. Fully developed speckle has 5.18 here; one scatterer to a cell has more, far fewer have
    less.
    """
    counts = weights @ found.histogram
    share = counts / counts.sum(axis=1, keepdims=True)
    made: Floats = -(share * np.log2(np.where(share > 0, share, 1))).sum(axis=1)
    return made


def envelope_snr(found: Moments, *, weights: Floats) -> Floats:
    """Mean over standard deviation of the envelope (d,), 1.91 in fully developed speckle (Burckhardt 1978)."""
    root, mean = _mean(found, found.root, weights), _mean(found, found.mean, weights)
    made: Floats = root / np.sqrt(np.maximum(mean - root**2, 1e-12))
    return made


def omega(intensity: Intensity) -> float:
    """Nakagami's Omega = E[I], the mean power, of an intensity that is not detrended."""
    return float(intensity.mean(dtype=np.float64))


def _mean(found: Moments, sums: Floats, weights: Floats) -> Floats:
    made: Floats = weights @ sums / (weights @ found.count)
    return made


def _smooth(mean: Floats, *, weight: Floats, axis: int, degree: int) -> Floats:
    """Polynomial of the logarithm of the mean of `mean` over `axis`, level beyond the first and last that are there.

    Extrapolated it would leave the range of numbers.
    """
    total = weight.sum(axis=axis)
    level = (mean * weight).sum(axis=axis) / np.maximum(total, 1)
    there = np.flatnonzero(total)
    place = np.arange(level.size).clip(*there[[0, -1]]) if there.size else np.arange(level.size)
    middle, half = (place[0] + place[-1]) / 2, max((place[-1] - place[0]) / 2, 1)
    powers = np.vander((place - middle) / half, min(degree, max(there.size - 1, 0)) + 1)
    share = np.sqrt(total)
    logarithm = np.log(np.maximum(level, np.finfo(np.float32).tiny))
    made: Floats = powers @ np.linalg.lstsq(powers * share[:, None], logarithm * share, rcond=None)[0]
    return made
