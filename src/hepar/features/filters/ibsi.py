"""The filters for which the IBSI publishes feature values of its CT phantom."""

from collections.abc import Mapping
from typing import Any

from .base import Filter

_OF_NUMBER: Mapping[str, Mapping[str, Any] | None] = {
    "1": None,
    "2": {"kind": "mean", "support_voxels": 5},
    "3": {"kind": "log", "sigma_mm": 1.5},
    "4": {"kind": "laws", "kernels": "L5E5E5", "pooling": "max", "energy_distance_voxels": 7},
    "5": {"kind": "gabor", "sigma_mm": 5.0, "wavelength_mm": 2.0, "aspect": 1.5, "step_deg": 22.5},
    "6": {"kind": "wavelet", "wavelet": "db3", "subbands": ("LLH",), "pooling": "average"},
    "7": {"kind": "wavelet", "wavelet": "db3", "subbands": ("HHH",), "level": 2, "pooling": "average"},
    "8": {"kind": "simoncelli", "level": 1},
    "9": {"kind": "simoncelli", "level": 2},
}
_IN_SLICES: Mapping[str, Mapping[str, Any]] = {
    "4": {"kernels": "L5E5"},
    "6": {"subbands": ("LH",)},
    "7": {"subbands": ("HH",)},
}


def ibsi_filters() -> Mapping[str, Filter | None]:
    """The filters 1.A to 9.B of IBSI-2, phase 2 (Whybra et al. 2024), by their number; 1.A and 1.B are no filter.

    "A" filters act in the slices of the image as it is. "B" filters act in space, on an image interpolated to voxels of
    1 mm by a cubic spline and rounded to whole HU, with its mask interpolated linearly. Statistics are those of the
    response in the mask, without the voxels in which the unfiltered image is outside -1,000 to 400 HU.
    """
    return {f"{n}.{letter}": _made(n, letter) for n in _OF_NUMBER for letter in ("A", "B")}


def _made(number: str, letter: str) -> Filter | None:
    settings = _OF_NUMBER[number]
    if settings is None:
        return None
    flat = {"dimensions": 2, **_IN_SLICES.get(number, {})} if letter == "A" else {}
    return Filter.parse({**settings, **flat})
