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
    BELOW_IN,
    TICKS_IN,
    Picture,
    draw_pairs,
    draw_picture,
    draw_spectra,
    pairs_height,
    picture_of,
    table_block,
    text_block,
)
from .sheet import ALERT, EDGE_IN, INNER_IN, Block, Canvas, footer, heading, write_sheet

TITLE = "Raw ultrasound recording"
WIDEST_IN, TALLEST_IN = 4.7, 4.8
"""Of the picture."""
GAP_IN = 0.3
SPECTRA_IN = 2.3
HEAD = ("Parameter", "Value", "95 % interval", "Unit")
COLUMNS = (0.0, 0.40, 0.54, 0.76)


def recording_page(measured: Measured, path: Path) -> Path:
    """Write a PNG of one measured recording, whole or not at all.

    Shown are the first frame in mm with its regions, how it was acquired, spectra at three depths, every doubt, the
    expected precision of attenuation, and the parameters with their intervals or the reasons why they are not given.
    Neither the name of the file nor anything in it that may name a patient is shown.
    """
    picture = picture_of(measured.frames)
    told_of = told.problems(measured) or [("no doubt", False)]
    blocks = [
        heading(TITLE, simulated=measured.simulated),
        _verdict_block(measured),
        _picture_block(measured, picture),
        _legend_block(measured),
        text_block("Quality", told_of),
        text_block("Expected precision of attenuation", [(line, False) for line in told.expected(measured)]),
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


def _picture_block(measured: Measured, picture: Picture) -> Block:
    """Left the picture, right how it was acquired and the spectra below."""
    width = min(WIDEST_IN, TALLEST_IN / picture.aspect)
    tall = width * picture.aspect
    left = EDGE_IN + TICKS_IN + width + GAP_IN
    room = INNER_IN + EDGE_IN - left
    pairs = told.acquisition(measured)
    beside = pairs_height(pairs, width=room)
    plot = SPECTRA_IN + BELOW_IN if measured.spectra else 0.0

    def draw(canvas: Canvas, top: float) -> None:
        axes = canvas.axes(EDGE_IN + TICKS_IN, top + 0.08, width=width, height=tall)
        draw_picture(axes, picture, regions=measured.frames.regions, measured=measured.box)
        draw_pairs(canvas, pairs, left=left, top=top + 0.08, width=room)
        if measured.spectra:
            place = top + 0.15 + beside
            draw_spectra(
                canvas.axes(left + TICKS_IN, place, width=room - TICKS_IN, height=SPECTRA_IN), measured
            )

    return Block(max(tall + BELOW_IN, beside + plot) + 0.15, draw)


def _legend_block(measured: Measured) -> Block:
    """Colour of each region's outline."""
    names = list(measured.frames.regions)

    def draw(canvas: Canvas, top: float) -> None:
        canvas.text(EDGE_IN, top, f"dashed: measured, {measured.region}", fontsize=8)
        for number, name in enumerate(names[:6]):
            left = EDGE_IN + 2.6 + number * 1.2
            swatch = canvas.axes(left, top + 0.01, width=0.22, height=0.11)
            swatch.axhspan(0, 1, color="black")
            swatch.axhline(0.5, color=OUTLINES[number % len(OUTLINES)], lw=1.6)
            canvas.text(left + 0.28, top, name if len(name) < 13 else f"{name[:12]}…", fontsize=8)

    return Block(0.22, draw)


def _parameter_blocks(measured: Measured) -> Sequence[Block]:
    title, notes = "Spectral parameters", [*measured.notes, *measured.remarks]
    parts = {"Not given": told.withheld(measured), "Notes": notes}
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
