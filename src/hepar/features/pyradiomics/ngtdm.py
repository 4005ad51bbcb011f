"""Neighbouring grey tone differences by PyRadiomics."""

import numpy as np

from ...imaging.tones import tone_features
from .counts import Texture

_TAGS = {
    "Busyness": "ngt_busyness",
    "Coarseness": "ngt_coarseness",
    "Complexity": "ngt_complexity",
    "Contrast": "ngt_contrast",
    "Strength": "ngt_strength",
}


def ngtdm(texture: Texture) -> dict[str, float]:
    """The five features; a voxel without a neighbour counts, with a difference of 0."""
    inside = texture.levels[texture.levels > 0]
    counts = np.bincount(inside, minlength=len(texture.differences) + 1)[1:]
    found = tone_features(counts[None], texture.differences[None])
    return {name: float(found[tag][0]) for name, tag in _TAGS.items()}
