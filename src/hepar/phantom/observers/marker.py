"""What alpha-fetoprotein says of a SIMULATED patient's lesions: its likelihood by the largest carcinoma, if any."""

from collections.abc import Sequence

import numpy as np
from scipy.stats import exponnorm, norm

from ..lesions.kinds import LESIONS
from ..tables.laboratory import AFP_LOG_SD, AFP_SECRETED, afp_scale
from .lesion_sample import LesionSample
from .normal import Floats

HCC = LESIONS.index("hcc")


def drawn_markers(rng: np.random.Generator, sample: LesionSample) -> Floats:
    """Logarithm (patient,) of alpha-fetoprotein over what the liver's own state makes expect, which counts as known."""
    found = AFP_LOG_SD * rng.standard_normal(len(sample.backgrounds))
    secreting, secreted = rng.random(len(found)) < AFP_SECRETED, rng.exponential(size=len(found))
    largest = np.zeros(len(found))
    carcinoma = sample.kind == HCC
    np.maximum.at(largest, sample.patient[carcinoma], sample.diameter_mm[carcinoma])
    ill = (largest > 0) & secreting
    found[ill] += secreted[ill] * np.array([afp_scale(mm) for mm in largest[ill]])
    return found


def marker_likelihood(marker: float, diameters_mm: Sequence[float] | Floats) -> Floats:
    """Log density (lesion + 1,) of `marker` where each lesion is the largest carcinoma, and last where none is one."""
    quiet = norm.pdf(marker, scale=AFP_LOG_SD)
    loud = [
        exponnorm.pdf(marker, K=afp_scale(float(mm)) / AFP_LOG_SD, scale=AFP_LOG_SD) for mm in diameters_mm
    ]
    mixed = (1 - AFP_SECRETED) * quiet + AFP_SECRETED * np.array(loud)
    return np.asarray(np.log(np.maximum(np.append(mixed, quiet), 1e-300)))
