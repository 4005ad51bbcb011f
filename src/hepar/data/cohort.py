"""A cohort: cases in a fixed order, what their fields mean, and how each exclusion came about."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Self

import pandas as pd

from ..core.errors import DataError
from ..core.fingerprint import fingerprint
from .case import Acquisition, Case
from .dictionary import Field


@dataclass(frozen=True, slots=True)
class Note:
    """Something that reading the data changed or found: a unit converted, a value dropped. The report tells it."""

    field: str
    what: str
    n: int


@dataclass(frozen=True, slots=True)
class Failure:
    """A case that could not be worked on."""

    case_id: str
    reason: str
    """The whole message, which may name the case and its files: for those who hold the data."""
    told: str
    """The message without identifiers and paths: for a report."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the participant flow (STARD item 24): who entered it and who left by it."""

    criterion: str
    entered: int
    excluded: tuple[str, ...]
    missing: int = 0
    """How many of the excluded left because the field they were judged by is missing."""
    failures: tuple[Failure, ...] = ()
    """Why each of the excluded failed, where it left by no criterion."""

    @property
    def remained(self) -> int:
        """How many went on to the next step."""
        return self.entered - len(self.excluded)


@dataclass(frozen=True, slots=True, repr=False)
class Cohort:
    """Cases in the order that every table keeps."""

    cases: tuple[Case, ...]
    fields: Mapping[str, Field] = field(default_factory=dict)
    flow: tuple[Step, ...] = ()
    notes: tuple[Note, ...] = ()

    def __post_init__(self) -> None:
        _refuse_repeated_cases(self.cases)
        _refuse_participants_at_two_sites(self.cases)

    def __repr__(self) -> str:
        """Short: the whole would print every patient."""
        return f"Cohort({len(self.cases)} cases, {len(self.field_names())} fields)"

    def __len__(self) -> int:
        return len(self.cases)

    def __iter__(self) -> Iterator[Case]:
        return iter(self.cases)

    def without(
        self, criterion: str, excluded: Sequence[str], *, missing: int = 0, failures: Sequence[Failure] = ()
    ) -> Self:
        """The cohort less the `excluded` cases, whose one reason is `criterion`."""
        out = frozenset(excluded)
        left = tuple(case.case_id for case in self.cases if case.case_id in out)
        step = Step(criterion, len(self.cases), left, missing, tuple(failures))
        kept = tuple(case for case in self.cases if case.case_id not in out)
        return replace(self, cases=kept, flow=(*self.flow, step))

    def clinical(self) -> pd.DataFrame:
        """The clinical record, one row a case in the cohort's order, with `participant_id` and `site`."""
        index = pd.Index([case.case_id for case in self.cases], name="case_id", dtype=object)
        columns: dict[str, list[object]] = {
            "participant_id": [case.participant_id for case in self.cases],
            "site": [case.site for case in self.cases],
            **{name: [case.clinical.get(name) for case in self.cases] for name in self.field_names()},
        }
        return pd.DataFrame({name: _column(values, index) for name, values in columns.items()}, index=index)

    def field_names(self) -> tuple[str, ...]:
        """Every clinical field, in the dictionary's order; without a dictionary, in the cases' order."""
        return tuple(self.fields) or tuple(
            dict.fromkeys(name for case in self.cases for name in case.clinical)
        )

    @property
    def fingerprint(self) -> str:
        """Changes with any case, value or file: the manifest hash of a lock."""
        return fingerprint(
            [[c.case_id, c.participant_id, c.site, dict(c.clinical)] for c in self.cases],
            [[name, _print_of(a)] for c in self.cases for name, a in sorted(c.acquisitions.items())],
        )


def _print_of(acquisition: Acquisition) -> str:
    """The fingerprint; that a file cannot be read is its case's trouble, told when the case is worked on."""
    try:
        return acquisition.fingerprint
    except DataError:
        return "unreadable"


def _column(values: Sequence[object], index: pd.Index) -> pd.Series:
    """Numbers and booleans as float with NaN where missing; everything else as objects."""
    numbers = [value for value in values if isinstance(value, bool | int | float)]
    if numbers and len(numbers) == sum(value is not None for value in values):
        return pd.Series([_number(value) for value in values], index=index, dtype=float)
    return pd.Series(list(values), index=index, dtype=object)


def _number(value: object) -> float:
    return float(value) if isinstance(value, bool | int | float) else float("nan")


def _refuse_repeated_cases(cases: Sequence[Case]) -> None:
    seen: set[str] = set()
    for case in cases:
        if case.case_id in seen:
            raise DataError(
                f"case {case.case_id} stands twice in the cohort; each case needs its own identifier"
            )
        seen.add(case.case_id)


def _refuse_participants_at_two_sites(cases: Sequence[Case]) -> None:
    site_of: dict[str, str] = {}
    for case in cases:
        site = site_of.setdefault(case.participant_id, case.site)
        if site != case.site:
            raise DataError(
                f"participant {case.participant_id} stands at site {site!r} and at site {case.site!r}; a"
                " participant has one site, or partitions by site would leak: correct the table or pool the two sites"
            )
