"""One SIMULATED lesion of a kind: its size, form and look."""

import numpy as np

from ..patient import Lesion
from .kinds import checked_diameter, kind_called
from .look import LOOK, shown
from .mixture import draw_looks
from .other_modalities import other_looks

FLATTEST = 0.75
"""Shortest axis over the longest."""


def draw_lesion(
    rng: np.random.Generator, kind: str, *, diameter_mm: float | None = None, difficulty: float = 1.0
) -> Lesion:
    """A lesion of `kind`, of the given diameter or one drawn from those of the kind.

    Its look on CT is one draw from the mixture of the kind (`mixture_of`), so that the likelihood of a look is
    exactly known; axes are the same for all kinds. Raises SimulationError for an unknown kind or an impossible size.
    """
    of = kind_called(kind)
    quantile = float(rng.uniform())
    size = of.diameter(quantile) if diameter_mm is None else checked_diameter(diameter_mm)
    values = draw_looks(rng, np.array([size]), kind=kind, difficulty=difficulty)[0]
    look = dict(zip(LOOK, values.tolist(), strict=True))
    return Lesion(
        kind=kind,
        malignant=of.malignant,
        mimic=of.mimic,
        diameter_mm=size,
        axes=_axes(rng),
        infiltration=shown(look, "edge"),
        look={**look, **other_looks(rng, kind, difficulty=difficulty)},
    )


def _axes(rng: np.random.Generator) -> tuple[float, float, float]:
    """Half-axes over the longest, which may be any of the three."""
    z, y, x = rng.permutation([1.0, *rng.uniform(FLATTEST, 1.0, 2)]).tolist()
    return z, y, x
