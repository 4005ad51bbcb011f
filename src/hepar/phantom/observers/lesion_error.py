"""What an image of two phases leaves unknown of a lesion's look: the covariance of the best unbiased measurement."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from .ct_precision import CtQuality, information

Floats = NDArray[np.float64]

CONTRAST_HU = 15.0
"""Of a lesion to liver, at which signs of form are told (typical value)."""
PATCH = 2.355**2 / np.sqrt(4 * np.pi)
"""Patches of a sphere that can be told apart are as wide as half the height of the point spread."""
PRIOR_HU2 = 1e-6
"""Added to the information, so that a lesion too small to be seen has a large error and not an infinite one."""


def measurement_error(quality: CtQuality, diameter_mm: float, *, names: Sequence[str]) -> Floats:
    """Covariance (names, names) of the error with which the parts `names` of a look are measured.

    Contrast of core and rim: the inverse of their Fisher information in each phase, so no unbiased reading is better
    (Cramer and Rao). Signs of form (model): the resolution over the radius, times noise over contrast, averaged over
    the patches of the surface that can be told apart; texture: the error of a variance in noise from as many
    independent places as fit inside.
    """
    found = np.diag([_form_sd(quality, diameter_mm, name) ** 2 for name in names])
    joint = np.linalg.inv(information(quality, diameter_mm) + PRIOR_HU2 * np.eye(2))
    for phase in ("arterial", "portal"):
        pair = [names.index(name) for name in (f"core_{phase}", f"rim_{phase}") if name in names]
        found[np.ix_(pair, pair)] = joint[: len(pair), : len(pair)]
    return found


def _form_sd(quality: CtQuality, diameter_mm: float, name: str) -> float:
    if name.startswith(("core", "rim_")) and name != "rim_width":
        return 0.0
    radius = diameter_mm / 2
    if name == "texture":
        places = max(4 / 3 * np.pi * radius**3 / (2 * np.sqrt(np.pi) * quality.resolution_mm) ** 3, 1.0)
        return float(quality.noise_hu**2 / 5 / np.sqrt(2 * places))
    scale = {"nodularity": 4.0, "scar": 1.5}.get(name, 1.0)
    return float(scale * quality.noise_hu / CONTRAST_HU * PATCH * (quality.resolution_mm / radius) ** 2)
