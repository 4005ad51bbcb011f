"""Slices as they are looked at: turned the radiological way, cropped to the regions, in a window of grey."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..core.errors import DataError
from ..imaging.geometry import Volume
from ..imaging.regions import bounding_box

Mask = NDArray[np.bool_]

LIVER_WINDOW_HU = (-15.0, 135.0)
"""Level 60, width 150."""
VIEWS = {"S": "SPL", "P": "PIL", "L": "LIP"}
"""Axis across the slices -> axes of the slices as shown: axial and coronal from the feet and the front, sagittal from
the left."""
_OPPOSITE = {"L": "R", "R": "L", "P": "A", "A": "P", "S": "I", "I": "S"}
_MARGIN = 0.12
"""Of the regions' extent, shown around them."""
_LEAST_MM = 60.0
"""Extent that is shown around small regions, as far as the image goes."""


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """An image and its regions turned to be looked at; `image` and `masks` have axes (slice, row, column).

    `window` is the values shown black and white, `box` the rows and columns worth showing, `numbers` the number that
    each slice has in the array as it was given.
    """

    image: Volume
    masks: Mapping[str, Mask]
    window: tuple[float, float]
    box: tuple[slice, slice]
    numbers: NDArray[np.int64]

    @property
    def sides(self) -> tuple[str, str, str, str]:
        """Letters at the left, right, upper and lower edge."""
        down, right = self.image.orientation[1], self.image.orientation[2]
        return _OPPOSITE[right], right, _OPPOSITE[down], down

    @property
    def size_mm(self) -> tuple[float, float]:
        """Height and width of what is shown."""
        _, row, column = self.image.spacing_mm
        rows, columns = self.box
        return (rows.stop - rows.start) * row, (columns.stop - columns.start) * column

    @property
    def union(self) -> Mask:
        """Voxels of any region; all voxels where there is no region."""
        if not self.masks:
            return np.ones(self.image.array.shape, dtype=bool)
        return reduce(np.logical_or, self.masks.values())

    def shown(self, volume_array: NDArray[Any], at: int) -> NDArray[Any]:
        """Slice `at` of an array on the view's grid, cropped to its box."""
        shown: NDArray[Any] = volume_array[at][self.box]
        return shown


def view(image: Volume, masks: Mapping[str, Volume]) -> View:
    """The image and its regions, turned and cropped; a mask on another grid is refused."""
    across = VIEWS.get(image.orientation[0]) or VIEWS[_OPPOSITE[image.orientation[0]]]
    turned = image.oriented(across)
    aligned = {
        name: mask.aligned_to(image).oriented(across).array.astype(bool) for name, mask in masks.items()
    }
    empty = [name for name, mask in aligned.items() if not mask.any()]
    if empty:
        raise DataError(f"region {empty[0]!r} has no voxel; leave it out or check its file")
    box = _box(turned, list(aligned.values()))
    numbers = np.arange(turned.array.shape[0])
    if image.orientation[0] != across[0]:
        numbers = numbers[::-1]
    return View(turned, aligned, grey_window(turned, box), box, numbers)


def grey_window(image: Volume, box: tuple[slice, slice]) -> tuple[float, float]:
    """Values shown black and white: the liver window of a CT in HU, of others the 1st and 99th percentile."""
    if image.modality == "CT" and image.unit == "HU":
        return LIVER_WINDOW_HU
    values = image.array[:, *box]
    finite = values[np.isfinite(values)]
    if not finite.size:
        raise DataError("the image has no finite value to be shown")
    low, high = (float(v) for v in np.percentile(finite, [1, 99]))
    return (low, high) if high > low else (low - 0.5, low + 0.5)


def chosen_slices(shown: View, n: int) -> list[int]:
    """About `n` slices spread over the regions, such that each region is in one of them at least."""
    union = shown.union
    with_any = np.flatnonzero(union.any(axis=(1, 2)))
    places = (np.arange(min(n, len(with_any))) + 0.5) / min(n, len(with_any))
    chosen = {int(with_any[int(place * len(with_any))]) for place in places}
    for mask in shown.masks.values():
        areas = mask.sum(axis=(1, 2))
        if not any(areas[at] for at in chosen):
            chosen.add(int(areas.argmax()))
    return sorted(chosen)


def _box(image: Volume, masks: Sequence[Mask]) -> tuple[slice, slice]:
    """Rows and columns of the regions and a margin; all of them without regions."""
    whole = slice(0, image.array.shape[1]), slice(0, image.array.shape[2])
    if not masks:
        return whole
    _, rows, columns = bounding_box(reduce(np.logical_or, masks))
    edges = image.spacing_mm[1:]
    rows, columns = (
        _widened(part, size=all_of.stop, edge_mm=edge)
        for part, all_of, edge in zip((rows, columns), whole, edges, strict=True)
    )
    return rows, columns


def _widened(part: slice, *, size: int, edge_mm: float) -> slice:
    extent = part.stop - part.start
    margin = int(np.ceil(max(_MARGIN * extent, (_LEAST_MM / edge_mm - extent) / 2, 3)))
    wanted = min(extent + 2 * margin, size)
    start = min(max(part.start - margin, 0), size - wanted)
    return slice(start, start + wanted)
