"""What lies beyond the border of an image."""

from collections.abc import Sequence
from typing import get_args

import numpy as np
from numpy.typing import NDArray

from ...core.errors import ProtocolError, choices
from .options import Boundary


def source_index(size: int, *, before: int, after: int, boundary: Boundary) -> NDArray[np.int64]:
    """Which voxel stands at each place of an axis of `size` voxels padded at both ends; -1 where it is zero.

    >>> source_index(3, before=2, after=2, boundary="mirror").tolist()
    [1, 0, 0, 1, 2, 2, 1]
    """
    place = np.arange(-before, size + after)
    match boundary:
        case "zero":
            return np.where((place >= 0) & (place < size), place, -1)
        case "nearest":
            return np.clip(place, 0, size - 1)
        case "periodic":
            return place % size
        case "mirror":
            folded = place % (2 * size)
            return np.minimum(folded, 2 * size - 1 - folded)
    raise ProtocolError(f"boundary: {choices(str(boundary), get_args(Boundary))}")


def padded(
    image: NDArray[np.float32], widths: Sequence[tuple[int, int]], *, boundary: Boundary
) -> NDArray[np.float32]:
    """`image` with `widths` voxels (before, after) of each axis beyond its border."""
    for axis, (before, after) in enumerate(widths):
        if before or after:
            index = source_index(image.shape[axis], before=before, after=after, boundary=boundary)
            outside = np.flatnonzero(index < 0)
            image = np.take(image, index, axis=axis)
            image[(slice(None),) * axis + (outside,)] = 0
    return image
