"""What of the waves of pictures is compared to find those that may be one: all of it, or what withstands a crop."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
import scipy.linalg
from numpy.typing import NDArray

from .picture import spread_over
from .pose import waves_of

Array = NDArray[Any]
Unit = NDArray[np.float32]

CUT_PX = 5
"""Of 64, cut from some edges then: 8 %."""
DIRECTIONS = 64
"""That are compared of those that withstand a crop."""
RIDGE = 0.01
"""Share of the variance of a wave that counts as noise."""
EVENED = -0.25
"""Power of that ratio by which a direction is weighted, so that the first few do not decide alone."""
TINY = 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """Waves less `centre`, seen along `directions` (143, n): pictures that are one point the same way."""

    centre: Array
    directions: Array

    def of(self, own: Array, posed: Array) -> tuple[Unit, Unit]:
        """Unit vectors (pictures, n) of pictures and of the same ones posed.

        What tells all posed ones from the others is taken from both: else one inverted picture among upright ones is
        like each of them inverted, by its layout.
        """
        seen, other = (((waves - self.centre) @ self.directions).astype(np.float32) for waves in (own, posed))
        apart = _unit((other.mean(axis=0) - seen.mean(axis=0))[None])[0]
        one, another = (_unit(waves - (waves @ apart)[:, None] * apart) for waves in (seen, other))
        return one, another

    def unit(self, waves: Array) -> Unit:
        """Unit vectors (pictures, n) of pictures that are compared as they are."""
        return _unit(((waves - self.centre) @ self.directions).astype(np.float32))


def _unit(rows: Array) -> Unit:
    made: Unit = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), np.float32(TINY))
    return made


def as_they_are(waves: Array) -> Look:
    """Of few pictures."""
    n = waves.shape[1]
    return Look(np.zeros(n, dtype=np.float32), np.eye(n, dtype=np.float32))


def whole_look(waves: Array) -> Look:
    """Every wave in its standard deviations: a few letters change little of it, a crop much."""
    spread = waves.std(axis=0, dtype=np.float64) + TINY
    return Look(_centre(waves), np.diag(1 / spread).astype(np.float32))


def firm_look(waves: Array, small: Array) -> Look:
    """What differs more between pictures than between a picture and its crops.

    A crop changes little of it, letters much. These are the 64 directions of the greatest ratio of the variance between
    pictures to that under a crop (Fisher's discriminant), learnt from all `waves` and from some pictures, `small`.
    """
    centre = _centre(waves)
    centred, change = waves - centre, _cropping(small)
    between = centred.T.astype(np.float64) @ centred / len(centred)
    noise = RIDGE * np.trace(between) / len(between) + TINY
    within = change.T.astype(np.float64) @ change / len(change) + noise * np.eye(len(between))
    ratio, directions = scipy.linalg.eigh(between, within)
    best = slice(-1, -DIRECTIONS - 1, -1)
    weight = np.maximum(ratio[best], TINY * ratio[-1] + TINY) ** EVENED
    return Look(centre, (directions[:, best] * weight).astype(np.float32))


def _centre(waves: Array) -> Array:
    return np.asarray(waves.mean(axis=0, dtype=np.float64), dtype=np.float32)


def _cropping(small: Array) -> Array:
    """What crops of one to four edges change in the waves of small pictures."""
    whole = waves_of(small)
    edges: Sequence[tuple[int, ...]] = tuple(product((0, CUT_PX), repeat=4))[1:]
    changes = []
    for k, (top, bottom, left, right) in enumerate(edges):
        part = small[k :: len(edges)].astype(np.float32)
        rows, columns = (
            slice(a, n - b) for a, b, n in zip((top, left), (bottom, right), part.shape[1:], strict=True)
        )
        if len(part):
            changes.append(
                waves_of(spread_over(part[:, rows, columns], part.shape[1])) - whole[k :: len(edges)]
            )
    return np.concatenate(changes)
