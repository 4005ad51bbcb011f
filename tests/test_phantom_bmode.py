"""The B-mode image of a SIMULATED recording is made of the very same signal."""

from dataclasses import replace

import numpy as np
import pytest

from hepar.phantom.ultrasound import (
    PROBES,
    REFERENCE,
    RfRecording,
    Settings,
    b_mode,
    compressed,
    envelope,
    rf_frames,
)
from hepar.phantom.ultrasound.rf import record, regions_of
from hepar.phantom.ultrasound.scene import Interface, Lattice, uniform
from ultrasound_cases import patient


@pytest.fixture(scope="module")
def recording() -> RfRecording:
    return rf_frames(patient(), frames=2)


def test_the_envelope_is_the_magnitude_of_the_analytic_signal(recording: RfRecording) -> None:
    rf = recording.rf[0, 48]
    at = np.arange(rf.size) / 20.0
    tone = np.exp(-(((at - 60) / 10) ** 2)) * np.cos(2 * np.pi * 3.0 * at)
    found = envelope(tone.astype(np.float32))
    np.testing.assert_allclose(found, np.exp(-(((at - 60) / 10) ** 2)), atol=0.01)
    assert (envelope(rf) >= np.abs(rf) - 1e-2 * np.abs(rf).max()).all()


def test_the_b_mode_image_is_the_logarithm_of_the_envelope_of_the_same_signal(recording: RfRecording) -> None:
    polar = compressed(recording.rf, dynamic_range_db=60)
    level = 20 * np.log10(np.maximum(envelope(recording.rf), 1e-6))
    shown = (polar > 0) & (polar < 255)
    np.testing.assert_allclose(polar[shown].astype(float) * 60 / 255 + 25, level[shown], atol=0.13)


@pytest.mark.parametrize("name", ["convex", "linear", "phased"])
def test_scan_conversion_puts_a_target_where_it_is(name: str) -> None:
    probe = replace(PROBES[name], noise_db=-110)
    lattice = Lattice(probe)
    faint = uniform(lattice, replace(REFERENCE, backscatter_db=-100))
    line, depth_mm = round(probe.lines * 0.7), probe.focus_mm
    depth = np.full(lattice.columns, np.nan, dtype=np.float32)
    depth[np.abs(lattice.line - line) < 0.6] = depth_mm

    scene = replace(faint, interfaces=(Interface(depth, 30.0),))
    rf = record(probe, scene, settings=Settings(0, 0), rng=np.random.default_rng(0), frames=1)
    tgc = np.zeros(probe.samples, dtype=np.float32)
    image = b_mode(
        RfRecording("SIM", 0, probe, rf, 0.0, tgc, regions_of(probe, scene), (), {}), mm_per_px=0.2
    )
    row, column = np.unravel_index(image.pixels[0].argmax(), image.pixels[0].shape)
    x, z = probe.place_mm(np.array(line, dtype=np.float32), np.array(depth_mm, dtype=np.float32))
    spread = float(probe.pitch_mm(np.array([depth_mm], dtype=np.float32))[0])
    assert image.x_mm + column * 0.2 == pytest.approx(float(x), abs=spread)
    assert image.z_mm + row * 0.2 == pytest.approx(float(z), abs=0.6)


def test_an_image_has_the_size_of_the_sector_and_is_black_outside(recording: RfRecording) -> None:
    image = b_mode(recording, mm_per_px=0.5)
    assert image.pixels.shape == (2, *image.inside.shape)
    assert image.pixels.dtype == np.uint8
    assert (image.pixels[:, ~image.inside] == 0).all()
    assert image.inside.shape[0] * 0.5 == pytest.approx(100 + 50 * (1 - np.cos(np.pi / 6)), abs=1)
