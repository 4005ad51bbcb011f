"""Filters that are given in the Fourier domain."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from .boundary import padded
from .options import Boundary
from .separable import Image

Frequencies = Sequence[NDArray[np.float32]]
"""One array an axis of the array, which broadcast to the grid; 1 is the Nyquist frequency."""
Values = NDArray[np.float32] | NDArray[np.complex64]
Transfer = Callable[[Frequencies], Values]


def fourier_filter(
    image: Image, transfer: Transfer, *, dimensions: int, pad: int, boundary: Boundary
) -> Image:
    """Response of `image` along its last `dimensions` axes; see `widened` and `passed`."""
    wide, inner = widened(image, dimensions=dimensions, pad=pad, boundary=boundary)
    return np.ascontiguousarray(passed(wide, transfer, dimensions=dimensions)[inner])


def widened(
    image: Image, *, dimensions: int, pad: int, boundary: Boundary
) -> tuple[Image, tuple[slice, ...]]:
    """The image with at least `pad` voxels beyond each border, and where the image lies in it.

    A periodic image is left as it is, because a Fourier transform takes it so.
    """
    flat = image.ndim - dimensions
    pad = 0 if boundary == "periodic" else pad
    widths = [(0, 0)] * flat + [_widths(size, pad) for size in image.shape[flat:]]
    inner = tuple(slice(before, before + size) for (before, _), size in zip(widths, image.shape, strict=True))
    return padded(image, widths, boundary=boundary), inner


def passed(image: Image, transfer: Transfer, *, dimensions: int) -> Image:
    """The real part of the periodic `image`'s transform times `transfer`, transformed back.

    The frequencies run from -1 to 1 in as many steps as there are voxels, both ends included, as in IBSI's reference
    maps; they lie half a step beside those of the transform, which fades a filter out towards half the image away.
    """
    axes = tuple(range(image.ndim - dimensions, image.ndim))
    shape = image.shape[-dimensions:]
    spectrum = fft.rfftn(image.astype(np.float32, copy=False), axes=axes)
    spectrum *= _symmetric(transfer, shape)
    return np.asarray(fft.irfftn(spectrum, s=shape, axes=axes, overwrite_x=True), dtype=np.float32)


def _widths(size: int, pad: int) -> tuple[int, int]:
    """Voxels before and after, to a length that transforms fast and is even."""
    if not pad:
        return 0, 0
    length = 2 * fft.next_fast_len((size + 2 * pad + 1) // 2)
    return pad, length - size - pad


def _symmetric(transfer: Transfer, shape: Sequence[int]) -> Values:
    """The transfer function whose response is the real part of that of `transfer`, on the half grid of `rfftn`."""
    grids = [fft.ifftshift(np.linspace(-1, 1, size, dtype=np.float32)) for size in shape]
    opposite = [np.roll(grid[::-1], 1) for grid in grids]
    half = shape[-1] // 2 + 1
    here, there = (np.ix_(*side[:-1], side[-1][:half]) for side in (grids, opposite))
    both: Values = (transfer(here) + np.conj(transfer(there))) / np.float32(2)
    return both
