"""Filters of images, before features are made of their responses."""

from .base import Filter

MEMBERS = {
    "gabor": "spatial:Gabor",
    "laws": "spatial:Laws",
    "log": "spatial:Log",
    "mean": "spatial:Mean",
    "riesz_log": "spectral:RieszLog",
    "riesz_simoncelli": "spectral:RieszSimoncelli",
    "shannon": "spectral:NonSeparable",
    "simoncelli": "spectral:NonSeparable",
    "wavelet": "spectral:Wavelet",
}

__all__ = ["MEMBERS", "Filter"]
