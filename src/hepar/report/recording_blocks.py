"""Parts of the page of a recording: columns of wrapped texts and plots, spectra, and maps with their colours."""

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize

from ..imaging.ultrasound.frames import Box
from ..study.recording import Measured
from .figures import COLOURS, DASHES, GREY
from .recording_picture import COLOURS_OF_MAPS, Layer, Picture, draw_layer, draw_picture
from .sheet import ALERT, EDGE_IN, INK, INNER_IN, SOFT, Block, Canvas

LINE_IN, PARAGRAPH_IN = 0.17, 0.05
CHARACTERS_IN, BOLD_IN = 15.8, 13.6
"""Of a text of 8 points, to the inch."""
TICKS_IN, BELOW_IN = 0.55, 0.5
"""Room for the numbers of the axes."""
NAME_IN = 1.25
"""Width of the names of pairs."""
BAR_IN = 0.75
"""Room for the colours of a map."""
SPECTRA_IN, LEGEND_IN = 2.2, 0.42
MARGIN_DB, FLOOR_DB = 12.0, 90.0
Text = tuple[str, bool]


@dataclass(frozen=True, slots=True)
class Column:
    """Where a block stands across the page."""

    left_in: float = EDGE_IN
    width_in: float = INNER_IN

    def wrapped(self, text: str, *, bold: bool = False) -> list[str]:
        """Lines of a text of 8 points that fit."""
        return textwrap.wrap(text, max(int(self.width_in * (BOLD_IN if bold else CHARACTERS_IN)), 8)) or [""]


FULL = Column()


def beside(left: Sequence[Block], right: Sequence[Block]) -> Block:
    """Two columns of blocks, each from the top down."""

    def draw(canvas: Canvas, top: float) -> None:
        for column in (left, right):
            here = top
            for block in column:
                block.draw(canvas, here)
                here += block.height_in

    return Block(max(sum(block.height_in for block in column) for column in (left, right)), draw)


def pairs_block(pairs: Sequence[tuple[str, str]], column: Column) -> Block:
    """Names, and texts that wrap beside them."""
    beside_names = Column(column.left_in + NAME_IN, column.width_in - NAME_IN)
    wrapped = [(name, beside_names.wrapped(text)) for name, text in pairs]

    def draw(canvas: Canvas, top: float) -> None:
        here = top
        for name, part in wrapped:
            canvas.text(column.left_in, here, name, fontsize=8, color=SOFT)
            for line in part:
                canvas.text(beside_names.left_in, here, line, fontsize=8)
                here += LINE_IN
            here += PARAGRAPH_IN

    return Block(sum(len(part) * LINE_IN + PARAGRAPH_IN for _, part in wrapped), draw)


def text_block(title: str, told: Sequence[Text], column: Column = FULL) -> Block:
    """A heading and paragraphs that wrap; those that alert stand in bold and begin with an exclamation mark."""
    wrapped = [(column.wrapped(f"! {text}" if alert else text, bold=alert), alert) for text, alert in told]
    height = sum(len(part) * LINE_IN + PARAGRAPH_IN for part, _ in wrapped)

    def draw(canvas: Canvas, top: float) -> None:
        canvas.text(column.left_in, top + 0.14, title, fontweight="bold", fontsize=10)
        here = top + 0.4
        for part, alert in wrapped:
            style = {"color": ALERT if alert else INK, "fontweight": "bold" if alert else "normal"}
            for line in part:
                canvas.text(column.left_in, here, line, fontsize=8, **style)
                here += LINE_IN
            here += PARAGRAPH_IN

    return Block(0.42 + height, draw)


def table_block(
    title: str, head: Sequence[str], body: Sequence[Sequence[str]], *, columns: Sequence[float]
) -> Block:
    """A table whose columns begin at these shares of the width."""
    step = LINE_IN + 0.02

    def draw(canvas: Canvas, top: float) -> None:
        canvas.text(EDGE_IN, top + 0.14, title, fontweight="bold", fontsize=10)
        for number, cells in enumerate((head, *body)):
            weight = "normal" if number else "bold"
            for left, text in zip(columns, cells, strict=True):
                canvas.text(
                    EDGE_IN + left * INNER_IN, top + 0.4 + number * step, text, fontsize=8, fontweight=weight
                )

    return Block(0.45 + (len(body) + 1) * step, draw)


