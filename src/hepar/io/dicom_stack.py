"""The planes of a series as a stack: sorted by place, one at each, evenly spaced along their normal."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise

import numpy as np

from ..core.errors import DataError
from ..imaging.geometry import Float, affine_of
from .dicom_planes import AXES, NEVER_TOLD, Plane, SetAside

SAME_PLACE_MM = 0.005
"""Planes nearer than this lie at the same place."""
SPACING_TOLERANCE = 0.1
"""Share of the slice spacing by which a gap may differ: positions are often rounded to a tenth of a millimetre."""
TILT_TOLERANCE_DEG = 0.1
"""Angle between the stacking direction and the normal; a real gantry tilt is several degrees."""
DRIFT_TOLERANCE = 0.1
"""Share of a pixel by which planes may be shifted against each other, because positions are rounded."""

Frames = tuple[tuple[Plane, ...], ...]
SameImage = Callable[[Plane, Plane], bool]


@dataclass(frozen=True, slots=True)
class Stack:
    """Planes in the order of the array's slices, the affine of the volume and what was set aside."""

    planes: tuple[Plane, ...]
    affine: Float
    set_aside: tuple[SetAside, ...] = ()


def stacked(planes: Sequence[Plane], *, frame: int | None, same_image: SameImage, source: str) -> Stack:
    """The stack of `planes`, which share orientation, shape and pixel spacing.

    Slices run along the normal, the cross product of the directions of the rows and of the columns. Where several
    images lie at each place (phases, echoes, b-values) `frame` chooses among them, from 0. A repeated image is set
    aside where `same_image` holds; another image at the same place, a missing slice, uneven spacing and a gantry tilt
    are refused by the name of the instance.
    """
    places = _by_place(planes)
    aside: tuple[SetAside, ...] = ()
    if len(places) < len(planes):
        axis, frames = _split(planes, n_places=len(places))
        if axis:
            return _evenly(_chosen(axis, frames, frame=frame, source=source))
        places, aside = _without_repeats(places, same_image)
    if frame not in (None, 0):
        raise DataError(
            f"{source}: frame {frame} was asked for, but one image lies at each place; leave it out"
        )
    return _evenly([place[0] for place in places], aside)


def _normal(plane: Plane) -> Float:
    return np.cross(plane.orientation[:3], plane.orientation[3:]).astype(float)


def _by_place(planes: Sequence[Plane]) -> list[list[Plane]]:
    """Planes sorted along the normal, those at the same place together, by instance and file."""
    normal = _normal(planes[0])
    ordered = sorted(planes, key=lambda p: (float(np.dot(p.position_mm, normal)), p.file.name, p.frame))
    places: list[list[Plane]] = []
    for plane in ordered:
        if places and np.abs(np.subtract(plane.position_mm, places[-1][0].position_mm)).max() < SAME_PLACE_MM:
            places[-1].append(plane)
        else:
            places.append([plane])
    return places


def _split(planes: Sequence[Plane], *, n_places: int) -> tuple[str, Frames]:
    """The axis, or pair of axes, whose values divide `planes` into stacks that each fill every place once."""
    values = [dict(plane.axes) for plane in planes]
    varying = [axis for axis in AXES if len({of_plane[axis] for of_plane in values}) > 1]
    for names in (*((axis,) for axis in varying), *combinations(varying, 2)):
        parts: defaultdict[tuple[str, ...], list[Plane]] = defaultdict(list)
        for plane, of_plane in zip(planes, values, strict=True):
            parts[tuple(of_plane[axis] for axis in names)].append(plane)
        if all(len(part) == n_places == len(_by_place(part)) for part in parts.values()):
            return " and ".join(names), tuple(tuple(parts[key]) for key in sorted(parts, key=_numerically))
    return "", ()


def _numerically(values: Sequence[str]) -> list[tuple[float, str]]:
    def one(value: str) -> tuple[float, str]:
        try:
            return float(value), value
        except ValueError:
            return np.inf, value

    return [one(value) for value in values]


def _chosen(axis: str, frames: Frames, *, frame: int | None, source: str) -> list[Plane]:
    if frame is None or not 0 <= frame < len(frames):
        names = axis.split(" and ")
        told = [
            f"frame={k}"
            + ("" if NEVER_TOLD & set(names) else f" ({', '.join(dict(f[0].axes)[n] for n in names)})")
            for k, f in enumerate(frames)
        ]
        asked = "" if frame is None else f", not {frame}"
        raise DataError(
            f"{source}: holds {len(frames)} images at each place, which differ in {axis}; choose one:"
            f" {', '.join(told[:12])}{' ...' if len(told) > 12 else ''}{asked}; or give the files of one alone"
        )
    return [place[0] for place in _by_place(frames[frame])]


