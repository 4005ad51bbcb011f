"""Every way in which a recording is spoilt is found and named, and a good one has no problem."""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import scipy.signal

from hepar.core.errors import DataError
from hepar.imaging.ultrasound.envelope import envelope
from hepar.imaging.ultrasound.frames import Box, RfFrames
from hepar.imaging.ultrasound.presets import same_preset
from hepar.imaging.ultrasound.quality import quality, refuse_unusable
from hepar.io.simulated_rf import frames_of
from hepar.phantom.ultrasound import PROBES, Medium, homogeneous
from us_frames import SMALL, recorded

TALL = replace(SMALL, samples=2200)
BOX = Box((20.0, 60.0), (4, 19))


@pytest.fixture(scope="module")
def good() -> RfFrames:
    return replace(recorded(probe=TALL, frames=2), regions={})


def _names(frames: RfFrames, reference: RfFrames | None = None) -> dict[str, str]:
    return {problem.name: problem.severity for problem in quality(frames, reference, box=BOX).problems}


def _with(
    frames: RfFrames, change: Callable[[np.ndarray[tuple[int, ...], np.dtype[np.float32]]], object]
) -> RfFrames:
    rf = frames.rf.astype(np.float32)
    made = np.asarray(change(rf))
    kind = np.int16 if frames.rf.dtype == np.int16 else np.float32
    return replace(frames, rf=np.clip(np.rint(made), -32767, 32767).astype(kind))


def test_a_good_recording_has_no_problem_and_tells_what_it_holds(good: RfFrames) -> None:
    found = refuse_unusable(good, recorded(probe=TALL, seed=5), box=BOX)
    assert found.problems == ()
    assert found.usable
    assert found.band is not None
    assert found.band.low_mhz < found.band.peak_mhz < found.band.high_mhz
    assert 2.3 < found.band.peak_mhz < 4.2
    assert found.band.bandwidth == pytest.approx(0.65, abs=0.15)
    assert found.noise_slope_db_cm == pytest.approx(0, abs=0.3)
    assert found.independent_frames == pytest.approx(2, rel=0.05)
    assert found.counts.clipped == 0
    assert found.counts.offset_share < 0.01


def test_echo_over_noise_is_what_was_simulated() -> None:
    """Each dB of noise is a dB less."""
    loud, louder = (
        quality(recorded(probe=replace(TALL, noise_db=level), seed=3), box=BOX) for level in (-32.0, -22.0)
    )
    assert loud.snr_at(40.0, 3.3) - louder.snr_at(40.0, 3.3) == pytest.approx(10, abs=1.5)
    assert loud.snr_at(60.0, 3.3) > loud.snr_at(60.0, 8.0) + 15
    assert louder.penetration_mm < loud.penetration_mm - 5


@pytest.mark.parametrize("share", [0.5, 0.02])
def test_clipped_echoes_are_refused(good: RfFrames, share: float) -> None:
    """At the ends of the converter, and at any other largest value, in counts or in other numbers."""
    level = float(np.quantile(np.abs(good.rf), 1 - share))
    at_full_scale = _with(good, lambda rf: rf * (40000 / level))
    below = _with(good, lambda rf: np.clip(rf, -level, level))
    floating = replace(below, rf=below.rf.astype(np.float32) * np.float32(1e-4))
    for spoilt in (at_full_scale, below, floating):
        assert _names(spoilt)["clipped"] == "refuse"
        assert quality(spoilt, box=BOX).counts.clipped > share / 4
    with pytest.raises(DataError, match=r"are clipped at .* lower the gain"):
        refuse_unusable(below, box=BOX)


def test_clipping_above_the_region_is_said_but_not_refused(good: RfFrames) -> None:
    rf = good.rf.copy()
    rf[..., :60] = 32767
    assert _names(replace(good, rf=rf))["clipped"] == "warn"


@pytest.mark.parametrize("bandwidth", [0.7, None])
@pytest.mark.parametrize("told", [8.0, 30.0, 40.0])
def test_a_wrong_sampling_rate_is_refused_for_the_width_of_the_band_or_doubted_for_its_peak(
    good: RfFrames, told: float, bandwidth: float | None
) -> None:
    """Gain is flat here, so that nothing but the band can give it away."""
    rf = good.without_gain() * np.float32(500)
    wrong = replace(good, fs_mhz=told, rf=rf, tgc_db=np.zeros(2200), gain_db=0.0, bandwidth=bandwidth)
    box = Box((20.0 * 20 / told, 60.0 * 20 / told), (4, 19))
    found = {problem.name: problem for problem in quality(wrong, box=box).problems}
    if bandwidth is None:
        assert "the sampling rate is wrong" in found["peak outside the band"].message
        return
    assert found["other frequencies"].severity == "refuse"
    fits = re.search(r"wrong \((\S+) MHz in place of", found["other frequencies"].message)
    assert fits is not None
    assert float(fits[1]) == pytest.approx(20, rel=0.15)


