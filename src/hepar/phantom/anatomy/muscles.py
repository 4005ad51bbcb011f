"""Muscles inside the cavity: psoas, quadratus lumborum and the crura of the diaphragm."""

import numpy as np

from .habitus import Frame
from .tubes import Tube, smooth

LINES = (
    # points (z, y, x) and radii in the reference person, one side
    (((-4, 44, 24), (-60, 44, 33), (-110, 42, 42), (-240, 30, 56)), (3.0, 12.0, 19.0, 22.0)),
    (((-14, 70, 52), (-70, 70, 62), (-140, 68, 74)), (5.0, 9.0, 12.0)),
    (((-14, 74, 62), (-70, 74, 74), (-140, 72, 84)), (4.0, 6.0, 8.0)),
)
CRURA = (
    (((52, 8, -6), (20, 14, -8), (-15, 20, -9), (-62, 27, -8)), (4.0, 5.0, 5.5, 2.5)),
    (((52, 14, 27), (20, 20, 25), (-10, 24, 22), (-46, 28, 14)), (2.8, 3.6, 4.0, 2.0)),
    (((20, 20, -13), (-15, 26, -14), (-50, 30, -12)), (3.0, 4.0, 2.0)),
)


def muscles(frame: Frame) -> tuple[Tube, ...]:
    """Tubes of muscle on both sides, thicker in the muscular."""
    found = []
    for points, radii in LINES:
        for side in (1.0, -1.0):
            line = frame.place(np.array(points) * [1.0, 1.0, side])
            found.append(smooth(line, np.array(radii) * np.sqrt(frame.body.muscle), step_mm=8))
    for points, radii in CRURA:
        found.append(smooth(frame.place(np.array(points, float)), np.array(radii), step_mm=6))
    return tuple(found)
