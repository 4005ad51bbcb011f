"""Eligibility: ordered criteria, each a comparison on one field or a modality that must be there."""

import operator
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, model_validator

from ..core.errors import DataError, ProtocolError, choices
from .case import Case
from .cohort import Cohort
from .field import Field, day_as_text

Operator = Literal[">=", "<=", "==", "!=", ">", "<", "in", "not in", "known"]
_COMPARE: Mapping[str, Callable[[Any, Any], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    "==": operator.eq,
    "!=": operator.ne,
    ">": operator.gt,
    "<": operator.lt,
    "in": lambda found, allowed: found in allowed,
    "not in": lambda found, refused: found not in refused,
    "known": lambda _found, _value: True,
}


Value = Annotated[bool | float | str, BeforeValidator(day_as_text)]


class Condition(BaseModel):
    """`field op value`, e.g. `age_y >= 18` or `scan_date < 2020-01-01`; unknown where the field is missing."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    field: str
    op: Operator = "=="
    value: Value | tuple[Value, ...] | None = None

    @model_validator(mode="after")
    def _value_fits_the_operator(self) -> Self:
        if self.op in ("in", "not in") and not isinstance(self.value, tuple):
            raise ProtocolError(f"{self.field} {self.op}: needs a list of values, e.g. value: [1, 2]")
        if self.op not in ("in", "not in", "known") and (self.value is None or isinstance(self.value, tuple)):
            raise ProtocolError(f"{self.field} {self.op}: needs one value")
        return self

    def holds(self, found: Any) -> bool | None:
        """Whether `found` meets the condition; None where it is missing."""
        if found is None or found != found:  # NaN differs from itself
            return False if self.op == "known" else None
        try:
            return bool(_COMPARE[self.op](found, self._comparable(found)))
        except (TypeError, ValueError):
            raise DataError(
                f"field {self.field!r} holds {found!r}, not comparable by {self.op!r} with {self.value!r}; give a"
                " value of the field's own type"
            ) from None

    def refuse_misfit(self, field: Field) -> None:
        """Refuse what can never hold for the field: the comparison would silently hold for nobody."""
        if field.kind in ("category", "boolean") and self.op in (">=", "<=", ">", "<"):
            raise ProtocolError(
                f"{self}: {self.field} is of kind {field.kind}, which has no order; use == or in"
            )
        values = self.value if isinstance(self.value, tuple) else () if self.value is None else (self.value,)
        for value in values:
            wrong = _misfit(value, field)
            if wrong:
                raise ProtocolError(f"{self}: {self.field} {wrong}")

    def _comparable(self, found: Any) -> Any:
        """The value, as dates where `found` is one."""
        if not isinstance(found, date) or self.value is None:
            return self.value
        if isinstance(self.value, tuple):
            return tuple(date.fromisoformat(str(value)) for value in self.value)
        return date.fromisoformat(str(self.value))

    def __str__(self) -> str:
        if self.op == "known":
            return f"{self.field} is known"
        value = ", ".join(map(str, self.value)) if isinstance(self.value, tuple) else self.value
        return f"{self.field} {self.op} {value}"


def _misfit(value: bool | float | str, field: Field) -> str | None:
    """Why the field never holds `value`; None where it may."""
    if field.levels and value not in field.levels:
        if isinstance(value, str):
            return f"never holds {value!r}; {choices(value, field.levels)}"
        held = [level if isinstance(level, str) else f"{level:g}" for level in field.levels]
        return f"never holds {value:g}; it holds {', '.join(held)}"
    if field.kind == "boolean" and value not in (True, False):
        return f"is true or false, never {value!r}"
    if field.kind in ("number", "ordinal") and isinstance(value, str):
        return f"holds numbers, never {value!r}"
    if field.kind == "date" and not _is_day(str(value)):
        return f"holds dates; write {value!r} as YYYY-MM-DD"
    return None


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


class Criterion(BaseModel):
    """One inclusion or exclusion criterion, in the protocol's order.

    `include` keeps the cases for which the condition holds, `exclude` drops them, `needs` asks for an
    acquisition. A case whose field is missing fails an inclusion and passes an exclusion, unless
    `missing` says otherwise.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    include: Condition | None = None
    exclude: Condition | None = None
    needs: str | None = None
    missing: Literal["keep", "exclude"] | None = None

    @model_validator(mode="after")
    def _one_rule(self) -> Self:
        if sum(rule is not None for rule in (self.include, self.exclude, self.needs)) != 1:
            raise ProtocolError(f"criterion {self.name!r}: give exactly one of include, exclude, needs")
        return self

    @property
    def field(self) -> str | None:
        """The clinical field that it reads."""
        condition = self.include or self.exclude
        return condition.field if condition else None

    def judge(self, case: Case) -> Literal["keep", "exclude", "missing"]:
        """The case's fate; "missing" means excluded because the field is missing."""
        if self.needs is not None:
            return "keep" if self.needs in case.acquisitions else "exclude"
        condition = self.include or self.exclude
        assert condition is not None
        holds = condition.holds(case.clinical.get(condition.field))
        if holds is None:
            fate = self.missing or ("exclude" if self.include else "keep")
            return "missing" if fate == "exclude" else "keep"
        return "keep" if holds is (self.include is not None) else "exclude"


def screen(cohort: Cohort, criteria: Sequence[Criterion]) -> Cohort:
    """Apply `criteria` in order; a case leaves by the first that it fails and by no other."""
    for criterion in criteria:
        _refuse_unknown_field(cohort, criterion)
    for criterion in criteria:
        fate = {case.case_id: criterion.judge(case) for case in cohort}
        out = [case_id for case_id, what in fate.items() if what != "keep"]
        cohort = cohort.without(criterion.name, out, missing=sum(what == "missing" for what in fate.values()))
        if not len(cohort):
            raise DataError(
                f"no case is left after {criterion.name!r} ({len(out)} entered it); relax that criterion or check the"
                " field's coding"
            )
    return cohort


def _refuse_unknown_field(cohort: Cohort, criterion: Criterion) -> None:
    known = cohort.field_names()
    if criterion.field is not None and criterion.field not in known:
        raise ProtocolError(
            f"criterion {criterion.name!r} reads field {criterion.field!r}, which the dictionary does not"
            f" have; {choices(criterion.field, known)}"
        )
