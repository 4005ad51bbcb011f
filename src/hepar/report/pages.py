"""One page a case on disk: regions over the image, to be checked by eye."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path

from ..core.errors import HeparError
from ..engine.parallel import Progress, ordered_map, silent
from ..study.batch import Failure, read_pair
from ..study.pairs import Pair, find_pairs
from .case_page import case_page


def draw_pages(
    images: Path,
    masks: Path | None,
    folder: Path,
    *,
    labels: Mapping[str, int] | None = None,
    jobs: int = 1,
    progress: Progress = silent,
) -> tuple[Failure, ...]:
    """Draw `<case>.png` in `folder` for every pair; gives those that could not be drawn."""
    pairs = find_pairs(images, masks)
    drawn = ordered_map(
        partial(_draw, folder, labels), pairs, jobs=jobs, what="drawing pages", progress=progress
    )
    return tuple(failure for failure in drawn if failure is not None)


def _draw(folder: Path, labels: Mapping[str, int] | None, pair: Pair) -> Failure | None:
    try:
        image, regions = read_pair(pair, labels)
        case_page(image, regions, folder / f"{pair.name}.png", title=pair.name)
    except HeparError as error:
        return Failure(pair.name, str(error))
    return None
