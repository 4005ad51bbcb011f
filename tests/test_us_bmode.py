"""The B-mode picture: where things appear, how bright, and that it is what a network sees."""

from dataclasses import replace
from typing import TypedDict

import numpy as np
import pytest

from hepar.core.errors import DataError
from hepar.imaging.ultrasound.bmode import b_mode, compressed, pooled, white_level_db
from hepar.imaging.ultrasound.envelope import envelope
from hepar.imaging.ultrasound.frames import RfFrames
from hepar.imaging.ultrasound.scan_conversion import lines_of, scan_conversion
from hepar.io.simulated_rf import frames_of
from hepar.phantom.ultrasound import PROBES, REFERENCE, homogeneous
from hepar.phantom.ultrasound import b_mode as simulated_b_mode
from us_frames import SMALL, recorded, sector


class Look(TypedDict, total=False):
    dynamic_range_db: float
    white_db: float
    restore_gain: bool
    tgc_db_cm: float


@pytest.fixture(scope="module")
def frames() -> RfFrames:
    return recorded(frames=2)


def _fan(name: str) -> RfFrames:
    """Every kind of sector that scanners have."""
    angle = np.linspace(-30, 30, 21)
    sine, cosine = np.sin(np.radians(angle)), np.cos(np.radians(angle))
    flat, across = np.zeros(21), np.linspace(-19, 19, 21)
    kinds = {
        "convex": (angle, np.stack((50 * sine, 50 * (cosine - 1)), axis=1)),
        "phased": (angle, np.zeros((21, 2))),
        "linear": (flat, np.stack((across, flat), axis=1)),
        "steered": (flat + 12.0, np.stack((across, flat), axis=1)),
        "virtual": (angle, np.stack((30 * sine / cosine, flat), axis=1)),
        "one side": (
            angle + 25,
            np.stack((50 * np.sin(np.radians(angle + 25)), 50 * np.cos(np.radians(angle + 25))), axis=1),
        ),
    }
    return sector(*kinds[name], start_mm=2.0)


KINDS = ["convex", "phased", "linear", "steered", "virtual", "one side"]


@pytest.mark.parametrize("kind", KINDS)
def test_places_of_lines_can_be_inverted_exactly(kind: str) -> None:
    lines = lines_of(_fan(kind))
    line, depth = np.meshgrid(np.arange(21.0), np.linspace(2, 60, 9), indexing="ij")
    x, z = lines.place_mm(line, depth)
    back = lines.of_place(x, z)
    np.testing.assert_allclose(back[0], line, atol=1e-6)
    np.testing.assert_allclose(back[1], depth, atol=1e-6)


@pytest.mark.parametrize("kind", KINDS)
def test_places_are_those_of_origin_and_angle(kind: str) -> None:
    frames = _fan(kind)
    x, z = lines_of(frames).place_mm(np.arange(21), 40.0)
    angle = np.radians(frames.line_angle_deg)
    np.testing.assert_allclose(x, frames.line_origin_mm[:, 0] + 40 * np.sin(angle), atol=1e-6)
    np.testing.assert_allclose(z, frames.line_origin_mm[:, 1] + 40 * np.cos(angle), atol=1e-6)


@pytest.mark.parametrize("kind", KINDS)
def test_a_picture_of_depth_is_depth(kind: str) -> None:
    """Depth is linear along a line, so linear interpolation keeps it; between curved fronts it is off by the sagitta."""
    frames = _fan(kind)
    depth = np.broadcast_to(frames.depth_mm.astype(np.float32), (21, 400))
    screen = scan_conversion(frames, depths=400, first_mm=2.0, step_mm=frames.sample_mm)
    shown = screen.picture(depth, outside=-1.0)
    row, column = np.nonzero(screen.inside)
    z, x = screen.z_mm + row * 0.3, screen.x_mm + column * 0.3
    np.testing.assert_allclose(shown[screen.inside], lines_of(frames).of_place(x, z)[1], atol=1e-4)
    assert (shown[~screen.inside] == -1).all()


def test_lines_that_form_no_picture_are_refused() -> None:
    good = _fan("convex")
    bent = good.line_angle_deg.copy()
    bent[7] += 2.0
    with pytest.raises(DataError, match="miss their common point"):
        lines_of(replace(good, line_angle_deg=bent))
    with pytest.raises(DataError, match="cross in front"):
        lines_of(replace(good, line_angle_deg=-good.line_angle_deg))
    flat = _fan("linear")
    with pytest.raises(DataError, match="line 1 does not lie beyond line 0"):
        lines_of(replace(flat, line_origin_mm=flat.line_origin_mm[::-1]))
    swapped = flat.line_origin_mm.copy()
    swapped[[4, 5]] = swapped[[5, 4]]
    with pytest.raises(DataError, match="line 5 does not lie beyond line 4"):
        lines_of(replace(flat, line_origin_mm=swapped))
    with pytest.raises(DataError, match="two or more"):
        lines_of(sector(np.zeros(1), np.zeros((1, 2))))


@pytest.mark.parametrize("name", ["convex", "convex_narrow", "linear", "phased"])
def test_it_is_the_picture_of_the_simulation_to_a_grey_level(name: str) -> None:
    """Whole counts in place of fractions, and other arithmetic: a level either way by rounding, no more."""
    probe = replace(PROBES[name], samples=1200)
    made = homogeneous(probe, REFERENCE, rng=np.random.default_rng(3))
    found, expected = b_mode(frames_of(made, scanner="A", site="S1")), simulated_b_mode(made)
    np.testing.assert_array_equal(found.inside, expected.inside)
    assert found.x_mm == pytest.approx(expected.x_mm, abs=1e-4)
    assert found.z_mm == pytest.approx(expected.z_mm, abs=1e-4)
    bright = expected.pixels > 20
    apart = np.abs(found.pixels.astype(int) - expected.pixels)
    assert apart[bright].max() <= 1
    assert bright.mean() > 0.2


