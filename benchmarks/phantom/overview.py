"""One row of pictures for the front page: `python -m benchmarks.phantom.overview [FILE]`."""

import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from hepar.phantom.anatomy import abdomen
from hepar.phantom.ct import ct_scan
from hepar.phantom.mri import mr_scan
from hepar.phantom.pathology.tiles import tile
from hepar.phantom.ultrasound import b_mode, rf_frames

from .gallery import (
    ABDOMEN_HU,
    CT_GRID,
    FOLDER,
    MR_GRID,
    Panel,
    ball,
    cropped,
    figure,
    middle_of,
    stage,
    typical,
)


def panels() -> list[Panel]:
    """Portal CT, MR and B-mode with a metastasis, and the front of a colorectal cancer."""
    lesion = typical("metastasis", diameter_mm=34)
    person = replace(stage("D", number=5, source="ct", shown=0.5), lesions=(lesion,))
    body = abdomen(person, CT_GRID)
    scan = ct_scan(person, "portal", grid=CT_GRID, anatomy=body)
    z, _, _ = middle_of(scan.moved(ball(lesion, body.places[0].centre_mm, CT_GRID)))
    other = abdomen(person, MR_GRID)
    resonance = mr_scan(person, "t2", grid=MR_GRID, anatomy=other)
    k, _, _ = middle_of(resonance.moved(ball(lesion, other.places[0].centre_mm, MR_GRID)))
    plane = resonance.image[k]
    rows = np.flatnonzero((plane > np.quantile(plane, 0.6)).any(axis=1))
    echo = b_mode(
        rf_frames(replace(stage("B", number=11, source="bmode", shown=-0.5), lesions=(lesion,)))
    ).pixels[0]
    front = tile(stage("E", number=9, source="slide", shown=0.5), size_px=384, kind="front").rgb
    return [
        Panel(cropped(scan.hu[z]), "CT, portal phase", ABDOMEN_HU),
        Panel(plane[rows.min() : rows.max()], "MR, T2", (0.0, float(np.quantile(plane, 0.995)))),
        Panel(echo, "B-mode from raw RF", (0, 255)),
        Panel(front[:280], "H&E, invasive front"),
    ]


def main(arguments: Sequence[str]) -> None:
    """Draw the row."""
    path = Path(arguments[0]) if arguments else FOLDER / "phantom-overview.jpg"
    figure(panels(), columns=4, path=path, title="patients in four modalities", width=3.0)


if __name__ == "__main__":
    main(sys.argv[1:])
