"""Gabor filters: waves under a Gaussian, in planes."""

from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from ...core.errors import DataError, ProtocolError
from .boundary import padded
from .options import Boundary, Spacing
from .separable import Image

Complex = NDArray[np.complex64]

SLICES_AT_ONCE = 8
"""Slices that are transformed together, which bounds the memory."""


def gabor(
    image: Image,
    *,
    sigma_mm: float,
    wavelength_mm: float,
    aspect: float,
    angles_deg: Sequence[float],
    spacing_mm: Spacing,
    truncate: float = 4.0,
    orthogonal: bool = False,
    boundary: Boundary = "mirror",
) -> Image:
    """Modulus of the Gabor response in the slice, averaged over `angles_deg`.

    The kernel (IBSI Q88H) is exp(-(k1^2 + g^2 k2^2) / (2 s^2) + 2 pi i k1 / l) with k1 = x cos t + y sin t and
    k2 = y cos t - x sin t, s = `sigma_mm`, l = `wavelength_mm`, g = `aspect`, t an angle; it ends at `truncate`
    standard deviations of the wider Gaussian (IBSI sets no end). It is not normalised: the response grows with the
    number of voxels under the Gaussian. With `orthogonal`, the average is also over three planes: (x, y), (x, z) and
    (y, z), the first of each pair in the place of x.

    Raises:
        DataError: a wave is shorter than two voxels.
    """
    if not angles_deg:
        raise ProtocolError("gabor: no angles; give at least one, in degrees")
    total = np.zeros(image.shape, dtype=np.float32)
    planes = ((0, 1, 2), (1, 0, 2), (2, 0, 1)) if orthogonal else ((0, 1, 2),)
    for plane in planes:
        spacing = spacing_mm[plane[1]], spacing_mm[plane[2]]
        _refuse_short_wave(wavelength_mm, max(spacing))
        kernels = [
            (
                gabor_kernel(
                    sigma_mm,
                    wavelength_mm,
                    aspect=aspect,
                    angle_deg=angle,
                    spacing_mm=spacing,
                    truncate=truncate,
                ),
                n,
            )
            for angle, n in Counter(
                angle % 180 for angle in angles_deg
            ).items()  # a half turn conjugates the kernel
        ]
        _add_modulus(image.transpose(plane), kernels, into=total.transpose(plane), boundary=boundary)
    return total / np.float32(len(planes) * len(angles_deg))


def _refuse_short_wave(wavelength_mm: float, spacing_mm: float) -> None:
    if wavelength_mm < 2 * spacing_mm * (1 - 1e-6):
        raise DataError(
            f"gabor: a wave of {wavelength_mm:g} mm is shorter than two voxels of {spacing_mm:g} mm; give at least"
            f" {2 * spacing_mm:g} mm, resample the image to smaller voxels, or filter in slices (dimensions: 2)"
        )


def gabor_kernel(
    sigma_mm: float,
    wavelength_mm: float,
    *,
    aspect: float,
    angle_deg: float,
    spacing_mm: tuple[float, float],
    truncate: float,
) -> Complex:
    """The kernel of one angle, axes (y, x)."""
    reach = kernel_reach(sigma_mm, aspect=aspect, spacing_mm=spacing_mm, truncate=truncate)
    y, x = (edge * np.arange(-n, n + 1) for n, edge in zip(reach, spacing_mm, strict=True))
    turn = np.deg2rad(angle_deg)
    along = np.cos(turn) * x + np.sin(turn) * y[:, None]
    across = np.cos(turn) * y[:, None] - np.sin(turn) * x
    envelope = np.exp(-(along**2 + (aspect * across) ** 2) / (2 * sigma_mm**2))
    return np.asarray(envelope * np.exp(2j * np.pi * along / wavelength_mm), dtype=np.complex64)


def kernel_reach(
    sigma_mm: float, *, aspect: float, spacing_mm: Sequence[float], truncate: float
) -> tuple[int, ...]:
    """Voxels from the middle of the kernel to its end along each axis."""
    widest = sigma_mm * max(1.0, 1.0 / aspect)
    return tuple(int(np.ceil(truncate * widest / edge)) for edge in spacing_mm)


def _add_modulus(
    image: Image, kernels: Sequence[tuple[Complex, int]], *, into: Image, boundary: Boundary
) -> None:
    """Add to `into` the modulus of each kernel's response in the slices of axis 0, times its number."""
    reach = [size // 2 for size in kernels[0][0].shape]
    lengths = [fft.next_fast_len(size + 2 * n) for size, n in zip(image.shape[1:], reach, strict=True)]
    spectra = [(fft.fft2(kernel, s=lengths), n) for kernel, n in kernels]
    valid = (
        slice(None),
        *(slice(2 * n, 2 * n + size) for n, size in zip(reach, image.shape[1:], strict=True)),
    )
    for start in range(0, image.shape[0], SLICES_AT_ONCE):
        part = slice(start, start + SLICES_AT_ONCE)
        wide = padded(image[part], [(0, 0), *((n, n) for n in reach)], boundary=boundary)
        transform = fft.fft2(wide, s=lengths)
        for spectrum, n in spectra:
            response = fft.ifft2(transform * spectrum, overwrite_x=True)[valid]
            into[part] += np.float32(n) * np.abs(response)
