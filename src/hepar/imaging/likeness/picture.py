"""A picture to be compared: grey, small, its brightness told by rank, so that gain and contrast do not matter."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...core.errors import DataError

Grey = NDArray[np.float32]

LUMINANCE = (0.299, 0.587, 0.114)
"""Weights of red, green and blue (ITU-R BT.601)."""
LEVELS = 256
"""Grey levels between which ranks are told apart."""
DARK, BRIGHTEST = 20, 0.995
"""Level up to which a pixel is background (8 % of the range); quantile at which the range ends."""
ROUNDING = 1e-5
"""Of averages in single precision: what differs less is of one grey."""
SHARES = (0.35, 0.5, 0.65)
"""Where along its first axis the slices of a volume are taken."""


def grey_picture(array: NDArray[Any]) -> Grey:
    """A picture (rows, columns) or (rows, columns, 1 to 4 channels) as grey numbers (rows, columns).

    Raises:
        DataError: it has another shape, no pixels, or a number that is not finite.
    """
    if array.ndim == 3 and array.shape[2] in (3, 4):
        grey = array[..., :3].astype(np.float32) @ np.array(LUMINANCE, dtype=np.float32)
    elif array.ndim == 3 and array.shape[2] in (1, 2):
        grey = array[..., 0].astype(np.float32)
    else:
        grey = array.astype(np.float32)
    if grey.ndim != 2 or not grey.size:
        raise DataError(f"a picture has rows and columns; the array has shape {array.shape}")
    if not np.isfinite(grey).all():
        raise DataError("a picture holds a number that is not finite; set it to one that means background")
    return np.ascontiguousarray(grey)


def slices_of(volume: NDArray[Any]) -> tuple[Grey, ...]:
    """Three slices of a volume (z, y, x), from the middle third of its first axis; one where it has a single slice.

    Orient volumes alike before (`Volume.oriented`), or a copy that is stored in another order of axes looks different.
    """
    if volume.ndim != 3 or not volume.size:
        raise DataError(f"a volume has axes (z, y, x); the array has shape {volume.shape}")
    places = dict.fromkeys(min(int(share * len(volume)), len(volume) - 1) for share in SHARES)
    return tuple(grey_picture(volume[place]) for place in (places if len(places) == len(SHARES) else [0]))


def shrunk(picture: Grey, shape: tuple[int, int]) -> Grey:
    """The picture averaged over areas to `shape` (rows, columns); a smaller one is spread evenly."""
    down, across = (_averages(n, m) for n, m in zip(picture.shape, shape, strict=True))
    made: Grey = (down @ picture @ across.T).astype(np.float32)
    return made


def spread_over(pictures: NDArray[Any], side: int) -> NDArray[Any]:
    """Pictures (n, rows, columns) averaged over areas to (n, side, side)."""
    down, across = (_averages(n, side) for n in pictures.shape[1:])
    made: NDArray[Any] = down @ pictures @ across.T
    return made


def levels_of(picture: Grey) -> NDArray[np.uint8]:
    """Grey levels 0 to 255, from the darkest pixel to the 99.5th percentile, so that a burnt-in letter does not set it.

    All are 0 where the picture is of one grey.
    """
    low, high = float(picture.min()), float(np.quantile(picture, BRIGHTEST))
    if high - low <= ROUNDING * max(abs(low), abs(high)):
        return np.zeros(picture.shape, dtype=np.uint8)
    scaled = np.minimum((picture - low) * (LEVELS / (high - low)), LEVELS - 1)
    return np.asarray(scaled, dtype=np.uint8)


def by_rank(levels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Levels (pictures, rows, columns) by rank: 0 for background, 1 to 255 from the darkest to the brightest other one.

    Background is what lies within 8 % of the range above the darkest. Any rising curve of grey changes little else.
    """
    found = np.empty_like(levels)
    for place, picture in enumerate(levels):
        held = np.bincount(picture.ravel(), minlength=LEVELS)
        held[: DARK + 1] = 0
        rank = (np.cumsum(held) - held / 2) / max(int(held.sum()), 1)
        grey = np.round(1 + 254 * rank).astype(np.uint8)
        grey[: DARK + 1] = 0
        np.take(grey, picture, out=found[place])
    return found


def _averages(n: int, m: int) -> NDArray[np.float32]:
    """Weights (m, n) that average n samples to m: the share of each sample in each of m equal stretches."""
    edges = np.linspace(0, n, m + 1)
    low, high = edges[:-1, None], edges[1:, None]
    sample = np.arange(n)
    overlap = np.clip(np.minimum(high, sample + 1) - np.maximum(low, sample), 0, None)
    weights: NDArray[np.float32] = (overlap / overlap.sum(axis=1, keepdims=True)).astype(np.float32)
    return weights
