"""k-space: the statistics of the noise, the resolution, ringing, shifts and ghosts that it gives."""

from dataclasses import replace

import numpy as np
import pytest

from hepar.phantom.mri.kspace import Reading, read_out

SHAPE = (4, 96, 80)
PLAIN = Reading(spacing_mm=(2.0, 2.0), pixel_mm=(2.0, 2.0))
ONES = np.ones(SHAPE, np.float32)


def read(signal: np.ndarray, reading: Reading, *, front: float = 0.0, seed: int = 1) -> np.ndarray:
    moving = np.full(SHAPE[1], front, np.float32)
    return read_out(
        signal.astype(np.float32), reading, sensitivity=ONES, front=moving, rng=np.random.default_rng(seed)
    )


def square() -> np.ndarray:
    signal = np.zeros(SHAPE, np.float32)
    signal[:, 40:60, 30:50] = 100
    return signal


@pytest.mark.parametrize("pixel_mm", [2.0, 3.7])
def test_noise_alone_follows_rayleigh_whatever_the_resolution(pixel_mm: float) -> None:
    reading = replace(PLAIN, noise=7.0, pixel_mm=(pixel_mm, pixel_mm), apodise=0.4)
    found = read(np.zeros(SHAPE), reading)
    # at least 9,000 independent values: 3 % is five standard errors of the ratio
    assert found.mean() / found.std() == pytest.approx(np.sqrt(np.pi / (4 - np.pi)), rel=0.03)
    assert found.mean() == pytest.approx(7 * np.sqrt(np.pi / 2), rel=0.03)


def test_noise_on_a_strong_signal_has_the_spread_of_one_channel() -> None:
    found = read(100 * np.ones(SHAPE), replace(PLAIN, noise=2.0))
    assert found.std() == pytest.approx(2.0, rel=0.03)
    # Gudbjartsson and Patz 1995: the mean is sqrt(A^2 + sigma^2)
    assert found.mean() == pytest.approx(np.sqrt(100**2 + 2**2), abs=0.05)


def test_an_image_that_is_read_whole_comes_back() -> None:
    assert read(square(), PLAIN) == pytest.approx(square(), abs=1e-3)


def test_a_sharp_cut_of_k_space_rings_and_a_filter_damps_it() -> None:
    cut = replace(PLAIN, pixel_mm=(4.0, 4.0))
    sharp, damped = (read(square(), replace(cut, apodise=a)).max() for a in (0.0, 0.8))
    # Gibbs: 9 % over the edge in one direction, so up to 19 % in a corner
    assert 105 < damped < sharp < 120


def test_a_train_of_echoes_blurs_along_phase_encoding_only() -> None:
    found = read(square(), replace(PLAIN, blur_mm=3.0))
    assert found[0, 50, 29] == pytest.approx(0, abs=0.1)
    assert found[0, 39, 40] > 20


def test_a_shift_moves_the_image_by_millimetres() -> None:
    found = read(square(), replace(PLAIN, shift_mm=(4.0, -6.0)))
    assert found == pytest.approx(np.roll(square(), (2, -3), axis=(1, 2)), abs=1e-2)


def test_breathing_makes_ghosts_along_phase_encoding_and_only_of_what_moves() -> None:
    breathing = replace(PLAIN, breath_mm=2.0, cycles=12.0)
    still, moving = read(square(), breathing, front=0.0), read(square(), breathing, front=1.0)
    beside = np.s_[:, :30, 32:48]
    assert still == pytest.approx(square(), abs=1e-2)
    assert moving[beside].max() > 3
    assert moving[:, :, :20].max() < 0.1


def test_the_same_seed_gives_the_same_noise_and_slabs_do_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    noisy = replace(PLAIN, noise=3.0)
    whole = read(square(), noisy)
    monkeypatch.setattr("hepar.phantom.mri.kspace.SLAB", 1)
    assert np.array_equal(read(square(), noisy), whole)
    assert not np.array_equal(read(square(), noisy, seed=2), whole)
