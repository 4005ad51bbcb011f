"""Beamforming of SIMULATED echoes whose times are exact: where points lie, how wide, how strong, and what is refused."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.signal import hilbert

from hepar.core.errors import DataError, ProtocolError
from hepar.imaging.ultrasound.arrival import arrival_us
from hepar.imaging.ultrasound.beamform import beamform, covered_mm
from hepar.imaging.ultrasound.channels import ChannelData, dead_elements, plane_wave_delays, source_delays
from hepar.imaging.ultrasound.frames import RfFrames
from hepar.imaging.ultrasound.scan_lines import ScanLines, element_lines, parallel_lines, sector_lines
from hepar.imaging.ultrasound.upsample import upsampled

C, FC, FS, BANDWIDTH = 1.54, 5.0, 25.0, 0.6
WAVELENGTH = C / FC
ELEMENTS = 64
PITCH = 0.3
ROW = np.stack([(np.arange(ELEMENTS) - (ELEMENTS - 1) / 2) * PITCH, np.zeros(ELEMENTS)], axis=1)
POINT = (1.35, 20.0)

Array = NDArray[Any]


def pulse(time_us: Array, *, fc_mhz: float = FC, bandwidth: float = BANDWIDTH) -> Array:
    """Gaussian in time and frequency; two-way -6 dB width `bandwidth`."""
    sigma = np.sqrt(2 * np.log(2)) / (np.pi * bandwidth * fc_mhz)
    made: Array = np.exp(-(time_us**2) / (2 * sigma**2)) * np.cos(2 * np.pi * fc_mhz * time_us)
    return made


def echoes(
    points: list[tuple[float, float]],
    *,
    element: Array = ROW,
    angles: Any = (0.0,),
    sent: Array | None = None,
    samples: int = 800,
    t0_us: float = 0.0,
    **settings: Any,
) -> ChannelData:
    """SIMULATED points of reflectivity 1 without spreading; `sent` (transmissions, points) us, else plane waves."""
    fs, fc, bandwidth = (settings.pop(k, v) for k, v in (("fs", FS), ("fc", FC), ("bandwidth", BANDWIDTH)))
    angle = np.radians(np.asarray(angles))[:, None]
    place = np.asarray(points)
    if sent is None:
        sent = (place[:, 0] * np.sin(angle) + place[:, 1] * np.cos(angle)) / C
    heard = np.hypot(*(place[:, None] - element[None]).transpose(2, 0, 1)) / C
    time = t0_us + np.arange(samples) / fs
    rf = np.zeros((1, len(sent), len(element), samples))
    for t, per_point in enumerate(sent):
        for one, back in zip(per_point, heard, strict=True):
            rf[0, t] += pulse(time - (one + back)[:, None], fc_mhz=fc, bandwidth=bandwidth)
    more: dict[str, Any] = {
        "delays_us": plane_wave_delays(element, angle_deg=angles, c_mm_us=C),
        "bandwidth": bandwidth,
        **settings,
    }
    return ChannelData(
        rf=rf.astype(np.float32),
        fs_mhz=fs,
        fc_mhz=fc,
        c_mm_us=C,
        element_mm=element,
        t0_us=np.full(len(sent), t0_us),
        **more,
    )


def envelope(made: RfFrames) -> Array:
    found: Array = np.abs(hilbert(made.rf[0], axis=1))
    return found


def peak(made: RfFrames) -> tuple[float, float, float]:
    """Across, depth (both by a parabola) and height of the brightest place."""
    found = envelope(made)
    line, sample = np.unravel_index(found.argmax(), found.shape)
    step_x = float(np.diff(made.line_origin_mm[:2, 0])[0])
    x = made.line_origin_mm[line, 0] + step_x * vertex(found[line - 1 : line + 2, sample])
    z = made.depth_mm[sample] + made.sample_mm * vertex(found[line, sample - 1 : sample + 2])
    return float(x), float(z), float(found.max())


def vertex(three: Array) -> float:
    return float((three[0] - three[2]) / (2 * (three[0] - 2 * three[1] + three[2])))


def width(values: Array, step: float, *, level: float = 0.5) -> float:
    """Full width at `level` of the peak, straight lines between the values."""
    above = np.flatnonzero(values > level * values.max())
    left, right = above[0], above[-1]
    edge = level * values.max()
    first = left - (values[left] - edge) / (values[left] - values[left - 1])
    last = right + (values[right] - edge) / (values[right] - values[right + 1])
    return float((last - first) * step)


FINE = parallel_lines(np.linspace(POINT[0] - 1, POINT[0] + 1, 41))
NEAR = (18.0, 22.0)


@pytest.mark.parametrize("angles", [(0.0,), (-10.0, 0.0, 10.0)])
def test_a_point_appears_where_it_is_and_as_strong_as_the_elements_hear_it(angles: tuple[float, ...]) -> None:
    made = beamform(echoes([POINT], angles=angles), lines=FINE, depth_mm=NEAR)
    x, z, height = peak(made)
    # a parabola through samples 1/5 of a period (down) and 1/6 of a wavelength (across) apart tells no more
    assert abs(x - POINT[0]) < 0.03 * WAVELENGTH
    assert abs(z - POINT[1]) < 0.01 * WAVELENGTH
    assert height == pytest.approx(1.0, abs=0.01)


def test_the_carrier_itself_peaks_at_the_point() -> None:
    made = beamform(echoes([POINT]), lines=parallel_lines([POINT[0]]), depth_mm=NEAR, fs_mhz=200.0)
    line = made.rf[0, 0]
    assert made.depth_mm[line.argmax()] == pytest.approx(POINT[1], abs=made.sample_mm)


def test_lateral_width_follows_wavelength_times_f_number() -> None:
    """A box aperture on receive alone: |sinc(x / (wavelength F))| falls to 1/2 at a full width of 1.206 wavelength F."""
    data = echoes([POINT], bandwidth=0.1)
    lines = parallel_lines(np.linspace(POINT[0] - 2, POINT[0] + 2, 161))
    for f_number in (2.0, 3.0):
        made = beamform(data, lines=lines, depth_mm=NEAR, f_number=f_number, apodisation="box")
        found = envelope(made)
        row = found[:, int(found.max(axis=0).argmax())]
        # the aperture is a whole number of elements: 33 or 22 of them, one more or less is 3 to 5 %
        assert width(row, 0.025) == pytest.approx(1.206 * WAVELENGTH * f_number, rel=0.06)


def test_steering_narrows_the_point() -> None:
    data = echoes([POINT], angles=np.linspace(-12, 12, 9))
    alone = replace(data, rf=data.rf[:, 4:5], delays_us=data.delays_us[4:5], t0_us=data.t0_us[4:5])
    rows = [
        envelope(beamform(one, lines=FINE, depth_mm=NEAR, f_number=2.0)).max(axis=1) for one in (data, alone)
    ]
    assert width(rows[0], 0.05) < 0.8 * width(rows[1], 0.05)


def test_one_wave_sent_straight_is_the_same_alone_and_compounded_with_itself() -> None:
    data = echoes([POINT])
    twice = replace(
        data,
        rf=np.repeat(data.rf, 2, axis=1),
        delays_us=np.repeat(data.delays_us, 2, axis=0),
        t0_us=np.zeros(2),
    )
    one, two = (beamform(each, lines=FINE, depth_mm=NEAR).rf for each in (data, twice))
    np.testing.assert_allclose(two, one, atol=1e-6)


def test_beamforming_is_linear() -> None:
    first, second = echoes([POINT]), echoes([(-2.0, 19.0)])
    both = replace(first, rf=2 * first.rf - 3 * second.rf)
    a, b, sum_ = (beamform(each, lines=FINE, depth_mm=NEAR).rf for each in (first, second, both))
    np.testing.assert_allclose(sum_, 2 * a - 3 * b, atol=1e-5)


def test_frames_in_blocks_equal_all_at_once() -> None:
    rng = np.random.default_rng(1)
    data = echoes([POINT])
    many = replace(data, rf=(1000 * rng.standard_normal((9, 1, ELEMENTS, 800))).astype(np.int16))
    whole = beamform(many, lines=FINE, depth_mm=NEAR).rf
    each = beamform(many, lines=FINE, depth_mm=NEAR, memory_mb=0.001).rf
    assert np.abs(whole).max() > 50
    # sums of up to 45 products of single precision
    np.testing.assert_allclose(each, whole, atol=1e-5 * float(np.abs(whole).max()))


def test_a_point_has_the_same_strength_at_every_depth() -> None:
    data = echoes([(0.15, depth) for depth in (5.0, 10.0, 15.0, 20.0)])
    made = beamform(data, lines=parallel_lines([0.15]))
    found = envelope(made)[0]
    heights = [found[np.abs(made.depth_mm - depth) < 0.5].max() for depth in (5.0, 10.0, 15.0, 20.0)]
    np.testing.assert_allclose(heights, 1.0, atol=0.02)


def test_a_diverging_wave_shows_the_point_in_a_sector() -> None:
    source = np.array([[0.0, -8.0]])
    place = np.array([POINT])
    sent = (np.hypot(*(place - source).T) - 8.0)[None] / C
    data = echoes([POINT], sent=sent, delays_us=source_delays(ROW, source_mm=source, c_mm_us=C))
    angle = np.degrees(np.arctan2(*POINT))
    made = beamform(data, lines=sector_lines(angle + np.linspace(-3, 3, 31)))
    found = envelope(made)
    line, sample = np.unravel_index(found.argmax(), found.shape)
    assert made.geometry == "phased"
    assert made.line_angle_deg[line] == pytest.approx(angle, abs=0.1)
    assert made.depth_mm[sample] == pytest.approx(np.hypot(*POINT), abs=0.05 * WAVELENGTH)


def test_a_curved_probe_gets_lines_along_its_radii_and_shows_the_point_on_one() -> None:
    angle = np.linspace(-25, 25, ELEMENTS)
    element = 40 * np.stack([np.sin(np.radians(angle)), np.cos(np.radians(angle)) - 1], axis=1)
    lines = element_lines(echoes([POINT], element=element))
    assert lines.geometry == "convex"
    assert lines.radius_mm == pytest.approx(40.0, abs=1e-6)
    np.testing.assert_allclose(lines.angle_deg, angle, atol=1e-6)
    depth = 18.0
    point = tuple(
        element[40] + depth * np.array([np.sin(np.radians(angle[40])), np.cos(np.radians(angle[40]))])
    )
    # every element fires at once, so that the wave spreads from the centre of the curve
    data = echoes([point], element=element, sent=np.array([[depth / C]]), delays_us=np.zeros((1, ELEMENTS)))
    found = envelope(made := beamform(data))
    line, sample = np.unravel_index(found.argmax(), found.shape)
    assert line == 40
    assert made.depth_mm[sample] == pytest.approx(depth, abs=0.05 * WAVELENGTH)


def test_samples_below_twice_the_centre_frequency_are_put_where_the_band_is() -> None:
    settings: dict[str, Any] = {"fc": 5.0, "bandwidth": 0.2}
    folded = echoes([POINT], fs=20 / 3, samples=220, **settings)
    full = echoes([POINT], fs=80.0, samples=2640, **settings)
    assert folded.zone == 1
    assert folded.band_mhz == pytest.approx((10 / 3, 20 / 3))
    asked: dict[str, Any] = {"lines": FINE, "depth_mm": NEAR, "fs_mhz": 80.0}
    first, second = (beamform(one, **asked).rf for one in (folded, full))
    # both differ from the truth by straight lines between 16 samples a period, about 1/200 each
    np.testing.assert_allclose(first, second, atol=0.01)
    assert beamform(folded, lines=FINE).fs_mhz == pytest.approx(40 / 3)


def test_demodulated_data_give_what_the_radio_frequency_gave() -> None:
    data = echoes([POINT], angles=(-8.0, 0.0, 8.0), t0_us=3.0)
    time = 3.0 + np.arange(800) / FS
    analytic = hilbert(data.rf, axis=3) * np.exp(-2j * np.pi * FC * time)
    iq = replace(data, rf=analytic.astype(np.complex64)[..., ::2], fs_mhz=FS / 2, demodulated_mhz=FC)
    asked: dict[str, Any] = {"lines": FINE, "depth_mm": NEAR, "fs_mhz": 50.0}
    first, second = (beamform(one, **asked).rf for one in (iq, data))
    np.testing.assert_allclose(first, second, atol=0.01)


def test_interpolation_between_samples_keeps_amplitude_and_misses_by_less_than_a_hundredth() -> None:
    rng = np.random.default_rng(2)
    centres = rng.uniform(2, 14, 60)

    def truth(time: Array) -> Array:
        return np.asarray(pulse(time[:, None] - centres).sum(axis=1))

    time = np.arange(420) / FS
    data = replace(
        echoes([POINT], samples=420), rf=np.tile(truth(time), (1, 1, ELEMENTS, 1)).astype(np.float32)
    )
    factor = 4
    found = upsampled(data, frames=slice(0, 1), transmission=0, factor=factor)[0, 0]
    asked = rng.uniform(1, 15, 5000)
    between = np.interp(asked * FS * factor, np.arange(found.size), found)
    exact = truth(asked)
    assert np.std(between - exact) < 0.01 * np.std(exact)
    assert (between @ exact) / (exact @ exact) == pytest.approx(1, abs=1e-3)


def test_the_first_wave_is_that_of_the_plane_or_of_the_outermost_element_beside_it() -> None:
    delays = plane_wave_delays(ROW, angle_deg=10.0, c_mm_us=C)[0]
    points = np.array([[0.0, 15.0], [-9.0, 15.0]])
    found = arrival_us(points, element_mm=ROW, delays_us=delays, c_mm_us=C)
    every = (delays + np.hypot(*(points[:, None] - ROW).transpose(2, 0, 1)) / C).min(axis=1)
    sine, cosine = np.sin(np.radians(10.0)), np.cos(np.radians(10.0))
    assert found[0] == pytest.approx(15 * cosine / C, abs=1e-9)
    assert found[1] == pytest.approx(every[1], abs=1e-9)
    assert found[1] > (-9 * sine + 15 * cosine) / C + 0.01


def test_the_first_wave_of_a_source_behind_is_a_circle_around_it() -> None:
    source = np.array([[2.0, -6.0]])
    delays = source_delays(ROW, source_mm=source, c_mm_us=C)[0]
    points = np.stack([np.linspace(-4, 6, 11), np.linspace(4, 30, 11)], axis=1)
    found = arrival_us(points, element_mm=ROW, delays_us=delays, c_mm_us=C)
    exact = (np.hypot(*(points - source).T) - np.hypot(2, 6)) / C
    np.testing.assert_allclose(found, exact, atol=1e-3 / FC)


def test_elements_that_do_not_fire_send_nothing() -> None:
    delays = np.full(ELEMENTS, np.nan)
    delays[10] = 0.0
    found = arrival_us(np.array([[3.0, 4.0]]), element_mm=ROW, delays_us=delays, c_mm_us=C)
    assert found[0] == pytest.approx(np.hypot(3.0 - ROW[10, 0], 4.0) / C)


def test_dead_elements_are_found_named_and_left_out_of_the_mean() -> None:
    data = echoes([POINT])
    rf = data.rf.copy()
    rf[:, :, [30, 41]] = 0
    broken = replace(data, rf=rf)
    assert dead_elements(data).size == 0
    assert dead_elements(broken).tolist() == [30, 41]
    made = beamform(broken, lines=FINE, depth_mm=NEAR)
    assert "elements 30, 41" in made.remark
    assert made.more["dead_elements"] == 2
    assert peak(made)[2] == pytest.approx(1.0, abs=0.01)


def test_gain_over_time_is_undone_first_and_said_to_be() -> None:
    data = echoes([POINT])
    gain = np.linspace(0, 40, 800)
    amplified = replace(data, rf=(data.rf * 10 ** (gain / 20)).astype(np.float32), tgc_db=gain)
    one, two = (beamform(each, lines=FINE, depth_mm=NEAR) for each in (data, amplified))
    np.testing.assert_allclose(two.rf, one.rf, atol=2e-5)
    assert one.tgc_db is None
    assert two.tgc_db is not None
    assert not two.tgc_db.any()


def test_the_spectrum_peaks_at_the_centre_frequency() -> None:
    rng = np.random.default_rng(3)
    points = list(zip(rng.uniform(-9, 9, 150), rng.uniform(10, 20, 150), strict=True))
    made = beamform(echoes(points), depth_mm=(10.0, 20.0))
    power = (np.abs(np.fft.rfft(made.rf[0] * np.hanning(made.rf.shape[2]), axis=1)) ** 2).mean(axis=0)
    frequency = np.fft.rfftfreq(made.rf.shape[2], 1 / made.fs_mhz)
    mean = float(frequency @ power / power.sum())
    # 1 % lower than what was sent, for the aperture hears obliquely; the rest is chance of 150 points
    assert mean == pytest.approx(FC, rel=0.04)


def test_what_is_recorded_comes_with_the_lines() -> None:
    data = replace(
        echoes([POINT]), device="SIMULATED", view="3", frame_times_ms=np.zeros(1), more={"voltage": 12.0}
    )
    made = beamform(data)
    assert (made.geometry, made.device, made.view, made.fs_mhz, made.fc_mhz) == (
        "linear",
        "SIMULATED",
        "3",
        FS,
        FC,
    )
    assert made.bandwidth == BANDWIDTH
    assert made.more["voltage"] == 12.0
    np.testing.assert_array_equal(made.line_origin_mm, ROW)
    top, bottom = covered_mm(data, f_number=1.5)
    assert made.start_mm == top == 0
    assert made.end_mm == pytest.approx(bottom, abs=made.sample_mm)


def test_echoes_outside_the_record_are_left_out_of_the_mean() -> None:
    data = echoes([POINT], t0_us=20.0, samples=200)
    top, bottom = covered_mm(data, f_number=1.5)
    assert top == pytest.approx(20.0 * C / 2)
    assert bottom < (20.0 + 199 / FS) * C / 2
    made = beamform(data, lines=FINE, depth_mm=(2.0, 40.0))
    assert np.isfinite(made.rf).all()
    assert not made.rf[..., made.depth_mm < 10].any()
    assert not made.rf[..., made.depth_mm > (20.0 + 199 / FS) * C / 2].any()
    assert peak(made)[1] == pytest.approx(POINT[1], abs=0.05 * WAVELENGTH)


def changed(**values: Any) -> ChannelData:
    return replace(echoes([POINT]), **values)


def broken_rf(value: float) -> Array:
    rf = echoes([POINT]).rf.copy()
    rf[0, 0, 7, 100] = value
    return rf


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"rf": np.zeros((1, ELEMENTS, 800), np.float32)}, "found \\(1, 64, 800\\)"),
        ({"rf": np.zeros((0, 1, ELEMENTS, 800), np.float32)}, "found \\(0, 1, 64, 800\\)"),
        ({"rf": np.zeros((1, 1, ELEMENTS, 800))}, "float64"),
        ({"rf": broken_rf(np.nan)}, "frame 0, transmission 0, channel 7"),
        ({"rf": broken_rf(np.inf)}, "not finite"),
        ({"element_mm": ROW[:-1]}, "element_mm has the shape"),
        ({"element_mm": np.zeros_like(ROW)}, "one place"),
        ({"element_mm": np.full_like(ROW, np.nan)}, "element_mm"),
        ({"delays_us": np.zeros((2, ELEMENTS))}, "delays_us has the shape"),
        ({"delays_us": np.full((1, ELEMENTS), np.nan)}, "no element fire"),
        ({"t0_us": np.zeros(3)}, "t0_us has the shape"),
        ({"t0_us": np.array([np.nan])}, "t0_us holds values"),
        ({"tgc_db": np.zeros(5)}, "tgc_db has the shape"),
        ({"fs_mhz": 0.0}, "fs_mhz is 0"),
        ({"fc_mhz": -1.0}, "fc_mhz is -1"),
        ({"c_mm_us": 1540.0}, "1500 m/s"),
        ({"bandwidth": 0.0}, "bandwidth is 0"),
        ({"demodulated_mhz": 5.0}, "contradict each other"),
        ({"rf": np.ones((1, 1, ELEMENTS, 800), np.complex64)}, "contradict each other"),
        ({"fs_mhz": 20 / 3, "bandwidth": None}, "give bandwidth"),
        ({"fs_mhz": 20 / 3, "bandwidth": 0.9}, "folds onto itself"),
        ({"fs_mhz": 11.0}, "folds onto itself"),
    ],
)
def test_channel_data_that_contradict_themselves_are_refused(values: dict[str, Any], message: str) -> None:
    with pytest.raises(DataError, match=message):
        changed(**values)


def test_one_channel_is_refused() -> None:
    with pytest.raises(DataError, match="one channel"):
        changed(rf=np.ones((1, 1, 1, 800), np.float32), element_mm=ROW[:1], delays_us=np.zeros((1, 1)))


def test_a_record_of_zeros_and_an_empty_frame_are_refused() -> None:
    data = echoes([POINT])
    with pytest.raises(DataError, match="zeros only; there is nothing"):
        beamform(replace(data, rf=np.zeros_like(data.rf)))
    with pytest.raises(DataError, match="frames 1 of 2"):
        beamform(replace(data, rf=np.concatenate([data.rf, np.zeros_like(data.rf)])))


def test_focused_waves_are_refused_with_their_depth() -> None:
    focus = (20.0 - np.hypot(ROW[:, 0], 20.0))[None] / C
    with pytest.raises(DataError, match=r"transmission 0 is focused, at about (19|20|21) mm"):
        beamform(changed(delays_us=focus))


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"apodisation": "han"}, "did you mean 'hann'"),
        ({"f_number": -1.0}, "f_number is -1"),
        ({"f_number": np.nan}, "f_number is nan"),
        ({"samples_a_period": 2}, "samples_a_period is 2"),
        ({"fs_mhz": 10.0}, "give 25 or more"),
        ({"depth_mm": (20.0, 10.0)}, "two rising depths"),
        ({"depth_mm": (-1.0, 10.0)}, "two rising depths"),
    ],
)
def test_settings_that_are_none_are_refused(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ProtocolError, match=message):
        beamform(echoes([POINT]), **settings)


def test_lines_that_are_none_are_refused() -> None:
    with pytest.raises(ProtocolError, match="one angle and one origin"):
        ScanLines("linear", np.zeros((3, 2)), np.zeros(2))
    with pytest.raises(ProtocolError, match="geometry is 'square'"):
        ScanLines("square", np.zeros((2, 2)), np.zeros(2))
    with pytest.raises(ProtocolError, match="between -90 and 90"):
        sector_lines([-95.0, 0.0])
    bent = ROW + np.array([[0, 0.5]]) * (np.arange(ELEMENTS) % 2)[:, None]
    with pytest.raises(ProtocolError, match="neither on a line nor on a circle"):
        element_lines(echoes([POINT], element=bent))


def test_a_source_before_the_face_is_refused() -> None:
    with pytest.raises(DataError, match="behind the face"):
        source_delays(ROW, source_mm=(0.0, 5.0), c_mm_us=C)


def test_a_record_that_covers_nothing_is_refused() -> None:
    with pytest.raises(DataError, match="covers no depth"):
        beamform(changed(t0_us=np.array([-100.0])))
