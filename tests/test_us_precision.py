"""Expected precision of attenuation: against simulated phantoms measured many times, and what is said of it."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from hepar.core.errors import DataError, ProtocolError
from hepar.imaging.ultrasound.frames import Box, RfFrames
from hepar.imaging.ultrasound.independence import frame_correlation, independent_frames, independent_lines
from hepar.imaging.ultrasound.precision import (
    Precision,
    alike,
    expected_precision,
    precision_of,
    refuse_imprecise,
)
from hepar.imaging.ultrasound.spectra import spectra
from hepar.phantom.ultrasound import PROBES, Probe
from us_frames import recorded, sector

FACTOR = 1.35
"""Between expected and found; the standard deviation of 32 draws is itself within 25 % nineteen times in twenty."""
WIDE = {"fc_mhz": 3.5, "bandwidth": 0.7, "fs_mhz": 20.0}
NARROW = {"fc_mhz": 2.5, "bandwidth": 0.25, "fs_mhz": 15.0}


def _probe(name: str, *, depth_mm: tuple[float, float]) -> Probe:
    whole = PROBES[name]
    samples = int((depth_mm[1] - depth_mm[0] + 4) / whole.sample_mm)
    return replace(whole, start_mm=depth_mm[0] - 2, samples=max(samples, 256), noise_db=-110)


def _measured(
    frames: RfFrames, reference: RfFrames, *, box: Box, band: tuple[float, float]
) -> NDArray[np.float64]:
    """Attenuation less the reference's by slope over depth, and by the interaction of depth and frequency."""
    found, known = (
        spectra(one, box=place) for one, place in ((frames, box), (reference, _wide(reference, box)))
    )
    use = (found.frequency_mhz >= band[0] - 1e-6) & (found.frequency_mhz <= band[1] + 1e-6)
    level = 10 * np.log10(found.signal()[:, use] / known.signal()[:, use])
    f, z = found.frequency_mhz[use], found.depth_mm / 10
    shapes = (np.outer(z - z.mean(), f), np.outer(z - z.mean(), f - f.mean()))
    return np.array([-(level * shape).sum() / (2 * (shape**2).sum()) for shape in shapes])


def _wide(frames: RfFrames, box: Box) -> Box:
    return Box(box.depth_mm, (0, frames.rf.shape[1] - 1))


@pytest.mark.parametrize(
    ("name", "depth_mm", "group", "count"),
    [("convex", (30.0, 70.0), 24, 8), ("convex_narrow", (30.0, 46.0), 24, 4)],
)
def test_repeated_measurements_scatter_as_expected(
    name: str, depth_mm: tuple[float, float], group: int, count: int
) -> None:
    probe = _probe(name, depth_mm=depth_mm)
    frames, reference = recorded(probe=probe, seed=1, frames=count), recorded(probe=probe, seed=2, frames=4)
    boxes = [Box(depth_mm, (k, k + group - 1)) for k in range(0, probe.lines, group)]
    expected = expected_precision(
        fc_mhz=probe.fc_mhz,
        bandwidth=probe.bandwidth,
        fs_mhz=probe.fs_mhz,
        lines=group,
        depth_mm=depth_mm,
        independent_lines=float(np.mean([independent_lines(frames, box=box) for box in boxes])),
        reference_spectra=4 * independent_lines(reference),
    )
    found = np.array([
        _measured(replace(frames, rf=rf[None], frame_times_ms=None), reference, box=box, band=expected.band_mhz)
        for rf in frames.rf for box in boxes
    ])  # fmt: skip
    assert len(found) == 32
    sd = found.std(axis=0, ddof=1)
    assert expected.reference_phantom / FACTOR < sd[0] < expected.reference_phantom * FACTOR
    own = (probe.fc_mhz * probe.bandwidth) ** 2 / (2 * 8 * np.log(2))
    widened = 1 + (1.54 / 8) ** 2 / 3 / own
    assert expected.gain_free / FACTOR < sd[1] * widened < expected.gain_free * FACTOR


@pytest.mark.parametrize(
    ("probe", "lines", "depth_mm", "by_reference", "by_shift"),
    [
        (WIDE, 96, (30.0, 80.0), 0.004, 0.024),
        (NARROW, 96, (30.0, 80.0), 0.014, 0.088),
        (NARROW, 96, (30.0, 60.0), 0.031, 0.170),
        (NARROW, 24, (30.0, 46.0), 0.158, 1.02),
    ],
)
def test_it_agrees_with_an_earlier_simulation_by_other_estimators(
    probe: dict[str, float], lines: int, depth_mm: tuple[float, float], by_reference: float, by_shift: float
) -> None:
    """24 phantoms each; another band and another shift (the centroid's), so within a factor of 3."""
    found = expected_precision(
        fc_mhz=probe["fc_mhz"], bandwidth=probe["bandwidth"], fs_mhz=probe["fs_mhz"], lines=lines,
        depth_mm=depth_mm, reference_spectra=4.0 * lines,
    )  # fmt: skip
    assert by_reference / 3 < found.reference_phantom < by_reference * 3
    assert by_shift / 3 < found.spectral_shift < by_shift * 3


def _expected(**changed: float) -> Precision:
    return expected_precision(
        fc_mhz=3.5, bandwidth=0.7, fs_mhz=20.0, lines=48, depth_mm=(30.0, 30.0 + changed.pop("tall", 40.0)),
        **changed,
    )  # fmt: skip


