"""The journey in one call: what the command line and a notebook both use."""

from .handover import bundle, share
from .images import extract, stability
from .simulation import selftest, simulate
from .studies import FAMILIES, Report, Run, catalogue, check, info, lock, run
from .ultrasound import recording

__all__ = [
    "FAMILIES",
    "Report",
    "Run",
    "bundle",
    "catalogue",
    "check",
    "extract",
    "info",
    "lock",
    "recording",
    "run",
    "selftest",
    "share",
    "simulate",
    "stability",
]
