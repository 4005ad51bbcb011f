"""SIMULATED ultrasound of the liver: raw radio frequency, the B-mode image made of it, and elastography."""

from .bmode import BMode, b_mode, compressed, envelope
from .elastography import Elastography, elastography, stiffness_kpa
from .known import REFERENCE, homogeneous, reference_phantom
from .medium import Medium
from .plane import Region
from .probe import PROBES, SCANNERS, Probe
from .recording import RfRecording
from .rf import Settings, rf_frames, settings_of
from .tissue import Tissue, tissue_of

__all__ = [
    "PROBES",
    "REFERENCE",
    "SCANNERS",
    "BMode",
    "Elastography",
    "Medium",
    "Probe",
    "Region",
    "RfRecording",
    "Settings",
    "Tissue",
    "b_mode",
    "compressed",
    "elastography",
    "envelope",
    "homogeneous",
    "reference_phantom",
    "rf_frames",
    "settings_of",
    "stiffness_kpa",
    "tissue_of",
]
