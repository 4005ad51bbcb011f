"""SIMULATED patients' lesions as numbers only, thousands at a time: what the best reading of them is computed on."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...core.errors import SimulationError
from ..lesions.background import (
    COUNTS,
    STORIES,
    Background,
    is_malignant,
    kind_probabilities,
    story_probabilities,
)
from ..lesions.kinds import KINDS, LESIONS
from ..lesions.look import LOOK
from ..lesions.mixture import draw_looks
from ..patient import Patient

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class LesionSample:
    """Lesions of patients: `patient` (n,) is whose each is, `kind` (n,) its place in `LESIONS`.

    `diameter_mm` (n,) and `look` (n, look) are as drawn by `draw_lesions`, but that nothing limits the lesions of one
    patient together.
    """

    backgrounds: Sequence[Background]
    patient: NDArray[np.intp]
    kind: NDArray[np.intp]
    diameter_mm: Floats
    look: Floats

    @property
    def malignant(self) -> NDArray[np.bool_]:
        """Whether each lesion is malignant (n,)."""
        return is_malignant()[self.kind] > 0


def backgrounds_of(patients: Sequence[Patient]) -> list[Background]:
    """What is known of each patient before any lesion is seen."""
    return [Background.of(one.person, one.liver, advanced=one.shown.get("ct", 0.0)) for one in patients]


def draw_sample(backgrounds: Sequence[Background], *, seed: int, difficulty: float = 1.0) -> LesionSample:
    """One draw of the lesions of every patient."""
    if not backgrounds:
        raise SimulationError("no patients to draw lesions for; give at least one background")
    rng = np.random.default_rng(seed)
    kinds = [_kinds(rng, one) for one in backgrounds]
    kind = np.concatenate(kinds)
    diameter = np.empty(len(kind))
    look = np.empty((len(kind), len(LOOK)))
    for place, name in enumerate(LESIONS):
        here = np.flatnonzero(kind == place)
        diameter[here] = [KINDS[name].diameter(quantile) for quantile in rng.uniform(size=len(here))]
        look[here] = draw_looks(rng, diameter[here], kind=name, difficulty=difficulty)
    patient = np.repeat(np.arange(len(backgrounds)), [len(found) for found in kinds])
    return LesionSample(backgrounds, patient, kind, diameter, look)


def _kinds(rng: np.random.Generator, background: Background) -> NDArray[np.intp]:
    story = int(rng.choice(len(STORIES), p=story_probabilities(background)))
    counts = COUNTS[STORIES[story]]
    number = int(rng.choice(len(counts), p=counts))
    return rng.choice(len(LESIONS), size=number, p=kind_probabilities(background)[story])
