"""A volume: an array with its place in the patient."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import permutations
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..core.errors import DataError

Array = NDArray[Any]
Float = NDArray[np.float64]

GRID_TOLERANCE = 0.05
"""Share of a voxel by which the corners of two grids may differ and still be the same grid.

Headers round: spacings to six digits over 500 voxels differ by a thousandth of a voxel. A real shift is larger.
"""
CANONICAL = "SPL"
"""The orientation of an axial DICOM series whose slices are sorted towards the head."""

_TOWARDS = (("R", "L"), ("A", "P"), ("I", "S"))
"""Letters of the negative and the positive end of the axes x, y and z of LPS."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Volume:
    """An image or a mask and where it lies.

    `array` has axes (z, y, x): slices, rows, columns as they are stored. `affine` (4, 4) takes the index
    `(z, y, x, 1)` of a voxel to the millimetres of its centre in DICOM's patient coordinates (LPS: x to the left, y to
    the back, z to the head). `modality` is DICOM's code (CT, MR, US); `unit` is that of the values ("HU"), empty where
    it is not known; `frame_uid` is DICOM's frame of reference, empty where the file has none.
    """

    array: Array
    affine: Float
    modality: str = ""
    unit: str = ""
    frame_uid: str = ""

    def __post_init__(self) -> None:
        if self.array.ndim != 3:
            raise DataError(f"a volume has axes (z, y, x); the array has shape {self.array.shape}")
        if self.affine.shape != (4, 4) or not np.isfinite(self.affine).all():
            raise DataError(f"a volume's affine is 4 x 4 and finite; found {self.affine.tolist()}")
        if abs(np.linalg.det(self.affine[:3, :3])) <= 0:
            raise DataError(f"the axes of a volume span no space; affine {self.affine.tolist()}")

    @property
    def spacing_mm(self) -> tuple[float, float, float]:
        """Distance of neighbouring voxels along z, y and x of the array."""
        z, y, x = np.linalg.norm(self.affine[:3, :3], axis=0)
        return float(z), float(y), float(x)

    @property
    def orientation(self) -> str:
        """Where each axis of the array runs to, z first: "SPL" is towards the head, the back, the left.

        Letters are R or L, A or P, I or S, each for the patient's axis nearest to that of the array. (NIfTI tools list
        x first: their "LPS" is "SPL" here.)
        """
        direction = self.affine[:3, :3] / np.linalg.norm(self.affine[:3, :3], axis=0)
        world = _nearest_axes(direction)
        return "".join(_TOWARDS[w][int(direction[w, axis] > 0)] for axis, w in enumerate(world))

    def like(self, array: Array, *, unit: str | None = None) -> Self:
        """The same place with another array of the same shape."""
        return replace(self, array=array, unit=self.unit if unit is None else unit)

    def world_mm(self, index: ArrayLike) -> Float:
        """Millimetres (x, y, z in LPS) of the points at `index` (..., 3), in voxels along (z, y, x)."""
        return _moved(self.affine, index)

    def index(self, world_mm: ArrayLike) -> Float:
        """Index (z, y, x), with fractions, of the points at `world_mm` (..., 3) in LPS."""
        return _moved(np.linalg.inv(self.affine), world_mm)

    def oriented(self, code: str) -> Self:
        """The same voxels with axes that run to where `code` says, by transposing and flipping only.

        `code` has one letter each of R or L, A or P, I or S, in the order of the array's axes, e.g. "SPL". Axes that
        are oblique to the patient stay oblique.
        """
        wanted = _axes_of(code)
        now = _axes_of(self.orientation)
        order = [[axis for axis, _ in now].index(axis) for axis, _ in wanted]
        flips = [now[source][1] != end for source, (_, end) in zip(order, wanted, strict=True)]
        return self._reordered(order, flips)

    def aligned_to(self, other: "Volume") -> Self:
        """These voxels in the axis order of `other`, a volume on the same grid of voxel centres.

        Another grid (shape, spacing, place or obliquity) is refused: resampling is a decision, not a repair.
        """
        relative = np.linalg.solve(other.affine[:3, :3], self.affine[:3, :3])
        source_of = np.argsort(_nearest_axes(relative / np.linalg.norm(relative, axis=0)))
        flips = [bool(relative[axis, source] < 0) for axis, source in enumerate(source_of)]
        moved = self._reordered([int(source) for source in source_of], flips)
        if not same_grid(moved, other):
            raise DataError(
                f"the grids differ: {describe(self)}; the other has {describe(other)}. Only axis order and direction"
                " may differ; resample one to the other, or give the files that belong together"
            )
        return replace(moved, affine=other.affine, frame_uid=other.frame_uid)

    def _reordered(self, order: Sequence[int], flips: Sequence[bool]) -> Self:
        """Axes taken in `order`, then those in `flips` reversed; every voxel stays where it is in the patient."""
        affine = self.affine.copy()
        affine[:3, :3] = self.affine[:3, list(order)]
        array = self.array.transpose(order)
        for axis, flip in enumerate(flips):
            if flip:
                affine[:3, 3] += affine[:3, axis] * (array.shape[axis] - 1)
                affine[:3, axis] *= -1
        steps = tuple(slice(None, None, -1 if flip else 1) for flip in flips)
        return replace(self, array=np.ascontiguousarray(array[steps]), affine=affine)


