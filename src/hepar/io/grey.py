"""What every image file has to be before it is a volume: grey, finite, three-dimensional and at right angles."""

from pathlib import Path
from typing import Any

import numpy as np

from ..core.errors import DataError
from ..imaging.geometry import Array, Float, Volume

SHEAR_TOLERANCE = 1e-3
"""Largest cosine between two axes that counts as a right angle; headers store directions with few digits."""


def volume_of(array: Array, affine: Float, *, path: Path) -> Volume:
    """The volume, its numbers in the machine's byte order and in C order; refuses what a volume cannot hold."""
    if not np.isfinite(affine).all() or abs(np.linalg.det(affine[:3, :3])) < 1e-12:
        raise DataError(f"{path}: the header gives no valid axes: {affine[:3].round(6).tolist()}; correct it")
    direction = affine[:3, :3] / np.linalg.norm(affine[:3, :3], axis=0)
    cosines = np.abs(direction.T @ direction - np.eye(3))
    if cosines.max() > SHEAR_TOLERANCE:
        raise DataError(
            f"{path}: the axes are not at right angles (cosine {cosines.max():.3g}): a gantry tilt or a shear. Resample"
            " the image to a rectangular grid where it was made"
        )
    if array.dtype.kind not in "buif":
        raise DataError(f"{path}: holds {_kind(array.dtype)}; a grey image of real numbers is needed")
    native = array.astype(_native(array.dtype), order="C", copy=False)
    refuse_not_finite(native, path)
    return Volume(native, affine)


def refuse_not_finite(array: Array, path: Path) -> None:
    """Refuse NaN and infinity, with their number and the first place."""
    if array.dtype.kind != "f" or np.isfinite(array).all():
        return
    bad = np.argwhere(~np.isfinite(array))
    raise DataError(
        f"{path}: {len(bad):,} of {array.size:,} values are not finite, the first at (z, y, x) ="
        f" {tuple(map(int, bad[0]))}; set them to a number that means background"
    )


def three_axes(array: Array, *, frame: int | None, axis: str, path: Path) -> Array:
    """An array (frames, z, y, x) as one volume: the only frame, or the one that `frame` chooses, from 0."""
    n = len(array)
    if frame is None and n == 1:
        frame = 0
    if frame is None or not 0 <= frame < n:
        asked = "" if frame is None else f", not {frame}"
        raise DataError(
            f"{path}: is 4-D, with {n} volumes along {axis}; choose one by frame=, 0 to {n - 1}{asked}, or give it in a"
            " file of its own"
        )
    chosen: Array = array[frame]
    return chosen


def _native(dtype: np.dtype[Any]) -> np.dtype[Any]:
    """The type in the machine's byte order; numbers of more than 8 bytes, which few tools know, as 8."""
    if dtype.kind == "f" and dtype.itemsize not in (4, 8):
        return np.dtype(np.float32 if dtype.itemsize < 4 else np.float64)
    return dtype.newbyteorder("=")


def _kind(dtype: np.dtype[Any]) -> str:
    if dtype.names:
        return f"colours ({', '.join(dtype.names)})"
    return "complex numbers" if dtype.kind == "c" else f"values of type {dtype}"
