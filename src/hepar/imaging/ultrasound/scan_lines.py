"""Lines along which channel data are beamformed."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ...core.errors import DataError, ProtocolError, choices
from .channels import ChannelData
from .frames import GEOMETRIES

FLAT_MM = 0.05
"""How far the elements of a flat face may lie off it."""


@dataclass(frozen=True, slots=True, eq=False)
class ScanLines:
    """Line l starts at `origin_mm[l]` (across, down) and runs at `angle_deg[l]`, as in `RfFrames`."""

    geometry: str
    origin_mm: NDArray[Any]
    angle_deg: NDArray[Any]
    radius_mm: float = 0.0

    def __post_init__(self) -> None:
        if self.geometry not in GEOMETRIES:
            raise ProtocolError(f"geometry is {self.geometry!r}; {choices(self.geometry, GEOMETRIES)}")
        lines = self.angle_deg.size
        if not lines or self.angle_deg.shape != (lines,) or self.origin_mm.shape != (lines, 2):
            raise ProtocolError(
                f"lines need one angle and one origin each; found the shapes {self.angle_deg.shape} and"
                f" {self.origin_mm.shape}"
            )
        if not (np.isfinite(self.origin_mm).all() and (np.abs(self.angle_deg) < 90).all()):
            raise ProtocolError("lines need origins that are finite and angles between -90 and 90 degrees")


def element_lines(data: ChannelData) -> ScanLines:
    """One line at each element, straight out of the face: parallel for a flat probe, a fan for a curved one."""
    across, down = np.asarray(data.element_mm, dtype=float).T
    origin = np.stack([across, down], axis=1)
    if np.ptp(down) <= FLAT_MM:
        return ScanLines("linear", origin, np.zeros(across.size))
    centre, radius, error = _circle(across, down)
    if error > FLAT_MM or centre[1] > down.min():
        raise ProtocolError(
            f"the elements lie neither on a line nor on a circle that bulges outwards (off by {error:.2g} mm); give the"
            " lines to beamform"
        )
    angle = np.degrees(np.arctan2(across - centre[0], down - centre[1]))
    return ScanLines("convex", origin, angle, radius_mm=radius)


def parallel_lines(across_mm: ArrayLike) -> ScanLines:
    """Lines straight down from a flat face, at `across_mm` (lines,)."""
    across = np.atleast_1d(np.asarray(across_mm, dtype=float))
    return ScanLines("linear", np.stack([across, np.zeros_like(across)], axis=-1), np.zeros_like(across))


def sector_lines(angle_deg: ArrayLike, *, origin_mm: tuple[float, float] = (0.0, 0.0)) -> ScanLines:
    """Lines at `angle_deg` (lines,) from one point: the sector of a phased array."""
    angle = np.atleast_1d(np.asarray(angle_deg, dtype=float))
    return ScanLines("phased", np.tile(np.asarray(origin_mm, dtype=float), (angle.size, 1)), angle)


def _circle(across: NDArray[Any], down: NDArray[Any]) -> tuple[tuple[float, float], float, float]:
    """Centre, radius and largest miss of the circle through the elements, by least squares (Kasa 1976)."""
    if across.size < 3:
        raise DataError("two elements at different depths make no probe; give element_mm of all elements")
    system = np.stack([across, down, np.ones_like(across)], axis=1)
    (a, b, c), *_ = np.linalg.lstsq(system, across**2 + down**2, rcond=None)
    radius = float(np.sqrt(c + a * a / 4 + b * b / 4))
    miss = np.abs(np.hypot(across - a / 2, down - b / 2) - radius).max()
    return (float(a / 2), float(b / 2)), radius, float(miss)
