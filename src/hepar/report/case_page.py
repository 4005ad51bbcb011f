"""One page a case: its regions over the image, its feature maps, and what should be known before it is analysed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..core.errors import DataError
from ..imaging.geometry import Volume
from ..imaging.regions import component_count
from .feature_maps import maps_block, turned_maps
from .overlays import legend_block, reading, slices_block
from .sheet import ALERT, EDGE_IN, INK, INNER_IN, Block, Canvas, footer, heading, write_sheet
from .slices import Mask, View, view

HEAD = (
    "Region",
    "Voxels",
    "Volume, mL",
    "Parts",
    "Slices",
    "Median (5th to 95th percentile)",
    "At the image's border",
)
COLUMNS = (0.0, 0.19, 0.29, 0.40, 0.47, 0.56, 0.82)
"""Where columns begin, as a share of the width."""
LINE_IN = 0.21
LONGEST_NAME = 24


@dataclass(frozen=True, slots=True)
class RegionFacts:
    """What is to be known of a region before features are made of it; percentiles are the 5th, 50th and 95th."""

    name: str
    voxels: int
    volume_ml: float
    parts: int
    slices: int
    percentiles: tuple[float, float, float]
    not_finite: int
    borders: tuple[str, ...]
    """Sides of the image that it touches, as letters of where they lie in the patient."""


def case_page(
    image: Volume,
    masks: Mapping[str, Volume],
    path: Path,
    *,
    maps: Mapping[str, Volume] | None = None,
    title: str = "Case",
    simulated: bool = False,
) -> Path:
    """Write a PNG of one case: slices with the outlines of `masks`, `maps` in the first of them, and facts.

    The facts: grid, spacing, range of intensities, and of each region voxels, volume, connected parts, slices,
    intensities and the sides of the image that it touches. Neither the file's name nor anything of its header but
    modality and geometry is shown. Regions on another grid and empty ones are refused.
    """
    if maps and not masks:
        raise DataError("feature maps are shown within a region; give its mask too")
    shown = view(image, masks)
    blocks = [heading(title, simulated=simulated), slices_block(shown), legend_block(shown)]
    said = reading(shown)
    if maps:
        first = next(iter(shown.masks))
        alone = view(image, {first: masks[first]})
        blocks += [_caption(f"Feature maps in {first}"), maps_block(alone, turned_maps(alone, image, maps))]
        said += " Colours: 2nd to 98th percentile in the region."
    blocks += [facts_block(image, [region_facts(shown, name, mask) for name, mask in shown.masks.items()])]
    return write_sheet([*blocks, footer(said)], path)


def region_facts(shown: View, name: str, mask: Mask) -> RegionFacts:
    """Facts of one region of the view."""
    values = shown.image.array[mask]
    finite = values[np.isfinite(values)]
    low, middle, high = np.percentile(finite, [5, 50, 95]).tolist() if finite.size else [float("nan")] * 3
    voxel_ml = abs(float(np.linalg.det(shown.image.affine[:3, :3]))) / 1000
    return RegionFacts(
        name=name,
        voxels=int(mask.sum()),
        volume_ml=float(mask.sum() * voxel_ml),
        parts=component_count(mask),
        slices=int(mask.any(axis=(1, 2)).sum()),
        percentiles=(low, middle, high),
        not_finite=int(values.size - finite.size),
        borders=_borders(shown.image.orientation, mask),
    )


def image_facts(image: Volume) -> tuple[str, ...]:
    """Facts of the image, a phrase each."""
    sizes = " x ".join(str(n) for n in image.array.shape)
    spacing = " x ".join(f"{mm:.3g}" for mm in image.spacing_mm)
    finite = image.array[np.isfinite(image.array)]
    unit = f" {image.unit}" if image.unit else ", no unit"
    lost = image.array.size - finite.size
    return (
        image.modality or "modality not stated",
        f"{sizes} voxels of {spacing} mm (z, y, x)",
        f"axes towards {', '.join(image.orientation)}",
        f"intensities {finite.min():.5g} to {finite.max():.5g}{unit}"
        if finite.size
        else "no finite intensity",
        *([f"{lost:,} voxels not finite"] if lost else []),
    )


def facts_block(image: Volume, regions: Sequence[RegionFacts]) -> Block:
    """The facts as a table; what asks for a second look is in bold and marked with an exclamation mark."""
    lines = [tuple((text, False) for text in HEAD), *map(_cells, regions)] if regions else []

    def draw(canvas: Canvas, top: float) -> None:
        canvas.text(EDGE_IN, top + 0.14, "; ".join(image_facts(image)))
        for row, cells in enumerate(lines):
            for left, (text, alert) in zip(COLUMNS, cells, strict=True):
                canvas.text(
                    EDGE_IN + left * INNER_IN,
                    top + 0.14 + (1.5 + row) * LINE_IN,
                    f"! {text}" if alert else text,
                    color=ALERT if alert else INK,
                    fontweight="bold" if alert or row == 0 else "normal",
                )

    return Block(0.2 + (1.5 + len(lines)) * LINE_IN, draw)


def _cells(facts: RegionFacts) -> tuple[tuple[str, bool], ...]:
    """Text of each column, and whether it asks for a second look."""
    low, middle, high = facts.percentiles
    values = f"{middle:.4g} ({low:.4g} to {high:.4g})"
    if facts.not_finite:
        values += f", {facts.not_finite:,} not finite"
    name = facts.name if len(facts.name) <= LONGEST_NAME else f"{facts.name[: LONGEST_NAME - 1]}…"
    return (
        (name, False),
        (f"{facts.voxels:,}", facts.voxels < 100),
        (f"{facts.volume_ml:,.4g}" if facts.volume_ml < 1000 else f"{facts.volume_ml:,.0f}", False),
        (f"{facts.parts:,}", facts.parts > 1),
        (f"{facts.slices:,}", facts.slices == 1),
        (values, bool(facts.not_finite)),
        (", ".join(facts.borders) or "no", bool(facts.borders)),
    )


def _borders(orientation: str, mask: Mask) -> tuple[str, ...]:
    opposite = {"L": "R", "R": "L", "P": "A", "A": "P", "S": "I", "I": "S"}
    found = []
    for axis, towards in enumerate(orientation):
        if mask.shape[axis] > 1:
            found += [opposite[towards]] if mask.take(0, axis=axis).any() else []
            found += [towards] if mask.take(-1, axis=axis).any() else []
    return tuple(found)


def _caption(text: str) -> Block:
    def draw(canvas: Canvas, top: float) -> None:
        canvas.text(EDGE_IN, top + 0.16, text, fontweight="bold", fontsize=10)

    return Block(0.45, draw)
