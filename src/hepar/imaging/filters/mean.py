"""The mean filter."""

import numpy as np

from ...core.errors import ProtocolError
from .options import Boundary
from .separable import Image, convolve_axes


def mean(image: Image, *, support: int, dimensions: int = 3, boundary: Boundary = "mirror") -> Image:
    """Mean of the `support` voxels, an odd number, along each axis around a voxel (IBSI S60F).

    `dimensions` is 3, or 2 for a mean within the slice.
    """
    if support < 1 or support % 2 == 0:
        raise ProtocolError(f"mean filter: a support of {support} voxels has no middle; give an odd number")
    kernel = np.full(support, 1 / support)
    return convolve_axes(image, [kernel] * dimensions, boundary=boundary)
