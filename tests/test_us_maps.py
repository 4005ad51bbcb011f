from dataclasses import replace
from functools import lru_cache

import numpy as np
import pytest

from hepar.core.errors import DataError, ProtocolError
from hepar.imaging.ultrasound.frames import Box
from hepar.imaging.ultrasound.maps import UNITS, Maps, Prepared, prepared, spectral_maps
from hepar.imaging.ultrasound.reference import Phantom
from hepar.imaging.ultrasound.speckle_maps import over_lines, speckle
from hepar.phantom.ultrasound import Medium
from us_phantoms import WIDE, phantom, reference

TISSUE = Medium(0.8, 3.0, 120.0, 60.0)


@lru_cache(maxsize=1)
def known() -> Prepared:
    return prepared(Phantom(reference(), 0.5, 40.0))


@lru_cache(maxsize=1)
def made() -> Maps:
    return spectral_maps(phantom(TISSUE, seed=1), known(), attenuation=0.8)


def deep(
    maps: Maps, name: str, *, top: float = 30.0, bottom: float = 70.0
) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    return maps.values[name][(maps.depth_mm > top) & (maps.depth_mm < bottom)]


def test_every_map_has_one_value_for_each_depth_and_column() -> None:
    maps = made()
    assert set(maps.values) == set(UNITS)
    for values in maps.values.values():
        assert values.shape == (maps.depth_mm.size, maps.line.size)
        assert values.dtype == np.float32
    assert np.diff(maps.depth_mm) == pytest.approx(2.0, abs=0.05)
    assert maps.line[[0, -1]] == pytest.approx((7.5, 87.5))


def test_the_axis_across_is_symmetric_and_in_millimetres() -> None:
    across = made().lateral_mm
    assert across == pytest.approx(-across[::-1], abs=1e-3)
    middle = made().depth_mm.mean()
    angle = np.radians(WIDE.span / 2 * (47.5 - 7.5) / 47.5)
    assert across[-1] == pytest.approx((WIDE.radius_mm + middle) * np.sin(angle), rel=0.01)


def test_the_mean_of_local_attenuation_is_what_was_put_in() -> None:
    # cells of 16 lines by 20 mm scatter by 0.05; the mean of those from 30 to 70 mm by less than 0.01
    assert np.nanmean(deep(made(), "attenuation_db_cm_mhz")) == pytest.approx(0.8, abs=0.03)
    assert np.nanstd(deep(made(), "attenuation_db_cm_mhz")) < 0.1


def test_a_sample_like_the_phantom_has_a_flat_spectrum_at_zero() -> None:
    maps = spectral_maps(phantom(seed=5), known())
    assert np.nanmean(deep(maps, "midband_db")) == pytest.approx(0, abs=0.4)
    assert np.nanmean(deep(maps, "lizzi_slope_db_mhz")) == pytest.approx(0, abs=0.15)
    assert np.nanmean(deep(maps, "lizzi_intercept_db")) == pytest.approx(0, abs=0.6)


def test_compensation_for_the_path_makes_the_midband_the_same_at_all_depths() -> None:
    raw = spectral_maps(phantom(TISSUE, seed=1), known())

    def falls(maps: Maps) -> float:
        return float(
            np.nanmean(deep(maps, "midband_db", bottom=40)) - np.nanmean(deep(maps, "midband_db", top=60))
        )

    assert falls(raw) > 4  # 0.3 dB/cm/MHz more than the phantom, 30 mm, about 3.3 MHz, both ways
    assert abs(falls(made())) < 0.8


def test_speckle_of_many_scatterers_has_nakagami_one_and_its_entropy() -> None:
    maps = spectral_maps(phantom(seed=5), known())
    assert np.nanmedian(deep(maps, "nakagami_m")) == pytest.approx(0.96, abs=0.08)
    density = 1 - np.log(2) + np.euler_gamma / 2
    expected = density / np.log(2) - np.log2(4 / 32)
    assert np.nanmean(deep(maps, "entropy_bit")) == pytest.approx(expected, abs=0.04)