@pytest.mark.parametrize(("told", "severity"), [(20.0, "refuse"), (18.5, "warn"), (15.0, "")])
def test_a_narrow_band_gives_away_a_smaller_mistake(told: float, severity: str) -> None:
    probe = replace(PROBES["convex_narrow"], lines=24, samples=1700, span=8.0)
    frames = replace(recorded(probe=probe), regions={})
    assert _names(replace(frames, fs_mhz=told)).get("other frequencies", "") == severity


def test_attenuation_and_noise_are_no_wrong_sampling_rate() -> None:
    """Both take the high frequencies of deep echoes."""
    fatty = homogeneous(PROBES["convex"], Medium(1.1, 0, 80, 40), rng=np.random.default_rng(0))
    frames = replace(frames_of(fatty, scanner="A", site="SIM"), regions={})
    for box in (Box((20.0, 40.0), (0, 95)), Box((60.0, 80.0), (30, 60))):
        names = {problem.name for problem in quality(frames, box=box).problems}
        assert not names & {"other frequencies", "peak outside the band"}


def test_lines_in_a_shadow_are_doubted_wherever_the_region_lies(good: RfFrames) -> None:
    shade = np.where(np.arange(24) < 8, 0.25, 1.0)[:, None]
    shadowed = _with(good, lambda rf: rf * shade)
    found = quality(shadowed, box=BOX)
    assert found.counts.shadowed_lines == (4, 5, 6, 7)
    assert found.counts.shadow_db == pytest.approx(12, abs=2)
    assert found.usable
    said = next(problem.message for problem in found.problems if problem.name == "shadowed lines")
    assert "lines 4, 5, 6, 7, 25% of the region's, lie 1" in said
    inside = quality(shadowed, box=Box((20.0, 60.0), (0, 6)))
    assert inside.counts.shadowed_lines == (0, 1, 2, 3, 4, 5, 6)
    assert not quality(good, box=BOX).counts.shadowed_lines


def test_an_offset_is_found_and_a_large_one_refused(good: RfFrames) -> None:
    typical = float(good.rf.std())
    small, large = _with(good, lambda rf: rf + 0.5 * typical), _with(good, lambda rf: rf + 4 * typical)
    assert _names(small)["offset"] == "warn"
    assert _names(large)["offset"] == "refuse"
    assert quality(small, box=BOX).counts.offset == pytest.approx(0.5 * typical, rel=0.01)
    assert "demodulated" not in _names(large)


def test_empty_and_repeated_frames_are_named(good: RfFrames) -> None:
    rf = np.stack((good.rf[0], np.zeros_like(good.rf[0]), good.rf[1], good.rf[1]))
    found = quality(replace(good, rf=rf, frame_times_ms=None), box=BOX)
    assert found.counts.empty_frames == (1,)
    assert found.counts.repeated_frames == (3,)
    with pytest.raises(DataError, match="frame 1 holds one value alone"):
        refuse_unusable(replace(good, rf=rf, frame_times_ms=None), box=BOX)
    silent = replace(good, rf=np.zeros_like(good.rf))
    assert {"empty frames", "beyond the noise floor"} <= set(_names(silent))


def test_dead_lines_are_named_and_many_are_refused(good: RfFrames) -> None:
    weak = good.rf.copy()
    weak[:, 7] = 0
    weak[:, 12] = (weak[:, 12] * 0.02).astype(np.int16)
    assert quality(replace(good, rf=weak), box=BOX).counts.dead_lines == (7, 12)
    assert _names(replace(good, rf=weak))["dead lines"] == "warn"
    weak[:, 8:11] = 0
    assert _names(replace(good, rf=weak))["dead lines"] == "refuse"
    with pytest.raises(DataError, match=r"lines 7, 8, 9, 10, 12 hold no echo, 5 of them in the region"):
        refuse_unusable(replace(good, rf=weak), box=BOX)


def test_elements_that_the_beamformer_left_out_are_told(good: RfFrames) -> None:
    found = quality(replace(good, more={**good.more, "dead_elements": 43.0}), box=BOX)
    assert [(one.name, one.severity) for one in found.problems] == [("dead elements", "warn")]
    assert found.problems[0].message.startswith("43 elements hold no echo and are left out")


def test_a_run_of_lines_that_hold_one_value_is_dead_and_no_shadow(good: RfFrames) -> None:
    for offset in (0, 40):
        silent = good.rf + np.int16(offset)
        silent[:, 4:12] = offset
        found = quality(replace(good, rf=silent), box=BOX)
        assert set(range(4, 12)) <= set(found.counts.dead_lines)
        assert not found.usable


