"""A picture without its border: bars and frames that were put round it, or the dark round the sector of a probe."""

import numpy as np
from numpy.typing import NDArray

from .picture import Grey

ALIKE = 0.08
"""Share of the range within which a pixel has the grey of the border: noise and JPEG stay below."""
MOSTLY = 0.9
"""Share of the pixels of a row that have it, where the row is border: a line of small letters leaves as many."""
PASSES = 3
"""Rows and columns are looked at together, so that a quarter turn changes nothing, and again in what is left."""
LEAST, MOST = 0.25, 0.97
"""Shares of the rows and of the columns; where less is left, the picture itself is flat; where more of both, there is
hardly a border. Both are kept whole.
"""
DARKEST, BRIGHTEST = 0.005, 0.995


def without_border(picture: Grey) -> Grey:
    """The part of a picture (rows, columns) inside rows and columns at its edges that are of one grey."""
    low, high = (float(np.quantile(picture, share)) for share in (DARKEST, BRIGHTEST))
    inner = picture
    for _ in range(PASSES):
        rows, columns = (_inside(one, step=ALIKE * (high - low)) for one in (inner, inner.T))
        inner = inner[rows, columns]
    left = [n / whole for n, whole in zip(inner.shape, picture.shape, strict=True)]
    return np.ascontiguousarray(inner) if min(left) >= LEAST and min(left) < MOST else picture


def _inside(picture: Grey, *, step: float) -> slice:
    """Rows between the border above and the border below; all where everything is border."""
    above, below = (_border(one, step=step) for one in (picture, picture[::-1]))
    return slice(0, len(picture)) if above == len(picture) else slice(above, len(picture) - below)


def _border(picture: Grey, *, step: float) -> int:
    """How many rows from the first one on have its grey."""
    level = np.median(picture[0]) if picture.size else 0.0
    same: NDArray[np.float64] = (np.abs(picture - level) <= step).mean(axis=1)
    return int(np.argmin(same >= MOSTLY)) if (same < MOSTLY).any() else len(picture)
