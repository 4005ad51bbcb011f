"""NumPy and binary files: everything but the numbers is described, and what is described wrongly is refused."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import raw_recordings as raw
from hepar.core.errors import DataError, HeparError, ProtocolError
from hepar.io.ultrasound import open_recording, read_recording

ORDERS = (("frame", "line", "sample"), ("sample", "line", "frame"), ("line", "frame", "sample"))
AXES: dict[str, Any] = {"axes": ["frame", "line", "sample"]}


def stored(axes: tuple[str, ...]) -> Any:
    return raw.echoes().transpose([("frame", "line", "sample").index(axis) for axis in axes])


@pytest.mark.parametrize("axes", ORDERS)
@pytest.mark.parametrize("order", ["C", "F"])
def test_axes_come_in_any_order(axes: tuple[str, ...], order: Any, tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", np.array(stored(axes), order=order))
    stream = open_recording(tmp_path / "a.npy", settings={"axes": axes, **raw.LINEAR})
    np.testing.assert_array_equal(stream.read().rf, raw.echoes())
    np.testing.assert_array_equal(stream.read(1, 3).rf, raw.echoes()[1:3])


def test_pieces_of_a_file_make_up_its_frames(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hepar.io.ultrasound.arrays.PIECE_BYTES", 100)
    np.save(tmp_path / "a.npy", stored(("sample", "line", "frame")))
    stream = open_recording(tmp_path / "a.npy", settings={"axes": ORDERS[1], **raw.LINEAR})
    np.testing.assert_array_equal(stream.read(1, 3).rf, raw.echoes()[1:3])


def test_a_single_frame_has_no_axis_of_frames(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", raw.echoes()[0].T)
    found = read_recording(tmp_path / "a.npy", settings={"axes": ["sample", "line"], **raw.LINEAR})
    np.testing.assert_array_equal(found.rf, raw.echoes()[:1])


@pytest.mark.parametrize(
    ("kind", "becomes"),
    [(np.int8, np.int16), (np.int16, np.int16), (np.int32, np.float32), (np.float64, np.float32)],
)
def test_whole_numbers_of_16_bits_stay_such_and_others_become_floats(
    kind: type, becomes: type, tmp_path: Path
) -> None:
    values: Any = (raw.echoes() % 100 - 50).astype(kind)
    np.save(tmp_path / "a.npy", values)
    found = read_recording(tmp_path / "a.npy", settings={**AXES, **raw.LINEAR})
    assert found.rf.dtype == becomes
    np.testing.assert_array_equal(found.rf, values)


@pytest.mark.parametrize(
    ("values", "what"),
    [
        (raw.echoes().astype(complex), "holds complex numbers: IQ data"),
        (np.abs(raw.echoes()), "holds no negative number: an envelope or a B-mode image"),
        (raw.echoes().astype(np.uint16), "holds numbers of type uint16"),
        (raw.echoes() > 0, "holds numbers of type bool"),
        (raw.echoes().astype("U5"), "holds numbers of type str160"),
        (np.zeros((3, 4, 50), np.int16), "holds a frame of zeros only"),
        (np.where(np.arange(50) > 40, np.nan, raw.echoes()), "rf holds values that are not finite"),
        (np.zeros((0, 4, 50), np.int16), "holds an array of 0 x 4 x 50 numbers, hence no echo"),
        (np.zeros((3, 0, 50), np.int16), "holds an array of 3 x 0 x 50 numbers, hence no echo"),
        (np.zeros((3, 4, 0), np.int16), "holds an array of 3 x 4 x 0 numbers, hence no echo"),
        (raw.echoes()[0], "axes names 3 axes.*the array has 2"),
    ],
)
def test_what_is_no_radio_frequency_is_refused(values: Any, what: str, tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", values)
    with pytest.raises(DataError, match=rf"a\.npy: {what}"):
        read_recording(tmp_path / "a.npy", settings={**AXES, **raw.LINEAR})


def test_an_envelope_later_in_the_clip_is_noticed(tmp_path: Path) -> None:
    values = raw.echoes()
    values[2] = np.abs(values[2])
    np.save(tmp_path / "a.npy", values)
    with pytest.raises(DataError, match="holds no negative number"):
        open_recording(tmp_path / "a.npy", settings={**AXES, **raw.LINEAR})


@pytest.mark.parametrize("key", [*sorted(set(raw.LINEAR) - {"line_across_mm"}), "line_across_mm", "axes"])
def test_every_parameter_that_is_missing_is_asked_for_by_name(key: str, tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", raw.echoes())
    settings = {name: value for name, value in {**AXES, **raw.LINEAR}.items() if name != key}
    with pytest.raises(
        DataError, match=rf"a\.npy: does not tell(.|\n)*a\.yaml beside it(.|\n)*\n  {key}: .*e\.g\. {key}:"
    ):
        read_recording(tmp_path / "a.npy", settings=settings)


def test_all_of_them_are_asked_for_at_once(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", raw.echoes())
    with pytest.raises(DataError) as refused:
        read_recording(tmp_path / "a.npy")
    asked = [line.split(":")[0].strip() for line in str(refused.value).splitlines()[1:]]
    assert asked == ["axes", "fs_mhz", "fc_mhz", "c_mm_us", "start_mm", "time_gain", "geometry"]


def test_an_archive_holds_the_echoes_and_their_parameters(tmp_path: Path) -> None:
    path = tmp_path / "a.npz"
    np.savez_compressed(path, clip=raw.echoes(), fs=20e6, x=np.linspace(-3e-3, 3e-3, 4))
    places = {"line_across_mm": {"variable": "x", "unit": "m"}, "fs_mhz": {"variable": "fs", "unit": "Hz"}}
    found = read_recording(path, settings={**AXES, **raw.LINEAR, **places, "rf": "clip"})
    assert found.fs_mhz == 20.0
    np.testing.assert_allclose(found.line_origin_mm[:, 0], np.linspace(-3, 3, 4))
    np.testing.assert_array_equal(found.rf, raw.echoes())
    for change, what in (
        ({"rf": "clips"}, "holds no variable 'clips'; did you mean 'clip'"),
        ({"fs_mhz": {"variable": "fs", "unit": "hz"}}, "fs_mhz has the unit 'hz'; Allowed: Hz, MHz, kHz"),
        ({"shape": [3, 4, 50]}, "shape is given, but a NumPy file tells it itself"),
    ):
        with pytest.raises(ProtocolError, match=what):
            read_recording(path, settings={**AXES, **raw.LINEAR, **places, "rf": "clip", **change})
    path.write_bytes(path.read_bytes()[:-60])
    with pytest.raises(DataError, match=r"a\.npz: is no NumPy archive"):
        read_recording(path, settings={**AXES, **raw.LINEAR, "rf": "clip"})


def test_objects_are_not_unpickled(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", np.array([{"a": 1}]), allow_pickle=True)
    with pytest.raises(DataError, match="is no NumPy array of numbers"):
        read_recording(tmp_path / "a.npy", settings={**AXES, **raw.LINEAR})


@pytest.mark.parametrize("order", ["little", "big"])
@pytest.mark.parametrize("kind", ["int16", "float32"])
def test_a_binary_file_is_read_as_described(order: str, kind: str, tmp_path: Path) -> None:
    path = tmp_path / "clip.dat"
    path.write_bytes(
        b"head"
        + raw.echoes().astype(f"{'<' if order == 'little' else '>'}{kind[0]}{int(kind[-2:]) // 8}").tobytes()
    )
    raw.described(
        path, dtype=kind, shape=[3, 4, 50], byte_order=order, offset_bytes=4, **AXES, **raw.LINEAR
    )  # fmt: skip
    stream = open_recording(path)
    np.testing.assert_array_equal(stream.read().rf, raw.echoes())
    assert stream.read(0, 1).rf.dtype == kind


@pytest.mark.parametrize(
    ("change", "error", "what"),
    [
        ({"shape": [3, 4, 51]}, DataError, "need 1,224 bytes, and the file has 1,200"),
        ({"shape": [10**9, 10**9, 10**9]}, DataError, "and the file has 1,200"),
        ({"shape": [3, 0, 50]}, DataError, "hence no echo"),
        ({"offset_bytes": 2}, DataError, "need 1,202 bytes"),
        ({"byte_order": None}, DataError, "byte_order: of the numbers"),
        ({"dtype": "uint8"}, ProtocolError, "dtype: Input should be 'int8', 'int16'"),
        ({"rf": "x"}, ProtocolError, "rf is given, but the file holds one array only"),
        ({"fs_mhz": "param.fs"}, ProtocolError, "this file has none; give a number"),
        ({"elements": 128}, ProtocolError, "elements is given, but lines are placed by"),
    ],
)
def test_a_binary_file_described_wrongly_is_refused(
    change: dict[str, Any], error: type[HeparError], what: str, tmp_path: Path
) -> None:
    path = tmp_path / "clip.raw"
    path.write_bytes(raw.echoes().tobytes())
    settings = {"dtype": "int16", "shape": [3, 4, 50], "byte_order": "little", **AXES, **raw.LINEAR, **change}
    with pytest.raises(error, match=what):
        read_recording(path, settings={key: value for key, value in settings.items() if value is not None})