def test_values_that_are_not_finite_never_become_frames(good: RfFrames) -> None:
    rf = good.rf.astype(np.float32)
    rf[0, 3, 7] = np.nan
    with pytest.raises(DataError, match="not finite"):
        replace(good, rf=rf)


def test_time_gain_that_was_not_undone_shows_in_the_noise(good: RfFrames) -> None:
    """A receiver's noise is the same at all depths; 3.5 dB/cm stay in when the recording tells 0."""
    assert good.tgc_db is not None
    silent_about_it = replace(good, tgc_db=np.zeros(2200, dtype=np.float32))
    assert quality(silent_about_it, box=BOX).noise_slope_db_cm == pytest.approx(3.5, abs=0.4)
    with pytest.raises(
        DataError, match=r"noise rises by 3\.\d dB/cm after undoing a time gain of 0\.0 dB/cm"
    ):
        refuse_unusable(silent_about_it, box=BOX)
    half = replace(good, tgc_db=good.tgc_db / 2)
    assert _names(half) == {"time gain not undone": "refuse"}


def test_time_gain_that_never_was_applied_shows_in_the_noise(good: RfFrames) -> None:
    raw = replace(good, rf=good.without_gain(), scale=1.0, gain_db=0.0)
    assert _names(raw)["time gain not applied"] == "refuse"
    assert _names(replace(raw, tgc_db=np.zeros(2200))) == {}


@pytest.mark.parametrize(("times", "severity"), [(1.0, ""), (1.4, "warn"), (2.0, "refuse")])
def test_more_time_gain_than_is_in_the_echoes_shows_in_the_noise(
    good: RfFrames, times: float, severity: str
) -> None:
    """Undoing 3.5 dB/cm too much would add half a dB/cm/MHz to attenuation."""
    assert good.tgc_db is not None
    names = _names(replace(good, tgc_db=good.tgc_db * times))
    assert names.get("time gain overstated", "") == severity


def test_depths_at_which_nothing_was_recorded_are_doubted_or_refused(good: RfFrames) -> None:
    blank = good.rf.copy()
    blank[..., 1400:] = 0
    assert _names(replace(good, rf=blank))["blank depths"] == "refuse"
    first = good.rf.copy()
    first[..., : round(22 / good.sample_mm)] = 5
    assert _names(replace(good, rf=first))["blank depths"] == "warn"


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"c_mm_us": 1540.0}, "1.54 in soft tissue"),
        ({"gain_db": float("nan")}, "gain_db holds values that are not finite"),
        ({"gain_db": -400.0}, "dB; -300 to 120 are allowed"),
        ({"rf": np.full((2, 24, 2200), 1e30, dtype=np.float32)}, "order of bytes"),
    ],
)
def test_numbers_that_no_recording_has_are_refused(
    good: RfFrames, changed: dict[str, Any], says: str
) -> None:
    """A unit, a scale or an order of bytes that was mistaken."""
    with pytest.raises(DataError, match=re.escape(says)):
        replace(good, **changed).without_gain()


def test_unknown_time_gain_leaves_estimates_without_gain(good: RfFrames) -> None:
    found = quality(replace(good, tgc_db=None), box=BOX)
    assert found.usable
    assert found.has("time gain unknown")
    assert "only estimates that need no gain" in found.problems[0].message


def test_a_region_beyond_the_noise_floor_is_refused_and_one_that_reaches_into_it_is_doubted() -> None:
    noisy = recorded(probe=replace(TALL, noise_db=-22.0))
    reach = quality(noisy).penetration_mm
    assert 25 < reach < 65

    def severity(box: Box) -> str:
        found = quality(noisy, box=box)
        return next((p.severity for p in found.problems if p.name == "beyond the noise floor"), "none")

    assert severity(Box((10.0, reach - 8), (0, 23))) == "none"
    assert severity(Box((reach - 30, reach + 10), (0, 23))) == "warn"
    assert severity(Box((reach + 5, 80.0), (0, 23))) == "refuse"


def test_a_region_outside_the_frame_is_refused(good: RfFrames) -> None:
    for box in (Box((20.0, 200.0), (0, 5)), Box((20.0, 40.0), (0, 24))):
        with pytest.raises(DataError, match="reaches out of the frame"):
            quality(good, box=box)


