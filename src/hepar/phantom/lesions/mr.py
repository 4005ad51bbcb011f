"""Relative signal of a SIMULATED lesion in each MR sequence."""

import numpy as np
from numpy.typing import NDArray

from ..patient import Lesion
from .body import LesionBody
from .look import shown
from .other_modalities import mr_ratio

TEXTURE = 0.012
"""Relative texture of the signal for each HU that the look's texture has on CT (typical value)."""


def mr_look(lesion: Lesion, body: LesionBody, sequence: str) -> NDArray[np.float32]:
    """Signal (z, y, x) of the lesion over that of liver in each voxel of the box, of adc the coefficient over liver's.

    Blend by `body.coverage`. A scar is darker on T1 and in the hepatobiliary phase, brighter on T2.
    """
    ratio = mr_ratio(lesion, sequence)
    scar = {"t1": -0.25, "t2": 0.35, "hepatobiliary": -0.35}.get(sequence, 0.0)
    texture = TEXTURE * shown(lesion.look, "texture") if lesion.look else 0.0
    found = np.full(body.coverage.shape, ratio, np.float32)
    found *= np.maximum(
        1 + np.float32(scar) * body.scar + np.float32(texture) * body.texture, np.float32(0.05)
    )
    return found
