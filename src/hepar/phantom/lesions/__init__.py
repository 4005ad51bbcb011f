"""SIMULATED focal liver lesions: what each kind may look like, and how that is painted into CT, MR and ultrasound."""

from .background import Background, draw_lesions
from .body import LesionBody, body_of, extent
from .ct import ct_change
from .draw import draw_lesion
from .kinds import KINDS, LESIONS, MIMICS, Kind
from .look import LOOK, PHASES
from .mr import mr_look
from .other_modalities import SEQUENCES, us_look

__all__ = [
    "KINDS",
    "LESIONS",
    "LOOK",
    "MIMICS",
    "PHASES",
    "SEQUENCES",
    "Background",
    "Kind",
    "LesionBody",
    "body_of",
    "ct_change",
    "draw_lesion",
    "draw_lesions",
    "extent",
    "mr_look",
    "us_look",
]
