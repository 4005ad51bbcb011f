"""Connected parts of a region."""

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage


def n_components(region: NDArray[np.bool_]) -> int:
    """How many parts `region` (z, y, x) has; voxels that share a face, an edge or a corner are connected."""
    _, n = ndimage.label(region, structure=np.ones((3, 3, 3), bool))
    return int(n)
