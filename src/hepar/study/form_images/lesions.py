"""Checks of the box that a form gives a lesion against the image it lies in and the mask of the lesion."""

from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath

import numpy as np

from ...core.errors import DataError
from ...data.crf.finding import Finding
from ...data.crf.query import Query
from ...imaging.geometry import Float, Volume
from ...io.dicom_series import series_grid
from ...io.masks import read_masks
from .entered import Entered
from .facts import Facts

LEAST_OVERLAP = 0.5
"""Intersection over union below which a box is not that of the mask."""
BOX = tuple(f"box_{what}_{axis}_mm" for what in ("centre", "size") for axis in "xyz")
FAR_MM = 40.0
"""How far beyond the middle of the image a lesion of the other side may lie: the liver reaches over it."""
_SERIES = {"1": "arterial", "2": "portal"}
_LEFT, _RIGHT = ("2", "3"), ("6", "7")
"""Segments that lie wholly left, and wholly right."""
_LOOK = "look at the box on the images; correct it, or exchange image or mask"


def lesion_queries(entered: Entered, facts: Sequence[Facts]) -> Iterator[Query]:
    """Each lesion whose box or mask does not fit.

    Raises:
        DataError: a series cannot be placed.
    """
    grids: dict[str, Volume] = {}
    for lesion in entered.having(BOX[0]):
        numbers = [lesion.number(part) for part in BOX]
        fact = _series_of(lesion, facts)
        if fact is None or None in numbers:
            continue
        if fact.uid not in grids:
            grids[fact.uid] = series_grid(fact.folder, series=fact.uid)[0]
        centre, size = np.array(numbers[:3], float), np.array(numbers[3:], float)
        box = np.stack([centre - size / 2, centre + size / 2])
        yield from _of_lesion(lesion, box, grid=grids[fact.uid], folder=fact.folder)


def _series_of(lesion: Entered, facts: Sequence[Facts]) -> Facts | None:
    """The CT series of the phase in which the box was drawn; the only one where phases are not told."""
    series = [fact for fact in facts if fact.modality == "CT"]
    phase = _SERIES.get(lesion.text("box_series"))
    named = [fact for fact in series if fact.phase == phase]
    if len(named) == 1:
        return named[0]
    return series[0] if len(series) == 1 else None


def _of_lesion(lesion: Entered, box: Float, *, grid: Volume, folder: Path) -> Iterator[Query]:
    inside = overlap(box, extent_mm(grid, np.ones(grid.array.shape, bool)))
    if inside == 0:
        said = "the box lies outside the image of its phase"
        yield lesion.query(BOX[0], Finding("image: box", said, _LOOK))
        return
    yield from _side(lesion, box, grid)
    name = lesion.text("lesion_mask_file")
    if not name:
        return
    path = _below(folder, name)
    if path is None:
        said = "there is no such file in the participant's folder"
        yield lesion.query(
            "lesion_mask_file", Finding("image: mask missing", said, "send the mask, or correct its name")
        )
        return
    yield from _mask(lesion, box, path=path, grid=grid)


def _below(folder: Path, name: str) -> Path | None:
    """The file that a form names, in `folder` or a folder below it; None where there is none, or it lies elsewhere."""
    written = PurePosixPath(name)
    if written.is_absolute() or ".." in written.parts or "\\" in name or ":" in name:
        return None
    try:
        return folder / written if (folder / written).is_file() else None
    except OSError:  # a name longer than the system allows
        return None


def _side(lesion: Entered, box: Float, grid: Volume) -> Iterator[Query]:
    """A lesion of the left lateral or right posterior segments far on the other side of the image's middle."""
    middle = float(grid.world_mm((np.array(grid.array.shape) - 1) / 2)[0])
    segment, x = lesion.text("lesion_segment"), float(box[:, 0].mean()) - middle
    if (segment in _LEFT and x < -FAR_MM) or (segment in _RIGHT and x > FAR_MM):
        side = "right" if x < 0 else "left"
        said = (
            f"the box lies {abs(x):.0f} mm {side} of the image's middle: another segment, or a mirrored box"
        )
        yield lesion.query("lesion_segment", Finding("image: laterality", said, _LOOK))


def _mask(lesion: Entered, box: Float, *, path: Path, grid: Volume) -> Iterator[Query]:
    """One file may hold all lesions, a label each: the box has to fit one of them, or all together."""
    try:
        regions = read_masks(path, like=grid)
    except DataError:
        said = "the mask cannot be laid on the image of its phase"
        yield lesion.query("lesion_mask_file", Finding("image: mask", said, _LOOK))
        return
    parts = [region.array for region in regions.values()]
    extents = [extent_mm(grid, inside) for inside in (np.logical_or.reduce(parts), *parts)]
    if any(fits(box, found, voxel_mm=max(grid.spacing_mm)) for found in extents):
        return
    found = max(extents, key=lambda extent: overlap(box, extent))
    turned = np.sort(box * np.array([-1, -1, 1]), axis=0)
    why = (
        "; it would with x and y of the opposite sign (RAS in place of LPS)"
        if any(overlap(turned, extent) >= LEAST_OVERLAP for extent in extents)
        else ""
    )
    said = f"the box and the mask overlap by {overlap(box, found):.0%} (intersection over union){why}"
    yield lesion.query(BOX[0], Finding("image: box", said, _LOOK))


def extent_mm(grid: Volume, inside: np.ndarray) -> Float:
    """Lowest and highest x, y and z (2, 3) in LPS of the voxels `inside`, to their outer faces."""
    found = np.argwhere(inside)
    low, high = found.min(axis=0) - 0.5, found.max(axis=0) + 0.5
    corners = grid.world_mm(
        [
            [(low, high)[i][0], (low, high)[j][1], (low, high)[k][2]]
            for i in (0, 1)
            for j in (0, 1)
            for k in (0, 1)
        ]
    )
    return np.stack([corners.min(axis=0), corners.max(axis=0)])


def overlap(one: Float, other: Float) -> float:
    """Intersection over union of two boxes (2, 3)."""
    shared = np.minimum(one[1], other[1]) - np.maximum(one[0], other[0])
    if (shared <= 0).any():
        return 0.0
    both, sides = float(np.prod(shared)), [float(np.prod(each[1] - each[0])) for each in (one, other)]
    return both / (sum(sides) - both)


def fits(box: Float, mask: Float, *, voxel_mm: float) -> bool:
    """Whether a box is that of a mask: no face off by more than a voxel, or most of both in common."""
    return bool((np.abs(box - mask) <= voxel_mm).all()) or overlap(box, mask) >= LEAST_OVERLAP
