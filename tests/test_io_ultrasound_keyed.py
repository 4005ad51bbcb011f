"""MATLAB files and other HDF5: which variable holds what is described, in the order of axes that MATLAB shows."""

from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from scipy.io import savemat

import raw_recordings as raw
from hepar.core.errors import DataError, ProtocolError
from hepar.io.ultrasound import read_recording

PARAM: dict[str, Any] = {
    "fs": 20e6,
    "fc": 5.0,
    "c": 1540.0,
    "x": np.linspace(-3e-3, 3e-3, 4),
    "tgc": np.arange(50.0),
}
KEYS: dict[str, Any] = {
    "rf": "RF", "axes": ["sample", "line", "frame"], "start_mm": 2.0, "geometry": "linear",
    "fs_mhz": {"variable": "param.fs", "unit": "Hz"}, "fc_mhz": "param.fc",
    "c_mm_us": {"variable": "param.c", "unit": "m/s"}, "line_across_mm": {"variable": "param.x", "unit": "m"},
    "time_gain": {"samples_db": "param.tgc"},
}  # fmt: skip


def version_5(folder: Path, rf: Any) -> Path:
    savemat(folder / "lab.mat", {"RF": rf.T, "param": PARAM}, do_compression=True)
    return folder / "lab.mat"


def version_7(folder: Path, rf: Any) -> Path:
    """As MATLAB writes it: axes the other way round, numbers as 1 x 1 matrices, a header of 512 bytes."""
    path = folder / "lab.mat"
    with h5py.File(path, "w", userblock_size=512) as file:
        file["RF"] = rf
        for name, value in PARAM.items():
            file[f"param/{name}"] = np.atleast_2d(value).T
    content = bytearray(path.read_bytes())
    content[:19] = b"MATLAB 7.3 MAT-file"
    path.write_bytes(content)
    return path


BOTH = pytest.mark.parametrize("write", [version_5, version_7])


@BOTH
def test_variables_and_fields_of_structs_are_found_and_converted(write: Any, tmp_path: Path) -> None:
    found = read_recording(write(tmp_path, raw.echoes()), settings=KEYS)
    np.testing.assert_array_equal(found.rf, raw.echoes())
    assert (found.fs_mhz, found.fc_mhz, found.c_mm_us) == (20.0, 5.0, 1.54)
    np.testing.assert_allclose(found.line_origin_mm[:, 0], np.linspace(-3, 3, 4))
    np.testing.assert_array_equal(found.tgc_db, np.arange(50))


@BOTH
def test_a_key_that_names_no_variable_tells_those_there_are(write: Any, tmp_path: Path) -> None:
    path = write(tmp_path, raw.echoes())
    for change, what in (
        ({"rf": "Rf"}, "no variable 'Rf'.*Allowed: RF, param"),
        ({"fc_mhz": "param.f0"}, r"no variable '(param\.)?f0'.*Allowed: c, fc, fs, tgc, x"),
        ({"fc_mhz": "params.fc"}, "did you mean 'param'"),
    ):
        with pytest.raises(ProtocolError, match=what):
            read_recording(path, settings={**KEYS, **change})


@BOTH
@pytest.mark.parametrize(
    ("rf", "what"),
    [
        (raw.echoes() + 1j * raw.echoes(), "holds complex numbers: IQ data"),
        (np.abs(raw.echoes()), "holds no negative number"),
        (raw.echoes().astype(np.uint8), "holds numbers of type uint8"),
        (raw.echoes()[0], "axes names 3 axes.*the array has 2"),
    ],
)
def test_what_is_no_radio_frequency_is_refused(write: Any, rf: Any, what: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=what):
        read_recording(write(tmp_path, rf), settings=KEYS)


@BOTH
def test_everything_that_is_missing_is_asked_for(write: Any, tmp_path: Path) -> None:
    with pytest.raises(DataError) as refused:
        read_recording(write(tmp_path, raw.echoes()))
    for key in ("rf", "axes", "fs_mhz", "fc_mhz", "c_mm_us", "start_mm", "time_gain", "geometry"):
        assert f"\n  {key}: " in str(refused.value)
    assert "lab.yaml" in str(refused.value)


@BOTH
def test_a_struct_is_no_number_and_no_echo(write: Any, tmp_path: Path) -> None:
    path = write(tmp_path, raw.echoes())
    with pytest.raises((DataError, ProtocolError), match="param"):
        read_recording(path, settings={**KEYS, "fs_mhz": "param"})
    with pytest.raises((DataError, ProtocolError), match=r"lab\.mat: "):
        read_recording(path, settings={**KEYS, "rf": "param"})
    with pytest.raises(DataError, match="fs_mhz has 4 values; one number is needed"):
        read_recording(path, settings={**KEYS, "fs_mhz": "param.x"})


@BOTH
def test_every_truncation_is_refused(write: Any, tmp_path: Path) -> None:
    path = write(tmp_path, raw.echoes())
    content = path.read_bytes()
    for share in (0.1, 0.3, 0.5, 0.8, 0.95):
        path.write_bytes(content[: int(share * len(content))])
        with pytest.raises(DataError, match=r"lab\.mat"):
            read_recording(path, settings=KEYS)


def test_hdf5_of_any_layout_is_read_by_a_map_of_keys(tmp_path: Path) -> None:
    path = tmp_path / "lab.h5"
    with h5py.File(path, "w") as file:
        file["acquired/rf"] = raw.echoes()
    keys = {**raw.LINEAR, "axes": ["frame", "line", "sample"]}
    for name in ("acquired.rf", "acquired/rf"):
        np.testing.assert_array_equal(read_recording(path, settings={**keys, "rf": name}).rf, raw.echoes())
    with pytest.raises(
        ProtocolError, match=r"'acquired' is a group of variables; name one in it. .*Allowed: rf"
    ):
        read_recording(path, settings={**keys, "rf": "acquired"})
    with pytest.raises(DataError, match=r"no description NAME\.yaml says which variable is rf"):
        read_recording(path)
