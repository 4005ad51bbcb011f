"""Names and voxels of regions: which of a file's are wanted, and that none is empty."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ..core.errors import DataError, choices
from ..imaging.geometry import Volume

Labels = Mapping[str, int | str | Sequence[int | str]]
"""Name of a region -> the label (a number, or a segment's or ROI's name) or the labels that it is made of."""


def wanted(labels: Labels | None, present: Mapping[str, int], *, path: Path) -> dict[str, tuple[int, ...]]:
    """For each region the numbers it is made of; every number is a region under its own name without `labels`.

    `present` has the number under each name that the file gives it.
    """
    if labels is None:
        return {name: (number,) for name, number in present.items()}
    return {name: tuple(_number(one, present, path) for one in _many(of)) for name, of in labels.items()}


def _many(of: int | str | Sequence[int | str]) -> Sequence[int | str]:
    return (of,) if isinstance(of, int | str) else of


def _number(label: int | str, present: Mapping[str, int], path: Path) -> int:
    if isinstance(label, str) and label in present:
        return present[label]
    if not isinstance(label, str) and label in present.values():
        return label
    raise DataError(
        f"{path}: has no label {label!r}; {choices(str(label), dict.fromkeys(map(str, (*present, *present.values()))))}"
    )


def unique(names: Sequence[tuple[str, int]]) -> dict[str, int]:
    """The number under each name; a name that occurs twice is followed by its number ("lesion #2")."""
    often = [name for name, _ in names]
    return {name if often.count(name) == 1 else f"{name} #{number}": number for name, number in names}


def region(inside: Any, like: Volume, *, name: str, path: Path) -> Volume:
    """The mask `inside` as a volume in the place of `like`; refuses one without a voxel."""
    if not inside.any():
        raise DataError(
            f"{path}: the region {name!r} is empty; draw it, or leave it out by naming the others in labels="
        )
    return Volume(np.ascontiguousarray(inside, bool), like.affine, "SEG", "", like.frame_uid)
