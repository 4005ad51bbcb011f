"""The recursive Laplacian of Gaussian."""

import numpy as np
import pytest
from scipy import ndimage

from hepar.features.pyradiomics.recursive import laplacian

SPACING = (2.0, 1.0, 0.8)
WHOLE = (slice(0, 24), slice(0, 40), slice(0, 50))


def smooth(*, scale: float = 100.0) -> np.ndarray:
    noise = np.random.default_rng(2).normal(0, scale, (24, 40, 50))
    return np.asarray(ndimage.gaussian_filter(noise, (1, 2, 2.5)))


@pytest.mark.parametrize("sigma", [2.5, 4.0])
def test_it_is_the_laplacian_of_gaussian_times_sigma_squared(sigma: float) -> None:
    image = smooth()
    sigmas = [sigma / mm for mm in SPACING]
    expected = np.zeros(image.shape)
    for axis, mm in enumerate(SPACING):
        order = [2 * (axis == other) for other in range(3)]
        expected += (
            ndimage.gaussian_filter(image, sigmas, order, mode="nearest", truncate=8) * (sigma / mm) ** 2
        )
    found = laplacian(image, WHOLE, spacing_mm=SPACING, sigma_mm=sigma)
    assert abs(found - expected).max() < 0.02 * abs(expected).max()


def test_a_constant_and_a_slope_have_none_and_a_parabola_its_curvature() -> None:
    z, y, x = np.indices((40, 40, 90)).astype(float)
    middle = (slice(20, 21), slice(20, 21), slice(45, 46))
    for image, expected in ((np.full(z.shape, 9.0), 0), (3 * y + z, 0), (0.5 * (0.8 * x) ** 2, 4.0)):
        found = laplacian(image, middle, spacing_mm=(1.0, 1.0, 0.8), sigma_mm=2.0)
        assert float(found[0, 0, 0]) == pytest.approx(expected, abs=2e-3)


def test_a_box_gets_what_the_whole_image_would() -> None:
    image = smooth()
    box = (slice(9, 15), slice(4, 30), slice(20, 25))
    whole = laplacian(image, WHOLE, spacing_mm=SPACING, sigma_mm=1.0)
    np.testing.assert_allclose(laplacian(image, box, spacing_mm=SPACING, sigma_mm=1.0), whole[box], atol=1e-4)


def test_an_image_of_few_lines_is_filtered_along_each_of_its_axes() -> None:
    line = smooth()[:, 20, 25]
    found = []
    for axis in range(3):
        shape = [4, 4, 4]
        shape[axis] = 24
        image = np.broadcast_to(np.expand_dims(line, tuple({0, 1, 2} - {axis})), shape)
        box = tuple(slice(0, n) for n in shape)
        found.append(
            np.take(np.moveaxis(laplacian(image, box, spacing_mm=(1, 1, 1), sigma_mm=1.5), axis, 0), 0, 1)[
                :, 0
            ]
        )
    np.testing.assert_allclose(found[0], found[1], rtol=1e-5)
    np.testing.assert_allclose(found[0], found[2], rtol=1e-5)
