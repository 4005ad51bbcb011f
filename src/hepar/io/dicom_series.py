"""DICOM series in a folder that may hold anything: found by their headers, chosen, listed and read."""

import os
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..core.errors import DataError
from ..imaging.geometry import Volume
from .dicom_header import NotDicomError
from .dicom_pixels import decoded, same_image
from .dicom_planes import Origin, Plane, SetAside, planes_of
from .dicom_stack import Stack, stacked
from .files import refuse_unreadable

SAME_DIRECTION = 1e-3
"""Largest difference of direction cosines within a series."""
NO_UID = "no-uid"
"""Key of images whose series UID was emptied, by a de-identification for instance."""
LISTED = 200
"""Characters of the list of files in an error."""


@dataclass(frozen=True, slots=True)
class Series:
    """Images of one DICOM series that share orientation, shape and pixel spacing.

    `key` chooses it: the series' UID, with "#2" and so on where one UID holds images that do not fit one grid.
    """

    key: str
    description: str
    modality: str
    unit: str
    frame_uid: str
    planes: tuple[Plane, ...]

    def __str__(self) -> str:
        rows, columns = self.planes[0].shape
        what = f"{self.description!r}, " if self.description else ""
        return f"{what}{self.modality or 'no modality'}, {len(self.planes)} images of {rows} x {columns}, {self.key}"


@dataclass(frozen=True, slots=True)
class Contents:
    """What a folder holds: series in the order of their keys, and the files that belong to none, with the reason."""

    series: tuple[Series, ...]
    set_aside: tuple[SetAside, ...]


@dataclass(frozen=True, slots=True)
class ReadSeries:
    """A series as a volume, the files it was made of in the order of its slices, and what was set aside."""

    volume: Volume
    files: tuple[Path, ...]
    set_aside: tuple[SetAside, ...]


def find_series(path: Path) -> tuple[Series, ...]:
    """The series under the folder at `path` (or in that one file)."""
    return contents(path).series


def contents(path: Path) -> Contents:
    """Series and other files under `path`, from their headers alone; files that are hidden are not looked at."""
    found: defaultdict[tuple[Origin, tuple[int, int]], list[Plane]] = defaultdict(list)
    aside = []
    for file in _files(path):
        what = _looked_at(file)
        if isinstance(what, SetAside):
            aside.append(what)
            continue
        origin, planes = what
        for plane in planes:
            found[origin, plane.shape].append(plane)
    groups = [(origin, group) for (origin, _), planes in found.items() for group in _by_direction(planes)]
    return Contents(_named(groups), tuple(aside))


def read_series(path: Path, *, series: str | None = None, frame: int | None = None) -> ReadSeries:
    """The series at `path`, a folder or a file.

    `series` names one of several by its UID or a part of its description; `frame` one of several images at each place.
    Refused by a `DataError`: several series without a choice, and all that `stacked` and `decoded` refuse.
    """
    one, stack, aside = _stack(path, series=series, frame=frame)
    array = decoded(stack.planes, unit=one.unit)
    volume = Volume(array, stack.affine, one.modality, one.unit, one.frame_uid)
    return ReadSeries(volume, _unique(stack.planes), (*aside, *stack.set_aside))


def series_files(path: Path, *, series: str | None = None, frame: int | None = None) -> tuple[Path, ...]:
    """The files that the series is made of, in the order of its slices; no pixel is read."""
    return series_sources(path, series=series, frame=frame)[0]


def series_sources(
    path: Path, *, series: str | None = None, frame: int | None = None
) -> tuple[tuple[Path, ...], tuple[SetAside, ...]]:
    """The files of `series_files`, and those that were set aside, with the reason."""
    _, stack, aside = _stack(path, series=series, frame=frame)
    return _unique(stack.planes), (*aside, *stack.set_aside)


def series_grid(path: Path, *, series: str | None = None) -> tuple[Volume, tuple[Plane, ...]]:
    """Where the series lies, as an empty mask, and its planes in the order of its slices; no pixel is read."""
    one, stack, _ = _stack(path, series=series, frame=None)
    zeros = np.zeros((len(stack.planes), *stack.planes[0].shape), bool)
    return Volume(zeros, stack.affine, one.modality, "", one.frame_uid), stack.planes


def _stack(
    path: Path, *, series: str | None, frame: int | None
) -> tuple[Series, Stack, tuple[SetAside, ...]]:
    found = contents(path)
    one = _chosen(found, path, series=series)
    try:
        stack = stacked(one.planes, frame=frame, same_image=same_image, source=str(path))
    except DataError as error:
        raise DataError(f"{error}{_told(found.set_aside)}") from None
    _refuse_unsigned_ct(one)
    return one, stack, found.set_aside


