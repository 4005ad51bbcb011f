"""Convolution with one kernel along one axis, from which the separable filters are built."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ..compiled import compiled
from .boundary import source_index
from .options import Boundary

Image = NDArray[np.float32]
Kernel = NDArray[np.float64]

BLOCK = 1024
"""Neighbouring voxels that are filtered together, few enough to stay in the processor's cache."""


def convolve(image: Image, kernel: Kernel, *, axis: int, boundary: Boundary) -> Image:
    """Convolution of `image` (z, y, x) with `kernel`, of an odd length, along `axis`."""
    taps = np.ascontiguousarray(kernel[::-1], dtype=np.float32)
    size, reach = image.shape[axis], len(kernel) // 2
    index = source_index(size, before=reach, after=reach, boundary=boundary)
    outer, inner = int(np.prod(image.shape[:axis])), int(np.prod(image.shape[axis + 1 :]))
    lines = np.ascontiguousarray(image, dtype=np.float32).reshape(outer, size, inner)
    out = _along_lines(lines[:, :, 0], taps, index) if inner == 1 else _across_lines(lines, taps, index)
    return out.reshape(image.shape)


def convolve_axes(image: Image, kernels: Sequence[Kernel], *, boundary: Boundary) -> Image:
    """Convolution with a kernel along each of the last axes; `kernels` in the array's order."""
    first = image.ndim - len(kernels)
    for axis, kernel in enumerate(kernels, start=first):
        image = convolve(image, kernel, axis=axis, boundary=boundary)
    return image


@compiled
def _along_lines(lines: Image, taps: Image, index: NDArray[np.int64]) -> Image:
    """The kernel along the last axis."""
    n_lines, size = lines.shape
    out = np.zeros((n_lines, size), dtype=np.float32)
    line = np.zeros(len(index), dtype=np.float32)
    for row in range(n_lines):
        for place in range(len(index)):
            source = index[place]
            line[place] = lines[row, source] if source >= 0 else np.float32(0)
        for tap in range(len(taps)):
            weight = taps[tap]
            if weight == 0:
                continue
            for place in range(size):
                out[row, place] += weight * line[place + tap]
    return out


@compiled
def _across_lines(lines: Image, taps: Image, index: NDArray[np.int64]) -> Image:
    """The kernel along the middle axis."""
    n_outer, size, inner = lines.shape
    out = np.zeros((n_outer, size, inner), dtype=np.float32)
    for outer in range(n_outer):
        for start in range(0, inner, BLOCK):
            stop = min(start + BLOCK, inner)
            for place in range(size):
                for tap in range(len(taps)):
                    source = index[place + tap]
                    weight = taps[tap]
                    if source >= 0 and weight != 0:
                        into, part = out[outer, place, start:stop], lines[outer, source, start:stop]
                        for column in range(stop - start):
                            into[column] += weight * part[column]
    return out
