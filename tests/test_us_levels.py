from dataclasses import replace

import numpy as np
import pytest

from hepar.imaging.ultrasound.attenuation import by_shift
from hepar.imaging.ultrasound.levels import DB, in_band, levels
from hepar.imaging.ultrasound.resampling import line_draws
from hepar.imaging.ultrasound.spectra import Spectra

WINDOWS, BINS = 40, 50


def speckle(lines: int, *, seed: int) -> Spectra:
    """Spectra of independent lines of speckle whose expected power is 1 everywhere."""
    rng = np.random.default_rng(seed)
    return Spectra(
        frequency_mhz=np.linspace(2, 5, BINS),
        depth_mm=np.linspace(30, 70, WINDOWS),
        power=rng.exponential(size=(WINDOWS, lines, BINS)).astype(np.float32),
        noise=np.zeros((WINDOWS, BINS), dtype=np.float32),
        usable=np.ones((WINDOWS, BINS), dtype=bool),
        smear_mhz=1e-6,
    )


@pytest.mark.parametrize("lines", [6, 12, 40])
def test_the_level_of_few_lines_is_that_of_many(lines: int) -> None:
    found = speckle(lines, seed=lines)
    drawn = line_draws(found.power, draws=200, rng=np.random.default_rng(0))
    made = levels(found, None, use=found.usable, draws=drawn)
    # the mean of 2,000 logarithms has a standard error of 0.01 with 6 lines; uncorrected it is -0.086
    assert made.sample[0].mean() == pytest.approx(0, abs=0.02)


def test_what_few_lines_lose_is_given_back_alike_at_all_depths_and_frequencies() -> None:
    found = speckle(8, seed=3)
    drawn = line_draws(found.power, draws=50, rng=np.random.default_rng(0))
    made = levels(found, None, use=found.usable, draws=drawn).sample[0]
    given_back = made - np.log(found.power.mean(axis=1))
    assert np.ptp(given_back) == pytest.approx(0, abs=1e-5)
    assert given_back.mean() > 0.03


def test_chance_at_the_edge_of_the_band_is_not_taken_for_less_attenuation() -> None:
    slope, found = 0.7, []
    for seed in range(12):
        flat = speckle(12, seed=seed)
        depth_cm, apart_mhz = flat.depth_mm[:, None] / 10, flat.frequency_mhz - 3.5
        fall = np.exp(-(apart_mhz**2) / (2 * 0.5**2) - 2 * slope * depth_cm * apart_mhz / DB)
        shaped = replace(flat, power=flat.power * fall[:, None, :].astype(np.float32))
        drawn = line_draws(flat.power, draws=20, rng=np.random.default_rng(0))
        found.append(by_shift(levels(shaped, None, use=in_band(shaped), draws=drawn))[0])
    # each has a standard deviation of 0.02; by its own power alone the mean is 0.03 too low
    assert np.mean(found) == pytest.approx(slope, abs=0.018)
