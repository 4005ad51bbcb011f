"""Steps before a model, learnt with it: harmonisation, stability and selection inside the fold."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal

import pandas as pd
from pydantic import BeforeValidator, Field, SerializeAsAny

from ..core.device import Device
from ..core.errors import ProtocolError, RunError, choices
from ..data.reference import Reference
from ..transforms.base import FittedTransform, Transform
from ..transforms.columns import matches, refuse_repeats
from .base import Fitted, Model, Scores, with_values

OneTransform = Annotated[SerializeAsAny[Transform], BeforeValidator(Transform.parse)]


class _OfTheModel:
    """Outcomes of the model inside; of the class, those that some model could have."""

    def __get__(self, piped: "Piped | None", owner: type) -> frozenset[str]:
        every = frozenset({"binary", "graded", "continuous", "time_to_event"})
        return every if piped is None else piped.model.accepts


@dataclass(frozen=True, slots=True)
class FittedPiped:
    """The steps as learnt, by name, and the model fitted on what they give."""

    steps: Mapping[str, FittedTransform]
    model: Fitted

    def predict(self, features: pd.DataFrame) -> Scores:
        """Scores of the model on the transformed features."""
        for step in self.steps.values():
            features = step.apply(features)
        return self.model.predict(features)

    def describe(self) -> Mapping[str, float]:
        """What each step says, after its name, then what the model says."""
        told = {
            f"{name}: {what}": value
            for name, step in self.steps.items()
            for what, value in step.describe().items()
        }
        return {**told, **self.model.describe()}


class Piped(Model):
    """Transforms in their order, then a model, all learnt from the same training rows.

    That is selection inside the fold: features chosen on all cases and then cross-validated look predictive even in
    noise (Ambroise & McLachlan, 2002). Inside `tuned` the steps are learnt again in each inner fold, so that tuning
    does not see what was chosen with its held-out rows, and its grid may name a step's parameter too, e.g. `best.k`;
    that is the order to prefer. Around `tuned` the steps are learnt once for the training part: faster, and honest
    towards the outer fold, but inner folds then favour what fits the features chosen.
    """

    kind: Literal["piped"] = "piped"
    accepts: ClassVar[Any] = _OfTheModel()
    steps: tuple[OneTransform, ...] = Field(min_length=1)
    model: Annotated[SerializeAsAny[Model], BeforeValidator(Model.parse)]
    spare: tuple[str, ...] = ()
    """Features that no step changes or drops, by name or pattern, e.g. clinical ones among radiomics."""

    @property
    def packages(self) -> tuple[str, ...]:
        """See `Model`."""
        return self.model.packages

    @property
    def device(self) -> Device:
        """See `Model`."""
        return self.model.device

    @property
    def parameters(self) -> tuple[str, ...]:
        """Those of the model, and those of the steps after a step's name: `best.k`."""
        fields = [
            f"{name}.{parameter}"
            for name, step in self._named().items()
            for parameter in type(step).model_fields
        ]
        return (*self.model.parameters, *fields)

    def varied(self, values: Mapping[str, float]) -> Model:
        """See `Model`."""
        inner = {name: value for name, value in values.items() if name in self.model.parameters}
        steps = [
            with_values(
                step, {p: values[f"{name}.{p}"] for p in type(step).model_fields if f"{name}.{p}" in values}
            )
            for name, step in self._named().items()
        ]
        return self.model_copy(update={"steps": tuple(steps), "model": self.model.varied(inner)})

    def fit(self, features: pd.DataFrame, reference: Reference, *, seed: int) -> Fitted:
        """Learn each step on what the steps before it give, then the model."""
        self._refuse_unknown_names(features)
        learnt: dict[str, FittedTransform] = {}
        for name, step in self.sparing().items():
            learnt[name] = step.fit(features, reference, seed=seed)
            features = learnt[name].apply(features)
            if features.empty:
                raise RunError(f"step {name!r} keeps no feature of {len(features)} training cases; loosen it")
        refuse_repeats(features)
        return FittedPiped(learnt, self.model.fit(features, reference, seed=seed))

    def sparing(self) -> Mapping[str, Transform]:
        """The steps as they are learnt, by name: each spares what all are to spare."""
        return {
            name: step.model_copy(update={"spare": (*self.spare, *step.spare)})
            for name, step in self._named().items()
        }

    def _named(self) -> dict[str, Transform]:
        """The steps by kind, numbered where one stands twice."""
        kinds = [step.kind for step in self.steps]
        number = [
            f" {kinds[: at + 1].count(kind)}" * (kinds.count(kind) > 1) for at, kind in enumerate(kinds)
        ]
        return {kind + no: step for kind, no, step in zip(kinds, number, self.steps, strict=True)}

    def _refuse_unknown_names(self, features: pd.DataFrame) -> None:
        names = [str(name) for name in features.columns]
        for pattern in (*self.spare, *(pattern for step in self.steps for pattern in step.spare)):
            if not any(matches(name, (pattern,)) for name in names):
                raise ProtocolError(f"spare: no feature is called {pattern!r}; {choices(pattern, names)}")
