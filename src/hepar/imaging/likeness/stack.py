"""A volume as a stack of slabs, so that it is known again where slices were cut off or their distance changed."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...core.errors import DataError
from .fingerprint import SIDE
from .picture import Grey, grey_picture, levels_of, shrunk

STEP_MM = 5.0
"""Thickness of a slab: in between slices of abdomens change little, and slices of most series are no thicker."""
MOST = 128
"""Slabs that are kept, from the middle: 64 cm, of 4 kB each."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Stack:
    """Grey `levels` (slabs, 64, 64) of slabs of 5 mm one after the other, each 0 to 255 by itself."""

    levels: NDArray[np.uint8]


def stack_of(volume: NDArray[Any], *, spacing_mm: float) -> Stack:
    """The slabs of a volume (z, y, x) whose slices are `spacing_mm` apart. What is not finite counts as darkest.

    Orient volumes alike before (`Volume.oriented`).

    Raises:
        DataError: the array is no volume.
    """
    if volume.ndim != 3 or not volume.size:
        raise DataError(f"a volume has axes (z, y, x); the array has shape {volume.shape}")
    share = _shares(len(volume), spacing_mm / STEP_MM)
    slices = np.stack([shrunk(_finite(one), (SIDE, SIDE)) for one in volume])
    slabs = np.tensordot(share, slices, axes=1).astype(np.float32)
    return Stack(np.stack([levels_of(one) for one in slabs]))


def _shares(n: int, thickness: float) -> NDArray[np.float32]:
    """Weights (slabs, n) of slices of `thickness` slabs each in each slab; a rest at the end is left out."""
    slabs = max(int(n * thickness + 1e-6), 1)
    first = max((slabs - MOST) // 2, 0)
    start = np.arange(first, min(first + MOST, slabs))[:, None] / thickness
    end, slice_ = np.minimum(start + 1 / thickness, n), np.arange(n)
    overlap = np.clip(np.minimum(end, slice_ + 1) - np.maximum(start, slice_), 0, None)
    weights: NDArray[np.float32] = (overlap / overlap.sum(axis=1, keepdims=True)).astype(np.float32)
    return weights


def _finite(picture: NDArray[Any]) -> Grey:
    """The picture with the darkest of its numbers in place of what is none."""
    finite = np.isfinite(picture)
    if finite.all():
        return grey_picture(picture)
    return grey_picture(np.where(finite, picture, picture[finite].min() if finite.any() else 0.0))
