"""The five outcome types: what each reads, and how it observes the reference standard."""

from abc import abstractmethod
from itertools import pairwise
from typing import Annotated, Literal, Self

import pandas as pd
from pydantic import BaseModel, ConfigDict, Field, model_validator

from ..core.errors import DataError, ProtocolError, choices
from .eligibility import Condition

Horizons = tuple[Annotated[float, Field(gt=0)], ...]


class _Outcome(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    label: str
    """What it is, in words for the report, e.g. "significant fibrosis (F>=2)"."""

    @property
    @abstractmethod
    def fields(self) -> tuple[str, ...]:
        """Clinical fields it reads: none of them may be a feature."""

    @property
    @abstractmethod
    def columns(self) -> tuple[str, ...]:
        """Columns of the reference standard."""

    @abstractmethod
    def observe(self, clinical: pd.DataFrame) -> pd.DataFrame:
        """The reference standard of each case; NaN in a row that has none."""


class Binary(_Outcome):
    """Positive where the field is at least `at_least`, or one of `one_of`."""

    kind: Literal["binary"] = "binary"
    field: str
    at_least: float | None = None
    one_of: tuple[str | bool | float, ...] = ()

    @model_validator(mode="after")
    def _one_rule(self) -> Self:
        if (self.at_least is None) == (not self.one_of):
            raise ProtocolError("outcome: give exactly one of at_least, one_of")
        return self

    @property
    def fields(self) -> tuple[str, ...]:
        """See `_Outcome`."""
        return (self.field,)

    @property
    def columns(self) -> tuple[str, ...]:
        """See `_Outcome`."""
        return ("positive",)

    def observe(self, clinical: pd.DataFrame) -> pd.DataFrame:
        """See `_Outcome`."""
        values = _field(clinical, self.field)
        if self.at_least is not None:
            positive = _numbers(values, self.field) >= self.at_least
        else:
            positive = values.isin(list(self.one_of))
        return pd.DataFrame({"positive": positive.astype(float).where(values.notna())})


class Graded(_Outcome):
    """An ordered stage such as F0 to F4; `positive` at the primary `threshold`."""

    kind: Literal["graded"] = "graded"
    field: str
    grades: tuple[float, ...]
    names: tuple[str, ...] = ()
    threshold: float

    @model_validator(mode="after")
    def _ordered_grades(self) -> Self:
        if len(self.grades) < 3 or any(low >= high for low, high in pairwise(self.grades)):
            raise ProtocolError(f"outcome.grades: {self.grades} must be three or more rising numbers")
        if self.threshold not in self.grades[1:]:
            raise ProtocolError(f"outcome.threshold: {self.threshold} must be one of {self.grades[1:]}")
        if self.names and len(self.names) != len(self.grades):
            raise ProtocolError(f"outcome.names: {len(self.names)} names for {len(self.grades)} grades")
        return self

    @property
    def fields(self) -> tuple[str, ...]:
        """See `_Outcome`."""
        return (self.field,)

    @property
    def columns(self) -> tuple[str, ...]:
        """See `_Outcome`."""
        return ("grade", "positive")

    def name_of(self, grade: float) -> str:
        """The grade as the report prints it."""
        return self.names[self.grades.index(grade)] if self.names else f"{grade:g}"

    def observe(self, clinical: pd.DataFrame) -> pd.DataFrame:
        """See `_Outcome`."""
        grade = _numbers(_field(clinical, self.field), self.field)
        stray = grade[grade.notna() & ~grade.isin(self.grades)]
        if len(stray):
            raise DataError(
                f"case {stray.index[0]}: {self.field} is {stray.iloc[0]:g}; the protocol's grades are"
                f" {', '.join(f'{g:g}' for g in self.grades)}: correct the value or the outcome's grades"
            )
        positive = (grade >= self.threshold).astype(float).where(grade.notna())
        return pd.DataFrame({"grade": grade, "positive": positive})


class Continuous(_Outcome):
    """A measured quantity, e.g. stiffness in kPa."""

    kind: Literal["continuous"] = "continuous"
    field: str
    unit: str

    @property
    def fields(self) -> tuple[str, ...]:
        """See `_Outcome`."""
        return (self.field,)

    @property
    def columns(self) -> tuple[str, ...]:
        """See `_Outcome`."""
        return ("value",)

    def observe(self, clinical: pd.DataFrame) -> pd.DataFrame:
        """See `_Outcome`."""
        return pd.DataFrame({"value": _numbers(_field(clinical, self.field), self.field)})


class TimeToEvent(_Outcome):
    """Time (years) from the start to the event of interest, a competing event or the end of follow-up.

    `status` is 0 censored, 1 event, 2 competing event. The first of `horizons_y` is the primary one.
    """

    kind: Literal["time_to_event"] = "time_to_event"
    time: str
    event: Condition
    competing: Condition | None = None
    horizons_y: Horizons = Field(min_length=1)

    @model_validator(mode="after")
    def _horizons_differ(self) -> Self:
        if len(set(self.horizons_y)) < len(self.horizons_y):
            raise ProtocolError(f"outcome.horizons_y: {list(self.horizons_y)} holds one horizon twice")
        return self

    @model_validator(mode="after")
    def _competing_is_another_event(self) -> Self:
        if self.competing == self.event:
            raise ProtocolError(
                f"outcome.competing: is the event itself ({self.event}); name another, or leave it out"
            )
        return self

    @property
    def fields(self) -> tuple[str, ...]:
        """See `_Outcome`."""
        competing = (self.competing.field,) if self.competing else ()
        return tuple(dict.fromkeys((self.time, self.event.field, *competing)))

    @property
    def columns(self) -> tuple[str, ...]:
        """See `_Outcome`."""
        return ("time_y", "status")

    def observe(self, clinical: pd.DataFrame) -> pd.DataFrame:
        """See `_Outcome`; a time of zero or less is refused, because nothing was followed."""
        if not self.time.endswith("_y"):
            raise ProtocolError(
                f"outcome.time is {self.time!r}; follow-up is in years, so the field's name must end in _y and the"
                " dictionary convert it (unit: year, source_unit: day)"
            )
        time = _numbers(_field(clinical, self.time), self.time)
        status = _status(clinical, self.event, self.competing)
        known = time.notna() & status.notna()
        early = time[known & (time <= 0)]
        if len(early):
            raise DataError(
                f"case {early.index[0]}: {self.time} is {early.iloc[0]:g} years ({len(early)} such cases); follow-up"
                f" must be positive: exclude them by a criterion on {self.time}, or correct the dates"
            )
        return pd.DataFrame({"time_y": time.where(known), "status": status.where(known)})


class Lesions(_Outcome):
    """Focal lesions: a box in millimetres (LPS) and a class for each, one unit a lesion.

    Its truth comes from an acquisition of the case, not from a clinical field.
    """

    kind: Literal["lesions"] = "lesions"
    acquisition: str

    @property
    def fields(self) -> tuple[str, ...]:
        """See `_Outcome`."""
        return ()

    @property
    def columns(self) -> tuple[str, ...]:
        """See `_Outcome`."""
        box = tuple(f"{edge}_{axis}_mm" for edge in ("low", "high") for axis in "zyx")
        return (*box, "positive")

    def observe(self, clinical: pd.DataFrame) -> pd.DataFrame:
        """Refuse: a clinical table holds no boxes."""
        raise ProtocolError(
            f"outcome 'lesions' reads boxes from the {self.acquisition!r} acquisition of each case; the {len(clinical)}"
            " cases here come from a clinical table. Choose another outcome for tables"
        )


Outcome = Annotated[Binary | Graded | Continuous | TimeToEvent | Lesions, Field(discriminator="kind")]


def _field(clinical: pd.DataFrame, name: str) -> pd.Series:
    if name not in clinical:
        raise ProtocolError(
            f"outcome field {name!r} is not in the dictionary; {choices(name, clinical.columns)}"
        )
    return clinical[name]


def _numbers(values: pd.Series, name: str) -> pd.Series:
    if values.dtype == object and values.notna().any():
        case = values[values.notna()].index[0]
        raise DataError(
            f"case {case}: outcome field {name!r} holds {values[case]!r}, not a number; give the field codes in the"
            " dictionary (kind: ordinal), or use outcome kind binary with one_of"
        )
    return values.astype(float)


def _status(clinical: pd.DataFrame, event: Condition, competing: Condition | None) -> pd.Series:
    happened = _holds(clinical, event)
    if competing is None:
        return happened
    instead = _holds(clinical, competing)
    return happened.where(happened != 0, 2.0 * instead)


def _holds(clinical: pd.DataFrame, condition: Condition) -> pd.Series:
    found = [condition.holds(value) for value in _field(clinical, condition.field)]
    return pd.Series([float("nan") if h is None else float(h) for h in found], index=clinical.index)
