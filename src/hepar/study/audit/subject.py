"""What is audited: cases with their participants, sites, parts, outcome and fields, wherever they came from."""

import datetime as dt
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import NDArray

from .picture import Looked

Kind = Literal["number", "category", "date"]
Role = Literal["metadata", "feature", "measure", "other", "follow_up"]
Objects = NDArray[np.object_]


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """A field of every case: `values` are float, str or date, None where missing.

    A "feature" is read by a test; so is a "measure", which measures what the outcome measures. "metadata" should know
    nothing of the outcome, "follow_up" is known later than both.
    """

    name: str
    kind: Kind
    role: Role
    values: Objects

    @property
    def known(self) -> NDArray[np.bool_]:
        """Where there is a value."""
        return np.array([value is not None for value in self.values], dtype=bool)


@dataclass(frozen=True, slots=True, eq=False)
class Contrast:
    """One question of yes or no that the outcome answers: 1, 0, or NaN where it is not known."""

    name: str
    positive: NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """A picture, volume or recording of the case at `place`; nothing is read before `look`."""

    place: int
    name: str
    look: Callable[[], Looked]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Subject:
    """All that an audit sees, row by row in one order."""

    name: str
    case_ids: Sequence[str]
    participants: Objects
    sites: Objects
    parts: Objects
    """Part of each case: development or test, or the fold that holds it out; None where there is none."""
    label: Objects
    """Class of the outcome in words; None where it is not known."""
    contrasts: tuple[Contrast, ...]
    columns: tuple[Column, ...]
    sources: tuple[Source, ...] = ()
    reference_date: str | None = None
    """Column with the day of the reference standard."""
    simulated: bool = False
    notes: tuple[str, ...] = field(default=())

    def __len__(self) -> int:
        return len(self.case_ids)

    def with_columns(self, columns: Sequence[Column], notes: Sequence[str] = ()) -> Self:
        """The same with further columns and notes."""
        return replace(self, columns=(*self.columns, *columns), notes=(*self.notes, *notes))

    @property
    def first_of_each(self) -> NDArray[np.int64]:
        """Position of the first case of each participant."""
        _, first = np.unique(self.participants.astype(str), return_index=True)
        return np.sort(first)


def objects(values: Sequence[Any]) -> Objects:
    """Values as an array of objects, missing ones as None."""
    made = np.empty(len(values), dtype=object)
    for place, value in enumerate(values):
        made[place] = None if is_missing(value) else value
    return made


def is_missing(value: Any) -> bool:
    """None, NaN, NaT, infinity and empty text."""
    if isinstance(value, float):
        return not math.isfinite(value)
    return value is None or value != value or (isinstance(value, str) and not value.strip())


def kind_of(values: Objects) -> Kind:
    """Dates, else numbers, else categories; of a column without values a category."""
    known = [value for value in values if value is not None]
    if known and all(isinstance(value, dt.date) for value in known):
        return "date"
    return "number" if known and all(isinstance(v, int | float) for v in known) else "category"


def contrasts_of_classes(
    label: Objects, order: Sequence[Any], *, ordered: bool, least: int, what: str
) -> tuple[Contrast, ...]:
    """Each threshold of ordered classes, or each class against the others; two classes have one contrast.

    `what` names the outcome. A contrast with fewer than `least` cases on a side is left out.
    """
    known = np.array([value is not None for value in label])
    sides: Mapping[str, set[Any]]
    if ordered or len(order) == 2:
        sides = {
            f"{what} {order[k]}" + (" or more" if k < len(order) - 1 else ""): set(order[k:])
            for k in range(1, len(order))
        }
    else:
        sides = {f"{what} {one} against the others": {one} for one in order}
    found = []
    for name, inside in sides.items():
        positive = np.array([float(value in inside) for value in label])
        positive[~known] = np.nan
        if min(np.nansum(positive), np.nansum(1 - positive)) >= least:
            found.append(Contrast(name, positive))
    return tuple(found)
