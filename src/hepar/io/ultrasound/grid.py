"""Lines of radio frequency on the grid of a beamformer: their angles and origins, and the depth of their samples."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...core.errors import DataError

Array = NDArray[np.float64]
UNEVEN = 0.02
"""Share of a step by which depths may differ from even ones; coordinates are stored as 32-bit numbers."""


@dataclass(frozen=True, slots=True)
class Lines:
    """Lines of a grid: `step_mm` between their samples, and the other fields as those of `RfFrames`."""

    geometry: str
    step_mm: float
    start_mm: float
    radius_mm: float
    line_angle_deg: Array
    line_origin_mm: Array


def lines_through(x_mm: Array, z_mm: Array) -> Lines:
    """Lines whose samples lie at `x_mm` and `z_mm` (lines, samples), z down from the middle of the probe's face.

    Parallel lines are those of a linear array, their depth counted from z = 0. Lines that meet at z = 0 are those of
    a phased array; lines that meet behind the face are those of a convex probe, whose radius is the distance of that
    point, its depth counted from the arc through the middle of the face.
    """
    if x_mm.shape[1] < 2:
        raise DataError("a line of the grid has a single sample; radio frequency needs many")
    along = np.stack([x_mm[:, -1] - x_mm[:, 0], z_mm[:, -1] - z_mm[:, 0]])
    steps = np.hypot(np.diff(x_mm, axis=1), np.diff(z_mm, axis=1))
    step = float(np.median(steps))
    straight = np.hypot(*along) / (x_mm.shape[1] - 1)
    if (
        step <= 0
        or np.abs(steps - step).max() > UNEVEN * step
        or np.abs(straight - step).max() > UNEVEN * step
    ):
        raise DataError(
            "the samples of a line do not lie evenly along it, so that there is no sampling rate; beamform on a grid of"
            " straight, evenly sampled lines"
        )
    step = float(straight.mean())
    angle = np.arctan2(along[0], along[1])
    first = np.stack([x_mm[:, 0], z_mm[:, 0]], axis=1)
    if np.ptp(angle) < 1e-4:
        return _parallel(first, angle, step)
    return _meeting(first, angle, step)


def _parallel(first: Array, angle: Array, step: float) -> Lines:
    start = float((first[:, 1] / np.cos(angle)).mean())
    origin = first - start * np.stack([np.sin(angle), np.cos(angle)], axis=1)
    return Lines("linear", step, start, 0.0, np.degrees(angle), origin)


def _meeting(first: Array, angle: Array, step: float) -> Lines:
    """The apex is the point nearest to all lines: least squares of the distances, n . p = n . first."""
    across = np.stack([np.cos(angle), -np.sin(angle)], axis=1)
    apex = np.linalg.lstsq(across, (across * first).sum(axis=1), rcond=None)[0]
    direction = np.stack([np.sin(angle), np.cos(angle)], axis=1)
    reach = ((first - apex) * direction).sum(axis=1)
    if np.abs(first - apex - reach[:, None] * direction).max() > step or np.ptp(reach) > step:
        raise DataError(
            "the lines of the grid neither run side by side nor meet in a point; give line_angle_deg, geometry and"
            " start_mm in its description"
        )
    radius = max(-float(apex[1]), 0.0)
    if radius < step:
        return Lines(
            "phased", step, float(reach.mean()), 0.0, np.degrees(angle), np.tile(apex, (len(angle), 1))
        )
    origin = apex + radius * direction
    return Lines("convex", step, float(reach.mean()) - radius, radius, np.degrees(angle), origin)
