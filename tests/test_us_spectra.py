from dataclasses import replace

import numpy as np
import pytest

from hepar.core.errors import DataError, ProtocolError
from hepar.imaging.ultrasound.frames import Box
from hepar.imaging.ultrasound.levels import sharpened
from hepar.imaging.ultrasound.resampling import estimate, line_draws
from hepar.imaging.ultrasound.spectra import spectra
from us_phantoms import TALL, WIDE, phantom, plain, tone

Floats = np.ndarray[tuple[int, ...], np.dtype[np.float64]]


def white(
    seed: int = 0, *, lines: int = 64, sd: float = 0.5
) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    noise = np.random.default_rng(seed).standard_normal((2, lines, 1600), dtype=np.float32)
    return noise * np.float32(sd)


def test_white_noise_has_its_variance_at_every_frequency() -> None:
    found = spectra(plain(white()), box=Box((0, 60), (0, 63)), window_mm=4)
    inner = found.power[..., 2:-2]  # the first and last bins hold one real wave, not two
    assert inner.mean() == pytest.approx(0.25, rel=0.02)  # 2 x 64 lines x 58 windows: SD below 1 %
    assert inner.mean(axis=(0, 1)).std() / 0.25 < 0.05


def test_a_tone_peaks_at_its_frequency_in_every_window() -> None:
    found = spectra(tone(3.0), box=Box((5, 40), (0, 3)), window_mm=6)
    assert np.abs(found.frequency_mhz[found.power.argmax(axis=2)] - 3.0).max() <= found.frequency_mhz[1] / 2


def test_windows_lie_inside_the_box_and_overlap_as_asked() -> None:
    frames = tone(3.0)
    found = spectra(frames, box=Box((10, 30), (1, 2)), window_mm=4, overlap=0.5)
    assert found.power.shape[:2] == (found.depth_mm.size, 2)
    assert found.depth_mm[0] - 2 >= 10 - frames.sample_mm
    assert found.depth_mm[-1] + 2 <= 30 + frames.sample_mm
    assert np.diff(found.depth_mm) == pytest.approx(2.0, abs=frames.sample_mm)


def test_the_widening_by_the_window_is_the_variance_of_its_own_spectrum() -> None:
    taper = np.sin(np.pi * (np.arange(104) + 0.5) / 104) ** 2
    power = np.abs(np.fft.rfft(taper, 1 << 16)) ** 2
    frequency = np.fft.rfftfreq(1 << 16, 1 / 20)
    wide = np.sqrt((power * frequency**2).sum() / power.sum())
    found = spectra(tone(3.0), box=Box((5, 40), (0, 3)), window_mm=104 * 1.54 / 40)
    assert found.smear_mhz == pytest.approx(wide, rel=0.01)


def test_gain_and_time_gain_are_undone() -> None:
    frames = tone(3.0)
    gain = np.linspace(0, 20, frames.rf.shape[2], dtype=np.float32)
    loud = replace(frames, rf=frames.rf * 10 ** ((gain + 6) / 20), tgc_db=gain, gain_db=6.0)
    plain_power = spectra(frames, box=Box((5, 40), (0, 3))).power
    assert spectra(loud, box=Box((5, 40), (0, 3))).power == pytest.approx(plain_power, rel=1e-3, abs=1e-6)


def test_noise_of_a_phantom_is_that_of_the_probe() -> None:
    found = spectra(phantom(), box=TALL)
    level_db = 10 * np.log10(found.noise)
    assert (
        np.abs(level_db - WIDE.noise_db).max() < 1.0
    )  # a window's level comes from 96 lines x 12 bins: SD 0.13 dB
    assert found.usable.any(axis=1).all()


def test_frequencies_and_depths_under_the_noise_are_not_usable() -> None:
    loud = replace(phantom(), rf=(phantom().rf + 0).astype(np.float32))
    hiss = np.random.default_rng(3).standard_normal(loud.rf.shape, dtype=np.float32)
    assert loud.tgc_db is not None
    hiss *= np.float32(500 * 10 ** (-30 / 20)) * 10 ** (loud.tgc_db / 20)
    noisy = spectra(replace(loud, rf=loud.rf + hiss), box=TALL)
    clean = spectra(loud, box=TALL)
    assert (noisy.usable <= clean.usable).mean() > 0.99
    assert noisy.usable[-1].sum() < clean.usable[-1].sum() / 2


def test_a_recording_without_echo_gives_the_noise_where_there_is_one() -> None:
    echo, silent = white(sd=1.0), white(1, sd=0.1)
    box = Box((0, 60), (0, 63))
    found = spectra(plain(echo), box=box, silence=plain(silent))
    assert found.noise[:, 2:-2].mean() == pytest.approx(0.01, rel=0.03)
    with pytest.raises(DataError, match="fs_mhz"):
        spectra(plain(echo), box=box, silence=plain(silent, fs_mhz=25.0))


def test_signal_of_drawn_lines_is_their_mean_less_the_noise() -> None:
    found = spectra(phantom(), box=TALL)
    weights = np.zeros((1, 96))
    weights[0, :10] = 2
    expected = found.power[:, :10].mean(axis=1) - found.noise
    strong = found.usable
    assert found.signal(weights)[0][strong] == pytest.approx(expected[strong], rel=1e-4)


def test_the_smear_of_a_gaussian_spectrum_is_undone() -> None:
    frequency = np.linspace(1.5, 4.0, 40)
    depth = np.linspace(30.0, 80.0, 12)
    centre = 3.0 - 0.01 * (depth[:, None] - 30)

    def gauss(variance: float) -> Floats:
        made: Floats = -((frequency - centre) ** 2) / (2 * variance) - np.log(variance) / 2
        return made

    use = np.ones((12, 40), dtype=bool)
    made = sharpened(gauss(0.05 + 0.012)[None], frequency, depth_mm=depth, use=use, smear_mhz=np.sqrt(0.012))
    assert made[0] == pytest.approx(gauss(0.05), abs=1e-6)


def test_lines_that_look_alike_count_less_and_intervals_widen() -> None:
    rng = np.random.default_rng(0)
    apart = rng.exponential(size=(30, 90, 10)).astype(np.float32)
    alike = np.repeat(apart[:, ::5], 5, axis=1)
    free, tied = (line_draws(one, draws=300, rng=np.random.default_rng(1)) for one in (apart, alike))
    assert free.alike == pytest.approx(1.0, abs=0.2)
    assert 4 < tied.alike < 7
    spread = [
        estimate(one.weights @ power.mean(axis=(0, 2)) / 90, one).standard_error
        for one, power in ((free, apart), (tied, alike))
    ]
    assert spread[1] / spread[0] == pytest.approx(np.sqrt(5), rel=0.4)  # 18 of 90 lines are left


def test_impossible_settings_are_refused() -> None:
    box = Box((5, 40), (0, 3))
    with pytest.raises(ProtocolError, match=r"window_mm is 0\.5"):
        spectra(tone(3.0), box=box, window_mm=0.5)
    with pytest.raises(ProtocolError, match=r"overlap is 1\.0"):
        spectra(tone(3.0), box=box, overlap=1.0)
    with pytest.raises(ProtocolError, match=r"snr_db is -1\.0"):
        spectra(tone(3.0), box=box, snr_db=-1.0)


def test_a_region_without_room_or_outside_is_refused() -> None:
    with pytest.raises(DataError, match="no room for a window"):
        spectra(tone(3.0), box=Box((5, 7), (0, 3)))
    with pytest.raises(DataError, match="reaches out of the frame"):
        spectra(tone(3.0), box=Box((5, 70), (0, 3)))
