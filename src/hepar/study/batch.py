"""Features of many images without a study: pairs in, one table out, failures told."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Protocol

import pandas as pd

from ..core.errors import DataError, HeparError, ProtocolError, RunError
from ..core.fingerprint import fingerprint
from ..data.case import files_in
from ..engine.parallel import Progress, ordered_map, silent
from ..engine.store import NOTHING, Artefacts
from ..features.base import Value
from ..imaging.geometry import Volume
from ..io.dicom_planes import SetAside
from ..io.images import READERS, ending, image_files, image_sources, read_image
from ..io.masks import read_masks
from ..io.regions import Labels
from .pairs import Failure, Pair

NO_MEMORY = (
    "needs more memory than there is; cut the image round the region, take larger voxels, or fewer jobs"
)


class Method(Protocol):
    """A way of making features of one region of one image."""

    @property
    def fingerprint(self) -> str:
        """Changes with anything that can change a value."""
        ...

    @property
    def notes(self) -> tuple[str, ...]:
        """What the user should know of it."""
        ...

    @property
    def reporting(self) -> str:
        """How features are made, as a supplement should tell it."""
        ...

    def chosen(self, regions: Mapping[str, Volume]) -> Mapping[str, Volume]:
        """The regions that it measures."""
        ...

    def features(self, image: Volume, regions: Mapping[str, Volume]) -> Mapping[str, Mapping[str, Value]]:
        """Features of each region, by name."""
        ...


@dataclass(frozen=True, slots=True)
class Extraction:
    """One row for each case and region, and the cases and regions that failed."""

    table: pd.DataFrame
    failures: tuple[Failure, ...]
    notes: tuple[str, ...] = ()
    """What the user should know of the method or of the files."""


def extract_pairs(
    pairs: Sequence[Pair],
    method: Method,
    *,
    labels: Labels | None = None,
    store: Artefacts = NOTHING,
    jobs: int = 1,
    progress: Progress = silent,
) -> Extraction:
    """Features of every region of every pair; what fails is told and does not stop the others.

    What is no case's fault stops all: a store that cannot be written, settings that contradict themselves.

    `labels` names the labels of label images; without it each label is a region called by its number.
    """
    task = partial(_case, method, labels, store=store)
    done = ordered_map(task, pairs, jobs=jobs, what="extracting features", progress=progress)
    rows = [
        {"case": one.name, "region": region, **values}
        for one in done
        for region, values in one.features.items()
    ]
    failures = tuple(failure for one in done for failure in one.failures)
    table = pd.DataFrame(rows)
    notes = (*_told({one.name: one.aside for one in done}), *_undefined(table))
    return Extraction(table, failures, notes)


@dataclass(frozen=True, slots=True)
class _Done:
    """The features of the regions of a pair, what failed, and files of its image's folder that are no part of it."""

    name: str
    features: Mapping[str, Mapping[str, Value]] = field(default_factory=dict)
    aside: tuple[SetAside, ...] = ()
    failures: tuple[Failure, ...] = ()


def _undefined(table: pd.DataFrame) -> Iterator[str]:
    """Features that have no value in some region, e.g. the volume density of an ellipsoid in a single slice."""
    empty = table.isna().sum()
    empty = empty[empty > 0]
    if len(empty):
        regions = int(table.isna().any(axis=1).sum())
        yield (
            f"no value, because it is not defined there: {len(empty)} feature{'s' * (len(empty) > 1)} in {regions} of"
            f" {len(table)} regions, e.g. {empty.index[0]} in {table.loc[table[empty.index[0]].isna(), 'case'].iloc[0]}"
        )


def _told(aside: Mapping[str, Sequence[SetAside]]) -> Iterator[str]:
    """Files that were set aside, those of one reason together, with the first of them."""
    found: dict[str, list[str]] = {}
    for case, files in aside.items():
        for one in files:
            what = "a repeated image" if one.reason.startswith("repeats") else one.reason
            found.setdefault(what, []).append(f"{case}: {one.file}")
    for what, places in found.items():
        yield f"set aside, {what}: {len(places)} file{'s' * (len(places) > 1)}, the first {places[0]}"


def _case(method: Method, labels: Labels | None, pair: Pair, *, store: Artefacts) -> _Done:
    try:
        sources, aside = image_sources(pair.image)
        files = [*sources, *(file for _, path in pair.masks for file in mask_files(path))]
        key = fingerprint(method.fingerprint, labels, [name for name, _ in pair.masks], *files)
        try:
            return _Done(pair.name, store.get_or_make(key, partial(_features, method, labels, pair)), aside)
        except DataError:
            return _region_by_region(method, labels, pair, key=key, store=store, aside=aside)
    except (ProtocolError, RunError):
        raise
    except (HeparError, OSError) as error:
        return _Done(pair.name, failures=(Failure(pair.name, str(error)),))
    except MemoryError:
        return _Done(pair.name, failures=(Failure(pair.name, f"{pair.image}: {NO_MEMORY}"),))


def _region_by_region(
    method: Method,
    labels: Labels | None,
    pair: Pair,
    *,
    key: str,
    store: Artefacts,
    aside: tuple[SetAside, ...],
) -> _Done:
    """Each region by itself, so that one that cannot be measured does not cost the others of its image."""
    image, regions = read_pair(pair, labels)
    found: dict[str, Mapping[str, Value]] = {}
    failures = []
    for name, region in method.chosen(regions).items():
        try:
            make = partial(method.features, image, {name: region})
            found |= store.get_or_make(fingerprint(key, name), make)
        except DataError as error:
            failures.append(Failure(pair.name, str(error)))
    return _Done(pair.name, found, aside, tuple(failures))


def mask_files(path: Path) -> tuple[Path, ...]:
    """The files whose bytes make the masks at `path`."""
    if path.is_dir():
        return files_in(path)
    return image_files(path) if ending(path) in READERS else (path,)


def read_pair(pair: Pair, labels: Labels | None) -> tuple[Volume, dict[str, Volume]]:
    """The image of a pair and its regions by name, on the image's grid."""
    image = read_image(pair.image)
    regions: dict[str, Volume] = {}
    for name, path in pair.masks:
        regions |= _named(name, read_masks(path, like=image, labels=labels))
    return image, regions


def _features(method: Method, labels: Labels | None, pair: Pair) -> Mapping[str, Mapping[str, Value]]:
    image, regions = read_pair(pair, labels)
    return method.features(image, method.chosen(regions))


def _named(name: str, found: Mapping[str, Volume]) -> dict[str, Volume]:
    """Regions of one file under the name that the file gives them."""
    if not name:
        return dict(found)
    if len(found) == 1:
        return {name: next(iter(found.values()))}
    return {f"{name}_{label}": mask for label, mask in found.items()}
