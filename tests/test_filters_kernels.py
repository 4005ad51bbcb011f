from typing import Any

import numpy as np
import pytest
import pywt
from numpy.typing import NDArray
from scipy import ndimage, signal

from hepar.core.errors import DataError, ProtocolError
from hepar.imaging.filters.gabor import gabor, gabor_kernel
from hepar.imaging.filters.laplacian import laplacian_of_gaussian
from hepar.imaging.filters.laws import laws, laws_plan
from hepar.imaging.filters.mean import mean
from hepar.imaging.filters.nonseparable import nonseparable_wavelet
from hepar.imaging.filters.options import Ring
from hepar.imaging.filters.riesz import riesz_log, riesz_wavelet
from hepar.imaging.filters.wavelets import wavelet, wavelet_plan

IMAGE = np.random.default_rng(5).normal(100, 20, size=(12, 14, 16)).astype(np.float32)


def _blob(
    shape: tuple[int, int, int], spacing_mm: tuple[float, float, float], sigma_mm: float
) -> NDArray[np.float32]:
    """A Gaussian of height one in the middle."""
    grids = np.meshgrid(
        *(mm * (np.arange(n) - n // 2) for n, mm in zip(shape, spacing_mm, strict=True)), indexing="ij"
    )
    return np.asarray(np.exp(-sum(grid**2 for grid in grids) / (2 * sigma_mm**2)), dtype=np.float32)


def test_the_mean_needs_a_middle() -> None:
    with pytest.raises(ProtocolError, match="odd"):
        mean(IMAGE, support=4)


def test_the_laplacian_of_gaussian_of_a_blob_is_the_formula_whatever_the_shape_of_the_voxels() -> None:
    spacing, sigma, width = (3.0, 1.0, 1.5), 3.0, 4.0
    blob = _blob((41, 81, 61), spacing, width)
    response = laplacian_of_gaussian(blob, sigma_mm=sigma, spacing_mm=spacing)
    total = sigma**2 + width**2
    laplacian_per_mm2 = -3 / total * (width**2 / total) ** 1.5
    edge2 = np.prod(spacing) ** (2 / 3)
    assert response[20, 40, 30] == pytest.approx(laplacian_per_mm2 * edge2, rel=2e-3)


def test_the_laplacian_of_gaussian_is_its_sampled_kernel_in_space() -> None:
    sigma, radius = 1.3, 5
    z, y, x = np.mgrid[-radius : radius + 1, -radius : radius + 1, -radius : radius + 1]
    r2 = (z**2 + y**2 + x**2) / sigma**2
    kernel = -((np.sqrt(2 * np.pi) * sigma) ** -3) * (3 - r2) / sigma**2 * np.exp(-r2 / 2)
    expected = ndimage.convolve(IMAGE.astype(float), kernel, mode="reflect")
    found = laplacian_of_gaussian(IMAGE, sigma_mm=sigma, spacing_mm=(1, 1, 1))
    np.testing.assert_allclose(found, expected, atol=2e-4)


def test_a_laplacian_of_gaussian_too_narrow_for_the_voxels_is_refused_with_what_to_do() -> None:
    with pytest.raises(DataError, match=r"0\.2 voxels where they are 5 mm wide; give at least 3\.5 mm"):
        laplacian_of_gaussian(IMAGE, sigma_mm=1.0, spacing_mm=(5.0, 0.8, 0.8))
    laplacian_of_gaussian(IMAGE, sigma_mm=1.0, spacing_mm=(5.0, 0.8, 0.8), dimensions=2)


def test_laws_kernels_have_norm_one_and_the_first_acts_along_x() -> None:
    plan = laws_plan("L5E5S3")
    assert [len(steps[0]) for steps in plan] == [3, 5, 5]
    assert all(np.linalg.norm(steps[0]) == pytest.approx(1) for steps in plan)
    assert plan[0][0] == pytest.approx(np.array([-1, 2, -1]) / np.sqrt(6))
    assert plan[2][0] == pytest.approx(np.array([1, 4, 6, 4, 1]) / np.sqrt(70))


@pytest.mark.parametrize("kernels", ["", "L5", "L5E5S5W5", "W3E5", "l5e5", "L5E5S"])
def test_kernels_that_are_not_laws_are_refused(kernels: str) -> None:
    with pytest.raises(ProtocolError, match="L5E5E5"):
        laws(IMAGE, kernels=kernels)


@pytest.mark.parametrize("name", ["haar", "db3", "coif1", "sym4"])
@pytest.mark.parametrize("level", [1, 2])
def test_the_subbands_of_a_periodic_image_are_those_of_pywavelets_but_for_their_place(
    name: str, level: int
) -> None:
    image = np.random.default_rng(1).normal(size=(16, 16, 16)).astype(np.float32)
    subbands = ["".join(letters) for letters in np.array(list(np.ndindex(2, 2, 2))).astype(str)]
    names = [s.replace("0", "L").replace("1", "H") for s in subbands]
    theirs = pywt.swtn(image.astype(float), name, level=level, trim_approx=False)[0]
    for subband, response in wavelet(image, name=name, subbands=names, level=level, boundary="periodic"):
        expected = theirs["".join("a" if letter == "L" else "d" for letter in reversed(subband))]
        shifts = np.stack([np.roll(expected, (z, z, z), (0, 1, 2)) for z in range(16)])
        assert np.abs(shifts - response).max(axis=(1, 2, 3)).min() < 1e-4


def test_the_first_letter_of_a_subband_acts_along_x() -> None:
    low, high = wavelet_plan("haar", "LHH", level=1)[2], wavelet_plan("haar", "LHH", level=1)[0]
    assert low[0] == pytest.approx([0.5**0.5, 0.5**0.5, 0])
    assert high[0][0] == pytest.approx(-high[0][1])


@pytest.mark.parametrize(("name", "subband"), [("coif99", "LLL"), ("coif1", "LXL"), ("coif1", "L")])
def test_unknown_wavelets_and_subbands_are_refused(name: str, subband: str) -> None:
    with pytest.raises(ProtocolError, match=r"wavelet: .*such as"):
        list(wavelet(IMAGE, name=name, subbands=[subband]))


def test_a_gabor_response_is_the_modulus_of_the_convolution_in_the_slice() -> None:
    kernel = gabor_kernel(3.0, 4.0, aspect=0.8, angle_deg=30.0, spacing_mm=(1.5, 1.0), truncate=4.0)
    reach = [n // 2 for n in kernel.shape]
    wide = np.pad(IMAGE.astype(float), ((0, 0), (reach[0],) * 2, (reach[1],) * 2), mode="symmetric")
    expected = np.abs([signal.convolve(plane, kernel, mode="valid", method="direct") for plane in wide])
    found = gabor(IMAGE, sigma_mm=3, wavelength_mm=4, aspect=0.8, angles_deg=[30], spacing_mm=(2, 1.5, 1))
    np.testing.assert_allclose(found, expected, rtol=1e-3, atol=0.05)


def test_a_gabor_filter_hears_its_own_wave_and_is_deaf_across_it() -> None:
    x = np.arange(64)
    image = np.broadcast_to(np.cos(2 * np.pi * x / 6), (3, 64, 64)).astype(np.float32)
    along, across = (
        gabor(image, sigma_mm=6, wavelength_mm=6, aspect=1, angles_deg=[angle], spacing_mm=(1, 1, 1))[
            1, 32, 32
        ]
        for angle in (0.0, 90.0)
    )
    assert along == pytest.approx(np.pi * 36, rel=0.01)
    assert across < 0.001 * along


@pytest.mark.parametrize(
    ("angles", "wavelength", "message"), [([], 4.0, "at least one"), ([0.0], 3.0, "two voxels of 2 mm")]
)
def test_gabor_settings_that_cannot_be_sampled_are_refused(
    angles: list[float], wavelength: float, message: str
) -> None:
    with pytest.raises((DataError, ProtocolError), match=message):
        gabor(IMAGE, sigma_mm=5, wavelength_mm=wavelength, aspect=1, angles_deg=angles, spacing_mm=(2, 2, 2))


def _wave(frequency: float, direction: tuple[float, float, float], n: int = 64) -> NDArray[np.float32]:
    """A plane wave; `frequency` as a share of Nyquist's, `direction` along (x, y, z)."""
    z, y, x = np.mgrid[:n, :n, :n]
    along = x * direction[0] + y * direction[1] + z * direction[2]
    return np.asarray(np.cos(np.pi * frequency * along), dtype=np.float32)


@pytest.mark.parametrize(
    ("ring", "gain"), [("simoncelli", np.cos(np.pi / 2 * np.log2(2 * 20 / 31.5))), ("shannon", 1.0)]
)
def test_a_non_separable_wavelet_passes_a_wave_by_its_frequency_alone(ring: Ring, gain: float) -> None:
    wave = _wave(0.625, (1, 0, 0))
    found = nonseparable_wavelet(wave, level=1, ring=ring, boundary="periodic")
    turned = nonseparable_wavelet(wave.transpose(2, 0, 1), level=1, ring=ring, boundary="periodic")
    assert np.abs(found).max() == pytest.approx(gain, rel=0.01)  # wave 20 of 63 steps
    np.testing.assert_allclose(turned, found.transpose(2, 0, 1), atol=1e-5)
    assert np.abs(nonseparable_wavelet(wave, level=3, ring=ring, boundary="periodic")).max() < 1e-5


def test_a_level_below_one_is_refused() -> None:
    with pytest.raises(ProtocolError, match="level 0"):
        nonseparable_wavelet(IMAGE, level=0)


def test_the_first_riesz_transform_shifts_a_wave_by_a_quarter_and_weighs_it_by_its_direction() -> None:
    wave = _wave(0.5, (1, 1, 0), n=128)[:2]
    band = nonseparable_wavelet(wave, level=1, dimensions=2, boundary="periodic")
    along_x = riesz_wavelet(wave, order=(1, 0), spacing_mm=(1, 1, 1), boundary="periodic")
    assert np.abs(along_x).max() == pytest.approx(np.abs(band).max() / np.sqrt(2), rel=0.03)
    inner = np.s_[0, 32:96, 32:96]
    assert abs(np.corrcoef(along_x[inner].ravel(), band[inner].ravel())[0, 1]) < 0.1


def test_the_riesz_transforms_of_one_degree_keep_the_energy_together() -> None:
    image = np.random.default_rng(4).normal(size=(64, 64, 64)).astype(np.float32)
    band = laplacian_of_gaussian(image, sigma_mm=1, spacing_mm=(1, 1, 1), boundary="periodic")
    orders = [(2, 0, 0), (0, 2, 0), (0, 0, 2), (1, 1, 0), (1, 0, 1), (0, 1, 1)]
    parts = [
        riesz_log(image, order=order, sigma_mm=1, spacing_mm=(1, 1, 1), boundary="periodic")
        for order in orders
    ]
    assert sum((part**2).sum() for part in parts) == pytest.approx((band**2).sum(), rel=0.02)


@pytest.mark.parametrize("order", [(1, 0), (2, 0), (1, 1), (0, 1, 2)])
def test_an_aligned_riesz_transform_does_not_depend_on_how_the_image_lies(order: tuple[int, ...]) -> None:
    shape = (1, 48, 56) if len(order) == 2 else (12, 14, 16)
    image = ndimage.gaussian_filter(np.random.default_rng(2).normal(size=shape), 1).astype(np.float32)
    settings: dict[str, Any] = {"order": order, "sigma_mm": 1.5, "spacing_mm": (1, 1, 1), "align_mm": 2.0}
    aligned = riesz_log(image, **settings)
    turned = riesz_log(np.ascontiguousarray(image.transpose(0, 2, 1)[:, ::-1]), **settings)
    back = turned[:, ::-1].transpose(0, 2, 1)
    close = np.abs(aligned - back) < 0.02 * np.ptp(aligned)
    assert close.mean() > 0.97  # where two directions change alike, either may come first


def test_an_aligned_riesz_transform_finds_the_direction_of_a_wave() -> None:
    wave = _wave(0.25, (0.6, 0.8, 0.0), n=96)[:1]
    band = riesz_wavelet(wave, order=(1, 0), level=2, spacing_mm=(1, 1, 1), align_mm=4.0)[0, 30:66, 30:66]
    across = riesz_wavelet(wave, order=(0, 1), level=2, spacing_mm=(1, 1, 1), align_mm=4.0)[0, 30:66, 30:66]
    assert band.min() > -0.02
    assert band.max() > 0.9
    assert np.abs(across).max() < 0.05


@pytest.mark.parametrize("order", [(0, 0, 0), (1,), (1, 0, -1), (1, 0, 0, 0)])
def test_an_order_that_is_no_riesz_transform_is_refused(order: tuple[int, ...]) -> None:
    with pytest.raises(ProtocolError, match="riesz: order"):
        riesz_log(IMAGE, order=order, sigma_mm=2, spacing_mm=(1, 1, 1))
