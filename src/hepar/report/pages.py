"""Pages of cases on disk: regions over the image, and maps of features, to be checked by eye."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from ..core.errors import HeparError, ProtocolError, RunError
from ..core.fingerprint import fingerprint
from ..engine.parallel import Progress, ordered_map, silent
from ..features.radiomics.settings import Settings
from ..imaging.geometry import Volume
from ..study.batch import NO_MEMORY, read_pair
from ..study.pairs import Failure, Pair
from .case_page import case_page

IN_NO_FILE_NAME = re.compile(r'[/\\:*?"<>|\x00-\x1f]')
"""Characters that name a folder, or that some system refuses in the name of a file."""


@dataclass(frozen=True, slots=True)
class Pages:
    """What is drawn, and where: `<case>.png`; with `maps` a page and NIfTI files of them for each region."""

    folder: Path
    labels: Mapping[str, int] | None = None
    maps: tuple[str, ...] = ()
    """Tags of the features to be mapped voxel by voxel."""
    settings: Settings = field(default_factory=Settings)
    """How the image is made ready for the maps."""


def draw_pages(
    pairs: Sequence[Pair], pages: Pages, *, jobs: int = 1, progress: Progress = silent
) -> tuple[Failure, ...]:
    """Draw the pages of every pair; gives those that could not be drawn."""
    drawn = ordered_map(partial(_draw, pages), pairs, jobs=jobs, what="drawing pages", progress=progress)
    return tuple(failure for failure in drawn if failure is not None)


def _draw(pages: Pages, pair: Pair) -> Failure | None:
    try:
        image, regions = read_pair(pair, pages.labels)
        case_page(image, regions, pages.folder / f"{file_name(pair.name)}.png", title=pair.name)
        for name, region in regions.items() if pages.maps else ():
            _draw_maps(pages, f"{pair.name}.{name}", image, region=region)
    except (ProtocolError, RunError):
        raise
    except (HeparError, OSError) as error:
        return Failure(pair.name, str(error))
    except MemoryError:
        return Failure(pair.name, f"{pair.image}: {NO_MEMORY}")
    return None


def file_name(text: str) -> str:
    """`text` as the name of a file in its folder, whoever made it up: a listing or the ROIs of a structure set.

    >>> file_name("P1.liver")
    'P1.liver'
    """
    safe = IN_NO_FILE_NAME.sub("_", text)
    return safe if safe == text else f"{safe}-{fingerprint(text)[:8]}"


def _draw_maps(pages: Pages, stem: str, image: Volume, *, region: Volume) -> None:
    from ..features.radiomics.maps import region_maps
    from ..io.nifti import write_nifti
    from .feature_maps import feature_map_page

    found = region_maps(image, region, pages.settings, tags=pages.maps)
    name = file_name(stem)
    path = pages.folder / f"{name}.maps.png"
    feature_map_page(found.image, found.maps, path, mask=found.region, title=f"{stem}: feature maps")
    for tag, volume in found.maps.items():
        write_nifti(volume, pages.folder / f"{name}.{tag}.nii.gz")
