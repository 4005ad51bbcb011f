"""Beamformed radio frequency on a grid, in UFF and in the layouts of zea: lines, depths and rate follow from the grid."""

from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

import raw_recordings as raw
from hepar.core.errors import DataError
from hepar.io.ultrasound import read_recording
from hepar.io.ultrasound.grid import lines_through

RF = raw.echoes().astype(np.float32)
STEP_M = 1540 / 2 / 20e6
DEPTH_M = 2e-3 + np.arange(raw.SAMPLES) * STEP_M
ACROSS_M = np.linspace(-3e-3, 3e-3, raw.LINES)
ANGLE = np.radians(np.linspace(-30, 30, raw.LINES))
LINEAR = {"x_axis": ACROSS_M, "z_axis": DEPTH_M}
TOLD = {"fc_mhz": 5.0, "c_mm_us": 1.54, "time_gain": "none applied"}


def grid(radius_mm: float) -> tuple[Any, Any]:
    reach = radius_mm + 1e3 * DEPTH_M
    return reach * np.sin(ANGLE)[:, None], reach * np.cos(ANGLE)[:, None] - radius_mm


@pytest.mark.parametrize(("radius_mm", "geometry"), [(0.0, "phased"), (50.0, "convex")])
def test_lines_that_meet_are_those_of_a_sector(radius_mm: float, geometry: str) -> None:
    lines = lines_through(*grid(radius_mm))
    assert lines.geometry == geometry
    found = (lines.radius_mm, lines.start_mm, lines.step_mm)
    np.testing.assert_allclose(found, (radius_mm, 2.0, 1e3 * STEP_M), atol=1e-9)
    np.testing.assert_allclose(lines.line_angle_deg, np.linspace(-30, 30, raw.LINES))
    place = lines.line_origin_mm + 2.0 * np.stack([np.sin(ANGLE), np.cos(ANGLE)], axis=1)
    np.testing.assert_allclose(place, np.stack([axis[:, 0] for axis in grid(radius_mm)], axis=1))


def test_lines_that_are_parallel_may_be_steered() -> None:
    along, tilt = 1e3 * DEPTH_M, np.radians(10)
    x = 1e3 * ACROSS_M[:, None] + along * np.sin(tilt)
    lines = lines_through(x, np.broadcast_to(along * np.cos(tilt), x.shape))
    np.testing.assert_allclose(
        lines.line_origin_mm, np.stack([1e3 * ACROSS_M, 0 * ACROSS_M], axis=1), atol=1e-9
    )
    np.testing.assert_allclose(lines.line_angle_deg, 10.0)
    assert lines.start_mm == pytest.approx(2.0)


@pytest.mark.parametrize("what", ["curved", "uneven", "skew", "single"])
def test_a_grid_without_lines_is_refused(what: str) -> None:
    x, z = grid(50.0)
    if what == "curved":
        x = x + np.linspace(0, 5, raw.SAMPLES) ** 2
    if what == "uneven":
        z = np.sign(z) * np.abs(z) ** 1.5
    if what == "skew":
        x = x + np.array([0, 5, 0, 0])[:, None]
    if what == "single":
        x, z = x[:, :1], z[:, :1]
    with pytest.raises(DataError, match=r"evenly|meet|single"):
        lines_through(x, z)


def test_a_linear_scan_gives_its_lines_and_its_sampling_rate(tmp_path: Path) -> None:
    path = raw.uff(tmp_path / "a.uff", RF, LINEAR)
    found = read_recording(path, settings=TOLD)
    np.testing.assert_array_equal(found.rf, RF)
    np.testing.assert_allclose(
        (found.fs_mhz, found.start_mm), (20.0, 2.0), rtol=1e-5
    )  # the axes have 32 bits
    np.testing.assert_allclose(found.line_origin_mm[:, 0], 1e3 * ACROSS_M, rtol=1e-6)


def test_a_sector_scan_gives_its_lines(tmp_path: Path) -> None:
    scan = {"azimuth_axis": ANGLE, "depth_axis": DEPTH_M}
    path = raw.uff(tmp_path / "a.uff", RF, scan, kind="uff.sector_scan", pulse__center_frequency=3e6)
    found = read_recording(path, settings={"c_mm_us": 1.54, "time_gain": "unknown"})
    assert (found.geometry, found.fc_mhz, found.tgc_db) == ("phased", 3.0, None)
    np.testing.assert_allclose(found.line_angle_deg, np.linspace(-30, 30, raw.LINES), rtol=1e-6)