def test_an_inclusion_shows_in_the_map_of_what_it_changes() -> None:
    sample = phantom(seed=5)
    bright = sample.rf.astype(np.float32)
    bright[:, 30:66, 1000:1600] *= 2.0  # 6 dB, 38 to 62 mm deep
    maps = spectral_maps(replace(sample, rf=bright), known())
    inside = (maps.line > 38) & (maps.line < 58)
    row = (maps.depth_mm > 42) & (maps.depth_mm < 58)
    level = maps.values["midband_db"]
    outside = (maps.line < 20) | (maps.line > 76)
    assert level[row][:, inside].mean() - level[row][:, outside].mean() == pytest.approx(6, abs=0.6)
    entropy = maps.values["entropy_bit"]
    assert abs(entropy[row][:, inside].mean() - entropy[row][:, outside].mean()) < 0.05


def test_cells_in_the_noise_are_empty() -> None:
    sample = phantom(seed=5)
    silent = sample.rf.copy()
    silent[:, 30:66, 1000:1600] //= 1000
    maps = spectral_maps(replace(sample, rf=silent), known())
    hole = maps.values["midband_db"][
        np.ix_((maps.depth_mm > 44) & (maps.depth_mm < 56), (maps.line > 40) & (maps.line < 56))
    ]
    assert np.isnan(hole).all()
    assert np.isfinite(maps.values["midband_db"][maps.depth_mm < 34]).all()


def test_a_part_of_the_frame_is_mapped_alone() -> None:
    part = prepared(Phantom(reference(), 0.5, 40.0), box=Box((30, 70), (20, 75)), lines=8)
    maps = spectral_maps(phantom(TISSUE, seed=1), part, attenuation=0.8)
    assert maps.depth_mm[0] > 31
    assert maps.line[0] == pytest.approx(23.5)
    assert maps.line[-1] <= 75 - 3.5


def test_sums_over_lines_are_those_of_the_plain_loop() -> None:
    values = np.random.default_rng(0).standard_normal((3, 20, 2))
    found = over_lines(values, lines=6, step=2)
    assert found == pytest.approx(
        np.stack([values[:, at : at + 6].sum(axis=1) for at in range(0, 15, 2)], axis=1)
    )


def test_nakagami_of_a_cell_is_that_of_its_samples() -> None:
    intensity = np.random.default_rng(0).exponential(size=(2, 12, 200)).astype(np.float32)
    nakagami, entropy = speckle(intensity, hop=20, lines=6, step=3)
    cell = intensity[:, 3:9, 40:80]
    assert nakagami[2, 1] == pytest.approx(cell.mean() ** 2 / cell.var(), rel=1e-4)
    assert nakagami.shape == entropy.shape == (9, 3)


def test_another_preset_and_impossible_cells_are_refused() -> None:
    with pytest.raises(DataError, match="fc_mhz"):
        spectral_maps(replace(phantom(seed=5), fc_mhz=3.0), known())
    with pytest.raises(ProtocolError, match="height_mm is 3"):
        spectral_maps(phantom(seed=5), known(), height_mm=3.0)
    with pytest.raises(ProtocolError, match="lines is 97"):
        prepared(Phantom(reference(), 0.5, 40.0), lines=97)


def test_a_frame_of_noise_alone_has_empty_maps() -> None:
    sample = phantom(seed=5)
    hiss = np.random.default_rng(0).standard_normal(sample.rf.shape, dtype=np.float32) * 3000
    maps = spectral_maps(replace(sample, rf=hiss), known())
    assert all(np.isnan(values).all() for values in maps.values.values())


def test_a_frame_without_any_echo_has_empty_maps_and_raises_no_warning() -> None:
    frames = phantom()
    single = frames.rf.copy()
    single[:, 1:] = 0
    for rf in (np.zeros_like(frames.rf), single):
        found = spectral_maps(replace(frames, rf=rf), known())
        assert np.isnan(found.values["midband_db"][:, 1:]).all()  # one line is an echo in the first cells
