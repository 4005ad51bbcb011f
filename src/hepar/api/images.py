"""Radiomic features of images, and how stable they are, in one call."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from ..core.errors import ProtocolError
from ..core.packages import IMAGES, refuse_absent
from ..engine.parallel import Progress, silent
from .protocols import path_or_none

if TYPE_CHECKING:
    from ..study.batch import Extraction
    from ..study.stability import Stability


def extract(
    images: str | Path,
    masks: str | Path | None = None,
    *,
    out: str | Path | None = None,
    settings: str | Path | None = None,
    labels: Mapping[str, int] | None = None,
    unit: str | None = None,
    compat: bool = False,
    pictures: str | Path | None = None,
    maps: Sequence[str] = (),
    jobs: int = 1,
    progress: Progress = silent,
) -> "Extraction":
    """Radiomic features of images and masks as a table, one row a case and region; see `hepar extract --help`.

    With `out` the table is written there, the cases that failed beside it, and what was computed is kept beside it
    too, so that an interrupted extraction goes on where it stopped.
    """
    refuse_absent(IMAGES, what="reading images")
    from ..study.extract_files import extract_to, write_failures
    from ..study.methods import map_settings, read_method
    from ..study.pairs import find_pairs

    method = read_method(path_or_none(settings), compat=compat, unit=unit)
    how = map_settings(method, maps)
    if maps and pictures is None:
        raise ProtocolError("maps are drawn on pages; name a folder for them, too (pictures)")
    files = find_pairs(Path(images), path_or_none(masks))
    found = extract_to(path_or_none(out), files, method, labels=labels, jobs=jobs, progress=progress)
    if pictures is None:
        return found
    from ..report.pages import Pages, draw_pages

    pages = Pages(Path(pictures), labels, tuple(maps), how)
    told = {failure.name for failure in found.failures}
    undrawn = [f for f in draw_pages(files.pairs, pages, jobs=jobs, progress=progress) if f.name not in told]
    failures = (*found.failures, *undrawn)
    if out is not None:
        write_failures(failures, Path(out))
    return replace(found, failures=failures)


def stability(features: str | Path, retest: str | Path, *, out: str | Path | None = None) -> "Stability":
    """How alike each feature comes out in a second scan or reading: an ICC for each, from two tables of `extract`."""
    from ..study.stability import measure_stability

    return measure_stability(Path(features), Path(retest), out=path_or_none(out))
