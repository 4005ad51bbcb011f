"""The picture of a recording in mm, with outlines of regions along its lines and maps over it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Polygon
from numpy.typing import NDArray

from ..core.errors import DataError
from ..imaging.ultrasound.bmode import BMode, b_mode
from ..imaging.ultrasound.frames import Box, RfFrames
from ..imaging.ultrasound.maps import Maps
from ..imaging.ultrasound.scan_conversion import lines_of, scan_conversion
from .figures import COLOURS
from .overlays import COLOURS as OUTLINES

PIXELS = 420
"""Along the longer side of the picture."""
MAP_ALPHA = 0.75
COLOURS_OF_MAPS = "viridis"


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Picture:
    """The first frame of a recording, and what is needed to place it in mm; `reason` why there is none."""

    frames: RfFrames
    shown: BMode | None
    reason: str = ""

    @property
    def extent_mm(self) -> tuple[float, float, float, float]:
        """Left, right, bottom and top edge."""
        if self.shown is None:
            return 0.0, 1.0, self.frames.end_mm, self.frames.start_mm
        half, (rows, columns) = self.shown.mm_per_px / 2, self.shown.inside.shape
        left, top = self.shown.x_mm - half, self.shown.z_mm - half
        return (
            left,
            left + columns * self.shown.mm_per_px,
            top + rows * self.shown.mm_per_px,
            top,
        )

    @property
    def aspect(self) -> float:
        """Height over width."""
        left, right, bottom, top = self.extent_mm
        return (bottom - top) / (right - left) if self.shown is not None else 0.9


def picture_of(frames: RfFrames) -> Picture:
    """The B-mode picture of the first frame, with gain as recorded."""
    first = replace(frames, rf=frames.rf[:1], frame_times_ms=None)
    try:
        x, z = (np.ptp(part) for part in _places(first))
        return Picture(first, b_mode(first, mm_per_px=float(np.clip(max(x, z) / PIXELS, 0.05, 5.0))))
    except DataError as error:
        return Picture(first, None, str(error))


def _places(frames: RfFrames) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    number = np.arange(frames.rf.shape[1])
    return lines_of(frames).place_mm(number, np.array([[frames.start_mm], [frames.end_mm]]))


def outline_mm(frames: RfFrames, box: Box) -> NDArray[np.float64]:
    """Corners (n, 2) of a region, across and down in mm: along its first and last line, and across between them."""
    first, last = box.lines[0] - 0.5, box.lines[1] + 0.5
    across = np.linspace(first, last, 64)
    (top, bottom), lines = box.depth_mm, lines_of(frames)
    along = [lines.place_mm(across, top), lines.place_mm(across[::-1], bottom)]
    return np.concatenate([np.stack(part, axis=1) for part in along])


def draw_picture(axes: Axes, picture: Picture, *, regions: Mapping[str, Box], measured: Box | None) -> None:
    """The picture with axes in mm, outlines of regions, and a dashed one of what was measured."""
    axes.set_axis_on()
    if picture.shown is None:
        _draw_line(axes, picture)
        return
    grey = np.ma.masked_array(picture.shown.pixels[0], ~picture.shown.inside)
    axes.imshow(grey, cmap="gray", vmin=0, vmax=255, extent=picture.extent_mm, interpolation="auto")
    for number, box in enumerate(regions.values()):
        _outline(axes, picture.frames, box, colour=OUTLINES[number % len(OUTLINES)], width=1.1)
    if measured is not None:
        _outline(axes, picture.frames, measured, colour="white", width=1.0, dash=(0, (4, 3)))
    axes.tick_params(labelsize=7, length=2)
    axes.set_xlabel("across, mm", fontsize=8, labelpad=2)
    axes.set_ylabel("depth, mm", fontsize=8, labelpad=2)


def _outline(axes: Axes, frames: RfFrames, box: Box, *, colour: str, width: float, dash: Any = "-") -> None:
    axes.add_patch(
        Polygon(
            outline_mm(frames, box),
            closed=True,
            fill=False,
            edgecolor=colour,
            linewidth=width,
            linestyle=dash,
        )
    )


def _draw_line(axes: Axes, picture: Picture) -> None:
    """The echoes of the middle line over depth, where no picture can be made."""
    rf = picture.frames.rf[0, picture.frames.rf.shape[1] // 2].astype(float)
    axes.plot(picture.frames.depth_mm, rf, color=COLOURS[0], linewidth=0.6)
    axes.tick_params(labelsize=7, length=2)
    axes.set_xlabel("depth, mm", fontsize=8, labelpad=2)
    axes.set_ylabel("echo as recorded", fontsize=8, labelpad=2)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Layer:
    """A map in the picture's own pixels, NaN where it has no value, and the ends of its colours."""

    name: str
    pixels: NDArray[np.float32]
    ends: tuple[float, float]


def layers_of(picture: Picture, maps: Maps | None, *, box: Box) -> list[Layer]:
    """Maps as pixels of `picture`; colours run from the 2nd to the 98th percentile in `box`."""
    if maps is None or picture.shown is None or maps.depth_mm.size < 2:
        return []
    frames = picture.frames
    screen = scan_conversion(
        frames,
        depths=maps.depth_mm.size,
        first_mm=float(maps.depth_mm[0]),
        step_mm=float(maps.depth_mm[1] - maps.depth_mm[0]),
        mm_per_px=picture.shown.mm_per_px,
    )
    lines = np.arange(frames.rf.shape[1])
    deep = (maps.depth_mm >= box.depth_mm[0]) & (maps.depth_mm <= box.depth_mm[1])
    made = []
    for name, values in maps.values.items():
        along = np.stack([np.interp(lines, maps.line, row, left=np.nan, right=np.nan) for row in values])
        within = along[deep, box.lines[0] : box.lines[1] + 1]
        within = within[np.isfinite(within)]
        if within.size:
            low, high = (float(end) for end in np.percentile(within, [2, 98]))
            made.append(Layer(name, screen.picture(along.T, outside=np.nan), (low, max(high, low + 1e-6))))
    return made


def draw_layer(axes: Axes, picture: Picture, layer: Layer, *, box: Box) -> None:
    """A map over the picture, with the region that was measured."""
    axes.imshow(
        np.ma.masked_invalid(layer.pixels),
        cmap=COLOURS_OF_MAPS,
        vmin=layer.ends[0],
        vmax=layer.ends[1],
        extent=picture.extent_mm,
        interpolation="nearest",
        alpha=MAP_ALPHA,
    )
    _outline(axes, picture.frames, box, colour="white", width=1.0, dash=(0, (4, 3)))
