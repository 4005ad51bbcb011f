"""Networks for raw ultrasound and for the B-mode picture made of it: the same budget, capacity and training rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..core.device import Device
from ..core.errors import RunError
from ..data.outcome import Graded
from ..data.reference import Reference
from .arrays import Floats, Level, Scale, learn_scale, levelled, padded, unpacked
from .base import Fitted, Model, Scores
from .logistic import refuse_one_class
from .training import TUNABLE, Training

if TYPE_CHECKING:
    from torch import nn

    from ..nets.build import Architecture, Blueprint
    from ..nets.heads import Head
    from ..nets.training import Examined, Told

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "two_stream": ("rf_spectrogram", "rf_envelope"),
    "raw": ("rf_lines",),
    "bmode": ("bmode_picture",),
}
"""Columns of packed arrays that each architecture reads, in the order in which the network takes them."""
EXTRACTORS = {
    "two_stream": "the extractor rf_input",
    "raw": "the extractor rf_input with what: raw",
    "bmode": "the extractor bmode_input",
}
FEWEST = 8
"""Training cases."""
Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class FittedNetwork:
    """A trained network as numbers: `weights` by name, and all that stands between a packed array and an answer.

    `scales` are those of the columns, in order; `centre` and `spread` turn a regression's answer into the outcome's
    unit (its logarithm with `log`); `answer` is the number of the answer that is the score.
    """

    blueprint: "Blueprint"
    columns: tuple[str, ...]
    level: Level
    scales: tuple[Scale, ...]
    weights: Mapping[str, NDArray[np.float32]]
    answer: int
    centre: float
    spread: float
    log: bool
    facts: Mapping[str, float]

    def predict(self, features: pd.DataFrame) -> Scores:
        """Logit and probability of the outcome, or the quantity in its unit."""
        answer = self.told(features).answers[:, self.answer].astype(np.float64)
        if self.blueprint.heads[0].task == "regression":
            value = self.centre + self.spread * answer
            return Scores(np.exp(value) if self.log else value)
        return Scores(answer, {None: 1 / (1 + np.exp(-answer))})

    def describe(self) -> Mapping[str, float]:
        """Capacity, epochs, and the mean loss of the last pass over the training part."""
        return self.facts

    def told(self, features: pd.DataFrame) -> "Told":
        """All answers, and how much the network looked at each frame and at each place in it."""
        from ..nets.training import told

        return told(self.blueprint, self.weights, self.examined(features))

    def examined(self, features: pd.DataFrame) -> "Examined":
        """The arrays of `features` as the network takes them."""
        extractor = EXTRACTORS[self.blueprint.architecture]
        arrays = _levelled(unpacked(features, self.columns, extractor=extractor), self.level)
        return _examined(arrays, self.scales)

    def network(self) -> "nn.Module":
        """The network itself, for export: it takes the arrays of `examined` and the mask, and gives three tensors."""
        from ..nets.training import restored

        return restored(self.blueprint, self.weights)


class RfNet(Model):
    """Network on radio frequency: log-spectrogram and log-envelope (`two_stream`), or the lines as they are (`raw`).

    It reads what the extractor `rf_input` gives, from which gain and time gain are gone. Frames of a patient, any
    number of them, are weighted by attention (Ilse, Tomczak and Welling 2018); a graded outcome is learnt with all its
    grades by a cumulative link (McCullagh 1980), and the score is that of the outcome's threshold. With `log` a
    quantity, e.g. stiffness, is learnt by its logarithm, and its geometric mean predicted. Without `trend` attention
    over the places of a frame is all that it goes by: for lesions, where its peak then lies.
    """

    kind: Literal["rf_net"] = "rf_net"
    accepts: ClassVar = frozenset({"binary", "graded", "continuous"})
    input: Literal["two_stream", "raw"] = "two_stream"
    log: bool = False
    trend: bool = True
    training: Training = Training()

    @property
    def packages(self) -> tuple[str, ...]:
        """See `Model`."""
        return ("torch",)

    @property
    def device(self) -> Device:
        """See `Model`."""
        return self.training.device

    @property
    def parameters(self) -> tuple[str, ...]:
        """See `Model`."""
        return TUNABLE

    def varied(self, values: Mapping[str, float]) -> Model:
        """See `Model`."""
        return self.model_copy(update={"training": self.training.varied(values)})

    def fit(self, features: pd.DataFrame, reference: Reference, *, seed: int) -> Fitted:
        """Train on the packed arrays of `features`, standardised by these rows alone."""
        plan = _Plan(self.input, "kept", self.training, self.log, self.trend)
        return _fit(features, reference, plan=plan, seed=seed)


class BmodeNet(Model):
    """Network on the B-mode picture as displayed, of the same capacity and budget as `rf_net`.

    `level` says what is taken from each picture before the network sees it, because the operator's gain is in it:
    "tilt" its mean and the straight line over depth that fits best (what gain and a slope of time gain add), "mean" its
    mean alone, "kept" nothing. `log` and `trend` as in `rf_net`.
    """

    kind: Literal["bmode_net"] = "bmode_net"
    accepts: ClassVar = frozenset({"binary", "graded", "continuous"})
    level: Level = "tilt"
    log: bool = False
    trend: bool = True
    training: Training = Training()

    @property
    def packages(self) -> tuple[str, ...]:
        """See `Model`."""
        return ("torch",)

    @property
    def device(self) -> Device:
        """See `Model`."""
        return self.training.device

    @property
    def parameters(self) -> tuple[str, ...]:
        """See `Model`."""
        return TUNABLE

    def varied(self, values: Mapping[str, float]) -> Model:
        """See `Model`."""
        return self.model_copy(update={"training": self.training.varied(values)})

    def fit(self, features: pd.DataFrame, reference: Reference, *, seed: int) -> Fitted:
        """Train on the packed pictures of `features`, standardised by these rows alone."""
        plan = _Plan("bmode", self.level, self.training, self.log, self.trend)
        return _fit(features, reference, plan=plan, seed=seed)


@dataclass(frozen=True, slots=True)
class _Plan:
    """What a model asks for."""

    architecture: "Architecture"
    level: Level
    training: Training
    log: bool
    trend: bool


def _fit(features: pd.DataFrame, reference: Reference, *, plan: _Plan, seed: int) -> FittedNetwork:
    from ..nets.build import Blueprint
    from ..nets.training import train

    goal = _goal(reference, log=plan.log)
    columns = COLUMNS[plan.architecture]
    arrays = _levelled(unpacked(features, columns, extractor=EXTRACTORS[plan.architecture]), plan.level)
    scales = tuple(learn_scale(column) for column in arrays)
    channels = tuple(column[0].shape[1] for column in arrays)
    blueprint = Blueprint(plan.architecture, channels, (goal.head,), plan.training.dropout, plan.trend)
    targets = {goal.head.name: goal.target}
    trained = train(blueprint, _examined(arrays, scales), targets, budget=plan.training.budget(), seed=seed)
    return FittedNetwork(
        blueprint=blueprint,
        columns=columns,
        level=plan.level,
        scales=scales,
        weights=trained.weights,
        answer=goal.answer,
        centre=goal.centre,
        spread=goal.spread,
        log=plan.log,
        facts=_facts(blueprint, epochs=plan.training.epochs, loss=trained.loss),
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Goal:
    """What is learnt: the head, its target (cases,), which of its answers is the score, and the unit of a quantity."""

    head: "Head"
    target: Array
    answer: int = 0
    centre: float = 0.0
    spread: float = 1.0


def _goal(reference: Reference, *, log: bool) -> _Goal:
    from ..nets.heads import Head

    if len(reference) < FEWEST:
        raise RunError(f"a network needs {FEWEST} training cases at least; found {len(reference)}")
    outcome = reference.outcome
    if outcome.kind == "continuous":
        return _quantity(reference, Head("outcome", "regression"), log=log)
    refuse_one_class(int(reference.positive.sum()), len(reference))
    if isinstance(outcome, Graded):
        grade = np.searchsorted(outcome.grades, reference.table["grade"].to_numpy(dtype=float))
        head = Head("outcome", "ordinal", levels=len(outcome.grades))
        return _Goal(head, grade.astype(float), outcome.grades.index(outcome.threshold) - 1)
    return _Goal(Head("outcome", "binary"), reference.positive.astype(float))


def _quantity(reference: Reference, head: "Head", *, log: bool) -> _Goal:
    value = reference.table["value"].to_numpy(dtype=float)
    if log and (value <= 0).any():
        raise RunError(
            f"outcome is {value.min():g} in a training case; log needs values above zero: set log: false"
        )
    learnt = np.log(value) if log else value
    centre, spread = float(learnt.mean()), float(learnt.std())
    if spread <= 0:
        raise RunError(
            f"the outcome is {value[0]:g} in all {len(value)} training cases; nothing can be learnt"
        )
    return _Goal(head, (learnt - centre) / spread, 0, centre, spread)


def _levelled(arrays: Sequence[Sequence[Floats]], level: Level) -> list[list[Floats]]:
    return [[levelled(array, level) for array in column] for column in arrays]


def _examined(arrays: Sequence[Sequence[Floats]], scales: Sequence[Scale]) -> "Examined":
    from ..nets.training import Examined

    made = [padded([scale(array) for array in column]) for column, scale in zip(arrays, scales, strict=True)]
    return Examined(tuple(stacked for stacked, _ in made), made[0][1])


def _facts(blueprint: "Blueprint", *, epochs: int, loss: float) -> Mapping[str, float]:
    from ..nets.build import build, capacity

    return {
        "parameters": float(capacity(build(blueprint))),
        "epochs": float(epochs),
        "final training loss": loss,
    }
