"""A figure that was measured, beside what it has to keep to."""

from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, slots=True)
class Bar:
    """`value` of what `name` says, in `unit`; `asked` says what it has to be, and is empty where it is only told.

    A value that is not a number keeps to nothing.
    """

    name: str
    value: float
    unit: str
    asked: str
    passed: bool

    @classmethod
    def told(cls, name: str, value: float, unit: str) -> Self:
        """A figure that nothing is asked of."""
        return cls(name, value, unit, "", passed=True)

    @classmethod
    def at_most(cls, name: str, value: float, *, limit: float, unit: str) -> Self:
        """At most `limit`."""
        return cls(name, value, unit, f"at most {limit:g}", passed=value <= limit)

    @classmethod
    def at_least(cls, name: str, value: float, *, limit: float, unit: str) -> Self:
        """At least `limit`."""
        return cls(name, value, unit, f"at least {limit:g}", passed=value >= limit)

    @classmethod
    def near(cls, name: str, value: float, *, wanted: float, within: float, unit: str) -> Self:
        """Within `within` of `wanted`."""
        return cls(
            name, value, unit, f"{wanted:.3g}, within {within:g}", passed=abs(value - wanted) <= within
        )

    @property
    def line(self) -> str:
        """The bar in words."""
        shown = f"{self.name}: {self.value:.3g}{f' {self.unit}' if self.unit else ''}"
        return f"{shown} ({self.asked}) {'ok' if self.passed else 'FAILED'}" if self.asked else shown
