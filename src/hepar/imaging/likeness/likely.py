"""Pairs of pictures that may be one, in any pose: every pair is compared, block by block, by its waves."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .fingerprint import Small
from .looks import Look, as_they_are, firm_look, whole_look
from .picture import by_rank
from .pose import AS_IS, Pose, waves_of

Array = NDArray[Any]

FEWEST_TO_STANDARDISE = 50
"""Pictures below which what they share cannot be told from what is one's own; then waves are compared as they are."""
MOST_CROPPED = 1_024
"""Pictures that are cropped to learn what a crop changes."""
BLOCK = 1024
"""Pictures compared with as many others at once: 4 MB."""


@dataclass(frozen=True, slots=True)
class Likeness:
    """When two pictures count as one.

    `whole`, `firm`: cosine of their waves, by two looks, from which a pair is looked at; `few`: of fewer than 50
    pictures, as they are. `proof`: correlation of fine structure after alignment from which a pair is one. Of different
    SIMULATED livers none exceeded 0.55 in ultrasound and MR and 0.78 in CT; of disturbed copies few fall below 0.8.
    """

    whole: float = 0.66
    firm: float = 0.6
    few: float = 0.5
    proof: float = 0.8


def likely_pairs(
    pictures: Sequence[Small], code: Array, *, poses: Sequence[Pose], rule: Likeness
) -> Iterator[tuple[Pose, Array]]:
    """For each pose the pairs (n, 2), first < second, of different `code` that may be one, the second one posed."""
    upright = _waves(pictures, AS_IS)
    inverted = _waves(pictures, Pose(inverted=True)) if any(pose.inverted for pose in poses) else upright
    sought = _sought(pictures, upright, rule=rule)
    for pose in poses:
        waves = pose.of_waves(inverted if pose.inverted else upright)
        sides = [(*look.of(upright, waves), np.float32(limit)) for look, limit in sought]
        yield pose, _close(sides, code=code)


def _sought(pictures: Sequence[Small], waves: Array, *, rule: Likeness) -> Sequence[tuple[Look, float]]:
    """The looks by which pairs are sought, of which one suffices, and the least cosine of each."""
    if len(pictures) < FEWEST_TO_STANDARDISE:
        return ((as_they_are(waves), rule.few),)
    return ((whole_look(waves), rule.whole), (firm_look(waves, _sample(pictures)), rule.firm))


def _waves(pictures: Sequence[Small], pose: Pose) -> Array:
    blocks = (pictures[k : k + BLOCK] for k in range(0, len(pictures), BLOCK))
    return np.concatenate([waves_of(pose.of(np.stack([one.levels for one in block]))) for block in blocks])


def _sample(pictures: Sequence[Small]) -> Array:
    """Small pictures of some, evenly spread."""
    places = np.linspace(0, len(pictures) - 1, min(len(pictures), MOST_CROPPED)).astype(np.int64)
    return by_rank(np.stack([pictures[k].levels for k in places]))


def _close(sides: Sequence[tuple[Array, Array, np.float32]], *, code: Array) -> Array:
    """Pairs of different codes for which one of the products reaches its limit."""
    n, found = len(code), []
    for i in range(0, n, BLOCK):
        for j in range(i, n, BLOCK):
            here, there = slice(i, i + BLOCK), slice(j, j + BLOCK)
            close = np.zeros((len(code[here]), len(code[there])), dtype=bool)
            for one, other, least in sides:
                close |= one[here] @ other[there].T >= least
            a, b = np.divmod(np.flatnonzero(close), close.shape[1])
            a, b = a + i, b + j
            keep = (a < b) & (code[a] != code[b])
            found.append(np.stack([a[keep], b[keep]], axis=1))
    together: Array = np.concatenate(found)
    return together
