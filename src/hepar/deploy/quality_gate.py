"""The quality of recordings before any number: what forbids one refuses, what casts doubt is told."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from ..features.base import Extractor
from ..imaging.ultrasound.frames import Box, RfFrames
from ..imaging.ultrasound.presets import of_same_preset
from ..imaging.ultrasound.quality import refuse_unusable, usable_phantom

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


def phantom_warnings(
    views: Sequence[RfFrames], beside: Mapping[str, Sequence[RfFrames]], extractors: Iterable[Extractor]
) -> tuple[str, ...]:
    """Doubts about the reference phantoms among `beside` by which `extractors` measure `views`, each told once.

    Raises:
        DataError: a phantom that is no reference at the depths of a region, e.g. because it is saturated.
    """
    told: list[str] = []
    for settings in (one.model_dump(mode="json") for one in extractors):
        name, regions = settings.get("phantom"), sorted(set(_regions_in(settings)))
        if isinstance(name, str):
            told += [line for view in views for line in _of_phantom(view, beside.get(name, ()), regions)]
    return tuple(dict.fromkeys(told))


def _of_phantom(view: RfFrames, phantoms: Sequence[RfFrames], regions: Sequence[str]) -> Iterator[str]:
    own = of_same_preset(phantoms, view)
    boxes = [view.whole() if region == WHOLE else view.regions.get(region) for region in regions]
    for box in boxes:
        if own is None or box is None:
            continue
        yield from (one.message for one in usable_phantom(own, depth_mm=box.depth_mm))


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
