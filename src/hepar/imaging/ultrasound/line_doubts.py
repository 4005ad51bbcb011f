"""Doubts about where the lines of a recording lie: what shows a picture in another order, or in another unit."""

import numpy as np

from ...core.errors import DataError
from .doubts import Problem
from .frames import RfFrames
from .scan_conversion import lines_of

CLOSE = 0.125
"""Distance of neighbouring lines over the wavelength below which it is in another unit: no probe has so close ones."""


def of_geometry(frames: RfFrames, *, depth_mm: float) -> list[Problem]:
    """Lines that form no picture, and lines that lie on one another at `depth_mm`."""
    if frames.rf.shape[1] < 2:
        return []
    try:
        line = np.arange(frames.rf.shape[1])
        place = np.stack(lines_of(frames).place_mm(line, depth_mm), axis=1)
    except DataError as error:
        return [Problem("no picture", "warn", f"the lines form no picture in mm: {error}")]
    apart_mm = float(np.hypot(*np.diff(place, axis=0).T).mean())
    if apart_mm >= CLOSE * frames.wavelength_mm:
        return []
    return [Problem("lines on one another", "warn", (
        f"neighbouring lines lie {apart_mm:.2g} mm apart {depth_mm:.0f} mm deep, and the wavelength is"
        f" {frames.wavelength_mm:.2g} mm: angles in radians, or places in another unit than mm? Networks and pictures"
        " would have them all in one place; correct line_angle_deg (degrees) or line_across_mm"
    ))]  # fmt: skip
