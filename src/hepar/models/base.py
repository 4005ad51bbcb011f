"""Models: a specification that `fit` turns into a new, fitted value."""

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Protocol

import numpy as np
import pandas as pd

from ..core.component import Component
from ..data.reference import Reference


@dataclass(frozen=True, slots=True)
class Scores:
    """What a fitted model says of each case.

    `score` (n,): higher is more likely positive, or an earlier event. `probability`: of the outcome, (n,) under key
    None for binary outcomes, by horizon in years for a time to event; empty where the model gives none.
    """

    score: np.ndarray
    probability: Mapping[float | None, np.ndarray] = field(default_factory=dict)


class Fitted(Protocol):
    """What was learnt: a value that only predicts."""

    def predict(self, features: pd.DataFrame) -> Scores:
        """Scores of each row."""
        ...

    def describe(self) -> Mapping[str, float]:
        """What can be told of it in a report, by name: coefficients per standard deviation, tuned values."""
        ...


class Model(Component):
    """A learner with its hyper-parameters; it holds nothing learnt.

    `features` holds numbers (NaN where missing) and categories (text, None where missing): imputation, scaling and
    encoding are learnt inside `fit`, from its own rows alone.
    """

    family: ClassVar = "hepar.models"
    accepts: ClassVar[frozenset[str]]
    """Kinds of outcome it can learn."""

    @property
    def packages(self) -> tuple[str, ...]:
        """Packages outside the core installation that it needs."""
        return ()

    @abstractmethod
    def fit(self, features: pd.DataFrame, reference: Reference, *, seed: int) -> Fitted:
        """A fitted model; `self` is unchanged."""
