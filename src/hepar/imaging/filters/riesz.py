"""Riesz transforms of a band-pass response: how it changes along directions."""

from collections.abc import Sequence
from itertools import product
from math import factorial, prod

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from ...core.errors import ProtocolError
from .fourier import Frequencies, Transfer, passed, widened
from .laplacian import laplacian_of_gaussian
from .nonseparable import pad_voxels, radius, ring_transfer
from .options import Boundary, Order, Ring, Spacing
from .separable import Image

PAD_VOXELS = 32
"""How far the image is continued beyond its border before a Laplacian of Gaussian is Riesz transformed."""


def riesz_log(
    image: Image,
    *,
    order: Order,
    sigma_mm: float,
    spacing_mm: Spacing,
    truncate: float = 4.0,
    align_mm: float | None = None,
    boundary: Boundary = "mirror",
) -> Image:
    """Riesz transform of the Laplacian of Gaussian; `order` and `align_mm` as in `riesz`."""
    dimensions = len(checked_order(order))
    wide, inner = widened(image, dimensions=dimensions, pad=PAD_VOXELS, boundary=boundary)
    band = laplacian_of_gaussian(
        wide,
        sigma_mm=sigma_mm,
        spacing_mm=spacing_mm,
        truncate=truncate,
        dimensions=dimensions,
        boundary="periodic",
    )
    return riesz(band, order=order, spacing_mm=spacing_mm, align_mm=align_mm)[inner]


def riesz_wavelet(
    image: Image,
    *,
    order: Order,
    level: int = 1,
    ring: Ring = "simoncelli",
    spacing_mm: Spacing,
    align_mm: float | None = None,
    boundary: Boundary = "mirror",
) -> Image:
    """Riesz transform of a non-separable wavelet; `order` and `align_mm` as in `riesz`."""
    dimensions = len(checked_order(order))
    wide, inner = widened(image, dimensions=dimensions, pad=pad_voxels(level), boundary=boundary)
    ring_of_level = ring_transfer(ring, level)
    if align_mm is None:
        both = _times(ring_of_level, riesz_transfer(order))
        return np.ascontiguousarray(passed(wide, both, dimensions=dimensions)[inner])
    band = passed(wide, ring_of_level, dimensions=dimensions)
    return riesz(band, order=order, spacing_mm=spacing_mm, align_mm=align_mm)[inner]


def riesz(band: Image, *, order: Order, spacing_mm: Spacing, align_mm: float | None = None) -> Image:
    """Riesz transform of the periodic image `band`, of `order` (l1, l2, l3) along (x, y, z), or (l1, l2) in the slice.

    With `align_mm`, the first of the directions is at each voxel the one along which the image changes most, the others
    follow: the eigenvectors of the structure tensor, smoothed by a Gaussian with standard deviation `align_mm`
    (Depeursinge et al. 2018). Of a direction's two senses it is the one in which the first-order transform is not
    negative.
    """
    checked_order(order)
    if align_mm is None:
        return passed(band, riesz_transfer(order), dimensions=len(order))
    return _aligned(band, order, sigma=[align_mm / edge for edge in spacing_mm[-len(order) :]])


def riesz_transfer(order: Order) -> Transfer:
    """Transfer function of the Riesz transform (Unser & Van De Ville 2010).

    With L = l1 + l2 + l3: (-i)^L sqrt(L! / (l1! l2! l3!)) w1^l1 w2^l2 w3^l3 / |w|^L, and 0 at the origin.
    """
    total = sum(order)
    weight = np.complex64((-1j) ** total * _norm(order))

    def transfer(frequencies: Frequencies) -> NDArray[np.complex64]:
        distance = radius(frequencies)
        powers = prod(
            (grid**power for grid, power in zip(reversed(frequencies), order, strict=True)),
            start=np.float32(1),
        )
        values: NDArray[np.complex64] = weight * (powers / np.where(distance > 0, distance, 1) ** total)
        return values

    return transfer


def checked_order(order: Order) -> Order:
    """Refuse orders that are no Riesz transform."""
    if len(order) not in (2, 3) or min(order) < 0 or sum(order) == 0:
        raise ProtocolError(
            f"riesz: order {tuple(order)}; give two numbers (x, y) or three (x, y, z), 0 or more, not all 0"
        )
    return order


def _norm(order: Order) -> float:
    return float(np.sqrt(factorial(sum(order)) / prod(map(factorial, order))))


def _times(one: Transfer, other: Transfer) -> Transfer:
    return lambda frequencies: one(frequencies) * other(frequencies)


def _aligned(band: Image, order: Order, sigma: Sequence[float]) -> Image:
    """The transform of `order` in each voxel's own directions.

    In the frame of the image, the transform is a polynomial of degree L in the components of the directions, whose
    coefficients are the transforms of all orders of the same L.
    """
    axes = len(order)
    directions = _directions(band, sigma)
    factors = [directions[..., at] for at, times in enumerate(order) for _ in range(times)]
    weights: dict[Order, Image] = {}
    for along in product(range(axes), repeat=len(factors)):
        part = prod(
            (f[..., axis] for f, axis in zip(factors[1:], along[1:], strict=True)),
            start=factors[0][..., along[0]],
        )
        key = tuple(along.count(axis) for axis in range(axes))
        weights[key] = weights[key] + part if key in weights else part
    out = np.zeros_like(band)
    for key, weight in weights.items():
        out += weight * passed(band, riesz_transfer(key), dimensions=axes) / np.float32(_norm(key))
    return out * np.float32(_norm(order))


def _directions(band: Image, sigma: Sequence[float]) -> Image:
    """Eigenvectors of the structure tensor: (..., component x y z, rank of the eigenvalue, greatest first)."""
    axes = len(sigma)
    units = [tuple(int(at == axis) for at in range(axes)) for axis in range(axes)]
    gradient = np.stack([passed(band, riesz_transfer(unit), dimensions=axes) for unit in units], axis=-1)
    flat = (0.0,) * (band.ndim - axes)
    tensor = np.empty((*band.shape, axes, axes), dtype=np.float32)
    for i, j in product(range(axes), repeat=2):
        if i <= j:
            product_ij = gradient[..., i] * gradient[..., j]
            smooth = ndimage.gaussian_filter(product_ij, (*flat, *sigma), mode="wrap")
            tensor[..., i, j] = tensor[..., j, i] = smooth
    vectors = np.linalg.eigh(tensor)[1][..., ::-1]
    sense = np.einsum("...c,...cr->...r", gradient, vectors)
    return np.asarray(vectors * np.where(sense < 0, -1, 1)[..., None, :], dtype=np.float32)
