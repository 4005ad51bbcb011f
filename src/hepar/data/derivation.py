"""What a derivation is: fields read, fields added, columns computed."""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from pydantic import BaseModel, ConfigDict

from .field import Field


@dataclass(frozen=True, slots=True)
class Table:
    """Columns by field name: float arrays with NaN, or object arrays with None (text, dates)."""

    case_ids: Sequence[str]
    columns: Mapping[str, np.ndarray]
    fields: Mapping[str, Field]


@dataclass(frozen=True, slots=True)
class DerivedColumns:
    """What a derivation adds."""

    fields: Mapping[str, Field]
    columns: Mapping[str, np.ndarray]
    notes: tuple[tuple[str, str, int], ...] = ()
    """Field, what was found and how often: the parts of a `cohort.Note`."""


class DerivationBase(BaseModel):
    """One rule: the fields it reads, those it adds, and how."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    label: str | None = None

    @property
    @abstractmethod
    def needs(self) -> Mapping[str, str]:
        """Fields it reads -> the kind that each must have."""

    @abstractmethod
    def produces(self, name: str) -> Mapping[str, Field]:
        """The fields that it adds under `name`."""

    @abstractmethod
    def compute(self, name: str, table: Table) -> DerivedColumns:
        """The added columns."""


def dates_of(table: Table, name: str) -> np.ndarray:
    """The dates of a field as datetime64[D], NaT where missing."""
    return np.array(
        [np.datetime64("NaT", "D") if d is None else d for d in table.columns[name]], dtype="datetime64[D]"
    )
