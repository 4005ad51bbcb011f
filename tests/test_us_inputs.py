"""Inputs of networks: one grid for every probe, gain-free, and equal to what is displayed."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from hepar.core.errors import DataError, ProtocolError
from hepar.imaging.ultrasound.bmode import compressed, pooled
from hepar.imaging.ultrasound.frames import Box, RfFrames
from hepar.imaging.ultrasound.inputs import (
    FREQUENCIES,
    Grid,
    log_envelope,
    peak,
    picture,
    place,
    raw_lines,
    some_frames,
    spectrogram,
    widened,
)

GRID = Grid(height_mm=16.0, width_mm=20.0)
BOX = Box((10.0, 26.0), (4, 35))
MAKERS = (spectrogram, log_envelope, picture, raw_lines)


def recording(
    rf: NDArray[Any] | None = None,
    *,
    fs_mhz: float = 20.0,
    lines: int = 40,
    pitch_mm: float = 0.8,
    tgc: bool = False,
    seed: int = 0,
) -> RfFrames:
    """A linear probe on noise of one band, or on `rf`."""
    samples = round(40.0 / (1.54 / (2 * fs_mhz)))
    if rf is None:
        noise = np.random.default_rng(seed).standard_normal((2, lines, samples))
        rf = np.apply_along_axis(np.convolve, 2, noise, [1, 0.3, -0.8, -0.3, 0.4], mode="same")
    count = rf.shape[1]
    return RfFrames(
        rf=rf.astype(np.float32),
        fs_mhz=fs_mhz,
        fc_mhz=3.5,
        c_mm_us=1.54,
        geometry="linear",
        line_angle_deg=np.zeros(count),
        line_origin_mm=np.stack(((np.arange(count) - (count - 1) / 2) * pitch_mm, np.zeros(count)), axis=1),
        start_mm=0.0,
        tgc_db=np.linspace(0, 12, rf.shape[2]) if tgc else None,
        gain_db=3.0 if tgc else None,
        preset="test",
    )


def with_gain(frames: RfFrames, *, told: bool) -> RfFrames:
    """The same echoes under 15 dB more gain and a time gain that rises by 20 dB in waves."""
    depth = np.linspace(0, 1, frames.rf.shape[2])
    added = 20 * depth + 3 * np.sin(9 * depth)
    rf = (frames.rf * 10 ** ((15 + added) / 20)).astype(np.float32)
    return replace(frames, rf=rf, tgc_db=added if told else None, gain_db=15.0 if told else None)


@pytest.mark.parametrize("maker", MAKERS)
def test_recordings_of_different_probes_have_one_shape(maker: Any) -> None:
    shapes = {
        maker(
            recording(fs_mhz=fs, lines=lines, pitch_mm=32 / lines),
            Box((10.0, 26.0), (0, lines - 1)),
            grid=GRID,
        ).shape
        for fs, lines in ((15.0, 96), (20.0, 40), (40.0, 64))
    }
    assert len(shapes) == 1


def test_the_shapes_are_those_of_the_grid() -> None:
    assert spectrogram(recording(), BOX, grid=GRID).shape == (2, FREQUENCIES, 4, 8)
    assert log_envelope(recording(), BOX, grid=GRID).shape == (2, 1, 16, 64)
    assert picture(recording(), BOX, grid=GRID).shape == (2, 1, 16, 64)
    assert raw_lines(recording(), BOX, grid=GRID).shape == (2, 1, 8, 512)


@pytest.mark.parametrize("maker", [spectrogram, log_envelope, raw_lines])
@pytest.mark.parametrize("told", [False, True])
def test_neither_known_nor_unknown_gain_changes_radio_frequency_inputs(maker: Any, told: bool) -> None:
    plain = maker(recording(), BOX, grid=GRID).astype(float)
    changed = maker(with_gain(recording(), told=told), BOX, grid=GRID).astype(float)
    # 16-bit floats are exact to 2^-11; unknown time gain still slopes by 2 dB within a window of 4 mm
    tolerance = 0.002 if told else 0.03
    assert np.sqrt(np.mean((plain - changed) ** 2)) < tolerance * plain.std()


def test_gain_changes_the_picture_as_it_changes_the_display() -> None:
    plain = replace(recording(), rf=(recording().rf * 1000).astype(np.int16))
    louder = replace(plain, rf=(plain.rf * 2).astype(np.int16))
    rise = picture(louder, BOX, grid=GRID).astype(float) - picture(plain, BOX, grid=GRID).astype(float)
    assert np.median(rise) == pytest.approx(20 * np.log10(2) * 255 / 80, abs=0.5)


def test_the_picture_holds_pixels_of_the_display_and_no_others() -> None:
    frames = recording()
    shown = compressed(frames, dynamic_range_db=80.0)
    every = pooled(frames)
    found = picture(frames, BOX, grid=GRID)[0, 0]
    # the 5th row of cells is 10 + 4.5 x 0.25 = 11.125 mm deep; a line next to 1.25 x (0.5 - 8) mm from the middle
    row = round((11.125 - (every - 1) / 2 * frames.sample_mm) / (every * frames.sample_mm))
    middle = (4 + 35) / 2
    line = round(middle - 7.5 * 1.25 / 0.8)
    assert found[0, 4] == shown[0, line, row]
    assert np.isin(found[np.isfinite(found)], shown).all()


def test_a_tone_shows_at_its_own_frequency_and_level() -> None:
    samples = recording().rf.shape[2]
    tone = np.sin(2 * np.pi * 3.0 * np.arange(samples) / 20.0)
    frames = recording(np.broadcast_to(tone, (1, 40, samples)))
    found = spectrogram(frames, BOX, grid=GRID).astype(float)[0]
    strongest = GRID.frequency_mhz[found.mean(axis=(1, 2)).argmax()]
    assert strongest == pytest.approx(3.0, abs=(6.25 - 1.25) / 23 / 2)


def test_attenuation_is_left_in_the_interaction_of_frequency_and_depth() -> None:
    depth_cm = np.arange(recording().rf.shape[2]) * recording().sample_mm / 10
    low, high = (np.sin(2 * np.pi * f * np.arange(len(depth_cm)) / 20.0) for f in (2.0, 4.0))
    falling = low * 10 ** (-2 * 0.7 * 2.0 * depth_cm / 20) + high * 10 ** (-2 * 0.7 * 4.0 * depth_cm / 20)
    frames = recording(np.broadcast_to(falling, (1, 40, len(depth_cm))))
    found = spectrogram(frames, BOX, grid=GRID).astype(float)[0].mean(axis=1)
    at = [int(np.abs(GRID.frequency_mhz - f).argmin()) for f in (2.0, 4.0)]
    per_cm = np.polyfit(GRID.along_mm(2.0) / 10, (found[at[1]] - found[at[0]]) * 10 / np.log(10), 1)[0]
    # 2 x 0.7 dB/cm/MHz x 2 MHz; the windows of the two tones leak into one another a little
    assert per_cm == pytest.approx(-2.8, abs=0.1)


def test_a_phantom_of_the_same_echoes_leaves_nothing_but_chance() -> None:
    frames, phantom = recording(), recording(seed=9)
    alone = spectrogram(frames, BOX, grid=GRID).astype(float)
    divided = spectrogram(frames, BOX, grid=GRID, phantom=phantom).astype(float)
    assert alone.mean(axis=(0, 2, 3)).std() > 0.7
    # 2 x 6 lines to a group and 8 windows that overlap: an error of 0.15 or so is chance
    assert divided.mean(axis=(0, 2, 3)).std() < 0.2


def test_a_phantom_by_another_preset_is_refused() -> None:
    other = replace(recording(), preset="other")
    with pytest.raises(DataError, match="was not recorded as the recording was: preset"):
        spectrogram(recording(), BOX, grid=GRID, phantom=other)
    with pytest.raises(DataError, match="reaches 39 mm"):
        spectrogram(
            recording(),
            Box((10.0, 39.0), (0, 39)),
            grid=GRID,
            phantom=replace(recording(), rf=recording().rf[..., :800].copy()),
        )


def test_the_decay_is_kept_where_time_gain_is_known_and_refused_where_not() -> None:
    kept = spectrogram(recording(tgc=True), BOX, grid=GRID, keep_decay=True).astype(float)
    fall = np.diff(kept.mean(axis=(0, 1, 2)))
    # 12 dB over 40 mm of echoes that did not decay: undone, they fall by 1.2 dB in 4 mm
    assert fall.sum() == pytest.approx(-12 / 40 * 14 * np.log(10) / 10, abs=0.15)
    with pytest.raises(DataError, match="keep_decay: false"):
        spectrogram(recording(), BOX, grid=GRID, keep_decay=True)


def test_cells_beyond_the_region_are_not_a_number() -> None:
    small = Box((10.0, 18.0), (15, 24))
    for maker in MAKERS:
        found = maker(recording(), small, grid=GRID)
        half = found.shape[-1] // 2
        assert np.isnan(found[..., half:]).all()
        assert np.isnan(found[..., 0, :]).all()
        assert np.isfinite(found[..., found.shape[-2] // 2, : half - 1]).all()


def test_frequencies_beyond_half_the_sampling_rate_are_not_a_number() -> None:
    found = spectrogram(recording(fs_mhz=10.0), BOX, grid=GRID)
    assert np.isnan(found[:, GRID.frequency_mhz >= 5.0]).all()
    assert np.isfinite(found[:, GRID.frequency_mhz < 5.0]).all()


def test_raw_lines_are_the_samples_where_the_grids_meet() -> None:
    depth_mm = np.arange(recording().rf.shape[2]) * recording().sample_mm
    wave = np.cos(2 * np.pi * depth_mm / 0.44)
    found = raw_lines(recording(np.broadcast_to(wave, (1, 40, len(wave)))), BOX, grid=GRID).astype(float)
    wanted = np.cos(2 * np.pi * (10 + GRID.along_mm(1 / 32)) / 0.44) * np.sqrt(2)
    np.testing.assert_allclose(found[0, 0, 3], wanted, atol=0.03)


def test_a_cell_of_attention_has_its_depth_and_its_line() -> None:
    attention = np.zeros((4, 8))
    attention[3, 1] = 1
    depth_mm, line = peak(attention, frames=recording(), box=BOX, grid=GRID)
    assert depth_mm == pytest.approx(10 + 1.5 * 2)
    # the middle of the last of 4 groups of 5 mm lies 7.5 mm from the middle of the box, line 19.5
    assert line == pytest.approx(19.5 + 7.5 / 0.8)
    assert place(recording(), BOX, grid=GRID, cell=(0.5, 0.0)) == pytest.approx((10.0, 19.5))


def test_frames_are_spread_over_the_recording() -> None:
    many = replace(
        recording(),
        rf=np.repeat(recording().rf[:1], 9, axis=0) * np.arange(1, 10, dtype=np.float32)[:, None, None],
    )
    few = some_frames(many, 3)
    np.testing.assert_array_equal(few.rf[:, 0, 0] / many.rf[0, 0, 0], [2, 5, 8])
    assert some_frames(many, 20) is many


def test_a_margin_ends_at_the_frame() -> None:
    wide = widened(recording(), Box((10.0, 20.0), (2, 20)), 4.0)
    assert wide.depth_mm == (6.0, 24.0)
    assert wide.lines == (0, 25)


def test_what_is_no_grid_is_refused() -> None:
    for wrong in ({"height_mm": 20.0}, {"width_mm": 3.0}, {"low_mhz": 7.0}, {"low_mhz": -1.0}):
        with pytest.raises(ProtocolError, match=next(iter(wrong))):
            Grid(**wrong)


def test_a_silent_frame_is_refused() -> None:
    half = recording().rf.copy()
    half[1] = 0
    for maker in (spectrogram, log_envelope, raw_lines, picture):
        with pytest.raises(DataError, match="frame 1 holds nothing but zeros"):
            maker(recording(half), BOX, grid=GRID)


@pytest.mark.parametrize("maker", MAKERS)
def test_one_echo_where_no_cell_looks_raises_no_warning(maker: Any) -> None:
    alone = np.zeros_like(recording().rf)
    alone[:, 4, round(BOX.depth_mm[1] / recording().sample_mm) - 1] = 1
    found = maker(recording(alone), BOX, grid=GRID)
    assert not np.isinf(found).any()


def test_a_region_that_no_cell_meets_is_refused() -> None:
    with pytest.raises(DataError, match="no cell of the grid"):
        spectrogram(recording(), Box((10.0, 10.5), (4, 35)), grid=GRID)
