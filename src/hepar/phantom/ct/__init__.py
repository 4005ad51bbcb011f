"""SIMULATED CT of the abdomen: contrast phases, scanners that differ, noise with a spectrum, breath-holds."""

from .acquisition import (
    KERNELS,
    PHASES,
    SCANNERS,
    Acquisition,
    Kernel,
    Phase,
    Protocol,
    Scanner,
    usual_acquisition,
)
from .enhancement import Circulation, Curves, Injection, curves
from .motion import Motion
from .noise import noise_power
from .scan import CtScan, ct_scan
from .tissues import patient_curves, tissues_of

__all__ = [
    "KERNELS",
    "PHASES",
    "SCANNERS",
    "Acquisition",
    "Circulation",
    "CtScan",
    "Curves",
    "Injection",
    "Kernel",
    "Motion",
    "Phase",
    "Protocol",
    "Scanner",
    "ct_scan",
    "curves",
    "noise_power",
    "patient_curves",
    "tissues_of",
    "usual_acquisition",
]
