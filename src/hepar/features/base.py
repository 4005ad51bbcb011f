"""Extractors turn one case into named values; they see nothing but that case."""

from abc import abstractmethod
from collections.abc import Mapping
from typing import ClassVar

from ..core.component import Component
from ..data.case import Case

Value = float | str | None
"""A number, the level of a category, or None where it is missing. Models impute and encode inside the fold."""


class Extractor(Component):
    """Deterministic, per case: its result may be kept under (extractor, inputs)."""

    family: ClassVar = "hepar.features"
    costly: ClassVar[bool] = True
    """Whether keeping the result is worth a file for each case."""

    @property
    def reads(self) -> tuple[str, ...]:
        """Clinical fields it reads: the protocol is checked against them and against the outcome."""
        return ()

    @property
    def numeric(self) -> tuple[str, ...]:
        """Those of `reads` that must be numbers."""
        return ()

    @property
    def acquisitions(self) -> tuple[str, ...]:
        """Acquisitions that it reads and cannot do without."""
        return ()

    @property
    def packages(self) -> tuple[str, ...]:
        """Packages outside the core installation that it needs."""
        return ()

    def reporting(self) -> Mapping[str, str]:
        """Answers to the items of reporting checklists that its parameters give, by evidence key."""
        return {}

    @abstractmethod
    def inputs(self, case: Case) -> str:
        """Fingerprint of exactly what `extract` reads from `case`."""

    @abstractmethod
    def extract(self, case: Case) -> Mapping[str, Value]:
        """Features of `case`, by name."""
