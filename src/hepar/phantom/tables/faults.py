"""Errors that people make when they enter SIMULATED rows, each of them known."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace

import numpy as np

from ...core.errors import SimulationError
from .column import Column
from .units import unit_at

Random = np.random.Generator


@dataclass(frozen=True, slots=True)
class FaultRates:
    """How often each error is made, per cell where it can be made (a swap per pair of cells, a duplicate per row).

    `decimal_shift`: a number ten or a hundred times too large or small. `swapped`: two values in each other's column.
    `impossible`: a number that no patient has. `other_unit`: the value in another site's unit. `comma`: a decimal
    comma. `below_limit`: "<20" in place of a low number. `word`: "n.a." and the like. `sentinel`: -99 for a missing
    number. `spaces`: blanks around the text. `age_suffix`: the age as DICOM writes it, 061Y. `duplicate_row`: a row
    that stands twice. The defaults are choices, in the order of magnitude that audits of registries report.
    """

    decimal_shift: float = 0.002
    swapped: float = 0.004
    impossible: float = 0.001
    other_unit: float = 0.002
    comma: float = 0.003
    below_limit: float = 0.002
    word: float = 0.003
    sentinel: float = 0.05
    spaces: float = 0.005
    age_suffix: float = 0.02
    duplicate_row: float = 0.005

    def __post_init__(self) -> None:
        for each in fields(self):
            rate = getattr(self, each.name)
            if not 0 <= rate <= 1:
                raise SimulationError(f"the rate of {each.name} is {rate!r}; give a number from 0 to 1")

    def times(self, factor: float) -> "FaultRates":
        """All rates multiplied, at most 1."""
        if not factor >= 0:
            raise SimulationError(f"rates times {factor!r}: give a number from 0")
        rates = {each.name: min(1.0, factor * getattr(self, each.name)) for each in fields(self)}
        return replace(self, **rates)

    @classmethod
    def only(cls, **rates: float) -> "FaultRates":
        """The named rates, all others 0: `only()` is a file without an error."""
        return cls(**{**dict.fromkeys((each.name for each in fields(cls)), 0.0), **rates})


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell as it should be, with what decides which errors can be made in it."""

    text: str
    column: Column
    site: str

    @property
    def unit(self) -> str:
        """The unit that the site writes."""
        return unit_at(self.site, self.column)


Fault = tuple[int, str, str]
"""Place of the cell in its row, what is entered, and the kind of error."""


def faults_of(rng: Random, cells: Sequence[Cell], *, rates: FaultRates) -> Iterator[Fault]:
    """The errors of one row, at most one a cell; what leaves the text as it is, is none."""
    taken: set[int] = set()
    for place, entered in _swaps(rng, cells, rate=rates.swapped):
        taken.add(place)
        yield place, entered, "swapped"
    for place, u in enumerate(rng.random(len(cells)).tolist()):
        cell = cells[place]
        kind = None if place in taken else _kind(u, cell, rates=rates)
        if kind is None:
            continue
        entered = _ENTER[kind](rng, cell)
        if entered != cell.text:
            yield place, entered, kind


SWAPS = (
    ("ast_u_l", "alt_u_l"),
    ("height_cm", "weight_kg"),
    ("albumin_g_dl", "bilirubin_mg_dl"),
    ("nodes_examined", "nodes_positive"),
    ("biopsy_length_mm", "portal_tracts"),
)
"""Columns that stand beside one another on a form, whose values get into each other's."""


def _swaps(rng: Random, cells: Sequence[Cell], *, rate: float) -> Iterator[tuple[int, str]]:
    at = {cell.column.name: place for place, cell in enumerate(cells)}
    for (one, other), u in zip(SWAPS, rng.random(len(SWAPS)).tolist(), strict=True):
        if u >= rate or one not in at or other not in at:
            continue
        first, second = cells[at[one]].text, cells[at[other]].text
        if first and second and first != second:
            yield at[one], second
            yield at[other], first


def _kind(u: float, cell: Cell, *, rates: FaultRates) -> str | None:
    """The kind of error that `u` (uniform) falls on among those that the cell can have, if any."""
    below = 0.0
    for kind in _possible(cell):
        below += getattr(rates, kind)
        if u < below:
            return kind
    return None


_NUMBER = ("decimal_shift", "impossible", "below_limit", "word", "spaces")
_OF_KIND: Mapping[str, tuple[str, ...]] = {
    "ordinal": ("impossible", "word", "spaces"),
    "category": ("word", "spaces"),
    "boolean": ("word", "spaces"),
    "date": ("spaces",),
    "text": ("spaces",),
}


def _possible(cell: Cell) -> tuple[str, ...]:
    column = cell.column
    if not cell.text:
        return ("sentinel",) if column.kind == "number" else ()
    if column.checkbox:
        return ()
    if column.kind != "number":
        return _OF_KIND[column.kind]
    more = (
        ("comma", "." in cell.text),
        ("other_unit", bool(column.others)),
        ("age_suffix", column.name == "age_y"),
    )
    return (*(kind for kind, can in more if can), *_NUMBER)


def _shifted(rng: Random, cell: Cell) -> str:
    """The decimal point in another place."""
    return f"{float(cell.text) * float(rng.choice([10.0, 0.1, 100.0])):.10g}"


def _impossible(rng: Random, cell: Cell) -> str:
    """A number beyond what is possible."""
    if cell.column.kind == "ordinal":
        return NO_LEVEL
    low, high = cell.column.limits_in(cell.unit) or (0.0, 1.0)
    return f"{-1 - low:.4g}" if rng.random() < 0.3 else f"{high * float(rng.uniform(1.5, 9)):.0f}"


def _other_unit(_rng: Random, cell: Cell) -> str:
    """The value as a site with another unit would write it."""
    column, unit = cell.column, cell.unit
    other = column.unit if unit != column.unit else next(iter(column.others))
    return column.written(column.read(float(cell.text), unit=unit), unit=other)


def _spaced(rng: Random, cell: Cell) -> str:
    before, after = ((0, 1), (1, 0), (0, 2), (1, 1))[int(rng.integers(4))]
    return " " * before + cell.text + " " * after


NO_LEVEL = "9"
"""A code that no ordinal column has."""
WORDS = ("n.a.", "n/a", "pending", "see report", "haemolysed", "?", "not done")
"""What people write where there is no number."""

_ENTER: Mapping[str, Callable[[Random, Cell], str]] = {
    "decimal_shift": _shifted,
    "impossible": _impossible,
    "other_unit": _other_unit,
    "comma": lambda _rng, cell: cell.text.replace(".", ","),
    "below_limit": lambda rng, cell: f"<{float(cell.text) * float(rng.uniform(1.1, 2)):.2g}",
    "word": lambda rng, _cell: str(rng.choice(WORDS)),
    "sentinel": lambda _rng, _cell: "-99",
    "spaces": _spaced,
    "age_suffix": lambda _rng, cell: f"{int(cell.text):03}Y",
}
