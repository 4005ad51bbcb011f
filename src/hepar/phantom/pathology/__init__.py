"""SIMULATED H&E of colorectal cancer: tiles and slides with known counts, shares and stains."""

from .artefacts import Artefact
from .biology import FIELD_MM2, Biology, best_correlation, biology
from .cells import Cell
from .section import Region
from .slides import LOW_UM, Slide, levels, slide
from .stain import SCANNERS, Scanner, Stain, stain, unmixed
from .tiles import KINDS, Tile, tile
from .tissue import Compartment

__all__ = [
    "FIELD_MM2",
    "KINDS",
    "LOW_UM",
    "SCANNERS",
    "Artefact",
    "Biology",
    "Cell",
    "Compartment",
    "Region",
    "Scanner",
    "Slide",
    "Stain",
    "Tile",
    "best_correlation",
    "biology",
    "levels",
    "slide",
    "stain",
    "tile",
    "unmixed",
]
