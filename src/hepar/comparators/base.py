"""What every comparator is: a published score of the clinical record, with its published cut-offs."""

from abc import abstractmethod
from dataclasses import dataclass
from typing import ClassVar, Literal

import pandas as pd

from ..core.component import Component

Rule = Literal["at least", "above", "below", "at most"]


@dataclass(frozen=True, slots=True)
class Cutoff:
    """A published cut-off: scores that stand to `value` as `rule` says mean `meaning`, as `source` found."""

    value: float
    meaning: str
    rule: Rule
    source: str


class Comparator(Component):
    """A score with published arithmetic; nothing is fitted."""

    family: ClassVar = "hepar.comparators"
    unit: ClassVar[str]
    citation: ClassVar[str]

    @property
    @abstractmethod
    def display(self) -> str:
        """Name for tables and figures; says so where the raw value is reversed."""

    @property
    @abstractmethod
    def needs(self) -> tuple[str, ...]:
        """Clinical fields it reads; the protocol is checked against them."""

    @property
    def cutoffs(self) -> tuple[Cutoff, ...]:
        """Published cut-offs of the score, in the order of what they mean."""
        return ()

    @abstractmethod
    def score(self, clinical: pd.DataFrame) -> pd.Series:
        """Score of each case, higher meaning more likely positive; NaN where a needed value is missing."""
