"""SIMULATED rows as a hospital's file holds them: text, units by site, and errors that are all known."""

from collections.abc import Sequence
from dataclasses import dataclass

from ...core.errors import SimulationError
from .. import seeds
from .column import Column, Row
from .faults import Cell, FaultRates, faults_of
from .units import unit_at

CASE, SITE = "record_id", "site"
"""Columns before those of the study."""
WHOLE_ROW = "*"
"""The field of an error that is of a row, not of a cell."""
USUAL_RATES = FaultRates()


@dataclass(frozen=True, slots=True)
class Planted:
    """One error: the row of the file (0 is the first below the header), what should stand there and what does."""

    row: int
    case_id: str
    field: str
    clean: str
    entered: str
    kind: str


@dataclass(frozen=True, slots=True)
class HospitalTable:
    """A table as text: columns `CASE`, `SITE` and those of the study; `planted` is every error in it, no other."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    planted: tuple[Planted, ...]

    @property
    def header(self) -> tuple[str, ...]:
        """Names of the columns."""
        return (CASE, SITE, *(column.entry for column in self.columns))

    @property
    def sites(self) -> tuple[str, ...]:
        """Sites that have a row, sorted."""
        return tuple(sorted({row[1] for row in self.rows}))


def hospital_table(
    rows: Sequence[Row], columns: Sequence[Column], *, seed: int, rates: FaultRates = USUAL_RATES
) -> HospitalTable:
    """`rows` (of `clinical_row`) as a hospital writes them, with errors at `rates`; the same seed gives the same file.

    Each row has its own random numbers, so that its errors do not depend on the rows around it. A cell has at most one
    error. Duplicates stand at the end.

    Raises:
        SimulationError: there is no row, or a row lacks a field of `columns`.
    """
    if not rows:
        raise SimulationError("a table needs at least one row; draw a patient first")
    _refuse_incomplete(rows, columns)
    written, planted, again = [], [], []
    for number, row in enumerate(rows):
        rng = seeds.stream(seed, number, "tables", "faults")
        case, site = str(row["case_id"]), str(row["site"])
        cells = [
            Cell(column.written(row[column.name], unit=unit_at(site, column)), column, site)
            for column in columns
        ]
        faults = {place: (entered, kind) for place, entered, kind in faults_of(rng, cells, rates=rates)}
        written.append((case, site, *(faults.get(k, (cell.text,))[0] for k, cell in enumerate(cells))))
        planted += [
            Planted(number, case, cells[k].column.name, cells[k].text, entered, kind)
            for k, (entered, kind) in faults.items()
        ]
        if rng.random() < rates.duplicate_row:
            again.append(number)
    for place, number in enumerate(again, start=len(rows)):
        written.append(written[number])
        planted.append(Planted(place, written[number][0], WHOLE_ROW, "", written[number][0], "duplicate_row"))
    return HospitalTable(tuple(columns), tuple(written), tuple(planted))


def _refuse_incomplete(rows: Sequence[Row], columns: Sequence[Column]) -> None:
    needed = ("case_id", "site", *(column.name for column in columns))
    for number, row in enumerate(rows):
        missing = next((name for name in needed if name not in row), None)
        if missing is not None:
            raise SimulationError(
                f"row {number} has no field {missing!r}; rows come from clinical_row of the same study as the columns"
            )
