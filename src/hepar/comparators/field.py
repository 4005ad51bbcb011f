"""Any clinical field as a comparator: one measurement, or a score computed elsewhere."""

from typing import ClassVar, Literal

import pandas as pd
from pydantic import Field

from .base import Comparator
from .reading import numbers, settled


class FieldScore(Comparator):
    """The value of the clinical `field`, in its own unit, negated where lower speaks for the condition.

    The dictionary gives the unit. Choose the field in the protocol, before the data are seen: picked
    afterwards, it is no comparator but a finding. No published cut-off belongs to it.
    """

    kind: Literal["field"] = "field"
    field: str = Field(min_length=1)
    higher: bool = True
    """Whether higher values speak for the condition."""
    label: str | None = None

    unit: ClassVar[str] = "of the field"
    citation: ClassVar[str] = "none: a field of the study's own record"

    @property
    def needs(self) -> tuple[str, ...]:
        """The one field."""
        return (self.field,)

    @property
    def display(self) -> str:
        """Its label, which says where the value is reversed."""
        name = self.label or self.field
        return name if self.higher else f"{name} (reversed)"

    def score(self, clinical: pd.DataFrame) -> pd.Series:
        """Value of each case, oriented."""
        x = numbers(clinical, self.needs)
        return settled(x[self.field] if self.higher else -x[self.field], x)
