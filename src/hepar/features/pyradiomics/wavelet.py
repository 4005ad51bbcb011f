"""PyRadiomics' wavelet images: one undecimated step after another, each on the approximation of the one before."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pywt
from numpy.typing import NDArray

from ...core.errors import ProtocolError, choices
from .settings import Settings

Box = tuple[slice, ...]
Array = NDArray[Any]


def wavelet_images(array: Array, box: Box, settings: Settings) -> Iterator[tuple[str, Array]]:
    """Name and values in `box` of each image; `array` (z, y, x) is filtered as a whole.

    A name tells the filter (L or H) along x, y and z, in this order, without the axis that `force2D` leaves out. An
    axis with an odd number of voxels is made even by its first voxel, and goes round.
    """
    wavelet = _wavelet(settings.wavelet)
    axes = [axis for axis in (2, 1, 0) if axis != settings.plane_axis]
    reach = (settings.start_level + settings.level) * wavelet.dec_len
    smooth = "a" * len(axes)
    values, inner = _periodic(array, box, reach)
    for _ in range(settings.start_level):
        values = pywt.swtn(values, wavelet, level=1, axes=axes)[0][smooth]
    for step in range(1, settings.level + 1):
        bands = pywt.swtn(values, wavelet, level=1, axes=axes)[0]
        values = bands.pop(smooth)
        prefix = f"wavelet{step if step > 1 else ''}"
        for name, band in bands.items():
            yield f"{prefix}-{_letters(name)}", np.ascontiguousarray(band[inner])
    yield f"{prefix}-{_letters(smooth)}", np.ascontiguousarray(values[inner])


def _letters(name: str) -> str:
    return name.replace("a", "L").replace("d", "H")


def _wavelet(name: str) -> Any:
    known = pywt.wavelist(kind="discrete")
    if name not in known:
        raise ProtocolError(f"there is no wavelet {name!r}; {choices(name, known)}")
    return pywt.Wavelet(name)


def _periodic(array: Array, box: Box, reach: int) -> tuple[Array, Box]:
    """The box and `reach` voxels around it, an even number, and where in it the box lies.

    Beyond the image come the voxels of its other side; an axis that is shorter than this comes whole.
    """
    inner = []
    for axis, (part, n) in enumerate(zip(box, array.shape, strict=True)):
        length, period = part.stop - part.start, n + n % 2
        wide = length + length % 2 + 2 * reach
        first, size = (0, period) if wide >= period else (part.start - reach, wide)
        at = np.arange(first, first + size) % period
        array = np.take(array, np.where(at < n, at, 0), axis=axis)
        inner.append(slice(part.start - first, part.stop - first))
    return array, tuple(inner)
