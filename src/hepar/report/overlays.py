"""Outlines of regions over the slices of their image, for the eye that checks them."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib import patheffects
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from ..imaging.contours import outlines
from ..imaging.geometry import Volume
from .sheet import EDGE_IN, INNER_IN, Block, Canvas, footer, heading, write_sheet
from .slices import LIVER_WINDOW_HU, Mask, View, chosen_slices, view

COLOURS = ("#E69F00", "#56B4E9", "#F0E442", "#CC79A7", "#00C08B", "#D55E00", "#FFFFFF")
"""Those of Okabe & Ito (2008) that stand out from grey; the green is made lighter."""
DASHES: tuple[Any, ...] = ("-", (0, (4, 1.5)), (0, (1.5, 1.2)), (0, (5, 1.5, 1.5, 1.5)))
GAP_IN = 0.07
TALLEST_IN = 3.4
"""Of a slice."""
N_SLICES = 8


def montage(
    image: Volume,
    masks: Mapping[str, Volume],
    path: Path,
    *,
    title: str = "Regions",
    simulated: bool = False,
    n_slices: int = N_SLICES,
) -> Path:
    """Write a PNG of slices spread over the regions, with their outlines, and of their volumes.

    Every region is in one of the slices. A mask on another grid than the image and an empty one are refused.
    """
    shown = view(image, masks)
    blocks = [
        heading(title, simulated=simulated),
        slices_block(shown, n_slices),
        legend_block(shown),
        footer(reading(shown)),
    ]
    return write_sheet(blocks, path)


def slices_block(shown: View, n_slices: int = N_SLICES) -> Block:
    """Slices in rows of up to four."""
    chosen = chosen_slices(shown, n_slices)
    columns = min(len(chosen), 4)
    tall, wide = shown.size_mm
    width = min((INNER_IN - (columns - 1) * GAP_IN) / columns, TALLEST_IN * wide / tall)
    height = width * tall / wide
    rows = -(-len(chosen) // columns)

    def draw(canvas: Canvas, top: float) -> None:
        for number, at in enumerate(chosen):
            row, column = divmod(number, columns)
            axes = canvas.axes(
                EDGE_IN + column * (width + GAP_IN), top + row * (height + GAP_IN), width=width, height=height
            )
            draw_slice(axes, shown, at)
            for name, mask in shown.masks.items():
                draw_outline(axes, shown.shown(mask, at), style=style_of(shown, name))
            if number == 0:
                _draw_scale(axes, shown)

    return Block(rows * height + (rows - 1) * GAP_IN, draw)


def legend_block(shown: View) -> Block:
    """Name, volume and line of each region, three in a row."""
    millilitres = abs(float(np.linalg.det(shown.image.affine[:3, :3]))) / 1000
    rows = -(-len(shown.masks) // 3)

    def draw(canvas: Canvas, top: float) -> None:
        for number, (name, mask) in enumerate(shown.masks.items()):
            row, column = divmod(number, 3)
            left, here = EDGE_IN + column * INNER_IN / 3, top + 0.12 + 0.24 * row
            swatch = canvas.axes(left, here, width=0.45, height=0.18)
            swatch.add_patch(Rectangle((0, 0), 1, 1, facecolor="black"))
            swatch.add_line(Line2D([0.1, 0.9], [0.5, 0.5], **style_of(shown, name)))
            canvas.text(left + 0.55, here + 0.01, f"{name}: {_volume(mask.sum() * millilitres)} mL")

    return Block(0.12 + 0.24 * rows if rows else 0.0, draw)


def _volume(millilitres: float) -> str:
    return f"{millilitres:,.0f}" if millilitres >= 100 else f"{millilitres:.3g}"


def draw_slice(axes: Axes, shown: View, at: int) -> None:
    """Slice `at` in grey, in its true proportions, with its number and the patient's sides."""
    _, row, column = shown.image.spacing_mm
    low, high = shown.window
    picture = shown.shown(shown.image.array, at)
    axes.imshow(picture, cmap="gray", vmin=low, vmax=high, aspect=row / column, interpolation="auto")
    places = ((0.015, 0.5), (0.985, 0.5), (0.5, 0.985), (0.5, 0.015))
    for letter, (x, y) in zip(shown.sides, places, strict=True):
        side = (
            {0.015: "left", 0.985: "right"}.get(x, "center"),
            {0.015: "bottom", 0.985: "top"}.get(y, "center"),
        )
        _label(axes, (x, y), letter, ha=side[0], va=side[1], color="#d0d0d0")
    _label(axes, (0.015, 0.985), f"slice {shown.numbers[at] + 1}", ha="left", va="top")


def draw_outline(axes: Axes, region: Mask, *, style: Mapping[str, Any]) -> None:
    """The edges of the region's pixels."""
    loops = [np.vstack([loop, loop[:1]])[:, ::-1] for loop in outlines(region)]
    axes.add_collection(
        LineCollection(
            loops, colors=style["color"], linestyles=[style["linestyle"]], linewidths=style["linewidth"]
        ),
        autolim=False,
    )


def style_of(shown: View, name: str) -> dict[str, Any]:
    """Colour and line of a region; no two of 28 look alike."""
    at = list(shown.masks).index(name)
    dash = DASHES[(at // len(COLOURS)) % len(DASHES)]
    return {"color": COLOURS[at % len(COLOURS)], "linestyle": dash, "linewidth": 1.2}


def reading(shown: View) -> str:
    """How the slices are shown, in a sentence."""
    low, high = shown.window
    unit = f" {shown.image.unit}" if shown.image.unit else ""
    window = "liver window" if shown.window == LIVER_WINDOW_HU else "1st to 99th percentile"
    plane = {
        "S": "Axial, seen from the feet",
        "P": "Coronal, seen from the front",
        "L": "Sagittal, seen from the left",
    }
    return f"{plane[shown.image.orientation[0]]}. Grey: {low:.4g} to {high:.4g}{unit} ({window})."


def _draw_scale(axes: Axes, shown: View) -> None:
    """A bar of 5 cm, or of 1 cm in small pictures."""
    _, wide = shown.size_mm
    length_mm = 50 if wide > 120 else 10
    share = length_mm / wide
    axes.add_line(Line2D([0.97 - share, 0.97], [0.035, 0.035], color="white", lw=2, transform=axes.transAxes))
    _label(axes, (0.97 - share / 2, 0.05), f"{length_mm // 10} cm", ha="center", va="bottom")


def _label(axes: Axes, place: tuple[float, float], text: str, **style: Any) -> None:
    halo = [patheffects.withStroke(linewidth=1.5, foreground="black")]
    settings = {"color": "white", "fontsize": 7, "transform": axes.transAxes, "path_effects": halo, **style}
    axes.text(*place, text, **settings)
