"""One page of a recording of raw ultrasound: its picture, its spectra, whether it can be measured and what it tells."""

import json
from collections.abc import Sequence
from pathlib import Path

from ..core.atomic import write_atomically
from ..core.errors import ProtocolError
from ..study.recording import Measured
from . import recording_facts as told
from .overlays import COLOURS as OUTLINES
from .recording_blocks import (
    Column,
    beside,
    maps_block,
    pairs_block,
    picture_block,
    spectra_block,
    table_block,
    text_block,
)
from .recording_picture import Picture, layers_of, picture_of
from .sheet import ALERT, EDGE_IN, INNER_IN, Block, Canvas, footer, heading, write_sheet

TITLE = "Raw ultrasound recording"
LEFT_IN, GAP_IN = 5.1, 0.35
RIGHT = Column(EDGE_IN + LEFT_IN + GAP_IN, INNER_IN - LEFT_IN - GAP_IN)
TALLEST_IN, TALLEST_MAP_IN = 4.8, 2.4
"""Of the picture, and of a map."""
HEAD = ("Parameter", "Value", "95 % interval", "Unit")
COLUMNS = (0.0, 0.40, 0.54, 0.76)
MAPS = (
    "of small cells, noisier than the region's values; colours run from the 2nd to the 98th percentile in the region,"
    " and cells below the noise are left out"
)
MOST_NAMES, LONGEST_NAME = 6, 12
"""Regions in the legend."""


def recording_page(measured: Measured, path: Path) -> Path:
    """Write a PNG of one measured recording, whole or not at all.

    Shown are the first frame in mm with its regions, how it was acquired, spectra at three depths, every doubt, the
    expected precision of attenuation, and the parameters with their intervals or the reasons why they are not given.
    Neither the name of the file nor anything in it that may name a patient is shown.
    """
    picture = picture_of(measured.frames)
    blocks = [
        heading(TITLE, simulated=measured.simulated),
        _verdict_block(measured),
        beside(_left(measured, picture), _right(measured)),
        *_maps(measured, picture),
        *_parameter_blocks(measured),
        footer(_reading(picture)),
    ]
    return write_sheet(blocks, path)


def write_measured(measured: Measured, *, page: Path | None, facts: Path | None) -> None:
    """Write the page, and the same as a document, where either is named; each is whole or absent."""
    if facts is not None:
        write_facts(measured, facts)
    if page is not None:
        recording_page(measured, page)


def write_facts(measured: Measured, path: Path) -> Path:
    """Write the same as JSON, whole or not at all."""
    write_atomically(path, json.dumps(told.facts(measured), indent=2, allow_nan=False) + "\n")
    return path


def refuse_other_ending(path: Path | None, ending: str, *, what: str) -> None:
    """Refuse a name under which the file would not be what it says, and which may be that of the recording."""
    if path is not None and path.suffix.lower() != ending:
        raise ProtocolError(
            f"{path}: the {what} is written as {ending[1:]}; give a name that ends in {ending}"
        )


def _verdict_block(measured: Measured) -> Block:
    def draw(canvas: Canvas, top: float) -> None:
        style = {} if measured.usable else {"color": ALERT}
        canvas.text(EDGE_IN, top + 0.02, told.verdict(measured), fontsize=10, fontweight="bold", **style)

    return Block(0.3, draw)


def _left(measured: Measured, picture: Picture) -> list[Block]:
    """The picture, its legend, and the spectra."""
    made = [
        picture_block(measured, picture, width_in=LEFT_IN, tallest_in=TALLEST_IN),
        _legend_block(measured),
    ]
    return [*made, spectra_block(measured, width_in=LEFT_IN)] if measured.spectra else made


def _right(measured: Measured) -> list[Block]:
    """How it was acquired, every doubt, and what precision to expect."""
    doubts = told.problems(measured) or [("no doubt", False)]
    expected = [(line, False) for line in told.expected(measured)]
    return [
        pairs_block(told.acquisition(measured), RIGHT),
        text_block("Quality", doubts, RIGHT),
        text_block("Expected precision of attenuation", expected, RIGHT),
    ]


def _legend_block(measured: Measured) -> Block:
    """Colour of each region's outline."""
    names = list(measured.frames.regions)[:MOST_NAMES]

    def draw(canvas: Canvas, top: float) -> None:
        said = "all of the frame is measured" if measured.whole else f"dashed: measured, {measured.region}"
        canvas.text(EDGE_IN, top, said, fontsize=8)
        for number, name in enumerate(names):
            row, column = divmod(number, 3)
            left, here = EDGE_IN + 2.0 + column * 1.05, top + 0.2 * row
            swatch = canvas.axes(left, here + 0.01, width=0.22, height=0.11)
            swatch.axhspan(0, 1, color="black")
            swatch.axhline(0.5, color=OUTLINES[number % len(OUTLINES)], lw=1.6)
            canvas.text(left + 0.28, here, _short(name), fontsize=8)

    return Block(0.22 + 0.2 * (len(names) > 3), draw)


def _short(name: str) -> str:
    return name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1]}…"


def _maps(measured: Measured, picture: Picture) -> list[Block]:
    """Maps over the picture, where there are any."""
    layers = layers_of(picture, measured.maps, box=measured.box)
    if not layers:
        return []
    labels = [", ".join(part for part in told.PARAMETERS[layer.name] if part) for layer in layers]
    title = text_block("Maps", [(MAPS, False)])
    drawn = maps_block(picture, layers, box=measured.box, labels=labels, tallest_in=TALLEST_MAP_IN)
    return [title, drawn]


def _parameter_blocks(measured: Measured) -> Sequence[Block]:
    title = "Spectral parameters"
    parts = {"Not given": told.withheld(measured), "Notes": told.notes(measured)}
    more = [text_block(name, [(line, False) for line in part]) for name, part in parts.items() if part]
    if not measured.usable:
        return [text_block(title, [("none is given: the recording cannot be measured", True)]), *more]
    return [table_block(title, HEAD, told.rows(measured), columns=COLUMNS), *more]


def _reading(picture: Picture) -> str:
    if picture.shown is None:
        return "No picture: the echoes of the middle line. Spectra: thin lines are noise."
    return (
        f"First frame, gain as recorded, {picture.shown.dynamic_range_db:g} dB from black to white. Spectra: mean over"
        " lines and frames, thin lines are noise."
    )
