"""Models: a specification that `fit` turns into a new, fitted value."""

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Protocol, TypeVar

import numpy as np
import pandas as pd

from ..core.component import Component
from ..core.device import Device
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


Configured = TypeVar("Configured", bound=Component)


class Model(Component):
    """A learner with its hyper-parameters; it holds nothing learnt.

    `features` holds numbers (NaN where missing) and categories (text, None where missing): imputation, scaling and
    encoding are learnt inside `fit`, from its own rows alone.
    """

    family: ClassVar = "hepar.models"
    accepts: ClassVar[frozenset[str]]
    """Kinds of outcome it can learn."""
    learns: ClassVar[bool] = True
    """Whether its scores depend on the cases that it was fitted on, beyond what stands for a missing value."""

    @property
    def packages(self) -> tuple[str, ...]:
        """Packages outside the core installation that it needs."""
        return ()

    @property
    def device(self) -> Device:
        """Where it is fitted; predicting needs no more than a CPU."""
        return "cpu"

    @property
    def parameters(self) -> tuple[str, ...]:
        """Names that a grid may vary."""
        return tuple(type(self).model_fields)

    def varied(self, values: Mapping[str, float]) -> "Model":
        """The same model with other values of some parameters."""
        return with_values(self, values)

    @abstractmethod
    def fit(self, features: pd.DataFrame, reference: Reference, *, seed: int) -> Fitted:
        """A fitted model; `self` is unchanged."""


def with_values(component: Configured, values: Mapping[str, float]) -> Configured:
    """`component` with other values of some parameters, whole numbers as int where the parameter is one."""
    fields = type(component).model_fields
    typed = {name: int(v) if fields[name].annotation is int else v for name, v in values.items()}
    return component.parse({**component.model_dump(), **typed})