def test_demodulated_data_and_pictures_are_no_radio_frequency(good: RfFrames) -> None:
    time = np.arange(2200) / 20
    mixed = scipy.signal.hilbert(good.rf.astype(float), axis=-1) * np.exp(-2j * np.pi * 3.5 * time)
    in_phase = _with(good, lambda rf: mixed.real)
    assert _names(in_phase)["demodulated"] == "refuse"
    picture = _with(good, lambda rf: envelope(rf))
    assert _names(picture)["no radio frequency"] == "refuse"
    with pytest.raises(DataError, match="no value is below 0"):
        refuse_unusable(picture, box=BOX)


def test_few_counts_and_another_bandwidth_are_said(good: RfFrames) -> None:
    coarse = _with(good, lambda rf: rf * (20 / np.abs(rf).max()))
    assert _names(coarse)["coarse"] == "warn"
    assert "clipped" not in _names(coarse)
    assert _names(replace(good, bandwidth=0.2))["other bandwidth"] == "warn"
    assert _names(replace(good, bandwidth=None)) == {}


def test_frames_of_a_held_probe_are_counted_as_what_they_tell(good: RfFrames) -> None:
    noise = np.random.default_rng(0).permutation(good.rf[1], axis=0)
    held = np.stack([good.rf[0], 0.975 * good.rf[0] + 0.222 * noise]).astype(np.int16)
    found = quality(replace(good, rf=held), box=BOX)
    assert found.frame_correlation == pytest.approx(0.975, abs=0.01)
    assert found.independent_frames < 1.1
    assert not found.has("repeated frames")
    many = quality(replace(good, rf=np.repeat(held[:1], 3, axis=0), frame_times_ms=None), box=BOX)
    assert many.has("few independent frames")
    assert many.usable


def test_a_phantom_of_another_preset_or_depth_is_refused(good: RfFrames) -> None:
    other = replace(good, preset="other", fc_mhz=3.0, more={**good.more, "focus_mm": 80.0})
    found = quality(good, other, box=BOX)
    assert [problem.name for problem in found.problems] == ["another preset"]
    for text in ("fc_mhz 3.5 against 3", "preset 'convex' against 'other'", "focus_mm 60 against 80"):
        assert text in found.problems[0].message
    assert _names(good, recorded(probe=replace(TALL, samples=1300)))["shallow reference"] == "refuse"


@pytest.mark.parametrize(
    ("spoilt", "name"),
    [
        (lambda rf: np.clip(rf * 40, -3000, 3000), "phantom: clipped"),
        (lambda rf: np.where(np.arange(24)[:, None] % 3, rf, 0), "phantom: dead lines"),
        (lambda rf: rf + 4 * rf.std(), "phantom: offset"),
        (abs, "phantom: no radio frequency"),
    ],
)
def test_a_phantom_that_is_spoilt_itself_is_refused(good: RfFrames, spoilt: Any, name: str) -> None:
    phantom = recorded(probe=TALL, seed=5)
    assert not quality(good, phantom, box=BOX).problems
    found = quality(good, _with(phantom, spoilt), box=BOX)
    refused = {one.name: one.message for one in found.problems if one.severity == "refuse"}
    assert refused[name].startswith("the reference phantom: ")


def test_whatever_changes_the_transducer_makes_another_preset(good: RfFrames) -> None:
    changed = {
        "fs_mhz": replace(good, fs_mhz=25.0),
        "bandwidth": replace(good, bandwidth=0.5),
        "start_mm": replace(good, start_mm=1.0),
        "geometry": replace(good, geometry="phased"),
        "device": replace(good, device="another"),
    }
    for name, other in changed.items():
        assert same_preset(other, good)[0].startswith(name)


def test_unknown_time_gain_is_no_other_preset_and_doubted_on_either_side(good: RfFrames) -> None:
    unknown = replace(good, tgc_db=None)
    assert same_preset(unknown, good) == same_preset(good, unknown) == ()
    assert _names(unknown, good) == {"time gain unknown": "warn"}
    assert _names(good, unknown) == {"time gain of the phantom unknown": "warn"}


def test_lines_that_lie_elsewhere_make_another_preset(good: RfFrames) -> None:
    wider = replace(good, line_angle_deg=good.line_angle_deg * np.float32(1.1))
    assert "lines lie up to 0.75 degrees" in same_preset(wider, good)[0]
    assert same_preset(recorded(probe=replace(TALL, lines=30)), good)[-1] == "30 lines against 24"


def test_gain_depth_and_untold_settings_do_not_make_another_preset(good: RfFrames) -> None:
    assert good.tgc_db is not None
    changed = replace(
        good,
        more={**good.more, "power_db": -3.0},
        rf=good.rf[..., :1500],
        tgc_db=good.tgc_db[:1500] + 3,
        gain_db=7.0,
        bandwidth=None,
        device="",
        regions={},
    )
    assert same_preset(changed, replace(good, more={**good.more, "power_db": 0.0})) == ()
