"""When the wave of a transmission reaches a place."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...core.errors import DataError

_Floats = NDArray[np.float64]
PLANE_US = 1e-4
"""How far the delays of a plane wave may lie off a straight line: they are stored rounded."""
BLOCK = 2_000_000
"""Pairs of a place and an element that are held at a time."""


def arrival_us(
    points_mm: _Floats, *, element_mm: NDArray[Any], delays_us: NDArray[Any], c_mm_us: float
) -> _Floats:
    """When the wave of one transmission is first at `points_mm` (points, 2), us (points,).

    The first of all that the elements send, d_k + |p - e_k| / c over the elements k that fire (Perrot et al. 2021),
    taken over the face between the elements too. Beside the part that a plane or diverging wave reaches it is the
    wave of the outermost element. A wave that was focused comes last where this is first, and is not for this.
    """
    firing = np.isfinite(delays_us)
    element = np.asarray(element_mm, dtype=float)[firing]
    delay = np.asarray(delays_us, dtype=float)[firing]
    slope = _slope_us_mm(element, delay)
    if slope is not None and abs(slope) * c_mm_us < 1:
        return _plane(points_mm, element, delay, slope_us_mm=slope, c_mm_us=c_mm_us)
    step = max(1, BLOCK // len(element))
    parts = [
        _first(points_mm[at : at + step], element, delay, c_mm_us=c_mm_us)
        for at in range(0, len(points_mm), step)
    ]
    return np.concatenate(parts)


def refuse_focused(
    delays_us: NDArray[Any], *, element_mm: NDArray[Any], c_mm_us: float, wavelength_mm: float
) -> None:
    """Refuse transmissions (transmissions, channels) whose wave runs together by more than 1/8 of a wavelength."""
    for number, delays in enumerate(delays_us):
        firing = np.isfinite(delays)
        across, down = np.asarray(element_mm, dtype=float)[firing].T
        if across.size < 3:
            continue
        middle, half = (across.max() + across.min()) / 2, np.ptp(across) / 2
        bend = np.polyfit((across - middle) / half, c_mm_us * delays[firing] - down, 2)[0]
        if bend < -wavelength_mm / 8:
            raise DataError(
                f"transmission {number} is focused, at about {-(half**2) / (2 * bend):.0f} mm: only plane and diverging"
                " waves are beamformed here; leave focused ones out, or give their lines as the scanner beamformed them"
            )


def _slope_us_mm(element: _Floats, delay: _Floats) -> float | None:
    """Slope of delays along a flat face if they lie on a line, else none."""
    if len(element) < 2 or np.ptp(element[:, 1]) > 0 or (np.diff(element[:, 0]) <= 0).any():
        return None
    slope, offset = np.polyfit(element[:, 0], delay, 1)
    return float(slope) if np.abs(slope * element[:, 0] + offset - delay).max() < PLANE_US else None


def _plane(
    points: _Floats, element: _Floats, delay: _Floats, *, slope_us_mm: float, c_mm_us: float
) -> _Floats:
    """Along the ray that leaves the face at the angle of the wave, or from the outermost element beside the wave."""
    across, down = points[:, 0], points[:, 1] - element[0, 1]
    sine = slope_us_mm * c_mm_us
    sent = (across - down * sine / np.sqrt(1 - sine**2)).clip(element[0, 0], element[-1, 0])
    at = delay.mean() + slope_us_mm * (sent - element[:, 0].mean())
    made: _Floats = at + np.hypot(across - sent, down) / c_mm_us
    return made


def _first(points: _Floats, element: _Floats, delay: _Floats, *, c_mm_us: float) -> _Floats:
    """The lowest of all, by a parabola through the lowest and its neighbours."""
    time = delay + np.hypot(points[:, :1] - element[:, 0], points[:, 1:] - element[:, 1]) / c_mm_us
    lowest = time.argmin(axis=1)
    rows = np.arange(len(points))
    best: _Floats = time[rows, lowest]
    inside = (lowest > 0) & (lowest < time.shape[1] - 1)
    rows, lowest = rows[inside], lowest[inside]
    before, at, after = (time[rows, lowest + step] for step in (-1, 0, 1))
    bend = before - 2 * at + after
    best[inside] = at - np.divide((before - after) ** 2, 8 * bend, out=np.zeros_like(at), where=bend > 0)
    return best
