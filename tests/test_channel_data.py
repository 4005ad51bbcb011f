"""Files of channel data: each layout comes back as it was acquired; what is damaged or incomplete is refused."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.io import savemat
from scipy.signal import hilbert

from hepar.core.errors import DataError, ProtocolError
from hepar.imaging.ultrasound.beamform import beamform
from hepar.imaging.ultrasound.channels import ChannelData, plane_wave_delays
from hepar.imaging.ultrasound.scan_lines import parallel_lines
from hepar.io.ultrasound.channel_data import read_channel_data

Array = NDArray[Any]
C, FC, FS = 1540.0, 5e6, 25e6
CHANNELS, SAMPLES = 32, 600
PITCH = 0.3e-3
ROW = np.stack([(np.arange(CHANNELS) - (CHANNELS - 1) / 2) * PITCH, np.zeros(CHANNELS)], axis=1)
"""Metres, as in the files."""
ANGLES = np.radians([-8.0, 0.0, 8.0])
POINT = np.array([0.9e-3, 12e-3])
SOURCE = np.array([0.0, -5e-3])
SAID = {"c_mm_us": 1.54}


def echoes(sent_s: Array, *, t0_s: Array) -> Array:
    """SIMULATED echoes (frames, transmissions, channels, samples) of one point; two frames, one half as strong."""
    back = np.hypot(*(ROW - POINT).T) / C
    time = t0_s[:, None, None] + np.arange(SAMPLES) / FS - sent_s[:, None, None] - back[:, None]
    one = np.exp(-((time * FC * 0.8) ** 2)) * np.cos(2 * np.pi * FC * time)
    return np.stack([one, one / 2])


def plane() -> Array:
    """When plane waves that pass the middle at time 0 are at the point."""
    return np.asarray(POINT[0] * np.sin(ANGLES) + POINT[1] * np.cos(ANGLES)) / C


def write_pybf(path: Path) -> Path:
    """Time 0 is the first firing; 0.5 us of correction."""
    first = np.abs(np.sin(ANGLES)) * ROW[-1, 0] / C
    rf = echoes(plane() + first, t0_s=np.full(3, 1e-6 - 0.5e-6))
    with h5py.File(path, "w") as file:
        for f, frame in enumerate(rf):
            for s, shot in enumerate(frame):
                file[f"data/rf_data/frame_{f + 1}/shot_{s + 1}"] = shot.astype(np.float32)
        for name, value in {
            "data/f_sampling": FS,
            "data/fps": 20,
            "data/tx_mode/PW_3_8": np.zeros((1, 1)),
            "hardware_params/start_time": 1e-6,
            "hardware_params/correction_time": 0.5e-6,
            "hardware_params/f_sampling_hz": FS,
            "trans_params/bandwidth": np.full((1, 1, 1), 3e6),
            "trans_params/f_central": [FC],
            "trans_params/x_num_of_elements": [float(CHANNELS)],
            "trans_params/x_pitch": [PITCH],
            "trans_params/y_num_of_elements": [1.0],
        }.items():
            file[name] = value
    return path


def write_picmus(path: Path, *, demodulated: bool = False) -> Path:
    rf = echoes(plane(), t0_s=np.zeros(3))[0]
    if demodulated:
        rf = hilbert(rf, axis=2) * np.exp(-2j * np.pi * FC * np.arange(SAMPLES) / FS)
    with h5py.File(path, "w") as file:
        group = file.create_group("US/US_DATASET0000")
        group["data/real"], group["data/imag"] = rf.real.astype(np.float32), rf.imag.astype(np.float32)
        group["angles"], group["initial_time"], group["PRF"] = ANGLES, [0.0], [100.0]
        group["modulation_frequency"] = [FC if demodulated else 0.0]
        group["probe_geometry"] = np.stack([ROW[:, 0], np.zeros(CHANNELS), ROW[:, 1]])
        group["sampling_frequency"], group["sound_speed"] = [FS], [C]
    return path


def write_zea(path: Path, *, demodulated: bool = False, tracks: bool = False) -> Path:
    delays = plane_wave_delays(ROW, angle_deg=np.degrees(ANGLES), c_mm_us=C)
    first = delays.min(axis=1, keepdims=True)
    start = np.array([1e-6, 2e-6, 3e-6])
    rf = echoes(plane() - first[:, 0], t0_s=start)
    raw = rf[..., None]
    if demodulated:
        iq = hilbert(rf, axis=3) * np.exp(-2j * np.pi * FC * np.arange(SAMPLES) / FS)
        raw = np.stack([iq.real, iq.imag], axis=-1)
    gain = np.linspace(1, 10, SAMPLES)
    with h5py.File(path, "w") as file:
        file.attrs["us_machine"] = "SIMULATED"
        track = file.create_group("tracks/track_0") if tracks else file
        track["data/raw_data"] = np.moveaxis(raw, 2, 3).astype(np.float32) * gain[:, None, None].astype(
            np.float32
        )
        for name, value in {
            "probe_geometry": np.stack([ROW[:, 0], np.zeros(CHANNELS), ROW[:, 1]], axis=1),
            "sampling_frequency": FS,
            "center_frequency": np.full(3, FC),
            "demodulation_frequency": FC,
            "initial_times": start,
            "t0_delays": delays - first,
            "tx_apodizations": np.ones((3, CHANNELS)),
            "sound_speed": C,
            "tgc_gain_curve": gain,
            "time_to_next_transmit": np.full((2, 3), 1e-3),
        }.items():
            track[f"scan/{name}"] = value
    return path


def write_ustb(path: Path, *, demodulated: bool = False, spherical: bool = False) -> Path:
    """Waves in a list of three plane ones, or one alone from behind the face."""
    sent = np.array([(np.hypot(*(POINT - SOURCE)) - 5e-3) / C]) if spherical else plane()
    delay = np.array([2e-6]) if spherical else np.array([0.0, 1e-6, 2e-6])
    rf = echoes(sent, t0_s=1e-6 + delay)
    with h5py.File(path, "w") as file:
        group = file.create_group("channel_data")
        group.attrs["class"] = "uff.channel_data"
        if demodulated:
            time = 1e-6 + delay[:, None, None] + np.arange(SAMPLES) / FS
            rf = hilbert(rf, axis=3) * np.exp(-2j * np.pi * FC * time)
            group["data/real"], group["data/imag"] = rf.real, rf.imag
        else:
            group["data"] = rf
        for name, value in {
            "sampling_frequency": FS,
            "initial_time": 1e-6,
            "sound_speed": C,
            "modulation_frequency": FC if demodulated else 0.0,
            "pulse/center_frequency": FC,
            "probe/N": CHANNELS,
            "probe/pitch": PITCH,
        }.items():
            group[name] = np.full((1, 1), value)
        for k, late in enumerate(delay):
            wave = group.create_group("sequence" if spherical else f"sequence/sequence_{k + 1:04d}")
            wave["delay"], wave["wavefront"] = np.full((1, 1), late), np.full((1, 1), int(spherical))
            wave["source/azimuth"] = np.full((1, 1), np.pi if spherical else ANGLES[k])
            wave["source/distance"] = np.full((1, 1), 5e-3 if spherical else np.inf)
    return path


def write_must(path: Path, *, leave_out: str = "", **more: Any) -> Path:
    rf = echoes(POINT[1:] / C, t0_s=np.array([2e-6]))[:, 0]
    param = {
        "fs": FS,
        "fc": FC,
        "c": C,
        "pitch": PITCH,
        "t0": 2e-6,
        "PRF": 1e4,
        "TXdelay": np.zeros(CHANNELS),
        "bandwidth": 60.0,
        **more,
    }
    param.pop(leave_out, None)
    kept = np.moveaxis(rf, 0, 2).swapaxes(0, 1)
    savemat(path, {"RF": np.rint(10_000 * kept).astype(np.int16), "param": param}, do_compression=True)
    return path


def place(data: ChannelData) -> tuple[float, float]:
    """Where the brightest spot of the first frame is, mm."""
    made = beamform(data, lines=parallel_lines(np.linspace(0, 1.8, 13)), depth_mm=(8.0, 16.0), fs_mhz=100.0)
    found = np.abs(hilbert(made.rf[0], axis=1))
    line, sample = np.unravel_index(found.argmax(), found.shape)
    return float(made.line_origin_mm[line, 0]), float(made.depth_mm[sample])


Writer = Callable[[Path], Path]
LAYOUTS: dict[str, tuple[Writer, dict[str, float]]] = {
    "PyBF": (write_pybf, SAID),
    "PICMUS": (write_picmus, {"fc_mhz": 5.0}),
    "PICMUS, demodulated": (lambda path: write_picmus(path, demodulated=True), {}),
    "zea": (write_zea, {}),
    "zea, demodulated": (lambda path: write_zea(path, demodulated=True), {}),
    "zea, one track": (lambda path: write_zea(path, tracks=True), {}),
    "USTB": (write_ustb, {}),
    "USTB, demodulated": (lambda path: write_ustb(path, demodulated=True), {}),
    "USTB, one diverging wave": (lambda path: write_ustb(path, spherical=True), {}),
    "MUST": (write_must, {}),
}


@pytest.mark.parametrize("name", LAYOUTS)
def test_a_point_is_where_it_was_in_every_layout(tmp_path: Path, name: str) -> None:
    write, settings = LAYOUTS[name]
    data = read_channel_data(write(tmp_path / "data.h5"), settings)
    assert (data.fs_mhz, data.fc_mhz, data.c_mm_us) == pytest.approx((25.0, 5.0, 1.54))
    np.testing.assert_allclose(data.element_mm, 1e3 * ROW, atol=1e-9)
    x, z = place(data)
    # lines 0.15 mm apart; a clock 1/8 of a period off moves a point by 1/16 of a wavelength, 0.02 mm
    assert x == pytest.approx(0.9, abs=0.08)
    assert z == pytest.approx(12.0, abs=0.015)


@pytest.mark.parametrize("name", ["PICMUS", "zea", "USTB"])
def test_demodulated_files_give_the_radio_frequency_of_the_others(tmp_path: Path, name: str) -> None:
    lines = parallel_lines(np.array([0.9]))
    made = []
    for one in (name, f"{name}, demodulated"):
        write, settings = LAYOUTS[one]
        data = read_channel_data(write(tmp_path / "data.h5"), settings)
        made.append(beamform(data, lines=lines, depth_mm=(8.0, 16.0), fs_mhz=100.0).rf[0, 0])
    np.testing.assert_allclose(made[1], made[0], atol=0.01 * float(np.abs(made[0]).max()))


def test_frames_transmissions_and_settings_keep_their_order(tmp_path: Path) -> None:
    data = read_channel_data(
        write_pybf(tmp_path / "data.h5"), {**SAID, "view": "2", "time_gain": "none applied"}
    )
    assert data.rf.shape == (2, 3, CHANNELS, SAMPLES)
    np.testing.assert_allclose(data.rf[1], data.rf[0] / 2, atol=1e-30)
    np.testing.assert_allclose(data.delays_us.min(axis=1), 0, atol=1e-12)
    np.testing.assert_allclose(data.t0_us, 0.5)
    assert data.bandwidth == pytest.approx(0.6)
    assert data.view == "2"
    assert data.frame_times_ms is not None
    assert data.tgc_db is not None
    np.testing.assert_allclose(data.frame_times_ms, [0, 50])
    np.testing.assert_array_equal(data.tgc_db, np.zeros(SAMPLES))


def test_frames_of_pybf_are_numbered_not_sorted_as_text(tmp_path: Path) -> None:
    path = write_pybf(tmp_path / "data.h5")
    with h5py.File(path, "a") as file:
        for number in range(3, 12):
            for shot in (1, 2, 3):
                file[f"data/rf_data/frame_{number}/shot_{shot}"] = np.full(
                    (CHANNELS, SAMPLES), number, np.float32
                )
    data = read_channel_data(path, SAID)
    assert data.rf[2:, 0, 0, 0].tolist() == list(range(3, 12))


def test_gain_and_times_of_zea_are_read(tmp_path: Path) -> None:
    data = read_channel_data(write_zea(tmp_path / "data.h5"))
    assert data.tgc_db is not None
    assert data.frame_times_ms is not None
    assert data.tgc_db[[0, -1]] == pytest.approx([0, 20])
    np.testing.assert_allclose(data.frame_times_ms, [0, 3])
    assert data.device == "SIMULATED"


def test_must_keeps_whole_numbers_and_tells_time_and_bandwidth(tmp_path: Path) -> None:
    data = read_channel_data(write_must(tmp_path / "data.mat"))
    assert data.rf.dtype == np.int16
    assert data.t0_us.tolist() == [2.0]
    assert data.bandwidth == pytest.approx(0.6)
    assert data.frame_times_ms is not None
    np.testing.assert_allclose(data.frame_times_ms, [0, 0.1])


def test_a_curved_probe_of_must_has_its_elements_on_an_arc(tmp_path: Path) -> None:
    data = read_channel_data(write_must(tmp_path / "data.mat", radius=0.05))
    np.testing.assert_allclose(np.hypot(data.element_mm[:, 0], data.element_mm[:, 1] + 50), 50)
    np.testing.assert_allclose(np.hypot(*np.diff(data.element_mm, axis=0).T), 0.3)
    assert data.element_mm[:, 1].max() < 0


@pytest.mark.parametrize(
    ("write", "asked"),
    [
        (write_pybf, "c_mm_us"),
        (write_picmus, "fc_mhz"),
        (lambda path: write_must(path, leave_out="c"), "c_mm_us"),
    ],
)
def test_what_no_file_tells_is_asked_for(tmp_path: Path, write: Writer, asked: str) -> None:
    with pytest.raises(DataError, match=f"(?s)does not tell.*{asked}: .*e.g. {asked}: "):
        read_channel_data(write(tmp_path / "data.h5"))


def test_a_document_beside_the_file_tells_what_is_missing(tmp_path: Path) -> None:
    path = write_pybf(tmp_path / "data.h5")
    (tmp_path / "data.yaml").write_text("c_mm_us: 1.6\nsubject: '007'\n")
    data = read_channel_data(path)
    assert (data.c_mm_us, data.subject) == (1.6, "007")
    other = tmp_path / "other.yaml"
    other.write_text("c_mm_us: 1.5\n")
    assert read_channel_data(path, other).c_mm_us == 1.5


@pytest.mark.parametrize("settings", [{"c_mms_us": 1.5}, {"c_mm_us": -1}, {"c_mm_us": "fast"}])
def test_settings_that_are_none_are_refused(tmp_path: Path, settings: dict[str, Any]) -> None:
    with pytest.raises(ProtocolError, match="description of channel data"):
        read_channel_data(write_pybf(tmp_path / "data.h5"), settings)


@pytest.mark.parametrize("name", LAYOUTS)
@pytest.mark.parametrize("share", [0.02, 0.5, 0.98])
def test_a_file_cut_short_is_refused_by_its_name(tmp_path: Path, name: str, share: float) -> None:
    write, settings = LAYOUTS[name]
    path = write(tmp_path / "data.h5")
    content = path.read_bytes()
    path.write_bytes(content[: int(share * len(content))])
    with pytest.raises(DataError, match=r"data\.h5: is .*(damaged|first bytes)"):
        read_channel_data(path, settings)


def test_files_of_another_kind_are_refused(tmp_path: Path) -> None:
    picture, empty, other, newer = (tmp_path / name for name in ("a.png", "b.h5", "c.h5", "d.mat"))
    picture.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(200))
    empty.write_bytes(b"")
    newer.write_bytes(b"MATLAB 7.3 MAT-file" + bytes(600))
    with h5py.File(other, "w") as file:
        file["something"] = 1
    for path, message in (
        (picture, "first bytes"),
        (empty, "empty"),
        (tmp_path / "none.h5", "no such file"),
        (other, "PyBF has data/rf_data"),
        (newer, "-v7"),
    ):
        with pytest.raises(DataError, match=message):
            read_channel_data(path)


def edited(path: Path, name: str, value: Any) -> Path:
    with h5py.File(path, "a") as file:
        del file[name]
        if value is not None:
            file[name] = value
    return path


@pytest.mark.parametrize(
    ("write", "name", "value", "message"),
    [
        (write_pybf, "trans_params/x_pitch", None, "lacks a part"),
        (write_pybf, "data/tx_mode/PW_3_8", None, "mode ''"),
        (write_pybf, "trans_params/y_num_of_elements", [4.0], "rows of elements"),
        (write_pybf, "data/rf_data/frame_2/shot_3", np.zeros((5, 5)), "damaged"),
        (
            write_pybf,
            "data/rf_data/frame_2/shot_3",
            np.full((CHANNELS, SAMPLES), np.nan, np.float32),
            "not finite",
        ),
        (write_picmus, "US/US_DATASET0000/sampling_frequency", None, "lacks a part"),
        (write_picmus, "US/US_DATASET0000/angles", np.zeros(7), "damaged"),
        (write_picmus, "US/US_DATASET0000/probe_geometry", np.zeros((3, 5)), "element_mm has the shape"),
        (write_zea, "scan/t0_delays", np.zeros((3, 5)), "damaged"),
        (write_zea, "scan/tgc_gain_curve", np.zeros(SAMPLES), "gains that are not above 0"),
        (write_zea, "scan/sampling_frequency", [1e6, 2e6], "different values"),
    ],
)
def test_incomplete_files_are_refused(
    tmp_path: Path, write: Writer, name: str, value: Any, message: str
) -> None:
    path = edited(write(tmp_path / "data.h5"), name, value)
    settings = {**SAID, "fc_mhz": 5.0}
    with pytest.raises(DataError, match=f"data.h5: .*{message}"):
        read_channel_data(path, settings)


def test_focused_waves_of_ustb_are_refused(tmp_path: Path) -> None:
    path = edited(
        write_ustb(tmp_path / "data.h5", spherical=True), "channel_data/sequence/source/azimuth", [[0.0]]
    )
    with pytest.raises(DataError, match="focused"):
        read_channel_data(path)


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"leave_out": "pitch"}, "lacks pitch"),
        ({"TXdelay": np.zeros((3, CHANNELS))}, "3 transmissions"),
        ({"TXdelay": np.zeros(5)}, "delays_us has the shape"),
        ({"fs": 6e6}, "folds onto itself"),
    ],
)
def test_incomplete_files_of_must_are_refused(tmp_path: Path, more: dict[str, Any], message: str) -> None:
    with pytest.raises(DataError, match=f"data.mat: .*{message}"):
        read_channel_data(write_must(tmp_path / "data.mat", **more))


def test_a_matlab_file_without_param_is_refused(tmp_path: Path) -> None:
    savemat(tmp_path / "data.mat", {"RF": np.zeros((4, 4))})
    with pytest.raises(DataError, match="lacks param"):
        read_channel_data(tmp_path / "data.mat")
