import numpy as np
import pytest

from hepar.imaging.ultrasound.envelope import envelope
from hepar.imaging.ultrasound.envelope_statistics import (
    Intensity,
    detrended,
    entropy,
    envelope_snr,
    log_ratios,
    moments,
    nakagami,
    omega,
)
from hepar.imaging.ultrasound.frames import Box
from hepar.imaging.ultrasound.homodyned import homodyned_k, log_moments
from hepar.phantom.ultrasound import Medium
from us_phantoms import WIDE, phantom

ALL = np.ones((1, 96))


def speckle(seed: int = 0, *, samples: int = 1000) -> Intensity:
    rng = np.random.default_rng(seed)
    parts = rng.standard_normal((2, 1, 96, samples), dtype=np.float32)
    made: Intensity = (parts**2).sum(axis=0) / 2
    return made


def test_speckle_has_its_textbook_statistics() -> None:
    found = moments(detrended(speckle()))
    x, u = log_ratios(found, weights=ALL)
    # 96,000 independent values: standard errors below 0.01
    assert nakagami(found, weights=ALL)[0] == pytest.approx(1, abs=0.02)
    assert (x[0], u[0]) == pytest.approx((1, -np.euler_gamma), abs=0.02)
    assert envelope_snr(found, weights=ALL)[0] == pytest.approx(np.sqrt(np.pi / (4 - np.pi)), abs=0.02)
    density = 1 - np.log(2) + np.euler_gamma / 2  # of the envelope over its root mean square, nat
    assert entropy(found, weights=ALL)[0] == pytest.approx(density / np.log(2) - np.log2(0.05), abs=0.02)


def test_attenuation_and_contact_are_divided_out() -> None:
    fall = np.exp(-np.linspace(0, 6, 1000)) * np.exp(-(np.linspace(-1, 1, 96) ** 2))[:, None]
    faded = speckle() * fall.astype(np.float32)
    assert nakagami(moments(faded / faded.mean()), weights=ALL)[0] < 0.4
    assert nakagami(moments(detrended(faded)), weights=ALL)[0] == pytest.approx(1, abs=0.02)


@pytest.mark.parametrize("number", [0.3, 1.0, 4.0, 32.0])
def test_nakagami_follows_the_scatterers_in_a_cell(number: float) -> None:
    medium = Medium(0.05, 0.0, 40.0, number / WIDE.cell_mm2)
    found = []
    for seed in range(3):
        frames = phantom(medium, seed=seed)
        lines, samples = frames.within(Box((54, 66), (0, 95)))
        intensity = envelope(frames.without_gain()[:, lines])[..., samples] ** 2
        found.append(nakagami(moments(detrended(intensity)), weights=ALL)[0])
    # the SD of one phantom is 0.02 to 0.03
    assert np.mean(found) == pytest.approx(number / (1 + number), abs=0.05)


def test_noise_is_taken_out_of_nakagami() -> None:
    rng = np.random.default_rng(1)
    clumped = rng.gamma(0.5, 2.0, size=(1, 96, 1000)).astype(np.float32)  # K distributed: alpha 0.5, m = 0.2
    echo = np.sqrt(clumped / 2) * rng.standard_normal((2, 96, 1000), dtype=np.float32)
    noise = np.sqrt(0.1 / 2) * rng.standard_normal((2, 96, 1000))
    intensity = ((echo + noise) ** 2).sum(axis=0, keepdims=True).astype(np.float32)
    intensity /= intensity.mean()
    told = nakagami(moments(intensity, noise=0.1 / 1.1), weights=ALL)[0]
    assert told == pytest.approx(0.2, abs=0.015)
    assert nakagami(moments(intensity), weights=ALL)[0] > told + 0.02


def test_only_what_is_inside_counts() -> None:
    intensity = speckle()
    intensity[:, 30:50, 300:600] = 50.0
    inside = np.ones((96, 1000), dtype=bool)
    inside[30:50, 300:600] = False
    found = moments(detrended(intensity, inside=inside), inside=inside)
    assert nakagami(found, weights=ALL)[0] == pytest.approx(1, abs=0.02)
    assert nakagami(moments(detrended(intensity)), weights=ALL)[0] < 0.5


def test_weights_of_lines_stand_for_their_repetition() -> None:
    intensity = speckle(samples=200)
    weights = np.zeros((1, 96))
    weights[0, [3, 7, 50]] = (1, 2, 1)
    repeated = moments(intensity[:, [3, 7, 7, 50]])
    for name in (nakagami, entropy, envelope_snr):
        expected = name(repeated, weights=np.ones((1, 4)))
        assert name(moments(intensity), weights=weights) == pytest.approx(expected)


@pytest.mark.parametrize(("alpha", "k"), [(0.5, 0.0), (2.0, 0.5), (5.0, 1.0), (1.0, 1.5)])
def test_the_logarithmic_moments_are_those_of_a_simulated_distribution(alpha: float, k: float) -> None:
    rng = np.random.default_rng(4)
    share = k**2 / (k**2 + 2)
    texture = rng.gamma(alpha, 1 / alpha, 400_000)
    wave = np.sqrt(share) + np.sqrt((1 - share) * texture / 2) * (
        rng.standard_normal(400_000) + 1j * rng.standard_normal(400_000)
    )
    power = np.abs(wave) ** 2
    x = (power * np.log(power)).mean() / power.mean() - np.log(power).mean()
    u = np.log(power).mean() - np.log(power.mean())
    expected = log_moments(np.array([alpha]), np.array([k]))
    assert (x, u) == pytest.approx((expected[0][0], expected[1][0]), rel=0.02)


def test_the_k_distribution_has_its_closed_form() -> None:
    alpha = np.array([0.3, 1.0, 4.0, 50.0])
    x, _ = log_moments(alpha, np.zeros(4))
    assert x == pytest.approx(1 + 1 / alpha, rel=1e-6)


@pytest.mark.parametrize(("alpha", "k"), [(0.5, 0.2), (2.0, 0.5), (5.0, 1.0), (1.0, 1.5), (8.0, 0.7)])
def test_parameters_come_back_from_their_moments(alpha: float, k: float) -> None:
    x, u = log_moments(np.array([alpha]), np.array([k]))
    found = homodyned_k(x, u)
    assert found[0][0] == pytest.approx(alpha, rel=0.03)  # what the table's steps leave
    assert found[1][0] == pytest.approx(k, abs=0.03)


def test_moments_that_no_distribution_has_give_the_nearest() -> None:
    alpha, k = homodyned_k(np.array([50.0, 0.0]), np.array([-0.1, -3.0]))
    assert np.isfinite([*alpha, *k]).all()
    assert ((alpha >= 0.1) & (alpha <= 100.001)).all()


def test_omega_is_the_mean_power() -> None:
    assert omega(np.full((1, 2, 3), 4.0, dtype=np.float32)) == 4.0
