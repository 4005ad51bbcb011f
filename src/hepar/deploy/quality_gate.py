"""The quality of recordings before any number: what forbids one refuses, what casts doubt is told."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from ..features.base import Extractor
from ..imaging.ultrasound.frames import Box, RfFrames
from ..imaging.ultrasound.quality import refuse_unusable

WHOLE = "whole"
"""What extractors call all of a frame."""


def quality_warnings(views: Sequence[RfFrames], extractors: Iterable[Extractor]) -> tuple[str, ...]:
    """Doubts about `views` in the regions that `extractors` look at, each told once.

    Raises:
        DataError: a view that cannot be measured there.
    """
    regions = sorted({name for one in extractors for name in _regions_in(one.model_dump(mode="json"))})
    told = (
        line for k, view in enumerate(views, start=1) for line in _doubts(view, regions, name=f"view {k}")
    )
    return tuple(dict.fromkeys(told))


def _doubts(view: RfFrames, regions: Sequence[str], *, name: str) -> Iterator[str]:
    boxes: list[Box | None] = [view.regions[region] for region in regions if region in view.regions]
    if WHOLE in regions:
        boxes.append(None)
    for box in boxes:
        found = refuse_unusable(view, box=box, name=name)
        yield from (f"{name}: {one.message}" for one in found.problems)


def _regions_in(settings: Mapping[str, Any]) -> Iterator[str]:
    """Names of regions in the settings of an extractor, wherever they stand."""
    for key, value in settings.items():
        if key == "region" and isinstance(value, str):
            yield value
        elif isinstance(value, Mapping):
            yield from _regions_in(value)
