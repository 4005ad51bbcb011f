"""One field of a data dictionary: what a column means, in which unit, within which range."""

import datetime as dt
from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, model_validator
from pydantic import Field as Setting

from ..core.errors import ProtocolError
from .units import unit_of

Kind = Literal["number", "category", "ordinal", "boolean", "date", "text"]
Value = bool | float | str


def _as_text(code: Any) -> Any:
    """A code as it stands in a table: 1 and 1.0 as "1"; YAML's reading of a bare YES or NO is refused."""
    if isinstance(code, bool):
        raise ProtocolError(f"code {code} was read as true/false by YAML; quote it, e.g. 'YES' or 'NO'")
    if isinstance(code, int | float):
        return f"{code:.15g}"
    return code


Code = Annotated[str, BeforeValidator(_as_text)]


def _as_list(codes: Any) -> Any:
    """One code as a list of one."""
    return (codes,) if isinstance(codes, str | int | float) else codes


Codes = Annotated[tuple[Code, ...], BeforeValidator(_as_list)]
"""One code or several."""


def day_as_text(value: Any) -> Any:
    """A date that YAML has parsed, as the text that JSON would hold; anything else as it is."""
    return value.isoformat() if isinstance(value, dt.date) else value


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Detect(_Part):
    """Decide the unit of each value: the one candidate under which it lies within the field's range."""

    detect: tuple[str, ...] = Setting(min_length=2)


class BySite(_Part):
    """The unit of each site's values; `default` for the sites not named."""

    by_site: dict[str, str] = Setting(min_length=1)


class ByColumn(_Part):
    """The unit stands in a column of the table, row by row."""

    by_column: str


class Tokens(_Part):
    """True where a cell that lists several things, e.g. "Hepatitis B|Other", holds one of `any_of`."""

    separator: str = "|"
    any_of: tuple[str, ...] = Setting(min_length=1)


class Field(_Part):
    """One clinical field; values are float (number, ordinal), bool, str or date, and None where missing.

    `unit` is what the cohort holds; `source_unit` is what the table holds, where it differs. `codes` translate what
    stands in the table. A value outside `range` (inclusive, in `unit`) is refused, or becomes missing with a note.
    """

    kind: Kind
    column: str | None = None
    """Column of the table; the field's own name when omitted."""
    label: str | None = None
    unit: str | None = None
    source_unit: str | Detect | BySite | ByColumn | None = None
    analyte: str | None = None
    """Whose molar mass converts mg/dL into mmol/L, e.g. bilirubin."""
    range: tuple[float, float] | None = None
    out_of_range: Literal["error", "missing"] = "error"
    codes: dict[Code, Value] = Setting(default_factory=dict)
    levels: tuple[float | str, ...] = ()
    """Allowed values, in order; of the codes when omitted."""
    names: dict[float, str] = Setting(default_factory=dict)
    """Words for the values of an ordinal field."""
    tokens: Tokens | None = None
    missing: Codes = ()
    unusable_at: dict[str, str] = Setting(default_factory=dict)
    """Sites whose values cannot be used -> why; they become missing, with a note."""
    format: str | None = None
    """Of a date, as in strptime, e.g. %d.%m.%Y; ISO 8601 when omitted."""
    not_before: str | None = None
    """A date field that this one must not precede."""
    not_after: Annotated[str, BeforeValidator(day_as_text)] | None = None
    """A date field, or a day such as 2024-12-31, that this one must not follow."""
    follow_up: bool = False
    """Known only after baseline, so that no test may read it: an event, its date, a time until something."""

    @model_validator(mode="before")
    @classmethod
    def _levels_of_the_codes(cls, given: Any) -> Any:
        if (
            not isinstance(given, Mapping)
            or given.get("levels")
            or given.get("kind") not in ("ordinal", "category")
        ):
            return given
        codes = given.get("codes")
        values = dict.fromkeys(codes.values()) if isinstance(codes, Mapping) else {}
        if given["kind"] == "ordinal" and all(isinstance(value, int | float) for value in values):
            values = dict.fromkeys(sorted(values))
        return {**given, "levels": tuple(values)}

    @model_validator(mode="after")
    def _settings_fit_the_kind(self) -> Self:
        for setting, kinds in _ONLY_FOR.items():
            if getattr(self, setting) and self.kind not in kinds:
                raise ProtocolError(
                    f"{setting} belongs to a field of kind {' or '.join(kinds)}, not {self.kind}"
                )
        if isinstance(self.source_unit, Detect) and self.range is None:
            raise ProtocolError(
                "source_unit.detect needs the field's range, which tells one unit from another"
            )
        if self.range is not None and not self.range[0] < self.range[1]:
            raise ProtocolError(f"range {list(self.range)}: the lower limit must be below the upper")
        return self

    @model_validator(mode="after")
    def _codes_give_the_kind(self) -> Self:
        wanted: Mapping[str, type] = {"ordinal": float, "boolean": bool, "category": str}
        for code, value in self.codes.items():
            if not isinstance(value, wanted.get(self.kind, object)):
                raise ProtocolError(
                    f"codes: {code!r} means {value!r}; a code of kind {self.kind} means a {_WORD[self.kind]}"
                )
        return self

    @model_validator(mode="after")
    def _format_gives_a_day(self) -> Self:
        if self.format is None:
            return self
        day = dt.datetime(2001, 1, 1)
        try:
            found = dt.datetime.strptime(day.strftime(self.format), self.format).date()
        except ValueError:
            found = None
        if found != day.date():
            raise ProtocolError(
                f"format {self.format!r} gives no date; write it as in strptime, e.g. '%d.%m.%Y' or '%m/%d/%Y'"
            )
        return self

    @property
    def last_day(self) -> dt.date | None:
        """The day that `not_after` names, if it names a day."""
        try:
            return None if self.not_after is None else dt.date.fromisoformat(self.not_after)
        except ValueError:
            return None

    @model_validator(mode="after")
    def _units_convert(self) -> Self:
        if self.unit is not None:
            unit_of(self.unit)
        elif self.source_unit is not None:
            raise ProtocolError("source_unit needs unit, the unit to convert to")
        for symbol in self.source_units:
            unit_of(symbol, like=self.unit, analyte=self.analyte)
        return self

    @property
    def source_units(self) -> tuple[str, ...]:
        """Units that the dictionary declares for the table's values."""
        match self.source_unit:
            case str():
                return (self.source_unit,)
            case Detect():
                return self.source_unit.detect
            case BySite():
                return tuple(self.source_unit.by_site.values())
            case _:
                return ()

    def name_of(self, value: float | str) -> str:
        """A level as the report prints it."""
        if isinstance(value, str):
            return value
        if self.kind == "boolean":
            return "yes" if value else "no"
        return self.names.get(value, f"{value:g}")


_WORD: Mapping[str, str] = {"ordinal": "number", "boolean": "true or false", "category": "text"}

_ONLY_FOR: Mapping[str, tuple[Kind, ...]] = {
    "source_unit": ("number",),
    "analyte": ("number",),
    "unit": ("number", "ordinal"),
    "range": ("number", "ordinal"),
    "codes": ("category", "ordinal", "boolean"),
    "levels": ("category", "ordinal"),
    "names": ("ordinal",),
    "tokens": ("boolean",),
    "format": ("date",),
    "not_before": ("date",),
    "not_after": ("date",),
}
