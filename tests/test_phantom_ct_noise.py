"""Noise of SIMULATED CT: the spectrum that was asked for comes back, in the slice and between slices."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from hepar.phantom.ct import Acquisition, noise_power
from hepar.phantom.ct.acquisition import KernelName
from hepar.phantom.ct.noise import (
    NoiseFilter,
    noise_filter,
    noise_slabs,
    relative_noise,
    slice_weights,
    transfer,
)
from hepar.phantom.grid import Grid

KERNELS: tuple[KernelName, ...] = ("soft", "medium", "sharp")
GRID = Grid((24, 128, 128), (3.0, 0.8, 0.8))
USUAL = Acquisition()


def noise(
    acquisition: Acquisition, grid: Grid = GRID, *, counts: tuple[int, ...] = (24,), oblong: float = 0.0
) -> tuple[NDArray[np.float32], NoiseFilter]:
    passed = noise_filter(acquisition, grid, oblong=oblong)
    return np.concatenate(list(noise_slabs(np.random.default_rng(5), passed, counts))), passed


def radial(field: NDArray[np.float32], spacing_mm: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Frequencies (cycles/mm) and mean power (HU2 mm2) in rings."""
    n = field.shape[-1]
    power = (np.abs(np.fft.fft2(field)) ** 2).mean(0) * (spacing_mm / n) ** 2
    f = np.hypot(*np.meshgrid(np.fft.fftfreq(n, spacing_mm), np.fft.fftfreq(n, spacing_mm)))
    ring = np.digitize(f, np.arange(0.025, 0.6, 0.05))
    rings = range(1, 12)
    return np.array([f[ring == k].mean() for k in rings]), np.array([power[ring == k].mean() for k in rings])


@pytest.mark.parametrize(
    "acquisition",
    [USUAL, Acquisition(kernel="soft"), Acquisition(kernel="sharp"), Acquisition(iterative=0.62)],
)
def test_the_spectrum_is_the_one_asked_for(acquisition: Acquisition) -> None:
    f, power = radial(noise(acquisition)[0], 0.8)
    # each ring holds over 200 waves in 24 slices: an error of 4 % or less
    assert power == pytest.approx(noise_power(acquisition)(f), rel=0.12, abs=0.5)


def test_standard_kernels_peak_at_0_3_cycles_per_mm_and_iteration_makes_noise_coarser() -> None:
    f = np.linspace(0.01, 0.8, 500)
    assert 0.22 < f[noise_power(USUAL)(f).argmax()] < 0.32
    assert f[noise_power(Acquisition(iterative=0.62))(f).argmax()] < 0.15


def test_the_standard_deviation_is_the_one_foretold() -> None:
    found, passed = noise(USUAL)
    assert found.std() == pytest.approx(passed.sd_hu, rel=0.03)
    assert passed.sd_hu == pytest.approx(14, rel=0.05)


def test_sharp_kernels_are_noisier_and_coarse_pixels_quieter() -> None:
    soft, medium, sharp = (noise_filter(Acquisition(kernel=k), GRID).sd_hu for k in KERNELS)
    assert soft < 0.8 * medium
    assert medium < 0.8 * sharp
    assert noise_filter(USUAL, Grid((4, 64, 64), (3.0, 2.0, 2.0))).sd_hu < 0.7 * medium


def test_overlapping_slices_share_noise_by_their_overlap() -> None:
    found, _ = noise(Acquisition(slice_mm=3.0), replace(GRID, spacing_mm=(2.0, 0.8, 0.8)))
    expected = np.exp(-((2 / (2 * 0.43 * 3.0)) ** 2))
    assert float((found[1:] * found[:-1]).mean() / found.var()) == pytest.approx(expected, abs=0.04)


def test_the_same_slices_come_however_they_are_cut() -> None:
    whole, parts = noise(USUAL)[0], noise(USUAL, counts=(7, 1, 16))[0]
    assert whole == pytest.approx(parts, abs=1e-4)


def test_an_oblong_body_makes_noise_run_across_it_without_more_of_it() -> None:
    found, passed = noise(USUAL, oblong=0.6)
    assert passed.sd_hu == pytest.approx(noise_filter(USUAL, GRID).sd_hu, rel=0.02)
    along_x = (found[:, :, 1:] * found[:, :, :-1]).mean() / found.var()
    along_y = (found[:, 1:] * found[:, :-1]).mean() / found.var()
    assert along_x > along_y + 0.1


def test_noise_falls_with_dose_and_thickness_and_grows_with_the_body() -> None:
    body = np.array([30.0])
    usual = float(relative_noise(USUAL, body)[0])
    assert usual == pytest.approx(1)
    assert relative_noise(replace(USUAL, mas=800.0), body) == pytest.approx(0.5)
    assert relative_noise(replace(USUAL, slice_mm=12.0), body) == pytest.approx(0.5)
    assert relative_noise(replace(USUAL, kvp=100.0), body) > 1.2
    assert relative_noise(replace(USUAL, arms_down=True), body) > 1.2
    fixed, followed = (replace(USUAL, modulation=m) for m in (0.0, 1.0))
    assert relative_noise(fixed, np.array([37.0]))[0] == pytest.approx(2, rel=0.05)
    assert relative_noise(followed, np.array([34.0]))[0] == pytest.approx(1)


def test_thin_slices_far_apart_share_nothing() -> None:
    assert slice_weights(Acquisition(slice_mm=1.0), 5.0).tolist() == [1.0]


def test_the_kernel_keeps_means_and_takes_detail() -> None:
    soft, sharp = (transfer(Acquisition(kernel=k), GRID) for k in KERNELS[::2])
    assert soft[0, 0] == sharp[0, 0] == 1
    assert soft[0, 40] < 0.5 * sharp[0, 40]
