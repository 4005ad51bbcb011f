"""A frame as three pictures of 8 bits: how bright each pixel is, how coloured, and which colour."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.pixels.processing import apply_color_lut

Plane = NDArray[np.uint8]
BRIGHTEST = 255


@dataclass(frozen=True, slots=True)
class Planes:
    """What a pixel shows of red, green and blue.

    The largest of them is how bright it is, the largest less the smallest how coloured (0 in grey pixels), and the
    middle one tells red from yellow where both are as bright.
    """

    grey: Plane
    colour: Plane
    middle: Plane

    def darkest(self, other: "Planes") -> "Planes":
        """What both hold at least, in each pixel."""
        return Planes(
            np.minimum(self.grey, other.grey),
            np.minimum(self.colour, other.colour),
            np.minimum(self.middle, other.middle),
        )


def planes_of(frame: NDArray[Any], kind: str, dataset: Dataset) -> Planes:
    """The planes of a frame with the photometric interpretation `kind`; grey of more bits is spread over 8."""
    if kind == "PALETTE COLOR":
        frame = _coloured(frame, dataset)
    if frame.ndim == 2:
        grey = frame if frame.dtype == np.uint8 else _eight_bits(frame)
        grey = BRIGHTEST - grey if kind == "MONOCHROME1" else grey
        return Planes(grey, np.zeros_like(grey), grey)
    red, green, blue = _colours(frame, kind)
    high, low = np.maximum(red, green), np.minimum(red, green)
    most = np.maximum(high, blue)
    return Planes(most, most - np.minimum(low, blue), np.maximum(low, np.minimum(high, blue)))


def with_palette(frame: NDArray[Any], dataset: Dataset) -> Plane:
    """The colours that the palette of `dataset` gives the numbers of `frame`."""
    coloured = np.asarray(apply_color_lut(frame, dataset))
    # many devices keep 8 bits in tables of 16: shifted, the picture would be black, and text in it not seen
    return np.asarray(coloured >> (8 if coloured.max() > BRIGHTEST else 0), np.uint8)


def _coloured(frame: NDArray[Any], dataset: Dataset) -> NDArray[Any]:
    try:
        return with_palette(frame, dataset)
    except Exception:  # a palette that is missing or damaged: text is text in the numbers, too
        return frame


def _eight_bits(frame: NDArray[Any]) -> Plane:
    low, high = float(frame.min()), float(frame.max())
    return np.asarray((frame - low) * (BRIGHTEST / max(high - low, 1.0)), np.uint8)


def _colours(frame: NDArray[Any], kind: str) -> tuple[Plane, Plane, Plane]:
    """Red, green and blue; those of luminance and chroma by PS3.3 C.7.6.3.1.2, in steps of 1/256."""
    first, second, third = (frame[..., k] for k in range(3))
    if not kind.startswith("YBR_FULL"):
        return first, second, third
    light, cb, cr = first.astype(np.int32), second.astype(np.int32) - 128, third.astype(np.int32) - 128
    red, green, blue = light + (359 * cr >> 8), light - (88 * cb + 183 * cr >> 8), light + (454 * cb >> 8)
    return _clipped(red), _clipped(green), _clipped(blue)


def _clipped(levels: NDArray[np.int32]) -> Plane:
    return np.clip(levels, 0, BRIGHTEST).astype(np.uint8)
