"""Radio frequency in HDF5: what is written comes back to the last bit, and a damaged file does not."""

from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from hepar.core.errors import DataError
from hepar.imaging.ultrasound.frames import Box, RfFrames
from hepar.io.rf_file import quantised, read_rf, write_rf

LINES, SAMPLES = 12, 300


def recording(kind: type = np.int16) -> RfFrames:
    """SIMULATED numbers with every setting another."""
    rng = np.random.default_rng(0)
    angle = np.linspace(-30, 30, LINES).astype(np.float32)
    return RfFrames(
        rf=(3000 * rng.standard_normal((2, LINES, SAMPLES))).astype(kind),
        fs_mhz=20.0,
        fc_mhz=3.5,
        c_mm_us=1.54,
        geometry="convex",
        line_angle_deg=angle,
        line_origin_mm=np.stack(
            [50 * np.sin(np.radians(angle)), 50 * np.cos(np.radians(angle)) - 50], axis=1
        ),
        tgc_db=np.linspace(0, 40, SAMPLES).astype(np.float32),
        scale=0.0125,
        bandwidth=0.7,
        start_mm=1.6,
        radius_mm=50.0,
        gain_db=-2.5,
        frame_times_ms=np.array([0.0, 45.5]),
        device="SIMULATED A",
        preset="convex",
        subject="SIM-B-0001",
        site="A",
        view="0",
        remark="SIMULATED",
        regions={"liver": Box((3.0, 9.5), (2, 9))},
        more={"focus_mm": 60.0, "f_number": 2.5},
    )


def test_what_a_recording_does_not_tell_stays_untold(tmp_path: Path) -> None:
    write_rf(replace(recording(), tgc_db=None, bandwidth=None, frame_times_ms=None), tmp_path / "rf.h5")
    back = read_rf(tmp_path / "rf.h5")
    assert (back.tgc_db, back.bandwidth, back.frame_times_ms) == (None, None, None)


@pytest.mark.parametrize("kind", [np.int16, np.float32])
def test_a_recording_comes_back_to_the_last_bit(tmp_path: Path, kind: type) -> None:
    data = recording(kind)
    write_rf(data, tmp_path / "rf.h5")
    back = read_rf(tmp_path / "rf.h5")
    for field in fields(RfFrames):
        given, found = getattr(data, field.name), getattr(back, field.name)
        if isinstance(given, np.ndarray):
            np.testing.assert_array_equal(found, given)
            assert found.dtype == given.dtype
        else:
            assert found == given


def test_texts_in_any_script_come_back(tmp_path: Path) -> None:
    data = replace(
        recording(), device="超声 SIMULATED", preset="Leber groß", regions={"größer": Box((3.0, 9.5), (2, 9))}
    )
    write_rf(data, tmp_path / "rf.h5")
    back = read_rf(tmp_path / "rf.h5")
    assert (back.device, back.preset, back.regions) == (data.device, data.preset, data.regions)


def test_the_same_recording_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one.h5", "other.h5"):
        write_rf(recording(), tmp_path / name)
    assert (tmp_path / "one.h5").read_bytes() == (tmp_path / "other.h5").read_bytes()


def unit(numbers: Any) -> str:
    found = numbers.attrs["unit"]
    assert isinstance(found, bytes)  # of fixed length: no pointer that damage could turn into a loop
    return found.decode()


def test_every_number_of_the_acquisition_has_a_unit_in_the_file(tmp_path: Path) -> None:
    write_rf(recording(), tmp_path / "rf.h5")
    with h5py.File(tmp_path / "rf.h5", "r") as file:
        group = file["acquisition"]
        assert {name: unit(group[name]) for name in ("fs_mhz", "tgc_db", "start_mm")} == {
            "fs_mhz": "MHz", "tgc_db": "dB", "start_mm": "mm",
        }  # fmt: skip
        assert all(unit(group[name]) for name in group)
        assert group.attrs["remark"] == b"SIMULATED"
        assert {group[name].dtype.kind for name in group} == {"f"}
        assert {name: unit(file[f"more/{name}"]) for name in file["more"]} == {
            "focus_mm": "mm", "f_number": "1",
        }  # fmt: skip
        assert unit(file["rf"]).startswith("1; acquisition/scale")
        assert (file["rf"].compression, file["rf"].shuffle) == ("gzip", True)


def test_quantised_echoes_differ_by_half_a_step_at_most() -> None:
    rf = np.random.default_rng(1).standard_normal((1, 8, 256)).astype(np.float32)
    steps, size = quantised(rf)
    assert np.abs(steps).max() == 32767
    assert np.abs(steps * size - rf).max() <= size * 0.501  # float32 rounds the quotient itself
    assert quantised(np.zeros((1, 2, 3), np.float32))[1] == 1.0


def test_impossible_recordings_are_refused() -> None:
    data = recording()
    with pytest.raises(DataError, match="int16 or float32"):
        replace(data, rf=data.rf.astype(np.float64))
    with pytest.raises(DataError, match=r"tgc_db has the shape \(5,\)"):
        replace(data, tgc_db=np.zeros(5))
    with pytest.raises(DataError, match="geometry is 'round'"):
        replace(data, geometry="round")
    with pytest.raises(DataError, match=r"fs_mhz is -20.0; give a number above 0"):
        replace(data, fs_mhz=-20.0)
    with pytest.raises(DataError, match="not finite"):
        replace(data, rf=np.full((2, LINES, SAMPLES), np.nan, np.float32))
    with pytest.raises(DataError, match="not finite"):
        quantised(np.full((1, 2, 3), np.inf, np.float32))


def test_a_damaged_file_or_one_of_another_kind_is_refused_by_its_name(tmp_path: Path) -> None:
    path = tmp_path / "rf.h5"
    with pytest.raises(DataError, match=r"rf\.h5: there is no such file"):
        read_rf(path)
    path.write_bytes(b"no HDF5")
    with pytest.raises(DataError, match=r"rf\.h5: is no HDF5 file of radio frequency"):
        read_rf(path)
    write_rf(recording(), path)
    path.write_bytes(path.read_bytes()[:-2000])
    with pytest.raises(DataError, match=r"rf\.h5: is no HDF5 file of radio frequency, or a damaged one"):
        read_rf(path)
    with h5py.File(path, "w") as file:
        file.attrs["format"] = "another"
    with pytest.raises(DataError, match="is HDF5 of the kind 'another'"):
        read_rf(path)
