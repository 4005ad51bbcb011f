"""What one column of a SIMULATED hospital table holds, and how a hospital writes it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

from ...core.errors import SimulationError, choices

Value = bool | float | str | None
Row = Mapping[str, Value]
"""One patient by field name: numbers in the unit that the name says, None where missing."""
Kind = Literal["number", "ordinal", "category", "boolean", "date", "text"]


@dataclass(frozen=True, slots=True)
class Written:
    """Another unit that sites write: `entered = factor * value + offset`, with so many decimals."""

    factor: float
    digits: int
    offset: float = 0.0


@dataclass(frozen=True, slots=True)
class Column:
    """One field and its column.

    `name` is the field, with its unit; `entry` the name of the column, without it; `form` the page of the case record
    form. `unit` is that of `name`, `limits` the values possible in it, `digits` the decimals. `codes` are what is
    written for each level of an ordinal or a category, `words` its name in reports. `others` are further units that
    sites write; `analyte` is whose molar mass stands in their factor. `checkbox` is the group that a yes or no belongs
    to on the form. `follow_up` marks what is known only after baseline.
    """

    name: str
    entry: str
    label: str
    form: str
    kind: Kind
    unit: str = ""
    digits: int = 0
    limits: tuple[float, float] | None = None
    codes: Mapping[str, float | str] = field(default_factory=lambda: MappingProxyType({}))
    words: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    others: Mapping[str, Written] = field(default_factory=lambda: MappingProxyType({}))
    analyte: str = ""
    checkbox: str = ""
    follow_up: bool = False

    def written(self, value: Value, *, unit: str | None = None) -> str:
        """The text that a careful site enters for `value`, in `unit` (the column's own when omitted); "" for None."""
        if value is None:
            return ""
        if self.kind == "boolean":
            return "1" if value else "0"
        if self.codes:
            return next(code for code, meant in self.codes.items() if meant == value)
        if self.kind != "number":
            return f"{value:g}" if isinstance(value, float) else str(value)
        how = self._how(unit or self.unit)
        return f"{how.factor * float(value) + how.offset:.{how.digits}f}"

    def read(self, number: float, *, unit: str) -> float:
        """The number written in `unit`, in the column's own unit."""
        how = self._how(unit)
        return (number - how.offset) / how.factor

    def resolution(self, unit: str) -> float:
        """Half of the last digit that a site writing `unit` gives, in the column's own unit."""
        how = self._how(unit)
        return 0.5 * 10.0**-how.digits / how.factor

    def limits_in(self, unit: str) -> tuple[float, float] | None:
        """The values possible, in `unit`."""
        how = self._how(unit)
        return self.limits and (
            how.factor * self.limits[0] + how.offset,
            how.factor * self.limits[1] + how.offset,
        )

    def _how(self, unit: str) -> Written:
        if unit == self.unit:
            return Written(1.0, self.digits)
        if unit not in self.others:
            raise SimulationError(
                f"column {self.entry!r} is never written in {unit!r}; {choices(unit, [self.unit, *self.others])}"
            )
        return self.others[unit]