def test_the_picture_only_interpolates_what_a_network_sees(frames: RfFrames) -> None:
    """No pixel is beyond the four values of `compressed` around it, whichever settings both are made with."""
    looks: tuple[Look, ...] = (
        {},
        {"dynamic_range_db": 45.0, "restore_gain": False, "tgc_db_cm": 3.0},
        {"white_db": 70.0},
    )
    for settings in looks:
        polar, shown = compressed(frames, **settings)[1], b_mode(frames, **settings)
        row, column = np.nonzero(shown.inside)
        line, depth = lines_of(frames).of_place(shown.x_mm + column * 0.3, shown.z_mm + row * 0.3)
        place = depth / frames.sample_mm / pooled(frames) - (pooled(frames) - 1) / 2 / pooled(frames)
        near = np.stack([
            polar[np.clip(np.floor(line + a), 0, 23).astype(int), np.clip(np.floor(place + b), 0, polar.shape[1] - 1).astype(int)]
            for a in (-1e-6, 1) for b in (-1e-6, 1)
        ])  # fmt: skip
        pixels = shown.pixels[1][shown.inside]
        assert (pixels >= near.min(axis=0)).all()
        assert (pixels <= near.max(axis=0)).all()
        assert np.ptp(polar) > 100


def test_each_depth_of_what_a_network_sees_is_the_logarithm_of_its_mean_envelope(frames: RfFrames) -> None:
    found = compressed(frames, dynamic_range_db=50.0)
    every = pooled(frames)
    assert every == round(0.15 / frames.sample_mm)
    level = 20 * np.log10(envelope(frames.rf)[1, 7, 100 * every : 101 * every].mean())
    assert found[1, 7, 100] == pytest.approx(255 * (level - 35) / 50, abs=0.51)
    assert found.shape == (2, 24, 1300 // every)


def test_gain_makes_it_brighter_and_undone_gain_does_not(frames: RfFrames) -> None:
    assert frames.tgc_db is not None
    louder = replace(frames, rf=(frames.rf * 2).astype(np.int16), gain_db=20 * np.log10(2))
    step = 255 / 60 * 20 * np.log10(2)
    plain, bright = compressed(frames).astype(float), compressed(louder).astype(float)
    seen = (plain > 0) & (bright < 255)
    assert (bright - plain)[seen].mean() == pytest.approx(step, abs=0.5)
    np.testing.assert_array_equal(
        compressed(frames, restore_gain=False), compressed(louder, restore_gain=False)
    )
    deep = compressed(frames, restore_gain=False)[..., -40:].mean()
    assert deep < compressed(frames)[..., -40:].mean() - 30


def test_time_gain_for_display_undoes_the_fall_of_a_recording_without(frames: RfFrames) -> None:
    """A slope of 20 log10 per cm is added from the first sample, where nothing changes."""
    flat, raised = compressed(frames, white_db=100.0), compressed(frames, white_db=100.0, tgc_db_cm=2.0)
    gained = (raised.astype(float) - flat)[:, :, [2, -2]]
    assert abs(gained[..., 0]).max() <= 1
    assert gained[..., 1].mean() == pytest.approx(255 / 60 * 2.0 * frames.end_mm / 10, abs=1.5)


def test_white_is_fixed_for_counts_and_the_brightest_thousandth_of_other_numbers(frames: RfFrames) -> None:
    assert white_level_db(frames) == b_mode(frames).white_db == 85.0
    floating = replace(frames, rf=(frames.rf * np.float32(1e-3)).astype(np.float32))
    white = (compressed(floating) == 255).mean()
    assert 0 < white < 0.001
    assert b_mode(floating).white_db < 85 - 55
    silent = replace(frames, rf=np.zeros((1, 24, 1300), dtype=np.float32), frame_times_ms=None)
    assert not compressed(silent, white_db=60.0).any()


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"dynamic_range_db": 5.0}, "give 10 to 120"),
        ({"white_db": float("nan")}, "white_db is nan"),
        ({"tgc_db_cm": -1.0}, "give 0 to 20"),
    ],
)
def test_settings_that_cannot_be_are_refused(frames: RfFrames, settings: Look, message: str) -> None:
    with pytest.raises(DataError, match=message):
        b_mode(frames, **settings)


def test_a_picture_of_a_size_that_cannot_be_is_refused(frames: RfFrames) -> None:
    with pytest.raises(DataError, match=r"give 0\.05 to 5"):
        b_mode(frames, mm_per_px=0.0)
    with pytest.raises(DataError, match="too large"):
        b_mode(sector(np.linspace(-40, 40, 8), np.zeros((8, 2)), samples=6000), mm_per_px=0.05)


def test_lines_hold_whatever_probe_recorded_them() -> None:
    """A view of one column of bright lines is bright where the lines lie, not mirrored."""
    frames = recorded(probe=SMALL)
    rf = np.zeros_like(frames.rf)
    rf[:, 20] = frames.rf[:, 20]
    shown = b_mode(replace(frames, rf=rf))
    columns = np.nonzero(shown.pixels[0].any(axis=0))[0] * 0.3 + shown.x_mm
    assert columns.min() > 0
