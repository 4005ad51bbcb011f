"""Fields that follow from others: body mass index, time between dates, first event, composite, reference hierarchy."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import Field as Setting

from ..core.errors import DataError
from .derivation import DerivationBase, DerivedColumns, Table, dates_of
from .field import Field
from .hierarchy import Hierarchy
from .units import convert

__all__ = ["Derivation", "DerivedColumns", "Table"]

STATUS_NAMES: Mapping[float, str] = {0.0: "censored", 1.0: "event", 2.0: "competing event"}
DAYS_PER_YEAR = 365.25


class BodyMassIndex(DerivationBase):
    """Weight over squared height (kg/m^2); missing where either is."""

    kind: Literal["body_mass_index"] = "body_mass_index"
    weight: str
    height: str
    range: tuple[float, float] = (10, 100)

    @property
    def needs(self) -> Mapping[str, str]:
        """See `DerivationBase`."""
        return {self.weight: "number", self.height: "number"}

    def produces(self, name: str) -> Mapping[str, Field]:
        """See `DerivationBase`."""
        return {name: Field(kind="number", unit="kg/m^2", label=self.label, range=self.range)}

    def compute(self, name: str, table: Table) -> DerivedColumns:
        """See `DerivationBase`; a value outside `range` is refused."""
        bmi = _in_unit(table, self.weight, "kg") / _in_unit(table, self.height, "m") ** 2
        bad = np.flatnonzero((bmi < self.range[0]) | (bmi > self.range[1]))
        if bad.size:
            raise DataError(
                f"case {table.case_ids[bad[0]]}: {name} is {bmi[bad[0]]:.1f} kg/m^2 ({bad.size} such); allowed is"
                f" {self.range[0]:g} to {self.range[1]:g}: correct {self.weight} or {self.height}"
            )
        return DerivedColumns(self.produces(name), {name: bmi})


class YearsBetween(DerivationBase):
    """Years of 365.25 days from date `start` to date `end`; missing where either is."""

    kind: Literal["years_between"] = "years_between"
    start: str
    end: str

    @property
    def needs(self) -> Mapping[str, str]:
        """See `DerivationBase`."""
        return {self.start: "date", self.end: "date"}

    def produces(self, name: str) -> Mapping[str, Field]:
        """See `DerivationBase`."""
        return {name: Field(kind="number", unit="year", label=self.label)}

    def compute(self, name: str, table: Table) -> DerivedColumns:
        """See `DerivationBase`."""
        years = _years(dates_of(table, self.start), dates_of(table, self.end))
        _refuse_negative(years, table, what=f"{self.end} lies before {self.start}")
        return DerivedColumns(self.produces(name), {name: years})


class DaysBetween(DerivationBase):
    """Whole days from date `start` to date `end`; missing where either is.

    `before` says what an `end` before its `start` is: an `error`, `missing` (as if there had been no start: an
    intervention after the recording), or kept as a negative number (`keep`). Dates hold no time of day: "within 24
    hours" is at most 1 day, which takes in the whole day before.
    """

    kind: Literal["days_between"] = "days_between"
    start: str
    end: str
    before: Literal["error", "missing", "keep"] = "error"

    @property
    def needs(self) -> Mapping[str, str]:
        """See `DerivationBase`."""
        return {self.start: "date", self.end: "date"}

    def produces(self, name: str) -> Mapping[str, Field]:
        """See `DerivationBase`."""
        return {name: Field(kind="number", unit="day", label=self.label)}

    def compute(self, name: str, table: Table) -> DerivedColumns:
        """See `DerivationBase`."""
        days = DAYS_PER_YEAR * _years(dates_of(table, self.start), dates_of(table, self.end))
        days = np.round(days)
        if self.before == "error":
            _refuse_negative(days / DAYS_PER_YEAR, table, what=f"{self.end} lies before {self.start}")
        early = days < 0
        if self.before != "missing" or not early.any():
            return DerivedColumns(self.produces(name), {name: days})
        note = (name, f"{self.end} before {self.start}, taken as missing", int(early.sum()))
        return DerivedColumns(self.produces(name), {name: np.where(early, np.nan, days)}, (note,))


class FirstEvent(DerivationBase):
    """Time to the earliest of `events`, unless one of `competing` comes before it, else to `until`.

    Adds `<name>_time_y` and `<name>_status` (0 censored, 1 event, 2 competing event; an event on the day of a competing
    event counts as the event). An event dated after `until` counts, with a note: it was observed.
    """

    kind: Literal["first_event"] = "first_event"
    origin: str
    events: tuple[str, ...] = Setting(min_length=1)
    competing: tuple[str, ...] = ()
    until: str

    @property
    def needs(self) -> Mapping[str, str]:
        """See `DerivationBase`."""
        return dict.fromkeys((self.origin, *self.events, *self.competing, self.until), "date")

    def produces(self, name: str) -> Mapping[str, Field]:
        """See `DerivationBase`."""
        label = self.label or name
        return {
            f"{name}_time_y": Field(kind="number", unit="year", label=f"Time to {label}"),
            f"{name}_status": _status_field(label),
        }

    def compute(self, name: str, table: Table) -> DerivedColumns:
        """See `DerivationBase`; an event dated before `origin` is refused."""
        origin, until = dates_of(table, self.origin), dates_of(table, self.until)
        for field in (*self.events, *self.competing, self.until):
            years = _years(origin, dates_of(table, field))
            _refuse_negative(years, table, what=f"{field} lies before {self.origin}")
        event, other = _earliest(table, self.events), _earliest(table, self.competing)
        first = np.fmin(event, other)  # fmin: NaT only where both are
        happened = ~np.isnat(first)
        status = np.where(happened, np.where(first == event, 1.0, 2.0), 0.0)
        time_y = _years(origin, np.where(happened, first, until))
        status[np.isnan(time_y)] = np.nan
        late = int((first > until).sum())
        note = (f"{name}_status", f"events dated after {self.until}, counted as observed", late)
        columns = {f"{name}_time_y": time_y, f"{name}_status": status}
        return DerivedColumns(self.produces(name), columns, (note,) if late else ())


class EventStatus(DerivationBase):
    """1 where `event`, else 2 where `competing` (e.g. the composite of both), else 0; missing where unknown."""

    kind: Literal["event_status"] = "event_status"
    event: str
    competing: str

    @property
    def needs(self) -> Mapping[str, str]:
        """See `DerivationBase`."""
        return {self.event: "boolean", self.competing: "boolean"}

    def produces(self, name: str) -> Mapping[str, Field]:
        """See `DerivationBase`."""
        return {name: _status_field(self.label or name)}

    def compute(self, name: str, table: Table) -> DerivedColumns:
        """See `DerivationBase`."""
        event, other = table.columns[self.event], table.columns[self.competing]
        return DerivedColumns(self.produces(name), {name: np.where(event == 1, 1.0, 2 * other + 0 * event)})


Derivation = Annotated[
    BodyMassIndex | YearsBetween | DaysBetween | FirstEvent | EventStatus | Hierarchy,
    Setting(discriminator="kind"),
]


def _status_field(label: str) -> Field:
    levels: Any = tuple(STATUS_NAMES)
    return Field(kind="ordinal", levels=levels, names=dict(STATUS_NAMES), label=f"Status: {label}")


def _in_unit(table: Table, name: str, unit: str) -> np.ndarray:
    declared = table.fields[name].unit
    if declared is None:
        raise DataError(f"field {name!r} has no unit; declare one that converts to {unit}")
    return convert(table.columns[name], declared, unit)


def _earliest(table: Table, names: Sequence[str]) -> np.ndarray:
    earliest = np.full(len(table.case_ids), np.datetime64("NaT", "D"), dtype="datetime64[D]")
    for name in names:
        earliest = np.fmin(earliest, dates_of(table, name))
    return earliest


def _years(start: np.ndarray, end: np.ndarray) -> np.ndarray:
    days = (end - start) / np.timedelta64(1, "D")
    return np.asarray(days, dtype=float) / DAYS_PER_YEAR


def _refuse_negative(years: np.ndarray, table: Table, *, what: str) -> None:
    bad = np.flatnonzero(years < 0)
    if bad.size:
        raise DataError(
            f"case {table.case_ids[bad[0]]}: {what} by {-years[bad[0]]:.2f} years ({bad.size} such); correct the dates"
        )
