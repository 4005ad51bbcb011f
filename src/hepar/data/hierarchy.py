"""A reference standard from several sources: the first conclusive and timely one decides, in the protocol's order."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal, Self

import numpy as np
from pydantic import BaseModel, ConfigDict, model_validator
from pydantic import Field as Setting

from ..core.errors import ProtocolError, choices
from .derivation import DerivationBase, DerivedColumns, Table, dates_of
from .field import Field

Days = Annotated[int, Setting(ge=0)]
Note = tuple[str, str, int]


class Source(BaseModel):
    """One test that may decide, e.g. MRI."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    """What the report calls it."""
    result: str
    """Category field that holds its result."""
    date: str | None = None
    """Date field of the test; without it, nothing is asked of its time."""
    conclusive: dict[str, str] | tuple[str, ...] = ()
    """Results that decide; as a mapping, result -> the value it stands for. Those of the hierarchy when omitted."""
    within_days: Days | None = None
    """Days between recording and test at most, before or after; those of the hierarchy when omitted."""


class Hierarchy(DerivationBase):
    """The value of the first source, in the order given, whose result is conclusive and in time.

    Adds `<name>`, and `<name>_source`, which source decided; both are missing where none did. A conclusive result
    more than `within_days` from date `recorded`, or without the date that this needs, is passed over, with a note; a
    note tells, too, where a later source contradicts the one that decides.
    """

    kind: Literal["hierarchy"] = "hierarchy"
    sources: tuple[Source, ...] = Setting(min_length=1)
    conclusive: dict[str, str] | tuple[str, ...] = ()
    recorded: str | None = None
    within_days: Days | None = None

    @model_validator(mode="after")
    def _complete(self) -> Self:
        names = [source.name for source in self.sources]
        if len(set(names)) < len(names):
            raise ProtocolError(f"hierarchy: a source stands twice among {names}; each has its own name")
        for source in self.sources:
            if not (source.conclusive or self.conclusive):
                raise ProtocolError(
                    f"hierarchy: {source.name!r} has no conclusive results; list those that decide, for it or for all"
                )
            if self._window(source) is not None and self.recorded is None:
                raise ProtocolError(
                    "hierarchy: within_days needs `recorded`, the date field that days are counted from"
                )
            if source.within_days is not None and source.date is None:
                raise ProtocolError(f"hierarchy: {source.name!r} has within_days but no date field")
        return self

    @property
    def needs(self) -> Mapping[str, str]:
        """See `DerivationBase`."""
        dates = [self.recorded, *(source.date for source in self.sources)]
        return {
            **{source.result: "category" for source in self.sources},
            **{date: "date" for date in dates if date is not None},
        }

    def produces(self, name: str) -> Mapping[str, Field]:
        """See `DerivationBase`."""
        values = dict.fromkeys(v for source in self.sources for v in self._decides(source).values())
        label = self.label or name
        return {
            name: Field(kind="category", levels=tuple(values), label=label),
            f"{name}_source": Field(
                kind="category", levels=tuple(s.name for s in self.sources), label=f"{label}: decided by"
            ),
        }

    def compute(self, name: str, table: Table) -> DerivedColumns:
        """See `DerivationBase`; refuses a conclusive result that the source's field never holds."""
        n = len(table.case_ids)
        value, decided = (np.full(n, None, dtype=object) for _ in range(2))
        notes: list[Note] = []
        for source in self.sources:
            found, more = self._of_source(source, table)
            notes += [(name, *one) for one in more]
            first = np.array([f is not None and v is None for f, v in zip(found, value, strict=True)])
            notes += [(name, *one) for one in _contradictions(source, found, value=value, decided=decided)]
            value, decided = np.where(first, found, value), np.where(first, source.name, decided)
            notes.append((name, f"decided by {source.name}", int(first.sum())))
        columns = {name: value, f"{name}_source": decided}
        return DerivedColumns(self.produces(name), columns, tuple(note for note in notes if note[2]))

    def _decides(self, source: Source) -> Mapping[str, str]:
        """Conclusive result -> the value it stands for."""
        given = source.conclusive or self.conclusive
        return given if isinstance(given, dict) else {result: result for result in given}

    def _window(self, source: Source) -> int | None:
        if source.date is None:
            return None
        return self.within_days if source.within_days is None else source.within_days

    def _of_source(self, source: Source, table: Table) -> tuple[np.ndarray, list[tuple[str, int]]]:
        """The value that the source gives each case, None where it decides nothing; and what was passed over."""
        decides, levels = self._decides(source), table.fields[source.result].levels
        for result in decides:
            if result not in levels:
                raise ProtocolError(
                    f"hierarchy: {source.name} is conclusive at {result!r}, which {source.result} never holds;"
                    f" {choices(result, levels)}"
                )
        found = np.array([decides.get(result) for result in table.columns[source.result]], dtype=object)
        within = self._window(source)
        if within is None or source.date is None or self.recorded is None:
            return found, []
        days = _days(table, self.recorded, source.date)
        known = np.array([value is not None for value in found])
        undated, late = known & np.isnan(days), known & (np.abs(days) > within)
        found[undated | late] = None
        return found, [
            (
                f"{source.name} conclusive but more than {within} days from {self.recorded}: passed over",
                int(late.sum()),
            ),
            (f"{source.name} conclusive but a date is missing: passed over", int(undated.sum())),
        ]


def _days(table: Table, start: str, end: str) -> np.ndarray:
    gap = (dates_of(table, end) - dates_of(table, start)) / np.timedelta64(1, "D")
    return np.asarray(gap, dtype=float)


def _contradictions(
    source: Source, found: np.ndarray, *, value: np.ndarray, decided: np.ndarray
) -> Iterator[Any]:
    """How often the source, conclusive and in time, says otherwise than the one that decided, by that one."""
    other = [v is not None and f is not None and f != v for f, v in zip(found, value, strict=True)]
    by, counts = np.unique(decided[np.array(other)].astype(str), return_counts=True)
    for who, n in zip(by.tolist(), counts.tolist(), strict=True):
        yield f"{source.name} contradicts {who}, which decides", n
