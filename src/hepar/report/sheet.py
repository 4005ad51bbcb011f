"""A picture made of blocks, one below the other, written as one PNG."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from ..core.atomic import write_bytes_atomically
from . import svg

WIDTH_IN = 10.4
EDGE_IN = 0.3
"""Left free at both sides."""
INNER_IN = WIDTH_IN - 2 * EDGE_IN
DPI = 130
INK, SOFT, ALERT = "#1c1c1c", "#555555", "#B23B00"
NOT_A_DEVICE = "Not a medical device; for research use only."


class Canvas:
    """The figure, measured in inches from its upper left corner."""

    __slots__ = ("_height_in", "figure")

    def __init__(self, figure: Figure, height_in: float) -> None:
        self.figure = figure
        self._height_in = height_in

    def axes(self, left: float, top: float, *, width: float, height: float) -> Axes:
        """Axes without frame or ticks at this place."""
        h = self._height_in
        axes = self.figure.add_axes((left / WIDTH_IN, 1 - (top + height) / h, width / WIDTH_IN, height / h))
        axes.set_axis_off()
        return axes

    def text(self, left: float, top: float, text: str, **style: Any) -> None:
        """Text whose first line hangs from this place."""
        settings = {"ha": "left", "va": "top", "color": INK, "fontsize": 8.5, **style}
        self.figure.text(left / WIDTH_IN, 1 - top / self._height_in, text, **settings)


@dataclass(frozen=True, slots=True)
class Block:
    """Part of a sheet: its height, and what draws it below a given place."""

    height_in: float
    draw: Callable[[Canvas, float], None]


def write_sheet(blocks: Sequence[Block], path: Path) -> Path:
    """Write the blocks as a PNG; the file is whole or absent, and its bytes depend on what is drawn alone."""
    height = sum(block.height_in for block in blocks)
    with svg.style():
        figure = Figure(figsize=(WIDTH_IN, height), dpi=DPI, facecolor="white")
        canvas, top = Canvas(figure, height), 0.0
        for block in blocks:
            block.draw(canvas, top)
            top += block.height_in
        buffer = BytesIO()
        agg: Any = FigureCanvasAgg(figure)
        agg.print_png(buffer, metadata={"Software": None})
    write_bytes_atomically(path, buffer.getvalue())
    return path


def heading(title: str, *, simulated: bool) -> Block:
    """The title, and in large letters that the data are simulated where they are."""

    def draw(canvas: Canvas, top: float) -> None:
        canvas.text(EDGE_IN, top + 0.2, title, fontsize=13, fontweight="bold")
        if simulated:
            canvas.text(
                WIDTH_IN - EDGE_IN,
                top + 0.17,
                "SIMULATED: not a patient",
                ha="right",
                fontsize=13,
                fontweight="bold",
                bbox={"facecolor": "#ffe9a8", "edgecolor": "#6b5200", "pad": 4},
            )

    return Block(0.6, draw)


def footer(said: str) -> Block:
    """How the picture is to be read, and what it is not."""

    def draw(canvas: Canvas, top: float) -> None:
        canvas.text(EDGE_IN, top + 0.12, said, fontsize=7.5, color=SOFT)
        canvas.text(WIDTH_IN - EDGE_IN, top + 0.12, NOT_A_DEVICE, ha="right", fontsize=7.5, color=SOFT)

    return Block(0.4, draw)
