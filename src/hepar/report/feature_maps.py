"""Feature maps in colour over their image."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from numpy.typing import NDArray

from ..core.errors import DataError
from ..imaging.geometry import Volume
from .overlays import GAP_IN, draw_outline, draw_slice, reading, style_of
from .sheet import EDGE_IN, INNER_IN, Block, Canvas, footer, heading, write_sheet
from .slices import View, view

N_SLICES = 3
BAR_IN = 0.95
"""Width of the colour scale and its numbers."""
TALLEST_IN = 2.6


@dataclass(frozen=True, slots=True, eq=False)
class Map:
    """A map on the view's grid, and the values at the ends of its colours."""

    name: str
    values: NDArray[np.float32]
    ends: tuple[float, float]

    @property
    def colours(self) -> str:
        """One hue's lightness for an amount, two hues where zero lies in the middle; both safe for colour blindness."""
        return "PuOr_r" if self.ends[0] == -self.ends[1] else "cividis"


def feature_map_page(
    image: Volume,
    maps: Mapping[str, Volume],
    path: Path,
    *,
    mask: Volume,
    title: str = "Feature maps",
    simulated: bool = False,
) -> Path:
    """Write a PNG of three slices through the region `mask`: the image, and below it each of `maps` within the region.

    Colours run from the 2nd to the 98th percentile of a map in the region; from minus to plus the larger of the two
    where a map has both signs. A map on another grid than the image, or without a finite value, is refused.
    """
    shown = view(image, {"region": mask})
    blocks = [
        heading(title, simulated=simulated),
        maps_block(shown, turned_maps(shown, image, maps)),
        footer(f"{reading(shown)} Colours: 2nd to 98th percentile in the region."),
    ]
    return write_sheet(blocks, path)


def turned_maps(shown: View, image: Volume, maps: Mapping[str, Volume]) -> list[Map]:
    """The maps in the orientation of the view."""
    inside = next(iter(shown.masks.values()))
    found = []
    for name, volume in maps.items():
        values = volume.aligned_to(image).oriented(shown.image.orientation).array
        within = values[inside & np.isfinite(values)]
        if not within.size:
            raise DataError(f"map {name!r} has no finite value in the region; nothing can be shown of it")
        found.append(Map(name, np.where(inside, values, np.nan), _ends(within)))
    return found


def _ends(values: NDArray[np.floating]) -> tuple[float, float]:
    low, high = (float(v) for v in np.percentile(values, [2, 98]))
    if low < 0 < high:
        return -max(-low, high), max(-low, high)
    return (low, high) if high > low else (low - 0.5, low + 0.5)


def maps_block(shown: View, maps: list[Map]) -> Block:
    """The image in the first row, a map in each of the others."""
    region = next(iter(shown.masks.values()))
    chosen = _through(region)
    tall, wide = shown.size_mm
    width = min((INNER_IN - BAR_IN - len(chosen) * GAP_IN) / N_SLICES, TALLEST_IN * wide / tall)
    height = width * tall / wide

    def draw(canvas: Canvas, top: float) -> None:
        for row, one in enumerate([None, *maps]):
            here = top + row * (height + GAP_IN)
            for column, at in enumerate(chosen):
                axes = canvas.axes(EDGE_IN + column * (width + GAP_IN), here, width=width, height=height)
                draw_slice(axes, shown, at)
                style = {**style_of(shown, next(iter(shown.masks))), "linewidth": 0.8}
                draw_outline(axes, shown.shown(region, at), style=style)
                if one is not None:
                    picture = shown.shown(one.values, at)
                    axes.imshow(
                        picture,
                        cmap=one.colours,
                        vmin=one.ends[0],
                        vmax=one.ends[1],
                        aspect=axes.get_aspect(),
                        interpolation="nearest",
                    )
            if one is not None:
                left = EDGE_IN + len(chosen) * (width + GAP_IN) + 0.06
                _scale(canvas, one, left=left, top=here, height=height)

    return Block((1 + len(maps)) * (height + GAP_IN), draw)


def _scale(canvas: Canvas, one: Map, *, left: float, top: float, height: float) -> None:
    """The map's colours with their values, and its name along them."""
    axes = canvas.axes(left, top + 0.12, width=0.13, height=height - 0.24)
    axes.set_axis_on()
    bar = canvas.figure.colorbar(ScalarMappable(Normalize(*one.ends), one.colours), cax=axes)
    bar.ax.tick_params(labelsize=7, length=2)
    bar.set_label(one.name, fontsize=8, labelpad=3)


def _through(region: NDArray[np.bool_]) -> list[int]:
    """Slices at a sixth, a half and five sixths of the region."""
    with_any = np.flatnonzero(region.any(axis=(1, 2)))
    places = (np.arange(N_SLICES) + 0.5) / N_SLICES
    return sorted({int(with_any[int(place * len(with_any))]) for place in places})
