"""Transforms: a specification that `fit` turns into a new, fitted value, as models do."""

from abc import abstractmethod
from collections.abc import Mapping
from typing import ClassVar, Protocol

import pandas as pd

from ..core.component import Component
from ..data.reference import Reference


class FittedTransform(Protocol):
    """What was learnt: a value that only applies."""

    def apply(self, features: pd.DataFrame) -> pd.DataFrame:
        """`features` of any cases, transformed; the same columns whatever the cases."""
        ...

    def describe(self) -> Mapping[str, float]:
        """What can be told of it in a report, by name, e.g. how many features were kept."""
        ...


class Transform(Component):
    """A step between features and a model; it holds nothing learnt.

    It learns from the training rows that `fit` is given, and only from what a new patient has too: a scanner or a site
    that it needs is a column of the features. It works on numbers; categories pass.
    """

    family: ClassVar = "hepar.transforms"

    spare: tuple[str, ...] = ()
    """Features that it neither changes nor drops, by name or pattern, e.g. `age_y` or `lab_*`."""

    @abstractmethod
    def fit(self, features: pd.DataFrame, reference: Reference, *, seed: int) -> FittedTransform:
        """A fitted transform; `self` is unchanged."""