def picture_block(measured: Measured, picture: Picture, *, width_in: float, tallest_in: float) -> Block:
    """The picture with axes in mm, in its true proportions."""
    width = min(width_in - TICKS_IN, tallest_in / picture.aspect)
    tall = width * picture.aspect

    def draw(canvas: Canvas, top: float) -> None:
        axes = canvas.axes(EDGE_IN + TICKS_IN, top + 0.08, width=width, height=tall)
        box = None if measured.whole else measured.box
        draw_picture(axes, picture, regions=measured.frames.regions, measured=box)

    return Block(tall + BELOW_IN + 0.08, draw)


def spectra_block(measured: Measured, *, width_in: float) -> Block:
    """Power over frequency at three depths, each with its noise, and the band that the recording declares."""

    def draw(canvas: Canvas, top: float) -> None:
        axes = canvas.axes(EDGE_IN + TICKS_IN, top + LEGEND_IN, width=width_in - TICKS_IN, height=SPECTRA_IN)
        _draw_spectra(axes, measured)

    return Block(LEGEND_IN + SPECTRA_IN + BELOW_IN, draw)


def _draw_spectra(axes: Axes, measured: Measured) -> None:
    axes.set_axis_on()
    frames = measured.frames
    if frames.bandwidth is not None:
        half = frames.fc_mhz * frames.bandwidth / 2
        axes.axvspan(frames.fc_mhz - half, frames.fc_mhz + half, color="#e3e9f1", lw=0, label="band declared")
    axes.axvline(frames.fc_mhz, color=GREY, lw=0.8, ls=":", label="centre frequency")
    for number, one in enumerate(measured.spectra):
        style: dict[str, Any] = {"color": COLOURS[number], "linestyle": DASHES[number]}
        axes.plot(one.frequency_mhz, one.level_db, lw=1.4, label=f"{one.depth_mm:.0f} mm", **style)
        axes.plot(one.frequency_mhz, one.noise_db, lw=0.8, alpha=0.6, **style)
    axes.set_xlim(0, frames.fs_mhz / 2)
    lowest = min(float(np.min(one.noise_db)) for one in measured.spectra)
    axes.set_ylim(max(lowest - MARGIN_DB, -FLOOR_DB), MARGIN_DB / 2)
    axes.tick_params(labelsize=7, length=2)
    axes.set_xlabel("frequency, MHz", fontsize=8, labelpad=2)
    axes.set_ylabel("power, dB", fontsize=8, labelpad=2)
    axes.legend(
        fontsize=7,
        loc="lower left",
        bbox_to_anchor=(-0.02, 1.0),
        ncols=3,
        handlelength=2.4,
        columnspacing=1.4,
    )


def maps_block(
    picture: Picture, layers: Sequence[Layer], *, box: Box, labels: Sequence[str], tallest_in: float
) -> Block:
    """The maps beside one another over the picture, each with its colours."""
    room = INNER_IN / 3 - BAR_IN
    width = min(room, tallest_in / picture.aspect)
    tall = width * picture.aspect

    def draw(canvas: Canvas, top: float) -> None:
        for number, (layer, label) in enumerate(zip(layers, labels, strict=True)):
            left = EDGE_IN + number * INNER_IN / 3
            axes = canvas.axes(left, top + 0.1, width=width, height=tall)
            draw_picture(axes, picture, regions={}, measured=None)
            axes.set_axis_off()
            draw_layer(axes, picture, layer, box=box)
            bar = canvas.axes(left + width + 0.08, top + 0.2, width=0.12, height=tall - 0.2)
            bar.set_axis_on()
            colours = ScalarMappable(Normalize(*layer.ends), COLOURS_OF_MAPS)
            drawn = canvas.figure.colorbar(colours, cax=bar)
            drawn.ax.tick_params(labelsize=7, length=2)
            drawn.set_label(label, fontsize=7.5, labelpad=2)

    return Block(tall + 0.2, draw)
