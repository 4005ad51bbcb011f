"""Signal equations: limits, the Ernst angle, and that maps invert what made the images."""

import numpy as np
import pytest

from hepar.phantom.mri.signal import (
    apparent_diffusion,
    diffusion,
    spin_echo,
    spoiled_gradient_echo,
    two_point_fat_fraction,
)


def f(*values: float) -> np.ndarray:
    return np.array(values, np.float32)


def test_a_gradient_echo_is_brightest_at_the_ernst_angle() -> None:
    ernst = np.rad2deg(np.arccos(np.exp(-5 / 600)))
    angles = np.linspace(1, 40, 400)
    signal = [spoiled_gradient_echo(f(600), f(1e9), tr_ms=5, te_ms=2, flip_deg=float(a))[0] for a in angles]
    assert angles[int(np.argmax(signal))] == pytest.approx(ernst, abs=0.15)


def test_a_gradient_echo_with_a_long_pause_shows_all_magnetisation() -> None:
    assert spoiled_gradient_echo(f(600), f(1e9), tr_ms=1e5, te_ms=0, flip_deg=90)[0] == pytest.approx(1)


def test_a_spin_echo_decays_with_t2_and_saturates_with_t1() -> None:
    signal = spin_echo(f(1000, 1000), f(50, 100), tr_ms=1000, te_ms=50)
    assert signal == pytest.approx((1 - np.exp(-1)) * np.exp([-1, -0.5]), rel=1e-6)


def test_the_map_of_diffusion_inverts_what_weighed_the_images() -> None:
    true = f(300, 1100, 2900)
    low, high = (diffusion(true, b_s_mm2=b) for b in (50, 800))
    assert apparent_diffusion(low, high, b_low=50, b_high=800) == pytest.approx(true, rel=1e-4)


def test_noise_that_makes_the_higher_b_brighter_gives_no_negative_diffusion() -> None:
    assert apparent_diffusion(f(1.0), f(2.0), b_low=50, b_high=800)[0] == 0


def test_two_phases_give_the_share_of_fat_up_to_one_half() -> None:
    fat = f(0, 0.2, 0.5, 0.8)
    found = two_point_fat_fraction(np.ones(4, np.float32), np.abs(1 - 2 * fat))
    assert found == pytest.approx([0, 0.2, 0.5, 0.2], abs=1e-6)


def test_no_signal_is_no_fat() -> None:
    assert two_point_fat_fraction(f(0), f(0))[0] == 0
