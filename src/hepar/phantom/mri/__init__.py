"""SIMULATED MR of the abdomen: T1, T2, diffusion and its map, hepatobiliary phase, fat."""

from .acquisition import Acquisition, draw_acquisition
from .scan import MORE_SEQUENCES, SEQUENCES, MrScan, mr_scan
from .scanners import SCANNERS, Protocol, Scanner

__all__ = [
    "MORE_SEQUENCES",
    "SCANNERS",
    "SEQUENCES",
    "Acquisition",
    "MrScan",
    "Protocol",
    "Scanner",
    "draw_acquisition",
    "mr_scan",
]