def _without_repeats(
    places: list[list[Plane]], same_image: SameImage
) -> tuple[list[list[Plane]], tuple[SetAside, ...]]:
    aside = []
    for first, *others in places:
        for other in others:
            if not same_image(first, other):
                raise DataError(
                    f"{first.file.parent}: {first.name} and {other.name} are different images at the same place; keep"
                    " the one that belongs to the series"
                )
            aside.append(SetAside(other.file.name, f"repeats {first.name}"))
    return [place[:1] for place in places], tuple(aside)


def _evenly(planes: Sequence[Plane], aside: tuple[SetAside, ...] = ()) -> Stack:
    """The stack of sorted `planes`; refuses what is not a regular grid."""
    first, last = planes[0], planes[-1]
    _refuse_no_scale(first)
    if len(planes) == 1:
        step = _normal(first) * _declared_step(first)
    else:
        _refuse_tilt(planes)
        _refuse_uneven(planes)
        step = np.subtract(last.position_mm, first.position_mm) / (len(planes) - 1)
    between_rows, between_columns = first.spacing_mm
    down = np.multiply(first.orientation[3:], between_rows)
    along = np.multiply(first.orientation[:3], between_columns)
    return Stack(tuple(planes), affine_of([step, down, along], first.position_mm), aside)


def _refuse_no_scale(plane: Plane) -> None:
    right_angle = abs(float(np.dot(plane.orientation[:3], plane.orientation[3:]))) < 1e-3
    lengths = np.linalg.norm(np.reshape(plane.orientation, (2, 3)), axis=1)
    if not right_angle or np.abs(lengths - 1).max() > 1e-3:
        raise DataError(
            f"{plane.file}: the image orientation {plane.orientation} is not two unit vectors at right angles"
        )
    if len(plane.spacing_mm) != 2 or min(plane.spacing_mm) <= 0:
        raise DataError(
            f"{plane.file}: the pixel spacing is {plane.spacing_mm or 'missing'}; features need its millimetres"
        )


def _declared_step(plane: Plane) -> float:
    if plane.step_mm is None or plane.step_mm <= 0:
        raise DataError(
            f"{plane.file}: is a single slice and declares no slice thickness; its voxels have no known size"
        )
    return plane.step_mm


def _refuse_tilt(planes: Sequence[Plane]) -> None:
    positions = np.array([plane.position_mm for plane in planes]) - planes[0].position_mm
    normal = _normal(planes[0])
    along = positions @ normal
    drift = np.linalg.norm(positions - along[:, None] * normal, axis=1)
    allowed = DRIFT_TOLERANCE * min(planes[0].spacing_mm) + along * np.tan(np.radians(TILT_TOLERANCE_DEG))
    if np.any(drift > allowed):
        worst = int(np.argmax(drift - allowed))
        angle = np.degrees(np.arctan2(drift[worst], along[worst]))
        raise DataError(
            f"{planes[0].file.parent}: slices are shifted against each other, by {drift[worst]:.3g} mm at"
            f" {planes[worst].name}: a gantry tilt of {angle:.3g} degrees or mixed positions. Correct the tilt where"
            " the series was made; features of a sheared volume would be wrong"
        )


def _refuse_uneven(planes: Sequence[Plane]) -> None:
    normal = _normal(planes[0])
    along = np.array([np.dot(plane.position_mm, normal) for plane in planes])
    gaps = np.diff(along)
    usual = float(np.median(gaps)) if len(gaps) > 2 else float(gaps.min())
    regular = along[0] + np.arange(len(along)) * (along[-1] - along[0]) / (len(along) - 1)
    if np.abs(gaps - usual).max() <= SPACING_TOLERANCE * usual and (
        np.abs(along - regular).max() <= SPACING_TOLERANCE * usual
    ):
        return
    worst = int(np.argmax(np.abs(gaps - usual)))
    before, after = list(pairwise(planes))[worst]
    ratio = gaps[worst] / usual
    whole = round(ratio) >= 2 and abs(ratio - round(ratio)) <= SPACING_TOLERANCE * 2
    what = f"{round(ratio) - 1} missing slice(s)" if whole else "uneven spacing"
    raise DataError(
        f"{planes[0].file.parent}: {what} between {before.name} and {after.name}: they are {gaps[worst]:.4g} mm apart,"
        f" others {usual:.4g} mm. Complete the series, or resample it where it was made"
    )
