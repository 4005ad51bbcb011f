"""The kinds of SIMULATED focal liver lesions and of what mimics them: sizes, patterns, how many are faint."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from scipy.special import ndtr, ndtri

from ...core.errors import SimulationError, choices
from .benign import (
    CYST,
    FNH,
    FOCAL_FAT,
    FOCAL_SPARING,
    HAEMANGIOMA,
    PERFUSION_ANOMALY,
    REGENERATIVE_NODULE,
)
from .look import Floats, Pattern
from .malignant import HCC, ICC, METASTASIS

SMALLEST_MM, LARGEST_MM = 2.0, 80.0
"""Sizes that are drawn; a lesion asked for by its diameter may be from 1 to 200 mm."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of lesion, or of what looks like one (`mimic`).

    Diameters are log-normal about `median_mm` with `log_sd`, between `SMALLEST_MM` and `LARGEST_MM`. `faint` are the
    shares, among lesions up to 8 mm and from 18 mm, of those whose contrast is a third of what it would be.
    `parenchymal` things are liver: they have its fat, and vessels run through them (true of mimics only).
    """

    name: str
    malignant: bool
    patterns: tuple[Pattern, ...]
    median_mm: float
    log_sd: float
    faint: tuple[float, float] = (0.0, 0.0)
    mimic: bool = False
    parenchymal: bool = False

    def log_density(self, diameter_mm: Floats) -> Floats:
        """Log density (n,) of the logarithm of the diameters."""
        low, high = (np.log(mm / self.median_mm) / self.log_sd for mm in (SMALLEST_MM, LARGEST_MM))
        z = np.log(np.asarray(diameter_mm) / self.median_mm) / self.log_sd
        inside = (z >= low - 1e-9) & (z <= high + 1e-9)
        mass = np.log(ndtr(high) - ndtr(low)) + np.log(self.log_sd * np.sqrt(2 * np.pi))
        return np.where(inside, -(z**2) / 2 - mass, -np.inf)

    def diameter(self, quantile: float) -> float:
        """The diameter in mm below which a share `quantile` of this kind is."""
        low, high = (ndtr(np.log(mm / self.median_mm) / self.log_sd) for mm in (SMALLEST_MM, LARGEST_MM))
        z = float(ndtri(low + quantile * (high - low)))
        return float(np.clip(self.median_mm * np.exp(self.log_sd * z), SMALLEST_MM, LARGEST_MM))


KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        kind.name: kind
        for kind in (
            Kind("hcc", True, HCC, median_mm=23, log_sd=0.75, faint=(0.50, 0.04)),
            Kind("icc", True, ICC, median_mm=32, log_sd=0.65, faint=(0.50, 0.02)),
            Kind("metastasis", True, METASTASIS, median_mm=16, log_sd=0.75, faint=(0.52, 0.02)),
            Kind("haemangioma", False, HAEMANGIOMA, median_mm=17, log_sd=0.75, faint=(0.48, 0.03)),
            Kind("fnh", False, FNH, median_mm=24, log_sd=0.60, faint=(0.42, 0.03)),
            Kind("cyst", False, CYST, median_mm=11, log_sd=0.75),
            Kind("focal_fat", False, FOCAL_FAT, median_mm=17, log_sd=0.50, faint=(0.40, 0.10)),
            Kind("focal_sparing", False, FOCAL_SPARING, median_mm=18, log_sd=0.5, mimic=True),
            Kind(
                "perfusion_anomaly",
                False,
                PERFUSION_ANOMALY,
                median_mm=14,
                log_sd=0.5,
                mimic=True,
                parenchymal=True,
            ),
            Kind(
                "regenerative_nodule",
                False,
                REGENERATIVE_NODULE,
                median_mm=9,
                log_sd=0.45,
                mimic=True,
                parenchymal=True,
            ),
        )
    }
)
"""Sizes are typical of patients sent for a CT of the liver, small ones above all since the study is about those."""

LESIONS = tuple(name for name, kind in KINDS.items() if not kind.mimic)
MIMICS = tuple(name for name, kind in KINDS.items() if kind.mimic)


def kind_called(name: str) -> Kind:
    """The kind of this name."""
    if name not in KINDS:
        raise SimulationError(f"there is no kind of lesion {name!r}; {choices(name, KINDS)}")
    return KINDS[name]


def checked_diameter(diameter_mm: float) -> float:
    """The diameter, if a lesion can have it."""
    if not np.isfinite(diameter_mm) or not 1 <= diameter_mm <= 200:
        raise SimulationError(
            f"a lesion of {diameter_mm!r} mm cannot be made; give a diameter from 1 to 200 mm"
        )
    return float(diameter_mm)
