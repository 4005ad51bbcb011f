"""Where the lines of a recording lie in millimetres, and pictures of what was measured along them."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse
from numpy.typing import ArrayLike, NDArray

from ...core.errors import DataError
from .frames import RfFrames

Floats = NDArray[np.float64]
SLACK_MM = 0.1
"""How far lines may miss their common point, for origins and angles are stored rounded."""
PARALLEL_RAD = 1e-4
FINEST_MM, COARSEST_MM = 0.05, 5.0
LARGEST = 4096
"""Pixels along an axis."""


@dataclass(frozen=True, slots=True, eq=False)
class Lines:
    """Lines that are parallel, or that come from one point: any convex, linear, steered, phased or virtual sector.

    `place` (lines,) rises: the angle in radians around `centre_mm` (across, down), or the distance in mm across
    parallel lines. `along_mm` (lines,) is where each begins, from the centre or along the common direction.
    """

    centre_mm: tuple[float, float] | None
    direction_rad: float
    place: Floats
    along_mm: Floats

    def place_mm(self, line: ArrayLike, depth_mm: ArrayLike) -> tuple[Floats, Floats]:
        """The places (across, down) mm at `depth_mm` along lines; fractions of lines are allowed, arrays broadcast."""
        number = np.arange(self.place.size)
        place = np.interp(np.asarray(line, dtype=float), number, self.place)
        along = np.interp(np.asarray(line, dtype=float), number, self.along_mm) + np.asarray(depth_mm)
        if self.centre_mm is None:
            sine, cosine = np.sin(self.direction_rad), np.cos(self.direction_rad)
            return place * cosine + along * sine, along * cosine - place * sine
        return self.centre_mm[0] + along * np.sin(place), self.centre_mm[1] + along * np.cos(place)

    def of_place(self, x_mm: ArrayLike, z_mm: ArrayLike) -> tuple[Floats, Floats]:
        """Line number (NaN beside the first and the last) and depth mm of places; the inverse of `place_mm`."""
        x, z = np.asarray(x_mm, dtype=float), np.asarray(z_mm, dtype=float)
        if self.centre_mm is None:
            sine, cosine = np.sin(self.direction_rad), np.cos(self.direction_rad)
            place, along = x * cosine - z * sine, x * sine + z * cosine
        else:
            x, z = x - self.centre_mm[0], z - self.centre_mm[1]
            place, along = np.arctan2(x, z), np.hypot(x, z)
        number, slack = np.arange(self.place.size, dtype=float), 1e-9 * np.ptp(self.place)
        inside = (place >= self.place[0] - slack) & (place <= self.place[-1] + slack)
        line = np.where(inside, np.interp(place, self.place, number), np.nan)
        return line, along - np.interp(place, self.place, self.along_mm)


def lines_of(frames: RfFrames) -> Lines:
    """The lines of a recording as a family that can be inverted.

    Refused are lines that neither are parallel nor come from one point within 0.1 mm, and lines that do not stand in
    their order across the picture: no picture in millimetres can be made of them.
    """
    if frames.rf.shape[1] < 2:
        raise DataError("the recording has one line; a picture in mm needs two or more")
    angle = np.radians(np.asarray(frames.line_angle_deg, dtype=float))
    origin = np.asarray(frames.line_origin_mm, dtype=float)
    made = _parallel(angle, origin) if np.ptp(angle) < PARALLEL_RAD else _from_a_point(angle, origin)
    if not (np.diff(made.place) > 0).all():
        first = int(np.flatnonzero(np.diff(made.place) <= 0)[0])
        raise DataError(
            f"line {first + 1} does not lie beyond line {first} across the picture; lines stand in their order, from"
            " negative to positive: correct line_origin_mm and line_angle_deg"
        )
    return made


def _parallel(angle: Floats, origin: Floats) -> Lines:
    direction = float(angle.mean())
    sine, cosine = np.sin(direction), np.cos(direction)
    across = origin[:, 0] * cosine - origin[:, 1] * sine
    return Lines(None, direction, across, origin[:, 0] * sine + origin[:, 1] * cosine)


def _from_a_point(angle: Floats, origin: Floats) -> Lines:
    """The point of least squared distance to all lines."""
    normal = np.stack((np.cos(angle), -np.sin(angle)), axis=1)
    offset = (normal * origin).sum(axis=1)
    centre = np.linalg.lstsq(normal, offset, rcond=None)[0]
    missed = float(np.abs(normal @ centre - offset).max())
    from_centre = origin - centre
    along = from_centre[:, 0] * np.sin(angle) + from_centre[:, 1] * np.cos(angle)
    if missed > SLACK_MM or along.min() < -SLACK_MM:
        raise DataError(
            f"the lines miss their common point by {missed:.2g} mm or cross in front of the probe; lines that are"
            f" parallel, or come from one point behind the face within {SLACK_MM:g} mm, can be shown: check"
            " line_origin_mm and line_angle_deg (degrees, positive towards the last line)"
        )
    return Lines((float(centre[0]), float(centre[1])), 0.0, angle, along)


@dataclass(frozen=True, slots=True, eq=False)
class ScanConversion:
    """From values along lines to a picture in mm, by interpolation between the two nearest lines and depths.

    `inside` (rows, columns) is where the lines reach. The first row lies at `z_mm`, the first column at `x_mm`.
    """

    inside: NDArray[np.bool_]
    mm_per_px: float
    x_mm: float
    z_mm: float
    weights: Any

    def picture(self, values: NDArray[Any], *, outside: float = 0.0) -> NDArray[np.float32]:
        """Pictures (..., rows, columns) of `values` (..., lines, depths)."""
        flat = np.asarray(values, dtype=np.float32).reshape(-1, values.shape[-2] * values.shape[-1])
        made = np.full((flat.shape[0], *self.inside.shape), outside, dtype=np.float32)
        for shown, one in zip(made, flat, strict=True):
            shown[self.inside] = self.weights @ one
        return made.reshape(*values.shape[:-2], *self.inside.shape)


def scan_conversion(
    frames: RfFrames, *, depths: int, first_mm: float, step_mm: float, mm_per_px: float = 0.3
) -> ScanConversion:
    """For values (lines, depths) of which depth k lies `first_mm + k step_mm` along the line.

    The picture is that of the whole recording, whatever depths there are values for, so that maps lie over the B-mode
    pixel by pixel. `mm_per_px` from 0.05 to 5. Refused are lines that form no picture, one depth, and pictures of
    more than 4,096 pixels along an axis.
    """
    if not (np.isfinite(mm_per_px) and FINEST_MM <= mm_per_px <= COARSEST_MM):
        raise DataError(f"mm_per_px is {mm_per_px!r}; give {FINEST_MM:g} to {COARSEST_MM:g}")
    if depths < 2:
        raise DataError(f"there are values at {depths} depth; a picture in mm needs two or more")
    lines = lines_of(frames)
    x_mm, z_mm = _axes(lines, ends_mm=(frames.start_mm, frames.end_mm), mm_per_px=mm_per_px)
    line, depth = lines.of_place(x_mm[None, :], z_mm[:, None])
    row = (depth - first_mm) / step_mm
    inside = np.isfinite(line) & (row >= 0) & (row <= depths - 1)
    weights = _weights(line[inside], row[inside], shape=(lines.place.size, depths))
    return ScanConversion(inside, mm_per_px, float(x_mm[0]), float(z_mm[0]), weights)


def _axes(lines: Lines, *, ends_mm: tuple[float, float], mm_per_px: float) -> tuple[Floats, Floats]:
    """Places of the columns and rows of the smallest picture that holds the lines."""
    line = np.linspace(0, lines.place.size - 1, 4 * lines.place.size + 1)
    x, z = lines.place_mm(line, np.array(ends_mm)[:, None])
    count = tuple(int(np.ptp(place) / mm_per_px + 1e-6) + 1 for place in (x, z))
    if max(count) > LARGEST:
        raise DataError(f"a picture of {count} pixels is too large; give mm_per_px over {mm_per_px!r}")
    across = (x.max() + x.min()) / 2 + (np.arange(count[0]) - (count[0] - 1) / 2) * mm_per_px
    return across, z.min() + np.arange(count[1]) * mm_per_px


def _weights(line: Floats, row: Floats, *, shape: tuple[int, int]) -> Any:
    """Sparse matrix (pixels, lines * depths) of linear interpolation."""
    near_line = np.minimum(line.astype(np.int32), shape[0] - 2)
    near_row = np.minimum(row.astype(np.int32), shape[1] - 2)
    right, down = (line - near_line).astype(np.float32), (row - near_row).astype(np.float32)
    column = np.empty((line.size, 4), dtype=np.int32)
    column[:, 0] = near_line * shape[1] + near_row
    np.add(column[:, :1], np.array([1, shape[1], shape[1] + 1], dtype=np.int32), out=column[:, 1:])
    weight = np.empty((line.size, 4), dtype=np.float32)
    weight[:, 3] = right * down
    weight[:, 2] = right - weight[:, 3]
    weight[:, 1] = down - weight[:, 3]
    weight[:, 0] = 1 - right - weight[:, 1]
    made = (weight.ravel(), column.ravel(), np.arange(0, column.size + 1, 4, dtype=np.int32))
    return scipy.sparse.csr_array(made, shape=(line.size, shape[0] * shape[1]))
