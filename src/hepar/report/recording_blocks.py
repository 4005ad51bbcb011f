"""Parts of the page of a recording: its picture in mm, its spectra, and texts that wrap."""

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Polygon
from numpy.typing import NDArray

from ..core.errors import DataError
from ..imaging.ultrasound.bmode import BMode, b_mode
from ..imaging.ultrasound.frames import Box, RfFrames
from ..imaging.ultrasound.scan_conversion import lines_of
from ..study.recording import Measured
from .figures import COLOURS, DASHES, GREY
from .overlays import COLOURS as OUTLINES
from .sheet import ALERT, EDGE_IN, INK, INNER_IN, SOFT, Block, Canvas

LINE_IN = 0.17
PARAGRAPH_IN = 0.05
CHARACTERS_IN = 14.5
"""Of a text of 8 points, to the inch."""
PIXELS = 420
"""Along the longer side of the picture."""
TICKS_IN, BELOW_IN = 0.55, 0.5
"""Room for the numbers of the axes."""
MARGIN_DB = 12.0
FLOOR_DB = 90.0
Text = tuple[str, bool]


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
    """The picture with axes in mm, outlines of regions, and that of what was measured in a heavier line."""
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


def draw_spectra(axes: Axes, measured: Measured) -> None:
    """Power over frequency at three depths, each with its noise, and the band that the recording declares."""
    axes.set_axis_on()
    frames, shown = measured.frames, measured.spectra
    if frames.bandwidth is not None:
        half = frames.fc_mhz * frames.bandwidth / 2
        axes.axvspan(frames.fc_mhz - half, frames.fc_mhz + half, color="#e9eef4", lw=0, label="band declared")
    axes.axvline(frames.fc_mhz, color=GREY, lw=0.8, ls=":", label="centre frequency")
    for number, one in enumerate(shown):
        style: dict[str, Any] = {"color": COLOURS[number], "linestyle": DASHES[number]}
        axes.plot(one.frequency_mhz, one.level_db, lw=1.4, label=f"{one.depth_mm:.0f} mm", **style)
        axes.plot(one.frequency_mhz, one.noise_db, lw=0.8, alpha=0.6, **style)
    axes.set_xlim(0, frames.fs_mhz / 2)
    lowest = min(float(np.min(one.noise_db)) for one in shown)
    axes.set_ylim(max(lowest - MARGIN_DB, -FLOOR_DB), MARGIN_DB / 2)
    axes.tick_params(labelsize=7, length=2)
    axes.set_xlabel("frequency, MHz", fontsize=8, labelpad=2)
    axes.set_ylabel("power, dB", fontsize=8, labelpad=2)
    axes.legend(fontsize=7, loc="upper right", handlelength=2.4, borderaxespad=0.2)


def draw_pairs(
    canvas: Canvas, pairs: Sequence[tuple[str, str]], *, left: float, top: float, width: float
) -> None:
    """Names and texts in two columns; texts wrap."""
    here = top
    for name, text in pairs:
        canvas.text(left, here, name, fontsize=8, color=SOFT)
        wrapped = textwrap.wrap(text, int((width - PAIR_IN) * CHARACTERS_IN)) or [""]
        for number, line in enumerate(wrapped):
            canvas.text(left + PAIR_IN, here + number * LINE_IN, line, fontsize=8)
        here += len(wrapped) * LINE_IN + PARAGRAPH_IN


PAIR_IN = 1.25
"""Width of the names."""


def pairs_height(pairs: Sequence[tuple[str, str]], *, width: float) -> float:
    """Height that `draw_pairs` needs."""
    room = int((width - PAIR_IN) * CHARACTERS_IN)
    return sum(max(len(textwrap.wrap(text, room)), 1) * LINE_IN + PARAGRAPH_IN for _, text in pairs)


def text_block(title: str, told: Sequence[Text]) -> Block:
    """A heading and paragraphs that wrap; those that alert stand in bold and begin with an exclamation mark."""
    wrapped = [
        (textwrap.wrap(f"! {text}" if alert else text, int(INNER_IN * CHARACTERS_IN)), alert)
        for text, alert in told
    ]
    height = sum(len(part) * LINE_IN + PARAGRAPH_IN for part, _ in wrapped)

    def draw(canvas: Canvas, top: float) -> None:
        canvas.text(EDGE_IN, top + 0.14, title, fontweight="bold", fontsize=10)
        here = top + 0.4
        for part, alert in wrapped:
            for line in part:
                style = {"color": ALERT if alert else INK, "fontweight": "bold" if alert else "normal"}
                canvas.text(EDGE_IN, here, line, fontsize=8, **style)
                here += LINE_IN
            here += PARAGRAPH_IN

    return Block(0.42 + height, draw)


def table_block(
    title: str, head: Sequence[str], body: Sequence[Sequence[str]], *, columns: Sequence[float]
) -> Block:
    """A table whose columns begin at these shares of the width."""

    def draw(canvas: Canvas, top: float) -> None:
        canvas.text(EDGE_IN, top + 0.14, title, fontweight="bold", fontsize=10)
        for number, cells in enumerate((head, *body)):
            for left, text in zip(columns, cells, strict=True):
                weight = "bold" if number == 0 else "normal"
                place = top + 0.4 + number * (LINE_IN + 0.02)
                canvas.text(EDGE_IN + left * INNER_IN, place, text, fontsize=8, fontweight=weight)

    return Block(0.45 + (len(body) + 1) * (LINE_IN + 0.02), draw)
