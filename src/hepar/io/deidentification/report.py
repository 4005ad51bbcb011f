"""What a de-identification did, in numbers: no value of a header and no name of a source file."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ..._version import __version__
from ...core.atomic import write_atomically
from ..csv_text import csv_text
from .options import Options, method_codes
from .scan import Found
from .table import EDITION
from .walking import LeftOut

CLEAN = "Burned In Annotation NO and 113101 Clean Pixel Data Option"
SERIES = ("subject", "study", "series", "modality", "files", "masked", "text found", "said to be clean")
"""What is told of a series."""
NOT_DONE = (
    "Text typed inside the regions of ultrasound is searched for, and some is not found: look at all frames",
    "Text drawn in the pixels of CT, MR and PET, and of allowed files, is not searched for: look at the contact sheets",
    "Faces in images of the head are not removed",
    "A rare combination of what is kept may still tell who someone is",
)
"""What stays to be judged by a person."""


@dataclass(frozen=True, slots=True)
class Summary:
    """What was passed on and what was not."""

    files: int
    """Found in the source."""
    images: int
    slides: int
    masked: int
    """Images of which only the regions of ultrasound were kept."""
    approved: int
    """Of these, images that say that their pixels name nobody, since a person did."""
    typed: int
    """Images in whose regions something looks like text, passed on because somebody allowed it."""
    again: int
    """Images that had been de-identified before they came."""
    subjects: int
    studies: int
    series: int
    set_aside: Mapping[str, int]
    """Images, and files that cannot be read, by why they were not passed on."""
    left_out: Mapping[str, int]
    """Files that are no images."""
    found: tuple[Found, ...] = ()
    """What the scan found in files that were taken out again: names they would have had, and attributes."""


def counted(left: Sequence[LeftOut], *, image: bool) -> dict[str, int]:
    """How many of what was left out, by kind, most first."""
    return dict(Counter(one.kind for one in left if one.image == image).most_common())


def write_report(
    folder: Path,
    summary: Summary,
    *,
    options: Options,
    allowed: Sequence[str],
    actions: Mapping[str, int],
    rows: Any,
) -> None:
    """Write `deid-report.json`, and `deid-report.csv` with a row for each of the `rows` of series, to `folder`."""
    content = {
        "software": f"hepar {__version__}",
        "table": EDITION,
        "options": asdict(options),
        "methods": [f"{code} {meaning}" for code, meaning in method_codes(options)],
        "pixels": pixels_said(summary),
        "allowed": sorted(allowed),
        "summary": asdict(summary),
        "elements_by_action": dict(sorted(actions.items())),
        "scan": "no original identifier is left in text, bytes or names of the files in this folder",
        "not_done": NOT_DONE,
    }
    write_atomically(folder / "deid-report.json", json.dumps(content, indent=2) + "\n")
    write_atomically(folder / "deid-report.csv", csv_text(SERIES, rows))


def pixels_said(summary: Summary) -> str:
    """What the headers of masked images say of their pixels, and on whose word."""
    said = f"{CLEAN}, in {summary.approved} of {summary.masked} masked images"
    if summary.approved:
        return f"{said}: a person said that nothing inside their regions names anybody (--pixels-approved)"
    return f"{said}: nobody has said that nothing inside their regions names anybody (--pixels-approved)"


def left_out_text(left: Sequence[LeftOut]) -> str:
    """The table of what was not passed on, which names source files and is for the owner of the data alone."""
    rows = ([one.file, "image" if one.image else "no image", one.kind, one.reason] for one in sorted(left))
    return csv_text(("file", "what", "kind", "reason"), rows)