def same_grid(a: Volume, b: Volume, *, tolerance: float = GRID_TOLERANCE) -> bool:
    """Whether `a` and `b` have the same shape and each corner within `tolerance` voxels along every axis."""
    if a.array.shape != b.array.shape:
        return False
    last = np.array(a.array.shape) - 1
    corners = np.array(np.meshgrid(*((0, end) for end in last))).reshape(3, -1).T
    return bool(np.abs(b.index(a.world_mm(corners)) - corners).max() <= tolerance)


def describe(volume: Volume) -> str:
    """Shape, spacing, origin and orientation in a line."""
    spacing = " x ".join(f"{mm:.6g}" for mm in volume.spacing_mm)
    origin = ", ".join(f"{mm:.6g}" for mm in volume.affine[:3, 3])
    return (
        f"shape {volume.array.shape}, spacing {spacing} mm (z, y, x), origin ({origin}) mm (LPS), axes towards"
        f" {volume.orientation}"
    )


def affine_of(axes_mm: ArrayLike, origin_mm: ArrayLike) -> Float:
    """The affine whose columns are the steps `axes_mm` (3, 3; one row for each of z, y, x) from `origin_mm`."""
    affine = np.eye(4)
    affine[:3, :3] = np.asarray(axes_mm, dtype=float).T
    affine[:3, 3] = origin_mm
    return affine


def _moved(affine: NDArray[np.floating[Any]], points: ArrayLike) -> Float:
    moved: Float = np.asarray(points, dtype=float) @ affine[:3, :3].T + affine[:3, 3]
    return moved


def _nearest_axes(direction: Float) -> tuple[int, ...]:
    """For each column of `direction` the row it is nearest to, no row twice.

    Where two ways are equally near, as half-way between two axes, the choice hangs on the directions alone, not on
    their order or sign: else an image turned to "ARI" could say that it is "LIP".
    """
    return max(permutations(range(3)), key=lambda rows: _nearness(direction, rows))


def _nearness(direction: Float, rows: tuple[int, ...]) -> tuple[float, ...]:
    """How near the columns lie to `rows` in all, then the columns themselves in the order of their rows."""
    ordered = direction[:, np.argsort(rows)]
    along = ordered * np.sign(np.diag(ordered))
    return round(float(np.trace(along)), 6), *np.round(along.T, 6).ravel().tolist()


def _axes_of(code: str) -> list[tuple[int, bool]]:
    """Axis of LPS, and whether towards its positive end, for each letter of `code`."""
    ends = {
        letter: (axis, bool(end)) for axis, pair in enumerate(_TOWARDS) for end, letter in enumerate(pair)
    }
    axes = [ends[letter] for letter in code if letter in ends]
    if len(code) != 3 or len({axis for axis, _ in axes}) != 3:
        raise DataError(
            f"orientation {code!r}: give three letters, one each of R or L, A or P, I or S, e.g. {CANONICAL!r}"
        )
    return axes