def test_what_uff_does_not_tell_is_asked_for(tmp_path: Path) -> None:
    path = raw.uff(tmp_path / "a.uff", RF, LINEAR)
    with pytest.raises(
        DataError, match=r"a\.yaml beside it(.|\n)*  c_mm_us: (.|\n)*  fc_mhz: (.|\n)*  time_gain: "
    ):
        read_recording(path)
    with pytest.raises(DataError, match="  time_gain: "):
        read_recording(path, settings={"c_mm_us": 1.54, "fc_mhz": 5.0})


def test_too_coarse_a_grid_is_no_radio_frequency(tmp_path: Path) -> None:
    path = raw.uff(tmp_path / "a.uff", RF, {**LINEAR, "z_axis": 3 * DEPTH_M})
    with pytest.raises(DataError, match=r"sampled at 6\.66.* MHz is no radio frequency"):
        read_recording(path, settings=TOLD)


def test_uff_of_iq_data_channels_or_several_images_is_refused(tmp_path: Path) -> None:
    path = raw.uff(tmp_path / "a.uff", RF, LINEAR, modulation_frequency=5e6)
    with pytest.raises(DataError, match="holds IQ data"):
        read_recording(path, settings=TOLD)
    raw.uff(path, RF, LINEAR)
    with h5py.File(path, "a") as file:
        del file["b_data/data"]
        file["b_data/data/real"], file["b_data/data/imag"] = RF, RF
    with pytest.raises(DataError, match="holds IQ data"):
        read_recording(path, settings=TOLD)
    raw.uff(path, RF, LINEAR)
    with h5py.File(path, "a") as file:
        del file["b_data/data"]
        file["b_data/data"] = np.zeros((3, 2, 1, 200), np.float32)
    with pytest.raises(DataError, match="channels or waves are still apart"):
        read_recording(path, settings=TOLD)
    raw.uff(path, RF, LINEAR)
    with h5py.File(path, "a") as file:
        file.copy("b_data", "other")
    with pytest.raises(DataError, match=r"holds 2 sets of beamformed data \(b_data, other\)"):
        read_recording(path, settings=TOLD)
    raw.uff(path, RF, {}, kind="uff.linear_3D_scan")
    with pytest.raises(DataError, match=r"lies on a uff\.linear_3D_scan"):
        read_recording(path, settings=TOLD)


def zea(path: Path, *, track: str = "", values: Any = None, name: str = "beamformed_data") -> Path:
    values = RF.transpose(0, 2, 1)[..., None] if values is None else values
    with h5py.File(path, "w") as file:
        file[f"{track}scan/center_frequency"], file[f"{track}scan/sound_speed"] = 5e6, 1540.0
        file[f"{track}scan/sampling_frequency"] = 40e6
        if not track:
            file[f"data/{name}"] = values
            return path
        x, z = grid(50.0)
        file[f"{track}data/{name}/values"] = values
        file[f"{track}data/{name}/coordinates"] = (
            np.stack([x.T, 0 * x.T, z.T], axis=-1).astype(np.float32) / 1e3
        )
    return path


def test_tracks_of_zea_tell_all_but_time_gain(tmp_path: Path) -> None:
    path = zea(tmp_path / "a.hdf5", track="tracks/track_0/")
    with pytest.raises(DataError, match="  time_gain: "):
        read_recording(path)
    found = read_recording(path, settings={"time_gain": "none applied"})
    np.testing.assert_array_equal(found.rf, RF)
    assert (found.geometry, found.fc_mhz, found.c_mm_us) == ("convex", 5.0, 1.54)
    np.testing.assert_allclose((found.fs_mhz, found.radius_mm), (20.0, 50.0), rtol=1e-4)  # 32-bit coordinates
    assert found.start_mm == pytest.approx(2.0, abs=1e-3)


def test_the_older_layout_of_zea_has_no_grid_so_that_lines_are_asked_for(tmp_path: Path) -> None:
    path = zea(tmp_path / "a.hdf5")
    with pytest.raises(DataError, match=r"  fs_mhz: (.|\n)*  start_mm: (.|\n)*  geometry: "):
        read_recording(path)
    found = read_recording(
        path,
        settings={
            key: raw.LINEAR[key] for key in ("fs_mhz", "start_mm", "geometry", "line_across_mm", "time_gain")
        },
    )
    np.testing.assert_array_equal(found.rf, RF)
    assert (found.fs_mhz, found.fc_mhz) == (20.0, 5.0)


def test_zea_of_iq_data_envelopes_or_volumes_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.hdf5"
    for values, what in (
        (np.zeros((3, 50, 4, 2), np.float32), "holds IQ data"),
        (np.zeros((3, 50, 4, 5, 1), np.float32), "of a plane"),
    ):
        with pytest.raises(DataError, match=what):
            read_recording(zea(path, values=values), settings=TOLD)
    with pytest.raises(DataError, match="From an envelope or an image"):
        read_recording(zea(path, values=np.abs(RF), name="envelope_data"), settings=TOLD)
