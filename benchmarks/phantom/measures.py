"""Distances between two images of one kind: tones, power spectrum, autocorrelation, gradients, speckle."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.signal import hilbert
from scipy.stats import wasserstein_distance

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Patch:
    """A piece of one tissue without edges, values (y, x) and the size of a pixel in mm."""

    values: Floats
    spacing_mm: float


def patches(
    image: NDArray[np.generic], mask: NDArray[np.bool_], *, size: int, spacing_mm: float
) -> list[Patch]:
    """Squares of `size` pixels of the slices of `image` (z, y, x) that lie wholly in `mask`, side by side."""
    corners = [
        (k, y, x)
        for k in range(len(mask))
        for y in range(0, mask.shape[1] - size + 1, size)
        for x in range(0, mask.shape[2] - size + 1, size)
        if mask[k, y : y + size, x : x + size].all()
    ]
    return [Patch(image[k, y : y + size, x : x + size].astype(float), spacing_mm) for k, y, x in corners]


def standardised(pieces: Sequence[Patch]) -> list[Patch]:
    """The patches of one image in standard deviations from its mean: patients and scanners differ in both."""
    values = np.concatenate([piece.values.ravel() for piece in pieces])
    mean, spread = values.mean(), values.std()
    return [Patch((piece.values - mean) / spread, piece.spacing_mm) for piece in pieces]


def tones(pieces: Sequence[Patch]) -> Floats:
    """All values, in standard deviations from their mean."""
    values = np.concatenate([piece.values.ravel() for piece in pieces])
    return np.asarray((values - values.mean()) / values.std())


def gradients(pieces: Sequence[Patch]) -> Floats:
    """Size of the gradient per mm, in standard deviations of the values."""
    spread = np.concatenate([piece.values.ravel() for piece in pieces]).std()
    return np.concatenate(
        [np.hypot(*np.gradient(piece.values, piece.spacing_mm)).ravel() / spread for piece in pieces]
    )


MOST_BINS = 24


def spectrum(pieces: Sequence[Patch]) -> tuple[Floats, Floats]:
    """Radial power spectrum of patches of one size, of total 1: frequencies in cycles/mm and power, ring by ring."""
    n, mm = len(pieces[0].values), pieces[0].spacing_mm
    bins = min(n // 2, MOST_BINS)
    window = np.outer(np.hanning(n), np.hanning(n))
    power = np.mean([np.abs(np.fft.fft2((p.values - p.values.mean()) * window)) ** 2 for p in pieces], axis=0)
    frequency = np.hypot(*np.meshgrid(np.fft.fftfreq(n, mm), np.fft.fftfreq(n, mm)))
    edges = np.linspace(0, 0.5 / mm, bins + 1)
    place = np.digitize(frequency.ravel(), edges) - 1
    within = place < bins
    mean = np.bincount(place[within], power.ravel()[within], bins) / np.maximum(
        np.bincount(place[within], minlength=bins), 1
    )
    return (edges[1:] + edges[:-1]) / 2, np.asarray(mean / mean.sum())


def autocorrelation(pieces: Sequence[Patch]) -> tuple[Floats, Floats]:
    """Lags in mm and the autocorrelation at each, mean of the two directions."""
    found = []
    for axis in (0, 1):
        rows = [np.moveaxis(p.values - p.values.mean(), axis, 1) for p in pieces]
        n = rows[0].shape[1]
        lagged = [np.mean([(r[:, : n - lag] * r[:, lag:]).mean() for r in rows]) for lag in range(n // 2)]
        found.append(np.array(lagged) / lagged[0])
    lags = np.arange(len(found[0]), dtype=np.float64) * float(pieces[0].spacing_mm)
    return np.asarray(lags, np.float64), np.asarray(np.mean(found, axis=0), np.float64)


def correlation_length_mm(pieces: Sequence[Patch]) -> float:
    """Distance at which the autocorrelation falls to 1/e, by interpolation."""
    lag, curve = autocorrelation(pieces)
    below = int(np.argmax(curve < np.exp(-1))) or len(curve) - 1
    high, low = curve[below - 1], curve[below]
    return float(lag[below - 1] + (high - np.exp(-1)) / (high - low) * lag[1])


def histogram(values: Floats, low: float, high: float) -> tuple[Floats, Floats]:
    """Middles of 40 classes and the density in each."""
    density, edges = np.histogram(values, bins=40, range=(low, high), density=True)
    return (edges[1:] + edges[:-1]) / 2, density


def amplitudes(rf: Floats) -> Floats:
    """Envelope of `rf` (lines, samples), each depth over its own mean."""
    envelope = np.abs(hilbert(rf, axis=1))
    return np.asarray(envelope / envelope.mean(axis=0)).ravel()


def nakagami(rf: Floats) -> float:
    """Nakagami parameter of the envelope of `rf` (lines, samples), each depth over its own mean power."""
    power = np.abs(hilbert(rf, axis=1)) ** 2
    power /= power.mean(axis=0)
    return float(power.mean() ** 2 / power.var())


def band(rf: Floats, fs_mhz: float) -> tuple[float, float]:
    """Peak of the mean spectrum of `rf` (lines, samples) and width at half amplitude (-6 dB), MHz."""
    power = (np.abs(np.fft.rfft(rf * np.hanning(rf.shape[1]), axis=1)) ** 2).mean(axis=0)
    smooth = np.convolve(power, np.ones(9) / 9, mode="same")
    frequency = np.fft.rfftfreq(rf.shape[1], 1 / fs_mhz)
    above = frequency[smooth > smooth.max() / 4]
    return float(frequency[smooth.argmax()]), float(above.max() - above.min())


@dataclass(frozen=True, slots=True)
class Comparison:
    """One measure of the real and of the simulated; `distance` is what the column heading says."""

    measure: str
    real: float
    simulated: float
    distance: float
    unit: str = ""


def compare(real: Sequence[Patch], simulated: Sequence[Patch]) -> list[Comparison]:
    """Tones, gradients, spectrum and autocorrelation of the two."""
    one, other = tones(real), tones(simulated)
    steep = gradients(real), gradients(simulated)
    spectra = spectrum(real)[1], spectrum(simulated)[1]
    lengths = correlation_length_mm(real), correlation_length_mm(simulated)
    return [
        Comparison(
            "tones, skewness", _skewness(one), _skewness(other), wasserstein_distance(one, other), "SD"
        ),
        Comparison(
            "gradient, mean per mm",
            float(steep[0].mean()),
            float(steep[1].mean()),
            wasserstein_distance(*steep) / float(steep[0].mean()),
            "share",
        ),
        Comparison(
            "power spectrum, median frequency per mm",
            _median_frequency(real),
            _median_frequency(simulated),
            0.5 * float(np.abs(spectra[0] - spectra[1]).sum()),
            "share of power",
        ),
        Comparison(
            "autocorrelation, length",
            lengths[0],
            lengths[1],
            abs(np.log2(lengths[1] / lengths[0])),
            "octaves",
        ),
    ]


def _skewness(standard: Floats) -> float:
    return float((standard**3).mean())


def _median_frequency(pieces: Sequence[Patch]) -> float:
    frequency, power = spectrum(pieces)
    weight = power * frequency  # a ring holds more coefficients the farther out it lies
    return float(np.interp(0.5, np.cumsum(weight) / weight.sum(), frequency))
