"""Spatial autocorrelation of the intensities of a region: Moran's I and Geary's C, exact."""

import numpy as np
from numpy.typing import NDArray
from scipy import fft
from scipy.spatial.distance import cdist

from .geometry import Array
from .regions import Mask, Spacing, bounding_box
from .resegment import region_values

Floats = NDArray[np.float64]
Complex = NDArray[np.complex128]
FEATURES = ("morph_moran_i", "morph_geary_c")
BLOCK = 512
"""Voxels whose distances to all others are held at once, and columns transformed at once."""
CHEAP = 16
"""Pairs that cost as much as one step of a Fourier transform."""


def spatial_autocorrelation(image: Array, mask: Mask, spacing_mm: Spacing) -> dict[str, float]:
    """`morph_moran_i` and `morph_geary_c` of `image` (z, y, x) over all pairs of voxels of the intensity mask.

    A pair weighs the inverse of the distance of its centres. Nothing is sampled: pairs are summed one by one, or by
    Fourier transforms where those are cheaper, which takes some 150 bytes a voxel of the mask's box. NaN where
    all intensities are equal (Moran 1950; Geary 1954; IBSI N365 and NPT7).

    Raises:
        DataError: the mask is empty or holds a value that is not a number.
    """
    values = region_values(image, mask).astype(np.float64)
    if values.min() == values.max():
        return dict.fromkeys(FEATURES, float("nan"))
    box = bounding_box(mask)
    deviation = values - values.mean()
    shape = mask[box].shape
    padded = shape[0] * np.prod([2 * size for size in shape[1:]])
    if values.size**2 < CHEAP * padded * np.log2(padded):
        weight, product, square = _pair_sums(np.argwhere(mask[box]) * np.array(spacing_mm), deviation)
    else:
        weight, product, square = _fourier_sums(mask[box], deviation, spacing_mm)
    n, variance = values.size, float(deviation @ deviation) / values.size
    return {
        "morph_moran_i": product / weight / variance,
        "morph_geary_c": (n - 1) / n * (square - product) / weight / variance,
    }


def _pair_sums(places: Floats, deviation: Floats) -> tuple[float, float, float]:
    """Over all ordered pairs: sums of the weight, of weight times both deviations, of weight times one's square."""
    total = np.zeros(3)
    for start in range(0, len(places), BLOCK):
        part = slice(start, start + BLOCK)
        distance = cdist(places[part], places)
        distance[np.arange(len(distance)), np.arange(start, start + len(distance))] = np.inf
        weight = 1 / distance
        near = weight @ np.column_stack([np.ones(len(places)), deviation])
        total += near[:, 0].sum(), near[:, 1] @ deviation[part], near[:, 0] @ deviation[part] ** 2
    return float(total[0]), float(total[1]), float(total[2])


def _fourier_sums(mask: Mask, deviation: Floats, spacing_mm: Spacing) -> tuple[float, float, float]:
    """The sums of `_pair_sums` by the correlation theorem: sum over frequencies of weight times both spectra."""
    lengths = [fft.next_fast_len(2 * size - 1, real=True) for size in mask.shape]
    weights = _weight_planes(mask.shape, lengths, spacing_mm)
    filled = np.zeros(mask.shape)
    filled[mask] = deviation
    spread = _planes(filled, lengths)
    product = _correlation(spread, spread, weights=weights, lengths=lengths)
    filled[mask] = deviation**2
    squares = _planes(filled, lengths)
    del spread, filled
    ones = _planes(mask.astype(np.float64), lengths)
    return (
        _correlation(ones, ones, weights=weights, lengths=lengths),
        product,
        _correlation(squares, ones, weights=weights, lengths=lengths),
    )


def _weight_planes(shape: tuple[int, ...], lengths: list[int], spacing_mm: Spacing) -> Floats:
    """Inverse distances by (z distance, y and x frequency): real, as distance knows no direction."""
    z, y, x = spacing_mm
    rows, columns = (np.minimum(np.arange(size), size - np.arange(size)) for size in lengths[1:])
    flat = (rows[:, None] * y) ** 2.0 + (columns * x) ** 2.0
    planes = np.empty((shape[0], lengths[1], lengths[2] // 2 + 1))
    for k in range(shape[0]):
        squared = flat + (k * z) ** 2
        if k == 0:
            squared[0, 0] = np.inf
        planes[k] = fft.rfft2(1 / np.sqrt(squared)).real
    return planes


def _planes(array: Floats, lengths: list[int]) -> Complex:
    """Each slice's spectrum (z, y and x frequency), the slice padded so that nothing wraps around."""
    planes = np.empty((array.shape[0], lengths[1], lengths[2] // 2 + 1), np.complex128)
    for z, slice_ in enumerate(array):
        planes[z] = fft.rfft2(slice_, s=lengths[1:])
    return planes


def _correlation(first: Complex, second: Complex, *, weights: Floats, lengths: list[int]) -> float:
    """Sum over all pairs of voxels of first, weight and second; the frequencies along z a few rows at a time."""
    length = lengths[0]
    shifts = np.minimum(np.arange(length), length - np.arange(length))
    twice = np.full(first.shape[2], 2.0)  # frequencies that a real transform leaves out
    twice[0] = 1
    if lengths[2] % 2 == 0:
        twice[-1] = 1
    rows = max(BLOCK // first.shape[2], 1)
    total = 0.0
    for start in range(0, first.shape[1], rows):
        part = slice(start, start + rows)
        left = fft.fft(first[:, part], n=length, axis=0)
        right = left if first is second else fft.fft(second[:, part], n=length, axis=0)
        near = np.where(
            (shifts < len(weights))[:, None, None], weights[np.minimum(shifts, len(weights) - 1), part], 0
        )
        kernel = fft.fft(near, axis=0).real
        total += float(((left.real * right.real + left.imag * right.imag) * kernel).sum(axis=(0, 1)) @ twice)
    return total / float(np.prod(lengths))
