"""The images that PyRadiomics derives, by its names: original, wavelet, LoG and voxel-wise functions."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...core.errors import DataError
from ...imaging.geometry import Volume
from .parameters import ImageType
from .recursive import laplacian
from .settings import Settings
from .wavelet import wavelet_images

Box = tuple[slice, slice, slice]
Array = NDArray[Any]


def derived_images(
    image: Volume, box: Box, *, image_type: ImageType, settings: Settings
) -> Iterator[tuple[str, Array]]:
    """Name and values in `box` of each image of the type; filters see the whole of `image`."""
    if image_type == "Wavelet":
        yield from wavelet_images(image.array, box, settings)
    elif image_type == "LoG":
        yield from _laplacians(image, box, settings)
    elif image_type == "Gradient":
        spacing = image.spacing_mm if settings.gradient_use_spacing else (1.0, 1.0, 1.0)
        yield "gradient", _gradient(image.array, box, spacing)
    elif image_type == "Original":
        yield "original", np.ascontiguousarray(image.array[box])
    else:
        name, function = _VOXELWISE[image_type]
        yield name, function(image.array.astype(np.float64), box)


def log_name(sigma_mm: float) -> str:
    """PyRadiomics' name of a LoG image; 3 and 3.0 give different ones."""
    return f"log-sigma-{str(sigma_mm).replace('.', '-')}-mm-3D"


def too_small_for_log(image: Volume, sigma_mm: float) -> str | None:
    """Why PyRadiomics leaves out the LoG of `sigma_mm`; None where it does not."""
    least = np.maximum(np.ceil(sigma_mm / np.array(image.spacing_mm)) + 1, 4).astype(int)
    if (np.array(image.array.shape) >= least).all():
        return None
    has, needs = (" x ".join(map(str, size)) for size in (image.array.shape, least))
    return f"{log_name(sigma_mm)} is left out: the image has {has} voxels, at least {needs} are needed"


def _laplacians(image: Volume, box: Box, settings: Settings) -> Iterator[tuple[str, Array]]:
    for sigma in settings.sigma:
        if too_small_for_log(image, sigma) is None:
            yield (
                log_name(sigma),
                laplacian(image.array, box, spacing_mm=image.spacing_mm, sigma_mm=float(sigma)),
            )


def _gradient(array: Array, box: Box, spacing_mm: tuple[float, ...]) -> NDArray[np.float32]:
    """Length of the gradient by central differences; a voxel at the border is its own outer neighbour."""
    total = np.zeros([part.stop - part.start for part in box])
    for axis, mm in enumerate(spacing_mm):
        sides = []
        for off in (-1, 1):
            at = np.clip(np.arange(box[axis].start, box[axis].stop) + off, 0, array.shape[axis] - 1)
            rest: tuple[slice, ...] = (*box[:axis], slice(None), *box[axis + 1 :])
            sides.append(np.take(array[rest].astype(np.float64), at, axis=axis))
        total += ((sides[1] - sides[0]) / (2 * mm)) ** 2
    return np.sqrt(total).astype(np.float32)


def _largest(array: Array) -> float:
    largest = float(abs(array).max())
    if largest == 0:
        raise DataError("the image is 0 everywhere; no image can be derived from it")
    return largest


def _square(array: Array, box: Box) -> Array:
    """Squares, scaled so that the largest absolute value of the image stays."""
    return np.asarray((array[box] / np.sqrt(_largest(array))) ** 2)


def _square_root(array: Array, box: Box) -> Array:
    return np.asarray(np.sign(array[box]) * np.sqrt(abs(array[box]) * _largest(array)))


def _logarithm(array: Array, box: Box) -> Array:
    largest = _largest(array)
    return np.asarray(np.sign(array[box]) * np.log1p(abs(array[box])) * (largest / np.log1p(largest)))


def _exponential(array: Array, box: Box) -> Array:
    largest = _largest(array)
    return np.asarray(np.exp(np.log(largest) / largest * array[box]))


_VOXELWISE: Mapping[ImageType, tuple[str, Callable[[Array, Box], Array]]] = {
    "Square": ("square", _square),
    "SquareRoot": ("squareroot", _square_root),
    "Logarithm": ("logarithm", _logarithm),
    "Exponential": ("exponential", _exponential),
}