def _told(aside: Sequence[SetAside]) -> str:
    """Files that were set aside, among which a slice that is missed may be."""
    told = "; ".join(f"{file.file}: {file.reason}" for file in aside)
    return f". Set aside: {told[:LISTED]}{' ...' if len(told) > LISTED else ''}" if told else ""


def _files(path: Path) -> list[Path]:
    if not path.is_dir():
        refuse_unreadable(path)
        return [path]
    files = sorted(
        Path(folder, name)
        for folder, _, names in os.walk(path, onerror=_refuse_folder)
        for name in names
        if not any(part.startswith(".") for part in Path(folder, name).relative_to(path).parts)
        and Path(folder, name).is_file()
    )
    if not files:
        raise DataError(
            f"{path}: the folder is empty; give the folder that holds the DICOM files of one examination"
        )
    return files


def _refuse_folder(error: OSError) -> None:
    """A folder that may not be listed may hold slices."""
    raise DataError(
        f"{error.filename}: cannot be read ({error.strerror}); check the rights of the folder"
    ) from None


def _looked_at(file: Path) -> tuple[Origin, tuple[Plane, ...]] | SetAside:
    if not file.stat().st_size:
        return SetAside(file.name, "an empty file")
    try:
        return planes_of(file)
    except NotDicomError:
        return SetAside(file.name, "not a DICOM file")


def _by_direction(planes: Sequence[Plane]) -> list[list[Plane]]:
    """Planes in groups of the same orientation and pixel spacing."""
    groups: list[list[Plane]] = []
    for plane in planes:
        for group in groups:
            if _same_direction(plane, group[0]):
                group.append(plane)
                break
        else:
            groups.append([plane])
    return groups


def _same_direction(a: Plane, b: Plane) -> bool:
    turned = np.abs(np.subtract(a.orientation, b.orientation)).max() > SAME_DIRECTION
    return (
        not turned
        and len(a.spacing_mm) == len(b.spacing_mm)
        and np.allclose(a.spacing_mm, b.spacing_mm, rtol=1e-4)
    )


def _named(groups: Sequence[tuple[Origin, list[Plane]]]) -> tuple[Series, ...]:
    """Each group as a series, the largest of a UID first."""
    seen: defaultdict[str, int] = defaultdict(int)
    series = []
    for origin, planes in sorted(groups, key=lambda g: (g[0].series_uid, -len(g[1]), g[1][0].file.name)):
        seen[origin.series_uid] += 1
        part = f"#{seen[origin.series_uid]}" if seen[origin.series_uid] > 1 else ""
        key = f"{origin.series_uid or NO_UID}{part}"
        series.append(
            Series(key, origin.description, origin.modality, origin.unit, origin.frame_uid, tuple(planes))
        )
    return tuple(series)


def _chosen(found: Contents, path: Path, *, series: str | None) -> Series:
    if not found.series:
        reasons = "; ".join(f"{file.file}: {file.reason}" for file in found.set_aside)
        more = " ..." if len(reasons) > LISTED else ""
        raise DataError(
            f"{path}: holds no image that makes a volume ({reasons[:LISTED]}{more}); give a DICOM series, or the path"
            " of a NIfTI, NRRD or MetaImage file itself"
        )
    fitting = [one for one in found.series if series is None or series == one.key]
    if series is not None and not fitting:
        fitting = [one for one in found.series if series.casefold() in one.description.casefold()]
    if len(fitting) == 1:
        return fitting[0]
    listed = "; ".join(f"({k}) {one}" for k, one in enumerate(fitting or found.series, start=1))
    what = f"holds {len(fitting)} series" if fitting else f"no series fits {series!r}"
    raise DataError(
        f"{path}: {what}: {listed}. Choose one by series=, its UID or a part of its description that no other has; or"
        " give the folder of one alone"
    )


def _refuse_unsigned_ct(series: Series) -> None:
    """A CT without an intercept whose numbers cannot be negative is not in HU."""
    plane = series.planes[0]
    if series.unit == "HU" and plane.intercept == 0 and plane.stored[0] == 0:
        raise DataError(
            f"{plane.file}: a CT without rescale intercept whose numbers cannot be negative: they are not Hounsfield"
            " units; export the series again with its rescale values"
        )


def _unique(planes: Sequence[Plane]) -> tuple[Path, ...]:
    return tuple(dict.fromkeys(plane.file for plane in planes))
