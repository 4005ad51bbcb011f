"""The steps before a model: those that a protocol asks for, and what each part made of the features."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from ..models.base import Fitted, Model
from ..models.piped import FittedPiped, Piped
from ..models.tuned import FittedTuned, Tuned
from ..transforms.base import FittedTransform, Transform
from ..transforms.columns import without_repeats
from ..transforms.combat import FittedHarmonised, labels_of

COUNTS = ("test", "fold", "step", "entered", "kept")
SELECTED = ("test", "fold", "feature")
UNSEEN = ("test", "fold", "step", "batch", "cases")
MISSING = "(missing)"
"""The batch of a case of which it is not known."""


def _empty(columns: Iterable[str]) -> pd.DataFrame:
    return pd.DataFrame(columns=list(columns))


@dataclass(frozen=True, slots=True)
class Steps:
    """What the steps before the models did in each part, over all index tests that have some."""

    counts: pd.DataFrame = field(default_factory=lambda: _empty(COUNTS))
    """Features before and after each step, in the order of the steps; perturbed repeats are not counted."""
    selected: pd.DataFrame = field(default_factory=lambda: _empty(SELECTED))
    """The features that reach the model, one row each."""
    unseen: pd.DataFrame = field(default_factory=lambda: _empty(UNSEEN))
    """Held-out cases of a batch whose effect a `combat` step had not learnt, by batch."""


def steps_of(model: Model) -> tuple[tuple[str, Transform], ...]:
    """Name and step of everything that `model` does to features before it learns, in order, as it is learnt."""
    found: list[tuple[str, Transform]] = []
    while isinstance(model, Piped | Tuned):
        found += model.sparing().items() if isinstance(model, Piped) else ()
        model = model.model
    return tuple(found)


def tuned_parameters(model: Model) -> frozenset[str]:
    """Parameters that a grid around or inside `model` varies; those of a step after its name, as `best.k`."""
    found: set[str] = set()
    while isinstance(model, Piped | Tuned):
        found |= set(model.grid) if isinstance(model, Tuned) else set()
        model = model.model
    return frozenset(found)


def told_of_steps(fitted: Fitted, held_out: pd.DataFrame) -> Mapping[str, Any]:
    """Plain values of one part, for the store: `counts`, `selected` and `unseen`; empty for a model without steps."""
    counts, unseen, features = [], [], held_out
    for name, step in _fitted_steps(fitted):
        if isinstance(step, FittedHarmonised):
            unseen += [[name, batch, n] for batch, n in _unseen(step, features).items()]
        before = len(without_repeats(features.columns))
        features = step.apply(features)
        counts.append([name, before, len(without_repeats(features.columns))])
    selected = [str(name) for name in features.columns] if counts else []
    return {"counts": counts, "selected": selected, "unseen": unseen}


def unwrapped(fitted: Fitted, features: pd.DataFrame) -> tuple[Fitted, pd.DataFrame]:
    """The model behind the steps, and `features` as it sees them: harmonised, selected; all rows taken together.

    A model without steps is itself, and sees the features as they are.
    """
    for _, step in _fitted_steps(fitted):
        features = step.apply(features)
    while isinstance(fitted, FittedPiped | FittedTuned):
        fitted = fitted.model if isinstance(fitted, FittedPiped) else fitted.winner
    return fitted, features


def steps_together(told: Iterable[tuple[str, str, Mapping[str, Any]]]) -> Steps:
    """What `told_of_steps` gave of each (test, part, told)."""
    parts = list(told)
    counts = [(test, part, *row) for test, part, one in parts for row in one["counts"]]
    selected = [(test, part, name) for test, part, one in parts for name in one["selected"]]
    unseen = [(test, part, *row) for test, part, one in parts for row in one["unseen"]]
    return Steps(
        pd.DataFrame(counts, columns=list(COUNTS)),
        pd.DataFrame(selected, columns=list(SELECTED)),
        pd.DataFrame(unseen, columns=list(UNSEEN)),
    )


def _fitted_steps(fitted: Fitted) -> Iterator[tuple[str, FittedTransform]]:
    while isinstance(fitted, FittedPiped | FittedTuned):
        if isinstance(fitted, FittedPiped):
            yield from fitted.steps.items()
            fitted = fitted.model
        else:
            fitted = fitted.winner


def _unseen(step: FittedHarmonised, features: pd.DataFrame) -> Mapping[str, int]:
    """Rows of `features` by batch, of the batches whose effect was not learnt."""
    labels = labels_of(features[step.batch])
    others = [
        MISSING if label is None else str(label) for label in labels if label not in step.learnt.batches
    ]
    return {batch: others.count(batch) for batch in dict.fromkeys(others)}
