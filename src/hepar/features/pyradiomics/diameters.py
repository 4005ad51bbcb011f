"""The largest distance among points of a surface, without trying all pairs."""

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import ConvexHull
from scipy.spatial.distance import pdist

Floats = NDArray[np.float64]


def farthest(points: Floats) -> float:
    """Largest distance between two of `points` (points, 3), which lie on a grid and span space.

    The two are corners of the convex hull, and ends of their lines along the last axis.
    """
    return _largest(_line_ends(points))


def farthest_in_planes(points: Floats, *, axis: int) -> float:
    """Largest distance between two of `points` that share their coordinate along `axis`; 0 if no two do.

    Planes are tried from the one whose bounding box has the longest diagonal, until none can have more than was found.
    """
    rest = [other for other in range(points.shape[1]) if other != axis]
    order = np.argsort(points[:, axis], kind="stable")
    plane_of = points[order, axis]
    starts = np.flatnonzero(np.append(True, np.diff(plane_of) > 0))
    flat = points[order][:, rest]
    low, high = np.minimum.reduceat(flat, starts), np.maximum.reduceat(flat, starts)
    reach = np.linalg.norm(high - low, axis=1)
    ends = np.append(starts, len(flat))
    best = 0.0
    for plane in np.argsort(-reach):
        if reach[plane] <= best:
            break
        inside = flat[ends[plane] : ends[plane + 1]]
        best = max(best, _largest(_line_ends(inside)))
    return best


def _line_ends(points: Floats) -> Floats:
    """The first and the last point of each line along the last axis."""
    order = np.lexsort(points.T[::-1])
    sorted_points = points[order]
    new_line = np.any(np.diff(sorted_points[:, :-1], axis=0) != 0, axis=1)
    first, last = np.append(True, new_line), np.append(new_line, True)
    return np.asarray(sorted_points[first | last])


def _largest(points: Floats) -> float:
    if len(points) > 100:
        spread = np.ptp(points, axis=0)
        if (spread > 0).all():
            points = points[ConvexHull(points).vertices]
    return float(pdist(points).max()) if len(points) > 1 else 0.0
