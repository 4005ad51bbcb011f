import numpy as np
import pytest

from hepar.imaging.ultrasound.backscatter import (
    GAUSSIAN,
    Backscatter,
    backscatter,
    concentration,
    diameter_squared,
    lizzi,
    wave_radius,
)
from hepar.imaging.ultrasound.levels import DB, Levels

F = np.linspace(2.0, 5.0, 25)
Z = np.linspace(30.0, 70.0, 21)
WAVE = 2 * np.pi * F / 1.54


def ideal(*, level_db: float, diameter_um: float, slope: float, wall: float = 0.0) -> Levels:
    """A sample behind a wall of 20 mm that attenuates by `wall` more than it, over a phantom of 0.5 and 40 um."""
    form = -GAUSSIAN * WAVE**2 * ((diameter_um / 2000) ** 2 - 0.02**2)
    path = -2 * F * ((slope - 0.5) * Z[:, None] / 10 + wall * 2) / DB
    use = np.ones((Z.size, F.size), dtype=bool)
    sample = (level_db / DB + form + path)[None]
    return Levels(F, Z, use, sample, np.zeros_like(sample))


def of(levels: Levels, *, slope: float, above: float | None = None) -> Backscatter:
    return backscatter(
        levels,
        attenuation=np.array([slope]),
        above=np.array([slope if above is None else above]),
        top_mm=28.0,
        reference=0.5,
        c_mm_us=1.54,
    )


@pytest.mark.parametrize("diameter", [60.0, 120.0, 200.0])
def test_diameter_and_concentration_are_exact_without_noise(diameter: float) -> None:
    found = of(ideal(level_db=3.0, diameter_um=diameter, slope=0.8), slope=0.8)
    squared = diameter_squared(found, reference_um=40)
    assert np.sqrt(squared[0]) == pytest.approx(diameter, rel=1e-9)
    amount = concentration(found, squared_um2=squared, reference_um=40)
    assert amount[0] == pytest.approx(3.0 - 60 * np.log10(diameter / 40), abs=1e-9)


def test_the_level_at_a_frequency_is_that_of_the_form_factor() -> None:
    found = of(ideal(level_db=3.0, diameter_um=150.0, slope=0.8), slope=0.8)
    wave = 2 * np.pi * 3.0 / 1.54
    assert found.at(3.0)[0] == pytest.approx(3 - DB * GAUSSIAN * wave**2 * (0.075**2 - 0.02**2), abs=1e-9)


def test_the_path_before_the_region_counts() -> None:
    levels = ideal(level_db=3.0, diameter_um=100.0, slope=0.6, wall=0.3)
    known = of(levels, slope=0.6, above=(2 * 0.9 + 0.8 * 0.6) / 2.8)
    assert np.sqrt(diameter_squared(known, reference_um=40)[0]) == pytest.approx(100.0, rel=1e-9)
    ignored = of(levels, slope=0.6)
    assert known.at(3.0)[0] - ignored.at(3.0)[0] == pytest.approx(2 * 0.3 * 2 * 3.0, abs=0.2)


def test_a_straight_spectrum_has_its_slope_intercept_and_midband() -> None:
    use = np.ones((Z.size, F.size), dtype=bool)
    sample = np.broadcast_to((1.5 * F - 4) / DB, (1, Z.size, F.size))
    found = lizzi(of(Levels(F, Z, use, sample, np.zeros((1, Z.size, F.size))), slope=0.5))
    values = (found.slope_db_mhz[0], found.intercept_db[0], found.midband_db[0])
    assert values == pytest.approx((1.5, -4.0, 1.25))


def test_a_sample_like_the_phantom_is_at_zero() -> None:
    found = of(ideal(level_db=0.0, diameter_um=40.0, slope=0.5), slope=0.5)
    line = lizzi(found)
    assert (line.slope_db_mhz[0], line.intercept_db[0], line.midband_db[0]) == pytest.approx(
        (0, 0, 0), abs=1e-9
    )
    squared = diameter_squared(found, reference_um=40)
    assert concentration(found, squared_um2=squared, reference_um=40)[0] == pytest.approx(0, abs=1e-9)


def test_frequencies_seen_at_few_depths_weigh_less() -> None:
    levels = ideal(level_db=0.0, diameter_um=40.0, slope=0.5)
    use = levels.use.copy()
    use[1:, -5:] = False
    sample = levels.sample.copy()
    sample[:, :, -5:] += 1.0  # wrong at the frequencies that only one window holds
    some = of(Levels(F, Z, use, sample, levels.reference), slope=0.5)
    all_ = of(Levels(F, Z, levels.use, sample, levels.reference), slope=0.5)
    assert abs(lizzi(some).slope_db_mhz[0]) < abs(lizzi(all_).slope_db_mhz[0]) / 3


def test_wave_number_times_radius_is_that_of_the_highest_frequency() -> None:
    found = of(ideal(level_db=0.0, diameter_um=40.0, slope=0.5), slope=0.5)
    assert wave_radius(found, 100.0) == pytest.approx(2 * np.pi * 5.0 / 1.54 * 0.05)
