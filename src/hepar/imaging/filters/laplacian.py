"""The Laplacian of Gaussian."""

import numpy as np
from numpy.typing import NDArray

from ...core.errors import DataError
from .options import Boundary, Spacing
from .separable import Image, convolve

SMALLEST_SIGMA = 0.7
"""Standard deviation in voxels below which a sampled kernel no longer gives zero in a constant image."""


def laplacian_of_gaussian(
    image: Image,
    *,
    sigma_mm: float,
    spacing_mm: Spacing,
    truncate: float = 4.0,
    dimensions: int = 3,
    boundary: Boundary = "mirror",
) -> Image:
    """Response to the sampled Laplacian of a Gaussian of standard deviation `sigma_mm`, cut off at `truncate` of it.

    The kernel (IBSI L6PA) is -(1/(sqrt(2 pi) s))^D (D - r^2/s^2)/s^2 exp(-r^2/(2 s^2)) with s = sigma in voxels. It is
    the sum over axes of a second derivative along one times Gaussians along the others, so it is computed from seven
    one-dimensional convolutions. Where voxels are not cubes, each derivative is taken in millimetres and the sum
    multiplied by the squared geometric mean of the spacings, which for cubes is the formula above.

    Raises:
        DataError: `sigma_mm` is less than 0.7 voxels along an axis.
    """
    _refuse_narrow(sigma_mm, spacing_mm[-dimensions:])
    spacing = np.array(spacing_mm[-dimensions:])
    weights = np.exp(2 * np.log(spacing).mean()) / spacing**2
    smooth, curved = image, None
    for at, axis in enumerate(range(image.ndim - dimensions, image.ndim)):
        gauss, second = _kernels(sigma_mm / float(spacing[at]), truncate)
        bend = convolve(smooth, second * weights[at], axis=axis, boundary=boundary)
        if curved is not None:
            bend += convolve(curved, gauss, axis=axis, boundary=boundary)
        curved = bend
        if axis < image.ndim - 1:
            smooth = convolve(smooth, gauss, axis=axis, boundary=boundary)
    assert curved is not None
    return curved


def _refuse_narrow(sigma_mm: float, spacing_mm: tuple[float, ...]) -> None:
    if sigma_mm < SMALLEST_SIGMA * max(spacing_mm):
        raise DataError(
            f"Laplacian of Gaussian: sigma of {sigma_mm:g} mm is {sigma_mm / max(spacing_mm):.2g} voxels where they"
            f" are {max(spacing_mm):g} mm wide; give at least {SMALLEST_SIGMA * max(spacing_mm):.3g} mm, resample the"
            " image to smaller voxels, or filter in slices (dimensions: 2)"
        )


def radius_voxels(sigma_voxels: float, truncate: float) -> int:
    """Voxels on each side of the middle of a Gaussian kernel cut off at `truncate` standard deviations."""
    return int(np.floor(truncate * sigma_voxels + 0.5))


def _kernels(sigma: float, truncate: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """A Gaussian and its second derivative at whole voxels."""
    radius = radius_voxels(sigma, truncate)
    place = np.arange(-radius, radius + 1, dtype=np.float64)
    gauss = np.exp(-(place**2) / (2 * sigma**2)) / (np.sqrt(2 * np.pi) * sigma)
    return gauss, (place**2 / sigma**2 - 1) / sigma**2 * gauss
