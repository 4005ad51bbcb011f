"""Whether one picture is the other, cropped or stretched by a few percent: aligned first, then correlated in detail."""

from typing import Any

import numpy as np
import scipy.ndimage
from numpy.typing import NDArray

from .picture import spread_over

Array = NDArray[Any]

COARSE_SIDE, COARSE_BLUR_PX = 32, 1.5
"""Rows and columns of the pictures on which a shift of several pixels is found, in a tenth of the time."""
COARSE_DETAIL_PX = (0.5, 3.0)
"""Structure between these widths is compared there."""
HOPEFUL = 0.7
"""Correlation there below which a pair is given up: nine in ten of the candidates that are not one."""
BLUR_PX = 1.2
"""Of the pictures on which that is refined."""
ROUNDS = 6
DAMPING = 1e-3
FINE_PX = 0.6
LOCAL_PX = 4.0
"""Structure wider than this is what all pictures of one scanner share: layout, loss with depth."""
FLAT = 0.02
"""Local deviation of rank below which a place tells nothing."""
WINDOW_PX, RING_PX = 9, 11
"""Outside the body most of this window is background; what all bodies have in common, their edge, spreads so far."""
LEAST_SEEN = 0.1
"""Share of the pixels away from the outline; where it is less, the outline is compared, too."""
WITH_OUTLINE = 0.95
"""Correlation that counts then: outlines of different SIMULATED bodies reached 0.87."""
MOST_STRETCH = 0.25
"""A stretch or shift beyond this share of the picture is no crop of a few percent."""
EDGE_PX = 3


def aligned_correlation(first: Array, second: Array) -> NDArray[np.float64]:
    """Correlation (pairs,) of the fine structure of pictures (pairs, rows, columns) of ranks, after alignment.

    Shift and stretch of either axis are found by least squares (Lucas & Kanade 1981), from coarse to fine. Compared are
    pixels that both pictures hold, away from background, because the outline of a body or a sector is everyone's; where
    less than a tenth of the picture remains, all pixels, and less than 0.95 counts as 0. It is 0 where the coarse
    pictures already differ.
    """
    one, other = (np.asarray(ranks, dtype=np.float32) / np.float32(255) for ranks in (first, second))
    placed, hope = _coarse(one, other)
    found = np.zeros(len(one))
    worth = np.flatnonzero(hope >= HOPEFUL)
    if worth.size:
        found[worth] = _fine(one[worth], other[worth], placed[worth])
    return found


def _coarse(one: Array, other: Array) -> tuple[Array, Array]:
    """Where the second pictures lie on the first ones, and how well they fit, on small copies."""
    small, small_other = (spread_over(pictures, COARSE_SIDE).astype(np.float32) for pictures in (one, other))
    start = np.zeros((len(one), 4))
    placed = _refined(_blurred(small, COARSE_BLUR_PX), _blurred(small_other, COARSE_BLUR_PX), start)
    moved, held = _moved(small_other, placed)
    fine, wide = COARSE_DETAIL_PX
    detail, moved_detail = (_blurred(p, fine) - _blurred(p, wide) for p in (small, moved))
    return placed, _weighted(detail, moved_detail, held.astype(np.float32))


def _fine(one: Array, other: Array, placed: Array) -> Array:
    placed = _refined(_blurred(one, BLUR_PX), _blurred(other, BLUR_PX), placed)
    placed = np.where(np.abs(placed).max(axis=1, keepdims=True) > MOST_STRETCH, 0.0, placed)
    moved, held = _moved(other, placed)
    outside, _ = _moved(_outside(other), placed)
    seen = held & (_outside(one) < 0.5) & (outside < 0.5)
    enough = seen.mean(axis=(1, 2)) >= LEAST_SEEN
    fine, fine_moved = _blurred(one, FINE_PX), _blurred(moved, FINE_PX)
    found = _correlation(fine, fine_moved, seen=np.where(enough[:, None, None], seen, held))
    return np.asarray(np.where(enough | (found >= WITH_OUTLINE), found, 0.0))


def _outside(pictures: Array) -> Array:
    """1 at large background and near it, else 0."""
    background = (pictures == 0).astype(np.float32)
    most = scipy.ndimage.uniform_filter(background, (0, WINDOW_PX, WINDOW_PX), mode="nearest") > 0.5
    near = scipy.ndimage.maximum_filter(most, (1, RING_PX, RING_PX), mode="nearest")
    return np.asarray(near, dtype=np.float32)