def test_more_spectra_help_by_the_root_and_height_by_more() -> None:
    one = _expected()
    assert _expected(independent_frames=4.0).sd() == pytest.approx(one.sd() / 2, rel=0.01)
    assert _expected(reference_spectra=48.0).sd() == pytest.approx(one.sd() * np.sqrt(2))
    assert _expected(reference_spectra=48.0).sd("spectral_shift") == one.sd("spectral_shift")
    assert one.sd() / _expected(tall=80.0).sd() == pytest.approx(2**1.5, rel=0.2)
    assert _expected(snr_db=15.0).sd() > 1.3 * one.sd()
    assert one.reference_phantom < one.spectral_shift <= one.gain_free


def test_lines_within_one_beam_tell_little_more_than_one() -> None:
    close = _expected(line_spacing_mm=0.1, beam_mm=1.5)
    far = _expected(line_spacing_mm=3.0, beam_mm=1.5)
    assert far.spectra == pytest.approx(48, rel=0.01)
    assert close.spectra < 6
    assert alike(10_000, spacing_mm=0.1, beam_mm=1.5) == pytest.approx(
        1.5 * 10 * np.sqrt(2 * np.pi / (8 * np.log(2))), rel=0.01
    )


def test_few_lines_of_a_narrow_band_cannot_measure_attenuation_and_that_is_said() -> None:
    small = expected_precision(
        fc_mhz=2.5, bandwidth=0.25, fs_mhz=15.0, lines=24, depth_mm=(30.0, 46.0), independent_lines=15.0
    )
    assert not small.enough()
    with pytest.raises(
        DataError, match=r"24 lines \(15 independent spectra\) .* over 16 mm cannot measure attenuation"
    ):
        refuse_imprecise(small)
    many = (small.sd() / 0.1) ** 2
    assert f"record {many:.1f} times as many" in small.advice()
    large = expected_precision(fc_mhz=3.5, bandwidth=0.7, fs_mhz=20.0, lines=96, depth_mm=(30.0, 80.0))
    assert large.enough()
    assert " can measure attenuation" in large.advice()
    refuse_imprecise(large)
    refuse_imprecise(small, limit=1.0)


def test_the_remedies_that_are_named_suffice() -> None:
    settings = {"fc_mhz": 2.5, "bandwidth": 0.25, "fs_mhz": 15.0}
    small = _narrow(settings, lines=24, tall=16.0)
    more = (small.sd() / 0.1) ** 2
    assert _narrow(settings, lines=round(24 * more + 1), tall=16.0).enough()
    assert _narrow(settings, lines=24, tall=16 * more ** (1 / 3)).enough()


def _narrow(settings: dict[str, float], *, lines: int, tall: float) -> Precision:
    return expected_precision(
        fc_mhz=settings["fc_mhz"], bandwidth=settings["bandwidth"], fs_mhz=settings["fs_mhz"], lines=lines,
        depth_mm=(30.0, 30.0 + tall), independent_lines=lines * 0.6,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"tall": 5.0}, "fewer than 4 windows"),
        ({"snr_db": 8.0}, "take a shallower region"),
        ({"overlap": 1.0}, "overlap is 1"),
        ({"independent_lines": 60.0}, "no more than there are"),
        ({"independent_frames": 0.5}, "each is 1 or more"),
        ({"c_mm_us": 0.0}, "c_mm_us is 0"),
        ({"line_spacing_mm": -1.0, "beam_mm": 1.0}, "numbers above 0"),
        ({"snr_db": 10.05}, "needed are 5"),
    ],
)
def test_numbers_that_cannot_be_are_refused(changed: dict[str, float], message: str) -> None:
    with pytest.raises(ProtocolError, match=message):
        _expected(**changed)


def test_a_held_probe_gives_about_one_independent_frame_and_other_places_give_as_many_as_there_are() -> None:
    places = recorded(frames=4)
    assert independent_frames(places) == pytest.approx(4, rel=0.02)
    rng = np.random.default_rng(0)
    held = [places.rf[0].astype(float)]
    for _ in range(9):
        held.append(0.975 * held[-1] + np.sqrt(1 - 0.975**2) * rng.permutation(places.rf[0], axis=0))
    still = replace(places, rf=np.array(held, dtype=np.float32), frame_times_ms=None)
    assert frame_correlation(still) == pytest.approx(0.975, abs=0.01)
    assert 1.0 < independent_frames(still) < 1.3
    one = replace(places, rf=places.rf[:1], frame_times_ms=None)
    assert (independent_frames(one), frame_correlation(one)) == (1.0, 0.0)


def test_lines_that_share_their_neighbours_are_fewer() -> None:
    """Sums of three lines correlate by 2/3 and 1/3, squared 4/9 and 1/9: 64 lines are as good as 64 / (1 + 10/9)."""
    noise = sector(np.zeros(64), np.stack((np.arange(64.0), np.zeros(64)), axis=1), samples=2000)
    rf = noise.rf + np.roll(noise.rf, 1, axis=1) + np.roll(noise.rf, 2, axis=1)
    assert independent_lines(noise) == pytest.approx(64, rel=0.01)
    assert independent_lines(replace(noise, rf=rf)) == pytest.approx(64 / (1 + 10 / 9), rel=0.05)


def test_precision_of_a_recording_rests_on_what_is_measured_in_it() -> None:
    frames = recorded(frames=2)
    box = Box((20.0, 48.0), (0, 23))
    found = precision_of(frames, box=box)
    assert found.spectra == pytest.approx(2 * independent_lines(frames, box=box), rel=0.05)
    with pytest.raises(DataError, match="does not tell its bandwidth"):
        precision_of(replace(frames, bandwidth=None), box=box)
    noise = np.random.default_rng(0).standard_normal(frames.rf.shape).astype(np.float32)
    with pytest.raises(DataError, match="take a shallower region"):
        precision_of(replace(frames, rf=noise), box=box)
    assert precision_of(replace(frames, bandwidth=None), box=box, bandwidth=0.7) == found