def _blurred(pictures: Array, width_px: float) -> Array:
    return np.asarray(
        scipy.ndimage.gaussian_filter(pictures, (0, width_px, width_px), mode="nearest"), dtype=np.float32
    )


def _refined(first: Array, second: Array, placed: Array) -> Array:
    """Gauss-Newton steps on (shift y, stretch y, shift x, stretch x), in halves of the picture."""
    rows, columns = first.shape[1:]
    y, x = np.linspace(-1, 1, rows)[:, None], np.linspace(-1, 1, columns)[None]
    down, across = np.gradient(first, axis=1) * (rows - 1) / 2, np.gradient(first, axis=2) * (columns - 1) / 2
    slopes = np.stack([down, down * y, across, across * x], axis=1).reshape(len(first), 4, -1)
    normal = slopes @ slopes.transpose(0, 2, 1)
    trace = np.trace(normal, axis1=1, axis2=2)[:, None, None]
    normal = normal + (DAMPING * trace + 1e-9) * np.eye(4)
    for _ in range(ROUNDS):
        moved, held = _moved(second, placed)
        error = (first - moved) * held
        step = np.linalg.solve(normal, slopes @ error.reshape(len(first), -1, 1))[..., 0]
        placed = placed + np.clip(step, -0.1, 0.1)
    return placed


def _moved(pictures: Array, placed: Array) -> tuple[Array, Array]:
    """The pictures sampled where `placed` says, and which pixels lie inside."""
    m, rows, columns = pictures.shape
    y = _line(rows, shift=placed[:, 0], stretch=placed[:, 1])
    x = _line(columns, shift=placed[:, 2], stretch=placed[:, 3])
    inside = ((y >= 0) & (y <= rows - 1))[:, :, None] & ((x >= 0) & (x <= columns - 1))[:, None, :]
    low_y, low_x = (np.clip(np.floor(v).astype(np.int64), 0, n - 2) for v, n in ((y, rows), (x, columns)))
    up, right = (np.clip(v - low, 0, 1).astype(np.float32) for v, low in ((y, low_y), (x, low_x)))
    each = np.arange(m)[:, None]
    tall = pictures[each, low_y] * (1 - up[..., None]) + pictures[each, low_y + 1] * up[..., None]
    wide = tall.transpose(0, 2, 1)
    moved = wide[each, low_x] * (1 - right[..., None]) + wide[each, low_x + 1] * right[..., None]
    return moved.transpose(0, 2, 1), inside


def _line(n: int, *, shift: Array, stretch: Array) -> Array:
    place = np.linspace(-1, 1, n)[None]
    moved: Array = (place * (1 + stretch[:, None]) + shift[:, None] + 1) * (n - 1) / 2
    return moved


def _detail(pictures: Array) -> tuple[Array, Array]:
    """Local structure over its local deviation, and where there is any."""
    centred = pictures - _blurred(pictures, LOCAL_PX)
    spread = np.sqrt(_blurred(centred**2, LOCAL_PX))
    return centred / (spread + FLAT), spread > FLAT


def _correlation(first: Array, second: Array, *, seen: Array) -> Array:
    """Of the detail of both, over the pixels `seen` away from the edge."""
    (one, one_there), (other, other_there) = _detail(first), _detail(second)
    weight = (seen & (one_there | other_there)).astype(np.float32)
    weight[:, :EDGE_PX], weight[:, -EDGE_PX:], weight[:, :, :EDGE_PX], weight[:, :, -EDGE_PX:] = 0, 0, 0, 0
    return _weighted(one, other, weight)


def _weighted(one: Array, other: Array, weight: Array) -> Array:
    """Correlation (pairs,) over pixels with `weight`; 0 where one does not vary."""
    total = np.maximum(weight.sum(axis=(1, 2), keepdims=True), 1)
    a, b = (p - (p * weight).sum(axis=(1, 2), keepdims=True) / total for p in (one, other))
    product = (a * b * weight).sum(axis=(1, 2))
    norm = np.sqrt((a * a * weight).sum(axis=(1, 2)) * (b * b * weight).sum(axis=(1, 2)))
    found: Array = np.where(norm > 0, product / np.maximum(norm, 1e-12), 0.0)
    return found
